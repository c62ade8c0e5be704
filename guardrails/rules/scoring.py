"""Points: rules whose action is `score` add their severity, and a text that reaches the threshold is blocked.

Points are added up for one text (a message, a tool's arguments, a reply), each rule once. Over a whole exchange they
would grow with its length: a long harmless conversation brushes many weak rules, and an attacker who spreads one
attempt over several messages is met by rules that see each of them. Source of the scheme: the anomaly scoring of the
OWASP Core Rule Set.
"""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ...engine.exchange import Scope


class Severities(BaseModel):
    """What each severity adds."""

    model_config = ConfigDict(extra="forbid")

    notice: int = Field(default=2, ge=0, le=1000, description="Points of a find of severity notice.")
    warning: int = Field(default=3, ge=0, le=1000, description="Points of a find of severity warning.")
    error: int = Field(default=4, ge=0, le=1000, description="Points of a find of severity error.")
    critical: int = Field(default=5, ge=0, le=1000, description="Points of a find of severity critical.")


class Thresholds(BaseModel):
    """From how many points on a text is blocked."""

    model_config = ConfigDict(extra="forbid")

    input: int = Field(default=5, ge=1, le=100_000, description="For texts of a request.")
    output: int = Field(default=5, ge=1, le=100_000, description="For texts of a reply.")
    tool_args: int = Field(default=4, ge=1, le=100_000, description="For arguments of tool calls.")
    tool_result: int = Field(default=5, ge=1, le=100_000, description="For what tools gave back.")


class Scoring(BaseModel):
    """Points and thresholds, for all rules whose action is score. One section among all files."""

    model_config = ConfigDict(extra="forbid")

    severity: Severities = Field(default=Severities(), description="Points by severity.")
    thresholds: Thresholds = Field(default=Thresholds(), description="Thresholds by scope.")

    def sum(self, severities: Iterable[str]) -> int:
        """The points of finds of these severities."""
        return sum(int(getattr(self.severity, each)) for each in severities)

    def threshold(self, scope: Scope) -> int:
        return int(getattr(self.thresholds, scope.value))

    def plain(self) -> dict[str, Any]:
        return self.model_dump()

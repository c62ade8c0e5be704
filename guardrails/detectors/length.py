"""Texts that are too long, or too short. What is found is the part beyond the limit, so that `redact` cuts it off.

Tokens are an estimate, since every model counts its own way: a quarter of a token for an ASCII character, half of one
for other letters, a whole one for Chinese, Japanese, Korean and emoji. It is within a third of the usual tokenisers'
counts for running text.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ...engine.jsonio import Json
from ...engine.ports import Finding
from .base import Context


class LengthConfig(BaseModel):
    """How long a text may be."""

    model_config = ConfigDict(extra="forbid")

    max: int | None = Field(default=None, ge=0, description="The most characters or tokens.")
    min: int | None = Field(default=None, ge=1, description="The fewest. A shorter text is found as a whole.")
    unit: Literal["characters", "tokens"] = Field(default="characters", description="What is counted.")

    @model_validator(mode="after")
    def _limits(self) -> "LengthConfig":
        if self.max is None and self.min is None:
            raise ValueError("length needs a max or a min")
        if self.max is not None and self.min is not None and self.min > self.max:
            raise ValueError("min is greater than max")
        return self


class Length:
    """Finds what lies beyond `max`, and texts under `min`."""

    kind = "length"
    version = "1"
    slow = False
    resumes = True
    context = None

    def __init__(self, config: LengthConfig, label: str = "TEXT") -> None:
        self._config = config
        self.label = label
        self.lacks = config.min is not None
        """Whether what it finds is that something lacks."""
        beyond = config.model_copy(update={"min": None}) if self.lacks and config.max is not None else None
        self.looked_for = Length(beyond, label) if beyond else None
        """What else it finds."""
        self.hold = (config.min or 0) * (4 if config.unit == "tokens" else 1)

    @classmethod
    def from_config(cls, config: Json, context: Context) -> "Length":
        """A number of characters, or a mapping (LengthConfig)."""
        plain = {"max": config} if isinstance(config, int) and not isinstance(config, bool) else config
        return cls(context.parse(LengthConfig, plain, hint="length: 4000, or {min: 10}"), context.label)

    def find(self, text: str, start: int = 0) -> list[Finding]:
        found: list[Finding] = []
        low, high = self._config.min, self._config.max
        if low is not None and start == 0 and text and self._place(text, low) is None:
            found.append(Finding(0, len(text), self.label))
        edge = self._place(text, high) if high is not None else None
        if edge is not None and max(edge, start) < len(text):
            found.append(Finding(max(edge, start), len(text), self.label))
        return found

    def rest_from(self, text: str) -> int | None:
        """Where the rest of a text begins that is one find: in a stream it comes in pieces, with one mark for all."""
        return None if self._config.max is None else self._place(text, self._config.max)

    def open_from(self, text: str) -> int:
        low = self._config.min
        return 0 if low is not None and self._place(text, low) is None else len(text)

    def _place(self, text: str, count: int) -> int | None:
        """Where `count` units are full; None when the text has fewer."""
        if self._config.unit == "characters":
            return count if len(text) >= count else None
        if text.isascii():
            return 4 * count if len(text) >= 4 * count else None
        quarters = 4 * count
        for at, char in enumerate(text):
            quarters -= 1 if char < "\x80" else 2 if char < "\u2e80" else 4
            if quarters < 0:
                return at
        return len(text) if quarters == 0 else None

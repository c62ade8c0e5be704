"""A rule ready to run."""

from dataclasses import dataclass, field, replace
from functools import cached_property

from ...engine.exchange import Scope
from ...engine.ports import Detector
from ..masks import Mask
from .combine import local
from .loaded import Overridden
from .schema import OnError, Test, Views
from .when import Holding

ENDING = frozenset({"block", "respond", "score"})
"""Actions that end a reply, be it by the points that they add."""
TOLD = ENDING | {"flag"}
"""Actions of which finds in the views of a stream are told, in shadow mode too; others judge it as it stands."""
STRENGTH = {"flag": 0, "score": 0, "route": 0, "mask": 1, "replace": 2, "redact": 3, "respond": 4, "block": 5}


@dataclass(frozen=True)
class Rule:
    """A rule ready to run."""

    id: str
    scopes: frozenset[Scope]
    detector: Detector
    action: str
    shadow: bool
    on_error: OnError
    allow_unread: bool
    message: str
    severity: str
    tags: tuple[str, ...]
    tests: tuple[Test, ...] = ()
    tested: tuple[str, ...] = ()
    """Where each of them stands, as `place` says it."""
    place: str = ""
    """file:line:column"""
    overridden: Overridden | None = field(default=None, compare=False)
    """What of it an override has set, and where."""
    text: str = ""
    """What `replace` puts and `respond` answers."""
    to: str = ""
    """The provider that `route` names."""
    mask: Mask = field(default_factory=Mask)
    views: Views = "none"
    viewed: Detector | None = None  # what of the detector looks at views; None: all of it
    holding: Holding = field(default_factory=Holding)
    stops: bool = False
    """Whether text of a stream does not wait for it: a find ends the stream, whatever has left."""

    def said_at(self, setting: str) -> str:
        """file:line:column of what set it: the rule itself, or an override."""
        return self.overridden.places.get(setting, self.place) if self.overridden else self.place

    @property
    def changes(self) -> bool:
        """Whether it does anything but take notes."""
        return not self.shadow and self.action != "flag"

    @property
    def holds(self) -> bool:
        """Whether text of a stream must wait until it has been looked at."""
        return self.changes and self.action != "route" and not self.stops

    @property
    def stops_late(self) -> bool:
        """Whether it ends streams of which text has left that it had not judged."""
        return self.changes and self.stops

    @cached_property
    def local(self) -> bool:
        """Whether its finds stand somewhere in a text, whatever else it says."""
        return local(self.detector)

    @cached_property
    def shadowed(self) -> "Rule":
        """The same rule in shadow mode."""
        return replace(self, shadow=True)

"""A finding and the rule whose it is."""

from msgspec import Struct

from ..engine.ports import Finding
from .rules.rule import STRENGTH, Rule


class Hit(Struct, frozen=True, gc=False):
    """A finding and the rule whose it is."""

    rule: Rule
    finding: Finding
    view: str = ""
    """How the text had to be read to find it; empty: as it stands."""

    @property
    def start(self) -> int:
        return self.finding.start

    @property
    def end(self) -> int:
        return self.finding.end

    @property
    def rank(self) -> tuple[int, float, int]:
        """Stronger action, then surer, then longer."""
        return STRENGTH[self.rule.action], self.finding.score, self.end - self.start

"""What ends an exchange for a rule."""

from collections.abc import Sequence

from ..engine.exchange import Segment
from ..engine.looks import Withheld
from .rules.ruleset import Rule


class Stopped(Withheld):
    """A rule ends this: it blocks, it answers itself, points reached the threshold, or it could not look."""

    def __init__(self, rule: Rule, segment: Segment, reason: str = "", *, points: str = "", all_of: Sequence[str] = ()):
        super().__init__(all_of or [rule.id], rule.text if rule.action == "respond" and not reason else "")
        self.rule, self.segment = rule, segment
        self.reason = reason
        """Why the rule could not look; empty when it did, and blocks."""
        self.points = points
        """How the points stand, when it is they that block."""

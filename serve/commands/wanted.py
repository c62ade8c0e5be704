"""Which stored answers are meant: the conditions of `cache list` and `cache purge`."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from ...cache.answer import Answer
from ...cache.observed import Pair
from ...engine.errors import ConfigError
from ...engine.ports import Entry


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of an answer; all that is given must hold, and without any every answer fits. `older` in seconds.

    Raises ConfigError for an empty condition: a variable that is not set, say, and more would fit than was meant.
    """

    key: str | None = None
    """The beginning of its key."""
    model: str | None = None
    older: float | None = None
    text: str | None = None
    """What its question holds, in any case."""
    tags: Sequence[str] = ()
    """NAME=VALUE."""
    scope: str | None = None
    """The beginning of its scope's digest."""

    def __post_init__(self) -> None:
        for name in ("key", "model", "text", "scope"):
            if getattr(self, name) == "":
                raise ConfigError(f"--{name} is empty", hint="leave it out, or say what it is to fit")
        if not all(name and value for name, value in self._pairs()):
            raise ConfigError("a tag is written NAME=VALUE", hint="--tag project=falcon")

    @property
    def given(self) -> bool:
        """Whether there is any condition."""
        return bool(self.tags) or self != Wanted(tags=self.tags)

    def fits(self, entry: Entry, answer: Answer | None) -> bool:
        """Whether an answer is meant; None is one that cannot be read, of which only key and age are known."""
        if self.key is not None and not entry.key.startswith(self.key):
            return False
        if self.older is not None and time.time() - entry.created <= self.older:
            return False
        if answer is None:
            return self.model is None and self.text is None and self.scope is None and not self.tags
        return (
            self.model in (None, answer.model)
            and (self.text or "").casefold() in answer.text.casefold()
            and answer.scope.startswith(self.scope or "")
            and all(answer.tags.get(name) == value for name, value in self._pairs())
        )

    def fits_pair(self, pair: Pair) -> bool:
        """Whether a pair kept for tuning is meant by itself: of those only questions and age are known."""
        said = f"{pair.asked}\0{pair.stored}".casefold()
        told = (self.older is None or time.time() - pair.at > self.older) and (self.text or "").casefold() in said
        return told and not (self.key or self.model or self.scope or self.tags)

    def _pairs(self) -> list[tuple[str, str]]:
        return [(name, value) for name, _, value in (tag.partition("=") for tag in self.tags)]

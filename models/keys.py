"""A provider's keys: which one a request is sent with, and which of them rest because they were refused or limited."""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from ..engine.secret import Secret
from .failures import retry_after

REFUSED_SECONDS = 300.0
"""How long a refused key (401, 402, 403) rests: long enough to cost little, short enough to notice a mended account."""
LIMITED_SECONDS = 10.0
"""How long a limited key (429) rests when the provider does not say."""
MOST_SECONDS = 300.0
"""No provider may send a key to rest for longer."""


@dataclass(frozen=True, slots=True)
class Key:
    """A credential, and how often it is taken compared with the others."""

    secret: Secret
    weight: int = 1


class KeyRing:
    """Keys taken in turn, each as often as its weight says (smooth weighted round robin, as in nginx).

    It is used from one event loop. `clock` gives seconds.
    """

    def __init__(self, keys: Sequence[Key], clock: Callable[[], float] = time.monotonic) -> None:
        if not keys:
            raise ValueError("a ring needs a key")
        self.keys = tuple(keys)
        self._clock = clock
        self._credit = [0] * len(keys)
        self._until = [0.0] * len(keys)

    def pick(self, tried: Collection[int] = ()) -> int | None:
        """The number of the key to send with, which is none of `tried`; None when no other is awake.

        When all rest and none was tried yet, it is the one that wakes first: a guess about keys refuses no request.
        """
        now = self._clock()
        awake = [index for index, until in enumerate(self._until) if until <= now and index not in tried]
        if not awake:
            return None if tried else min(range(len(self.keys)), key=self._until.__getitem__)
        for index in awake:
            self._credit[index] += self.keys[index].weight
        chosen = max(awake, key=self._credit.__getitem__)
        self._credit[chosen] -= sum(self.keys[index].weight for index in awake)
        return chosen

    def rest(self, index: int, seconds: float) -> bool:
        """Leave a key alone for `seconds`, at most MOST_SECONDS. False when it was resting already."""
        now = self._clock()
        awake = self._until[index] <= now
        self._until[index] = now + min(max(seconds, 0.0), MOST_SECONDS)
        return awake


def rest_of(status: int, headers: Iterable[tuple[str, str]]) -> float | None:
    """For how many seconds the key of a reply should rest; None when the reply says nothing against the key."""
    if status in (401, 402, 403):
        return REFUSED_SECONDS
    if status != 429:
        return None
    asked = retry_after(headers)
    return LIMITED_SECONDS if asked is None else asked

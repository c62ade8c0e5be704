"""Circuit breakers: a provider that keeps failing is left alone for a while, then asked once to see if it is back.

Source: Nygard 2007, Release It!, "Circuit Breaker".
"""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

State = Literal["closed", "half_open", "open"]

_OUTCOMES = 1000
"""Outcomes kept of one provider: enough for a share, whatever the traffic."""
_RESTS = 1024
"""Models of providers that may rest at once. Their names come from callers, so they are bounded."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When a breaker opens, and for how long. Times in seconds."""

    failures: int = 10
    """In a row."""
    share: float = 0.5
    """Of the outcomes within `window`, if there were `least` of them."""
    window: float = 30.0
    least: int = 20
    rest: float = 5.0
    """The first rest; each probe that fails doubles it."""
    longest: float = 60.0
    """The longest rest, also when a reply's Retry-After asks for more."""
    fail_fast: bool = False
    """Refuse at once when everybody who could answer rests. Otherwise the last one is asked all the same."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Leave to ask a provider once. Say how it went, with exactly one of the three."""

    breaker: "Breaker"
    epoch: int
    probe: bool = False

    def succeeded(self) -> None:
        self.breaker.over(self, failed=False)

    def failed(self, after: float | None = None) -> None:
        """`after`: seconds that the provider asked to be left alone."""
        self.breaker.over(self, failed=True, after=after)

    def dropped(self) -> None:
        """Nothing was learnt: the caller left."""
        self.breaker.dropped(self)


class Breaker:
    """The breaker of one provider: closed, open, or half open, in which one probe may go and the others may not."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._outcomes: deque[tuple[float, bool]] = deque(maxlen=_OUTCOMES)
        self._in_row = 0
        self._until: float | None = None
        self._opened = 0
        self._probing = False
        self._epoch = 0

    @property
    def state(self) -> State:
        if self._until is None:
            return "closed"
        return "half_open" if self._probing or self._clock() >= self._until else "open"

    def level(self) -> float:
        """The state as a number: 0 closed, 1 half open, 2 open."""
        return {"closed": 0.0, "half_open": 1.0, "open": 2.0}[self.state]

    def __str__(self) -> str:
        return f"open, asked again in {math.ceil(self.left)} s" if self.state == "open" else self.state

    @property
    def left(self) -> float:
        """Seconds until a probe may go."""
        return 0.0 if self._until is None else max(0.0, self._until - self._clock())

    def enter(self, *, force: bool = False) -> Turn | None:
        """Leave to ask now; None when the provider rests. `force` asks it all the same."""
        if self._until is None:
            return Turn(self, self._epoch)
        if not self._probing and self._clock() >= self._until:
            self._probing = True
            return Turn(self, self._epoch, probe=True)
        return Turn(self, self._epoch) if force else None

    def over(self, turn: Turn, *, failed: bool, after: float | None = None) -> None:
        """How a turn went. One from before the breaker last opened or closed says nothing about now."""
        if turn.epoch != self._epoch:
            return
        if self._until is None:
            self._outcomes.append((self._clock(), failed))
            self._in_row = self._in_row + 1 if failed else 0
            if failed and self._too_many():
                self._open(after)
        elif not failed:
            self._close()
        elif turn.probe:
            self._open(after)

    def dropped(self, turn: Turn) -> None:
        """A turn of which nothing was learnt; another may probe."""
        if turn.probe and turn.epoch == self._epoch:
            self._probing = False

    def _too_many(self) -> bool:
        if self._in_row >= self._limits.failures:
            return True
        while self._outcomes and self._clock() - self._outcomes[0][0] > self._limits.window:
            self._outcomes.popleft()
        failed = sum(failed for _, failed in self._outcomes)
        return len(self._outcomes) >= self._limits.least and failed >= self._limits.share * len(self._outcomes)

    def _open(self, after: float | None) -> None:
        doubled = self._limits.rest * 2 ** min(self._opened, 16)
        self._until = self._clock() + min(self._limits.longest, max(doubled, after or 0.0))
        self._opened += 1
        self._turn_over()

    def _close(self) -> None:
        self._until = None
        self._opened = 0
        self._turn_over()

    def _turn_over(self) -> None:
        self._outcomes.clear()
        self._in_row = 0
        self._probing = False
        self._epoch += 1


class Health:
    """What is known of all providers: a breaker for each, and which of their models asked to be left alone.

    A limit is a model's and not the host's, and a smaller request may pass where a large one did not: a limited model
    is asked last, and not refused.
    """

    def __init__(self, limits: Limits | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits or Limits()
        self._clock = clock
        self._breakers: dict[str, Breaker] = {}
        self._rests: OrderedDict[tuple[str, str], float] = OrderedDict()

    def breaker(self, provider: str) -> Breaker:
        if provider not in self._breakers:
            self._breakers[provider] = Breaker(self.limits, self._clock)
        return self._breakers[provider]

    def rest(self, provider: str, model: str, seconds: float) -> None:
        """A provider asked to be left alone with this model, for at most `limits.longest`."""
        self._rests[provider, model] = self._clock() + min(seconds, self.limits.longest)
        self._rests.move_to_end((provider, model))
        if len(self._rests) > _RESTS:
            self._rests.popitem(last=False)

    def rests(self, provider: str, model: str) -> bool:
        """Whether it still does."""
        return self._rests.get((provider, model), 0.0) > self._clock()

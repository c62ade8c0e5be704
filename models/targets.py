"""Where a route leads: a provider, perhaps under another model's name, and how quickly it has been answering."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ..engine.exchange import Exchange
from ..engine.handler import MODEL
from ..engine.ports import Provider

IDEMPOTENCY = "idempotency-key"
_NEWEST = 0.2
"""The part of the newest time in the moving average: about ten replies make it up."""
FAILED_SECONDS = 10.0
"""What a failure counts as: failing at once is not fast."""
FRESH_SECONDS = 60.0
"""After this long without a reply an average says nothing."""


class Pace:
    """A moving average of the time to the first byte. Whole replies and streams are apart: theirs differ tenfold."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[bool, tuple[float, float]] = {}
        """The average, and until when it stands."""
        self._replied: dict[bool, float] = {}
        """When the last reply came."""

    def guess(self, streamed: bool) -> float:
        """Seconds that a reply is likely to take; 0.0 when nothing is known, or nothing newer than FRESH_SECONDS."""
        mean, until = self._known.get(streamed, (0.0, 0.0))
        return mean if self._clock() < until else 0.0

    def asked(self, streamed: bool) -> None:
        """Somebody is about to find out anew: for the others the old average stands until then."""
        if streamed in self._known:
            self._known[streamed] = (self._known[streamed][0], self._clock() + FRESH_SECONDS)

    def saw(self, streamed: bool, seconds: float) -> None:
        """A reply began after `seconds`, or failed: FAILED_SECONDS."""
        now = self._clock()
        known = now - self._replied.get(streamed, -FRESH_SECONDS) < FRESH_SECONDS
        mean = self._known[streamed][0] if known else seconds
        self._known[streamed] = (mean + _NEWEST * (seconds - mean), now + FRESH_SECONDS)
        self._replied[streamed] = now


@dataclass(frozen=True, slots=True)
class Target:
    """One provider of a route. `model` is what it is asked for; empty: what the caller asked for."""

    provider: Provider
    model: str = ""
    weight: float = 1.0
    pace: Pace = field(default_factory=Pace, compare=False)

    @classmethod
    def of(cls, choice: "Target | Provider") -> "Target":
        return choice if isinstance(choice, Target) else cls(choice)

    @property
    def name(self) -> str:
        """The same after a restart: provider and model."""
        return f"{self.provider.name}\0{self.model}"

    def outgoing(self, exchange: Exchange, repeats: bool) -> Exchange:
        """The exchange as this target is sent it; `exchange` itself when nothing is to be changed.

        With `repeats` it carries an idempotency key, the same for each try; a caller's own is kept. Under another
        model's name the request is another one, so it has another key.
        """
        key = exchange.headers.get(IDEMPOTENCY, exchange.id if repeats else "")
        if key and self.model:
            key += "-" + hashlib.blake2b(self.model.encode(), digest_size=4).hexdigest()
        headers = {**exchange.headers, IDEMPOTENCY: key} if key else exchange.headers
        if self.model:
            in_path = MODEL in exchange.dialect.path
            return replace(
                exchange,
                headers=headers,
                model=self.model,
                path=exchange.dialect.path.replace(MODEL, self.model) if in_path else exchange.path,
                body=self._renamed(exchange) if in_path else {**exchange.body, "model": self.model},
            )
        return exchange if key == exchange.headers.get(IDEMPOTENCY, "") else replace(exchange, headers=headers)

    def _renamed(self, exchange: Exchange) -> dict[str, Any]:
        """The body of a request whose path names its model. Gemini's may name it once more, as `models/NAME`."""
        said = exchange.body.get("model")
        for prefix in ("", "models/"):
            if said == prefix + exchange.model:
                return {**exchange.body, "model": prefix + self.model}
        return exchange.body

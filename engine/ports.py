"""What the rooms may ask of each other. A room implements a port; `serve/build.py` hands it over.

Five ports: Stage, Detector, Store, Embedder, Provider.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .exchange import Exchange, Reply

Next: TypeAlias = Callable[[Exchange], Awaitable[Reply]]
Vector: TypeAlias = NDArray[np.float32]
"""A unit vector of shape (dim,), or a matrix of them of shape (n, dim): inner product = cosine."""


class Stage(Protocol):
    """One step around the model call. Call `next` once, never (answer yourself), or again to retry.

    A stage that takes the reply's events over must pass on errors raised while they are read, and hands what must be
    let go of to `reply.closers`. It runs concurrently with itself: what belongs to one request lives on the exchange.
    """

    async def __call__(self, exchange: Exchange, next: Next) -> Reply: ...


class Finding(Struct, frozen=True, gc=False):
    """A detector's find in a text: characters `start` to `end`, what it is, how sure (0 to 1).

    A large text has tens of thousands: the garbage collector, which stops everybody, does not visit them.
    """

    start: int
    end: int
    label: str
    score: float = 1.0

    def moved(self, by: int) -> "Finding":
        """The same finding, counted from `by` characters further to the left."""
        return Finding(self.start + by, self.end + by, self.label, self.score)


class Unjudged(Exception):
    """A detector could not judge a text. Its words, which have nothing of the text, are told to the caller and the log;
    of any other exception only the class is."""


class Detector(Protocol):
    """Text in, findings out. No network, no state between calls; safe to call from several threads.

    Any `str` gives a list; a detector that cannot run raises (Unjudged, to say why), and the rule's `on_error` decides.
    """

    kind: str
    """The name under `detect:` in a rule file."""

    @property
    def slow(self) -> bool:
        """Whether a call may take over a millisecond: then it runs off the event loop."""
        ...

    def find(self, text: str) -> Sequence[Finding]:
        """Findings in `text`, in order of `start`. They may overlap."""
        ...

    def open_from(self, text: str) -> int:
        """The first offset from which a match may still grow, appear or vanish if more text follows `text`.

        Findings that end before it are final. `len(text)` when nothing is open, 0 when everything is.
        """
        ...

    @property
    def context(self) -> int | None:
        """Characters before a match that bear on it: what a stream keeps in sight. None: all of them."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One stored answer. `value` is opaque to a store."""

    key: str
    """Exact key, hex: a digest of scope, frame and text."""
    partition: str
    """Digest of scope and frame, hex: only entries of one partition are ever compared."""
    value: bytes
    created: float
    """Seconds since the epoch."""
    expires: float
    vector: Vector | None = None
    """The sentence vector of the text, once it is known."""
    encoder: str = ""
    """Which embedder made the vector."""


class Store(Protocol):
    """Keeps entries, forgets what it must, never returns one that has expired.

    Bounded by entries and bytes, least recently used first. What `put` returned True for survives as the store
    promises (memory: the process; sqlite: a killed process; redis: the server).
    """

    async def get(self, key: str) -> Entry | None: ...

    async def put(self, entry: Entry) -> bool: ...

    async def set_vector(self, key: str, vector: Vector, encoder: str) -> None: ...

    async def delete(self, key: str) -> None: ...

    def entries(self) -> AsyncIterator[Entry]:
        """Every live entry, to rebuild an index from."""
        ...

    async def note(self, name: str) -> bytes | None:
        """A note: a small value beside the entries, at most NOTES of them, the least recently written leave first."""
        ...

    async def set_note(self, name: str, value: bytes) -> None: ...

    async def notes(self, since: float) -> list[tuple[str, bytes, float]]:
        """Name, value and time of writing of every note written at `since` or later, by the store's own clock."""
        ...

    async def start(self) -> None: ...

    async def aclose(self) -> None: ...


class Embedder(Protocol):
    """Texts to unit vectors. `id` changes whenever the vectors would."""

    id: str
    dim: int

    def embed(self, texts: Sequence[str]) -> Vector:
        """Shape (len(texts), dim), float32, each row of length 1. Blocking; call off the event loop when slow."""
        ...


class PieceReader(Protocol):
    """A network that says whether pieces of text give orders to a model. `id` changes whenever its scores would."""

    id: str

    def scores(self, pieces: Sequence[str]) -> list[float]:
        """The log odds of each piece, of at most some 400 characters. Blocking, some 5 to 15 ms each."""
        ...

    def length(self, text: str) -> int:
        """Of how many pieces of words the text is for the network: few, where it knows the words."""
        ...


class Provider(Protocol):
    """Whoever answers at the end of the way: a model's host, a model in a child process, the wrapped app.

    It may have an attribute `speaks`, what it takes: families of dialects (`openai`, `anthropic`), the part of a
    dialect's name before the dot, or single dialects (`openai.chat`). Without it, it is taken to speak OpenAI's.
    Exchanges in another dialect reach it translated. Another, `lends_credential`, tells that it sends each caller's own
    credential, so that a limit is that caller's alone.
    """

    name: str

    async def __call__(self, exchange: Exchange) -> Reply:
        """Send `exchange.body` and return the reply as soon as its head is there.

        Raises UpstreamRefused, UpstreamSilent; reading the events may raise UpstreamSilent, UpstreamBroke.
        """
        ...

    async def passthrough(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, exchange: Exchange
    ) -> Reply:
        """Send a request that no dialect reads, as it is."""
        ...

    async def models(self) -> list[dict[str, object]]:
        """Its models, as `/v1/models` lists them."""
        ...

    async def ready(self) -> bool:
        """Whether it can answer now, so far as can be known without asking a remote host."""
        ...

    async def start(self) -> None: ...

    async def aclose(self) -> None: ...

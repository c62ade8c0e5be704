"""What travels: an Exchange (a request and all that is learnt about it) and its Reply.

A Segment is one text at an address of a JSON body. Guards read segments and put changed text back at the same
address, so that whatever they do not understand stays as it is.
"""

import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from .errors import BadRequest
from .jsonio import Address, JsonText, Leaf, Within, loads
from .limits import FINDINGS
from .nested import Source
from .secret import Secret
from .sse import Event
from .steering import Steering
from .usage import Usage

if TYPE_CHECKING:
    from .dialects import Dialect


class Scope(StrEnum):
    """Which way a text goes, as rule files name it."""

    INPUT = "input"
    OUTPUT = "output"
    TOOL_ARGS = "tool_args"
    TOOL_RESULT = "tool_result"


@dataclass(frozen=True, slots=True)
class Segment:
    """One text of a request or reply."""

    address: Address
    text: str
    scope: Scope
    channel: Address = ()
    """In a stream, pieces of one channel are one running text. Empty: this segment is whole by itself."""
    role: str = ""
    tool: str = ""
    call: str = ""
    """In a stream, the id of the call that a result is of, or that begins here: other events may tell its tool."""
    json: bool = False
    """The text is JSON source: guards read it with its escapes decoded, and put text back escaped."""
    source_end: int | None = None
    """Where the source ends; what stands behind it is plain. None: it is all of the text."""
    within: Within | None = None
    """Where it stands in the arguments of a call, if these are values and no source."""
    sealed: bool = False
    """Only the provider can make this text (it is signed): it is looked at, and never changed. What a rule would change
    in it, it blocks."""
    unread: str = ""
    """What kind of content this is (image, audio, file) when no guard here can read it."""
    paused: bool = False
    """The running text may end here, or go on: then it will be looked at again, together with what follows."""
    spells: Address = ()
    """Texts that are whole by themselves, and that clients put together all the same, have this in common, such as the
    names that pieces of one call give, and the blocks of an answer."""
    ends: bool = False
    """No text: something else stands here, behind which the channel is another running text."""
    pieceless: str = ""
    """What the running text that begins here says when no piece of it brings any."""

    @property
    def is_name(self) -> bool:
        """It is the name of a field among values, and what changes it renames the field."""
        return self.within is not None and self.within.path is None

    def opened(self) -> "Segment":
        """A name is sealed where a text is put to its address: there the field's value stands."""
        return replace(self, sealed=False) if self.is_name else self

    def reading(self, done: bool, pieces: Source | bool = False) -> tuple[str, Sequence[int] | None]:
        """The text as guards read it, and where its characters stand in the source (see escapes.unescape). `pieces`:
        what was made of a text that comes in these; true where it is no JSON."""
        if not self.json:
            return (self.text if self.within is None else Leaf.of(self.text, self.within)), None
        read = JsonText.of(self.text, done, self.source_end, pieces)
        return (read if self.within is None else Leaf.of(read, self.within)), read.offsets


CREDENTIALS = ("authorization", "x-api-key", "api-key", "x-goog-api-key")
"""Headers in which the clients of the dialects put their key; the first one counts most."""


METADATA = "x-tidegate-metadata"
"""The header in which callers say more of a request, for conditions of rules and of routes, and for conversations."""
UNKEPT = "engine.unkept"
"""Where the memo of an exchange has the names in its metadata of what a rule would change: nobody keeps that."""
ONWARD = "engine.onward"
"""Where the memo of an exchange has its query, if that goes on to the host together with all headers."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `id` is made of the name, or else a keyed digest of the credential; never the credential itself."""

    id: str = "anonymous"
    team: str = ""
    credential: Secret | None = None
    """What a provider without a key of the gate's own may be sent; never a known key."""
    header: str = ""
    """The header that the credential came in, lower case: some providers tell two kinds of credential apart by it."""
    name: str = ""
    """That of a known key; empty: none was presented."""

    def lends(self, header: str) -> bool:
        """Whether a request header, named in lower case, may go on as it came: known keys end here."""
        return not self.name or header not in CREDENTIALS or header == self.header


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule said of one text. Carries no text."""

    rule: str
    action: str
    """What the rule does (block, mask, redact, replace, respond, route, score, flag), shadow, or not_evaluated."""
    address: str
    scope: Scope
    labels: tuple[str, ...] = ()
    reason: str = ""


@dataclass(slots=True)
class CacheNote:
    """What the cache did, in the terms of RFC 9211."""

    status: str = "off"
    """hit, miss, bypass, stale, or off (no cache, no header)."""
    detail: str = ""
    """exact, semantic or linked on a hit; the reason on a bypass, and on a miss beside a stored answer."""
    stored: bool = False
    ttl: int | None = None
    age: int | None = None
    similarity: float | None = None
    key: str = ""
    """The key of the stored answer, on a hit."""
    forwarded: bool = True
    """Whether a request that is no hit goes on to the model; not if the caller wants none but a stored answer."""


@dataclass(slots=True)
class Spent:
    """What the provider said that an answer took. An answer from memory took nothing, and has none."""

    usage: Usage
    model: str
    """As the provider calls it, or else as it was asked for."""
    dollars: float | None = None
    """US dollars; None: no price is known."""
    priced: str = ""
    """The catalogue's name of the model, of which there are few; empty without a price."""


@dataclass(slots=True)
class Exchange:
    """One request on its way. Stages change `body` and the notes; nobody else holds on to it."""

    dialect: "Dialect"
    path: str
    headers: dict[str, str]
    """Request headers, names in lower case."""
    body: dict[str, Any]
    model: str
    """What is asked for, from the body or the path. No log tells it before `model_passed`."""
    stream: bool
    id: str = field(default_factory=lambda: "tg_" + secrets.token_hex(12))
    caller: Caller = field(default_factory=Caller)
    provider: str = ""
    """The provider that answered; empty while none has."""
    model_passed: bool = False
    """Whether the rules have let the model's name pass: it is the caller's own words until then."""
    route_to: str = ""
    """The provider that a rule chose for this request; empty: the routes decide."""
    steering: Steering | None = None
    """What the caller asks of the routes; None: nothing."""
    lane: str = ""
    """Where its route leads; answers of two lanes never meet. Empty: all requests go one way."""
    own: tuple[str, ...] = ()
    """Placeholders of the values that were masked in this request, in whatever field: these come back in its reply."""
    attempts: int = 0
    spent: Spent | None = None
    """Known once the reply has told it: for a stream, at its end."""
    started: float = field(default_factory=time.perf_counter)
    timings: dict[str, float] = field(default_factory=dict[str, float])
    """Milliseconds spent in each stage itself, what lies behind it not counted."""
    verdicts: list[Verdict] = field(default_factory=list[Verdict])
    verdict_count: int = 0
    answered: bool = False
    """A rule's own answer stands in the place of the model's."""
    cache: CacheNote = field(default_factory=CacheNote)
    tells: list[Callable[["Exchange"], list[tuple[str, str]]]] = field(
        default_factory=list[Callable[["Exchange"], list[tuple[str, str]]]]
    )
    """Who adds reply headers beside those of `headers.py`, asked when the head leaves."""
    memo: dict[str, Any] = field(default_factory=dict[str, Any])
    """What stages leave for each other, such as the one embedding of a text; keys `room.name`."""
    metadata: dict[str, Any] | None = field(default=None, repr=False)
    """The body's `metadata` as it came, for the conditions of routes: they hold or not, whatever a rule masks. It is
    sent and kept nowhere."""
    size: int = 0
    """Bytes of the body as it came."""

    def __post_init__(self) -> None:
        if self.metadata is None:
            held = self.body.get("metadata")
            self.metadata = deepcopy(cast("dict[str, Any]", held)) if isinstance(held, dict) else {}

    def note(self, verdict: Verdict) -> None:
        """Keep a verdict, at most FINDINGS of them; all are counted."""
        self.verdict_count += 1
        self.answered = self.answered or verdict.action == "respond"
        if len(self.verdicts) < FINDINGS:
            self.verdicts.append(verdict)


@dataclass(slots=True)
class Reply:
    """What comes back: a status, headers and events. A reply that is not streamed is one event, its whole body."""

    status: int
    headers: list[tuple[str, str]]
    """The provider's end-to-end headers, names in lower case, hop-by-hop and framing ones already dropped."""
    events: AsyncIterator[Event]
    streamed: bool = False
    closers: list[Callable[[], Awaitable[None]]] = field(default_factory=list[Callable[[], Awaitable[None]]])
    bare: bool = False
    """Its events are pieces of a body of any type, between which nothing can be said; its headers tell the length."""

    @classmethod
    def whole(cls, status: int, body: bytes, headers: list[tuple[str, str]] | None = None) -> "Reply":
        """A reply whose body is already here."""
        return cls(status, headers or [], _one(Event.whole(body)))

    async def read(self) -> bytes:
        """The bytes of all events, joined."""
        return b"".join([event.raw async for event in self.events])

    async def aclose(self) -> None:
        """Let go of everything behind this reply, the upstream connection first. Safe to call twice."""
        await close_all(self.closers)


async def close_all(closers: list[Callable[[], Awaitable[None]]]) -> None:
    """Call every closer, the last one first, also when one of them fails; the failure is raised when all are done."""
    try:
        while closers:
            await closers.pop()()
    finally:
        if closers:
            await close_all(closers)


async def _one(event: Event) -> AsyncIterator[Event]:
    yield event


def metadata(headers: Mapping[str, str]) -> dict[str, Any]:
    """What the caller says of a request. Raises BadRequest when it is no JSON object."""
    sent = headers.get(METADATA)
    if not sent:
        return {}
    try:
        value = loads(sent)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise BadRequest(f"The header {METADATA} must be a JSON object.", param=METADATA)
    return cast("dict[str, Any]", value)

"""Any client's dialect to any provider's, by way of a neutral form (`talk`).

A `Language` knows how to read and write one dialect; nobody knows two. The same dialect in and out is never translated.
What the other side has no word for is a BadRequest, code `not_carried`, that names the caller's own field.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...ending import closed
from ...errors import UpstreamRefused
from ...exchange import Exchange, Reply
from ...jsonio import dumps, loads
from ...sse import Event
from ...usage import MARK, TOLD, Usage, usage_of
from .. import Dialect
from ..anthropic import AnthropicMessages
from ..gemini import Gemini
from ..openai_chat import OpenAIChat
from ..responses import OpenAIResponses
from .carry import NOT_CARRIED as NOT_CARRIED
from .carry import Order, assembled, mapping, pieces, uncarried, unreadable
from .chat import CHAT
from .gemini import GEMINI
from .language import Language, StreamReader, StreamWriter
from .messages import MESSAGES
from .reported import error_words as error_words
from .reported import unanswered as unanswered
from .responses import RESPONSES
from .seals import open_deltas, open_reply, open_request
from .talk import Delta, Told, Trouble

if TYPE_CHECKING:
    from ...ports import Provider

_chat, _messages, _responses = OpenAIChat(), AnthropicMessages(), OpenAIResponses()
_ALL: tuple[tuple[Language, Dialect, Dialect], ...] = (
    (CHAT, _chat, _chat),
    (MESSAGES, _messages, _messages),
    (RESPONSES, _responses, _responses),
    (GEMINI, Gemini(), Gemini(streams=True)),
)
"""Each language with its dialect for whole replies and for streams, in the order in which they are chosen for a
provider that speaks several."""
LANGUAGES: Mapping[str, Language] = {language.dialect: language for language, _, _ in _ALL}
"""By the dialect's name."""


def speaks(spoken: Collection[str], dialect: str) -> bool:
    """Whether one who speaks these (families such as `openai`, or single dialects such as `openai.chat`) speaks this
    dialect."""
    return dialect in spoken or dialect.partition(".")[0] in spoken


def reaches(exchange: Exchange, spoken: Collection[str]) -> bool:
    """Whether `exchange` can be told to a provider that speaks these, as it is or translated."""
    name = exchange.dialect.name
    return speaks(spoken, name) or (name in LANGUAGES and any(speaks(spoken, other) for other in LANGUAGES))


def translated(exchange: Exchange, spoken: Collection[str]) -> Exchange:
    """`exchange` for a provider that speaks these and that it `reaches`; itself if its own dialect is among them.

    Raises BadRequest `not_carried`.
    """
    name = exchange.dialect.name
    if speaks(spoken, name):
        return exchange
    language, whole, streamed = next(entry for entry in _ALL if speaks(spoken, entry[0].dialect))
    if not exchange.model:  # Responses may leave it to what is stored at the provider
        raise uncarried("model")
    talk = open_request(LANGUAGES[name].read_request(exchange.body, exchange.model, exchange.stream))
    return replace(
        exchange,
        dialect=streamed if exchange.stream else whole,
        path=language.path(talk),
        body=language.write_request(talk),
        # Which header a credential came in says what kind it is in the caller's dialect, and nothing in another.
        caller=replace(exchange.caller, header=""),
    )


async def call(provider: "Provider", exchange: Exchange, spoken: Collection[str]) -> Reply:
    """Ask a provider that `exchange` reaches, in its own dialect, and hand its reply back in the caller's."""
    exchange.memo.pop(TOLD, None)  # of a try before this one
    sent = translated(exchange, spoken)
    if sent is exchange:
        return await provider(exchange)
    try:
        reply = await provider(sent)
    finally:
        exchange.attempts = sent.attempts  # a provider counts each further key that it tries
    return await back(reply, exchange, sent)


async def back(reply: Reply, asked: Exchange, answered: Exchange) -> Reply:
    """A provider's reply to `answered` as one to `asked`, of which `answered` is the translation. Status and headers
    stay; who closes it lets go of the provider's. Raises UpstreamError on what is no reply, also while it is read."""
    theirs, ours = LANGUAGES[answered.dialect.name], LANGUAGES[asked.dialect.name]
    reply.events = _noted(reply.events, asked)
    if reply.streamed:
        reply.events = closed(answered.dialect, reply.events)
    if reply.streamed and asked.stream:
        reply.events = _stream(reply.events, theirs.read_stream(), ours.write_stream(asked.body))
        return reply
    try:
        if reply.status >= 400:
            events = [Event.whole(dumps(ours.write_error(_trouble(reply.status, await reply.read(), theirs))))]
        else:
            told = open_reply(await _told(reply, theirs))
            events = _events(told, asked, ours)
    except BaseException:
        await reply.aclose()
        raise
    reply.events, reply.streamed = _each(events), events[0].framed
    kind = "text/event-stream" if reply.streamed else "application/json"
    reply.headers = [*(pair for pair in reply.headers if pair[0] != "content-type"), ("content-type", kind)]
    return reply


async def _told(reply: Reply, theirs: Language) -> Told:
    """The whole reply; of one that streams although it was not asked to, what its pieces amount to."""
    if not reply.streamed:
        return theirs.read_reply(_object(await reply.read()))
    return assembled([delta async for delta in _deltas(reply.events, theirs.read_stream())])


def _events(told: Told, asked: Exchange, ours: Language) -> list[Event]:
    """A whole reply in the form that was asked for, even if the provider did not stream it."""
    if not asked.stream:
        return [Event.whole(dumps(ours.write_reply(told, asked.body)))]
    writer = ours.write_stream(asked.body)
    return [event for delta in pieces(told) for event in writer.write(delta)]


def _trouble(status: int, body: bytes, theirs: Language) -> Trouble:
    try:
        trouble = theirs.read_error(status, _object(body))
    except UpstreamRefused:
        trouble = Trouble(status, "")
    said = f"The provider answered {status} and did not say why."
    return trouble if trouble.message else replace(trouble, message=said)


def _object(body: bytes) -> dict[str, Any]:
    try:
        return mapping(loads(body))
    except ValueError:
        raise unreadable() from None


async def _stream(events: AsyncIterator[Event], reader: StreamReader, writer: StreamWriter) -> AsyncIterator[Event]:
    async for delta in _deltas(events, reader):
        for out in writer.write(delta):
            yield out


async def _noted(events: AsyncIterator[Event], asked: Exchange) -> AsyncIterator[Event]:
    """The same events; what they tell of tokens is noted, since the caller's form may have no place for it."""
    async for event in events:
        if MARK in event.payload and (told := usage_of(event.data or {})) is not None:
            before = asked.memo.get(TOLD)
            asked.memo[TOLD] = before.with_later(told) if isinstance(before, Usage) else told
        yield event


async def _deltas(events: AsyncIterator[Event], reader: StreamReader) -> AsyncIterator[Delta]:
    """The pieces that may travel, each checked to stand where it can."""
    order = Order()
    async for event in events:
        for delta in open_deltas(order.checked(reader.feed(event))):
            yield delta
    for delta in open_deltas(order.checked(reader.end())):
        yield delta


async def _each(events: list[Event]) -> AsyncIterator[Event]:
    for event in events:
        yield event

"""Any client's dialect to any provider's, by way of a neutral form (`talk`).

A `Language` knows how to read and write one dialect; nobody knows two. The same dialect in and out is never translated.
What the other side has no word for is a BadRequest, code `not_carried`, that names the caller's own field.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...errors import UpstreamRefused
from ...exchange import Exchange, Reply
from ...jsonio import dumps, loads
from ...sse import Event
from .. import Dialect
from ..anthropic import AnthropicMessages
from ..openai_chat import OpenAIChat
from ..responses import OpenAIResponses
from .carry import mapping, pieces, unreadable
from .chat import CHAT
from .language import Language, StreamReader, StreamWriter
from .messages import MESSAGES
from .responses import RESPONSES
from .seals import open_deltas, open_reply, open_request
from .talk import Trouble

if TYPE_CHECKING:
    from ...ports import Provider

_chat, _messages, _responses = OpenAIChat(), AnthropicMessages(), OpenAIResponses()
_ALL: tuple[tuple[Language, Dialect, Dialect], ...] = (
    (CHAT, _chat, _chat),
    (MESSAGES, _messages, _messages),
    (RESPONSES, _responses, _responses),
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
    sent = translated(exchange, spoken)
    reply = await provider(sent)
    return reply if sent is exchange else await back(reply, exchange, sent)


async def back(reply: Reply, asked: Exchange, answered: Exchange) -> Reply:
    """A provider's reply to `answered` as one to `asked`, of which `answered` is the translation. Status and headers
    stay; who closes it lets go of the provider's. Raises UpstreamRefused on what is no reply, also while it is read."""
    theirs, ours = LANGUAGES[answered.dialect.name], LANGUAGES[asked.dialect.name]
    if reply.streamed:
        reply.events = _stream(reply.events, theirs.read_stream(), ours.write_stream(asked.body))
        return reply
    try:
        body = await reply.read()
        if reply.status < 400 and asked.stream:
            told = open_reply(theirs.read_reply(_object(body)))
            writer = ours.write_stream(asked.body)
            reply.events = _each([event for delta in pieces(told) for event in writer.write(delta)])
            reply.streamed = True
        else:
            reply.events = _each([Event.whole(dumps(_whole(reply.status, body, asked, theirs, ours)))])
    except BaseException:
        await reply.aclose()
        raise
    return reply


def _whole(status: int, body: bytes, asked: Exchange, theirs: Language, ours: Language) -> dict[str, Any]:
    if status < 400:
        return ours.write_reply(open_reply(theirs.read_reply(_object(body))), asked.body)
    try:
        trouble = theirs.read_error(status, _object(body))
    except UpstreamRefused:
        trouble = Trouble(status, "")
    if not trouble.message:
        trouble = replace(trouble, message=f"The provider answered {status} and did not say why.")
    return ours.write_error(trouble)


def _object(body: bytes) -> dict[str, Any]:
    try:
        return mapping(loads(body))
    except ValueError:
        raise unreadable() from None


async def _stream(events: AsyncIterator[Event], reader: StreamReader, writer: StreamWriter) -> AsyncIterator[Event]:
    async for event in events:
        for delta in open_deltas(reader.feed(event)):
            for out in writer.write(delta):
                yield out
    for delta in open_deltas(reader.end()):
        for out in writer.write(delta):
            yield out


async def _each(events: list[Event]) -> AsyncIterator[Event]:
    for event in events:
        yield event

"""Headers that go on as they came: a caller's to the provider, a provider's to the caller.

Rules look at them as at any text. None can be changed: software reads them, not people. What a rule would change in a
request's header blocks, as in a name; a reply's header in which a rule finds something is left out.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import unquote_plus

from ..engine.errors import BadRequest
from ..engine.exchange import METADATA, ONWARD, UNKEPT, Exchange, Reply, Scope, Segment, Verdict, metadata
from ..engine.jsonio import Address, is_utf8
from ..engine.looks import Withheld
from .detectors.names.detector import NAMES
from .masks import gone
from .rules.ruleset import Ruleset
from .rules.when import Facts
from .screen import RuleScreen

_SENT = (
    *("idempotency-key", "openai-beta", "openai-organization", "openai-project", "tracestate", "traceparent"),
    *("anthropic-version", "anthropic-beta", "anthropic-workspace-id", "anthropic-user-profile-id"),
)
"""Of a request, those that providers are given."""
_CLIENTS = re.compile(
    "accept(?:-.*)?|connection|content-(?:length|type|encoding)|cookie|host|user-agent|x-stainless-.*|x-goog-api-client"
)
"""Of a request that goes on whole, those that say what client it is."""
_CREDENTIALS = re.compile("(?:.*[-_])?(?:authorization|auth|key|token|secret)", re.IGNORECASE)
"""The same, and fields of its query: by these its host knows the client."""
_PLAIN: Mapping[str, re.Pattern[str]] = {
    "traceparent": re.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"),
    "anthropic-version": re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "anthropic-beta": re.compile(
        r"(?:(?:[a-z]{1,24}[0-9]{0,3}-|[0-9]{1,3}[a-z]{1,2}-){1,8}[0-9]{4}-[0-9]{2}-[0-9]{2}(?:, ?|$))+"
    ),
}
"""What these always are: numbers at random, and dates, in which a rule may see something. Source: W3C Trace Context."""
_OWN = frozenset({"set-cookie"})
"""What an app in or behind the gate keeps with its caller: a credential, at which nobody looks here."""
_BODY = "content-type"
_MARKS = re.compile(
    # counts, and how long
    r"[0-9]{1,8}|[0-9]{1,7}\.[0-9]{1,6}|(?:[0-9]{1,7}(?:\.[0-9]{1,6})?(?:[mun]?s|[mhd])){1,3}"
    # times. Sources: RFC 9110, section 5.6.7; RFC 3339
    r"|[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z"
    # numbers at random, in hexadecimal with letters in them: of requests, rays and traces
    r"|(?:req_)?(?=(?:[0-9-]*[a-f]){4})[0-9a-f-]{16,64}(?:-[A-Z]{3})?"
    # and in letters of either case, told without a second try: else a long value takes hours
    r"|(?:req_)?(?=(?:[A-Za-z]*[0-9]){3})(?=(?:[a-z0-9]*+[A-Z][A-Z0-9]*+[a-z]){3})[A-Za-z0-9]{20,40}"
)
"""Values that say no more than a number or a time: most of what differs from one reply to the next."""


async def check(exchange: Exchange, ruleset: Ruleset, facts: Facts, route: Callable[[str], None]) -> None:
    """Run the rules for `input` over the headers of a request that go on, and over the query where that does. Raises
    Stopped.

    Dates and names of people are not looked for, as in the names of models. What the metadata says beside the request
    goes no further, but the cache keeps it: of that only the names are noted of what rules object to.
    """
    if METADATA in exchange.headers and ruleset.has(Scope.INPUT):
        exchange.memo[UNKEPT] = await _unkept(exchange.headers, RuleScreen(ruleset, _unheard, gone, facts))
    sent, query = exchange.headers, exchange.memo.get(ONWARD)
    names = _SENT if query is None else [name for name in sent if name in _SENT or not _is_clients(name)]
    told: dict[Address, str] = {("headers", name): _read(sent[name]) for name in names if _says(sent, name)}
    fields = map(unquote_plus, (query or "").split("&"))
    if asked := "&".join(field for field in fields if not _CREDENTIALS.fullmatch(field.partition("=")[0])):
        told["query",] = asked
    if not told or not ruleset.has(Scope.INPUT):
        return
    screen = RuleScreen(ruleset, exchange.note, gone, facts, route, without=NAMES)
    for address, text in told.items():
        await screen.look(Segment(address, text, Scope.INPUT, sealed=True), text, 0, True)


async def _unkept(headers: Mapping[str, str], screen: RuleScreen) -> list[str]:
    try:
        told = metadata(headers)
    except BadRequest:
        return []
    return [
        name for name, value in told.items() if await _objects(screen, METADATA, _told(name, str(value)), Scope.INPUT)
    ]


def in_utf8(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers of a reply whose body was read as UTF-8, which JSON and streams of events are in: whoever heeds
    another charset here would read what nobody has looked at."""
    return [(name, value if name != _BODY or is_utf8(value) else value.partition(";")[0]) for name, value in headers]


async def passed(exchange: Exchange, ruleset: Ruleset, facts: Facts, reply: Reply) -> list[tuple[str, str]]:
    """The headers of a reply, less those in which the rules for `output` find what they would change. Of the content
    type the media type of its body stays."""
    body = (_BODY, "text/event-stream" if reply.streamed else "application/json")
    given = [pair for pair in reply.headers if pair[0] not in _OWN and pair != body and not _MARKS.fullmatch(pair[1])]
    if not given or not ruleset.has(Scope.OUTPUT):
        return reply.headers
    found: list[Verdict] = []
    quiet = RuleScreen(ruleset, found.append, gone, facts)
    # A header is remembered as clean with what was let pass in it: that is so for some callers, or until some day.
    kind = f"header {quiet.lets_pass(_segment('', ''))}"

    def told(pairs: Iterable[tuple[str, str]]) -> tuple[str, bytes]:
        text = "\n".join(_told(*pair) for pair in pairs)
        return text, quiet.looked(_segment("", ""), text, kind)[1]

    heads, known = ruleset.heads, told(given)[1]
    if heads.get(known) is not None:  # most replies of a provider differ in marks alone
        return reply.headers
    judged = [pair for pair in given if heads.get(told([pair])[1]) is None]
    if not judged or (not await _objects(quiet, "", told(judged)[0]) and not found):  # one look for all
        for each in (known, *(told([pair])[1] for pair in judged)):
            heads.add(each)
        return reply.headers
    screen = RuleScreen(ruleset, exchange.note, gone, facts)
    out = {pair for pair in judged if await _objects(screen, pair[0], _told(*pair))}
    left = [pair for pair in reply.headers if pair not in out]
    return left if all(name != _BODY for name, _ in out) else [*left, body]


def _segment(name: str, text: str, scope: Scope = Scope.OUTPUT) -> Segment:
    return Segment(("headers", name), text, scope)


async def _objects(screen: RuleScreen, name: str, text: str, scope: Scope = Scope.OUTPUT) -> bool:
    """Whether a rule would change or stop a text of headers."""
    try:
        return bool((await screen.look(_segment(name, text, scope), text, 0, True)).edits)
    except Withheld:
        return True


def _is_clients(name: str) -> bool:
    return bool(_CLIENTS.fullmatch(name) or _CREDENTIALS.fullmatch(name))


def _says(sent: Mapping[str, str], name: str) -> bool:
    """Whether a header of a request says anything that is not always the same, or at random."""
    value = sent.get(name, "")
    plain = _PLAIN.get(name) if name in _SENT else _MARKS
    return bool(value) and not (plain and plain.fullmatch(value))


def _told(name: str, value: str) -> str:
    return f"{name}: {_read(value)}"


def _read(value: str) -> str:
    """A value in the letters that are meant. Bytes of headers are told as Latin-1, and are UTF-8 more often."""
    try:
        return value if value.isascii() else value.encode("latin-1").decode()
    except UnicodeError:
        return value


def _unheard(verdict: Verdict) -> None:
    """Nobody is told: the request is as it is."""

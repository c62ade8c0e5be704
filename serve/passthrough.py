"""Requests that no dialect reads, where a route lets them through: admitted, limited, counted, logged like all others.

Most are not looked at at all, and are marked so wherever they are told of. Of a few paths the reply is known to be one
of a dialect: then the rules for replies judge it. What was masked in the request that it answers stays masked.
"""

import re
from collections.abc import Container, Sequence
from dataclasses import replace
from urllib.parse import quote, unquote

from ..engine.dialects import Dialect
from ..engine.dialects.unread import Unread
from ..engine.errors import UnknownPath, WrongMethod
from ..engine.exchange import Exchange, Reply, Scope, Verdict
from ..engine.handler import MODEL, Answer, Handler, Request
from ..engine.headers import EVERY_RULE
from ..engine.paths import pattern_of
from ..engine.pipeline import Pipeline, Stages
from ..engine.query import with_key
from ..models.routing import RouteStage

_REQUEST = "serve.passthrough"
_KNOWN = {
    "openai.responses": re.compile(r"GET /v1/responses/[^/]+|POST /v1/responses/[^/]+/cancel"),
    "openai.chat": re.compile(r"GET /v1/chat/completions/[^/]+"),
}
"""Requests without a text whose reply is one of this dialect, made earlier and kept by the provider."""
VERSIONS = ("/v1/", "/v1beta/")
"""How every path begins that a provider may be asked for."""
_FRONT = re.compile(r"(?:/(?:v[0-9][a-z0-9]*|openai|deployments/[^/]+))*")
"""What hosts may have before an endpoint's own path: a version, and where Google and Azure serve OpenAI's API."""
_THREAD = re.compile(r"/v1/threads/[\w-]+/messages")
"""The one path of a vendor that ends like another vendor's and is not meant for it: a thread of OpenAI's assistants."""
_TAIL = re.compile(r"[;?#][^/]*")
_END = re.compile(r"[\s/]+\Z")


class Passthrough:
    """Sends requests on as they are, behind the stages that ask who and how much."""

    def __init__(self, route: RouteStage, handler: Handler, dialects: Sequence[Dialect], stages: Stages) -> None:
        self._route = route
        self._handler = handler
        self._dialects = {dialect.name: dialect for dialect in reversed(dialects)}
        self._read = [(pattern_of(dialect.path.casefold()), dialect.path) for dialect in dialects]
        ends = {_end_of(dialect.path): dialect.path for dialect in reversed(dialects)}
        self._ends = sorted(ends.items(), key=lambda end: -len(end[0]))  # /chat/completions before /completions
        known = Stages(admit=stages.admit, limit=stages.limit, reply_guard=stages.reply_guard)
        self._known = Pipeline(known, self._onward)
        self._unread = Pipeline(replace(known, reply_guard=None), self._onward)

    @property
    def open(self) -> bool:
        """Whether any route lets paths through."""
        return self._route.passes_through

    def dialect_for(self, path: str, headers: Container[str]) -> Dialect:
        """The dialect of whoever asks for a path that may be one of none. Header names in lower case."""
        return self._handler.dialect_of(path) or self._dialects[_kind(path, headers)]

    async def answer(self, request: Request) -> Answer:
        """Raises UnknownPath when no route lets any path through, for a path without a version, and for a spelling of a
        path that is read; WrongMethod for a body that no POST brings to one; BadRequest for a key that is none."""
        known = _known(request.method, request.path)
        if request.body and request.method != "POST" and self._handler.dialect_of(request.path):
            raise WrongMethod("At this path a body is read by POST alone.")  # a host may heed no method
        meant = "" if known or self._handler.dialect_of(request.path) else self._meant(request)
        # Providers put what has no version below a base that has one: that is another path than the one judged here.
        if meant or not self.open or not request.path.startswith(VERSIONS):
            versioned = request.path.startswith(VERSIONS)
            closed = "no route lets paths through that the gate does not read (passthrough)."
            instead = f"did you mean {meant}?" if meant else closed if versioned else "the API begins at /v1/."
            raise UnknownPath(f"There is no endpoint at this path; {instead}")
        dialect = self._dialects[known] if known else Unread(self.dialect_for(request.path, request.headers))
        headers, query = with_key(request.headers, request.query)
        memo = {**request.memo, _REQUEST: replace(request, query=query, headers={})}
        exchange = Exchange(dialect, request.path, headers, {}, model="", stream=False, memo=memo)
        return await self._handler.run(exchange, self._known if known else self._unread)

    def _meant(self, request: Request) -> str:
        """The path that is read for which a lenient host might take this one: then it must not pass unread."""
        for path in _leniently(request.path):
            if known := _known(request.method, path):
                return f"{self._dialects[known].path}/..."
            if meant := next((written for form, written in self._read if form.fullmatch(path)), ""):
                return meant
        # Hosts serve an endpoint below names of models, projects and publishers too. What is fetched has no text to
        # judge: GET /v1/organization/usage/completions is no completion.
        fetched = request.method == "GET" and not request.body
        if fetched or _THREAD.fullmatch(request.path):
            return ""
        cuts = _cut(request.path)
        return next((written for end, written in self._ends if any(cut.endswith(end) for cut in cuts)), "")

    async def _onward(self, exchange: Exchange) -> Reply:
        request: Request = exchange.memo[_REQUEST]
        path = request.raw_path or quote(request.path, safe="/:@!$&'()*+,;=~")
        path += "?" + request.query if request.query else ""
        if isinstance(exchange.dialect, Unread):
            why = "no dialect reads this path"
            exchange.note(Verdict(EVERY_RULE, "not_evaluated", request.path, Scope.INPUT, reason=why))
        reply = await self._route.passthrough(request.method, path, exchange.headers, request.body, exchange)
        if reply.bare and reply.streamed and not isinstance(exchange.dialect, Unread):  # rules judge it as a whole
            headers = [header for header in reply.headers if header[0] != "content-length"]  # they may change it
            try:
                whole = Reply.whole(reply.status, await reply.read(), headers)
            finally:
                await reply.aclose()
            reply = whole
        exchange.stream = reply.streamed
        return reply


def _known(method: str, path: str) -> str:
    return next((name for name, form in _KNOWN.items() if form.fullmatch(f"{method} {path}")), "")


def _end_of(path: str) -> str:
    """How every path ends at which a host serves this one: the method behind a model's name, or what is behind the
    version."""
    front, model, method = path.casefold().partition(MODEL)
    return method if model else front[front.index("/", 1) :]


def _cut(path: str) -> list[str]:
    """The path as hosts may read it that decode twice, mind no case, leave out parameters and what ends it."""
    plain = unquote(path).casefold()
    return [_END.sub("", cut) for cut in (plain, plain.partition(";")[0], _TAIL.sub("", plain))]


def _leniently(path: str) -> list[str]:
    """The same, and as hosts read it that serve an endpoint below several versions or none."""
    cuts = _cut(path)
    bare = [_FRONT.sub("", cut, count=1) for cut in cuts]
    return [*cuts, *("/v1" + rest for rest in bare), *("/v1beta" + rest for rest in bare)]


def _kind(path: str, headers: Container[str]) -> str:
    """The dialect whose clients ask in this way: each vendor's SDK has a header or a path of its own."""
    if "anthropic-version" in headers:
        return "anthropic.messages"
    gemini = "x-goog-api-key" in headers or path.startswith("/v1beta/")
    return "gemini.generate" if gemini else "openai.chat"

"""Paths that no dialect reads, where a route lets them through: admitted, limited, counted and logged like all others,
and marked as not evaluated wherever they are told of."""

from collections.abc import Sequence

from ..engine.dialects import Dialect
from ..engine.dialects.unread import Unread
from ..engine.errors import UnknownPath
from ..engine.exchange import Exchange, Reply, Scope, Verdict
from ..engine.handler import Answer, Handler, Request
from ..engine.headers import EVERY_RULE
from ..engine.pipeline import Pipeline, Stages
from ..engine.ports import Stage
from ..models.routing import RouteStage

_REQUEST = "serve.passthrough"


class Passthrough:
    """Sends requests on as they are, behind the stages that ask who and how much."""

    def __init__(
        self, route: RouteStage, handler: Handler, dialects: Sequence[Dialect], *, admit: Stage, limit: Stage
    ) -> None:
        self._route = route
        self._handler = handler
        self._envelopes = {dialect.name: Unread(dialect) for dialect in reversed(dialects)}
        self._fallback = Unread(dialects[0])
        self._pipeline = Pipeline(Stages(admit=admit, limit=limit), self._onward)

    async def answer(self, request: Request) -> Answer:
        """Raises UnknownPath when no route lets any path through."""
        if not self._route.passes_through:
            raise UnknownPath("There is no endpoint at this path; see GET /v1/models and the documentation.")
        memo = {**request.memo, _REQUEST: request}
        dialect = self._envelopes.get(_kind(request), self._fallback)
        exchange = Exchange(dialect, request.path, dict(request.headers), {}, model="", stream=False, memo=memo)
        return await self._handler.run(exchange, self._pipeline)

    async def _onward(self, exchange: Exchange) -> Reply:
        request: Request = exchange.memo[_REQUEST]
        path = request.path + ("?" + request.query if request.query else "")
        exchange.note(
            Verdict(EVERY_RULE, "not_evaluated", request.path, Scope.INPUT, reason="no dialect reads this path")
        )
        reply = await self._route.passthrough(request.method, path, request.headers, request.body, exchange)
        exchange.stream = reply.streamed
        return reply


def _kind(request: Request) -> str:
    """The dialect whose clients ask in this way: each vendor's SDK has a header or a path of its own."""
    if "anthropic-version" in request.headers:
        return "anthropic.messages"
    return "gemini.generate" if "x-goog-api-key" in request.headers or request.path.startswith("/v1beta/") else ""

"""The standalone proxy: the gate's door in front of a small Starlette app for health and models."""

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..engine.door import Door, Receive, Scope, Send, own_path, read_request, while_there, write
from ..engine.errors import ConfigError, TidegateError
from ..engine.handler import Request, refusal
from .gate import Gate
from .lifespan import live
from .passthrough import VERSIONS


def proxy(gate: Gate) -> Door:
    """An ASGI app that is nothing but the gate. Raises ConfigError when nobody would answer behind it."""
    if not gate.config.providers:
        raise ConfigError("no provider is configured, so nobody would answer", hint="add one under `providers:`")

    async def healthz(request: HttpRequest) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(request: HttpRequest) -> Response:
        state = await gate.readiness()
        ready = all(part == "ok" for part in state.values())
        more = {**gate.memory(), "breakers": gate.breakers()}
        return JSONResponse({"ready": ready, **state, **more}, status_code=200 if ready else 503)

    async def metrics(request: HttpRequest) -> Response:
        return Response(gate.metrics_text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    routes = [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
        Route("/{rest:path}", _Elsewhere(gate)),
    ]
    app = Starlette(routes=routes)

    async def lived(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await live(gate, app, scope, receive, send, hangup=gate.config.guardrails.reload != "off")
        else:
            await app(scope, receive, send)

    return Door(lived, gate.handler)


class _Elsewhere:
    """Paths of no dialect: the models, what a route lets through, and a refusal for the rest. Errors are in the
    envelope of the caller's kind."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = own_path(scope, lambda path: path.startswith(VERSIONS))
        try:
            request = await read_request(scope, receive, path)
        except TidegateError as error:
            names = {name.decode("latin-1").lower() for name, _ in scope["headers"]}
            await write(refusal(self._gate.dialect_for(path, names), error), send)
        except ConnectionError:
            return
        else:
            await while_there(self._answer(request, send), receive)

    async def _answer(self, request: Request, send: Send) -> None:
        try:
            answer = await self._gate.answer(request)
        except TidegateError as error:
            answer = refusal(self._gate.dialect_for(request.path, request.headers), error)
        await write(answer, send)

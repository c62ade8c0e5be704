"""The standalone proxy: the gate's door in front of a small Starlette app for health and models."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..engine.door import Door, Receive, Scope, Send, read_request, write
from ..engine.errors import TidegateError, UnknownPath
from ..engine.handler import refusal
from .gate import Gate


def proxy(gate: Gate) -> Door:
    """An ASGI app that is nothing but the gate."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        await gate.start()
        try:
            yield
        finally:
            await gate.aclose()

    async def healthz(request: HttpRequest) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(request: HttpRequest) -> Response:
        state = await gate.readiness()
        ready = all(part == "ok" for part in state.values())
        return JSONResponse({"ready": ready, **state}, status_code=200 if ready else 503)

    async def metrics(request: HttpRequest) -> Response:
        return Response(gate.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def models(request: HttpRequest) -> Response:
        return JSONResponse({"object": "list", "data": await gate.models()})

    async def model(request: HttpRequest) -> Response:
        wanted = request.path_params["name"]
        found = next((entry for entry in await gate.models() if entry.get("id") == wanted), None)
        if found is None:
            return JSONResponse(gate.dialect.error(UnknownPath("There is no such model.")), status_code=404)
        return JSONResponse(found)

    routes = [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
        Route("/v1/models", models),
        Route("/v1/models/{name:path}", model),
        Route("/{rest:path}", _Elsewhere(gate)),
    ]
    return Door(Starlette(routes=routes, lifespan=lifespan), gate.handler, gate.dialect)


class _Elsewhere:
    """Paths of no dialect: passed through where a route says so, refused in the envelope otherwise."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._gate.passthrough(await read_request(scope, receive))
        except TidegateError as error:
            answer = refusal(self._gate.dialect, error)
        except ConnectionError:
            return
        await write(answer, send)

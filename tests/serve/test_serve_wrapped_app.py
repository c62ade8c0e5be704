"""Around an app: it stays the app it is, in what it raises and answers, does behind an answer, and how it stops."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from tidegate import TidegateMiddleware
from tidegate.engine.errors import ConfigError

RULES = "rules:\n  - {id: words.launch, detect: {keywords: [falcon]}, action: block}\n"
CHAT = {"model": "m", "messages": [{"role": "user", "content": "falcon"}]}


def test_a_server_that_stops_waits_for_the_apps_background_tasks(support: Any, tmp_path: Any) -> None:
    done: list[str] = []

    async def work() -> None:
        await asyncio.sleep(0.3)
        done.append("work")

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        yield
        done.append("shut down")

    async def answer(request: Request) -> Response:
        return JSONResponse({"choices": []}, background=BackgroundTask(work))

    inner = Starlette(routes=[Route("/v1/chat/completions", answer, methods=["POST"])], lifespan=life)
    loaded = support.gate_config(tmp_path, "http://127.0.0.1:9", "cache: {mode: exact}", RULES)
    running = support.Running(TidegateMiddleware(inner, config=loaded), lifespan="on", timeout_graceful_shutdown=20)
    fine = {**CHAT, "messages": [{"role": "user", "content": "a bird"}]}
    assert httpx2.post(running.url + "/v1/chat/completions", json=fine, timeout=20).status_code == 200
    running.stop()
    assert done == ["work", "shut down"]


def test_an_apps_own_handler_hears_what_an_endpoint_raises(support: Any, tmp_path: Any) -> None:
    async def answer(request: Request) -> Response:
        raise ConnectionError("the database is down")

    async def ours(request: Request, fault: Exception) -> Response:
        return JSONResponse({"ours": str(fault)}, 500)

    loaded = support.parse_config("version: 1\n", file="gate.yaml", folder=tmp_path)
    routes = [Route("/v1/chat/completions", answer, methods=["POST"])]
    app = Starlette(routes=routes, exception_handlers={Exception: ours})
    app.add_middleware(TidegateMiddleware, config=loaded)
    with TestClient(app, raise_server_exceptions=False) as client:
        reply = client.post("/v1/chat/completions", json=CHAT)
    assert (reply.status_code, reply.json()) == (500, {"ours": "the database is down"})


@pytest.mark.parametrize("added", [True, False])
@pytest.mark.parametrize("where", ["background", "stream"])
def test_what_an_app_raises_behind_its_answer_is_heard_by_the_layers_in_front(
    support: Any, tmp_path: Any, where: str, added: bool
) -> None:
    async def fails() -> AsyncIterator[str]:
        yield "data: {}\n\n"
        raise ValueError(where)

    async def work() -> None:
        raise ValueError(where)

    async def answer(request: Request) -> Response:
        if where == "stream":
            return StreamingResponse(fails(), media_type="text/event-stream")
        return JSONResponse({"choices": []}, background=BackgroundTask(work))

    async def listening(scope: Any, receive: Any, send: Any) -> None:
        try:
            await app(scope, receive, send)
        except Exception as fault:
            heard.append(str(fault))
            raise

    heard: list[str] = []
    loaded = support.parse_config("version: 1\n", file="gate.yaml", folder=tmp_path)
    inner = Starlette(routes=[Route("/v1/chat/completions", answer, methods=["POST"])])
    app: Any = inner if added else TidegateMiddleware(inner, config=loaded)
    if added:
        inner.add_middleware(TidegateMiddleware, config=loaded)
    with TestClient(listening, raise_server_exceptions=False) as client:
        reply = client.post("/v1/chat/completions", json={**CHAT, "stream": where == "stream"})
    assert (reply.status_code, heard) == (200, [where])
    assert where == "background" or "upstream_broke" in reply.text


async def test_a_client_that_leaves_is_no_fault_to_a_layer_in_front(support: Any, tmp_path: Any) -> None:
    begun = asyncio.Event()

    async def answer(request: Request) -> Response:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError("its client left")

    async def passes(request: Request, next: Any) -> Response:
        statuses.append((reply := await next(request)).status_code)
        return reply

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await begun.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        raise ConnectionResetError

    statuses: list[int] = []
    messages = [{"type": "http.request", "body": json.dumps(CHAT).encode(), "more_body": False}]
    loaded = support.parse_config("version: 1\n", file="gate.yaml", folder=tmp_path)
    inner = Starlette(routes=[Route("/v1/chat/completions", answer, methods=["POST"])])
    app = BaseHTTPMiddleware(TidegateMiddleware(inner, config=loaded), passes)
    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/v1/chat/completions", "headers": headers}
    async with asyncio.timeout(20):
        with contextlib.suppress(ClientDisconnect, ConnectionResetError):
            await app(scope, receive, send)
    assert statuses == [499]


@pytest.mark.parametrize(("rules", "kind", "told"), [(RULES, "application/json", 429), ("", "text/plain", None)])
def test_an_apps_error_that_is_no_json_stays_the_error_that_it_is(
    support: Any, tmp_path: Any, rules: str, kind: str, told: int | None
) -> None:
    async def answer(request: Request) -> Response:
        return PlainTextResponse("slow down", 429, {"retry-after": "7"})

    inner = Starlette(routes=[Route("/v1/chat/completions", answer, methods=["POST"])])
    loaded = support.gate_config(tmp_path, "http://127.0.0.1:9", "cache: {mode: exact}", rules)
    fine = {**CHAT, "messages": [{"role": "user", "content": "a bird"}]}
    with TestClient(TidegateMiddleware(inner, config=loaded)) as client:
        reply = client.post("/v1/chat/completions", json=fine)
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "7")
    assert reply.headers["content-type"].startswith(kind)
    assert reply.json()["error"]["code"] == told if told else reply.text == "slow down"


async def test_a_gate_that_cannot_start_stops_the_server_in_words(support: Any, tmp_path: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("it must not be asked")

    async def receive() -> dict[str, str]:
        return {"type": "lifespan.startup"}

    sent: list[dict[str, str]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    tested = "rules: [{id: a, detect: {keywords: [b]}, action: block, tests: [{text: c, expect: block}]}]"
    loaded = support.gate_config(tmp_path, "http://127.0.0.1:9", "cache: {mode: exact}", tested)
    await TidegateMiddleware(app, config=loaded)({"type": "lifespan"}, receive, send)
    assert [message["type"] for message in sent] == ["lifespan.startup.failed"]
    assert "a rule's own test fails" in sent[0]["message"]


async def test_a_wrong_file_is_told_at_once_or_where_starlette_makes_it_late_stops_the_server(tmp_path: Any) -> None:
    async def receive() -> dict[str, str]:
        return {"type": "lifespan.startup"}

    sent: list[dict[str, str]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    file = tmp_path / "gate.yaml"
    file.write_text("version: 1\nnonsense: 1\n")
    app = Starlette()
    with pytest.raises(ConfigError, match="nonsense"):
        TidegateMiddleware(app, config=file)
    app.add_middleware(TidegateMiddleware, config=file)
    await app({"type": "lifespan"}, receive, send)
    assert [message["type"] for message in sent] == ["lifespan.startup.failed"]
    assert f'{file}:2:1: unknown key "nonsense"' in sent[0]["message"]

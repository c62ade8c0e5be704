"""Three mounts, one verdict: proxy, middleware and transport say the same, byte for byte."""

import json
from typing import Any

import httpx2
import pytest
from openai import AsyncOpenAI, BadRequestError, OpenAI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from tidegate import Gate, TidegateMiddleware

RULES = """
include: [pack:pii]
rules:
  - {id: words.launch, detect: {keywords: [project falcon]}, action: block}
  - {id: words.secret, scope: output, detect: {regex: 'sesame-[0-9]{4}'}, action: redact}
"""
CACHE = "cache: {mode: exact}"
TEXTS = [
    "hello",
    "write to ada@example.com",
    "project falcon?",
    "the word is sesame-1234",
    "card 4111 1111 1111 1111, mail bob@example.org, card 4111 1111 1111 1111",
]


def ask(text: str, stream: bool) -> dict[str, Any]:
    return {"model": "gpt-test", "messages": [{"role": "user", "content": text}], "stream": stream}


def events(app: Any) -> list[str]:
    return app.state.seen


def wrapped_app(upstream: Any) -> Starlette:
    """An app that serves the provider's API and other things."""

    async def other(request: Request) -> PlainTextResponse:
        return PlainTextResponse("other: " + (await request.body()).decode())

    async def socket(ws: WebSocket) -> None:
        await ws.accept()
        await ws.send_text("heard " + await ws.receive_text())
        await ws.close()

    async def models(request: Request) -> JSONResponse:
        return JSONResponse({"mine": True})

    return Starlette(
        routes=[
            Route("/v1/models", models),
            Mount("/v1/chat/completions", app=upstream),
            Route("/other", other, methods=["POST"]),
            WebSocketRoute("/ws", socket),
        ]
    )


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("text", TEXTS)
async def test_the_three_mounts_answer_alike(
    serve: Any, upstream: Any, support: Any, tmp_path: Any, text: str, stream: bool
) -> None:
    proxy = serve(CACHE, RULES)
    over_proxy = httpx2.post(proxy + "/v1/chat/completions", json=ask(text, stream))
    loaded = support.gate_config(tmp_path, upstream.url, CACHE, RULES)
    async with httpx2.AsyncClient(transport=Gate(loaded).transport()) as client:
        inside = await client.post("https://api.example.com/v1/chat/completions", json=ask(text, stream))
        body = await inside.aread()
    app = TidegateMiddleware(upstream, config=loaded)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://app") as client:
        around = await client.post("/v1/chat/completions", json=ask(text, stream))
    assert over_proxy.status_code == inside.status_code == around.status_code
    assert over_proxy.content == body == around.content
    kept = ("x-tidegate-guard", "cache-status", "content-type")
    for name in kept:
        assert over_proxy.headers.get(name) == inside.headers.get(name) == around.headers.get(name), name


def test_the_middleware_leaves_everything_else_alone(upstream: Any, support: Any, tmp_path: Any) -> None:
    loaded = support.gate_config(tmp_path, upstream.url, CACHE, RULES)
    app = wrapped_app(upstream)
    lived: list[str] = []

    async def recorder(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            lived.append("lifespan")
        await app(scope, receive, send)

    with TestClient(TidegateMiddleware(recorder, config=loaded)) as client:
        assert client.post("/other", content=b"project falcon").text == "other: project falcon"
        assert client.get("/v1/models").json() == {"mine": True}
        assert client.get("/missing").status_code == 404
        with client.websocket_connect("/ws") as ws:
            ws.send_text("project falcon")
            assert ws.receive_text() == "heard project falcon"
        assert client.post("/v1/chat/completions", json=ask("project falcon", False)).status_code == 400
        assert client.post("/v1/chat/completions", json=ask("hello", False)).status_code == 200
    assert lived == ["lifespan"]


def test_the_official_client_works_through_the_proxy(serve: Any, upstream: Any) -> None:
    client = OpenAI(base_url=serve(CACHE, RULES) + "/v1", api_key="caller", max_retries=0)
    check_client(client, upstream)


def test_the_official_client_works_with_the_gate_inside(upstream: Any, support: Any, tmp_path: Any) -> None:
    gate = Gate(support.gate_config(tmp_path, upstream.url, CACHE, RULES))
    with httpx2.Client(transport=gate.transport()) as inner:
        check_client(OpenAI(base_url="https://api.example.com/v1", api_key="x", http_client=inner), upstream)


def check_client(client: OpenAI, upstream: Any) -> None:
    messages: Any = [{"role": "user", "content": "write to ada@example.com"}]
    whole = client.chat.completions.create(model="gpt-test", messages=messages)
    assert whole.choices[0].message.content == "You said: write to ada@example.com"
    assert whole.usage and whole.usage.total_tokens == 12
    options: Any = {"include_usage": True}
    chunks = list(
        client.chat.completions.create(model="gpt-test", messages=messages, stream=True, stream_options=options)
    )
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == "You said: write to ada@example.com"
    assert chunks[-1].usage and chunks[-1].usage.total_tokens == 12
    with pytest.raises(BadRequestError) as refused:
        client.chat.completions.create(model="gpt-test", messages=[{"role": "user", "content": "project falcon"}])
    assert refused.value.code == "content_filter"
    assert refused.value.type == "guardrail_blocked"
    assert [model.id for model in client.models.list()] == ["gpt-test"]
    assert not any("ada@example.com" in json.dumps(body) for body in upstream.requests)


async def test_without_providers_the_transport_goes_on_to_the_address_of_the_client(
    upstream: Any, support: Any, tmp_path: Any
) -> None:
    (tmp_path / "rules.yaml").write_text("version: 1\n" + RULES)
    text = "version: 1\nguardrails: {files: [rules.yaml]}\n"
    loaded = support.parse_config(text, file="gate.yaml", folder=tmp_path)
    http = httpx2.AsyncClient(transport=Gate(loaded).transport())
    async with AsyncOpenAI(base_url=upstream.url, api_key="mine", http_client=http) as client:
        reply = await client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "write to ada@example.com"}]
        )
    assert reply.choices[0].message.content == "You said: write to ada@example.com"
    assert b"ada@" not in upstream.raw[0]
    assert upstream.headers[0]["authorization"] == "Bearer mine"


def test_a_leaving_client_closes_the_upstream(serve: Any, upstream: Any, support: Any) -> None:
    import asyncio
    import time

    async def endless(body: Any, send: Any) -> None:
        await support.start_stream(send)
        while True:
            await support.push(send, support.chunk({"content": "word "}))
            await asyncio.sleep(0.01)

    upstream.script = endless
    with httpx2.stream("POST", serve("", RULES) + "/v1/chat/completions", json=ask("go on", True)) as reply:
        next(reply.iter_bytes())
    for _ in range(100):
        if upstream.closed:
            break
        time.sleep(0.01)
    assert upstream.closed == 1

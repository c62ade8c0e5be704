"""Around an app: no spelling of a path, no method and no mount leads past the gate."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from tidegate import TidegateMiddleware

RULES = "rules:\n  - {id: words.launch, detect: {keywords: [falcon]}, action: block}\n"
GEMINI = {"contents": [{"parts": [{"text": "falcon"}]}]}
CHAT = {"model": "m", "messages": [{"role": "user", "content": "falcon"}]}
PREFLIGHT = {
    "origin": "https://a.example",
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type",
}


@pytest.fixture
def heard() -> list[bytes]:
    """The bodies that reached the app."""
    return []


@pytest.fixture
def client(heard: list[bytes], support: Any, tmp_path: Any) -> Iterator[TestClient]:
    async def answer(request: Request) -> Response:
        heard.append(await request.body())
        return JSONResponse({"said": request.method})

    class Every:
        """Answers whatever the method is."""

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await (await answer(Request(scope, receive)))(scope, receive, send)

    cors = Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])
    gemini = [Route("/v1beta/models/{model:path}:generateContent" + end, Every()) for end in ("", "/")]
    app = Starlette(routes=[*gemini, Route("/v1/chat/completions", Every())], middleware=[cors])
    loaded = support.gate_config(tmp_path, "http://127.0.0.1:9", "cache: {mode: exact}", RULES)
    with TestClient(TidegateMiddleware(app, config=loaded)) as client:
        yield client


@pytest.mark.parametrize("end", ["", "/"])
@pytest.mark.parametrize(
    "model", ["m+1", "gemini 2", "_m", "m" * 200, "a/b", "a%2Fb", "%0A", "a%0Ab", "m%3A", "%C3%A9", ""]
)
def test_no_name_of_a_model_leads_past_the_gate(client: TestClient, heard: list[bytes], model: str, end: str) -> None:
    answer = client.post(f"/v1beta/models/{model}:generateContent{end}", json=GEMINI)
    assert (answer.status_code, heard) == (404, [])
    assert answer.json()["error"]["details"][0]["metadata"] == {"param": "model"}


@pytest.mark.parametrize(
    "path",
    [
        "/v1/chat/completions%0A",
        "//v1/chat/completions",
        "/v1//chat/completions",
        "/v1/chat/completions/%0A",
        "/v1beta/models/m:generateContent%0A",
        "//v1beta//models/m:generateContent",
    ],
)
def test_no_spelling_that_an_app_takes_leads_past_the_gate(client: TestClient, heard: list[bytes], path: str) -> None:
    answer = client.post("http://app.example" + path, json=GEMINI if "beta" in path else CHAT)
    assert (answer.status_code, heard) == (400, [])


def test_a_browser_may_ask_the_app_whether_it_may_ask(client: TestClient) -> None:
    answer = client.options("/v1/chat/completions", headers=PREFLIGHT)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")


def test_asking_so_brings_the_app_no_body(client: TestClient, heard: list[bytes]) -> None:
    assert client.request("OPTIONS", "/v1/chat/completions", json=CHAT).json() == {"said": "OPTIONS"}
    assert heard == [b""]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE"])
def test_other_methods_do_not_reach_the_app(client: TestClient, heard: list[bytes], method: str) -> None:
    assert client.request(method, "/v1/chat/completions", json=CHAT).status_code == 405
    assert heard == []


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_apps_own_list_at_a_path_of_a_dialect_is_answered(
    client: TestClient, heard: list[bytes], method: str
) -> None:
    assert client.request(method, "/v1/chat/completions?limit=1").json() == {"said": method}
    assert heard == [b""]


def test_a_body_that_no_length_announces_does_not_reach_the_app_by_get(client: TestClient, heard: list[bytes]) -> None:
    assert client.request("GET", "/v1/chat/completions", content=iter([b"falcon"])).status_code == 405
    assert heard == []


@pytest.mark.parametrize("sent", [{}, {"authorization": "Bearer nobody"}])
def test_who_may_not_ask_gets_no_list_either(support: Any, tmp_path: Any, sent: dict[str, str]) -> None:
    async def answer(request: Request) -> Response:
        return JSONResponse({"said": request.method})

    key = "a-key-of-sixteen-and-more"
    keys = f"cache: {{mode: exact}}\nkeys: {{require: true, known: [{{name: shop, key: {key}}}]}}"
    loaded = support.gate_config(tmp_path, "http://127.0.0.1:9", keys, RULES)
    app = TidegateMiddleware(Starlette(routes=[Route("/v1/chat/completions", answer)]), config=loaded)
    with TestClient(app) as client:
        assert client.get("/v1/chat/completions", headers=sent).status_code == 401
        known = {"authorization": f"Bearer {key}"}
        assert client.get("/v1/chat/completions", headers=known).json() == {"said": "GET"}


@pytest.mark.parametrize("place", ["/v1", "/llm", "/api/v1"])
def test_a_gate_guards_the_app_wherever_it_is_mounted(support: Any, tmp_path: Any, place: str) -> None:
    async def answer(request: Request) -> Response:
        return JSONResponse({"said": (await request.body()).decode()})

    below = "/chat/completions" if place.endswith("/v1") else "/v1/chat/completions"
    loaded = support.gate_config(tmp_path, "http://127.0.0.1:9", "cache: {mode: exact}", RULES)
    inner = Starlette(routes=[Route(below, answer, methods=["POST", "OPTIONS"])])
    app = Starlette(routes=[Mount(place, app=TidegateMiddleware(inner, config=loaded))])
    with TestClient(app) as client:
        assert client.post(place + below, json=CHAT).status_code == 400
        fine = {**CHAT, "messages": [{"role": "user", "content": "a bird"}]}
        assert "a bird" in client.post(place + below, json=fine).json()["said"]
        assert client.request("OPTIONS", place + below, json=CHAT).json() == {"said": ""}


def test_an_endpoint_below_a_prefix_that_nobody_reads_is_warned_of_once(
    support: Any, tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def answer(request: Request) -> Response:
        return JSONResponse({"said": (await request.body()).decode()})

    loaded = support.gate_config(tmp_path, "http://127.0.0.1:9", "cache: {mode: exact}", RULES)
    paths = ["/api/v1/chat/completions", "/{tenant}/v1beta/models/m:generateContent", "/v1/threads/t/messages"]
    app = Starlette(routes=[Route(path, answer, methods=["POST"]) for path in paths])
    with TestClient(TidegateMiddleware(app, config=loaded)) as client:
        caplog.clear()
        for path in [*paths, *paths, "/none/v1/embeddings"]:
            client.post(path, json=CHAT)
    warned = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert [message.partition(" with ")[2].partition(":")[0] for message in warned[:1]] == ["/v1/chat/completions"]
    assert len(warned) == 2 and "generateContent" in warned[1] and "tenant" not in warned[1]


def test_a_websocket_that_an_app_takes_where_requests_are_read_is_warned_of_once(
    support: Any, tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def socket(ws: WebSocket) -> None:
        await ws.accept()
        await ws.send_text("heard " + await ws.receive_text())
        await ws.close()

    loaded = support.gate_config(tmp_path, "http://127.0.0.1:9", "cache: {mode: exact}", RULES)
    app = Starlette(routes=[WebSocketRoute("/v1/responses", socket), WebSocketRoute("/ws", socket)])
    with TestClient(TidegateMiddleware(app, config=loaded)) as client:
        caplog.clear()
        for path in ("/v1/responses", "/v1/responses", "/ws"):
            with client.websocket_connect(path) as ws:
                ws.send_text("hi")
                assert ws.receive_text() == "heard hi"
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/v1/messages"):
            pass
    warned = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert warned == ["the app takes websockets at /v1/responses, unread: no rule is asked there"]


async def test_a_long_path_of_an_app_takes_no_time(support: Any, tmp_path: Any) -> None:
    async def answer(request: Request) -> Response:
        return JSONResponse({})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    sent: list[str] = []
    loaded = support.parse_config("version: 1\n", file="gate.yaml", folder=tmp_path)
    app = TidegateMiddleware(Starlette(routes=[Route("/{rest:path}", answer, methods=["POST"])]), config=loaded)
    scope = {"type": "http", "method": "POST", "path": "/" + "a/" * 15_000, "headers": []}
    began = time.process_time()
    await app(scope, receive, send)
    assert len(sent) == 2 and time.process_time() - began < 2.0, "all its ends would be 200 MB to read"


@pytest.mark.parametrize(
    "addresses",
    [
        ("http://one.example/a", "http://one.example/b"),
        ("http://one.example/a", "http://two.example/a"),
        ("http://one.example/a?tenant=1", "http://one.example/a?tenant=2"),
    ],
    ids=["mount", "host", "query"],
)
def test_what_one_address_of_an_app_answers_is_not_anothers(
    support: Any, tmp_path: Any, addresses: tuple[str, str]
) -> None:
    async def answer(request: Request) -> Response:
        return JSONResponse(support.completion(str(request.url), {}))

    loaded = support.parse_config("version: 1\ncache: {mode: exact}\n", file="gate.yaml", folder=tmp_path)
    inner = Starlette(routes=[Route("/v1/chat/completions", answer, methods=["POST"])])
    app = Starlette(routes=[Mount("/{tenant}", app=TidegateMiddleware(inner, config=loaded))])
    with TestClient(app) as client:
        for address in addresses * 2:
            place, _, query = address.partition("?")
            url = f"{place}/v1/chat/completions" + (f"?{query}" if query else "")
            reply = client.post(url, json=CHAT)
            assert reply.json()["choices"][0]["message"]["content"] == url
        assert "hit" in reply.headers["cache-status"]


def test_the_key_and_the_form_in_googles_queries_keep_no_answers_apart(support: Any, tmp_path: Any) -> None:
    async def answer(request: Request) -> Response:
        return JSONResponse({"candidates": [{"content": {"parts": [{"text": "hi"}]}, "finishReason": "STOP"}]})

    loaded = support.parse_config(
        "version: 1\ncache: {mode: exact, share: all, shared_after: 1}\n", file="gate.yaml", folder=tmp_path
    )
    inner = Starlette(routes=[Route("/v1beta/models/m:generateContent", answer, methods=["POST"])])
    with TestClient(TidegateMiddleware(inner, config=loaded)) as client:
        said = [
            client.post(f"/v1beta/models/m:generateContent?{query}", json=GEMINI).headers["cache-status"]
            for query in ("key=one", "alt=json&key=two", "key=two&x=1")
        ]
    assert ["hit" in each for each in said] == [False, True, False]


async def test_a_body_that_is_played_again_without_end_does_not_hold_up_options(support: Any, tmp_path: Any) -> None:
    heard: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        heard.append(await receive())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await receive()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    loaded = support.parse_config("version: 1\n", file="gate.yaml", folder=tmp_path)
    scope = {"type": "http", "method": "OPTIONS", "path": "/v1/chat/completions", "headers": []}
    await TidegateMiddleware(app, config=loaded)(scope, receive, receive)
    assert heard == [{"type": "http.request", "body": b"", "more_body": False}]

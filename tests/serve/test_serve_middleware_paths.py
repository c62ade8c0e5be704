"""Around an app: what its router or its parser minds less than others, a gate in front of it minds as little."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlparse

import pytest

from tidegate import TidegateMiddleware

RULES = "rules:\n  - {id: words.launch, detect: {keywords: [falcon]}, action: block}\n"
CHAT = "/v1/chat/completions"
SAID = {"model": "m", "messages": [{"role": "user", "content": "falcon"}]}
Reads = Callable[[dict[str, Any]], str]


class Routed:
    """An app with one endpoint, whose router reads a path in its own way."""

    def __init__(self, reads: Reads) -> None:
        self.heard = 0
        self._reads = reads

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        found = self._reads(scope) == CHAT
        self.heard += found
        await send({"type": "http.response.start", "status": 200 if found else 404, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


def quart(scope: dict[str, Any]) -> str:
    path: str = scope["path"]
    return path if path[0] == "/" else "/" + urlparse(path).path.lstrip("/")


def litestar(scope: dict[str, Any]) -> str:
    path: str = scope["path"]
    root = scope["root_path"]
    return "/" + (path.split(root, maxsplit=1)[-1] if root else path).strip("/")


def blacksheep(scope: dict[str, Any]) -> str:
    return scope["path"].lower()


async def asked(app: Any, path: str, *, root: str = "", kind: str = "application/json", body: bytes = b"") -> int:
    body = body or json.dumps(SAID).encode()
    headers = [(b"host", b"app"), (b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    scope = {"type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "query_string": b""}
    scope |= {"path": path, "raw_path": path.encode(), "root_path": root, "headers": headers}
    coming, sent = [{"type": "http.request", "body": body, "more_body": False}], list[dict[str, Any]]()

    async def receive() -> dict[str, Any]:
        if not coming:
            await asyncio.Event().wait()
        return coming.pop()

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"]


@pytest.fixture
def around(support: Any, tmp_path: Any) -> Callable[[Any], Any]:
    loaded = support.gate_config(tmp_path, "http://127.0.0.1:9", "cache: {mode: exact}", RULES)
    return lambda app: TidegateMiddleware(app, config=loaded)


@pytest.mark.parametrize(
    ("reads", "path", "root"),
    [
        (quart, "http://app.example" + CHAT, ""),
        (quart, "x:" + CHAT, ""),
        (quart, "x:" + CHAT + "?a", ""),
        (quart, " " + CHAT, ""),
        (quart, "v1/chat/completions", ""),
        (litestar, "v1/chat/completions", ""),
        (litestar, "/x/api" + CHAT, "/api"),
        (blacksheep, "/V1/Chat/Completions", ""),
    ],
)
async def test_no_router_reads_a_path_more_kindly_than_the_gate(
    around: Callable[[Any], Any], reads: Reads, path: str, root: str
) -> None:
    app = Routed(reads)
    assert await asked(app, path, root=root) == 200 and app.heard == 1
    assert await asked(around(app), path, root=root) == 400
    assert app.heard == 1


async def test_no_address_is_no_path_and_the_apps_to_answer(around: Callable[[Any], Any]) -> None:
    assert await asked(around(Routed(litestar)), "http://[/v1") == 404


async def test_an_app_that_answers_below_a_place_of_its_own_is_read_there_too(around: Callable[[Any], Any]) -> None:
    class Below(Routed):
        root_path = "/api"  # as FastAPI has it

    class Layer:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await self.app(scope, receive, send)

    app = Below(lambda scope: scope["path"].removeprefix("/api"))
    for path in (CHAT, "/api" + CHAT):
        assert await asked(around(Layer(app)), path) == 400
    assert app.heard == 0


@pytest.mark.parametrize(
    ("named", "status"),
    [
        ("; charset=utf-8", 200),
        ('; charset="UTF-8"', 200),
        ("; charset='utf-8'", 200),
        ("; charset=", 200),
        ("; charset=utf-7", 415),
        ("; charset=''utf-7", 415),
        ('; a="; charset=utf-8"; CHARSET = "utf-16"', 415),
        ("; charset*=utf-8''utf-7", 415),
    ],
)
async def test_a_body_is_read_as_one_behind_the_gate_reads_it(
    around: Callable[[Any], Any], named: str, status: int
) -> None:
    """BlackSheep reads JSON in the charset that a request names: in UTF-7 this says falcon."""
    body = b'{"model":"m","messages":[{"role":"user","content":"+AGYAYQBsAGMAbwBu-"}]}'
    app = Routed(litestar)
    assert await asked(around(app), CHAT, kind="application/json" + named, body=body) == status
    assert app.heard == (status == 200)

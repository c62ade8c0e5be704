"""A host that answers all that an SDK can ask for, with values made from the SDK's own types.

A stream is one event. What has no type is bytes. Paths are taken with and without `/v1`.
"""

import json
from typing import Any

from pydantic import BaseModel

from .operations import Operation, Operations
from .samples import sample

_BINARY = ("HttpxBinaryResponseContent", "BinaryAPIResponse", "Response")
MODELS = {"openai": "model", "anthropic": "model_id"}
"""The one model that each host lists: what the suites ask for by name."""


class Mock:
    """An ASGI app for one SDK, `openai` or `anthropic`. `unknown` are the requests that it had no answer to."""

    def __init__(self, sdk: str) -> None:
        self._operations = Operations(sdk)
        self._prefix = "/v1" if sdk == "openai" else ""
        self._model = MODELS[sdk]
        self.unknown: list[str] = []
        self._made: dict[Any, Any] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        path, query = scope["path"], scope["query_string"].decode()
        path = path.removeprefix(self._prefix) if path.startswith(self._prefix + "/") else path
        beta = any(name in (b"anthropic-beta", b"openai-beta") for name, _ in scope["headers"])
        found = self._operations.find(scope["method"], path, query, beta)
        if found is None:
            self.unknown.append(f"{scope['method']} {path}")
            await _reply(send, 404, "application/json", b'{"error": {"message": "unknown"}}')
        else:
            await _reply(send, *self._answer(found, _asks_for_stream(body, query)))

    def _answer(self, found: Operation, streams: bool) -> tuple[int, str, bytes]:
        if found.event is not None and (streams or found.always_streams):
            event = self._sample(found.event)
            kind = event.get("type") if isinstance(event, dict) else None
            name = f"event: {kind}\n" if isinstance(kind, str) else ""
            return 200, "text/event-stream", f"{name}data: {json.dumps(event)}\n\n".encode() + _end(found)
        if found.reply in (None, type(None)) and found.event is None:
            return 204, "", b""
        if found.reply is str:
            return 200, "text/plain", b"text"
        if getattr(found.reply, "__name__", "") in _BINARY and not issubclass(found.reply, BaseModel):
            return 200, "application/octet-stream", b"\x00\x01\xff bytes"
        if "JSONLDecoder" in str(found.reply):
            [line] = found.reply.__args__
            return 200, "application/x-jsonl", json.dumps(self._sample(line)).encode() + b"\n"
        return 200, "application/json", json.dumps(self._sample(found.reply)).encode()

    def _sample(self, of: Any) -> Any:
        key = id(of)  # types of one name differ; each lives as long as the SDK
        if key not in self._made:
            self._made[key] = sample(of, names=self._model)
        return self._made[key]


def _end(found: Operation) -> bytes:
    return b"data: [DONE]\n\n" if found.path in ("/chat/completions", "/completions") else b""


def _asks_for_stream(body: bytes, query: str) -> bool:
    if "stream=true" in query.split("&"):
        return True
    if body.startswith(b"{"):
        return json.loads(body).get("stream") is True
    return b'name="stream"\r\n\r\ntrue' in body


async def _reply(send: Any, status: int, kind: str, body: bytes) -> None:
    headers = [(b"content-type", kind.encode())] if kind else []
    if status != 204:
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

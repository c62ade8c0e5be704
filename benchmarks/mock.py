"""A mock upstream: answers chat completions at once, streamed or not. Run: python -m benchmarks.mock PORT"""

import json
import sys
from typing import Any

import uvicorn

ANSWER = "The answer to that question is the one that was asked for, in a sentence of ordinary length."


def _body(model: str) -> bytes:
    message = {"role": "assistant", "content": ANSWER, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    usage = {"prompt_tokens": 20, "completion_tokens": 20, "total_tokens": 40}
    head = {"id": "chatcmpl-mock", "object": "chat.completion", "created": 1, "model": model}
    return json.dumps({**head, "choices": [choice], "usage": usage}).encode()


def _events(model: str) -> list[bytes]:
    head = {"id": "chatcmpl-mock", "object": "chat.completion.chunk", "created": 1, "model": model}
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": word + " "} for word in ANSWER.split()]
    chunks = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    return [b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks] + [b"data: [DONE]\n\n"]


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    raw = b""
    while True:
        message = await receive()
        raw += message.get("body", b"")
        if not message.get("more_body"):
            break
    asked = json.loads(raw)
    if asked.get("stream"):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        for event in _events(asked["model"]):
            await send({"type": "http.response.body", "body": event, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        return
    body = _body(asked["model"])
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    options: dict[str, Any] = {"loop": "uvloop", "http": "httptools", "lifespan": "off", "log_level": "warning"}
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, **options)

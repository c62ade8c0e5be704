"""What is never answered from memory says why, and each reason can be turned off where it may be."""

from collections.abc import Callable
from typing import Any

import httpx2

Serve = Callable[..., str]


def ask(url: str, text: str, headers: dict[str, str] | None = None, **more: Any) -> httpx2.Response:
    body = {"model": "m", "messages": [{"role": "user", "content": text}], **more}
    return httpx2.post(url + "/v1/chat/completions", json=body, headers=headers or {}, timeout=30)


def status(response: httpx2.Response) -> str:
    return response.headers["cache-status"]


def test_time_sensitive_questions_go_to_the_model_every_time(serve: Serve, upstream: Any) -> None:
    url = serve("cache: {mode: exact, bypass: {words: [stock level]}}")
    for _ in range(2):
        assert status(ask(url, "What is the weather today?")) == "tidegate; fwd=bypass; detail=time-sensitive"
        assert status(ask(url, "The STOCK LEVEL of bolts?")) == "tidegate; fwd=bypass; detail=word"
    assert len(upstream.requests) == 4
    only = ask(url, "What is the weather today?", {"cache-control": "only-if-cached"})
    assert only.status_code == 504 and only.json()["error"]["code"] == "not_in_cache"
    assert status(only) == "tidegate; detail=time-sensitive"


def test_each_rule_can_be_turned_off(serve: Serve, upstream: Any) -> None:
    url = serve("cache: {mode: exact, bypass: {time_sensitive: false, sampling: false}}")
    for ask_it in (lambda: ask(url, "What is the weather today?"), lambda: ask(url, "A poem", temperature=1.5)):
        assert "fwd=miss; stored" in status(ask_it())
        hit = ask_it()
        assert "hit; detail=exact" in status(hit) and hit.headers["age"] == "0"
    assert len(upstream.requests) == 2


def test_other_reasons_are_named(serve: Serve) -> None:
    url = serve("cache: {mode: exact}")
    assert "detail=sampling" in status(ask(url, "A poem", temperature=1.5))
    image = [{"type": "image_url", "image_url": {"url": "https://pictures.example/1.png"}}]
    assert "detail=not-only-text" in status(ask(url, image))  # type: ignore[arg-type]
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    turns = [
        {"role": "user", "content": "x"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "5"},
    ]
    assert "detail=tool-result" in status(ask(url, "", messages=turns))
    assert "detail=no-store" in status(ask(url, "A question", {"cache-control": "no-store"}))

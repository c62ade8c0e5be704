"""A user's word on a hit, through every mount; what metrics and the command line show of it."""

import json
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

from tidegate.governance.ledger import read

CACHE = "cache: {mode: semantic, verifier: words, audit: 0, store: '%s'}\n"


def chat(url: str, text: str, key: str = "k-ann") -> httpx2.Response:
    body = {"model": "gpt-test", "messages": [{"role": "user", "content": text}]}
    return httpx2.post(url + "/v1/chat/completions", json=body, headers={"authorization": f"Bearer {key}"})


def tell(url: str, body: Any, key: str = "k-ann") -> httpx2.Response:
    return httpx2.post(url + "/tidegate/feedback", json=body, headers={"authorization": f"Bearer {key}"})


def hit(url: str) -> str:
    """The id of an answer from memory to a reworded question."""
    chat(url, "What is the capital of France?")
    until = time.monotonic() + 30
    while time.monotonic() < until:
        got = chat(url, "Tell me the capital city of France.")
        if "detail=semantic" in got.headers["cache-status"]:
            return got.headers["x-tidegate-feedback"]
        # The index is filled after the reply: until then it is a miss, which would make an exact hit of the next.
        word = {"id": chat(url, "Tell me the capital city of France.").headers["x-tidegate-feedback"], "correct": False}
        tell(url, word)
    raise AssertionError("no semantic hit")


@pytest.fixture(scope="module", autouse=True)
def encoder() -> None:
    from tidegate.models.embedding import prepare

    prepare.prepare()


def test_a_word_is_taken_once_and_from_the_same_caller_only(serve: Any) -> None:
    url = serve(CACHE % "memory:")
    chat(url, "What is the capital of France?")
    found = chat(url, "What is the capital of France?").headers["x-tidegate-feedback"]
    assert tell(url, {"id": found, "correct": True}, key="k-bob").status_code == 404
    got = tell(url, {"id": found, "correct": True})
    assert (got.status_code, got.json()) == (200, {"id": found, "correct": True})
    got = tell(url, {"id": found, "correct": True})
    assert got.status_code == 404 and got.json()["error"]["code"] == "unknown_exchange"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"id": "tg_nobody", "correct": False}, 404),
        ({"id": "tg_1"}, 400),
        ({"id": "", "correct": True}, 400),
        ({"id": "tg_1", "correct": 1}, 400),
        ({"id": 7, "correct": True}, 400),
        ({"id": "tg_1", "correct": True, "why": "secret text"}, 400),
        ([], 400),
    ],
)
def test_what_is_no_word_is_refused_without_repeating_it(serve: Any, body: Any, status: int) -> None:
    url = serve("cache: {mode: exact}")
    got = tell(url, body)
    assert got.status_code == status and "secret" not in got.text
    assert httpx2.get(url + "/tidegate/feedback").status_code == 405
    assert httpx2.post(url + "/tidegate/feedback", content=b"{}").status_code == 415


def test_without_a_cache_there_is_no_such_endpoint(serve: Any) -> None:
    assert tell(serve(), {"id": "tg_1", "correct": True}).status_code == 404


async def test_the_middleware_answers_it_in_front_of_the_app(tmp_path: Path, support: Any) -> None:
    from tidegate.serve.middleware import TidegateMiddleware

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await support.reply_json(send, support.completion("Paris.", {}))

    config = support.parse_config("version: 1\ncache: {mode: exact}\n", file="gate.yaml", folder=tmp_path)
    mounted = TidegateMiddleware(app, config=config)
    transport = httpx2.ASGITransport(app=mounted)
    async with httpx2.AsyncClient(transport=transport, base_url="http://app") as client:
        body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
        await client.post("/v1/chat/completions", json=body)
        got = await client.post("/v1/chat/completions", json=body)
        assert "detail=exact" in got.headers["cache-status"]
        word = {"id": got.headers["x-tidegate-feedback"], "correct": False}
        assert (await client.post("/tidegate/feedback", json=word)).status_code == 200
        got = await client.post("/v1/chat/completions", json=body)
        assert "fwd=miss" in got.headers["cache-status"]
        assert (await client.get("/tidegate/other")).json()["choices"]  # any other path is the app's
    await mounted.gate.aclose()


def test_words_and_hits_are_shown_by_metrics_and_stats(
    serve: Any, tmp_path: Path, upstream: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tidegate.serve.cli import app

    url = serve(CACHE % "sqlite:cache.db")
    found = hit(url)
    assert tell(url, {"id": found, "correct": False}).status_code == 200
    shown = httpx2.get(url + "/metrics").text
    assert 'tidegate_cache_scope_hits{kind="semantic",scope="' in shown
    assert 'word="wrong"} 1.0' in shown and "tidegate_cache_semantic_off{" in shown
    assert "k-ann" not in shown
    config = tmp_path / "gate.yaml"
    config.write_text(
        f"version: 1\nproviders: {{up: {{kind: openai, base_url: '{upstream.url}'}}}}\n" + CACHE % "sqlite:cache.db"
    )
    until = time.monotonic() + 30
    scopes: list[Any] = []
    # Written a second late at most.
    while not (scopes and scopes[0]["users"]["wrong"]) and time.monotonic() < until:
        out = CliRunner().invoke(app, ["cache", "stats", "--config", str(config), "--json"])
        scopes = json.loads(out.output)["scopes"]
    assert scopes[0]["users"]["wrong"] == 1 and scopes[0]["hits"]["semantic"] >= 1
    assert scopes[0]["saved"]["tokens"] >= 12
    out = CliRunner().invoke(app, ["cache", "stats", "--config", str(config)])
    assert out.exit_code == 0 and scopes[0]["scope"] in out.output


def test_an_audit_reaches_the_provider_after_the_caller_was_answered(serve: Any, upstream: Any) -> None:
    upstream.answer = lambda body: "Paris."
    url = serve((CACHE % "memory:").replace("audit: 0", "audit: 1.0"))
    until = time.monotonic() + 30
    hit(url)
    while 'result="same",scope="' not in (shown := httpx2.get(url + "/metrics").text) and time.monotonic() < until:
        pass
    assert [line for line in shown.splitlines() if 'result="same"' in line and line.endswith(" 1.0")]


def test_an_audit_is_logged_and_priced_as_an_audit(serve: Any, upstream: Any, tmp_path: Path) -> None:
    upstream.answer = lambda body: "Paris."
    url = serve(
        (CACHE % "memory:").replace("audit: 0", "audit: 1.0")
        + "log: {store: 'sqlite:log.db'}\nmodels: {gpt-test: {input: 1000000, output: 1000000}}\n"
    )
    found = hit(url)
    until = time.monotonic() + 30
    rows: list[dict[str, Any]] = []
    while not rows and time.monotonic() < until:
        rows = [row for row in read(tmp_path / "log.db", 100) if row["cache"] == "audit"]
    (row,) = rows
    assert row["id"] == found.partition(".")[0] + ".audit" and row["caller"] == "audit"
    assert (row["provider"], row["status"], row["input_tokens"], row["output_tokens"]) == ("up", 200, 5, 7)
    assert row["cost"] == 12.0
    shown = httpx2.get(url + "/metrics").text
    assert 'tidegate_cache_audit_spent{of="tokens"} 12.0' in shown
    assert 'tidegate_cache_audit_spent{of="cost"} 12.0' in shown
    asked = len(upstream.requests)  # the audit's among them
    assert f'tidegate_cost_dollars_total{{model="gpt-test",provider="up"}} {12.0 * (asked - 1)}' in shown

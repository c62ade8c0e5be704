"""Models as callers see them: the list, aliases, and what an answer cost, in headers, log and metrics."""

import asyncio
import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import openai
import pytest

from tidegate.engine.errors import ConfigError
from tidegate.governance.ledger import Ledger, read
from tidegate.models.aliases import resolved
from tidegate.models.catalogue import Catalogue, Facts
from tidegate.serve.config.gate_yaml import parse_config
from tidegate.serve.config.models import providers_of
from tidegate.serve.listing import Listing
from tidegate.tests.places import lines_only

PRICED = "models: {gpt-test: {context: 1000, input: 1.0, output: 10.0, cached: 0.5}}\n"
COST = (5 * 1.0 + 7 * 10.0) / 1e6
"""Of the scripted upstream's answers: 5 tokens in, 7 out."""
CHAT = {"model": "gpt-test", "messages": [{"role": "user", "content": "hello"}]}


def metrics(url: str) -> dict[str, float]:
    lines = [line.rsplit(" ", 1) for line in httpx2.get(url + "/metrics").text.splitlines() if line[:1] != "#"]
    return {name: float(value) for name, value in lines}


@pytest.mark.parametrize(
    ("rest", "line", "says"),
    [
        ("aliases:\n  fast: gpt-5", 7, 'the alias "fast" leads to the model "gpt-5", which no route serves'),
        ("aliases:\n  fast: gpt-4-mimi", 7, 'did you mean "gpt-4-mini"?'),
        ("aliases:\n  a: b\n  b: c\n  c: a", 6, 'the alias "a" leads in a circle: a -> b -> c -> a'),
        ("aliases:\n  a: a", 6, "leads in a circle: a -> a"),
        ("aliases:\n  x: deep\n  a: b\n  b: a", 6, 'the alias "a" leads in a circle'),
        ("aliases:\n  fast: [gpt-4-mini]", 7, "string"),
        ("models:\n  gpt-5: {context: 5}", 7, 'no route serves the model "gpt-5"'),
        ("models:\n  gpt-4-mini: {}", 7, "says nothing"),
        ("models:\n  gpt-4-mini: {input: 1}", 7, "input and output belong together"),
        ("models:\n  gpt-4-mini: {context: 5, cached: 1}", 7, "cached needs input"),
        ("models:\n  gpt-4-mini: {contxt: 5}", 7, 'did you mean "context"?'),
        ("models:\n  gpt-4-mini: {input: -1, output: 1}", 7, "greater than or equal to 0"),
    ],
)
def test_what_leads_to_nothing_is_refused_at_start(rest: str, line: int, says: str) -> None:
    text = "version: 1\nproviders: {p: {kind: groq}}\nroutes:\n  - when: {model: [gpt-4-mini, 'deep*']}\n    to: [p]\n"
    with pytest.raises(ConfigError) as refused:
        parse_config(text + rest, file="gate.yaml", folder=Path())
    assert lines_only(refused.value).startswith(f"gate.yaml:{line}: ") and says in str(refused.value)


def test_what_is_known_of_a_model_may_be_said_by_the_name_that_its_provider_is_asked_for() -> None:
    text = (
        "version: 1\nproviders: {p: {kind: groq}}\n"
        "routes: [{when: {model: fast}, to: [{provider: p, model: gpt-4-mini}]}]\nmodels: {gpt-4-mini: {context: 5}}\n"
    )
    assert parse_config(text, file="gate.yaml", folder=Path()).config.models["gpt-4-mini"].context == 5


def test_an_alias_may_lead_to_another() -> None:
    assert resolved({"a": "b", "b": "c", "d": "c"}) == {"a": "c", "b": "c", "d": "c"}


@pytest.mark.parametrize("stream", [False, True])
def test_an_alias_is_its_model_on_the_way_and_the_reply_says_the_model(serve: Any, upstream: Any, stream: bool) -> None:
    url = serve("aliases: {fast: quick, quick: gpt-test}\n")
    with openai.OpenAI(base_url=url + "/v1", api_key="k") as client:
        reply = client.chat.completions.create(model="fast", messages=CHAT["messages"], stream=stream)  # type: ignore
        assert (next(iter(reply)).model if stream else reply.model) == "gpt-test"
    assert upstream.requests[-1]["model"] == "gpt-test"


def test_an_alias_and_its_model_share_an_answer(serve: Any, upstream: Any) -> None:
    url = serve("aliases: {fast: gpt-test}\ncache: {mode: exact, share: all}\n")
    httpx2.post(url + "/v1/chat/completions", json=CHAT)
    again = httpx2.post(url + "/v1/chat/completions", json={**CHAT, "model": "fast"})
    assert "hit" in again.headers["cache-status"] and len(upstream.requests) == 1


def test_an_alias_in_a_path_is_its_model_too(support: Any, upstream: Any) -> None:
    base = upstream.url.removesuffix("/v1")
    text = f"version: 1\nproviders: {{g: {{kind: gemini, base_url: '{base}'}}}}\naliases: {{fast: gemini-other}}\n"
    running = support.Running(support.Gate(parse_config(text, file="g", folder=Path())).app())
    try:
        body = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}
        httpx2.post(running.url + "/v1beta/models/fast:generateContent", json=body)
        assert upstream.paths[-1] == "/v1beta/models/gemini-other:generateContent"
        assert "model" not in upstream.requests[-1]
    finally:
        running.stop()


def test_the_list_is_what_a_caller_may_ask_for(serve: Any, upstream: Any) -> None:
    url = serve(
        "routes:\n  - {when: {model: [gpt-*, named-1]}, to: [up]}\n"
        "aliases: {fast: gpt-test}\n" + PRICED.replace("}}", "}, gpt-other: {context: 5}}")
    )
    listed = {model["id"]: model for model in httpx2.get(url + "/v1/models").json()["data"]}
    assert list(listed) == ["gpt-test", "named-1", "gpt-other", "fast"]
    pricing = {"input": 1.0, "output": 10.0, "cached": 0.5}
    assert listed["gpt-test"] == {
        "id": "gpt-test",
        "object": "model",
        "owned_by": "test",
        "context_window": 1000,
        "pricing": pricing,
    }
    assert listed["fast"] == {**listed["gpt-test"], "id": "fast", "alias_of": "gpt-test"}
    assert (listed["named-1"]["owned_by"], listed["gpt-other"]["context_window"]) == ("up", 5)
    assert httpx2.get(url + "/v1/models/fast").json()["alias_of"] == "gpt-test"
    with openai.OpenAI(base_url=url + "/v1", api_key="k") as client:
        assert [model.id for model in client.models.list()] == list(listed)
    asked = len(upstream.headers)
    httpx2.get(url + "/v1/models")
    assert len(upstream.headers) == asked, "a list is used again for a while"


@pytest.mark.parametrize(
    "when", ["{key: vip}", "{header: {x-canary: '1'}}", "{tokens: {over: 8000}}", "{stream: true}"]
)
def test_a_route_that_asks_for_more_hides_no_model_of_the_next(when: str) -> None:
    text = "version: 1\nproviders: {a: {kind: groq}, b: {kind: groq}}\n"
    text += "keys: {known: [{name: vip, key: k-12345678901234567890}]}\n"
    text += f"routes:\n  - {{when: {when}, to: [a]}}\n  - {{to: [b]}}\n"
    config = parse_config(text, file="gate.yaml", folder=Path()).config
    assert providers_of(config, "any-model") == ["b", "a"]


def test_models_that_no_route_leads_to_are_not_listed(serve: Any) -> None:
    url = serve("routes:\n  - {when: {model: [other-*]}, to: [up]}\n")
    assert httpx2.get(url + "/v1/models").json() == {"object": "list", "data": []}


def test_a_providers_own_words_are_kept_in_the_list(support: Any, upstream: Any) -> None:
    class Told:
        name = "up"

        async def models(self) -> list[dict[str, object]]:
            return [{"id": "gpt-test", "pricing": {"prompt": "0.1"}, "context_window": 7}]

    config = support.gate_config(Path(), upstream.url).config
    listing = Listing([Told()], config, Catalogue({"gpt-test": Facts(5, 1.0, 1.0)}, {}, {}))  # type: ignore[list-item]
    assert asyncio.run(listing.models()) == [
        {"id": "gpt-test", "pricing": {"prompt": "0.1"}, "context_window": 7},
    ]


def test_what_an_answer_cost_is_told(serve: Any, tmp_path: Path) -> None:
    url = serve(PRICED + "log: {store: 'sqlite:log.db'}\n")
    reply = httpx2.post(url + "/v1/chat/completions", json=CHAT)
    assert float(reply.headers["x-tidegate-cost"]) == pytest.approx(COST)
    streamed = {**CHAT, "stream": True, "stream_options": {"include_usage": True}}
    stream = httpx2.post(url + "/v1/chat/completions", json=streamed)
    assert "x-tidegate-cost" not in stream.headers and "[DONE]" in stream.text
    found = metrics(url)
    assert found['tidegate_cost_dollars_total{model="gpt-test",provider="up"}'] == pytest.approx(2 * COST)
    assert found['tidegate_tokens_total{direction="input",provider="up"}'] == 10
    assert found['tidegate_tokens_total{direction="output",provider="up"}'] == 14
    assert 'tidegate_unpriced_total{provider="up"}' not in found


def test_rows_that_the_log_loses_are_counted(serve: Any, tmp_path: Path) -> None:
    url = serve("log: {store: 'sqlite:log.db'}\n")
    assert metrics(url)["tidegate_log_dropped"] == 0
    with closing(sqlite3.connect(tmp_path / "log.db", isolation_level=None)) as db:
        db.execute("DROP TABLE requests")
    httpx2.post(url + "/v1/chat/completions", json=CHAT)
    until = time.monotonic() + 5
    while not metrics(url)["tidegate_log_dropped"] and time.monotonic() < until:
        time.sleep(0.02)
    assert metrics(url)["tidegate_log_dropped"] == 1


def test_what_is_not_known_is_counted_and_not_made_up(serve: Any, tmp_path: Path) -> None:
    url = serve(PRICED)
    httpx2.post(url + "/v1/chat/completions", json={**CHAT, "stream": True})  # its usage was not asked for
    unpriced = httpx2.post(url + "/v1/chat/completions", json={**CHAT, "model": "unheard-of", "n": 1})
    assert float(unpriced.headers["x-tidegate-cost"]) == pytest.approx(COST), "the reply says which model it was"
    found = metrics(url)
    assert found['tidegate_unpriced_total{provider="up"}'] == 1
    assert all("unheard-of" not in name for name in found)


def test_the_price_is_of_the_model_that_was_asked_for_in_its_place(serve: Any) -> None:
    url = serve(
        "routes:\n  - {to: [{provider: up, model: tiny}]}\n"
        "models: {gpt-test: {input: 100, output: 100}, tiny: {input: 1.0, output: 10.0}}\n"
    )
    asked = httpx2.post(url + "/v1/chat/completions", json={**CHAT, "model": "big"})
    assert float(asked.headers["x-tidegate-cost"]) == pytest.approx(COST)


def test_an_answer_from_memory_costs_nothing(serve: Any) -> None:
    url = serve(PRICED + "cache: {mode: exact, share: all}\n")
    for _ in range(3):
        reply = httpx2.post(url + "/v1/chat/completions", json=CHAT)
    assert "hit" in reply.headers["cache-status"] and "x-tidegate-cost" not in reply.headers
    found = metrics(url)
    assert found['tidegate_cost_dollars_total{model="gpt-test",provider="up"}'] == pytest.approx(COST)
    assert 'tidegate_unpriced_total{provider="up"}' not in found


def test_a_failed_answer_has_no_cost(serve: Any, upstream: Any, support: Any) -> None:
    async def limited(body: Any, send: Any) -> None:
        await support.reply_json(send, {"error": {"message": "slow down"}}, status=429)

    upstream.script = limited
    url = serve(PRICED)
    reply = httpx2.post(url + "/v1/chat/completions", json=CHAT)
    assert reply.status_code == 429 and "x-tidegate-cost" not in reply.headers
    assert not [name for name in metrics(url) if "cost_dollars_total" in name or "unpriced_total" in name]


@pytest.mark.filterwarnings("ignore:The model")
def test_anthropics_stream_is_priced_by_the_catalogue(support: Any, upstream: Any) -> None:
    """Through the official client, with the catalogue's own price: the address tells whose list applies."""
    message = {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5-20250929",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 1000, "cache_read_input_tokens": 500, "output_tokens": 1},
    }
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 200}},
        {"type": "message_stop"},
    ]

    async def stream(body: Any, send: Any) -> None:
        await support.start_stream(send)
        for event in events:
            raw = f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
            await send({"type": "http.response.body", "body": raw, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    upstream.script = stream
    text = f"version: 1\nproviders: {{claude: {{kind: anthropic, base_url: '{upstream.url}', api_key: k}}}}\n"
    gate = support.Gate(parse_config(text, file="g", folder=Path()))
    hosts = gate._parts.listing._catalogue._hosts  # pyright: ignore
    hosts["claude"] = "https://api.anthropic.com/v1"
    running = support.Running(gate.app())
    try:
        with anthropic.Anthropic(base_url=running.url, api_key="k") as client:
            asked = client.messages.create(
                model="claude-sonnet-4-5", max_tokens=9, messages=[{"role": "user", "content": "hi"}], stream=True
            )
            assert [event.type for event in asked] == [event["type"] for event in events]
        found = metrics(running.url)
        name = 'tidegate_cost_dollars_total{model="claude-sonnet-4-5",provider="claude"}'
        cost = (1000 * 3 + 500 * 0.3 + 200 * 15) / 1e6
        assert found[name] == pytest.approx(cost)
        with openai.OpenAI(base_url=running.url + "/v1", api_key="k") as chat:
            pieces = chat.chat.completions.create(model="claude-sonnet-4-5", messages=CHAT["messages"], stream=True)  # type: ignore
            assert not any(piece.usage for piece in pieces), "a usage that was not asked for is not sent"
        assert metrics(running.url)[name] == pytest.approx(2 * cost)
    finally:
        running.stop()


def test_an_older_log_gets_the_new_columns(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    columns = (
        "id TEXT PRIMARY KEY, at REAL, caller, dialect, model, provider, status, error, stream, cache, guard, rules"
    )
    db = sqlite3.connect(path)
    db.execute(f"CREATE TABLE requests ({columns}, overhead_ms REAL, total_ms REAL, request BLOB, reply BLOB)")
    db.execute("INSERT INTO requests (id, at) VALUES ('old', 1.0)")
    db.commit()
    db.close()
    assert read(path, 5)[0]["id"] == "old"
    for _ in range(2):
        ledger = Ledger(path, "none", 1e12)
        ledger.start()
        ledger.close()
    assert [(row["id"], row["cost"]) for row in read(path, 5)] == [("old", None)]


def test_the_log_keeps_tokens_and_cost(serve: Any, tmp_path: Path) -> None:
    url = serve(PRICED + "log: {store: 'sqlite:log.db'}\n")
    httpx2.post(url + "/v1/chat/completions", json=CHAT)
    httpx2.post(url + "/v1/chat/completions", json={**CHAT, "stream": True})
    until = time.monotonic() + 10
    while len(rows := read(tmp_path / "log.db", 5)) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    first, second = rows
    assert (first["input_tokens"], first["output_tokens"], first["cost"]) == (5, 7, pytest.approx(COST))
    assert (second["input_tokens"], second["output_tokens"], second["cost"]) == (None, None, None)

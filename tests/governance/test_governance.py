"""Callers without their credentials, limits that let go, a log that is bounded and cannot fail a request."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import ConfigError, Overloaded
from tidegate.engine.exchange import Exchange, Reply, Scope, Verdict
from tidegate.engine.sse import Event
from tidegate.governance.admit import Admit, presented
from tidegate.governance.cost import Meter
from tidegate.governance.ledger import SENT, TEXT_BYTES, Ledger, Tap, read
from tidegate.governance.limit import InFlight
from tidegate.governance.metrics import Metrics


def exchange(**headers: str) -> Exchange:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"model": "m", "messages": [{"role": "user", "content": "<EMAIL_ADDRESS_1>"}]}
    return Exchange(OpenAIChat(), "/v1/chat/completions", named, body, "m", False)


async def answer(asked: Exchange) -> Reply:
    return Reply.whole(200, b'{"choices": []}')


def admit(key: bytes) -> Admit:
    stage = Admit(lambda: key)
    stage.start()
    return stage


async def test_a_caller_is_a_digest_and_the_credential_leaves_the_headers() -> None:
    one, same, other = (exchange(authorization=f"Bearer {key}") for key in ("k1", "k1", "k2"))
    for each in (one, same, other):
        await admit(b"x" * 32)(each, answer)
    assert one.caller.id == same.caller.id != other.caller.id
    assert "k1" not in one.caller.id
    assert one.headers == {}
    assert "k1" not in repr(one)
    again = exchange(authorization="Bearer k1")
    await admit(b"y" * 32)(again, answer)
    assert again.caller.id != one.caller.id, "another key, another digest"


async def test_without_a_credential_the_caller_is_anonymous() -> None:
    asked = exchange()
    await admit(b"x" * 32)(asked, answer)
    assert asked.caller.id == "anonymous"


@pytest.mark.parametrize(
    ("headers", "value"),
    [
        ({"authorization": "Bearer abc"}, "abc"),
        ({"authorization": "bearer  abc "}, "abc"),
        ({"x-api-key": "abc"}, "abc"),
        ({"api-key": "abc"}, "abc"),
        ({"authorization": "Basic abc"}, None),
        ({"authorization": "Bearer "}, None),
        ({}, None),
    ],
)
def test_where_a_credential_is_looked_for(headers: dict[str, str], value: str | None) -> None:
    found = presented(headers)
    assert [each.reveal() for each in found.values()] == ([value] if value else [])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"authorization": "Basic YWxpY2U6MQ=="}, {"authorization": "Basic Ym9iOjI="}),
        ({"authorization": "Basic YWxpY2U6MQ=="}, {"authorization": "Bearer YWxpY2U6MQ=="}),
        ({"authorization": "Basic YWxpY2U6MQ==", "x-api-key": "none"}, {"authorization": "x", "x-api-key": "none"}),
        ({"cookie": "session=1"}, {"cookie": "session=2"}),
    ],
)
async def test_who_asks_by_other_means_than_a_key_is_not_taken_for_another(
    one: dict[str, str], other: dict[str, str]
) -> None:
    ids: list[str] = []
    for headers in (one, one, other):
        asked = exchange(**headers)
        await admit(b"x" * 32)(asked, answer)
        assert asked.headers == {}
        ids.append(asked.caller.id)
    assert ids[0] == ids[1] != ids[2] and "anonymous" not in ids


async def test_what_is_no_key_is_not_lent_and_a_cookie_beside_a_key_is_no_other_caller() -> None:
    caller = admit(b"x" * 32).caller_of
    assert caller({"authorization": "Basic abc"}).credential is None
    assert caller({"cookie": "session=1"}).credential is None
    assert caller({"x-api-key": "k", "cookie": "session=1"}) != caller({"cookie": "session=1"})
    assert caller({"x-api-key": "k", "cookie": "session=1"}).id == caller({"x-api-key": "k"}).id


async def test_a_place_is_held_until_the_reply_is_closed() -> None:
    limit = InFlight(1)
    reply = await limit(exchange(), answer)
    with pytest.raises(Overloaded) as refused:
        await limit(exchange(), answer)
    assert refused.value.headers == {"retry-after": "1"}
    await reply.aclose()
    await (await limit(exchange(), answer)).aclose()
    assert limit.now == 0


async def test_a_place_is_given_back_when_the_call_fails() -> None:
    async def fail(asked: Exchange) -> Reply:
        raise asyncio.CancelledError

    limit = InFlight(1)
    with pytest.raises(asyncio.CancelledError):
        await limit(exchange(), fail)
    assert limit.now == 0


async def logged(ledger: Ledger, path: Path, asked: Exchange) -> dict[str, object]:
    ledger.start()
    reply = await Tap()(asked, answer)
    await reply.read()
    asked.timings |= {"total": 5.0, "upstream": 3.0}
    ledger.observe(asked, 200, None)
    ledger.close()
    db = sqlite3.connect(path)
    db.row_factory = sqlite3.Row
    row = dict(db.execute("SELECT * FROM requests").fetchone())
    db.close()
    return row


async def test_the_log_keeps_the_masked_texts_and_the_figures(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "log.db"
    asked = exchange()
    asked.note(Verdict("pii.email", "mask", "messages.0.content", Scope.INPUT, ("EMAIL_ADDRESS",)))
    row = await logged(Ledger(path, "masked", 60), path, asked)
    assert b"<EMAIL_ADDRESS_1>" in row["request"]  # type: ignore[operator]
    assert row["reply"] == b'{"choices": []}'
    assert (row["guard"], row["rules"], row["overhead_ms"]) == ("masked", '["pii.email"]', 2.0)
    assert read(path, 5)[0]["id"] == asked.id


async def test_the_time_of_a_stream_is_not_called_added_by_the_gate(tmp_path: Path) -> None:
    asked = exchange()
    asked.stream, asked.timings = True, {"guard": 0.5, "cache": 0.25}
    row = await logged(Ledger(tmp_path / "log.db", "none", 60), tmp_path / "log.db", asked)
    assert (row["overhead_ms"], row["total_ms"]) == (0.75, 5.0)


async def test_the_log_tells_no_model_whose_name_the_rules_have_not_seen(tmp_path: Path) -> None:
    for passed, told in ((False, ""), (True, "m")):
        asked = exchange()
        asked.model_passed = passed
        path = tmp_path / f"{passed}.db"
        assert (await logged(Ledger(path, "none", 60), path, asked))["model"] == told


async def test_the_log_tells_the_model_that_the_provider_was_asked_for(tmp_path: Path) -> None:
    for provider, memo, told in (("p", {SENT: "other"}, "other"), ("p", {}, "m"), ("", {}, "")):
        asked = exchange()
        asked.model_passed, asked.provider = True, provider
        asked.memo |= memo
        path = tmp_path / f"{told}.db"
        row = await logged(Ledger(path, "none", 60), path, asked)
        assert (row["model"], row["provider"], row["sent"]) == ("m", provider, told)


async def test_a_log_is_read_whatever_its_folder_is_called(tmp_path: Path) -> None:
    path = tmp_path / "team #1?50%" / "log.db"
    await logged(Ledger(path, "none", 60), path, exchange())
    assert len(read(path, 5)) == 1


@pytest.mark.parametrize("made", ["", "CREATE TABLE other (x)", "CREATE TABLE requests (id, at)"])
def test_what_is_no_log_is_said_in_words(tmp_path: Path, made: str) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(made)
    with pytest.raises(ConfigError, match="cannot be read as a request log"):
        read(path, 5)
    path.write_text("no database at all " * 50)
    with pytest.raises(ConfigError, match="cannot be read as a request log"):
        read(path, 5)


async def test_the_log_keeps_no_texts_when_told(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    row = await logged(Ledger(path, "none", 60), path, exchange())
    assert row["request"] is None
    assert row["reply"] is None


def test_old_rows_go(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    for keep in (60.0, 0.001):
        ledger = Ledger(path, "none", keep)
        ledger.start()
        ledger.observe(exchange(), 200, None)
        time.sleep(0.01)
        ledger.close()
    ledger = Ledger(path, "none", 0.001)
    ledger.start()
    time.sleep(0.01)
    ledger.observe(exchange(), 200, None)
    ledger.close()
    assert len(read(path, 10)) <= 1


def test_old_rows_go_where_no_new_ones_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidegate.governance.ledger.PRUNE_PAUSE", 0.01)
    path = tmp_path / "log.db"

    def holds(rows: int) -> bool:
        until = time.monotonic() + 5
        while len(read(path, 10)) != rows and time.monotonic() < until:
            time.sleep(0.005)
        return len(read(path, 10)) == rows

    stopped = Ledger(path, "none", 60)
    stopped.start()
    stopped.observe(exchange(), 200, None)
    stopped.close()
    assert read(path, 10, keep=60) and not read(path, 10, keep=0), "what is too old is not shown while it is there"
    ledger = Ledger(path, "none", 0.3)
    time.sleep(0.31)
    ledger.start()
    assert holds(0), "what a stopped gate left goes at start"
    ledger.observe(exchange(), 200, None)
    assert holds(1) and holds(0), "and the rest by the clock"
    ledger.close()


def test_many_old_rows_go_in_steps_so_that_other_processes_come_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.db"
    stopped = Ledger(path, "none", 60)
    stopped.start()
    for at in range(35):
        stopped.observe(replace(exchange(), id=str(at)), 200, None)
    stopped.close()
    monkeypatch.setattr("tidegate.governance.ledger.PRUNED", 10)
    monkeypatch.setattr("tidegate.governance.ledger.PRUNED_PAUSE", 0.1)
    time.sleep(0.01)
    ledger, seen, until = Ledger(path, "none", 0.001), [35], time.monotonic() + 5
    ledger.start()
    while seen[-1] and time.monotonic() < until:
        if (left := len(read(path, 100))) != seen[-1]:
            seen.append(left)
    ledger.close()
    assert set(seen) <= {35, 25, 15, 5, 0} and len(seen) > 2  # a busy machine may miss a step
    assert seen[-1] == 0


def test_a_log_that_cannot_be_opened_is_said_at_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be opened"):
        Ledger(tmp_path / "file" / "log.db", "none", 1).start()


def test_a_fresh_log_may_be_opened_by_several_processes_at_once(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "log.db", isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.1, other.execute, ["COMMIT"])
        release.start()
        ledger = Ledger(tmp_path / "log.db", "none", 60)
        ledger.start()
        ledger.close()
        release.join()


async def test_what_the_log_keeps_of_a_reply_is_bounded() -> None:
    async def large(asked: Exchange) -> Reply:
        async def events():
            for _ in range(100):
                yield Event.whole(b"x" * 10_000)

        return Reply(200, [], events(), streamed=True)

    asked = exchange()
    reply = await Tap()(asked, large)
    assert len(await reply.read()) == 1_000_000
    assert len(asked.memo["governance.reply"]) == TEXT_BYTES


async def test_a_stream_that_is_left_has_no_cost_and_is_counted_as_unpriced() -> None:
    async def events() -> AsyncIterator[Event]:
        yield Event.of({"type": "message_start", "message": {"usage": {"input_tokens": 9, "output_tokens": 1}}})
        yield Event.of({"type": "message_delta", "usage": {"output_tokens": 3000}})

    async def streamed(asked: Exchange) -> Reply:
        return Reply(200, [], events(), True)

    meter, metrics = Meter(lambda asked, spent: (spent.usage.output / 1e6, "m")), Metrics()
    for left, dollars in ((False, 0.003), (True, None)):
        asked = exchange()
        asked.provider = "p"
        reply = await meter(asked, streamed)
        await anext(reply.events)
        if not left:
            assert len([event async for event in reply.events]) == 1
        meter.observe(asked, 499 if left else 200, None)
        metrics.observe(asked, 499 if left else 200, None)
        assert asked.spent is not None and asked.spent.dollars == dollars
    assert 'tidegate_unpriced_total{provider="p"} 1.0' in metrics.text().decode()


def test_metrics_tell_how_long_requests_take_by_provider() -> None:
    metrics = Metrics()
    for provider, stream, ms in (("p", False, 400), ("p", True, 30_000), ("", False, 3)):
        asked = exchange()
        asked.provider, asked.stream, asked.timings = provider, stream, {"total": ms}
        metrics.observe(asked, 200, None)
    text = metrics.text().decode()
    assert 'tidegate_request_seconds_sum{provider="p",stream="false"} 0.4' in text
    assert 'tidegate_request_seconds_bucket{le="60.0",provider="p",stream="true"} 1.0' in text
    assert 'tidegate_request_seconds_bucket{le="0.005",provider="none",stream="false"} 1.0' in text


def test_metrics_count_what_happened() -> None:
    metrics = Metrics()
    asked = exchange()
    asked.cache.status, asked.cache.detail = "hit", "exact"
    asked.note(Verdict("pii.email", "mask", "messages.0.content", Scope.INPUT))
    metrics.observe(asked, 200, None)
    text = metrics.text().decode()
    assert 'tidegate_cache_total{result="hit exact"} 1.0' in text
    assert 'tidegate_verdicts_total{action="mask",rule="pii.email"} 1.0' in text
    assert 'tidegate_guard_total{outcome="masked"} 1.0' in text

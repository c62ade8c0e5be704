"""What was paid for and reached no caller is counted, for the provider that answered and at its price."""

import asyncio
import json
import sqlite3
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tidegate.engine.errors import UpstreamError
from tidegate.engine.exchange import Exchange
from tidegate.engine.sse import DONE, Event
from tidegate.engine.usage import Usage
from tidegate.models.failures import Failure
from tidegate.models.mirror import Mirror
from tidegate.models.routes import Route, Router
from tidegate.models.routing import RouteStage
from tidegate.models.targets import Target
from tidegate.tests.models.scripted import AGAIN, FILTERED, WELL, Reply_, Scripted, ask

TOOK = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
SAME = Usage(100, 20)
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1,}'}}
UNTOLD = {"finish_reason": "tool_calls", "message": {"tool_calls": [CALL]}}
"""Its arguments are no JSON: Anthropic's dialect has no words for them."""
Bills = list[tuple[Exchange, bool]]


def billing(bills: Bills, *to: Any, **changes: Any) -> RouteStage:
    return RouteStage(Router([Route(list(to), **changes)]), bill=lambda *bill: bills.append(bill))


async def test_a_filtered_reply_that_another_answers_in_place_of_is_billed() -> None:
    bills: Bills = []
    a, b = Scripted("a", Reply_(body=FILTERED | {"usage": TOOK})), Scripted("b", Reply_(body=WELL | {"usage": TOOK}))
    exchange = ask()
    await billing(bills, Target(a, "cheap"), fallback={Failure.CONTENT_FILTER: [b]})(exchange)
    [(bill, complete)] = bills
    assert exchange.provider == "b" and complete
    assert (bill.provider, bill.id) == ("a", exchange.id + ".attempt1")
    assert bill.spent is not None and (bill.spent.usage, bill.spent.model) == (SAME, "cheap")


async def test_a_filtered_reply_that_the_caller_gets_is_billed_to_nobody_else() -> None:
    bills: Bills = []
    a, b = Scripted("a", Reply_(body=FILTERED | {"usage": TOOK})), Scripted("b", 500)
    exchange = ask()
    await billing(bills, a, fallback={Failure.CONTENT_FILTER: [b]})(exchange)
    assert exchange.provider == "b" and len(bills) == 1, "the filtered one was dropped, and the 500 took nothing"
    bills.clear()
    await billing(bills, Scripted("a", Reply_(body=FILTERED | {"usage": TOOK})))(ask())
    assert not bills, "it is the answer, which the meter counts"


async def test_failures_without_a_count_bill_nothing() -> None:
    bills: Bills = []
    await billing(bills, Scripted("a", 500, 429, 200), retries=AGAIN)(ask())
    assert not bills


@pytest.mark.parametrize("stream", [False, True])
async def test_the_answer_to_a_copy_is_billed(stream: bool) -> None:
    bills: Bills = []
    events = [Event.of({"choices": [{"delta": {"content": "hi"}}]}), Event.of({"choices": [], "usage": TOOK}), DONE]
    copy = Scripted("copy", Reply_(events=events) if stream else Reply_(body=WELL | {"usage": TOOK}))
    stage = billing(bills, Scripted("a"), mirror=Mirror(Target(copy, "candidate"), 1.0))
    exchange = ask(stream=stream)
    await stage(exchange)
    while not bills:  # noqa: ASYNC110
        await asyncio.sleep(0)
    [(bill, complete)] = bills
    assert complete and (bill.provider, bill.caller.id, bill.id) == ("copy", "mirror", exchange.id + ".mirror")
    assert bill.spent is not None and (bill.spent.usage, bill.spent.model) == (SAME, "candidate")


async def test_a_copy_that_fails_bills_nothing() -> None:
    bills: Bills = []
    for does in (500, UpstreamError("x")):
        told: list[str] = []
        stage = RouteStage(
            Router([Route([Scripted("a")], mirror=Mirror(Target(Scripted("copy", does)), 1.0))]),
            mirrored=lambda _, outcome, told=told: told.append(outcome),
            bill=lambda *bill: bills.append(bill),
        )
        await stage(ask())
        while not told:  # noqa: ASYNC110
            await asyncio.sleep(0)
    assert not bills


CLAUDE = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.parametrize("spare", [False, True], ids=["the caller gets the error", "another answers"])
def test_a_reply_that_cannot_be_told_in_the_callers_dialect_is_counted_priced_and_logged(
    run_gate: Any, upstream: Any, support: Any, tmp_path: Path, spare: bool
) -> None:
    async def answer(body: Any, send: Any) -> None:
        whole = support.completion("hi", {"usage": TOOK} | ({"choices": [UNTOLD]} if body["model"] == "m" else {}))
        await support.reply_json(send, whole)

    upstream.script = answer
    route = "{to: [up], fallback: [{provider: up, model: other}]}" if spare else "{to: [up]}"
    more = f"routes: [{route}]\nmodels: {{m: {{input: 10, output: 100}}, other: {{input: 0, output: 0}}}}\nlog: {{}}"
    url = run_gate(support.gate_config(tmp_path, upstream.url, more))
    told = httpx2.post(url + "/v1/messages", json=CLAUDE)
    assert (told.status_code, told.headers["x-tidegate-attempts"]) == ((200, "2") if spare else (502, "1"))
    counted = httpx2.get(url + "/metrics").text
    assert 'tidegate_cost_dollars_total{model="m",provider="up"} 0.003' in counted
    assert f'tidegate_tokens_total{{direction="input",provider="up"}} {200 if spare else 100}.0' in counted
    assert "tidegate_unpriced_total{" not in counted
    rows: list[Any] = []
    until = time.monotonic() + 10
    while len(rows) < 2 and time.monotonic() < until:
        time.sleep(0.05)
        with sqlite3.connect(tmp_path / ".tidegate" / "log.db") as db:
            rows = db.execute("SELECT id, provider, status, input_tokens, cost, sent FROM requests").fetchall()
    assert (told.headers["x-tidegate-id"] + ".attempt1", "up", 200, 100, 0.003, "m") in rows
    assert json.dumps(rows).count(".attempt") == 1 and len(rows) == 2

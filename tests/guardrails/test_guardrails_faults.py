"""What could not be read, or whose detector failed, is refused unless the rule lets it pass."""

import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from tidegate.engine.errors import NotEvaluated, UpstreamRefused
from tidegate.engine.exchange import Reply, Scope
from tidegate.engine.headers import outcome as summary
from tidegate.engine.ports import Finding, Unjudged
from tidegate.guardrails import patience
from tidegate.guardrails import screen as screen_module
from tidegate.guardrails.detectors.names.detector import Names
from tidegate.guardrails.rules.ruleset import Group, Rule, Ruleset
from tidegate.guardrails.threads import THREADS
from tidegate.tests.guardrails.guarded import PII, exchange, finish, rules, run, said, streamed, whole


async def test_a_whole_reply_that_is_not_json_is_refused_by_rules_that_must_read_it() -> None:
    with pytest.raises(UpstreamRefused, match='rule "pii"'):
        await run(rules(PII), exchange("hi"), lambda _: Reply.whole(200, b"<html>"))


IMAGE = [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]


async def test_content_that_cannot_be_read_is_refused_unless_the_rule_lets_it_pass() -> None:
    asked = exchange(IMAGE)
    with pytest.raises(NotEvaluated, match="allow_unread") as caught:
        await run(rules(PII), asked, lambda _: whole("ok"))
    assert caught.value.param == "messages.0.content.0.image_url.url"
    assert "not_evaluated" in [verdict.action for verdict in asked.verdicts]
    for extra, outcome in (("allow_unread: true", "pass"), ("on_error: pass", "pass"), ("on_error: flag", "flagged")):
        asked = exchange(IMAGE)
        await run(rules(PII.replace("action: mask", f"action: mask, {extra}")), asked, lambda _: whole("ok"))
        assert "not_evaluated" in [verdict.action for verdict in asked.verdicts]
        assert summary(asked)[0] == outcome
    asked = exchange(IMAGE)
    await run(rules(PII.replace("action: mask", "action: flag")), asked, lambda _: whole("ok"))
    assert summary(asked)[0] == "pass"


class Faulty:
    """A detector that raises, or takes too long."""

    kind = "faulty"
    context = 0

    def __init__(self, seconds: float = 0.0) -> None:
        self.slow = seconds > 0
        self.seconds = seconds

    def find(self, text: str) -> list[Finding]:
        if self.seconds:
            time.sleep(self.seconds)
            return []
        raise RuntimeError(text)

    def open_from(self, text: str) -> int:
        return len(text)


def faulty(on_error: Any, seconds: float = 0.0) -> Ruleset:
    rule = Rule("f", frozenset(Scope), Faulty(seconds), "block", False, on_error, False, "", "warning", ())
    return Ruleset((rule,), "", {scope: Group((rule,)) for scope in Scope})


async def test_a_detector_that_fails_blocks_unless_the_rule_says_otherwise() -> None:
    with pytest.raises(NotEvaluated) as caught:
        await run(faulty("block"), exchange("my secret"), lambda _: whole("ok"))
    assert "secret" not in str(caught.value)
    asked = exchange("hi")
    assert await said(await run(faulty("pass"), asked, lambda _: whole("ok"))) == "ok"
    assert {verdict.action for verdict in asked.verdicts} == {"not_evaluated"}
    assert not any("hi" in verdict.reason for verdict in asked.verdicts)


async def test_the_reason_that_a_detector_gives_itself_is_told_to_the_caller_and_the_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def find(_: Faulty, text: str) -> list[Finding]:
        raise Unjudged("its list is gone")

    monkeypatch.setattr(Faulty, "find", find)
    asked = exchange("my secret")
    with pytest.raises(NotEvaluated, match="the detector failed: its list is gone"):
        await run(faulty("block"), asked, lambda _: whole("ok"))
    assert "the detector failed: its list is gone" in {verdict.reason for verdict in asked.verdicts}


async def test_a_detector_that_takes_too_long_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen_module, "DETECTOR_SECONDS", 0.02)
    with pytest.raises(NotEvaluated, match="out of time"):
        await run(faulty("block", 0.2), exchange("hi"), lambda _: whole("ok"))


class Patient(Faulty):
    """A detector that takes its time in steps, and asks whether to go on."""

    def find(self, text: str) -> list[Finding]:
        until = time.monotonic() + (self.seconds if "long" in text else 0)
        while time.monotonic() < until:
            patience.check()
            time.sleep(0.01)
        return []


async def test_what_was_given_up_keeps_no_thread_from_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen_module, "DETECTOR_SECONDS", 0.2)
    ruleset = faulty("block", 30)
    rule = replace(ruleset.rules[0], detector=Patient(30))
    ruleset = Ruleset((rule,), "", {Scope.INPUT: Group((rule,))})
    for _ in range(THREADS):
        with pytest.raises(NotEvaluated, match="out of time"):
            await run(ruleset, exchange("a long text"), lambda _: whole("ok"))
    assert await said(await run(ruleset, exchange("hi"), lambda _: whole("ok"))) == "ok"


def test_names_are_not_read_on_when_nobody_waits() -> None:
    names, over = Names(["PERSON"], 0.4), threading.Event()
    names.start()
    threading.Timer(0.2, over.set).start()
    began = time.process_time()
    with pytest.raises(patience.GivenUp):
        patience.waited_for(over, lambda: names.find("(" * 100_000, 0))  # some ten seconds
    assert time.process_time() - began < 5
    with pytest.raises(patience.GivenUp):
        patience.waited_for(over, lambda: 1)
    patience.check()


async def test_all_texts_of_a_request_share_a_bound_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen_module, "BODY_SECONDS", 0.3)
    parts = [{"type": "text", "text": f"text {n}"} for n in range(40)]
    asked = exchange(parts)
    await run(faulty("pass", 0.05), asked, lambda _: whole("ok"))
    late = [verdict for verdict in asked.verdicts if verdict.action == "not_evaluated"]
    assert 30 < len(late) < 40
    assert {verdict.reason for verdict in late} == {"the detector failed: out of time"}
    with pytest.raises(NotEvaluated, match="out of time"):
        await run(faulty("block", 0.05), exchange(parts), lambda _: whole("ok"))


async def test_a_failing_detector_ends_a_stream() -> None:
    ruleset = faulty("block")
    outgoing = Ruleset(ruleset.rules, "", {Scope.OUTPUT: ruleset.groups[Scope.OUTPUT]})
    reply = await run(outgoing, exchange("hi"), lambda _: streamed(["a", "b"]))
    assert await finish(reply) == ["content_filter"]

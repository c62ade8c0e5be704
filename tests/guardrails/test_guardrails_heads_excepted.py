"""What an exception lets pass in a reply's header is let pass for whom, and as long as, the exception says."""

from datetime import UTC, datetime

import pytest

from tidegate.engine.exchange import Caller
from tidegate.guardrails.rules import when
from tidegate.tests.guardrails.guarded import exchange, rules, run, whole

RULES = """version: 1
rules:
  - {id: words, scope: output, detect: {keywords: [falcon, heron]}, action: redact}
exceptions:
  - {rules: [words], allow_text: [falcon], %s}
"""
TOLD = [("x-note", "about falcon"), ("x-other", "fine")]


@pytest.mark.parametrize("first", ["shop", "desk"])
async def test_a_header_let_pass_for_one_key_is_left_out_for_another(first: str) -> None:
    ruleset = rules(RULES % "keys: [shop]")
    for name in (first, "shop", "desk", "shop"):
        asked, reply = exchange("hello"), whole("hi")
        asked.caller, reply.headers = Caller(f"key:{name}", name=name), list(TOLD)
        got = (await run(ruleset, asked, lambda _, said=reply: said)).headers
        assert got == (TOLD if name == "shop" else TOLD[1:]), name


async def test_a_header_let_pass_until_a_day_is_left_out_on_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    ruleset = rules(RULES % "until: 2026-11-28")
    for day in (28, 29):

        class Clock(datetime):
            @classmethod
            def now(cls, tz: object = None, day: int = day) -> datetime:
                return datetime(2026, 11, day, 12, tzinfo=UTC)

        monkeypatch.setattr(when, "datetime", Clock)
        reply = whole("hi")
        reply.headers = list(TOLD)
        got = (await run(ruleset, exchange("hello"), lambda _, said=reply: said)).headers
        assert got == (TOLD if day == 28 else TOLD[1:]), day

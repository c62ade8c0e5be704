"""Conditions, exceptions and sampling: a rule holds when its file says, and the digest knows."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tidegate.engine.dialects import Dialect
from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.errors import BadRequest, Blocked, ConfigError
from tidegate.engine.exchange import Exchange, Reply
from tidegate.engine.steering import Choice, Steering
from tidegate.guardrails.guard import ReplyGuard, RequestGuard
from tidegate.guardrails.rules.compile import compile_rules
from tidegate.guardrails.rules.load import load_text
from tidegate.guardrails.rules.ruleset import Ruleset
from tidegate.guardrails.rules.when import Facts, Time, plain

RULE = "rules:\n  - {id: a.b, detect: {keywords: [falcon]}, action: block, tags: [birds]%s}\n"
RESULT, WEB = {"type": "tool_result", "tool_use_id": "1", "content": "falcon"}, "web_search_tool_result"


def rules(extra: str = "", after: str = "") -> Ruleset:
    return compile_rules(load_text("version: 1\n" + RULE % extra + after))


async def blocks(
    ruleset: Ruleset,
    model: str = "m",
    headers: dict[str, str] | None = None,
    body: Any = None,
    dialect: Dialect | None = None,
) -> bool:
    sent = body or {"model": model, "messages": [{"role": "user", "content": "a falcon"}]}
    asked = Exchange(dialect or OpenAIChat(), "/v1/chat/completions", headers or {}, sent, model, False)

    async def next(_: Exchange) -> Reply:
        return Reply.whole(200, b"{}")

    try:
        await RequestGuard(lambda: ruleset)(asked, next)
    except Blocked:
        return True
    return False


async def test_a_rule_for_some_models_leaves_others_alone() -> None:
    ruleset = rules(", when: {model: [gpt-*, o1]}")
    assert await blocks(ruleset, "gpt-4")
    assert await blocks(ruleset, "o1")
    assert not await blocks(ruleset, "claude")


@pytest.mark.parametrize("when", ["{}", "{model: []}", "{metadata: {}}"])
def test_conditions_that_say_nothing_are_refused(when: str) -> None:
    with pytest.raises(ConfigError, match=r":3:\d+: .*these conditions say nothing"):
        rules(f", when: {when}")


async def test_a_rule_for_some_routes_leaves_others_alone() -> None:
    ruleset = rules(", when: {route: [public, eu-*]}")
    for route, held in (("public", True), ("eu-1", True), ("internal", False), ("", False)):
        asked = Exchange(OpenAIChat(), "/v1/chat/completions", {}, {"model": "m", "messages": []}, "m", False)
        asked.body["messages"] = [{"role": "user", "content": "a falcon"}]

        async def next(_: Exchange) -> Reply:
            return Reply.whole(200, b"{}")

        guard = RequestGuard(lambda: ruleset, routes=lambda _, route=route: lambda model: route)
        if held:
            with pytest.raises(Blocked):
                await guard(asked, next)
        else:
            assert (await guard(asked, next)).status == 200
    assert await blocks(ruleset), "where nobody looks for the route, the rule holds"
    assert ruleset.digest_for(Facts(route="public")) != ruleset.digest_for(Facts(route="internal"))


@pytest.mark.parametrize("when", ["{model: gpt-*}", "{route: public}", "{model: gpt-*, route: public}"])
async def test_a_rule_holds_that_would_hold_for_another_choice_of_the_callers(when: str) -> None:
    ruleset = rules(f", when: {when}")

    async def next(_: Exchange) -> Reply:
        return Reply.whole(200, b"{}")

    async def passes(*models: str) -> bool:
        body = {"model": "local", "messages": [{"role": "user", "content": "a falcon"}]}
        asked = Exchange(OpenAIChat(), "/v1/chat/completions", {}, body, "local", False)
        asked.steering = Steering((Choice(), *(Choice(model=model) for model in models)))
        guard = RequestGuard(
            lambda: ruleset, routes=lambda _: lambda model: "public" if model.startswith("gpt-") else "house"
        )
        try:
            await guard(asked, next)
        except Blocked:
            return False
        return True

    assert not await passes("small", "gpt-4o")
    assert await passes("small")


def test_a_condition_or_exception_on_keys_and_teams_is_about_no_caller_without_one() -> None:
    callers = [("red-1", "sec"), ("red-2", "ops"), ("shop", ""), ("", "")]

    def modes(extra: str = "", after: str = "") -> list[str]:
        rule = rules(extra, after).rules[0]
        found = [rule.holding.mode(rule.id, Facts(key=key, team=team)) for key, team in callers]
        asked_for = [rule.holding.for_asker(Facts(key=key, team=team)) for key, team in callers]
        assert asked_for == found
        return [*found]

    assert modes(", when: {key: 'red-*'}") == ["on", "on", "off", "off"]
    assert modes(", when: {key: '*'}") == ["on", "on", "on", "off"]
    assert modes(", when: {key: [red-2, shop], team: '*'}") == ["off", "on", "off", "off"]
    assert modes(after="exceptions: [{rules: [a.b], keys: 'red-*', mode: shadow}]") == ["shadow", "shadow", "on", "on"]
    assert modes(after="exceptions: [{rules: [a.b], teams: [sec], mode: off}]") == ["off", "on", "on", "on"]
    allowed = rules(after="exceptions: [{rules: [a.b], keys: [shop], allow_text: [falcon]}]").rules[0].holding
    assert [bool(allowed.allowed(Facts(key=key))) for key, _ in callers] == [False, False, True, False]
    some = rules(", when: {key: red-1}")
    assert some.digest_for(Facts(key="red-1")) != some.digest_for(Facts()), "so what is stored is screened again"


async def test_metadata_comes_from_a_header_that_must_be_an_object() -> None:
    ruleset = rules(", when: {metadata: {app: [shop*], tier: 2}}".replace("tier: 2", "tier: '2'"))
    assert await blocks(ruleset, headers={"x-tidegate-metadata": '{"app": "shop-eu", "tier": 2}'})
    assert not await blocks(ruleset, headers={"x-tidegate-metadata": '{"app": "shop-eu"}'})
    assert not await blocks(ruleset)
    with pytest.raises(BadRequest, match="x-tidegate-metadata"):
        await blocks(ruleset, headers={"x-tidegate-metadata": "shop"})


async def test_metadata_that_is_no_string_is_compared_as_json() -> None:
    ruleset = rules(", when: {metadata: {beta: 'true', n: '1.5'}}")
    for sent, held in (
        ('{"beta": true, "n": 1.5}', True),
        ('{"beta": "true", "n": "1.5"}', True),
        ('{"beta": 1}', False),
    ):
        assert await blocks(ruleset, headers={"x-tidegate-metadata": sent}) is held


async def test_a_rule_for_a_tool_looks_at_texts_of_that_tool_only() -> None:
    def call(tool: str) -> Any:
        function = {"name": tool, "arguments": '{"q": "falcon"}'}
        calls = [{"id": "1", "type": "function", "function": function}]
        return {"model": "m", "messages": [{"role": "assistant", "content": "falcon", "tool_calls": calls}]}

    ruleset = rules(", when: {tool: run_*}")
    assert await blocks(ruleset, body=call("run_sql"))
    assert not await blocks(ruleset, body=call("search"))


@pytest.mark.parametrize(
    ("dialect", "turns", "result", "held"),
    [
        (AnthropicMessages(), "messages", {"role": "user", "content": [RESULT]}, True),
        (AnthropicMessages(), "messages", {"role": "user", "content": [{**RESULT, "type": WEB}]}, False),
        (OpenAIResponses(), "input", {"type": "function_call_output", "call_id": "1", "output": "falcon"}, True),
        (OpenAIResponses(), "input", {"type": "shell_call_output", "call_id": "1", "output": "falcon"}, False),
        (OpenAIChat(), "messages", {"role": "tool", "tool_call_id": "1", "content": "falcon"}, True),
        (OpenAIChat(), "messages", {"role": "user", "content": "falcon"}, False),
        (Gemini(), "contents", {"parts": [{"codeExecutionResult": {"output": "falcon"}}]}, False),
    ],
)
async def test_a_result_whose_call_is_not_at_hand_may_be_of_the_tool_that_a_rule_is_for(
    dialect: Dialect, turns: str, result: Any, held: bool
) -> None:
    """The provider holds the conversation, and the request brings its last turn alone."""
    ruleset = rules(", when: {tool: find}, scope: [input, tool_result]")
    assert await blocks(ruleset, body={"model": "m", turns: [result]}, dialect=dialect) is held


def test_hours_weekdays_and_time_zones() -> None:
    def at(day: int, hour: int) -> datetime:
        return datetime(2026, 6, day, hour, 30, tzinfo=UTC)  # the first of June 2026 is a Monday

    office = Time(hours="09:00-17:00", weekdays=["mon"], tz="Europe/Berlin")  # two hours ahead of UTC in June
    assert [office.holds(at(1, hour)) for hour in (6, 7, 14, 15)] == [False, True, True, False]
    assert not office.holds(at(2, 10))
    night = Time(hours="22:00-06:00", weekdays=["mon"])
    assert [night.holds(at(1, 23)), night.holds(at(2, 5)), night.holds(at(2, 23)), night.holds(at(1, 5))] == [
        True,
        True,
        False,
        False,
    ]


async def test_an_exception_turns_a_rule_off_or_into_shadow_until_its_day() -> None:
    for names in ("a.*", "tag:birds"):
        assert not await blocks(rules(after=f"exceptions: [{{rules: ['{names}'], mode: off}}]"))
        assert not await blocks(rules(after=f"exceptions: [{{rules: ['{names}'], mode: shadow, until: 2999-01-01}}]"))
        assert await blocks(rules(after=f"exceptions: [{{rules: ['{names}'], mode: off, until: 2020-01-01}}]"))
    assert not await blocks(rules(after="exceptions: [{rules: [a.b], allow_text: [FALCON]}]"))
    assert await blocks(rules(after="exceptions: [{rules: [a.b], allow_text: [eagle]}]"))


def test_allowed_texts_are_compared_without_case_width_or_grouping() -> None:
    assert plain("4242 4242-4242 4242") == plain("4242424242424242")
    assert plain("Ａcme  Corp") == plain("acme corp")
    assert plain("a b") != plain("ab")


def test_a_shadow_rule_looks_at_its_share_of_exchanges() -> None:
    rule = rules(", mode: shadow, sample: 0.25").rules[0]
    modes = [rule.holding.mode(rule.id, Facts(id=str(index))) for index in range(4000)]
    assert 800 < modes.count("on") < 1200
    assert rule.holding.mode(rule.id, Facts(id="x")) == rule.holding.mode(rule.id, Facts(id="x"))


def test_the_digest_of_an_exchange_tells_how_conditional_rules_hold() -> None:
    always, some = rules(), rules(", when: {model: x}")
    assert always.digest_for(Facts(model="x")) == always.digest
    assert some.digest_for(Facts(model="x")) != some.digest_for(Facts(model="y"))
    excepted = rules(after="exceptions: [{rules: [a.b], mode: off, until: 2026-06-01}]")
    before, after = (datetime(2026, 6, day, tzinfo=UTC) for day in (1, 2))
    assert excepted.digest_for(Facts(now=before)) != excepted.digest_for(Facts(now=after))
    sampled = rules(", mode: shadow, sample: 0.5")
    assert {sampled.digest_for(Facts(id=str(i))) for i in range(20)} == {sampled.digest}, "it decides nothing"
    assert Facts(now=before).today == date(2026, 6, 1)


async def test_a_reply_is_judged_under_the_facts_of_its_request() -> None:
    ruleset = rules(", when: {model: x}")
    asked = Exchange(OpenAIChat(), "/", {}, {"model": "x", "messages": []}, "x", False)
    assert ReplyGuard(lambda: ruleset).digest(asked) == ruleset.digest_for(Facts(model="x"))

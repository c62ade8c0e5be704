"""What was looked at is not searched again, and nothing else is taken for it."""

import pytest

from tidegate.engine.exchange import Scope, Segment, Verdict
from tidegate.engine.ports import Finding
from tidegate.engine.stream import Edit
from tidegate.guardrails import screen as screening
from tidegate.guardrails.hits import Hit
from tidegate.guardrails.looked import FEW, Looked
from tidegate.guardrails.rules.compile import compile_rules
from tidegate.guardrails.rules.load import load_text
from tidegate.guardrails.rules.when import Facts
from tidegate.guardrails.screen import RuleScreen
from tidegate.guardrails.vault import Vault

RULES = """
version: 1
rules:
  - {id: a, scope: input, detect: {keywords: [falcon]}, action: redact}
  - {id: b, scope: tool_result, detect: {keywords: [heron]}, action: redact}
"""


async def edits(ruleset, text: str, scope: Scope = Scope.INPUT) -> int:
    screen = RuleScreen(ruleset, lambda verdict: None, lambda mask, label, value: Vault().mask(label, value))
    return len((await screen.look(Segment(("x",), text, scope), text, 0, True)).edits)


async def test_a_text_is_remembered_for_its_scope_alone() -> None:
    ruleset = compile_rules(load_text(RULES))
    assert await edits(ruleset, "a heron flies") == 0
    assert len(ruleset.looked) == 1
    assert await edits(ruleset, "a heron flies") == 0
    assert len(ruleset.looked) == 1
    assert await edits(ruleset, "a heron flies", Scope.TOOL_RESULT) == 1
    assert len(ruleset.looked) == 2


async def test_other_rules_have_a_memory_of_their_own() -> None:
    first, second = compile_rules(load_text(RULES)), compile_rules(load_text(RULES.replace("falcon", "heron")))
    assert await edits(first, "a heron flies") == 0
    assert await edits(second, "a heron flies") == 1


async def test_a_text_is_remembered_under_the_conditions_that_held() -> None:
    rules = RULES.replace(
        "action: redact}\n  - {id: b", "action: redact, when: {model: gpt-*, role: user}}\n  - {id: b"
    )
    ruleset = compile_rules(load_text(rules))

    async def found(model: str, role: str) -> int:
        screen = RuleScreen(ruleset, lambda verdict: None, lambda how, label, value: value, Facts(model=model))
        return len((await screen.look(Segment(("x",), "a falcon", Scope.INPUT, role=role), "a falcon", 0, True)).edits)

    assert [await found("o1", "user"), await found("gpt-5", "developer"), await found("gpt-5", "user")] == [0, 0, 1]
    assert len(ruleset.looked) == 2, "both times the rule was off, once it was on"
    assert await found("gpt-5", "") == 1, "nobody says who speaks"


async def test_a_text_is_remembered_for_the_tools_that_a_rule_leaves_alone() -> None:
    ruleset = compile_rules(load_text(RULES.replace("[heron]}, ", "[heron]}, when: {tool: [run_*, ask]}, ")))
    screen = RuleScreen(ruleset, lambda verdict: None, lambda how, label, value: value)

    async def found(tool: str) -> int:
        segment = Segment(("x",), "a heron", Scope.TOOL_RESULT, tool=tool)
        return len((await screen.look(segment, "a heron", 0, True)).edits)

    assert [await found(tool) for tool in ("see", "run_a", "go", "ask", "", "see")] == [0, 1, 0, 1, 1, 0]
    assert len(ruleset.looked) == 2


async def test_what_was_found_is_found_again_without_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    ruleset, text = compile_rules(load_text(RULES)), "a falcon and a falcon"
    noted: list[Verdict] = []

    async def look() -> list[Edit]:
        screen = RuleScreen(ruleset, noted.append, lambda how, label, value: value)
        return (await screen.look(Segment(("x",), text, Scope.INPUT), text, 0, True)).edits

    first = await look()
    monkeypatch.setattr(screening, "examine", None)
    assert await look() == first and len(first) == 2
    assert noted[0] == noted[1] and len(noted) == 2


async def test_an_exception_lets_pass_what_is_remembered_for_its_key_alone() -> None:
    excepted = "exceptions:\n  - {rules: [a], keys: [ours], allow_text: [falcon], reason: ours}\n"
    ruleset = compile_rules(load_text(RULES + excepted))

    async def found(key: str) -> int:
        screen = RuleScreen(ruleset, lambda verdict: None, lambda how, label, value: value, Facts(key=key))
        return len((await screen.look(Segment(("x",), "a falcon", Scope.INPUT), "a falcon", 0, True)).edits)

    assert [await found(key) for key in ("theirs", "ours", "theirs", "ours")] == [1, 0, 1, 0]


async def test_where_a_detector_failed_nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    ruleset = compile_rules(load_text(RULES.replace("action: redact", "action: redact, on_error: pass")))
    detector = ruleset.rules[0].detector
    monkeypatch.setattr(detector, "find", lambda *given: 1 / 0)
    assert await edits(ruleset, "a falcon flies") == 0
    monkeypatch.undo()
    assert await edits(ruleset, "a falcon flies") == 1


def test_the_memory_is_bounded_and_keeps_what_is_used() -> None:
    looked = Looked(3)
    digests = [looked.digest(Scope.INPUT, str(i)) for i in range(5)]
    for digest in digests[:3]:
        looked.add(digest)
    assert looked.get(digests[0]) == ()
    looked.add(digests[3])
    assert looked.get(digests[0]) == () and looked.get(digests[1]) is None
    assert len(looked) == 3
    assert looked.digest(Scope.INPUT, "a") != looked.digest(Scope.OUTPUT, "a")


def test_finds_are_bounded_too() -> None:
    rule = compile_rules(load_text(RULES)).rules[0]
    hits = [Hit(rule, Finding(at, at + 1, "A", 1.0)) for at in range(FEW + 1)]
    looked = Looked(100, finds=FEW)
    one, two, three = (looked.digest(Scope.INPUT, text) for text in "abc")
    looked.add(one, hits[:200])
    looked.add(two, hits[:56])
    assert looked.get(one) == tuple(hits[:200])
    looked.add(one, hits[:200])
    looked.add(three, hits[:1])
    assert [looked.get(each) is None for each in (one, two, three)] == [False, True, False]
    looked.add(two, hits)
    assert looked.get(two) is None, "more than FEW"

"""What was found clean is not searched again, and nothing else is taken for clean."""

from tidegate.engine.exchange import Scope, Segment
from tidegate.guardrails.clean import Clean
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


async def test_a_clean_text_is_remembered_for_its_scope_alone() -> None:
    ruleset = compile_rules(load_text(RULES))
    assert await edits(ruleset, "a heron flies") == 0
    assert len(ruleset.clean) == 1
    assert await edits(ruleset, "a heron flies") == 0
    assert len(ruleset.clean) == 1
    assert await edits(ruleset, "a heron flies", Scope.TOOL_RESULT) == 1
    assert await edits(ruleset, "a falcon flies") == 1
    assert len(ruleset.clean) == 1, "a text with finds is searched again each time"


async def test_other_rules_have_a_memory_of_their_own() -> None:
    first, second = compile_rules(load_text(RULES)), compile_rules(load_text(RULES.replace("falcon", "heron")))
    assert await edits(first, "a heron flies") == 0
    assert await edits(second, "a heron flies") == 1


async def test_a_text_is_clean_under_the_conditions_that_held() -> None:
    rules = RULES.replace(
        "action: redact}\n  - {id: b", "action: redact, when: {model: gpt-*, role: user}}\n  - {id: b"
    )
    ruleset = compile_rules(load_text(rules))

    async def found(model: str, role: str) -> int:
        screen = RuleScreen(ruleset, lambda verdict: None, lambda how, label, value: value, Facts(model=model))
        return len((await screen.look(Segment(("x",), "a falcon", Scope.INPUT, role=role), "a falcon", 0, True)).edits)

    assert [await found("o1", "user"), await found("gpt-5", "developer"), await found("gpt-5", "user")] == [0, 0, 1]
    assert len(ruleset.clean) == 1, "both times the rule was off"
    assert await found("gpt-5", "") == 1, "nobody says who speaks"


async def test_a_text_is_clean_for_the_tools_that_a_rule_leaves_alone() -> None:
    ruleset = compile_rules(load_text(RULES.replace("[heron]}, ", "[heron]}, when: {tool: [run_*, ask]}, ")))
    screen = RuleScreen(ruleset, lambda verdict: None, lambda how, label, value: value)

    async def found(tool: str) -> int:
        segment = Segment(("x",), "a heron", Scope.TOOL_RESULT, tool=tool)
        return len((await screen.look(segment, "a heron", 0, True)).edits)

    assert [await found(tool) for tool in ("see", "run_a", "go", "ask", "", "see")] == [0, 1, 0, 1, 1, 0]
    assert len(ruleset.clean) == 1


def test_the_memory_is_bounded_and_keeps_what_is_used() -> None:
    clean = Clean(3)
    digests = [clean.digest(Scope.INPUT, str(i)) for i in range(5)]
    for digest in digests[:3]:
        clean.add(digest)
    assert clean.has(digests[0])
    clean.add(digests[3])
    assert clean.has(digests[0]) and not clean.has(digests[1])
    assert len(clean) == 3
    assert clean.digest(Scope.INPUT, "a") != clean.digest(Scope.OUTPUT, "a")

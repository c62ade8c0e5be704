"""Overrides: other settings for a pack's rule, without a copy of it."""

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tidegate.engine.errors import ConfigError
from tidegate.engine.exchange import Scope
from tidegate.guardrails.rules.compile import compile_rules, load_ruleset
from tidegate.guardrails.rules.load import load_text
from tidegate.guardrails.rules.ruleset import Rule, Ruleset
from tidegate.guardrails.rules.schema import json_schema
from tidegate.guardrails.rules.test import run_tests
from tidegate.guardrails.scan import scan
from tidegate.serve.commands import rule_explain as ruleexplain
from tidegate.serve.commands import rule_tools as ruletools
from tidegate.serve.reload import LiveRules

MAIL = "write to jane@example.org"
RULES = """version: 1
rules:
  - {id: a, detect: {keywords: [falcon]}, action: block, tags: [birds], tests: [{text: falcon, expect: block}]}
  - {id: b, detect: {regex: 'her[o]n'}, action: mask, mask: {mode: redact}, tags: [birds]}
  - {id: c, detect: {any: [{keywords: [x]}, {regex: y}]}, action: flag}
"""


def packed(overrides: str, pack: str = "pii") -> Ruleset:
    return compile_rules(load_text(f"version: 1\ninclude: [pack:{pack}]\noverrides:\n{overrides}", file="team.yaml"))


def named(ruleset: Ruleset, name: str) -> Rule:
    return next(rule for rule in ruleset.rules if rule.id == name)


def refused(overrides: str, rules: str = RULES) -> ConfigError:
    with pytest.raises(ConfigError) as error:
        compile_rules(load_text(f"{rules}overrides:\n{overrides}", file="team.yaml"))
    assert error.value.file == "team.yaml" and error.value.line == 7
    return error.value


def test_a_packs_rule_gets_another_action_and_its_tests_expect_that() -> None:
    ruleset = packed("  - {rules: [pii.email], action: redact, severity: critical}\n")
    rule = named(ruleset, "pii.email")
    assert (rule.action, rule.severity) == ("redact", "critical")
    assert scan(ruleset, MAIL).text == "write to [EMAIL_ADDRESS]"
    assert {test.expect for test in rule.tests} == {"redact", "pass"}
    assert all(result.ok for result in run_tests([rule]))
    assert str(rule.overridden) == "severity, action at team.yaml:4:5"
    assert named(ruleset, "pii.card").overridden is None


def test_mode_scope_and_message_are_set_by_tag_and_glob_and_a_later_one_prevails_for_some() -> None:
    ruleset = packed(
        "  - {rules: [tag:pci, 'pii.b*'], mode: shadow}\n"
        "  - {rules: [pii.bank], mode: enforce, scope: input}\n"
        "  - {rules: [pii.email], action: block, message: No mail here.}\n"
    )
    card, bank, email = (named(ruleset, f"pii.{name}") for name in ("card", "bank", "email"))
    assert card.shadow and not bank.shadow and bank.scopes == {Scope.INPUT}
    assert (email.action, email.message) == ("block", "No mail here.")
    assert bank in ruleset.group(Scope.INPUT).rules and bank not in ruleset.group(Scope.OUTPUT).rules


def test_an_option_of_the_detector_is_set_in_the_place_of_its_own() -> None:
    ruleset = packed("  - {rules: [pii.email], options: {min_score: 0.95}}\n")
    assert not scan(ruleset, MAIL).findings and scan(load_ruleset(["pack:pii"]), MAIL).findings
    injection = packed("  - {rules: [injection.model], options: {false_alarms: 0.05}}\n", "injection")
    assert injection.digest != load_ruleset(["pack:injection"]).digest


def test_tests_of_a_rule_that_looks_for_something_else_are_those_of_the_override() -> None:
    rule = named(
        packed(
            "  - rules: [pii.email]\n    options: {min_score: 0.95}\n    tests: [{text: a@example.org, expect: pass}]\n"
        ),
        "pii.email",
    )
    assert [str(result) for result in run_tests([rule])] == [
        "team.yaml:6:13: pii.email (overridden: options.min_score at team.yaml:4:5), test 1: passed"
    ]


def test_what_went_with_the_old_action_does_not_stand_in_the_way_of_the_new() -> None:
    book = load_text(f"{RULES}overrides: [{{rules: [b], action: replace, with: bird}}]\n")
    assert scan(compile_rules(book), "a heron").text == "a bird"


def test_a_list_that_an_option_names_is_one_of_the_overrides_own_file(tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_text(
        "version: 1\nlists: {own: [crane]}\n"
        "rules: [{id: a, detect: {keywords: {list: own}}, action: block, tests: [{text: crane, expect: block}]}]\n"
    )
    (tmp_path / "team.yaml").write_text(
        "version: 1\ninclude: [words.yaml]\nlists: {birds: [heron]}\n"
        "overrides: [{rules: [a], options: {list: birds}}]\n"
    )
    ruleset = load_ruleset(["team.yaml"], tmp_path)
    assert [bool(scan(ruleset, word).findings) for word in ("heron", "crane")] == [True, False]


def test_tests_of_the_same_file_are_never_left_aside() -> None:
    first = "  - {rules: [pii.email], options: {min_score: 0.95}, tests: [{text: a@example.org, expect: pass}]}\n"
    rule = named(packed(f"{first}  - {{rules: [pii.email], views: all}}\n"), "pii.email")
    assert [test.text for test in rule.tests] == ["a@example.org"] and rule.tested == ("team.yaml:4:62",)


def test_an_action_leaves_aside_what_cannot_go_with_it() -> None:
    text = (
        "version: 1\nrules:\n  - {id: a, scope: output, detect: {regex: x+, hold: 9}, action: block}\n"
        "  - {id: b, scope: output, detect: {keywords: [x]}, action: block, stream: stop, message: No.}\n"
        "overrides:\n  - {rules: [b], action: flag}\n  - {rules: [a], stream: stop%s}\n"
    )
    flags = named(compile_rules(load_text(text % ", options: {hold: null}")), "b")
    assert not flags.stops and not flags.message
    with pytest.raises(ConfigError) as error:
        load_text(text % "")
    assert (error.value.line, error.value.column) == (7, 18) and "options: {hold: null}" in error.value.hint


def test_the_digest_is_that_of_the_rule_as_it_acts() -> None:
    plain, written = load_text(RULES), load_text(RULES.replace("action: block", "action: redact", 1))
    overridden = load_text(f"{RULES}overrides: [{{rules: [a], action: redact}}]\n")
    digests = [compile_rules(book).digest for book in (plain, written, overridden)]
    assert digests[0] != digests[1] == digests[2]


@pytest.mark.parametrize(
    ("override", "column", "message"),
    [
        ("{rules: [aa], mode: shadow}", 14, 'no rule fits "aa"'),
        ("{rules: [a, tag:cats], mode: shadow}", 17, 'no rule fits "tag:cats"'),
        ("{rules: [a], action: block}", 14, 'nothing changes for "a"'),
        ("{rules: [b], action: block, mode: enforce}", 33, '"mode" changes nothing'),
        ("{rules: [a], reason: none}", 5, "overrides.0: an override names what is otherwise"),
        ("{rules: [a], on_error: null}", 5, 'overrides.0: "on_error" needs a value'),
        ("{rules: [a], mask: {mode: hash}}", 24, 'a: "mask" does nothing beside the action "block"'),
        ("{rules: [a], action: replace}", 26, 'a: the action "replace" needs a text'),
        ("{rules: [a], sample: 0.5}", 26, "a: a rule in force looks at every exchange"),
        ("{rules: [a], options: {min_score: 0.5}}", 28, 'a: keywords has no option "min_score"'),
        ("{rules: [c], options: {path: $.q}}", 18, "c: any combines detectors"),
        ("{rules: [b], options: {path: 'q['}}", 34, "b: "),
        ("{rules: [c], message: hello}", 18, 'c: a rule that flags tells nobody its "message"'),
        (
            "{rules: [a, b], mode: shadow, tests: [{text: x, expect: pass}]}",
            35,
            "tests are for an override of one rule",
        ),
        ("{rules: [a], options: {case_sensitive: false}}", 14, 'nothing changes for "a"'),
        ("{rules: [a], detect: {regex: x}}", 18, 'unknown key "detect"'),
        ("{rules: [a], mode: shadow}\n  - {rules: [tag:birds], mode: enforce}", 18, '"mode" does nothing here'),
        ("{rules: [b], mask: {mode: hash}}\n  - {rules: [b], action: redact}", 18, '"mask" does nothing here'),
        ("{rules: [a], message: Hm.}\n  - {rules: [a], action: flag}", 18, '"message" does nothing here'),
        ("{rules: [a], options: {label: [x]}}\n  - {rules: [a], options: {words: [x]}}", 35, "a: label: "),
        ("{rules: [b], options: {label: x, pattern: '(x'}}", 47, "b: not a regular expression"),
        ("{rules: [a], options: {label: x, words: [x, [y]]}}", 49, "a: words.1: "),
        ("{rules: [a], views: null}", 14, 'nothing changes for "a"'),
        ("{rules: [a], scope: [tool_result, output, tool_args, input]}", 14, 'nothing changes for "a"'),
        ("{rules: [a], mode: off}", 24, "overrides.0.mode: rules are switched off under exceptions"),
        ("{rules: [a], options: {list: own}}", 34, 'a: there is no list "own"'),
    ],
)
def test_what_cannot_be_or_changes_nothing_is_refused_with_its_place(override: str, column: int, message: str) -> None:
    error = refused(f"  - {override}\n")
    assert (error.errors[0].column, error.errors[0].bare[: len(message)]) == (column, message)


def test_a_file_overrides_what_an_included_one_overrode(tmp_path: Path) -> None:
    (tmp_path / "firm.yaml").write_text(
        "version: 1\ninclude: [pack:pii]\noverrides: [{rules: [pii.email], action: block}]\n"
    )
    (tmp_path / "team.yaml").write_text(
        "version: 1\ninclude: [firm.yaml]\noverrides: [{rules: [pii.email], action: flag}]\n"
    )
    assert named(load_ruleset(["team.yaml"], tmp_path), "pii.email").action == "flag"


def test_what_is_wrong_with_an_option_when_a_model_is_loaded_names_the_override() -> None:
    rule = "  - {id: a, detect: {pii: {types: [CREDIT_CARD], engine: presidio}}, action: redact}\n"
    text = f"version: 1\nrules:\n{rule}overrides:\n  - {{rules: [a], options: {{types: [NONESUCH]}}}}\n"
    ruleset = compile_rules(load_text(text, file="team.yaml"))
    with pytest.raises(ConfigError, match=r"overridden: options\.types at team\.yaml:5:5"):
        ruleset.start()


def test_a_remark_on_tests_that_an_option_put_aside_stands_at_the_override(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "team.yaml").write_text(
        "version: 1\ninclude: [pack:pii]\noverrides:\n  - {rules: [pii.email], options: {min_score: 0.95}}\n"
    )
    assert f"{tmp_path / 'team.yaml'}:4:5: pii.email lacks a test" in ruletools.check(["team.yaml"])["remarks"]


def test_the_tools_say_what_is_overridden_and_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "team.yaml").write_text(
        "version: 1\ninclude: [pack:pii]\noverrides:\n  - {rules: [pii.email], action: redact}\n"
    )
    said = f"action at {tmp_path / 'team.yaml'}:4:5"
    checked = {rule["id"]: rule for rule in ruletools.check(["team.yaml"])["rules"]}
    assert (checked["pii.email"]["action"], checked["pii.email"]["overridden"]) == ("redact", said)
    assert checked["pii.card"]["overridden"] == ""
    [find] = ruleexplain.explain(["team.yaml"], MAIL, "input")["finds"]
    assert (find["becomes"], find["overridden"]) == ("[EMAIL_ADDRESS]", said)
    assert all(
        branch["overridden"] == (said if branch["rule"] == "pii.email" else "")
        for branch in ruletools.coverage(["team.yaml"])["missed"]
    )


async def test_a_reload_takes_an_override_up_and_runs_its_tests(tmp_path: Path) -> None:
    file = tmp_path / "team.yaml"
    file.write_text("version: 1\ninclude: [pack:pii]\n")
    rules = LiveRules(lambda: load_ruleset([file]), lambda: [file])
    wrong = "tests: [{text: nothing, expect: redact}]"
    begin = "version: 1\ninclude: [pack:pii]\noverrides:\n  - {rules: [pii.email], action: redact"
    file.write_text(f"{begin}, {wrong}}}\n")
    await rules.reload()
    assert named(rules(), "pii.email").action == "mask"
    file.write_text(begin + "}\n")
    await rules.reload()
    assert named(rules(), "pii.email").action == "redact"


def test_so_many_that_they_would_take_long_are_refused() -> None:
    many = "".join(f"  - {{id: r{number}, detect: {{keywords: [w]}}, action: block}}\n" for number in range(2000))
    text = f"version: 1\nrules:\n{many}overrides:\n"
    for rows, message in (("{rules: [%s]", "name more than 500"), ("{rules: ['*']", "change rules more than 20000")):
        names = ", ".join(f"r{number}" for number in range(100))
        row = rows % names if "%" in rows else rows
        lines = [f"  - {row}, severity: {('error', 'critical')[at % 2]}}}\n" for at in range(12)]
        with pytest.raises(ConfigError, match=message):
            load_text(text + "".join(lines))


def test_the_schema_has_overrides() -> None:
    schema = Draft202012Validator(json_schema())
    override = {"rules": ["a"], "scope": "input", "with": "x", "options": {"min_score": 0.5}}
    assert not [*schema.iter_errors({"version": 1, "overrides": [override]})]
    assert [*schema.iter_errors({"version": 1, "overrides": [{**override, "detect": {}}]})]
    assert not any("default" in each for each in json_schema()["$defs"]["Override"]["properties"].values())

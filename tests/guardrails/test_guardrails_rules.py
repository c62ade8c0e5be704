"""Rule files: what they say is what runs, and what cannot run is refused in words."""

from pathlib import Path

import pytest

from tidegate.engine.errors import ConfigError
from tidegate.engine.exchange import Scope
from tidegate.guardrails.rules import test as rule_tests
from tidegate.guardrails.rules.compile import compile_rules, load_ruleset
from tidegate.guardrails.rules.load import load_text, packs
from tidegate.guardrails.rules.ruleset import Ruleset
from tidegate.guardrails.rules.schema import DETECTORS, json_schema
from tidegate.guardrails.scan import scan
from tidegate.tests.places import lines_only

HEAD = "version: 1\nrules:\n"
RULE = "  - id: a\n    detect: {keywords: [falcon]}\n    action: block\n"


def rules(text: str) -> Ruleset:
    return compile_rules(load_text(text, file="rules.yaml"))


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        rules(text)
    return lines_only(caught.value)


@pytest.mark.parametrize("pack", packs())
def test_every_test_of_every_pack_passes(pack: str) -> None:
    ruleset = load_ruleset([f"pack:{pack}"])
    results = rule_tests.run_tests(ruleset.rules)
    assert [str(result) for result in results if not result.ok] == []
    assert {result.rule for result in results} == {rule.id for rule in ruleset.rules}
    for rule in ruleset.rules:
        assert {test.expect for test in rule.tests} == {rule.action, "pass"}


HOSTILE = [
    ("", "the file is empty"),
    ("- 1", "rules.yaml: expected a mapping"),
    ("version: 2", "rules.yaml:1: version: should be 1"),
    ("rules: []", 'the key "version" is missing'),
    ("version: 1\nrulez: []", 'rules.yaml:2: unknown key "rulez" (did you mean "rules"?)'),
    ("version: 1\nscoring: {threshold: 3}", 'unknown key "threshold" in scoring'),
    ("version: 1\nscoring: {thresholds: {input: 0}}", "scoring.thresholds.input"),
    (HEAD + RULE + RULE, 'rules.yaml:6: the id "a" is taken (by the rule at rules.yaml:3:5; `overrides` give'),
    (HEAD + RULE.replace("id: a", "id: 'a b'"), "a rule's id has 1 to 64"),
    (HEAD + RULE.replace("action: block", "acton: block"), 'rules.yaml:5: unknown key "acton"'),
    (HEAD + RULE.replace("action: block", "action: blok"), 'did you mean "block"?'),
    (HEAD + RULE.replace("action: block", "action: replace"), 'rules.yaml:5: the action "replace" needs a text'),
    (HEAD + RULE.replace("action: block", "action: respond"), 'the action "respond" needs a text'),
    (HEAD + RULE.replace("action: block", "action: route"), 'the action "route" needs a provider'),
    (HEAD + RULE.replace("action: block", "action: route\n    to: x"), "a reply cannot be sent"),
    (HEAD + RULE + "    with: x\n", '"with" does nothing beside the action "block"'),
    (HEAD + RULE.replace("block", "flag") + "    on_error: block\n", "a rule that flags stops nothing"),
    (HEAD + RULE.replace("block", "flag") + "    message: Hm.\n", 'a rule that flags tells nobody its "message"'),
    (HEAD + RULE + "    to: x\n", '"to" does nothing beside the action "block"'),
    (HEAD + RULE + "    mask: {mode: hash}\n", '"mask" does nothing beside the action "block"'),
    (HEAD + RULE.replace("block", "mask") + "    mask: {mode: hash, keep: 2}\n", "`keep` does nothing in mode hash"),
    (HEAD + RULE + "    when: {time: {tz: Europe/Berlin}}\n", "a time needs hours or weekdays"),
    (HEAD + RULE + "    sample: 0.1\n", "sample is for mode: shadow"),
    (HEAD + RULE + "    views: some\n", "views"),
    (HEAD + RULE + "    scope: inptu\n", 'did you mean "input"?'),
    (HEAD + RULE + "    scope: []\n", "scope"),
    (HEAD + RULE + "    when: {modle: x}\n", 'did you mean "model"?'),
    (HEAD + RULE + "    when: {key: []}\n", "at least 1 item"),
    (HEAD + RULE + "    when: {team: []}\n", "at least 1 item"),
    (HEAD + RULE + "    scope: input\n    when: {tool: x}\n", "no text of this scope belongs to a tool"),
    (HEAD + RULE + "    when: {time: {hours: 9-17}}\n", "hours are written"),
    (HEAD + RULE + "    when: {time: {tz: Mars/Base}}\n", "no such time zone"),
    (HEAD + RULE + "exceptions: [{rules: [a]}]", "either a mode"),
    (HEAD + RULE + "exceptions: [{rules: [a], mode: off, keys: []}]", "at least 1 item"),
    (HEAD + RULE + "exceptions:\n  - {rules: [a.*], mode: off}", 'rules.yaml:7: no rule fits "a.*"'),
    (HEAD + RULE + "exceptions: [{rules: ['tag:x'], mode: off}]", 'no rule fits "tag:x"'),
    (HEAD + RULE + "    mode: shadw\n", 'did you mean "shadow"?'),
    (HEAD + RULE + "    on_error: ignore\n", "on_error"),
    (HEAD + RULE + "    tests: [{text: x, expect: blocked}]\n", 'did you mean "block"?'),
    (HEAD + RULE.replace("keywords: [falcon]", ""), "detect names exactly one detector"),
    (HEAD + RULE.replace("keywords: [falcon]", "keywords: [a], regex: b"), "detect names exactly one detector"),
    (
        HEAD + RULE.replace("keywords:", "keyword:"),
        'rules.yaml:4: unknown detector "keyword" (did you mean "keywords"?)',
    ),
    (HEAD + RULE.replace("[falcon]", "[]"), "no keywords given"),
    (HEAD + RULE.replace("[falcon]", "[1]"), "a keyword must be text"),
    (HEAD + RULE.replace("[falcon]", "['']"), "1 to 200 characters"),
    (HEAD + RULE.replace("[falcon]", "{list: rivals}"), 'there is no list "rivals"'),
    (HEAD + RULE.replace("[falcon]", "{wrds: [x]}"), 'did you mean "words"?'),
    (HEAD + RULE.replace("keywords: [falcon]", r"regex: '(a)\1'"), "rules.yaml:4: not a regular expression that runs"),
    (HEAD + RULE.replace("keywords: [falcon]", r"regex: '(?=x)y'"), "no look-around"),
    (HEAD + RULE.replace("keywords: [falcon]", "regex: 'x*'"), "matches the empty text"),
    (HEAD + RULE.replace("keywords: [falcon]", r'regex: "\bx"'), "rules.yaml:4: the pattern has a backspace"),
    (HEAD + RULE.replace("keywords: [falcon]", r'regex: {pattern: "\bx"}'), "in single ones"),
    (HEAD + RULE.replace("[falcon]", "falcon"), "rules.yaml:4: keywords are a list (keywords: [one, two words])"),
    (HEAD + RULE.replace("keywords: [falcon]", "regex: {pattern: x, holds: 3}"), 'did you mean "hold"?'),
    (HEAD + RULE.replace("keywords: [falcon]", "regex: '((((a{1,100}){1,100}){1,100}){1,100})'"), "linear time"),
    (HEAD + RULE.replace("keywords: [falcon]", "pii: [EMAIL]"), "unknown type of personal data"),
    (HEAD + RULE.replace("keywords: [falcon]", "pii: some"), "unknown type of personal data"),
    (HEAD + RULE.replace("keywords: [falcon]", "pii: {min_score: 7}"), "min_score"),
    (HEAD + RULE.replace("keywords: [falcon]", "any: []"), "any takes a list"),
    (HEAD + RULE.replace("keywords: [falcon]", "all: {}"), "all takes a list"),
    (HEAD + RULE.replace("keywords: [falcon]", "not: 3"), "expected a detector"),
    (HEAD + RULE.replace("keywords: [falcon]", "any: [{nope: 1}]"), 'unknown detector "nope"'),
    ("version: 1\ninclude: [pack:pie]", 'rules.yaml:2: there is no pack "pie" (did you mean "pii"?)'),
    ("version: 1\ninclude: [other.yaml]", "only packs can be included here"),
    ("a: &a [x]\nb: [*a, *a]", "anchors and aliases"),
    ("version: 1\nversion: 1", "stands here twice"),
    ("version: 1\nrules: " + "[" * 40 + "]" * 40, "nested more than 20"),
    ("version: 1\nx: !!python/object/apply:os.system [ls]", "tags"),
    ("version: 1\n---\nversion: 1", "more than one YAML document"),
    ("version: {", "not valid YAML"),
]


@pytest.mark.parametrize(("text", "words"), HOSTILE)
def test_a_hostile_or_mistaken_file_is_refused_in_words(text: str, words: str) -> None:
    assert words in refusal(text)


def test_more_than_five_thousand_rules_are_refused() -> None:
    many = "".join(RULE.replace("id: a", f"id: a{i}") for i in range(5_001))
    assert "more than 5000 rules" in refusal(HEAD + many)


def test_includes_are_followed_and_defaults_hold_for_their_own_file(tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    (tmp_path / "team" / "words.yaml").write_text(
        "version: 1\ndefaults: {on_error: flag}\nlists: {rivals: [globex]}\n" + HEAD[11:] + RULE
    )
    main = tmp_path / "rules.yaml"
    main.write_text(
        "version: 1\ninclude: [pack:secrets, team/words.yaml, team/words.yaml]\nrules:\n"
        "  - {id: b, detect: {keywords: {list: rivals}}, action: flag}\n"
    )
    ruleset = load_ruleset(["*.yaml"], tmp_path)
    by_id = {rule.id: rule for rule in ruleset.rules}
    assert (by_id["a"].on_error, by_id["b"].on_error) == ("flag", "block")
    assert [f.rule for f in scan(ruleset, "falcon by globex").findings] == ["a", "b"]


def test_includes_stay_in_the_folder_and_do_not_run_in_circles(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "outside.yaml").write_text("version: 1")
    (inside / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (inside / "loop.yaml").write_text("version: 1\ninclude: [main.yaml]")
    main = inside / "main.yaml"
    for name in ("../outside.yaml", str(tmp_path / "outside.yaml"), "link.yaml", ""):
        main.write_text(f"version: 1\ninclude: ['{name}']")
        with pytest.raises(ConfigError, match=r"main\.yaml:2:\d+: .*outside the folder|there is no file"):
            load_ruleset(["main.yaml"], inside)
    main.write_text("version: 1\ninclude: [loop.yaml]")
    with pytest.raises(ConfigError, match=r"circle: main\.yaml > loop\.yaml > main\.yaml"):
        load_ruleset(["main.yaml"], inside)
    main.write_text("version: 1\ninclude: [lop.yaml]")
    with pytest.raises(ConfigError, match=r'did you mean "loop\.yaml"'):
        load_ruleset(["main.yaml"], inside)


def test_a_missing_rule_file_is_named_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("version: 1")
    with pytest.raises(ConfigError, match=r'did you mean "rules\.yaml"'):
        load_ruleset(["rule.yaml"], tmp_path)
    with pytest.raises(ConfigError, match="there is no rule file"):
        load_ruleset(["none/*.yaml"], tmp_path)


def test_the_digest_tells_what_decides_and_nothing_else() -> None:
    base = rules(HEAD + RULE)
    same = rules("# a comment\n" + HEAD + RULE + "    message: no\n    tests: [{text: falcon, expect: block}]\n")
    assert base.digest == same.digest
    assert len(base.digest) == 64
    changes = ("action: flag", "on_error: pass", "mode: shadow", "scope: input", "allow_unread: true", "views: none")
    for change in (*changes, "when: {model: x}"):
        key = change.split(":")[0]
        text = RULE.replace("action: block", change) if key == "action" else RULE + f"    {change}\n"
        assert rules(HEAD + text).digest != base.digest
    assert rules(HEAD + RULE.replace("falcon", "eagle")).digest != base.digest


def test_rule_tests_tell_what_went_wrong_and_not_the_text() -> None:
    ruleset = rules(
        HEAD + RULE + "    mode: shadow\n    tests:\n      - {text: a falcon, expect: block, spans: [[2, 8]]}\n"
        "      - {text: a falcon, expect: pass}\n      - {text: a falcon, expect: block, spans: [[0, 8]]}\n"
    )
    results = rule_tests.run_tests(ruleset.rules)
    assert [result.ok for result in results] == [True, False, False]
    assert lines_only(results[1]) == "rules.yaml:9: a, test 2: expected pass, got block at [(2, 8)]"
    assert lines_only(results[2]) == "rules.yaml:10: a, test 3: expected block at [(0, 8)], got block at [(2, 8)]"


def test_a_scan_shows_every_find_and_the_text_that_goes_on() -> None:
    ruleset = rules(
        HEAD + "  - {id: m, detect: {pii: [EMAIL_ADDRESS]}, action: mask}\n"
        "  - {id: r, detect: {keywords: [falcon]}, action: redact, scope: [input]}\n"
        "  - {id: s, detect: {keywords: [falcon]}, action: block, mode: shadow}\n"
    )
    done = scan(ruleset, "falcon: a@b.example, a@b.example")
    assert done.text == "[R]: <EMAIL_ADDRESS_1>, <EMAIL_ADDRESS_1>"
    assert [f.action for f in done.findings] == ["redact", "shadow", "mask", "mask"]
    assert scan(ruleset, "falcon", Scope.OUTPUT).text == "falcon"
    assert scan(rules(HEAD + RULE), "falcon").text is None


def test_overlapping_finds_are_replaced_as_one() -> None:
    ruleset = rules(
        HEAD + "  - {id: m, detect: {regex: 'abc def'}, action: mask}\n"
        "  - {id: r, detect: {regex: 'def ghi'}, action: redact}\n"
    )
    assert scan(ruleset, "x abc def ghi y").text == "x [R] y"


def test_the_schema_describes_every_field() -> None:
    schema = json_schema()
    assert schema["$defs"]["Detect"]["properties"]["pii"]
    shipped = tuple(DETECTORS)
    for name in ("Rule", "Test", "Defaults", "Scoring", "When", "Time", "Excepted", "Mask", *shipped):
        for field, described in schema["$defs"][name]["properties"].items():
            assert described.get("description") or "$ref" in described, (name, field)
    assert all(part.get("description") or "$ref" in part for part in schema["properties"].values())

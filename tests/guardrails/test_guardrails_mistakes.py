"""Mistakes in rule files: all at once, each with its column; options beside a detector; the names that rules know."""

import json
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from tidegate.engine.errors import ConfigError
from tidegate.engine.mistakes import MOST
from tidegate.guardrails.rules.compile import compile_rules, load_ruleset
from tidegate.guardrails.rules.load import load_text
from tidegate.guardrails.rules.ruleset import Ruleset
from tidegate.guardrails.rules.schema import json_schema, names
from tidegate.guardrails.scan import scan
from tidegate.serve import cli
from tidegate.serve.commands.rules import app
from tidegate.serve.config.gate_yaml import parse_config

BAD = """version: 1
rules:
  - id: a
    detect: {pii: [EMIAL_ADDRESS]}
    action: mask
  - id: b
    detect: {keywords: {list: nobody}}
    action: block
  - id: c
    detect: {keywords: [x]}
    action: blok
exceptions:
  - {rules: [a], mode: off}
"""
TOLD = [
    (11, 13, "rules.2.action: should be 'block', 'mask', 'redact'", 'did you mean "block"?'),
    (4, 20, 'unknown type of personal data "EMIAL_ADDRESS"', 'did you mean "EMAIL_ADDRESS"?'),
    (7, 31, 'there is no list "nobody"', "name it under lists:"),
]


def ruleset(detect: str) -> Ruleset:
    return compile_rules(load_text(f"version: 1\nrules:\n  - id: a\n    detect: {detect}\n    action: block\n"))


def test_all_mistakes_of_a_file_are_told_with_their_columns(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    with pytest.raises(ConfigError) as refused:
        load_ruleset(["bad.yaml"], tmp_path)
    for error, (line, column, message, hint) in zip(refused.value.errors, TOLD, strict=True):
        assert (error.line, error.column, error.hint) == (line, column, hint)
        assert error.bare.startswith(message) and f"bad.yaml:{line}:{column}: {message}" in str(refused.value)


def test_a_command_prints_mistakes_as_json_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["tidegate", "rules", "check", "bad.yaml", "--json"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    printed = capsys.readouterr()
    errors = json.loads(printed.out)["errors"]
    assert [(each["line"], each["column"], each["hint"]) for each in errors] == [(a, b, d) for a, b, _, d in TOLD]
    assert all(set(each) == {"file", "line", "column", "message", "hint"} for each in errors)
    assert printed.err.count("error ") == 3


def test_included_files_and_parts_tell_theirs_and_a_file_in_doubt_gives_no_false_ones(tmp_path: Path) -> None:
    (tmp_path / "in.yaml").write_text("version: 1\nlists: {words: [x], more: 5}\n")
    (tmp_path / "main.yaml").write_text(
        "version: 1\ninclude: [in.yaml]\nrules:\n"
        "  - {id: a, detect: {keywords: {list: words}}, action: block}\n"
        "  - {id: b, detect: {any: [{keywords: 5}, {regex: '('}]}, action: block}\n"
        "exceptions:\n  - {rules: [nobody], mode: off}\n"
    )
    with pytest.raises(ConfigError) as refused:
        load_ruleset(["main.yaml"], tmp_path)
    places = [(Path(each.file).name, each.line) for each in refused.value.errors]
    assert places == [("in.yaml", 2), ("main.yaml", 5), ("main.yaml", 5)]


def test_of_very_many_mistakes_some_are_told_and_soon() -> None:
    rule = "  - {id: r%d, detect: {pii: [EMIAL_ADDRESS]}, acton: block, action: block}\n"
    begun = time.process_time()
    with pytest.raises(ConfigError) as refused:
        load_text("version: 1\nrules:\n" + "".join(rule % number for number in range(2000)))
    assert len(refused.value.errors) == MOST and time.process_time() - begun < 5


def test_the_places_of_many_options_and_of_many_missing_keys_are_known_soon(tmp_path: Path) -> None:
    rule = "  - {id: r%d, detect: {regex: a, path: $.q}, action: block}\n"
    begun = time.process_time()
    compile_rules(load_text("version: 1\nrules:\n" + "".join(rule % number for number in range(3000))))
    with pytest.raises(ConfigError, match='unknown key "x"'):
        parse_config("version: 1\nkeys:\n  known:\n" + "    - {x: 1}\n" * 10_000, file="gate.yaml", folder=tmp_path)
    assert time.process_time() - begun < 3  # 4 s and 8 s when each looked through the whole file


@pytest.mark.parametrize(
    ("detect", "text", "found"),
    [
        ("{json_schema: {required: [query]}, invert: true}", '{"q": 1}', True),
        ("{json_schema: {required: [query]}, invert: true}", '{"query": 1}', False),
        ("{json_schema: {required: [query]}}", '{"query": 1}', True),
        ("{regex: '(?i)drop', path: $.query}", '{"query": "DROP", "x": ""}', True),
        ("{regex: '(?i)drop', path: $.query}", '{"query": "", "x": "drop"}', False),
        ("{keywords: [Falcon], case_sensitive: true}", "a falcon", False),
        ("{any: [{json_schema: {type: array}, invert: true}, {regex: x, path: $.a}]}", "[]", False),
    ],
)
def test_an_option_beside_a_detector_counts_as_in_it(detect: str, text: str, found: bool) -> None:
    assert bool(scan(ruleset(detect), text).findings) == found
    whole = {"version": 1, "rules": [{"id": "a", "action": "block", "detect": _data(detect)}]}
    assert not [*Draft202012Validator(json_schema()).iter_errors(whole)]


def _data(detect: str) -> object:
    from tidegate.engine.yamlfile import load_yaml

    return load_yaml(detect).data


@pytest.mark.parametrize(
    ("detect", "words"),
    [
        ("{json_schema: {required: [q]}, invrt: true}", '4:44: json_schema has no option "invrt" (did you mean'),
        ("{json_schema: {shema: {}}, invert: true}", '4:28: unknown key "shema" (did you mean "schema"?)'),
        ("{keywords: [a], ignore_case: true}", "4:29: keywords has no option"),
        ("{regex: {pattern: a, path: $.q}, path: $.q}", '4:46: "path" is given twice'),
        ("{regex: a, path: q}", "4:30: a path begins with $"),
        ("{keywords: [a, ''], whole_words: true}", "4:28: a keyword must have"),
        ("{any: [{keywords: [a]}], path: $.q}", "4:38: any takes no options"),
        ("{secrets: [zzzzqq]}", "`tidegate rules names` lists them"),
        ("{secrets: github}", "4:23: formats: should be 'all' or a list (in brackets: [one, two])"),
        ("{code: python}", "4:20: languages: should be 'any' or a list (in brackets: [one, two])"),
        ("{length: -1}", "4:22: max: should be greater than or equal to 0"),
        ("{regex: ''}", "4:21: pattern: "),
        ("{topic: []}", "4:21: examples: should have at least 1 item"),
        ("{any: [{keywords: [a]}, {length: -1}]}", "4:46: max: should be"),
        ("{url: example.com}", "4:19: expected a mapping of keys to values here (url: [example.com])"),
        ("{language: en}", "4:24: expected a mapping of keys to values here (language: {allow: [en]}, or deny)"),
        ("{injection: 0.005}", "here (injection: {false_alarms: 0.005})"),
        ("{json_schema: {schema: {type: strng}}}", "4:43: not a JSON Schema: 'strng'"),
        ("{json_schema: {properties: {a: {type: strng}}}}", "4:51: not a JSON Schema: 'strng'"),
    ],
)  # fmt: skip
def test_an_option_that_a_detector_does_not_have_is_refused_with_its_place(detect: str, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        ruleset(detect)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("tests: [{text: a, expect: block, spans: [0, 1]}]", "6:45: rules.0.tests.0.spans: spans are written [[0, 4]"),
        ("mode: off", "6:11: rules.0.mode: rules are switched off under exceptions"),
        ("tags: pci", "6:11: rules.0.tags: should be a valid list (in brackets: [one, two])"),
        ("when: {metadata: {beta: true}}", "6:29: rules.0.when.metadata.beta: should be text, or a list of texts"),
        ("scope: []", "6:12: rules.0.scope: should have at least 1 item"),
    ],
)
def test_what_is_said_of_a_mistake_tells_what_to_write(more: str, words: str) -> None:
    rule = f"  - id: a\n    detect: {{keywords: [a]}}\n    action: block\n    {more}\n"
    with pytest.raises(ConfigError) as refused:
        load_text("version: 1\nrules:\n" + rule)
    assert words in str(refused.value) and len(refused.value.errors) == 1


@pytest.mark.parametrize("until", ["soon", "2027-13-01", "20304000", "2027-01-31T00:00:00"])
def test_a_day_is_written_as_one(until: str) -> None:
    text = f"version: 1\ninclude: [pack:pii]\nexceptions:\n  - {{rules: [pii.email], mode: off, until: {until}}}\n"
    with pytest.raises(ConfigError, match=r":4:44: exceptions\.0\.until: must be a day such as 2027-01-31"):
        load_text(text)


def test_defaults_do_nothing_for_the_rules_of_included_files() -> None:
    with pytest.raises(ConfigError, match=r"^rules:3:11: the defaults are for rules of this file, and it has none"):
        load_text("version: 1\ninclude: [pack:pii]\ndefaults: {on_error: pass}\n")


def test_a_language_that_the_model_lacks_is_told_with_its_place() -> None:
    with pytest.raises(ConfigError, match=r"^rules:4:37: the language model does not know xx"):
        ruleset("{language: {allow: [en, xx]}}").start()


def test_the_schema_has_the_names_and_words_that_editors_show() -> None:
    schema, shown = json_schema(), json.dumps(json_schema())
    for listed in names().values():
        assert listed and all(f'"{name}"' in shown for name in listed)
    assert all(each["description"] for each in schema["$defs"]["Detect"]["properties"].values())
    printed = CliRunner().invoke(app, ["names", "--json"]).stdout
    assert json.loads(printed) == names() and "pack:pii" in names()["packs"]


@pytest.mark.parametrize("detect", ["{secrets: [zzzz]}", "{code: [pyton]}", "{regex: x, pth: y}", "{any: [], path: x}"])
def test_the_schema_refuses_what_no_list_has(detect: str) -> None:
    whole = {"version": 1, "rules": [{"id": "a", "action": "block", "detect": _data(detect)}]}
    assert [*Draft202012Validator(json_schema()).iter_errors(whole)]


def test_a_case_in_junit_has_its_file_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rule = "  - id: a\n    detect: {keywords: [x]}\n    action: block\n    tests:\n      - {text: x, expect: block}\n"
    (tmp_path / "r.yaml").write_text("version: 1\nrules:\n" + rule)
    CliRunner().invoke(app, ["test", "r.yaml", "--junit", "out.xml"])
    assert 'file="r.yaml" line="7"' in (tmp_path / "out.xml").read_text().replace(str(tmp_path) + "/", "")


ISSUE = """version: 1
include: [pack:pii, pack:secrets, pack:injection, team.yaml]
defaults: {on_error: block}
scoring: {severity: {notice: 2, warning: 3, error: 4, critical: 5}, thresholds: {input: 5, tool_args: 4}}
lists: {competitors: [acme corp, globex]}
rules:
  - id: sql.tool
    scope: tool_args
    when: {tool: run_sql}
    detect:
      any: [{json_schema: {required: [query]}, invert: true}, {regex: '(?i)\\b(drop|truncate|grant)\\b', path: $.query}]
    action: block
exceptions:
  - {rules: ["injection.*"], keys: ["redteam-*"], mode: shadow, until: 2027-01-01, reason: red-team runs}
"""


def test_a_file_as_people_write_it_loads(tmp_path: Path) -> None:
    (tmp_path / "team.yaml").write_text("version: 1\n")
    (tmp_path / "rules.yaml").write_text(ISSUE)
    assert any(rule.id == "sql.tool" for rule in load_ruleset(["rules.yaml"], tmp_path).rules)


@pytest.mark.parametrize(
    ("detect", "told"),
    [
        ("{keyword: [x]}", 'r:3:22: unknown detector "keyword" (did you mean "keywords"?)'),
        ("{any: [{regexp: a}, {keywords: [x]}]}", 'r:3:29: unknown detector "regexp" (did you mean "regex"?)'),
        ("{regex: '('}", "r:3:29: not a regular expression: missing ): ("),
        ("{keywords: {list: names}}", ""),  # which may stand in a file that has a mistake
        ("{keywords: [x]}", ""),
    ],
)
def test_a_wrong_detector_is_told_beside_another_mistake_of_its_rule(detect: str, told: str) -> None:
    text = f"version: 1\nrules:\n  - {{id: a, detect: {detect}, action: nonsense}}\n"
    with pytest.raises(ConfigError) as caught:
        load_text(text, file="r")
    found = [str(each) for each in caught.value.errors]
    assert "rules.0.action" in found[0]
    assert found[1:] == ([told] if told else [])

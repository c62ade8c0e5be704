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
from tidegate.serve.config import parse_config
from tidegate.serve.rules_cli import app

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
    ],
)  # fmt: skip
def test_an_option_that_a_detector_does_not_have_is_refused_with_its_place(detect: str, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        ruleset(detect)
    assert words in str(refused.value)


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

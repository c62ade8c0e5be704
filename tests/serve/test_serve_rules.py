"""The tools of whoever writes rules: check, test, coverage, explain, bench, and scan over folders."""

import json
import os
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from tidegate.engine.errors import ConfigError
from tidegate.guardrails.rules.load import packs
from tidegate.serve.cli import app
from tidegate.serve.commands.scan_files import FILE_BYTES
from tidegate.tests.serve.commands import run

RULES = """version: 1
rules:
  - id: bird
    detect: {any: [{keywords: [falcon]}, {keywords: [heron]}]}
    action: block
    tests: [{text: a falcon, expect: block}, {text: a dog, expect: pass}]
  - {id: twin, detect: {any: [{keywords: [falcon]}, {keywords: [heron]}]}, action: flag}
  - {id: mail, detect: {pii: [EMAIL_ADDRESS]}, action: mask}
exceptions:
  - {rules: [mail], mode: off, until: 2020-01-01}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "r.yaml").write_text(RULES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_check_tells_costs_and_what_is_odd(folder: Path) -> None:
    code, report = run("rules", "check", "r.yaml")
    assert code == 0 and report["passed"] == 2
    assert [rule["id"] for rule in report["rules"]] == ["bird", "twin", "mail"]
    assert all(rule["microseconds"] > 0 for rule in report["rules"])
    told = " ".join(report["remarks"])
    assert "r.yaml:10:5: the exception for mail has expired on 2020-01-01" in told
    assert "twin is never needed: bird" in told
    assert "mail lacks a test" in told and "bird lacks" not in told


def test_tests_of_a_file_run_beside_those_of_the_rules(folder: Path) -> None:
    lines = [
        {"text": "a heron", "expect": "block"},
        {"text": "a@b.example", "expect": "mask"},
        {"text": "a falcon", "expect": "flag", "rule": "twin", "scope": "output"},
        {"text": "a dog", "expect": "block"},
    ]
    (folder / "t.jsonl").write_text("\n".join(map(json.dumps, lines)))
    code, report = run("rules", "test", "r.yaml", "--data", "t.jsonl", "--junit", "out.xml")
    assert code == 3 and report["passed"] == 5
    assert report["failed"] == ["t.jsonl:4:1: all rules, test 4: expected block, got pass at []"]
    suite = ElementTree.parse(folder / "out.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("6", "1")
    (folder / "t.jsonl").write_text('{"text": "x", "expect": "pass", "rule": "bird.x"}')
    with pytest.raises(ConfigError, match=r"t\.jsonl:1: there is no rule"):
        run("rules", "test", "r.yaml", "--data", "t.jsonl")


def test_coverage_names_the_branches_that_no_test_reaches(folder: Path) -> None:
    code, report = run("rules", "coverage", "r.yaml")
    assert code == 3
    assert [(each["rule"], each["part"], each["hits"], each["refused"]) for each in report["missed"]] == [
        ("bird", "any.1 keywords", 0, 1),
        ("twin", "any.0 keywords", 0, 0),
        ("twin", "any.1 keywords", 0, 0),
        ("mail", "pii EMAIL_ADDRESS", 0, 0),
    ]


def test_coverage_wants_a_look_alike_for_every_validator(folder: Path) -> None:
    (folder / "v.yaml").write_text("""version: 1
rules:
  - id: numbers
    detect: {pii: [CREDIT_CARD, IBAN_CODE]}
    action: mask
    tests:
      - {text: 4111 1111 1111 1111, expect: mask}
      - {text: 4111 1111 1111 1112, expect: pass}
      - {text: IBAN DE89 3704 0044 0532 0130 00, expect: mask}
      - {text: no number at all, expect: pass}
""")
    _, report = run("rules", "coverage", "v.yaml")
    assert [(each["part"], each["hits"], each["refused"]) for each in report["missed"]] == [("pii IBAN_CODE", 1, 0)]


@pytest.mark.parametrize("pack", packs())
def test_every_branch_of_a_pack_is_shown_by_a_test_that_it_finds_and_one_that_it_lets_pass(pack: str) -> None:
    _, report = run("rules", "coverage", f"pack:{pack}")
    assert report["missed"] == []


def test_the_schema_for_editors_is_printed(folder: Path) -> None:
    done = CliRunner().invoke(app, ["rules", "schema"])
    assert CliRunner().invoke(app, ["rules", "schema", "--json"]).stdout == done.stdout
    assert json.loads(done.stdout)["$defs"]["Detect"]["properties"]["injection"]


def test_explain_shows_how_a_text_was_read(folder: Path) -> None:
    _, report = run("rules", "explain", "a fal\u200bcon", "--rules", "r.yaml")
    first = report["finds"][0]
    assert (first["rule"], first["view"]) == ("bird", "composed")
    assert first["place"].endswith("r.yaml:3:5")
    assert report["text"] is None


def test_explain_reads_json_and_other_scopes_as_the_gate_does(folder: Path) -> None:
    (folder / "j.yaml").write_text(
        "version: 1\nrules:\n"
        "  - {id: mail, scope: input, detect: {pii: EMAIL_ADDRESS}, action: redact}\n"
        "  - {id: out, scope: output, detect: {keywords: [falcon]}, action: block}\n"
    )
    _, report = run("rules", "explain", r'{"a": "jane\u0040example.org fal\u200bcon"}', "--rules", "j.yaml")
    assert report["text"] == '{"a": "[EMAIL_ADDRESS] fal\\u200bcon"}'
    assert [(each["start"], each["end"], each["found"]) for each in report["finds"]] == [(7, 28, "jane@example.org")]
    assert report["in other scopes"] == ["out"]


def test_explain_and_tests_take_a_key_and_a_team(folder: Path) -> None:
    (folder / "k.yaml").write_text(
        "version: 1\nrules:\n"
        "  - id: bird\n    detect: {keywords: [falcon]}\n    action: block\n"
        "    tests: [{text: falcon, expect: block, key: shop}, {text: falcon, expect: pass, key: red-1}]\n"
        "  - {id: own, detect: {keywords: [falcon]}, action: flag, when: {key: shop, team: [sales]}}\n"
        "exceptions: [{rules: [bird], keys: 'red-*', mode: shadow}]\n"
    )
    assert run("rules", "test", "k.yaml") == (0, {"passed": 2, "failed": []})

    def finds(*who: str) -> list[tuple[str, str]]:
        report = run("rules", "explain", "a falcon", "--rules", "k.yaml", *who)[1]
        return [(find["rule"], find["action"]) for find in report["finds"]]

    assert finds() == [("bird", "block"), ("own", "flag")], "conditions aside"
    assert finds("--key", "red-1") == [("bird", "shadow")]
    assert finds("--key", "shop", "--team", "sales") == [("bird", "block"), ("own", "flag")]
    assert finds("--key", "shop") == finds("--team", "sales") == [("bird", "block")]
    cases = [
        {"text": "falcon", "expect": "block"},
        {"text": "falcon", "expect": "pass", "key": "red-9"},
        {"text": "falcon", "expect": "pass", "rule": "own", "key": "red-9"},
        {"text": "falcon", "expect": "flag", "rule": "own", "key": "shop", "team": "sales"},
    ]
    (folder / "cases.jsonl").write_text("\n".join(map(json.dumps, cases)))
    assert run("rules", "test", "k.yaml", "--data", "cases.jsonl") == (0, {"passed": 6, "failed": []})


EXCEPTED = """version: 1
rules:
  - {id: bird, detect: {keywords: [falcon]}, action: block, tests: [{text: a falcon, expect: block}]}
  - {id: dog, detect: {keywords: [beagle]}, action: block}
  - {id: mail, detect: {pii: [EMAIL_ADDRESS]}, action: mask}
exceptions:
  - {rules: [bird], mode: off}
  - {rules: [dog], keys: ["red-*"], mode: shadow}
  - {rules: [mail], allow_text: [bob@example.com]}
"""


def test_a_scan_and_an_explanation_go_by_the_exceptions_for_everybody(folder: Path) -> None:
    (folder / "e.yaml").write_text(EXCEPTED)
    (folder / "a.txt").write_text("a falcon of bob@example.com")
    assert run("scan", "a falcon of bob@example.com", "--rules", "e.yaml") == (
        0,
        {"findings": [], "blocked": False, "text": "a falcon of bob@example.com"},
    )
    code, report = run("scan", "a.txt", "--rules", "e.yaml")
    assert (code, report["findings"], report["blocked"]) == (0, [], False)
    code, report = run("scan", "a beagle of al@example.com", "--rules", "e.yaml")
    assert code == 3 and [each["rule"] for each in report["findings"]] == ["dog", "mail"]

    def finds(*who: str) -> list[tuple[str, str, str]]:
        report = run("rules", "explain", "falcon, beagle, bob@example.com", "--rules", "e.yaml", *who)[1]
        return [(find["rule"], find["action"], find["exception"].partition(":")[2]) for find in report["finds"]]

    assert finds() == [("bird", "pass", "7:5"), ("dog", "block", ""), ("mail", "pass", "9:5")]
    assert finds("--key", "red-1") == [("bird", "pass", "7:5"), ("dog", "shadow", "8:5"), ("mail", "pass", "9:5")]
    assert run("rules", "test", "e.yaml") == (0, {"passed": 1, "failed": []}), "a test tries its rule alone"


def test_bench_gives_percentiles_and_the_costliest_rules(folder: Path) -> None:
    _, report = run("rules", "bench", "r.yaml", "--seconds", "0.1")
    assert report["400 words"]["p50_ms"] <= report["400 words"]["p99_ms"]
    assert {each["rule"] for each in report["costliest"]} == {"bird", "twin", "mail"}


def test_a_folder_is_scanned_and_the_finds_are_written_as_sarif(folder: Path) -> None:
    code = folder / "src"
    (code / ".git").mkdir(parents=True)
    (code / ".git" / "x").write_text("falcon")
    (code / "a.txt").write_text("one\ntwo é a@b.example\n")
    (code / "b.bin").write_bytes(b"falcon\0")
    (code / "sub").mkdir()
    (code / "sub" / "c.txt").write_text("falcon")
    exit_code, report = run("scan", "src", "--rules", "r.yaml", "--sarif", "out.sarif")
    assert exit_code == 3 and report["files"] == 3 and report["skipped"] == 1
    places = [(row["file"], row["line"], row["column"], row["end_column"], row["rule"]) for row in report["findings"]]
    assert places == [
        ("src/a.txt", 2, 7, 18, "mail"),
        ("src/sub/c.txt", 1, 1, 7, "bird"),
        ("src/sub/c.txt", 1, 1, 7, "twin"),
    ]
    log = json.loads((folder / "out.sarif").read_text())
    results = log["runs"][0]["results"]
    assert log["version"] == "2.1.0" and [each["level"] for each in results] == ["warning", "error", "note"]
    assert results[0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 2
    assert "a@b.example" not in json.dumps(log)


def test_a_file_is_scanned_whatever_its_bytes_are(folder: Path) -> None:
    (folder / "latin.txt").write_bytes(b"caf\xe9: falcon\r\n")
    code, report = run("scan", "latin.txt", "--rules", "r.yaml")
    assert code == 3 and [(find["rule"], find["start"]) for find in report["findings"]] == [("bird", 6), ("twin", 6)]
    (folder / "latin.txt").chmod(0)
    if not os.access(folder / "latin.txt", os.R_OK):
        with pytest.raises(ConfigError, match="cannot be read"):
            run("scan", "latin.txt", "--rules", "r.yaml")
    (folder / "large.txt").write_text("falcon" + " " * FILE_BYTES)
    with pytest.raises(ConfigError, match="no text of up to"):
        run("scan", "large.txt", "--rules", "r.yaml", "--sarif", "out.sarif")


def test_a_folder_is_blocked_by_points_as_a_text_is(folder: Path) -> None:
    (folder / "s.yaml").write_text(
        "version: 1\nrules: [{id: p, detect: {keywords: [falcon]}, action: score, severity: critical}]\n"
    )
    (folder / "src").mkdir()
    (folder / "src" / "a.txt").write_text("a falcon")
    assert [run("scan", what, "--rules", "s.yaml")[0] for what in ("src/a.txt", "src", "a falcon")] == [3, 3, 3]


def test_sarif_names_files_by_uri_and_is_about_files(folder: Path) -> None:
    (folder / "src").mkdir()
    (folder / "src" / "100% é.txt").write_text("falcon")
    run("scan", "src", "--rules", "r.yaml", "--sarif", "out.sarif")
    result = json.loads((folder / "out.sarif").read_text())["runs"][0]["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "src/100%25%20%C3%A9.txt"
    with pytest.raises(ConfigError, match="in files"):
        run("scan", "a falcon", "--rules", "r.yaml", "--sarif", "out.sarif")
    for arguments in (("scan", "src", "--rules", "r.yaml", "--sarif"), ("rules", "test", "r.yaml", "--junit")):
        with pytest.raises(ConfigError, match="cannot be written"):
            run(*arguments, "nowhere/out")


def test_files_are_named_from_the_working_folder_wherever_the_scan_begins(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a b").mkdir()
    (folder / "a b" / "c.txt").write_text("falcon")

    def named(what: str, rules: str = "r.yaml") -> tuple[str, str]:
        _, report = run("scan", what, "--rules", rules, "--sarif", "out.sarif")
        result = json.loads(Path("out.sarif").read_text())["runs"][0]["results"][0]
        return report["findings"][0]["file"], result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]

    for what in ("a b", "a b/c.txt", "./a b/../a b", str(folder / "a b")):
        assert named(what) == ("a b/c.txt", "a%20b/c.txt"), what
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    whole = (folder / "a b" / "c.txt").resolve()
    assert named("../a b", "../r.yaml") == (whole.as_posix(), whole.as_uri())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_text_with_a_byte_order_mark_is_scanned(folder: Path, encoding: str) -> None:
    (folder / "src").mkdir()
    (folder / "src" / "w.txt").write_text("falcon", encoding=encoding)
    code, report = run("scan", "src", "--rules", "r.yaml")
    assert code == 3 and report["findings"][0]["column"] == 1
    code, report = run("scan", "src/w.txt", "--rules", "r.yaml")
    assert code == 3 and report["findings"][0]["start"] == 0


def test_tests_of_a_file_are_utf_8(folder: Path) -> None:
    (folder / "t.jsonl").write_bytes(b'\xef\xbb\xbf{"text": "a falcon", "expect": "block"}\r\n')
    assert run("rules", "test", "r.yaml", "--data", "t.jsonl") == (0, {"passed": 3, "failed": []})
    (folder / "t.jsonl").write_bytes(b'{"text": "a falcon", "expect": "block"}\n{"text": "caf\xe9"}\n')
    with pytest.raises(ConfigError, match=r"t.jsonl:2: not UTF-8"):
        run("rules", "test", "r.yaml", "--data", "t.jsonl")


def test_junit_is_xml_whatever_a_file_is_called(folder: Path) -> None:
    (folder / "t\x1b\x01.jsonl").write_text(json.dumps({"text": "a dog", "expect": "block"}))
    assert run("rules", "test", "r.yaml", "--data", "t\x1b\x01.jsonl", "--junit", "out.xml")[0] == 3
    failure = ElementTree.parse(folder / "out.xml").getroot().find(".//failure")
    assert failure is not None and "t\ufffd\ufffd.jsonl:1:1" in failure.get("message", "")


def test_what_a_detector_cannot_do_is_said_in_words(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> list[object]:
        raise OSError

    monkeypatch.setattr("tidegate.guardrails.detectors.keywords.Keywords.find", fail)
    for arguments in (("scan", "a falcon", "--rules"), ("rules", "test")):
        with pytest.raises(ConfigError, match='the detector of rule "bird" failed'):
            run(*arguments, "r.yaml")

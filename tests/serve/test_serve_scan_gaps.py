"""What a scan of a folder did not look at is told, and never passes for clean."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tidegate.engine.errors import ConfigError
from tidegate.serve.cli import app
from tidegate.tests.serve.commands import run

RULES = "version: 1\nrules: [{id: bird, detect: {keywords: [falcon]}, action: block}]\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "r.yaml").write_text(RULES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_scan_names_what_it_could_not_look_into(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("open", "shut", "half"):
        (folder / "src" / name).mkdir(parents=True)
        (folder / "src" / name / "a.txt").write_text("a dog")
    walk, lstat = os.scandir, Path.lstat

    def scandir(path: str) -> Any:
        if path.endswith("shut"):
            raise PermissionError(13, "no", path)
        return walk(path)

    def status(path: Path) -> os.stat_result:
        if path.parent.name == "half":
            raise PermissionError
        return lstat(path)

    monkeypatch.setattr(os, "scandir", scandir)
    monkeypatch.setattr(Path, "lstat", status)
    code, report = run("scan", "src", "--rules", "r.yaml", "--sarif", "out.sarif")
    assert code == 1 and (report["files"], report["unread"], report["blocked"]) == (1, 2, False)
    assert [each["file"] for each in report["not_evaluated"]] == ["src/half/a.txt", "src/shut"]
    [invocation] = json.loads((folder / "out.sarif").read_text())["runs"][0]["invocations"]
    assert not invocation["executionSuccessful"] and len(invocation["toolExecutionNotifications"]) == 2


def test_a_folder_of_too_many_files_is_not_scanned_in_part(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidegate.serve.commands.scan_files.FILES", 2)
    (folder / "src" / ".git").mkdir(parents=True)
    for name in ("a", "b", ".git/c"):
        (folder / "src" / name).write_text("a dog")
    assert run("scan", "src", "--rules", "r.yaml")[0] == 0
    (folder / "src" / "d").write_text("a falcon")
    with pytest.raises(ConfigError, match="src: more than 2 files"):
        run("scan", "src", "--rules", "r.yaml")


LABELLED = "version: 1\nrules: [{id: bird, detect: {regex: {pattern: falcon, label: '[/x]'}}, action: flag}]\n"


def test_what_is_shown_of_files_by_unknown_hands_colours_moves_and_forges_no_line(folder: Path) -> None:
    (folder / "l.yaml").write_text(LABELLED)
    (folder / "src").mkdir()
    name = "n\x1b[31m\n::error::0 finds [b].txt"
    (folder / "src" / name).write_text("falcon \x1b[31mred\x1b]0;title\x07 \x9b\r\n[b] \\")
    said = CliRunner().invoke(app, ["scan", "src", "--rules", "l.yaml"]).stdout.splitlines()
    assert said == [
        r"src/n\x1b[31m\n::error::0 finds [b].txt:1:1: [/x], flag by bird",
        "1 finds in 1 files, 0 skipped, 0 not read",
    ]
    for command in (["scan", f"src/{name}"], ["rules", "explain", (folder / "src" / name).read_bytes().decode()]):
        said = CliRunner().invoke(app, [*command, "--rules", "l.yaml"]).stdout
        assert said.endswith("falcon \\x1b[31mred\\x1b]0;title\\x07 \\x9b\n[b] \\\n")
        assert "[/x]" in said and "\x1b" not in said


@pytest.mark.parametrize(("on_error", "code"), [("block", 3), ("pass", 0), ("flag", 0)])
def test_a_file_on_which_a_rule_fails_is_named_and_the_others_are_scanned(
    folder: Path, monkeypatch: pytest.MonkeyPatch, on_error: str, code: int
) -> None:
    def find(_: object, text: str, *more: object) -> list[object]:
        if "boom" in text:
            raise OSError
        return []

    monkeypatch.setattr("tidegate.guardrails.detectors.keywords.Keywords.find", find)
    rule = f"{{id: bird, detect: {{keywords: [falcon]}}, action: block, on_error: {on_error}}}"
    mail = "{id: mail, detect: {pii: [EMAIL_ADDRESS]}, action: mask}"
    (folder / "e.yaml").write_text(f"version: 1\nrules: [{rule}, {mail}]\n")
    (folder / "src").mkdir()
    for name, text in (("a", "a falcon, a@b.example"), ("b", "boom, falcon"), ("c", "c@d.example")):
        (folder / "src" / name).write_text(text)
    done, report = run("scan", "src", "--rules", "e.yaml")
    assert done == code and [(row["file"], row["rule"]) for row in report["findings"]] == [
        ("src/a", "mail"),
        ("src/c", "mail"),
    ]
    failed = 'the detector of rule "bird" failed: OSError'
    assert report["not_evaluated"] == [{"file": "src/b", "reason": failed}]

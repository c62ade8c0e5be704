"""The command line as a person or a script uses it: output, JSON and exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import UpstreamRefused
from tidegate.engine.exchange import Exchange
from tidegate.governance.ledger import ASKED, Ledger


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tidegate.serve.cli", *arguments]
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_check_tells_of_files_that_cannot_be_written_and_makes_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "log.db").mkdir()
    gate = "version: 1\ncache: {mode: exact, store: 'sqlite:%s'}\nlog: {store: 'sqlite:%s'}\n"
    for cache, log, bad in (("c/c.db", "l/l.db", []), ("file/c.db", "log.db", ["log.store", "cache.store"])):
        (tmp_path / "gate.yaml").write_text(gate % (cache, log))
        report = json.loads(run("check", "--json", folder=tmp_path).stdout)
        found = report["summary"].get("cannot be written here", "")
        assert [each.partition(":")[0] for each in found.split(", ") if each] == bad
    assert {each.name for each in tmp_path.iterdir()} == {"file", "log.db", "gate.yaml"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(
        "version: 1\ninclude: [pack:pii]\nrules:\n"
        "  - {id: words, detect: {keywords: [falcon]}, action: block,\n"
        "     tests: [{text: a falcon, expect: block}, {text: a heron, expect: pass}]}\n"
    )
    (tmp_path / "gate.yaml").write_text(
        "version: 1\nproviders: {up: {kind: openai, base_url: 'http://127.0.0.1:9/v1'}}\n"
        "guardrails: {files: [rules.yaml]}\ncache: {mode: exact, store: 'sqlite:cache.db'}\n"
    )
    return tmp_path


def test_check_says_what_would_be_served(folder: Path) -> None:
    done = run("check", "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["failed_tests"] == []
    assert report["summary"]["providers"] == "up (openai)"
    assert "held back in streams" in report["summary"]
    assert not (folder / ".tidegate").exists(), "a check leaves nothing behind"


def test_check_fails_when_a_rule_fails_its_own_test(folder: Path) -> None:
    rules = (folder / "rules.yaml").read_text()
    (folder / "rules.yaml").write_text(rules.replace("a heron, expect: pass", "a heron, expect: block"))
    done = run("check", folder=folder)
    assert done.returncode == 3
    assert "rules.yaml:5:47: words, test 2: expected block, got pass" in done.stdout
    done = run("serve", "--port", "0", folder=folder)
    assert done.returncode == 2
    assert "rules.yaml:5:47: words, test 2: expected block, got pass" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_configuration_is_one_line_and_exit_code_2(folder: Path) -> None:
    (folder / "gate.yaml").write_text("version: 1\ncahce: {mode: exact}\n")
    for command in ("check", "serve"):
        done = run(command, folder=folder)
        assert done.returncode == 2
        assert done.stderr.strip() == 'error gate.yaml:2:1: unknown key "cahce" (did you mean "cache"?)'
        assert done.stdout == ""


def test_rules_about_topics_bring_their_encoder(folder: Path) -> None:
    (folder / "rules.yaml").write_text(
        "version: 1\nrules:\n"
        "  - {id: t, detect: {topic: [politics and elections]}, action: block,\n"
        "     tests: [{text: politics and elections, expect: block}]}\n"
    )
    done = run("check", "--json", folder=folder)
    assert json.loads(done.stdout)["summary"]["rule tests"] == "1 passed, 0 failed", done.stderr
    assert run("scan", "politics and elections", folder=folder).returncode == 3
    assert run("rules", "test", "rules.yaml", folder=folder).returncode == 0


def test_check_shows_where_answers_are_kept_and_no_password(folder: Path) -> None:
    gate = folder / "gate.yaml"
    store = "rediss://ann:hunter2@127.0.0.1:1/3?socket_timeout=1"
    gate.write_text(gate.read_text().replace("sqlite:cache.db", store))
    done = run("check", "--json", folder=folder)
    assert json.loads(done.stdout)["summary"]["cache"] == "exact, rediss://127.0.0.1:1/3"
    assert "hunter2" not in done.stdout + done.stderr


def test_logs_says_what_to_write_when_there_is_no_log(folder: Path) -> None:
    done = run("logs", folder=folder)
    assert done.returncode == 2 and "add `log: {}`" in done.stderr
    with (folder / "gate.yaml").open("a") as gate:
        gate.write("log: {store: 'sqlite:rules.yaml'}\n")
    done = run("logs", folder=folder)
    assert done.returncode == 2 and "cannot be read as a request log" in done.stderr
    assert "Traceback" not in done.stderr


def test_logs_needs_none_of_the_gates_keys_and_finds_one_request(folder: Path) -> None:
    with (folder / "gate.yaml").open("a") as gate:
        gate.write('secret: "${NOT_SET_HERE}"\nlog: {store: "sqlite:log.db"}\n')
    ledger = Ledger(folder / "log.db", "none", 60)
    ledger.start()
    for id, status in (("tg_a", 200), ("tg_b", 502), ("tg_b2", 400)):
        asked = Exchange(OpenAIChat(), "/v1/chat/completions", {}, {"model": "m"}, "m", False, id=id)
        asked.memo[ASKED] = "somebody"
        ledger.observe(asked, status, UpstreamRefused("x") if status == 502 else None)
    ledger.close()
    every, failed, one = (
        json.loads(run("logs", "--json", *more, folder=folder).stdout) for more in ((), ("--failed",), ("--id", "tg_a"))
    )
    assert [row["id"] for row in every] == ["tg_a", "tg_b", "tg_b2"]
    assert [row["id"] for row in failed] == ["tg_b", "tg_b2"] and [row["id"] for row in one] == ["tg_a"]
    told = run("logs", "--id", "tg_b", "--last", "5", folder=folder).stdout
    assert "upstream_refused" in told and "somebody" in told and "tg_a" not in told


def test_without_a_configuration_serve_says_what_to_do(tmp_path: Path) -> None:
    done = run("serve", folder=tmp_path)
    assert done.returncode == 2
    assert "there is no such file" in done.stderr


def test_scan_shows_finds_and_the_text_as_it_would_go_on(folder: Path) -> None:
    done = run("scan", "write to ada@example.com", "--json", folder=folder)
    report = json.loads(done.stdout)
    assert done.returncode == 0
    assert report["text"] == "write to <EMAIL_ADDRESS_1>"
    assert [(f["rule"], f["start"], f["end"]) for f in report["findings"]] == [("pii.email", 9, 24)]
    blocked = run("scan", "a falcon", folder=folder)
    assert blocked.returncode == 3


def test_the_version_is_told_as_other_commands_tell_it(tmp_path: Path) -> None:
    assert run("--version", folder=tmp_path).stdout == run("version", folder=tmp_path).stdout != ""


def test_scan_finds_nothing_with_no_rules_only_when_it_says_so(folder: Path) -> None:
    (folder / "gate.yaml").write_text("version: 1\n")
    done = run("scan", "write to ada@example.com", folder=folder)
    assert done.returncode == 2 and "no rules in this configuration" in done.stderr
    (folder / "gate.yaml").unlink()
    done = run("scan", "write to ada@example.com", folder=folder)
    assert done.returncode == 0 and "the shipped rules, pack:pii" in done.stderr


def test_scan_reads_files_and_works_without_a_configuration(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("card 4111 1111 1111 1111")
    done = run("scan", "note.txt", "--json", folder=tmp_path)
    assert json.loads(done.stdout)["text"] == "card <CREDIT_CARD_1>"


def test_scan_takes_a_misspelt_path_or_configuration_for_an_error(folder: Path) -> None:
    for what in ("scr/prompts", "gate.yml"):
        done = run("scan", what, folder=folder)
        assert (done.returncode, done.stdout) == (2, "")
        assert "looks like a path" in done.stderr
    done = run("scan", "a falcon", "--config", "gate.yml", folder=folder)
    assert done.returncode == 2 and "gate.yml: there is no such file" in done.stderr


@pytest.mark.parametrize("text", ["", "ada@example.com", "https://example.com/a.txt", "10.0.0.1"])
def test_scan_takes_no_text_for_a_path(folder: Path, text: str) -> None:
    done = run("scan", text, "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "text" in json.loads(done.stdout)


def test_scan_refuses_an_unknown_scope_and_pack(tmp_path: Path) -> None:
    done = run("scan", "x", "--scope", "outptu", folder=tmp_path)
    assert done.returncode == 2
    assert 'did you mean "output"?' in done.stderr
    done = run("scan", "x", "--rules", "pack:pi", folder=tmp_path)
    assert done.returncode == 2
    assert "pack" in done.stderr


def test_the_schemas_are_json_schemas(tmp_path: Path) -> None:
    for option, key in (("--schema", "providers"), ("--rules-schema", "rules")):
        schema = json.loads(run("check", option, folder=tmp_path).stdout)
        assert key in schema["properties"]


def test_rules_test_and_models_list(tmp_path: Path) -> None:
    done = run("rules", "test", "pack:pii", "--json", folder=tmp_path)
    assert json.loads(done.stdout)["failed"] == []
    listed = json.loads(run("models", "list", "--json", folder=tmp_path).stdout)
    assert any(entry["name"] == "all-MiniLM-L6-v2" for entry in listed)


def test_stored_answers_can_be_seen_and_deleted(serve: Any, folder: Path) -> None:
    url = serve("cache: {mode: exact, store: 'sqlite:cache.db'}", (folder / "rules.yaml").read_text()[11:])
    for text in ("first of ada@example.com", "second"):
        body = {"model": "gpt-test", "messages": [{"role": "user", "content": text}]}
        assert "stored" in httpx2.post(url + "/v1/chat/completions", json=body).headers["cache-status"]
    assert json.loads(run("cache", "stats", "--json", folder=folder).stdout)["answers"] == 2
    rows = json.loads(run("cache", "list", "--json", folder=folder).stdout)
    assert {row["text"] for row in rows} == {"first of <EMAIL_ADDRESS_1>", "second"}
    shown = json.loads(run("cache", "show", rows[0]["key"][:12], "--json", folder=folder).stdout)
    assert "You said" in shown["reply"]
    assert run("cache", "purge", folder=folder).returncode == 2, "nothing said which"
    gone = run("cache", "purge", "--text", "SECOND", "--json", folder=folder)
    assert json.loads(gone.stdout) == {"deleted": 1, "damaged_files_deleted": 0, "damaged_files": 0}
    assert json.loads(run("cache", "stats", "--json", folder=folder).stdout)["answers"] == 1

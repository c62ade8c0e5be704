"""Rules change while traffic runs: no request is dropped, and what is wrong changes nothing."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tidegate.engine.errors import ConfigError
from tidegate.guardrails.rules.compile import load_ruleset
from tidegate.guardrails.rules.load import listed
from tidegate.guardrails.rules.ruleset import Ruleset
from tidegate.guardrails.scan import scan
from tidegate.serve import reload as module
from tidegate.serve.reload import LiveRules, on_hangup

RULE = "version: 1\nrules: [{id: a, detect: {keywords: [%s]}, action: block, tests: [{text: %s, expect: block}]}]"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(RULE % ("falcon", "falcon"))
    return path


def write(file: Path, text: str) -> None:
    file.write_text(text)


def remove(file: Path) -> None:
    file.unlink()


def lead(link: Path, to: Path) -> None:
    """Have a name lead to a file, at one stroke."""
    fresh = link.with_name("fresh")
    fresh.symlink_to(to)
    fresh.replace(link)


def live(file: Path) -> LiveRules:
    return LiveRules(lambda: load_ruleset(["*.yaml"], file.parent), lambda: listed(["*.yaml"], file.parent))


def blocked(rules: LiveRules) -> list[str]:
    return [word for word in ("falcon", "heron", "swift") if scan(rules(), word).text is None]


async def test_new_rules_take_over_and_wrong_ones_do_not(file: Path) -> None:
    rules = live(file)
    kept = rules()
    write(file, RULE % ("heron", "heron"))
    assert await rules.reload() == ""
    assert blocked(rules) == ["heron"] and not rules.refused
    assert scan(kept, "falcon").text is None, "an exchange keeps the rules that it began with"
    for wrong, words in (
        (RULE % ("heron", "swift"), "own test fails"),
        ("version: 1\nrulez: []", 'unknown key "rulez"'),
    ):
        write(file, wrong)
        assert words in await rules.reload()
        assert blocked(rules) == ["heron"] and rules.refused
    remove(file)
    assert "there is no rule file" in await rules.reload()
    assert blocked(rules) == ["heron"]


def test_rules_that_fail_their_own_tests_are_not_started_either(file: Path) -> None:
    write(file, RULE % ("heron", "swift"))
    with pytest.raises(ConfigError, match="own test fails"):
        live(file).start()


async def until(condition: Any) -> None:
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


async def test_a_file_of_equal_size_and_time_in_its_place_is_noticed(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 0.01)
    for name, word in (("one", "falcon"), ("two", "heron1")):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "rules.yaml", RULE % (word, word))
        os.utime(tmp_path / name / "rules.yaml", (1, 1))
    remove(file)
    lead(file, tmp_path / "one" / "rules.yaml")
    rules = live(file)
    await rules.watch()
    lead(file, tmp_path / "two" / "rules.yaml")
    await until(lambda: scan(rules(), "heron1").text is None)
    await rules.aclose()


TWO = "version: 1\nrules:\n  - {id: a, detect: {keywords: [falcon]}, action: block}\n"
MORE = "  - {id: b, detect: {keywords: [%s]}, action: block}\n"


@pytest.mark.parametrize("times", [1, 9])
async def test_rules_of_a_file_that_is_half_written_are_not_taken(file: Path, times: int) -> None:
    """Half of it is a file of rules as well."""
    begun = [False] * times

    def build() -> Ruleset:
        if not (armed and begun):
            return load_ruleset(["*.yaml"], file.parent)
        begun.pop()
        write(file, TWO)
        found = load_ruleset(["*.yaml"], file.parent)
        write(file, TWO + MORE % "swift")
        return found

    armed = False
    write(file, TWO + MORE % "heron")
    rules = LiveRules(build, lambda: listed(["*.yaml"], file.parent))
    armed = True
    told = await rules.reload()
    assert blocked(rules) == (["falcon", "swift"] if times == 1 else ["falcon", "heron"])
    assert told == "" if times == 1 else "are written to" in told


async def test_files_that_could_not_be_looked_at_for_a_while_are_looked_at_again(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 0.01)
    away = False
    looks = 0

    def named() -> list[Path]:
        nonlocal looks
        looks += 1
        if away:
            raise OSError("a stale handle")
        return listed(["*.yaml"], file.parent)

    rules = LiveRules(lambda: load_ruleset(["*.yaml"], file.parent), named)
    await rules.watch()
    away, before = True, looks
    await until(lambda: looks > before)
    away = False
    write(file, RULE % ("heron", "heron"))
    await until(lambda: blocked(rules) == ["heron"])
    await rules.aclose()


async def test_a_changed_or_new_file_is_noticed(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 0.01)
    rules = live(file)
    await rules.watch()
    write(file, RULE % ("heron", "heron"))
    await until(lambda: blocked(rules) == ["heron"])
    write(file.parent / "more.yaml", (RULE % ("swift", "swift")).replace("id: a", "id: b"))
    await until(lambda: blocked(rules) == ["heron", "swift"])
    await rules.aclose()


async def test_a_hangup_reads_the_rules_again(file: Path) -> None:
    rules = live(file)
    undo = on_hangup(rules)
    write(file, RULE % ("heron", "heron"))
    os.kill(os.getpid(), signal.SIGHUP)
    await until(lambda: blocked(rules) == ["heron"])
    undo()


async def test_no_request_is_dropped_while_rules_change(support: Any, tmp_path: Path) -> None:
    from tidegate.engine.exchange import Exchange, Reply
    from tidegate.engine.handler import Request

    write(tmp_path / "rules.yaml", RULE % ("falcon", "falcon"))
    loaded = support.parse_config(
        "version: 1\nguardrails: {files: [rules.yaml], reload: off}", file="gate.yaml", folder=tmp_path
    )

    async def model(exchange: Exchange) -> Reply:
        await asyncio.sleep(0.001)
        return Reply.whole(200, b'{"choices": []}')

    gate = support.Gate(loaded, upstream=model)
    await gate.start()
    body = b'{"model": "m", "messages": [{"role": "user", "content": "a heron"}]}'
    seen: list[int] = []

    async def ask() -> None:
        for _ in range(60):
            answer = await gate.answer(
                Request("POST", "/v1/chat/completions", {"content-type": "application/json"}, body)
            )
            seen.append(answer.status)
            await answer.aclose()

    asking = [asyncio.create_task(ask()) for _ in range(4)]
    for word in ("heron", "falcon", "heron"):
        await asyncio.sleep(0.01)
        write(tmp_path / "rules.yaml", RULE % (word, word))
        assert await gate.reload() == ""
    await asyncio.gather(*asking)
    await gate.aclose()
    assert len(seen) == 240 and set(seen) == {200, 400}


async def test_an_include_that_was_broken_is_noticed_when_it_is_mended(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 0.02)
    rules = LiveRules(lambda: load_ruleset([file.name], file.parent), lambda: [file])
    await rules.watch()
    team = file.parent / "team.yml"
    write(team, "version: 1\nrules: [{id: b, detect: {keywords: []}, action: block}]")
    write(file, "version: 1\ninclude: [team.yml]\nrules: [{id: a, detect: {keywords: [swift]}, action: block}]")
    await asyncio.sleep(0.2)
    assert blocked(rules) == ["falcon"]
    write(team, "version: 1\nrules: [{id: b, detect: {keywords: [heron]}, action: block}]")
    async with asyncio.timeout(5):
        while blocked(rules) != ["heron", "swift"]:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    await rules.aclose()

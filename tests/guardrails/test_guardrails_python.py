"""Functions of installed packages as detectors: what they find, and that one which misbehaves is ended."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import ConfigError, NotEvaluated
from tidegate.engine.exchange import Exchange, Reply
from tidegate.engine.ports import Finding
from tidegate.guardrails.detectors.python import FunctionFailed, OutOfTime, Python, PythonConfig
from tidegate.guardrails.guard import RequestGuard
from tidegate.guardrails.rules.compile import compile_rules, load_ruleset
from tidegate.guardrails.rules.load import load_text
from tidegate.guardrails.scan import scan
from tidegate.serve.reload import LiveRules

CODE = """
import os, sys, time

def words(text):
    print("nothing that is printed is an answer", flush=True)
    at = text.find("heron")
    return [(at, at + 5, "BIRD"), (0, 1)] if at >= 0 else []

def hangs(text):
    while True:
        pass

def eats(text):
    return [(0, len(bytearray(10**9)))]

def crashes(text):
    os._exit(3)

def raises(text):
    raise KeyError(text)

def outside(text):
    return [(0, len(text) + 1)]

def wrong(text):
    return [text]

def environment(text):
    return [(0, 1)] if "TIDEGATE_TEST_SECRET" in os.environ else []
"""
NAMES = ("words", "hangs", "eats", "crashes", "raises", "outside", "wrong", "environment")


@pytest.fixture(autouse=True)
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bird_words.py").write_text(CODE)
    info = tmp_path / "bird_words-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bird-words\nVersion: 1.2\n")
    points = [f"{name} = bird_words:{name}" for name in NAMES] + ["missing = bird_words:missing"]
    (info / "entry_points.txt").write_text("[tidegate.functions]\n" + "\n".join(points) + "\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("TIDEGATE_TEST_SECRET", "s")


def made(name: str, deadline_ms: int = 4000, memory_mb: int = 64) -> Python:
    return Python(PythonConfig(function=name, deadline_ms=deadline_ms, memory_mb=memory_mb), "X")


def test_spans_of_a_function_are_findings() -> None:
    detector = made("words")
    detector.start()
    assert detector.find("a heron") == [Finding(0, 1, "X"), Finding(2, 7, "BIRD")]
    assert detector.find("\ud800 heron" * 50_000)[1].start == 2
    assert detector.find("a dog") == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("eats", "MemoryError"),
        ("crashes", "process ended"),
        ("raises", "it raised KeyError"),
        ("outside", "outside the text"),
        ("wrong", r"no \(start, end\)"),
    ],
)
def test_a_function_that_misbehaves_fails_without_the_text(name: str, told: str) -> None:
    detector = made(name)
    for _ in range(2):
        with pytest.raises(FunctionFailed, match=told) as caught:
            detector.find("my secret")
        assert "my secret" not in str(caught.value)


def test_a_function_that_hangs_is_ended_and_the_next_text_has_a_new_process() -> None:
    detector = made("hangs", deadline_ms=50)
    detector.start()
    for _ in range(2):
        with pytest.raises(OutOfTime):
            detector.find("text")


def test_it_does_not_see_the_gates_environment() -> None:
    assert "TIDEGATE_TEST_SECRET" in os.environ
    assert made("environment").find("text") == []


def test_a_text_that_is_too_long_is_not_evaluated() -> None:
    with pytest.raises(FunctionFailed, match="too long"):
        made("words").find("x" * (1024 * 1024 + 1))


def test_what_cannot_be_used_is_refused_at_start() -> None:
    rule = "version: 1\nrules:\n  - id: birds\n    detect: {python: %s}\n    action: block\n"
    with pytest.raises(ConfigError, match=r'no installed package has a function "wordz"'):
        compile_rules(load_text(rule % "wordz"))
    ruleset = compile_rules(load_text(rule % "missing"))
    with pytest.raises(ConfigError, match="its import raised AttributeError"):
        ruleset.start()


async def test_the_rules_on_error_decides_when_a_function_fails() -> None:
    text = "version: 1\nrules:\n  - {id: birds, detect: {python: raises}, action: block, on_error: %s}\n"
    for on_error in ("block", "pass"):
        ruleset = compile_rules(load_text(text % on_error))
        body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
        exchange = Exchange(OpenAIChat(), "/v1/chat/completions", {}, body, "m", False)

        async def model(asked: Exchange) -> Reply:
            return Reply.whole(200, b"{}")

        guard = RequestGuard(lambda ruleset=ruleset: ruleset)
        if on_error == "block":
            with pytest.raises(NotEvaluated, match="birds"):
                await guard(exchange, model)
        else:
            assert (await guard(exchange, model)).status == 200
            assert exchange.verdicts[0].action == "not_evaluated"


def test_a_function_of_another_version_is_another_rule_set() -> None:
    rule = "version: 1\nrules:\n  - {id: birds, detect: {python: words}, action: block}\n"
    (detector,) = [each.detector for each in compile_rules(load_text(rule)).rules]
    assert getattr(detector, "version", "") == "1/bird-words-1.2:bird_words:words"


async def test_rules_that_were_replaced_keep_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[subprocess.Popen[bytes]] = []
    begin: Any = subprocess.Popen

    def noted(*given: Any, **named: Any) -> Any:
        begun.append(begin(*given, **named))
        return begun[-1]

    monkeypatch.setattr(subprocess, "Popen", noted)

    def processes() -> int:
        return sum(each.poll() is None for each in begun)

    file = tmp_path / "rules.yaml"
    tests = "tests: [{text: %s, expect: block}]"
    rule = "version: 1\nrules: [{id: %s, detect: {any: [{python: words}]}, action: block, " + tests + "}]"
    file.write_text(rule % ("a", "heron"))
    live = LiveRules(lambda: load_ruleset(["rules.yaml"], tmp_path))
    live.start()
    before, kept = processes(), live()
    for name in ("b", "c"):
        file.write_text(rule % (name, "heron"))
        assert await live.reload() == ""
        file.write_text(rule % (name, "swan"))
        assert "own test fails" in await live.reload()
        assert processes() == before == 1
    assert scan(kept, "a heron").text is None, "an exchange that began with the old rules is still judged by them"
    assert processes() == before
    await live.aclose()
    assert processes() == 0

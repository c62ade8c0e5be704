"""What the cascade did, in `/metrics` and `cache stats --gate`; money by scope; lists of the answers that are meant."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

from tidegate.engine.errors import ConfigError
from tidegate.serve.cli import app
from tidegate.serve.commands import memory, warm
from tidegate.serve.commands.wanted import Wanted
from tidegate.serve.config.gate_yaml import load_config
from tidegate.tests.serve import cache_files
from tidegate.tests.serve.cache_files import CHAT, Write, ask, lines, quiet

write = cache_files.write


def run(*args: str) -> str:
    done = CliRunner().invoke(app, ["cache", *args])
    assert done.exit_code == 0, done.output
    return done.output


def running(write: Write, support: Any, cache: str) -> tuple[Path, Any]:
    config = write(cache)
    return config, support.Running(support.Gate(load_config(config)).app())


def test_every_step_is_counted_and_timed_and_reasons_are_shown(write: Write, support: Any) -> None:
    config, gate = running(write, support, "mode: exact, store: 'sqlite:a.db'")
    try:
        for text in ("One?", "One?", "What is the weather today?"):
            ask(gate.url, text)
        short = {"model": "m", "messages": [{"role": "user", "content": "Two?"}]}
        httpx2.post(gate.url + CHAT, json=short, headers={"x-tidegate-cache-ttl": "0"})
        shown = httpx2.get(gate.url + "/metrics").text
        said = json.loads(run("stats", "-c", str(config), "--gate", gate.url, "--json"))["gate"]
        told = run("stats", "-c", str(config), "--gate", gate.url)
    finally:
        gate.stop()
    assert 'tidegate_cache_steps{outcome="found",step="exact"} 1.0' in shown
    assert 'tidegate_cache_steps{outcome="none",step="exact"} 2.0' in shown
    assert 'tidegate_cache_step_seconds{step="exact"}' in shown and 'step="veto"' not in shown
    assert 'tidegate_cache_bypass{reason="time-sensitive"} 1.0' in shown
    assert 'tidegate_cache_not_stored{reason="ttl"} 1.0' in shown
    assert 'tidegate_cache_events{what="stored"} 1.0' in shown
    assert 'tidegate_cache_background{of="store",what="dropped"} 0.0' in shown
    seconds = said["steps"]["exact"].pop("seconds")
    assert said["steps"] == {"exact": {"found": 1, "none": 2}} and 0 < seconds < 1
    assert said["bypass"] == {"time-sensitive": 1} and said["not_stored"] == {"ttl": 1}
    assert said["background"]["store dropped"] == 0
    assert "step exact: 1 found, 2 none" in told and "not stored: 1 ttl" in told


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "nowhere", "http://["])
def test_a_gate_that_does_not_answer_is_an_error(write: Write, url: str) -> None:
    config = write("mode: exact, store: 'sqlite:a.db'")
    done = CliRunner().invoke(app, ["cache", "stats", "-c", str(config), "--gate", url])
    assert isinstance(done.exception, ConfigError) and "no gate answers at --gate" in str(done.exception)


def test_money_is_told_by_scope_where_prices_are_known(write: Write, support: Any, tmp_path: Path) -> None:
    config = tmp_path / "gate.yaml"
    for prices, shown in (("", False), ("models: {m: {input: 1000000, output: 1000000}}\n", True)):
        path = write(f"mode: exact, store: 'sqlite:{shown}.db'")
        path.write_text(path.read_text() + prices)
        gate = support.Running(support.Gate(load_config(config)).app())
        for _ in "12":
            ask(gate.url, "One?")
        gate.stop()
        told = run("stats", "-c", str(config))
        assert "saved 12 tokens" in told and ("s, $12.00;" in told) is shown and "$0" not in told


def test_what_audits_cost_is_told_beside_what_hits_saved() -> None:
    from tidegate.cache.bound import scope_figures
    from tidegate.cache.tally import Tally
    from tidegate.serve.commands.cache import scope_line

    tally = Tally(exact=1, tokens=10, cost=0.000045, audit_tokens=5, audit_cost=2.5)
    told = scope_line(scope_figures("s", tally))
    assert "saved 10 tokens, 0.0 s, $0.000045; audits took 5 tokens, $2.50" in told


def test_a_list_shows_the_answers_that_are_meant_and_the_scope_that_stats_shows(write: Write, tmp_path: Path) -> None:
    config = write("mode: exact, store: 'sqlite:a.db'")
    rows = [{"prompt": f"Of {name}?", "answer": "1"} for name in ("heron", "falcon")]
    warm.warm(config, lines(tmp_path / "w.jsonl", *rows), warm.Plan(model="m"), quiet)
    warm.warm(config, lines(tmp_path / "v.jsonl", rows[0]), warm.Plan(model="n", namespace="other"), quiet)

    def texts(*args: str) -> list[str]:
        return sorted(row["text"] + row["model"] for row in json.loads(run("list", "-c", str(config), "--json", *args)))

    assert texts() == ["Of falcon?m", "Of heron?m", "Of heron?n"]
    assert texts("--model", "n") == ["Of heron?n"] and texts("--text", "FALCON") == ["Of falcon?m"]
    assert texts("--text", "heron", "--model", "m") == ["Of heron?m"] and texts("--older-than", "1h") == []
    assert texts("--tag", "a=b") == [] and len(texts("--last", "2")) == 2
    found = memory.listed(config, 9)
    assert texts("--key", found[0]["key"][:20]) == [found[0]["text"] + found[0]["model"]]
    scopes = {row["scope"] for row in found}
    assert len(scopes) == 2 and all(len(scope) == 12 for scope in scopes)
    other = next(row["scope"] for row in found if row["model"] == "n")
    assert texts("--scope", other) == ["Of heron?n"] and other in run("list", "-c", str(config))
    for name in ("--key", "--model", "--text", "--older-than", "--tag", "--scope"):
        done = CliRunner().invoke(app, ["cache", "list", "-c", str(config), name, ""])
        assert isinstance(done.exception, ConfigError), name


def test_no_condition_fits_every_answer_and_is_none() -> None:
    assert not Wanted().given and Wanted(older=0.0).given and Wanted(tags=["a=b"]).given

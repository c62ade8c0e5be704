"""A scan says what it loads before it looks, where a terminal shows it: some engines take ten seconds."""

import io
import time
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from tidegate.guardrails.detectors.pii.presidio import Presidio
from tidegate.serve import cli

RULES = "version: 1\nrules:\n  - {id: card, detect: {pii: {types: [CREDIT_CARD], engine: presidio}}, action: mask}\n"


@pytest.mark.parametrize("what", ["4111 1111 1111 1111", "texts"])
@pytest.mark.parametrize("terminal", [True, False])
def test_a_scan_says_on_a_terminal_that_it_loads_presidio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, terminal: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rules.yaml").write_text(RULES)
    Path("texts").mkdir()
    Path("texts/a.txt").write_text("4111 1111 1111 1111")
    start = Presidio.start

    def slowly(self: Presidio) -> None:
        time.sleep(0.3)  # it may have been loaded by another test
        start(self)

    monkeypatch.setattr(Presidio, "start", slowly)
    shown = io.StringIO()
    monkeypatch.setattr(cli, "err", Console(file=shown, force_terminal=terminal, width=120))
    done = CliRunner().invoke(cli.app, ["scan", what, "--rules", "rules.yaml"])
    assert done.exit_code == 0, done.output
    assert "loading" not in done.stdout
    assert ("loading Presidio, which takes seconds, for card" in shown.getvalue()) == terminal

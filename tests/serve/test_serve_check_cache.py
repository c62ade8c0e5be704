"""A check runs the semantic cache's own test: what would keep it off at start is told before."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from tidegate.models.embedding import prepare
from tidegate.serve import make_cache
from tidegate.serve.cli import app


class Flat:
    """A static table that says the same of every text."""

    dim = 8

    def embed(self, texts: Any) -> Any:
        return np.ones((len(texts), 8), np.float32)


@pytest.mark.parametrize("broken", [False, True])
def test_a_static_table_that_tells_nothing_apart_fails_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    prepare.prepare()
    config = tmp_path / "gate.yaml"
    config.write_text("version: 1\ncache: {mode: semantic, store: 'memory:'}\n")
    if broken:
        monkeypatch.setattr(make_cache, "load_static", lambda _: Flat())
    done = CliRunner().invoke(app, ["check", "-c", str(config)])
    told = "off: the static vectors do not tell the canary pairs apart" if broken else "passes its test"
    assert done.exit_code == (3 if broken else 0) and told in " ".join(done.output.split())


def test_a_check_of_an_exact_cache_tries_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "gate.yaml"
    config.write_text("version: 1\ncache: {mode: exact, store: 'memory:'}\n")
    monkeypatch.setattr(make_cache, "load_static", None)
    done = CliRunner().invoke(app, ["check", "-c", str(config)])
    assert done.exit_code == 0 and "semantic cache" not in done.output

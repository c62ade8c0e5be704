"""The cache's section of gate.yaml: its pace, and a key that stands in the wrong section."""

from pathlib import Path

import pytest

from tidegate.engine.errors import ConfigError
from tidegate.serve.config.gate_yaml import Loaded, parse_config

HEAD = "version: 1\nproviders: {a: {kind: openai}}\n"


def parse(text: str) -> Loaded:
    return parse_config(text, file="gate.yaml", folder=Path())


@pytest.mark.parametrize("kind", ["openai", "azure", "llama", "groq"])
def test_a_key_that_has_its_place_elsewhere_is_told_where_and_never_its_own_name(kind: str) -> None:
    with pytest.raises(ConfigError) as failed:
        parse(f"version: 1\nproviders:\n  a:\n    kind: {kind}\n    models: {{x: {{input: 1}}}}\n")
    said = str(failed.value)
    assert "gate.yaml:5" in said and "(`models:` stands at the top of the file)" in said


@pytest.mark.parametrize(("pace", "said"), [("0", "greater than or equal to 50"), ("fast", "valid number")])
def test_a_pace_that_cannot_be_kept_is_refused_with_its_line(pace: str, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"gate.yaml:5\b.*cache.pace: .*{said}"):
        parse(HEAD + f"cache:\n  mode: exact\n  pace: {pace}\n")


def test_a_pace_is_none_unless_it_is_said_and_does_nothing_without_a_mode() -> None:
    assert parse(HEAD + "cache: {mode: exact}").config.cache.pace is None
    assert parse(HEAD + "cache: {mode: exact, pace: 400}").config.cache.pace == 400.0
    with pytest.raises(ConfigError, match="`pace` does nothing without a mode"):
        parse(HEAD + "cache: {pace: 400}")

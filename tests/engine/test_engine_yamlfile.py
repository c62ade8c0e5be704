"""Configuration files: strict, and errors that point at the line."""

from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict

from tidegate.engine.errors import ConfigError
from tidegate.engine.validate import validate
from tidegate.engine.yamlfile import FILE_BYTES, load_yaml, nearest
from tidegate.tests.places import lines_only


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    mode: Literal["off", "exact", "semantic"] = "off"
    size: int = 1


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    version: int
    cache: Inner | None = None
    items: list[Inner] = []
    named: dict[str, Inner] = {}


def fail(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        validate(Outer, load_yaml(text, file="gate.yaml"))
    return lines_only(caught.value)


def test_words_that_yaml_1_1_would_turn_into_booleans_stay_words() -> None:
    tree = load_yaml("a: off\nb: no\nc: 12:30\nd: 2027-01-01\ne: true\nf: 0x1f\ng: 1.5\nh: ~\ni: '1'\nj: 007\nk: 1e3")
    assert tree.data == {
        "a": "off",
        "b": "no",
        "c": "12:30",
        "d": "2027-01-01",
        "e": True,
        "f": 31,
        "g": 1.5,
        "h": None,
        "i": "1",
        "j": 7,
        "k": 1000.0,
    }


def test_every_value_knows_its_line() -> None:
    tree = load_yaml("a:\n  - x\n  - b: 1\n    c: 2\n")
    assert tree.line_of(("a", 1, "c")) == 4
    assert tree.line_of(("a", 1, "missing", "deeper")) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &x 1\nb: *x", "gate.yaml:1: anchors and aliases"),
        ("a: 1\nb: *x", "gate.yaml:2: anchors and aliases"),
        ("a: !!python/object:os.system x", "gate.yaml:1: tags"),
        ("a: 1\na: 2", 'gate.yaml:2: the key "a" stands here twice (first on line 1)'),
        ("a: " + "[" * 30 + "]" * 30, "nested more than 20 levels"),
        ("a: 1\n---\nb: 2", "gate.yaml:2: more than one YAML document"),
        ("a: [1,\nb: }", "gate.yaml:2: not valid YAML"),
        ("? [1]\n: 2", "a key must be plain text"),
        ("a: [1\n", "gate.yaml:2: not valid YAML"),
        ("a:\n\tb: 1", "here is a tab"),
        ('a: "\\d"', "in single ones it is itself"),
        ("a: \x01", "not valid YAML"),
    ],
)
def test_what_configuration_never_needs_is_refused_with_its_line(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_yaml(text, file="gate.yaml")
    assert words in lines_only(caught.value)


def test_ten_thousand_levels_do_not_overflow_the_stack() -> None:
    with pytest.raises(ConfigError):
        load_yaml("[" * 10_000)


def test_too_long_and_unreadable_files_are_refused(tmp_path: Path) -> None:
    big = tmp_path / "big.yaml"
    big.write_text("#" * (FILE_BYTES + 1))
    with pytest.raises(ConfigError, match="longer than"):
        load_yaml(big)
    bad = tmp_path / "bad.yaml"
    for raw, place in ((b"a: 1\nb: \xff", "2:4"), (b"\xef\xbb\xbf\xc3\xa9ab\xff", "1:4")):
        bad.write_bytes(raw)
        with pytest.raises(ConfigError, match=rf"bad\.yaml:{place}: not UTF-8"):
            load_yaml(bad)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_yaml(tmp_path / "none.yaml")


def test_an_unknown_key_is_refused_with_the_nearest_name() -> None:
    assert fail("version: 1\ncache:\n  sice: 3") == 'gate.yaml:3: unknown key "sice" in cache (did you mean "size"?)'
    assert 'gate.yaml:3: unknown key "sice" in items.0' in fail("version: 1\nitems:\n  - sice: 3")
    assert 'did you mean "mode"' in fail("version: 1\nnamed:\n  x: {mod: off}")
    assert fail("a: 1\nversoin: 1").startswith('gate.yaml:1: unknown key "a"')
    assert 'gate.yaml:1: unknown key "versoin" (did you mean "version"?)' in fail("versoin: 1")


def test_a_wrong_value_is_refused_without_quoting_it() -> None:
    message = fail("version: 1\ncache: {mode: semantik}")
    assert message.startswith("gate.yaml:2: cache.mode: ")
    assert 'did you mean "semantic"?' in message
    assert "semantik" not in message
    assert "gate.yaml:1: version: should be a valid integer" in fail("version: hunter2")
    assert "hunter2" not in fail("version: hunter2")


def test_a_missing_key_is_named() -> None:
    assert 'the key "version" is missing' in fail("cache: {}")
    assert "expected a mapping" in fail("- 1")


def test_the_nearest_name_ignores_case_and_gives_nothing_for_something_else() -> None:
    assert nearest("email_adress", ["EMAIL_ADDRESS", "US_SSN"]) == 'did you mean "EMAIL_ADDRESS"?'
    assert nearest("EMAIL", ["US_SSN", "EMAIL_ADDRESS"]) == 'did you mean "EMAIL_ADDRESS"?'
    assert nearest("mail", ["EMAIL_ADDRESS"]) == nearest("", ["a_"]) == ""
    assert nearest("zzz", ["EMAIL_ADDRESS"]) == ""

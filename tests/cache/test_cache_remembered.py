"""What was made of texts is remembered for the last ones: so many of them, and so many characters."""

from collections.abc import Callable
from importlib import import_module

import pytest

from tidegate.cache.rules import remembered as module
from tidegate.cache.rules.remembered import remembered


def test_the_last_texts_are_remembered_and_the_others_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    asked: list[str] = []

    def make(text: str) -> str:
        asked.append(text)
        return text.upper()

    made = remembered(make)
    assert [made(text) for text in ("a", "b", "a", "c", "a", "b")] == ["A", "B", "A", "C", "A", "B"]
    assert asked == ["a", "b", "c", "a", "b"]


def test_long_texts_are_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHARS", 10)
    asked: list[str] = []
    made = remembered(lambda text: asked.append(text))
    for text in ("aaaa", "bbbb", "aaaa", "cccc", "aaaa", "bbbb", "d" * 11, "d" * 11, "aaaa"):
        made(text)
    assert asked == ["aaaa", "bbbb", "cccc", "aaaa", "bbbb", "d" * 11, "d" * 11, "aaaa"]


@pytest.mark.parametrize("name", ["reading.read", "place.words", "limits.limits", "contrary._kinds"])
def test_of_long_texts_few_are_kept_however_many_come(name: str) -> None:
    module, function = name.split(".")
    make: Callable[[str], object] = getattr(import_module(f"tidegate.cache.rules.{module}"), function)
    texts = [f"{'a' * 1990} {number}" for number in range(600)]
    first, *_, last = [make(text) for text in texts]
    assert make(texts[-1]) is last
    assert make(texts[0]) is not first

"""Two answers to one question: same, different, or honestly unclear."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tidegate.cache.answer import VERSION, Answer, Piece
from tidegate.cache.compare import Comparer, words_of
from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.openai_text import OpenAICompletions
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.jsonio import dumps
from tidegate.engine.sse import Event

RULES = Comparer(None)


def stored(body: dict[str, Any]) -> Answer:
    piece = Piece.of(Event.whole(dumps(body)))
    return Answer(VERSION, "p", "t", False, b"", [piece], "application/json", "m", "r")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Paris.", "paris"),
        ("Paris.", "The capital of France is Paris."),
        ("There are 8 planets.", "Eight"),
        ("**Negative**", "Sentiment: negative"),
        ("Ich liebe dich.", 'In German: "Ich liebe dich."'),
    ],
)
def test_rules_see_what_is_the_same(first: str, second: str) -> None:
    assert RULES.texts(first, second) == RULES.texts(second, first) == "same"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            "It takes fifteen working days once you have sent it.",
            "It takes sixteen working days once you have sent it.",
        ),
        ("You must include it.", "You must exclude it from there."),  # as they are spelt for comparing
        ("Use the implicit form of it here.", "Use the explicit form of it here."),
        ("Yes, dogs may eat it.", "No, it is toxic to dogs."),
        ("Water boils at 100 °C.", "Water boils at 90 °C."),
        ("It was written by Jane Austen.", "It was written by Emily Brontë."),
        ("Open Settings and switch dark mode on.", "Open Settings and switch dark mode off."),
        ("The capital is Paris.", "The capital is not Paris."),
        ("Run `pip install numpy`.", "Run `pip install pandas`."),
        ("The meeting moves from Monday to Wednesday.", "The meeting moves from Wednesday to Monday."),
    ],
)
def test_rules_see_what_is_different(first: str, second: str) -> None:
    assert RULES.texts(first, second) == RULES.texts(second, first) == "different"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("It is safe.", "Never do that: it is not at all safe."),
        ("Reset it on the sign-in page.", "Reset it at https://evil.example/login on the sign-in page."),
        ("Soft rain on the roof", "Snow falls on the pines"),
    ],
)
def test_what_rules_cannot_settle_is_unclear_without_an_encoder(first: str, second: str) -> None:
    assert RULES.texts(first, second) == "unclear"


@pytest.mark.parametrize(
    "dialect", [OpenAIChat(), OpenAICompletions(), OpenAIResponses(), AnthropicMessages(), Gemini("v1")]
)
async def test_the_words_of_a_reply_are_found_in_every_dialect(dialect: Any) -> None:
    one, two = (dialect.canned({"model": "m"}, text) for text in ("Paris.", "The capital is Paris."))
    assert words_of(dialect, stored(one)) == "Paris."
    assert await RULES(dialect, stored(one), stored(two)) == "same"
    assert await RULES(dialect, stored(one), stored({"x": 1})) == "unclear"


class Apart:
    """An encoder for which no two texts have anything in common."""

    id, dim = "apart", 2

    def embed(self, texts: Sequence[str]) -> Any:
        return np.eye(2, dtype=np.float32)[: len(texts)]


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("Soft rain on the roof", "Snow falls on the pines", "different"),
        ("ต้มน้ำให้เดือดแล้วใส่ไข่", "ใส่ไข่ลงในน้ำเดือด", "unclear"),
        ("Βράστε το νερό και βάλτε το αυγό", "Βάλτε το αυγό σε βραστό νερό", "unclear"),
        ("להרתיח מים ולהוסיף ביצה", "מוסיפים ביצה למים רותחים", "unclear"),
        ("জল ফুটিয়ে ডিম দিন", "ফুটন্ত জলে ডিম ছাড়ুন", "unclear"),
    ],
)
def test_an_encoder_that_knows_english_has_no_word_on_other_languages(first: str, second: str, said: str) -> None:
    assert Comparer(Apart()).texts(first, second) == said


def test_with_the_encoder_few_pairs_are_judged_wrongly() -> None:
    """A floor, not an estimate: the rules were written with these pairs in sight."""
    from tidegate.models.embedding import onnx, prepare

    prepare.prepare()
    comparer = Comparer(onnx.load())
    folder = Path(__file__).parents[2] / "training/data/answers"
    rows = [json.loads(line) for line in (folder / "own.jsonl").read_text("utf-8").splitlines()]
    said = [(comparer.texts(row["a"], row["b"]), "same" if row["same"] else "different") for row in rows]
    comparer.close()
    assert sum(one not in (label, "unclear") for one, label in said) <= 2
    assert sum(one == label for one, label in said) >= 0.6 * len(said)

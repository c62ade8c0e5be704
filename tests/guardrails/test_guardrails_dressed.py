"""However a stream is dressed and cut, it says what the whole says: of views that go character by character."""

import asyncio
import random
import time
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.benchmarks.streams import DRESSES, Said, say
from tidegate.guardrails.dressed import BEHIND, Dress
from tidegate.guardrails.rules.compile import compile_rules
from tidegate.guardrails.rules.load import load_text
from tidegate.guardrails.rules.ruleset import Ruleset
from tidegate.guardrails.scan import scan
from tidegate.tests.guardrails.guarded import split

RULES = """
version: 1
rules:
  - {id: p, scope: output, detect: {pii: [EMAIL_ADDRESS, CREDIT_CARD, PHONE_NUMBER, IBAN_CODE]}, action: redact}
  - {id: s, scope: output, detect: {secrets: [aws_id, github]}, action: redact}
  - {id: k, scope: output, detect: {keywords: [project falcon, projekt müller]}, action: redact}
  - {id: r, scope: output, detect: {regex: '(?i)\\bblue\\sheron\\b'}, action: redact, views: normal}
"""
ENDING = "version: 1\nrules:\n  - {id: k, scope: output, detect: {keywords: [project falcon]}, action: block}\n"
VALUES = (
    "ann@corp.example",
    "4111 1111 1111 1111",
    "+48 601 234 567",
    "DE89 3704 0044 0532 0130 00",
    "AKIAIOSFODNN7EXAMPL2",
    "project falcon",
    "blue heron",
    "Projekt Mu\u0308ller",
)
WORDS = (
    "so",
    "I",
    "a",
    "the",
    "mail",
    "phone",
    "card",
    "x-ray",
    "1, 2, 3",
    "très",
    "“it”",
    "hi 👩🏽‍💻",
    "сыр",
    "Projekt",
)


@cache
def made() -> Ruleset:
    return compile_rules(load_text(RULES))


@pytest.fixture
def ruleset() -> Ruleset:
    return made()


def heard(ruleset: Ruleset, pieces: list[str], *, streamed: bool = True) -> Said:
    return asyncio.run(say(ruleset, pieces, streamed=streamed))


@pytest.mark.parametrize(
    "text",
    [
        "mail ann\u200b@corp.ex\u00adample now",
        "the key is AKIA\u200bIOSFODNN7EXAMPL2 and",
        "a p-r-o-j-e-c-t f-a-l-c-o-n in flight",
        "so p r o j e c t   f a l c o n flies",
        "b\u200bl\u200bue h\u200beron",
        "about proj\u200bect fal\u00adcon.",
        "a Projekt Mu\u0308ller here",
        "card ４１１１ １１１１ １１１１ １１１１ ok",
    ],
)
def test_what_is_dressed_is_redacted_in_a_stream_as_in_the_whole(ruleset: Ruleset, text: str) -> None:
    whole = heard(ruleset, [text], streamed=False).text
    assert "[" in whole
    for step in (1, 2, 3, 7):
        assert heard(ruleset, [text[at : at + step] for at in range(0, len(text), step)]).text == whole


@pytest.mark.parametrize("name", [*DRESSES])
def test_nothing_of_a_dressed_phrase_leaves_before_a_stream_is_ended(name: str) -> None:
    blocking = compile_rules(load_text(ENDING))
    before = "we know of it: "
    got = heard(blocking, list(before + DRESSES[name]("project falcon") + " and more"))
    assert got.stopped
    assert before.startswith(got.text) or (name == "tag characters" and got.text == before + "hello ")


@st.composite
def dressed(draw: st.DrawFn) -> str:
    """Words and values, each as it is or dressed, some all over and some here and there."""
    parts: list[str] = []
    for part in draw(st.lists(st.sampled_from((*VALUES, *VALUES, *WORDS)), min_size=1, max_size=5)):
        match draw(st.integers(0, 3)):
            case 0:
                parts.append(part)
            case 1:
                parts.append(DRESSES[draw(st.sampled_from([*DRESSES]))](part))
            case _:
                odd = draw(st.sampled_from("\u200b\u00ad\u0301\ufe0f\u2060-. "))
                rng = random.Random(draw(st.integers(0, 99)))
                parts.append("".join(char + odd * (rng.random() < 0.3) * rng.randint(1, 3) for char in part))
    return draw(st.sampled_from((" ", ", ", "\n", ""))).join(parts)


@settings(max_examples=150, deadline=None)
@given(text=dressed(), cuts=st.none() | st.lists(st.integers(1, 80), max_size=12))
def test_a_stream_says_what_the_whole_says_however_it_is_dressed_and_cut(text: str, cuts: list[int] | None) -> None:
    ruleset = made()
    if any(view not in ("", "normal", "composed", "joined", "normal, joined") for view in views(ruleset, text)):
        return  # decoded views are no promise
    pieces = list(text) if cuts is None else split(text, cuts)
    assert heard(ruleset, pieces).text == heard(ruleset, [text], streamed=False).text


def views(ruleset: Ruleset, text: str) -> set[str]:
    return {found.view for found in scan(ruleset, text).findings}


@pytest.mark.parametrize("odd", ["\u200b", "\u0301", "\U0001f1e6", "\U000e0061"])
def test_an_endless_match_of_what_nobody_sees_ends_the_stream_and_costs_no_square(odd: str) -> None:
    begun = time.process_time()
    got = heard(made(), ["so proj", *[odd * 1_000] * 70, "ect falcon"])
    assert got.stopped
    assert "proj" not in got.text
    assert time.process_time() - begun < 10  # 70 looks at up to 65,536 characters; minutes if each went back over all


def test_letters_set_apart_that_have_left_are_not_joined_anew_with_each_piece() -> None:
    text = "a b " * 4_000 + "p r o j e c t   f a l c o n "
    views, _ = Dress().worn(text, len(text) - 28, False, True)
    joined = views[-1].view.text
    assert joined.rstrip().endswith("project falcon")
    assert len(joined) > len(text) - BEHIND  # all but the last of it stands as it came


def test_a_long_text_of_letters_set_apart_is_still_read_to_its_end() -> None:
    got = heard(made(), [*["a b "] * 800, *"  p r o j e c t   f a l c o n", " and so"])
    assert "f a l c o n" not in got.text
    assert "a b a b" in got.text

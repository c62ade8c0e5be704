"""A text in whose place another begins, as an answer does behind its reasoning, keeps nothing waiting."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.dialects import Dialect
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.sse import DONE, Event
from tidegate.engine.stream import HoldBack, Screen
from tidegate.guardrails.vault import Restore, Vault
from tidegate.tests.engine.screening import CHAT, CUTS, TEXT, Pattern, chunk, cut, masks, run, said
from tidegate.tests.guardrails.guarded import MAIL

GEMINI = Gemini("v1beta", streams=True)


def thought(text: str) -> Event:
    return chunk({"reasoning_content": text})


def word(text: str) -> Event:
    return chunk({"content": text, "reasoning_content": ""})


def call(text: str) -> Event:
    return chunk({"tool_calls": [{"index": 0, "function": {"arguments": text}}]})


def part(**fields: Any) -> Event:
    return Event.of({"candidates": [{"index": 0, "content": {"role": "model", "parts": [fields]}}]})


async def waits(dialect: Dialect, screen: Screen, events: Sequence[Event]) -> list[int]:
    """For each event how many had come when it left."""
    came = 0

    async def source() -> AsyncIterator[Event]:
        nonlocal came
        for event in events:
            came += 1
            yield event

    async def stop() -> None: ...

    return [came async for _ in HoldBack(dialect, screen, True, stop).run(source())]


@pytest.mark.parametrize(
    ("dialect", "events"),
    [
        (CHAT, [thought("it is a"), *[word("x y z. ")] * 9, DONE]),
        (CHAT, [word("I look for a"), *[call('{"a": 1}          ')] * 9, DONE]),
        (CHAT, [thought("it is a"), word("I look for a"), *[call('{"a": 1}          ')] * 8, DONE]),
        (CHAT, [thought("so"), word("\n\n"), *[call('{"a": 1}          ')] * 9, DONE]),
        (CHAT, [word("\n"), *[thought("x y z. ")] * 9, DONE]),
        (GEMINI, [part(text="it is a", thought=True), *[part(text="x y z. ")] * 9, part(text="")]),
    ],
)
async def test_what_follows_leaves_as_it_comes(dialect: Dialect, events: list[Event]) -> None:
    left = await waits(dialect, masks(), events)
    assert all(came <= at + 3 for at, came in enumerate(left)), left


def test_what_stands_at_its_end_is_found_before_it_leaves() -> None:
    out = run(masks(), [thought("it is aa"), thought("a"), word("yes"), DONE])
    assert said(out) == {(0, "reasoning_content"): "it is <#>", (0, "content"): "yes"}


def test_texts_side_by_side_and_other_choices_pause_nobody() -> None:
    both = [chunk({"reasoning": piece, "reasoning_content": piece}) for piece in ("b=", "12")]
    others = [
        chunk({"content": "b="}),
        chunk({"content": "b="}, 1),
        chunk({"content": "12"}),
        chunk({"content": "3"}, 1),
    ]
    out = run(masks(), [*both, *others, DONE])
    texts = said(out)
    assert texts[0, "reasoning_content"] == texts[0, "content"] == texts[1, "content"] == "<#>"


def test_log_probabilities_take_no_place() -> None:
    beside = {"logprobs": {"content": [{"token": "x", "logprob": -1}]}}
    out = run(masks(), [word("b="), chunk({}, **beside), word("12"), DONE])
    assert said(out)[0, "content"] == "<#>"


NOTE = {"type": "url_citation", "url_citation": {"url": "https://x.example", "title": "T", "start_index": 0}}


def test_citations_and_the_id_of_what_is_heard_take_no_place() -> None:
    out = run(masks(), [word("b="), chunk({"annotations": [NOTE]}), word("12"), DONE])
    assert said(out)[0, "content"] == "<#>"

    def heard(**fields: str) -> Event:
        return chunk({"audio": {"id": "audio_1", **fields}})

    out = run(masks(), [heard(transcript="b="), heard(data="QUJD" * 30), heard(transcript="12"), DONE])
    deltas = [choice["delta"].get("audio", {}) for event in out if event.data for choice in event.data["choices"]]
    assert "".join(audio.get("transcript", "") for audio in deltas) == "<#>"


@pytest.mark.parametrize("rest", ['{"a": 12, "b": "aa"}', "b=12 and", "\n{ aab"])
def test_what_comes_behind_blanks_that_left_is_read_with_them(rest: str) -> None:
    screen = Pattern(r"a{2,5}b?|b=\d{1,3}|12", 7)
    alone = run(screen, [*map(word, ["\n", *rest]), DONE])
    behind = run(screen, [word("\n"), thought("so"), *map(word, rest), DONE])
    assert said(behind)[0, "content"] == said(alone)[0, "content"] != "\n" + rest


def test_blanks_that_left_are_looked_at_with_what_goes_on() -> None:
    out = run(Pattern(r"\n+secret", 9), [word("\n"), thought("so"), word("secret"), DONE])
    assert "secret" not in said(out)[0, "content"]
    assert [c["finish_reason"] for e in out if e.data for c in e.data["choices"]][-1] == "content_filter"


def test_one_that_goes_on_is_looked_at_with_what_has_left() -> None:
    out = run(masks(), [thought("it is b="), word("x"), thought("123 and"), word("y"), DONE])
    assert "123" not in said(out)[0, "reasoning_content"]
    assert [c["finish_reason"] for e in out if e.data for c in e.data["choices"]][-1] == "content_filter"


def test_the_rest_of_what_was_replaced_is_replaced_with_it() -> None:
    out = run(masks(), [thought("it is b=1"), word("x"), thought("23 and so on"), DONE])
    assert said(out)[0, "reasoning_content"] == "it is <#> and so on"


def test_one_that_went_on_pauses_no_more() -> None:
    out = run(masks(), [thought("so"), word("x"), thought(" b="), word("y"), thought("12 z"), DONE])
    assert said(out) == {(0, "reasoning_content"): "so <#> z", (0, "content"): "xy"}


async def test_half_a_placeholder_stays_one() -> None:
    vault = Vault()
    mask = vault.mask("EMAIL_ADDRESS", MAIL)
    events = [thought(f"{mask} {mask[:9]}"), word("x"), thought(f"{mask[9:]} {mask}"), DONE]

    async def source() -> AsyncIterator[Event]:
        for event in events:
            yield event

    async def stop() -> None: ...

    out = [event async for event in HoldBack(CHAT, Restore(vault), True, stop).run(source())]
    assert said(out)[0, "reasoning_content"] == f"{MAIL} {mask} {MAIL}"


@given(TEXT, CUTS, TEXT, CUTS)
def test_however_it_is_cut_both_texts_are_as_the_whole_ones(
    first: str, a: list[int], second: str, b: list[int]
) -> None:
    screen = masks()
    events = [*map(thought, cut(first, a)), *map(word, cut(second, b)), DONE]
    texts = said(run(screen, events))
    assert texts[0, "reasoning_content"] == screen.whole(first)
    assert texts[0, "content"] == screen.whole(second)


@given(st.lists(st.tuples(st.booleans(), st.text("ab=1 ", max_size=6)), max_size=12))
def test_nothing_that_is_to_be_replaced_leaves_whole(pieces: list[tuple[bool, str]]) -> None:
    screen = Pattern(r"a{2,5}b?|b=\d{1,3}", 7)
    out = run(screen, [*(thought(text) if which else word(text) for which, text in pieces), DONE])
    blocked = any(c["finish_reason"] for event in out if event.data for c in event.data["choices"])
    for which, field in ((True, "reasoning_content"), (False, "content")):
        whole = screen.whole("".join(text for kind, text in pieces if kind is which))
        got = said(out).get((0, field), "")
        assert got == whole or blocked
        assert blocked or not screen.pattern.search(got)


def test_the_pause_is_not_the_end_of_it_for_the_screen() -> None:
    screen = masks()
    run(screen, [thought("so"), word("x"), DONE])
    ends = [(segment.paused, done) for segment, text, _, done in screen.seen if text == "so" and done]
    assert ends == [(True, True), (False, True)]

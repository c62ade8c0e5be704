"""JSON in strings of JSON: read without any of its escapes, streamed as whole, and JSON at every level afterwards."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.engine.edits import Edit, apply, whole_edits
from tidegate.engine.exchange import Scope, Segment
from tidegate.engine.extent import Extent, begins
from tidegate.engine.jsonio import JsonText
from tidegate.engine.nested import DEEPEST, Source
from tidegate.engine.sources import as_source
from tidegate.tests.engine.screening import CUTS, Pattern, arguments, chunk, content, cut, run, said

TEXTS = st.text(st.sampled_from('aab "\\\né\U0001f600{}[],:1n/'), max_size=8)
LEAVES = TEXTS | st.sampled_from([11, 1122.11, -11, None, True])


def nested(inside: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(
        lambda value, tail, ascii, indent: json.dumps(value, ensure_ascii=ascii, indent=indent) + tail,
        st.dictionaries(TEXTS, inside, min_size=1, max_size=2) | st.lists(st.dictionaries(TEXTS, inside, min_size=1)),
        st.sampled_from(["", "", "\n", ', {"b": "aa"}', " C:\\new aa 11", '"\\']),
        st.booleans(),
        st.sampled_from([None, 1]),
    )


VALUES = st.recursive(
    LEAVES,
    lambda inside: nested(inside) | st.lists(inside, max_size=2) | st.dictionaries(TEXTS, inside, max_size=2),
    max_leaves=6,
)


def told(value: Any, screen: Pattern) -> Any:
    """What is to be of a value: of a string that is JSON, what it holds is changed; a number becomes a string."""
    if isinstance(value, dict):
        return {screen.whole(name): told(each, screen) for name, each in value.items()}
    if isinstance(value, list):
        return [told(each, screen) for each in value]
    if isinstance(value, str):
        try:
            return json.dumps(told(json.loads(value), screen)) if begins(value, True) else screen.whole(value)
        except ValueError:
            return None
    changed = screen.whole(json.dumps(value))
    return value if changed == json.dumps(value) else changed


def unnested(value: Any) -> Any:
    """A value with the JSON in its strings read, so that blanks in there do not count."""
    if isinstance(value, dict):
        return {name: unnested(each) for name, each in value.items()}
    if isinstance(value, list):
        return [unnested(each) for each in value]
    try:
        return unnested(json.loads(value)) if isinstance(value, str) and begins(value, True) else value
    except ValueError:
        return value


def loose(value: Any) -> bool:
    """Whether a string in a value begins as JSON and is none, such as one with a sentence behind."""
    if isinstance(value, dict | list):
        return any(loose(each) for each in (value.values() if isinstance(value, dict) else value))
    try:
        return isinstance(value, str) and bool(begins(value, True)) and loose(json.loads(value))
    except ValueError:
        return True


@settings(max_examples=150, deadline=None)
@given(
    value=st.dictionaries(TEXTS, VALUES, min_size=1, max_size=2), cuts=CUTS, args=st.booleans(), size=st.integers(0, 9)
)
def test_a_stream_says_what_the_whole_says_and_every_level_stays_json(
    value: Any, cuts: list[int], args: bool, size: int
) -> None:
    text = json.dumps(value)
    piece = arguments if args else content
    screen = Pattern("a{2,5}|1{2,3}|é", 7, to='<"#\\\n>')

    def out(pieces: list[str]) -> str:
        return said(run(screen, [*map(piece, pieces), chunk({}, finish="stop")]))[0, 0 if args else "content"]

    whole = out([text])
    assert out(cut(text, cuts)) == whole
    assert out(list(text)) == whole
    if not loose(value):
        assert unnested(json.loads(whole)) == unnested(told(value, screen))
    broken = text[: len(text) - size]
    assert out(list(broken)) == out([broken])


@pytest.mark.parametrize("deep", range(1, DEEPEST + 1))
def test_what_strings_hold_is_read_without_the_escapes_of_any_level(deep: int) -> None:
    text = '\nx "y" C:\\new'
    for _ in range(deep):
        text = json.dumps({"note": text})
    read = JsonText.of(text, True)
    assert '\nx "y" C:\\new' in read
    assert read.source == text


def test_strings_deeper_than_so_many_stay_as_they_are() -> None:
    text = "\nx"
    for _ in range(DEEPEST + 2):
        text = json.dumps({"note": text})
    assert "\\nx" in JsonText.of(text, True)


@pytest.mark.parametrize(
    "inner",
    ["{x}", '"x\\ny"', 'see {"a": "x\\ny"}', "[1, 2]", "C:\\new", '\\"quoted\\"', "\u2003\\n", "{'a': 'x\\ny'}"],
)
def test_a_string_that_is_no_json_is_read_once(inner: str) -> None:
    assert JsonText.of(json.dumps({"a": inner}), True) == f'{{"a": "{inner}"}}'


@pytest.mark.parametrize("quote", ['\\"', "\\u0022"])
@pytest.mark.parametrize("before", ["", "\\n ", "\\u0020[", "\\u005b"])
def test_however_the_quotes_of_inner_json_are_escaped(quote: str, before: str) -> None:
    text = f'{{"a": "{before}{{{quote}b{quote}: {quote}x\\\\ny{quote}}}"}}'
    assert "x\ny" in JsonText.of(text, True)
    source = Source()
    for char in text:
        source.feed(char, False)
    assert source.text == Source.of(text).text


def test_text_behind_inner_json_gets_the_escapes_of_its_own_string() -> None:
    text = json.dumps({"a": json.dumps({"b": "<1>", "n": 7}) + " and <1>, 7"})
    segment = as_source(Segment((), text, Scope.TOOL_RESULT))
    read, offsets = segment.reading(True)
    places = [at for at in range(len(read)) if read.startswith(("<1>", "7"), at)]
    edits = [Edit(at, at + (3 if read[at] == "<" else 1), 'C:\\n"') for at in places]
    made = json.loads(apply(text, whole_edits(segment, edits, offsets)))["a"]
    inner, end = json.JSONDecoder().raw_decode(made)
    assert inner == {"b": 'C:\\n"', "n": 'C:\\n"'}
    assert made[end:] == ' and C:\\n", C:\\n"'


@pytest.mark.parametrize("pieces", [1, 99])
def test_of_two_finds_in_one_number_the_second_does_not_leave_before_it_is_looked_at(pieces: int) -> None:
    text = '{"k": [1122.11, 11]}'
    events = [arguments(piece) for piece in cut(text, [pieces] * len(text))]
    out = said(run(Pattern("1+b?", 7), [*events, chunk({}, finish="stop")]))[0, 0]
    assert json.loads(out) == {"k": ["<#>22.<#>", "<#>"]}


@pytest.mark.parametrize("stream", [False, True])
def test_what_reaches_over_the_end_of_json_is_replaced_to_its_end(stream: bool) -> None:
    text = '{"a": "", "n": 4111} falcon'
    if stream:
        events = [*map(content, text), chunk({}, finish="stop")]
        assert said(run(Pattern(r"4111\} falcon", 12), events))[0, "content"] == '{"a": "", "n": <#>'
    segment = as_source(Segment((), text, Scope.TOOL_RESULT))
    at = text.index("4111")
    assert apply(text, whole_edits(segment, [Edit(at, len(text), "<#>")], None)) == '{"a": "", "n": <#>'


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('{"a": "x", "k": 1234}', '{"a": "x", "<#><#>}'),
        (r'{"a": "{\"k\": 1234}"}', r'{"a": "{\"<#><#>}"}'),
    ],
)
def test_what_was_replaced_of_a_number_does_not_come_back_with_its_rest(text: str, wanted: str) -> None:
    segment = as_source(Segment((), text, Scope.OUTPUT))
    read, offsets = segment.reading(True)
    at = read.index("12")
    edits = [Edit(read.index('k": '), at + 2, "<#>"), Edit(at + 2, at + 4, "<#>")]
    assert apply(text, whole_edits(segment, edits, offsets)) == wanted


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ('{"a": "x"}\n{"b": 1}\n', None),
        ('  {"a": "x"}\n  ["b"]', None),
        ('{"a": "x"}\n"b\\u0061a"', 11),
        ('{"a": "x"}\n5\n{"b": 11}', 11),
    ],
)
def test_lines_of_json_go_as_far_in_a_whole_text_as_in_a_stream(text: str, end: int | None) -> None:
    assert as_source(Segment((), text, Scope.TOOL_RESULT)).source_end == end
    assert Extent().read(text, 0) == end

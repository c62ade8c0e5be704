"""Secrets, length, JSON, language, code, links and topics: a table of texts and finds for each, and streams."""

import json
import time
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.engine.errors import ConfigError
from tidegate.engine.jsonio import JsonText
from tidegate.engine.yamlfile import Located
from tidegate.guardrails.detectors import registry
from tidegate.guardrails.detectors.base import Context, find_from
from tidegate.guardrails.detectors.json_source import parse_path, scalars, values
from tidegate.guardrails.detectors.secrets.detector import NAMES, Secrets
from tidegate.guardrails.detectors.secrets.forms import github
from tidegate.guardrails.rules.compile import detector

CONTEXT = Context(Located(None, "rules.yaml"), (), "WORD")


def made(config: Any) -> Any:
    return detector(config, CONTEXT)


def found(config: Any, text: str) -> list[str]:
    return [text[f.start : f.end] for f in made(config).find(text)]


def refusal(config: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        made(config)
    return str(caught.value)


def in_pieces(detector: Any, text: str, cuts: list[int]) -> list[tuple[int, int]]:
    """Findings as a stream settles them."""
    out: list[tuple[int, int]] = []
    settled = 0
    for end in [*sorted({min(cut, len(text)) for cut in cuts}), len(text)]:
        done = end == len(text)
        safe = max(settled, len(text) if done else detector.open_from(text[:end]))
        hits = find_from(detector, text[:end], settled)
        while cut := [f.start for f in hits if f.start < safe < f.end]:
            safe = min(cut)
        out += [(f.start, f.end) for f in hits if f.end <= safe]
        settled = max(settled, safe)
    return out


HEX = "c84d8dbc74254770f58904dba41ecccc3fc1626e53a13043b026c48bbf33feff"
SECRETS = [
    (f"the key is sk-or-v1-{HEX} ok", [f"sk-or-v1-{HEX}"]),
    ("AKIAIOSFODNN7EXAMPLE", []),
    ("id AKIAQ3EGPLW2ZK4TNDVM", ["AKIAQ3EGPLW2ZK4TNDVM"]),
    ("sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", []),
    ("OPENAI_API_KEY=your-api-key-goes-right-here-please", []),
    ('client_secret: "q8Zr2LmX0vTn5JcW7yHd3KbF"', ["q8Zr2LmX0vTn5JcW7yHd3KbF"]),
    ("password = correct-horse-battery-staple", []),
    ("postgres://app:s3cr3t-pw@db.internal:5432/x", ["s3cr3t-pw"]),
    ("a commit 9fceb02d0ae598e95dc970b74767f19372d61af8", []),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.dGhpcyBpcyBhIHNpZw", None),
    ("eyJub3QiOiJhIGp3dCJ9.eyJzdWIiOiIxMjM0NTYifQ.dGhpcyBpcyBhIHNpZw", []),
]


@pytest.mark.parametrize(("text", "expected"), SECRETS)
def test_secrets_are_told_from_what_looks_like_them(text: str, expected: list[str] | None) -> None:
    assert found({"secrets": "all"}, text) == ([text] if expected is None else expected)


def test_there_are_more_than_thirty_formats_and_unknown_ones_are_refused() -> None:
    assert len(NAMES) > 30 and len(set(NAMES)) == len(NAMES)
    assert 'did you mean "github"' in refusal({"secrets": ["githb"]})
    assert found({"secrets": ["stripe"]}, f"sk-or-v1-{HEX}") == []


def test_a_github_token_has_a_checksum() -> None:
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    body, total, check = "a" * 30, zlib.crc32(b"a" * 30), ""
    while total:
        total, digit = divmod(total, 62)
        check = alphabet[digit] + check
    assert github("ghp_" + body + check.rjust(6, "0"))
    assert not github("ghp_" + body + "aaaaaa")


@settings(max_examples=60, deadline=None)
@given(cuts=st.lists(st.integers(0, 200), max_size=10))
def test_secrets_of_a_text_in_pieces_are_those_of_the_whole(cuts: list[int]) -> None:
    text = f"a key sk-or-v1-{HEX}, client_secret: q8Zr2LmX0vTn5JcW7yHd3KbF and postgres://a:pw-1234@h/x"
    secrets = Secrets()
    assert in_pieces(secrets, text, cuts) == [(f.start, f.end) for f in secrets.find(text)]


def test_length_finds_what_lies_beyond_in_characters_and_tokens() -> None:
    assert found({"length": 5}, "abcdefgh") == ["fgh"]
    assert found({"length": {"min": 3}}, "ab") == ["ab"]
    assert found({"length": {"max": 2, "unit": "tokens"}}, "abcdefghij") == ["ij"]
    assert found({"length": {"max": 2, "unit": "tokens"}}, "你好吗") == ["吗"]
    assert "needs a max or a min" in refusal({"length": {}})
    assert in_pieces(made({"length": 5}), "abcdefghij", [3, 7]) == [(5, 7), (7, 10)]


QUERY = {"json_schema": {"schema": {"type": "object", "required": ["query"]}, "invert": True}}


def test_json_is_checked_against_a_schema_and_what_is_no_json_does_not_fit() -> None:
    assert found(QUERY, '{"query": "x"}') == []
    assert found(QUERY, '{"q": 1}') == ['{"q": 1}']
    assert found(QUERY, "hello") == ["hello"]
    assert found(QUERY, JsonText.of('{"query": "say \\"hi\\""}', True)) == []
    at = {"json_schema": {"schema": {"pattern": "^a+$"}, "path": "$.items[*].name"}}
    assert found(at, '{"items": [{"name": "aa"}]}') and not found(at, '{"items": [{"name": "ab"}]}')


def test_schemas_that_reach_out_or_are_none_are_refused() -> None:
    assert "must stay inside" in refusal({"json_schema": {"schema": {"$ref": "http://x.example/s"}}})
    assert "linear time" in refusal({"json_schema": {"schema": {"pattern": "(?=a)"}}})
    assert "not a JSON Schema" in refusal({"json_schema": {"schema": {"type": "objekt"}}})
    assert "begins with $" in refusal({"json_schema": {"schema": {}, "path": "x"}})


def test_a_regex_looks_only_at_its_path() -> None:
    drop = {"regex": {"pattern": r"(?i)\bdrop\b", "path": "$.query"}}
    assert found(drop, '{"note": "drop it", "query": "select 1"}') == []
    assert found(drop, '{"note": "drop it", "query": "DROP table"}') == ["DROP"]
    assert found(drop, "drop, and no JSON") == ["drop"]
    source = JsonText.of('{"a": "\\u0022", "query": "a \\"drop\\" b"}', True)
    hit = made(drop).find(source)[0]
    assert source[hit.start : hit.end] == "drop"
    assert "not known" in refusal({"regex": {"pattern": "x", "path": "$.a b"}})


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(value=JSONS)
def test_scalars_stand_where_they_are_said_to(value: Any) -> None:
    source = json.dumps(value, ensure_ascii=False)
    for address, start, end in scalars(source):
        there = value
        for step in address:
            there = there[step]
        quoted = f'"{source[start:end]}"' if isinstance(there, str) else source[start:end]
        assert json.loads(quoted) == there


def test_paths_lead_to_values() -> None:
    data = {"a": [{"b": 1}, {"b": 2}], "c": {"b": 3}}
    assert list(values(data, parse_path("$.a[*].b"))) == [1, 2]
    assert list(values(data, parse_path("$.a[1].b"))) == [2]
    assert sorted(values(data, parse_path("$..b"))) == [1, 2, 3]


def test_languages_and_scripts() -> None:
    english = {"language": {"allow": ["en"]}}
    german = "Das ist ein längerer Satz, der ganz sicher auf Deutsch geschrieben worden ist."
    assert found(english, german) == [german]
    assert found(english, "This is a somewhat longer sentence that was certainly written in English.") == []
    assert found(english, "ok") == []
    assert found({"language": {"deny": ["cyrillic"]}}, "Привет, как дела?") == ["Привет, как дела?"]
    assert found({"language": {"allow": ["latin"]}}, "你好，世界") == ["你好，世界"]
    # A short text is of no sure language, but of a script that none of the allowed is written in.
    for text in ("Привет, как дела?", "Γειά σου φίλε", "你好吗朋友", "كيف حالك اليوم"):
        assert found(english, text) == [text]
        assert found({"language": {"allow": ["en", "ru", "el", "zh", "ar"]}}, text) == []
    for text in ("x = α + β", "Москва (Moscow)", "Путин?", "she is called 王小明"):
        assert found(english, text) == []
    assert 'did you mean "latin"' in refusal({"language": {"allow": ["latn"]}})
    assert "two letters" in refusal({"language": {"allow": ["english"]}})
    assert "either allow or deny" in refusal({"language": {}})


PYTHON = "Look:\n\ndef add(a, b):\n    total = a + b\n    return total\n\nNice, is it not?"


def test_code_is_found_fenced_and_loose() -> None:
    assert found({"code": "any"}, PYTHON) == ["def add(a, b):\n    total = a + b\n    return total"]
    assert found({"code": ["sql"]}, PYTHON) == []
    fenced = "See\n```sql\nselect 1\n```\nthere"
    assert found({"code": ["sql"]}, fenced) == ["```sql\nselect 1\n```"]
    assert found({"code": ["python"]}, fenced) == []
    assert found({"code": "any"}, "Dear all,\nfrom Monday on we meet at nine.\nPlease be there.\nThanks, Jo") == []
    assert 'did you mean "python"' in refusal({"code": ["pyton"]})


@settings(max_examples=60, deadline=None)
@given(cuts=st.lists(st.integers(0, 120), max_size=8))
def test_code_of_a_text_in_pieces_is_that_of_the_whole(cuts: list[int]) -> None:
    for text in (PYTHON, "a\n```py\nx\n```\nb\n```\ny"):
        code = made({"code": "any"})
        assert in_pieces(code, text, cuts) == [(f.start, f.end) for f in code.find(text)]


def test_links_to_other_hosts_with_data_and_as_images() -> None:
    allow = {"url": {"allow": ["good.example", "*.good.example"]}}
    text = "see https://good.example/x, https://a.good.example and https://good.example.bad.example/y."
    assert found(allow, text) == ["https://good.example.bad.example/y"]
    images = {"url": {"images": True}}
    assert found(images, "![x](https://bad.example/p.png?d=1) [y](https://b.example)") == [
        "![x](https://bad.example/p.png?d=1)"
    ]
    assert found(images, "![x][ref]\n\n[ref]: https://bad.example/p.png") == ["https://bad.example/p.png"]
    assert found(images, '<img alt="" src="https://bad.example/p">')
    data = {"url": {"data": 40}}
    assert found(data, f"https://x.example/?q={'a' * 50} https://x.example/?q=a") == [
        f"https://x.example/?q={'a' * 50}"
    ]
    addresses = "http://203.0.113.4/x http://a.example/v1.2.3 http://0x7f.1/y (a + b)//2. https://[::1]/"
    assert found({"url": {"addresses": True}}, addresses) == ["http://203.0.113.4/x", "http://0x7f.1/y", "https://[::1"]
    assert found({"url": {"deny": ["127.0.0.1"]}}, addresses) == ["http://0x7f.1/y"]
    assert "either allow or deny" in refusal({"url": {"allow": ["a.b"], "deny": ["c.d"]}})


@pytest.mark.parametrize(
    "text",
    [
        '<img src="https://good.example\\n.bad.example/?d=1">',
        '<img alt=x src="https://good.example\\t@bad.example/?d=1">',
        "<img src='/\\\\bad.example/?d=1'>",
        '<img src="h&#116;tps:/bad.example/?d=1">',
        "<img src=&#47;&#47;bad.example/?d=1>",
        "![x](///bad.example/?d=1)",
        "![x](http:bad.example/?d=1)",
        "![x](<//2130706433/?d=1>)",
        "![x](//[2001:db8::1]/?d=1)",
        "![x](//bad。example/?d=1)",
    ],
)
def test_a_target_is_read_as_a_browser_reads_it(text: str) -> None:
    text = text.replace("\\n", "\n").replace("\\t", "\t")
    assert found({"url": ["good.example"]}, text) == [text]
    assert found({"url": {"allow": ["good.example"], "images": True}}, text) == [text]
    url = made({"url": ["good.example"]})
    assert in_pieces(url, f"a {text} b", list(range(len(text)))) == [(2, 2 + len(text))]


def test_targets_within_a_site_and_of_allowed_hosts_are_none() -> None:
    for text in (
        "[a](docs/x.md#b)",
        '<a href="/x?y=//z">',
        "![x](//good.example/p.png)",
        "a <b and c> d",
        "[x](mailto:a@b.c)",
    ):
        assert found({"url": ["good.example"]}, text) == [], text


def test_what_stands_behind_a_link_is_no_part_of_it() -> None:
    allow = {"url": ["good.example"]}
    for text in ("[a](https://good.example),jo@bad.example", "'https://good.example',jo@bad.example", "note: a/b @x.y"):
        assert found(allow, text) == [], text


def test_lines_of_blanks_and_brackets_take_no_time_to_speak_of() -> None:
    for text in (" " * 200_000 + "x;", "def f(" + ")" * 100_000):
        began = time.perf_counter()
        found({"code": "any"}, f"{text}\n")
        assert time.perf_counter() - began < 2


def test_patterns_of_a_schema_run_in_linear_time_wherever_they_stand() -> None:
    schema = {"patternProperties": {"^(a+)+$": {}}, "additionalProperties": False}
    began = time.perf_counter()
    assert found({"json_schema": {"schema": schema}}, '{"' + "a" * 40 + '!": 1}') == []
    assert found({"json_schema": {"schema": schema}}, '{"aaa": 1}') == ['{"aaa": 1}']
    assert time.perf_counter() - began < 2
    assert "linear time" in refusal({"json_schema": {"schema": {"patternProperties": {"(?=a)": {}}}}})
    assert "without bound" in refusal(
        {"json_schema": {"schema": {"patternProperties": {"a": {}}, "unevaluatedProperties": False}}}
    )


@settings(max_examples=80, deadline=None)
@given(cuts=st.lists(st.integers(0, 150), max_size=10))
def test_links_of_a_text_in_pieces_are_those_of_the_whole(cuts: list[int]) -> None:
    text = (
        "a ![x](https://bad.example/p.png?d=1) and //c.example/d, https://g.example'@b.example/ www.e.example. "
        "https://f.example/g end"
    )
    url = made({"url": {}})
    assert in_pieces(url, text, cuts) == [(f.start, f.end) for f in url.find(text)]


class Letters:
    """An encoder that counts letters."""

    id = "letters"
    dim = 26

    def embed(self, texts: Any) -> Any:
        rows = np.array([[text.lower().count(chr(97 + i)) for i in range(26)] for text in texts], dtype=np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_a_topic_needs_an_encoder_and_goes_by_the_nearest_example() -> None:
    topic = made({"topic": {"examples": ["xylophone jazz"], "against": ["xylophone lessons"], "min_score": 0.5}})
    with pytest.raises(ConfigError, match="needs an encoder"):
        topic.start()
    topic.use_embedder(Letters())
    assert not topic.ready
    topic.start()
    assert topic.ready
    text = "Hello there.\nxylophone jazz\nxylophone lessons\n"
    assert [text[f.start : f.end] for f in topic.find(text)] == ["xylophone jazz\n"]


def test_every_shipped_detector_is_registered() -> None:
    shipped = {"keywords", "regex", "pii", "secrets", "length", "json_schema", "language", "code", "url", "topic"}
    assert shipped <= set(registry.names())

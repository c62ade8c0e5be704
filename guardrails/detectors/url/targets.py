"""What links and images point at, where Markdown or HTML says it, read as a browser reads it.

There a host need not look like one: entities and backslashes stand for other characters, tabs and line breaks for
none, any number of slashes for two. Sources: WHATWG URL, 4.4; CommonMark 0.31, 6.3, 4.7 and 2.4.
"""

import html
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from ..regex import Regex
from ..search.blocks import matches

LONGEST = 4096
"""Characters of a link or target that are read."""
LABEL, GAP, WITHIN = 1000, 200, 2000
"""Characters of a label, of the blanks before a target, and of a tag before an attribute. What stands behind a longer
label counts as an image's."""
REACH = LONGEST + WITHIN + 2 * GAP
"""Characters of a target with what marks it."""
CONTEXT = LABEL + GAP + 100
"""Characters before a target that tell what it is."""
TAGS = (
    "img|image|video|audio|source|embed|iframe|object|input|body|table|td|th|a|area|base|button|form|frame|link|meta"
    "|script|style|svg|track|use"
)
"""Elements that can point somewhere."""

_LABEL = rf"(?:[^\[\]\\]|\\.){{1,{LABEL}}}+"
_INLINE = re.compile(rf"\]\(\s{{0,{GAP}}}(?=\S)")
_DEFINED = re.compile(rf"\[(?P<label>{_LABEL})\]:[\s>]{{0,{GAP}}}(?=[^\s>])", re.DOTALL)
"""Lines of a quotation begin with `>`."""
_PLACE = re.compile(r"<(?P<angle>[^<>\n]+)>|(?P<bare>(?!<)(?:[^\s()]|\([^\s()]*+\))++)")
_NAMED = re.compile(rf"!\[(?P<label>{_LABEL})\]", re.DOTALL)
_REFERRED = re.compile(rf"\]\[(?P<label>{_LABEL})\]", re.DOTALL)
_BRACKET = re.compile(r"\\.|[\[\]]", re.DOTALL)
_SIMPLE = re.compile(r"!\[(?:[^\[\]\\]|\\.|\[[^\[\]]*\])*\]", re.DOTALL)
"""An image's label of which a stream holds all."""

_BLANK = re.compile(r"\s")
_TAG = re.compile(rf"<(?P<tag>{TAGS})\b", re.IGNORECASE)
_TO_ITS_END = re.compile(r"(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+")
_ATTRIBUTE = re.compile(
    rf"\b(?:src|href|(?:image)?srcset|poster|(?:form)?action|data|background)(?=\s{{0,{GAP}}}=)", re.IGNORECASE
)
_VALUE = re.compile(
    rf"\s{{0,{GAP}}}=\s{{0,{GAP}}}"
    rf"(?:\"(?P<double>[^\"]{{1,{LONGEST}}})\"?|'(?P<single>[^']{{1,{LONGEST}}})'?|(?P<free>[^\s\"'>]{{1,{LONGEST}}}))"
)
_STYLE = re.compile(rf"\bstyle(?=\s{{0,{GAP}}}=)", re.IGNORECASE)

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
"""Source: CommonMark 0.31, 2.4."""
DROPPED = re.compile(r"[\t\r\n]")
"""What a browser leaves out of a URL."""
_ALIEN = r"(?:(?:https?|ftp|wss?):[\\/]*|[\\/]{2,}|[a-z][a-z0-9+.-]{0,30}:[\\/]{2})(?=[^\\/?#\s])"
"""How a URL begins that leads to a host."""
_AUTHORITY = re.compile(_ALIEN, re.IGNORECASE)
_LEADING = ":", "/", "\\", "&"
"""Without one of these nothing leads to a host: most targets are places on a page, or files beside it."""
_CSS = re.compile(rf"url\(\s*+[\"']?\s*+((?:{_ALIEN})[^\"')]+)", re.IGNORECASE)
_SHOWN = frozenset("img image video audio source embed iframe object input body table td th frame".split())
"""Tags whose targets are fetched without being asked for."""

_OPEN_PLACE = r"\s*(?:<[^<>\n]*>?|(?:[^\s()]|\([^\s()]*\))*\(?[^\s()]*)"
_OPEN_LABEL = r"!\[(?:[^\[\]\\]|\\.|\[[^\[\]]*\])*"
_OPENS = (
    ("<", Regex(rf"(?is)<(?:{TAGS})\b(?:[^>]*|(?:[^>\"']|\"[^\"]*\"|'[^']*')*)", hold=REACH)),
    ("", Regex(r"(?is)\bstyle\s*=\s*(?:\"[^\"]*|'[^']*|[^\s\"'>]*)", hold=REACH)),
    ("]", Regex(rf"\]\({_OPEN_PLACE}|\]:[\s>]*(?:<[^<>\n]*>?|\S*)", hold=REACH)),
    ("![", Regex(rf"(?s){_OPEN_LABEL}\]\({_OPEN_PLACE}", hold=REACH)),
    ("!", Regex(rf"(?s){_OPEN_LABEL}\]?", hold=LABEL + 4)),
)
"""Matches that can be under way, and the sign that a text with one has; apart from each other, for together they would
make RE2 build states without end."""


@dataclass(frozen=True, slots=True)
class Target:
    """A target with an authority: where it stands with what marks it, the URL as a browser reads it, and whether it is
    fetched without being asked for."""

    start: int
    end: int
    url: str
    image: bool


def targets(text: str, start: int) -> Iterator[Target]:
    """The targets of a text from `start` on that lead to a host."""
    if "](" in text or "]:" in text:
        yield from _markdown(text, start)
    if "<" in text:
        yield from _html(text, start)
    if "style" in text.lower():
        yield from _styles(text, start)


def target_open_from(text: str) -> int:
    """The first character from which a target may still grow."""
    return min(each.open_from(text) for sign, each in _OPENS if sign in text)


def unescaped(text: str) -> str:
    """Without the backslashes that Markdown takes away."""
    return _ESCAPED.sub(r"\1", text)


def _markdown(text: str, start: int) -> Iterator[Target]:
    """Targets behind a label, and those of definitions."""
    opened = _opened(text, max(0, start - CONTEXT))
    for found in matches(_INLINE, text, start, REACH):
        if place := _PLACE.match(text, found.end(), found.end() + LONGEST):
            close, end = found.start(), place.end() + text.startswith(")", place.end())
            image = _is_image(text, opened, close)
            # Of a link, what the reader sees stands before: in a stream it has left by then.
            begin = opened.get(close, 0) - 1
            held = image and begin >= max(start, close - LABEL - 1) and _SIMPLE.fullmatch(text, begin, close + 1)
            for url in _read(place["angle"] or place["bare"], True):
                yield Target(begin if held else close, end, url, image)
    pictured: set[str] | None = None
    for found, place in _definitions(text):
        if found.end() >= start:
            pictured = _pictured(text, opened) if pictured is None else pictured
            for url in _read(place["angle"] or place["bare"], True):
                yield Target(found.end(), place.end(), url, _same(found["label"]) in pictured)


def _definitions(text: str) -> Iterator[tuple[re.Match[str], re.Match[str]]]:
    """Definitions and their places. One inside the place of another is none: it would have to begin a line."""
    end = line = 0
    for found in matches(_DEFINED, text, 0, REACH):
        if found.start() < end and found.start() != line:
            continue
        if place := _PLACE.match(text, found.end(), found.end() + LONGEST):
            end = place.end()
            line = found.end() if _BLANK.search(text, found.end("label") + 2, found.end()) else -1
            yield found, place


def _opened(text: str, since: int) -> dict[int, int]:
    """Where the bracket stands that each closing one closes."""
    opened: dict[int, int] = {}
    stack: list[int] = []
    for found in _BRACKET.finditer(text, since):
        if found[0] == "[":
            stack.append(found.start())
        elif found[0] == "]" and stack:
            opened[found.start()] = stack.pop()
    return opened


def _is_image(text: str, opened: dict[int, int], close: int) -> bool:
    """Whether the label that ends here is an image's. Of one too long to be held, nobody can tell in a stream."""
    begin = opened.get(close)
    if begin is None or close - begin > LABEL:
        return close >= LABEL
    return text.startswith("!", begin - 1) if begin else False


def _pictured(text: str, opened: dict[int, int]) -> set[str]:
    """The labels of definitions that images refer to: `![label]`, `![label][]` and `![...][label]`."""
    named = {_same(found["label"]) for found in matches(_NAMED, text, 0, REACH)}
    referred = {
        _same(found["label"]) for found in matches(_REFERRED, text, 0, REACH) if _is_image(text, opened, found.start())
    }
    return named | referred


def _same(label: str) -> str:
    """Labels are one whatever their case and blanks. Source: CommonMark 0.31, 4.7."""
    return " ".join(label.split()).casefold()


def _html(text: str, start: int) -> Iterator[Target]:
    """Targets that attributes have: each is its first tag's, of those that are shown if it stands in one."""
    shown, others = _Tags(text), _Tags(text)
    for tag in matches(_TAG, text, start, REACH):
        (shown if tag["tag"].lower() in _SHOWN else others).spans.append(tag.span())
    end = 0
    for name in matches(_ATTRIBUTE, text, start, REACH) if shown.spans or others.spans else ():
        if name.start() < end:
            continue
        image = begin = shown.around(name.start())
        if begin is None and (begin := others.around(name.start())) is None:
            continue
        if found := _VALUE.match(text, name.end(), begin + REACH):
            # What stands in a value without quotes is no attribute: nothing parts it from what is before.
            end = found.end() if found["free"] else 0
            for url in _several(_written(found)):
                last = found.end() + text.startswith(">", found.end())
                yield Target(begin, last, url, image is not None)


class _Tags:
    """Where tags stand, in their order. How far one goes is read only when an attribute asks."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.spans: deque[tuple[int, int]] = deque()
        self._last: int | None = None
        """Where the first of them ends at the latest, once that is read."""

    def around(self, place: int) -> int | None:
        """Where the first tag begins that a place may be in; the tags before it are forgotten."""
        while self.spans and self.spans[0][0] < place:
            begin, end = self.spans[0]
            if end + WITHIN >= place:
                if self._last is None:
                    self._last = _last(self._text, end)
                if self._last >= place:
                    return begin
            self.spans.popleft()
            self._last = None
        return None


def _last(text: str, end: int) -> int:
    """Where a tag whose name ends here ends at the latest: a `>` in quotes ends none, unless the quotes are none."""
    most = end + WITHIN
    closed, quoted = text.find(">", end, most), _TO_ITS_END.match(text, end, most)
    return most if closed < 0 else max(closed, quoted.end() if quoted else 0)


def _styles(text: str, start: int) -> Iterator[Target]:
    """Images of style attributes, which any element may have."""
    end = 0
    for name in matches(_STYLE, text, start, REACH):
        if name.start() < end:
            continue  # its images are those of the value that it stands in
        if found := _VALUE.match(text, name.end(), name.start() + REACH):
            end = found.end()
            written = DROPPED.sub("", html.unescape(_written(found)))
            for url in dict.fromkeys(_CSS.findall(written)):
                yield Target(name.start(), end, url.rstrip(), True)


def _written(found: re.Match[str]) -> str:
    return found["double"] or found["single"] or found["free"]


def _several(written: str) -> Iterator[str]:
    """The one target of an attribute, or those of a srcset."""
    yield from _read(written, False)
    if "," in written:
        for each in dict.fromkeys(re.split(r"[\s,]+", written)[1:]):
            yield from _read(each, False)


def _read(written: str, markdown: bool) -> Iterator[str]:
    """As a browser has it, with and without what Markdown's backslashes hide, where these differ."""
    if not any(sign in written for sign in _LEADING):
        return iter(())
    plain = DROPPED.sub("", html.unescape(written)).strip()
    ways = {plain, unescaped(plain)} if markdown else {plain}
    return (way for way in sorted(ways) if _AUTHORITY.match(way))

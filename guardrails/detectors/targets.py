"""What links and images point at, where Markdown or HTML says it, read as a browser reads it.

There a host need not look like one: entities and backslashes stand for other characters, tabs and line breaks for
none, any number of slashes for two. Sources: WHATWG URL, 4.4; CommonMark 0.31, 6.3 and 2.4.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .blocks import matches

LONGEST = 4096
"""Characters of a link or target that are read."""
TAGS = (
    "img|image|video|audio|source|embed|iframe|object|input|body|table|td|th|a|area|base|button|form|frame|link|meta"
    "|script|style|svg|track|use"
)
"""Elements that can point somewhere."""
_TARGET = re.compile(
    rf"(?P<image>!)?\[[^\]\n]{{0,500}}\]\(\s{{0,3}}(?:<(?P<angle>[^<>\n]{{1,{LONGEST}}})>|(?P<bare>[^\s()<>]{{1,{LONGEST}}}))"
    rf"|<(?P<tag>{TAGS})\b[^>]{{0,500}}?\b(?:src|href|srcset|poster|action|data|background)\s?=\s?"
    rf"(?:\"(?P<double>[^\"]{{1,{LONGEST}}})\"|'(?P<single>[^']{{1,{LONGEST}}})'|(?P<free>[^\s\"'>]{{1,{LONGEST}}}))",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
"""Source: CommonMark 0.31, 2.4."""
_DROPPED = re.compile(r"[\t\r\n]")
_AUTHORITY = re.compile(r"(?i)(?:(?:https?|ftp|wss?):[\\/]*|[\\/]{2,}|[a-z][a-z0-9+.-]{0,30}:[\\/]{2})(?=[^\\/?#\s])")
_SHOWN = frozenset("img image video audio source embed iframe object input body table td th frame".split())
"""Tags whose targets are fetched without being asked for."""


@dataclass(frozen=True, slots=True)
class Target:
    """A target with an authority: where it stands with what marks it, the URL as a browser reads it, and whether it is
    fetched without being asked for."""

    start: int
    end: int
    url: str
    image: bool


def targets(text: str, start: int, reach: int) -> Iterator[Target]:
    """The targets of a text from `start` on that lead to a host."""
    if "](" not in text and "<" not in text:
        return
    for found in matches(_TARGET, text, start, reach):
        markdown = found["tag"] is None
        written = next(value for name in ("angle", "bare", "double", "single", "free") if (value := found[name]))
        image = found["image"] is not None if markdown else found["tag"].lower() in _SHOWN
        end = found.end() + text.startswith(")" if markdown else ">", found.end())
        # Of a link, what the reader sees stands before: in a stream it has left by then.
        begin = found.start() if image or not markdown else text.rindex("](", found.start(), end)
        for url in _read(written, markdown):
            yield Target(begin, end, url, image)


def unescaped(text: str) -> str:
    """Without the backslashes that Markdown takes away."""
    return _ESCAPED.sub(r"\1", text)


def _read(written: str, markdown: bool) -> Iterator[str]:
    """As a browser has it, with and without what Markdown's backslashes hide, where these differ."""
    plain = _DROPPED.sub("", html.unescape(written)).strip()
    ways = {plain, unescaped(plain)} if markdown else {plain}
    return (way for way in sorted(ways) if _AUTHORITY.match(way))

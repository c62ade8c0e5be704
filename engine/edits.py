"""Changes to a text, and how they look in the JSON source that a text was read from."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import jsonio
from .exchange import Segment


@dataclass(frozen=True, slots=True)
class Edit:
    """Characters `start` to `end` become `text`."""

    start: int
    end: int
    text: str

    def moved(self, by: int) -> "Edit":
        """The same edit, counted from `by` characters further to the left."""
        return Edit(self.start + by, self.end + by, self.text)


def apply(text: str, edits: Sequence[Edit]) -> str:
    """`text` with all edits made."""
    out: list[str] = []
    at = 0
    for edit in edits:
        out += (text[at : edit.start], edit.text)
        at = edit.end
    return "".join((*out, text[at:]))


def raw_edits(segment: Segment, edits: Sequence[Edit], offsets: Sequence[int] | None) -> list[Edit]:
    """Edits of a text as it reads as edits of its source."""
    if not segment.json:
        return list(edits)
    at = offsets.__getitem__ if offsets else int
    end = len(segment.text) if segment.source_end is None else segment.source_end
    places = ((edit, at(edit.start)) for edit in edits)
    return [Edit(start, at(edit.end), jsonio.escape(edit.text) if start < end else edit.text) for edit, start in places]


def whole_edits(segment: Segment, edits: Sequence[Edit], offsets: Sequence[int] | None) -> list[Edit]:
    """The same for a text that is complete; where numbers are replaced, quotes are set around."""
    raw = raw_edits(segment, edits, offsets)
    if not segment.json or not looks_like_json(segment.text):
        return raw
    source = segment.text[: segment.source_end]
    inner = [edit for edit in raw if edit.start < len(source)]
    return quoted(source, inner, done=True)[0] + raw[len(inner) :]


def looks_like_json(source: str) -> bool:
    """Whether a source begins as an object or array does. Arguments that are plain text get no quotes from us."""
    return source.lstrip()[:1] in ("{", "[")


_MARK = re.compile(r'\\.|"', re.DOTALL)
_WORD = re.compile(r"[\w.+-]*")
_LONGEST_WORD = 64
"""Characters before a value, or before what is replaced of it, that are looked at."""


def inside_string(source: str, inside: bool = False) -> bool:
    """Whether JSON source ends inside a string; `inside` says whether it begins in one."""
    return inside ^ (sum(1 for mark in _MARK.finditer(source) if mark[0] == '"') % 2 == 1)


def quoted(
    source: str, edits: Sequence[Edit], *, inside: bool = False, settled: int = 0, done: bool
) -> tuple[list[Edit], int]:
    """Edits of JSON source such that it stays JSON: a number or bare word that is replaced becomes a string.

    `inside` says whether `source` begins inside a string; what lies before `settled` has left. Also the offset up to
    which the edits are sure: unless `done`, a bare word at the end of the source may still go on.
    """
    out: list[Edit] = []
    strings = list(_strings(source, [edit.start for edit in edits], inside))
    at = 0
    while at < len(edits):
        edit, start = edits[at], _word_start(source, edits[at].start, settled)
        at += 1
        if strings[at - 1] or '"' in source[edit.start : edit.end] or not _is_value(source, start):
            out.append(edit)
            continue
        pieces, end = [source[start : edit.start], edit.text], edit.end
        while tail := _WORD.match(source, end, edits[at].start if at < len(edits) else len(source)):
            pieces.append(tail[0])
            end = tail.end()
            if at == len(edits) or end < edits[at].start:
                break
            pieces.append(edits[at].text)
            end, at = edits[at].end, at + 1
        if end == len(source) and not done:
            return out, start
        out.append(Edit(start, end, f'"{"".join(pieces)}"'))
    return out, len(source)


def word_begin(source: str, at: int, *, inside: bool = False, settled: int = 0) -> int:
    """`at`, or the place where a number or bare word of JSON source begins that goes on there: if the rest of it is
    replaced, a quote goes before all of it. `inside` and `settled` are those of `quoted`."""
    begin = _word_start(source, at, settled)
    if begin == at or inside_string(source[:begin], inside) or not _is_value(source, begin):
        return at
    return begin


def _word_start(source: str, at: int, floor: int) -> int:
    """Where the number or bare word begins of which something ends at `at`."""
    floor = max(floor, at - _LONGEST_WORD)
    while at > floor and (source[at - 1].isalnum() or source[at - 1] in "_.+-"):
        at -= 1
    return at


def _is_value(source: str, start: int) -> bool:
    """Whether a value begins there: not in a comment, nor in what else is no JSON."""
    before = source[max(0, start - _LONGEST_WORD) : start].rstrip()
    return before.endswith((":", ",", "[")) or not before


def _strings(source: str, places: Sequence[int], inside: bool) -> Iterator[bool]:
    """For each place, in order, whether it lies inside a string."""
    at = 0
    for place in places:
        inside = inside_string(source[at:place], inside)
        at = place
        yield inside

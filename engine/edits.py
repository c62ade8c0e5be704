"""Changes to a text, and how they look in the JSON source that a text was read from."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from . import jsonio
from .dialects import Dialect
from .exchange import Segment
from .nested import Source


class Edit(Struct, frozen=True, gc=False):
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


def put(dialect: Dialect, body: dict[str, Any], changes: Sequence[tuple[Segment, str]]) -> None:
    """Write changed texts back. Names come last, and the innermost first, since addresses lead through them."""
    names: dict[jsonio.Address, dict[str, str]] = {}
    for segment, text in changes:
        if segment.is_name:
            names.setdefault(segment.address[:-1], {})[segment.text] = text
        else:
            dialect.put(body, segment, text)
    for holder in sorted(names, key=len, reverse=True):
        jsonio.rename(jsonio.get(body, holder), names[holder])


def apart(new: Sequence[Edit], edits: Sequence[Edit]) -> list[Edit]:
    """Those of `new` that overlap none of `edits`, which are in order."""
    starts = [edit.start for edit in edits]
    kept: list[Edit] = []
    for each in new:
        place = bisect_left(starts, each.end)
        if place == 0 or edits[place - 1].end <= each.start:
            kept.append(each)
    return kept


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
    if not segment.json or not jsonio.looks_like_json(segment.text):
        return raw
    source = segment.text[: segment.source_end]
    inner = [edit for edit in raw if edit.end <= len(source)]
    return quoted(Source.of(source), inner, done=True)[0] + raw[len(inner) :]


_WORD = re.compile(r"[\w.+-]*")
_LONGEST_WORD = 64
"""Characters before a value, or before what is replaced of it, that are looked at."""


def quoted(
    source: Source, edits: Sequence[Edit], *, settled: int = 0, safe: int | None = None, done: bool
) -> tuple[list[Edit], int]:
    """Edits of JSON source such that it stays JSON: a number or bare word that is replaced becomes a string, and what
    goes into a string of JSON within JSON is escaped for each.

    What lies before `settled` has left, and what lies behind `safe` may still be edited. Also the offset up to which
    the edits are sure: unless `done`, a bare word at the end of the source may still go on.
    """
    given = [Edit(source.index(edit.start), source.index(edit.end), edit.text) for edit in edits]
    size = len(source.text)
    told = size if safe is None else source.index(safe)
    final = size if done and told == size else told - 1  # behind it a word, or edits of it, may go on
    made, sure = _quoted(source, given, source.index(settled), final)
    return [Edit(source.place(edit.start), source.place(edit.end), _escaped(source, edit)) for edit in made], sure


def _quoted(source: Source, edits: Sequence[Edit], settled: int, final: int) -> tuple[list[Edit], int]:
    """The same with offsets of what the source reads. A word that ends behind `final` waits."""
    out: list[Edit] = []
    strings, text = list(_strings(source, [edit.start for edit in edits])), source.text
    at = 0
    while at < len(edits):
        edit, left = edits[at], max(settled, out[-1].end if out else 0)
        start = _word_start(text, edit.start, left)
        at += 1
        if strings[at - 1] or '"' in text[edit.start : edit.end] or not _is_value(text, start):
            out.append(edit)
            continue
        pieces, end = [text[start : edit.start], edit.text], edit.end
        while tail := _WORD.match(text, end, edits[at].start if at < len(edits) else len(text)):
            pieces.append(tail[0])
            end = tail.end()
            if at == len(edits) or end < edits[at].start:
                break
            pieces.append(edits[at].text)
            end, at = edits[at].end, at + 1
        if end > final:
            return out, source.place(start)
        out.append(Edit(start, end, f'"{"".join(pieces)}"'))
    return out, source.end


def _escaped(source: Source, edit: Edit) -> str:
    """The new text as it stands in the text that came."""
    text = edit.text
    for _ in range(source.level(edit.start)):
        text = jsonio.escape(text)
    return text


def word_begin(source: Source, place: int, *, settled: int = 0) -> int:
    """`place`, or that where a number or bare word of JSON source begins that goes on there: if the rest of it is
    replaced, a quote goes before all of it. `settled` is that of `quoted`."""
    at = source.index(place)
    begin = _word_start(source.text, at, source.index(settled))
    if begin == at or source.inside(begin) or not _is_value(source.text, begin):
        return place
    return source.place(begin)


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


def _strings(source: Source, places: Sequence[int]) -> Iterator[bool]:
    """For each place, in order, whether it lies inside a string."""
    known = (0, False)
    for place in places:
        known = (place, source.inside(place, known))
        yield known[1]

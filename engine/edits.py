"""Changes to a text, and how they look in the JSON source that a text was read from."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

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


def raw_edits(edits: Sequence[Edit], offsets: Sequence[int] | None, json: bool) -> list[Edit]:
    """Edits of a decoded text as edits of its source."""
    if not json:
        return list(edits)
    at = offsets.__getitem__ if offsets else int
    return [Edit(at(edit.start), at(edit.end), jsonio.escape(edit.text)) for edit in edits]


def whole_edits(source: str, edits: Sequence[Edit], offsets: Sequence[int] | None, json: bool) -> list[Edit]:
    """The same for a source that is complete; where numbers are replaced, quotes are set around."""
    raw = raw_edits(edits, offsets, json)
    return quoted(source, raw, done=True)[0] if json and looks_like_json(source) else raw


def looks_like_json(source: str) -> bool:
    """Whether a source begins as an object or array does. Arguments that are plain text get no quotes from us."""
    return source.lstrip()[:1] in ("{", "[")


_SOURCE = re.compile(r'\s{0,64}(?:\{\s{0,64}"|\[(?:\s{0,64}\[){0,8}\s{0,64}(?:"|\{\s{0,64}"))')
"""How JSON begins that brings strings, and hardly anything else does."""
_UNTOLD = re.compile(r"\s{0,64}(?:\{\s{0,64}|\[(?:\s{0,64}\[){0,8}\s{0,64}(?:\{\s{0,64})?)?")


def is_source(text: str, done: bool) -> bool | None:
    """Whether a text that nobody says is JSON source is read as such: what a tool gave, an answer in JSON. Told by its
    beginning, so that a stream is read as the whole is; None: too little of it has come."""
    return bool(_SOURCE.match(text)) or (None if not done and _UNTOLD.fullmatch(text) else False)


def as_source(segment: Segment) -> Segment:
    """A text that is whole, as it is to be read."""
    plain = segment.json or segment.within is not None or not is_source(segment.text, True)
    return segment if plain else replace(segment, json=True)


_MARK = re.compile(r'\\.|"', re.DOTALL)
_TOKEN = re.compile(r"[\w.+-]*")
_TOKEN_BEFORE = re.compile(r"[\w.+-]*\Z")
_BEHIND = re.compile(r"[^\w.+-]")


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
    strings = _strings(source, [edit.start for edit in edits], inside)
    rest = list(zip(edits, strings, strict=True))
    while rest:
        edit, in_string = rest.pop(0)
        if in_string or '"' in source[edit.start : edit.end]:
            out.append(edit)
            continue
        before = _TOKEN_BEFORE.search(source, max(settled, edit.start - 64), edit.start)
        start = before.start() if before else edit.start
        pieces, end = [source[start : edit.start], edit.text], edit.end
        while (tail := _TOKEN.match(source, end)) and ((rest and rest[0][0].start <= tail.end()) or tail[0]):
            if rest and rest[0][0].start <= tail.end():
                other, _ = rest.pop(0)
                pieces += [source[end : other.start], other.text]
                end = other.end
            else:
                pieces.append(tail[0])
                end = tail.end()
        if end == len(source) and not done:
            return out, start
        out.append(Edit(start, end, f'"{"".join(pieces)}"'))
    return out, len(source)


def word_begin(source: str, at: int, *, inside: bool = False, settled: int = 0) -> int:
    """`at`, or the place where a number or bare word of JSON source begins that may go on there: if the rest of it is
    replaced, a quote goes before all of it. `inside` and `settled` are those of `quoted`."""
    if _BEHIND.match(source, at):
        return at
    before = _TOKEN_BEFORE.search(source, max(settled, at - 64), at)
    begin = before.start() if before else at
    return at if begin == at or inside_string(source[:begin], inside) else begin


def _strings(source: str, places: Sequence[int], inside: bool) -> Iterator[bool]:
    """For each place, in order, whether it lies inside a string."""
    at = 0
    for place in places:
        inside = inside_string(source[at:place], inside)
        at = place
        yield inside

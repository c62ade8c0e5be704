"""The structured kinds in a text: how sure each is that stands there, and which stay."""

import re
from collections.abc import Sequence
from operator import itemgetter

from ....engine.ports import Finding
from ..base import shared
from ..overlaps import resolve
from ..search.passes import PatternSet
from ..search.places import LONGEST, Places
from ..why import Why
from . import columns
from .awaited import AWAITED, awaited_from
from .email_told import told_from
from .kinds import BOOST, FAINT, MOST, NEAR, SURE, WEAK, Kind, near, said
from .look import Look, Row, spaced, table
from .other import measure, other, version
from .spelt import spelt_from
from .why import failing, weighed

SPACED = 64
"""The longest a value written in groups can be; the longest is an IBAN, 42 characters."""
SOLID = 330
"""The longest a value without spaces can be: an e-mail address."""
_URL_SOLID = 2_010


class Structured:
    """The kinds of table.py that a rule names."""

    context = columns.REACH + columns.LINE + SOLID + NEAR

    def __init__(self, kinds: Sequence[Kind], min_score: float) -> None:
        self._kinds = list(kinds)
        self._by_gate: dict[int | str, list[tuple[int, Row]]] = {}
        """The rows, with their order, by their gate, or by their form if they are numbers."""
        for order, row in enumerate(row for kind in kinds for row in table().rows[kind.label]):
            self._by_gate.setdefault(row.shape.form or row.gate, []).append((order, row))
        self._gates = {key if isinstance(key, int) else table().number for key in self._by_gate}
        """Those without which none of them is found."""
        self._least = min_score
        self._solid = _URL_SOLID if any(kind.label == "URL" for kind in kinds) else SOLID
        self._told = any(kind.label == "EMAIL_ADDRESS" for kind in kinds)
        self._awaited = [kind for kind in kinds if kind.label in AWAITED]
        self._spelt = any(kind.label in ("CREDIT_CARD", "PHONE_NUMBER", "US_SSN") for kind in kinds)
        self.hold = self._solid + NEAR

    def start(self) -> None:
        """Build what no text should wait for: a millisecond for the words of each kind."""
        for kind in self._kinds:
            _ = kind.words, kind.near

    def gated(self, text: str) -> bool:
        """Whether the form of a kind stands in `text`."""
        return bool(PatternSet([kind.gate for kind in self._kinds]).matching(spaced(text)))

    def find(self, text: str, start: int) -> list[Finding]:
        look = shared(text, Look, lambda: Look(text))
        if look.gated.isdisjoint(self._gates):
            return []
        # What overlaps the edge at `start` bears on what is found behind it, as it does in the whole text.
        begin = self._tail(look.text[:start]) if start else 0
        rows = self._possible(look.gated, look.places(begin), look.words if self._least > WEAK else None)
        if not rows:
            return []
        # Words may make one surer than sure: that counts among finds that overlap, and nowhere else.
        found = resolve(self._sure(rows, look, begin))
        sure = [each if each.score <= 1.0 else Finding(each.start, each.end, each.label, 1.0) for each in found]
        return [finding for finding in sure if finding.start >= start] if start else sure

    def whys(self, text: str) -> list[Why]:
        """Every candidate of its kinds, found or not, and what has the form of one and fails its check."""
        look = Look(text)
        places, made = look.places(0), list[Why]()
        for row in self._possible(look.gated, places):
            kind, words = row.kind, places if row.kind.label in look.words else None
            for begin, end, score in look.candidates(row, 0):
                full = _full(look, kind, begin, end, score, self._least, words)
                if full <= FAINT:
                    continue  # nearly every number has such a form
                made.append(weighed(look.text, kind, begin, end, score, full, self._least))
            for begin, end in failing(row.shape, look.text, places):
                if not kind.weak or (words and near(kind, look.text, begin, end, words)):
                    made.append(Why(begin, end, kind.label, 0.0, self._least, "it fails the check of its form", True))
        return made

    def open_from(self, text: str) -> int:
        text = spaced(text)
        at = self._tail(text)
        near_end = len(text) - NEAR
        begin = max(0, near_end - SOLID)
        # A candidate near the end is undecided while words that follow it may still add to its score.
        gated = shared(text, "open", lambda: table().gates.matching(text[begin:]))
        places = shared(text, begin, lambda: Places(text, begin, table().forms))
        for row in self._possible(gated, places):
            if (form := row.shape.form) and places.numbers[form][-1] + LONGEST <= near_end:
                continue
            # What no word behind it makes sure is settled.
            if row.kind.wording and row.kind.after and row.shape.best + BOOST >= self._least:
                for start, end, _ in row.shape(text, begin, places):
                    # One behind it adds BOOST at most, and may turn out to be a label.
                    if (
                        end > near_end
                        and start < at
                        and near(row.kind, text, start, end, places, own_line=True) <= BOOST
                    ):
                        at = start
        return at

    def _possible(self, gated: set[int], places: Places, words: set[str] | None = None) -> list[Row]:
        """The rows that can find something, in order; of weak kinds those in `words`, if given."""
        keys = [*gated, *places.numbers] if table().number in gated else gated
        rows = [row for key in keys for row in self._by_gate.get(key, ())]
        rows.sort(key=itemgetter(0))
        return [row for _, row in rows if words is None or not row.kind.weak or row.kind.label in words]

    def _sure(self, rows: Sequence[Row], look: Look, start: int) -> list[Finding]:
        """What scores enough, kind by kind."""
        found: list[Finding] = []
        known: dict[tuple[int, int], float] = {}
        places, least = look.places(start), self._least
        for row in rows:
            kind, words = row.kind, row.kind.label in look.words
            most = MOST if words else 0.0
            if row.shape.best + most < least:
                continue
            for begin, end, score in look.candidates(row, start):
                # What overlaps the same text and is surer takes its place, or falls with it.
                if score + most < least or known.get((begin, end), 0.0) >= score + most:
                    continue
                full = _full(look, kind, begin, end, score, least, places if words else None)
                if full >= least:
                    known[begin, end] = max(full, known.get((begin, end), 0.0))
                    found.append(Finding(begin, end, kind.label, full))
        return found

    def _tail(self, text: str) -> int:
        """Where a value that is not finished may begin: the last word, and groups before it that may belong to it."""
        size = len(text)
        at = max(_space_before(text, size), size - self._solid)
        while at > 0 and size - at < SPACED and text[at - 1] == " ":
            end = at - 1
            if end and text[end - 1] in ",; ":  # before an extension; of two blanks
                end -= 1
            begin = _space_before(text, end)
            if end == begin or not (_group(text[begin:end]) or _letters(text, begin, end, at)):
                break
            at = begin
        if self._told:
            at = min(at, told_from(text, at))
        if self._awaited:
            at = awaited_from(self._awaited, text, at)
        return max(0, min(at, spelt_from(text, at)) if self._spelt else at)


def _full(look: Look, kind: Kind, begin: int, end: int, score: float, least: float, places: Places | None) -> float:
    """What a candidate scores with what stands around it; without `places` no word of its kind is in the text."""
    text = look.text
    full = score + near(kind, text, begin, end, places) if places else score
    if score >= SURE:
        return full
    if places and full > score and look.columns.above(begin, columns.REACH):
        # The headings of other columns name other values.
        full = score + near(kind, text, begin, end, places, own_line=True)
    if full == score and (heading := look.columns.heading(begin)):
        full += said(kind, heading, text[begin:end])
    if full >= least and (
        (other(text, begin, full > score) and not _headed(look, kind, begin)) or measure(text, begin, end)
    ):
        full = (score if version(text, begin) else full) - BOOST
    return full


_FIRST = re.compile(r"\n[\"'| ]{0,4}\Z")


def _headed(look: Look, kind: Kind, begin: int) -> bool:
    """Whether a value is the first of its line, below a heading that names it: what ends the line above bears on
    nothing then."""
    if not _FIRST.search(look.text, max(0, begin - 5), begin):
        return False
    heading = look.columns.heading(begin)
    return bool(heading) and said(kind, heading, "") > 0


def _space_before(text: str, end: int) -> int:
    """Where the word begins that ends at `end`."""
    window = text[max(0, end - _URL_SOLID) : end]
    if not window or window[-1].isspace():
        return end
    return end - len(window.rsplit(None, 1)[-1])


def _group(word: str) -> bool:
    """Whether a word may be one group of a value: it has a digit, or is a stroke, short and in capitals, or before an
    extension."""
    if len(word) <= 5 and (word.isupper() or word.lower() in ("x", "ext", "ext.", "+", "(", "/", "-", "–")):
        return True
    return any(map(str.isdigit, word))


def _letters(text: str, begin: int, end: int, at: int) -> bool:
    """Whether a short word, whose letters need be no capitals, stands by digits: behind it, or before it while nothing
    has come behind; two letters may begin a value."""
    if end - begin > 4 or end == begin:
        return False
    after = text[at:]
    if after.strip():
        return any(map(str.isdigit, after))
    return end - begin <= 2 or any(map(str.isdigit, text[_space_before(text, begin - 1) : begin]))

"""How a kind of personal data is described: shapes with a check and a score, and words that add to it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from ....engine.ports import Finding
from ..regex import Locator
from ..search.places import NUMBER, Places, joins, loosened, unanchored
from . import checksums as check
from .named_words import named_only
from .other import OTHER, tells

Matches = Iterable[tuple[int, int, float]]
"""Start, end and score of each candidate."""
NEAR = 60
"""Characters before and after a candidate in which a word counts."""
BOOST = 0.4
"""What a word of the row near a candidate adds to its score."""
BESIDE, ADJACENT = 6, 0.1
"""What one adds besides that stands at most so many characters before it."""
MOST = BOOST + 1 / 20 + ADJACENT
"""What a word adds at most."""
WEAK = 0.4
"""The most that a shape of a weak kind says alone."""
REACH = 2_100
"""No value is as long as this, in characters."""
FAINT = 0.05
"""The score of a form that takes a word right beside it."""
ALONE = 0.6
"""From this score on a value is told by its form, without a word."""
SURE = 0.9
"""From this score on no word beside a candidate makes it doubtful: it has a form or a check of its own."""

GOES_ON = (
    r"\.\d|,(?<!\d{9},)(?<!\d{4}[ -]\d{4},)(?<!\d{3} \d{4},)(?<!\d{4} \d{6},)(?<!\d{6} \d{5},)(?<!-\d,)(?<!-\d{2},)"
    r"(?<!-\d{3},)(?<!-\d{4},)(?<!-\d{7},)(?<!\.\d{4}\.\d{2},)(?<!-\d{3}\.\d{2},)(?<!\.\d{2}\.\d{3},)(?<![A-Za-z],)\d"
)
"""Behind a number: there is more of it. Behind many digits, a hyphen or a letter a comma ends a cell of a table. The
comma comes first: without one nothing is looked back for."""
NO = r"(?: ?(?:no|nr|num(?:ber)?|id|#)\.?)?"
"""Behind a word, perhaps: that its number follows."""
MIXED = "[0-9][A-Za-z]|[A-Za-z][0-9]"
"""Where letters and digits touch. So little stands for long values of both: to count their signs would make RE2 build a
state for each, beside all else that it looks for."""
NINE = r"\d{3}([ .-]?)\d{3}\1\d{3}"
"""Nine digits, in threes or not; what kinds have in common is looked for once."""
SPACED = (
    "A-Za-z\u00aa\u00ac-\u00ba\u00bc-\u00be\u00c0-\u060b\u060d-\u061a\u061c-\u061e\u0620-\u0963\u0966-\u0dff"
    "\u0f00-\u1fff"
)
"""Letters, and signs but quotes, commas and full stops, of scripts that put spaces between words."""
_APART = rf"(?:(?<![{SPACED}\d])|(?<=(?-i:[a-z]))(?=(?-i:[A-Z])))"
"""Before a word: no letter, or a small one where names in programs begin a word with a capital."""
_GOES_BY = r"(?-i:N(?:o|r|br|um(?:ber|mer|ero)?)|Value|Field|Input|Raw|Text|Addr(?:ess)?)?"
"""Behind a word: how names of fields in programs go on, as in `phoneNumber`."""
_ENDS = rf"(?:\b|[^{SPACED}]|\z)"
"""Behind a word, for RE2: no such letter; one of ASCII may touch a word that ends beyond ASCII, `телAB123456`."""
Rate = Callable[[str], float]
"""How sure a match makes us on its own, 0 to 1; 0 refuses it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One way in which a kind is written."""

    pattern: re.Pattern[str]
    rate: Rate
    joined: str
    """Characters that may not stand right before a match; empty: a hyphen or point that joins it to a digit."""
    form: str
    """Every match is a number: it begins with a digit, and has seven or more before anything but one separator at a
    time. Its form for RE2; empty when not."""
    place: Locator | None
    """Where a match can begin; none for numbers, whose places are those of the form."""
    gate: str
    """An RE2 pattern without which it has no match. Numbers have one in common: so many repetitions side by side would
    make RE2 build states without end over a text of digits."""
    best: float
    """The score that no match exceeds."""

    def __call__(self, text: str, start: int, places: Places) -> Matches:
        """Candidates from `start` on that do not overlap."""
        if self.place is None:
            return self._rated(text, start, places.numbers.get(self.form, ()))
        return self._rated(text, start, self._places(self.place, text, start, places))

    def failing(self, text: str, places: Places) -> Iterator[tuple[int, int]]:
        """What has the form and fails the check."""
        begins = self._places(self.place, text, 0, places) if self.place else places.numbers.get(self.form, ())
        for begin in begins:
            if (found := self.pattern.match(text, begin)) and not self.rate(found[0]):
                yield begin, found.end()

    def _rated(self, text: str, start: int, begins: Iterable[int]) -> Matches:
        rated: list[tuple[int, int, float]] = []
        for begin in begins:
            found = self.pattern.match(text, begin) if begin >= start else None
            if found and (score := self.rate(found[0])):
                start = found.end()
                rated.append((begin, start, score))
        return rated

    def _places(self, place: Locator, text: str, start: int, places: Places) -> Iterator[int]:
        while (begin := place.match(places.raw, start, places.size)[0][0]) >= 0:
            if self._border(text, begin):
                yield begin
            start = begin + 1

    def _border(self, text: str, at: int) -> bool:
        """Whether nothing before `at` belongs to the same number or word."""
        if at == 0:
            return True
        before = text[at - 1]
        if before == "_" or (before.isascii() and before.isalnum()):
            return False
        if self.joined:
            return before not in self.joined
        return not joins(text, at)


@dataclass(frozen=True, slots=True)
class Search:
    """A way to write a kind that takes more than an expression."""

    find: Callable[[str, int, Places], Matches]
    gate: str = ""
    """As that of Shape; empty: the kind's."""
    best: float = 1.0
    """As that of Shape."""
    form: str = ""
    """As that of Shape, for numbers, whose gate is NUMBER."""

    def __call__(self, text: str, start: int, places: Places) -> Matches:
        return self.find(text, start, places)


@dataclass(frozen=True, slots=True)
class Beside:
    """A way to find values of a kind beside those of others, which are sure."""

    find: Callable[[str, int, Places, Callable[[], Sequence[Finding]]], Matches]
    gate: str = ""
    """As that of Search."""
    best: float = 1.0
    form: str = ""

    def __call__(self, text: str, start: int, places: Places) -> Matches:
        """Those beside values of the same kind."""
        return self.find(text, start, places, tuple)


@dataclass(frozen=True)
class Kind:
    """One type of personal data."""

    label: str
    gate: str
    """An RE2 pattern without which no shape matches."""
    shapes: tuple[Shape | Search | Beside, ...]
    wording: str
    """Words that add to a score, as an expression; empty: none."""
    weak: bool
    """No shape counts without a word."""
    after: bool
    """Whether words behind a candidate count too."""
    strict: bool = False
    """A word stands right beside a candidate only where no other word is between."""

    @cached_property
    def words(self) -> re.Pattern[str] | None:
        """Finds the words. Python takes a millisecond to compile them, and most texts have none of most kinds."""
        return worded(self.wording) if self.wording else None

    @cached_property
    def word_gate(self) -> str:
        """The words as an RE2 pattern, up to where they may end, less what may stand between them and a number.
        Turkish has an i without a dot, in whose place texts that were folded have one with it."""
        return f"(?i:{unanchored(loosened(named_only(self.wording))).replace('ı', '[iı]')}){_GOES_BY}{_ENDS}"

    @cached_property
    def near(self) -> Locator | None:
        """The same, to find them."""
        return Locator(self.word_gate) if self.wording else None


def near(kind: Kind, text: str, begin: int, end: int, places: Places, own_line: bool = False) -> float:
    """What words near a candidate add, or those of its own line; of two kinds, the one whose word stands right before
    it adds a little more."""
    words, gate = kind.words, kind.near
    if words is None or gate is None:
        return 0.0
    least = text.rfind("\n", max(0, begin - NEAR), begin) + 1 if own_line else 0
    last, at = -1, places.first(gate, max(least, begin - NEAR), begin)
    while at >= 0:
        if found := words.match(text, at, begin):
            last = found.end()
        at = places.first(gate, found.end() if found else at + 1, begin)
    if last >= 0:
        if _TAKEN.fullmatch(text, last, begin):
            return 0.0
        return _before(BESIDE + 1 if kind.strict and _SPOKEN.search(text, last, begin) else begin - last)
    if not kind.after:
        return 0.0
    stop = min(end + NEAR, places.size)
    if (line := text.find("\n", end, stop)) >= 0:
        stop = line
    at = places.first(gate, end, stop)
    while at >= 0 and not ((found := words.match(text, at, stop)) and not _LABELS.match(text, found.end(), stop)):
        at = places.first(gate, at + 1, stop)
    return BOOST if at >= 0 else 0.0


_LABELS = re.compile(r"\s{0,2}[:：=]")
"""Behind a word: it names what follows."""
_TAKEN = re.compile(r"\W{0,3}\d(?:[ ./()-]{0,2}\d){5}.*(?:[^\W\d]|[\u0900-\u0e7f])[.)]?\s{0,2}[:：=]\s{0,3}", re.DOTALL)
"""Between a word and a candidate: a number that the word names, and then another label."""


_SPOKEN = re.compile(r"[^\W\d_]{2}")


def _before(distance: int) -> float:
    """What a word adds that stands so many characters before a candidate."""
    return BOOST + (NEAR - distance) / (20 * NEAR) + (ADJACENT if distance <= BESIDE else 0.0)


def said(kind: Kind, heading: str, value: str) -> float:
    """What the heading of its column adds to a value, which `value` begins with, or takes from it."""
    if _TALLY.search(heading):
        return -BOOST
    if kind.words is not None and kind.words.search(heading):
        return BOOST + ADJACENT
    return -BOOST if tells(OTHER.search(f"{heading}: "), value, 0) else 0.0


_TALLY = re.compile(
    r"(?<![^\W_])(?:users|sessions|visits|views|revenue|sales|sold|count|volume|minutes|total|calls"
    r"|(?<=[^\W_][ _])[sm]ms|clicks|impressions|downloads|traffic|spend|amount|hits|logins|installs)\s*$",
    re.IGNORECASE,
)
"""At the end of a heading: how many, or how much, stands below it."""


def social_security(text: str) -> float:
    if not check.ssn(text):
        return 0.0
    return {"-": 0.85, " ": 0.6}.get(text[3], 0.2)


def shape(
    pattern: str,
    rate: float | Rate,
    test: Callable[[str], bool] | None = None,
    *,
    left: str = "",
    number: bool = False,
    grouped: bool = False,
    place: str = "",
) -> Shape:
    """A shape whose borders are no letter, digit or underscore, nor a hyphen or point that joins it to more digits.

    With `left` the pattern states its right border itself, minds case, and may not follow one of these characters.
    `grouped` refuses a match, in fours, that more groups precede or follow.
    `place` says for RE2 where a match can begin, if it is no number and the pattern less what it asks of its
    surroundings cannot.
    """
    source = pattern if left else rf"(?:{pattern})(?!\w)(?!{GOES_ON})(?!-\w)"
    if grouped:
        source = rf"(?<!(?<![\d./:-])\d{{4}}[ -]){source}(?![ -]\d{{4}}(?![\d/:.-]))"
    flags = re.ASCII if left else re.ASCII | re.IGNORECASE
    found, best = re.compile(source, flags), 1.0 if callable(rate) else rate
    rated = rate if callable(rate) else _rate(rate, test)
    form = "" if place else f"{'' if left else '(?i)'}(?:{loosened(pattern)})"
    if number:
        return Shape(found, rated, left, rf"{form}(?:\W|\z)", None, NUMBER, best)
    begins = place or rf"\b{form}"
    return Shape(found, rated, left, "", Locator(begins), rf"(?:\A|[^\w{re.escape(left)}])(?:{begins})", best)


def _rate(score: float, test: Callable[[str], bool] | None) -> Rate:
    return lambda text: score if test is None or test(text) else 0.0


@cache
def worded(words: str) -> re.Pattern[str]:
    """Finds the words of a row, whole ones; those of scripts without spaces touch what surrounds them."""
    return re.compile(rf"{_APART}(?:{words}){_GOES_BY}(?![{SPACED}])", re.IGNORECASE)


def kind(
    label: str,
    gate: str,
    shapes: Sequence[Shape | Search | Beside],
    words: str = "",
    *,
    weak: bool = False,
    after: bool = True,
    strict: bool = False,
) -> Kind:
    """A row of the table. `weak`: no shape counts without a word. `strict`: as that of Kind."""
    return Kind(label, f"(?i){gate}", tuple(shapes), words, weak, after, strict)

"""How a kind of personal data is described: shapes with a check and a score, and words that add to it."""

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from . import checksums as check
from . import phone
from .blocks import matches, search

Matches = Iterator[tuple[int, int, float]]
"""Start, end and score of each candidate."""
BOOST = 0.4
"""What a word of the row near a candidate adds to its score."""
WEAK = 0.4
"""The most that a shape of a weak kind says alone."""
REACH = 2_100
"""No value is as long as this, in characters."""

OTHER = re.compile(
    r"(?:\b(?:orders?|invoice|tracking|parts?|items?|model|serial|sku|tickets?|case|ref(?:erence)?|room|isbn|issn|ean"
    r"|imei|section|clause|chapter|article|paragraph|versions?|firmware|release|build|batch|lot|booking|po|pedido"
    r"|commande|auftrags(?:nummer|nr)|bestell(?:nummer|nr)|kundennr|номер заказа)|订单号?|单号|注文番号|운송장)"
    r"(?:[ _-]?(?:no|nr|nº|n°|num(?:ber)?|id|code)\b)?[ .:#№=]{0,3}"
    r"$|(?:[=~^<>!]=|(?:^|(?<=\s))[a-z][a-z_-]{1,30}/|\bv)$",
    re.IGNORECASE,
)
"""Before a candidate: that it is a number of another kind, or the version of something."""
OTHER_REACH = 40
SURE = 0.9
"""From this score on no word beside a candidate makes it doubtful: it has a form or a check of its own."""

_WORD = re.compile(r"[A-Za-z0-9_]*")
_SPACED = "A-Za-z\u00aa-\u1fff"
"""Letters of scripts that put spaces between words."""
Find = Callable[[str, int, "Numbers"], Matches]
Rate = Callable[[str], float]
"""How sure a match makes us on its own, 0 to 1; 0 refuses it."""


class Numbers:
    """Where numbers begin in a text, from `start` on, by how many digits they have. Found once for all shapes that
    begin with a digit: each would otherwise search the whole text."""

    def __init__(self, text: str, start: int) -> None:
        self._text, self._start = text, start
        self._known: list[tuple[int, int]] | None = None
        self._places: dict[int, list[int]] = {}

    def places(self, least: int) -> list[int]:
        """Where a number with at least so many digits, with or without separators, begins behind a border."""
        if self._known is None:
            found = matches(_NUMBER, self._text, self._start, 2 * _MOST_DIGITS)
            self._known = [(each.start(), 1 + sum(map(str.isdigit, each[1]))) for each in found]
        if least not in self._places:
            self._places[least] = [at for at, digits in self._known if digits >= least]
        return self._places[least]


_MOST_DIGITS = 20
_NUMBER = re.compile(r"[0-9](?<![A-Za-z0-9_].)(?=((?:[ .+/-]?[0-9]){6,19}))", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Shape:
    """One way in which a kind is written."""

    pattern: re.Pattern[str]
    rate: Rate
    joined: str
    """Characters that may not stand right before a match; empty: a hyphen or point that joins it to a digit."""
    least: int = 0
    """Every match begins with a digit, and has at least so many before anything but one separator at a time; 0: no."""

    def __call__(self, text: str, start: int, numbers: Numbers) -> Matches:
        """Candidates from `start` on. After one that is refused, the next one can begin behind the word or number in
        which it began: further inside, its left border would be missing."""
        if self.least:
            for place in numbers.places(self.least):
                found = self.pattern.match(text, place) if place >= start else None
                if found and self._border(text, place) and (score := self.rate(found[0])):
                    yield place, found.end(), score
                    start = found.end()
            return
        while found := search(self.pattern, text, start, REACH):
            begin, end = found.span()
            score = self.rate(found[0]) if self._border(text, begin) else 0.0
            if score:
                yield begin, end, score
            start = end if score else max(begin + 1, _WORD.match(text, begin).end())  # pyright: ignore[reportOptionalMemberAccess]

    def _border(self, text: str, at: int) -> bool:
        """Whether nothing before `at` belongs to the same number or word. Tested after a match: a look-behind in
        front of a pattern makes the search for it many times slower."""
        if at == 0:
            return True
        before = text[at - 1]
        if before == "_" or (before.isascii() and before.isalnum()):
            return False
        if self.joined:
            return before not in self.joined
        return not (before in ".,-" and at > 1 and text[at - 2].isdigit())


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of personal data."""

    label: str
    gate: str
    """An RE2 pattern without which no shape matches: all gates run in one pass, and most texts end there."""
    shapes: tuple[Find, ...]
    words: re.Pattern[str] | None
    word_gate: str
    """The words as an RE2 pattern."""
    weak: bool
    """No shape counts without a word."""
    after: bool
    """Whether words behind a candidate count too."""


def email(text: str, start: int, numbers: Numbers) -> Matches:
    """From each @ to the left over what a local part has in practice, to the right over a domain.

    Source: RFC 5321, 4.1.2, less the characters that in running text belong to something else (`user=a@b.example`).
    """
    at = text.find("@", start)
    while at >= 0:
        domain = _DOMAIN.match(text, at + 1)
        begin = at
        while domain and begin > start and at - begin <= 64 and _local(text[begin - 1]):
            begin -= 1
        if domain and text[begin:at] in _NOT_PEOPLE and text[domain.end() : domain.end() + 1] == ":":
            domain = None
        while begin < at and not text[begin].isalnum() and text[begin] != "_":
            begin += 1
        if domain and begin < at <= begin + 64 and text[at - 1] != ".":
            yield begin, domain.end(), 0.9
        at = text.find("@", at + 1)


def _local(char: str) -> bool:
    return char.isalnum() or char in ".!#$%&'*+-_~"


_NOT_PEOPLE = frozenset(("git", "hg", "svn"))
"""Accounts in `git@host.example:path`."""
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}(?:[^\W\d_]{2,24}|xn--[a-z0-9-]{2,59})(?![\w-]|@)")


def iban(text: str, start: int, numbers: Numbers) -> Matches:
    """The country says how many characters must follow, in groups or not."""
    for head in matches(_IBAN_HEAD, text, start, REACH):
        begin = head.start()
        size = check.IBAN_LENGTHS.get(head[0].upper()[:2])
        if not size or (begin and text[begin - 1].isalnum()):
            continue
        if (body := _IBAN_BODY[size].match(text, head.end())) and check.iban(text[begin : body.end()]):
            yield begin, body.end(), 1.0


_IBAN_HEAD = re.compile(r"[A-Za-z]{2}[0-9]{2}(?=[ -]?[A-Za-z0-9]{3})")
_IBAN_BODY = {
    size: re.compile(rf"(?:[ -]?[A-Za-z0-9]){{{size - 4}}}(?![A-Za-z0-9])") for size in set(check.IBAN_LENGTHS.values())
}


def address(text: str) -> bool:
    """Whether `ipaddress` reads it, and it is not the machine itself, nobody, or a name such as `a::b` in code."""
    if not any(char.isdigit() for char in text) and text.count(":") < 5:
        return False
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


def telephone(text: str, start: int, numbers: Numbers) -> Matches:
    while found := search(phone.CANDIDATE, text, start, REACH):
        score = phone.score(found[0])
        if score:
            yield found.start(), found.end(), score
        first = phone.GROUP.match(text, found.start())
        # A candidate that is refused may begin with a number of another kind: go on behind its first group.
        start = found.end() if score or not first else first.end()


def spelt_email(text: str, start: int, numbers: Numbers) -> Matches:
    """An address that was written so that programs do not find it, in one word: `a(at)b.example`, `a[at]b[dot]c`."""
    for found in matches(_SPELT, text, start, REACH):
        begin = found.start()
        while begin > start and found.start() - begin <= 64 and _local(text[begin - 1]):
            begin -= 1
        if begin < found.start() <= begin + 64:
            yield begin, found.end(), 0.8


_SPELT = re.compile(
    r"(?:\(at\)|\[at\]|\{at\})[\w-]{1,63}(?:(?:\.|\(dot\)|\[dot\]|\{dot\})[\w-]{1,63}){1,4}", re.IGNORECASE
)


def hardware(text: str) -> float:
    """A MAC address in groups of four; one of digits only is more often a number of another kind."""
    return 0.5 if any(char in "abcdefABCDEF" for char in text) else 0.2


def social_security(text: str) -> float:
    if not check.ssn(text):
        return 0.0
    return {"-": 0.85, " ": 0.6}.get(text[3], 0.2)


def shape(
    pattern: str, rate: float | Rate, test: Callable[[str], bool] | None = None, *, left: str = "", least: int = 0
) -> Shape:
    """A shape whose borders are no letter, digit or underscore, nor a hyphen or point that joins it to more digits.

    With `left` the pattern states its right border itself, minds case, and may not follow one of these characters.
    """
    source = pattern if left else rf"(?:{pattern})(?!\w)(?![.,]\d)(?!-\w)"
    flags = re.ASCII if left else re.ASCII | re.IGNORECASE
    return Shape(re.compile(source, flags), rate if callable(rate) else _rate(rate, test), left, least)


def _rate(score: float, test: Callable[[str], bool] | None) -> Rate:
    return lambda text: score if test is None or test(text) else 0.0


def kind(
    label: str,
    gate: str,
    shapes: list[Find],
    words: str = "",
    *,
    weak: bool = False,
    after: bool = True,
) -> Kind:
    """A row of the table. `weak`: no shape counts without a word."""
    # Words of scripts without spaces touch what surrounds them.
    near = re.compile(rf"(?<![{_SPACED}\d])(?:{words})(?![{_SPACED}])", re.IGNORECASE) if words else None
    word_gate = "(?i)" + re.sub(r"\(\?<?[!=][^)]*\)", "", words)
    return Kind(label, f"(?i){gate}", tuple(shapes), near, word_gate, weak, after)

"""Numbers whose digits are spoken, word by word: `four one five, double five five ...`, `cuatro uno uno uno ...`.

English, German, Spanish, French, Italian, Portuguese and Dutch; behind two single digits in pairs too, in the first
four: `null eins sieben zwei, neunzehn dreißig`. Misses: numbers that begin with a pair, and such as are no card,
telephone or social security number.
"""

import re
from collections.abc import Iterator

from ..regex import Locator
from ..search.places import Places
from . import checksums as check
from .kinds import Matches

_WORDS = (
    "zero|oh|null|cero|zéro|nul",
    "one|eins|uno|un|um|een|één",
    "two|zwei|zwo|dos|deux|due|dois|duas|twee",
    "three|drei|tres|trois|tre|três|drie",
    "four|vier|cuatro|quatre|quattro|quatro",
    "five|fünf|fuenf|cinco|cinq|cinque|vijf",
    "six|sechs|seis|sei|meia|zes",
    "seven|sieben|siete|sept|sette|sete|zeven",
    "eight|acht|ocho|huit|otto|oito",
    "nine|neun|nueve|neuf|nove|negen",
)
_TEENS = (
    "ten|zehn|diez|dix",
    "eleven|elf|once|onze",
    "twelve|zwölf|zwoelf|doce|douze",
    "thirteen|dreizehn|trece|treize",
    "fourteen|vierzehn|catorce|quatorze",
    "fifteen|fünfzehn|quince|quinze",
    "sixteen|sechzehn|dieciséis|seize",
    "seventeen|siebzehn|diecisiete",
    "eighteen|achtzehn|dieciocho",
    "nineteen|neunzehn|diecinueve",
)
_TENS = (
    "twenty|zwanzig|veinte|vingt",
    "thirty|dreißig|dreissig|treinta|trente",
    "forty|vierzig|cuarenta|quarante",
    "fifty|fünfzig|cincuenta|cinquante",
    "sixty|sechzig|sesenta|soixante",
    "seventy|siebzig|setenta",
    "eighty|achtzig|ochenta",
    "ninety|neunzig|noventa",
)
_JOINED = "ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun"
"""German's digits before tens: `einundzwanzig`."""
_DIGITS = {word: str(digit) for digit, words in enumerate(_WORDS) for word in words.split("|")}
_ROUND = {word: str(ten) for ten, words in enumerate(_TENS, 2) for word in words.split("|")}
_PAIRS = {
    **{word: str(number) for number, words in enumerate(_TEENS, 10) for word in words.split("|")},
    **{word: f"{ten}0" for word, ten in _ROUND.items()},
    **{
        f"{unit}und{word}": f"{ten}{digit}"
        for word, ten in _ROUND.items()
        if word.endswith("ig")
        for digit, unit in enumerate(_JOINED.split("|"), 1)
    },
}
_TIMES = {"double": 2, "triple": 3, "doppel": 2, "doble": 2}
_KNOWN = {*_DIGITS, *_PAIRS, *_TIMES, "y", "et", "vingts", "dash"}


def _any(words: "set[str] | dict[str, str]") -> str:
    """The longest first: `three` is no `tre`."""
    return "|".join(sorted(words, key=len, reverse=True))


_WORD = _any({*_DIGITS, *_TIMES})
_UNIT = _any({word: digit for word, digit in _DIGITS.items() if digit != "0"})
_PAIR = (
    rf"quatre[ -]vingts?(?:[ -](?:dix(?:[ -](?:sept|huit|neuf))?|{_any(_PAIRS)}|{_UNIT}))?"
    rf"|soixante[ -](?:et[ -])?(?:dix(?:[ -](?:sept|huit|neuf))?|onze|douze|treize|quatorze|quinze|seize)"
    rf"|(?P<ten>{_any(_ROUND)})[ -](?:y |et[ -])?(?P<unit>{_UNIT})(?!\w)|(?P<pair>{_any(_PAIRS)})"
)
"""Two digits; French ones beyond sixty only by how many they are."""
_NAMELESS = re.sub(r"\?P<\w+>", "?:", _PAIR)
_DASH = "(?:dash[ ,]{1,2})?"
_BETWEEN = "[ ,.;()\u2013\u2014-]{1,4}" + _DASH
_ODD = "[^\\x00-\\x3e\\x40-\\x7f]"
"""A letter or dash beyond ASCII, or the question mark in its place."""


def _shadowed(words: str) -> str:
    return re.sub("[^a-z|]", lambda _: _ODD, words)


_ANY, _ANY_BETWEEN = _shadowed(_WORD), "[ ,.;()?\u2013\u2014-]{1,4}" + _DASH
_ANY_NEXT = _shadowed(_any({*_DIGITS, *_TIMES, *_PAIRS}))
GATE = rf"(?i)\b(?:{_ANY}){_ANY_BETWEEN}(?:{_ANY}){_ANY_BETWEEN}(?:{_ANY_NEXT})\b"
"""Three of them in a row."""
_PLACE = Locator(GATE)
_ROW = re.compile(
    rf"(?:{_WORD}){_BETWEEN}(?:{_WORD})(?:{_BETWEEN}(?:(?:{_NAMELESS})(?!\w)|{_WORD})){{1,39}}(?!\w)", re.IGNORECASE
)
_TOKEN = re.compile(rf"(?:{_PAIR})(?!\w)|(?P<word>{_WORD})(?!\w)", re.IGNORECASE)
_LAST = re.compile(rf"(?<!\w)(?:{_any(_KNOWN)}){_BETWEEN}$", re.IGNORECASE)
_SIGNS = " ,.;()\u2013\u2014-"
_PARTED = re.compile(f"[{_SIGNS}]+")
_END = re.compile(r"\w+$")
_BEGUN = frozenset(word[:size] for word in _KNOWN for size in range(len(word) + 1))
_COUNTED = (
    "01234567890123456789 01234567891011121314 98765432109876543210 24681012141618 13579111315 510152025303540 "
    "3141592653589793238 2718281828459045235"
)
"""What one counts, and the digits of pi and e."""
_DIALLED = re.compile(r"1?[2-9]\d\d[2-9]\d{6}|0[1-9]\d{8,9}")
"""As in North America, or with the zero that numbers begin with elsewhere."""
_CARD = 16 + 6 + 4
"""Digits of a card, a month with its year, and a code."""
_LONGEST, _FAR = 24, 260
"""Characters of a word with what stands behind it, and of a row that a stream waits for."""


def spelt_card(text: str, start: int, places: Places) -> Matches:
    """A payment card, perhaps with its month, year and code behind."""
    for begin, end, number in _rows(text, start, places):
        sizes = (len(number), 16, 15) if len(number) <= _CARD else ()
        size = next((each for each in sizes if 12 <= each <= min(19, len(number)) and check.card(number[:each])), 0)
        if size:
            yield begin, end, 0.9 if size in (15, 16) else 0.4


def spelt_telephone(text: str, start: int, places: Places) -> Matches:
    """A telephone number: one of North America, or of ten digits or eleven behind a zero,
    counts alone, others with a word near them. Nobody's counts up."""
    for begin, end, number in _rows(text, start, places):
        if 7 <= len(number) <= 15 and len(set(number)) > 3 and number not in _COUNTED:
            yield begin, end, 0.55 if _DIALLED.fullmatch(number) else 0.3


def spelt_security(text: str, start: int, places: Places) -> Matches:
    """A social security number of the USA, with a word near it."""
    for begin, end, number in _rows(text, start, places):
        if len(number) == 9 and check.ssn(number):
            yield begin, end, 0.4


def _rows(text: str, start: int, places: Places) -> Iterator[tuple[int, int, str]]:
    """Start and end of each row, and its digits."""
    while (at := _PLACE.match(places.raw, start, places.size)[0][0]) >= 0:
        row = _ROW.match(text, at)
        start = row.end() if row else at + 1
        if row and not text[max(0, at - 1) : at].isalpha() and not _LAST.search(text, max(0, at - _LONGEST), at):
            yield at, start, _number(row[0])


def _number(row: str) -> str:
    digits, times = "", 1
    for found in _TOKEN.finditer(row.lower()):
        if word := found["word"]:
            digits += _DIGITS.get(word, "") * times
            times = _TIMES.get(word, 1)
        elif found["ten"]:
            digits += _ROUND[found["ten"]] + _DIGITS[found["unit"]]
        else:
            digits += _PAIRS.get(found["pair"] or "", "00")
    return digits


def spelt_from(text: str, at: int) -> int:
    """Where a row may begin that may go on, when the last word begins at `at`."""
    word = text[at:].lower()
    if word not in _BEGUN:
        *words, last = ("-",) if word.isalpha() else _PARTED.split(word)
        if last not in _BEGUN or not _KNOWN.issuperset(filter(None, words)):
            return at
    begin = at
    while at - begin < _FAR:
        before = text[max(0, begin - _LONGEST) : begin]
        bare = before.rstrip(_SIGNS)
        found = _END.search(bare)
        if not (found and found[0].lower() in _KNOWN and 0 < len(before) - len(bare) <= 4):
            break
        begin -= len(before) - found.start()
    return begin

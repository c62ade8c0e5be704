"""Numbers that are written as words, from 13 on, and what is counted by them. Pure Python.

Smaller ones `words.NUMBERS` lists by hand, for many short ones are other words as well. These are made of their parts,
as each language makes them, or listed in `numeral_words`. Where its parts stand apart (`twenty one`, `treinta y uno`),
they are put together.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .numeral_words import unfolded
from .remembered import remembered

_TENS: tuple[tuple[str, str], ...] = (
    ("en", "twenty thirty forty fifty sixty seventy eighty ninety"),
    ("de", "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig"),
    ("nl", "twintig dertig veertig vijftig zestig zeventig tachtig negentig"),
    ("fr", "vingt trente quarante cinquante soixante septante huitante nonante"),
    ("es", "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa"),
    ("pt", "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa"),
    ("it", "venti trenta quaranta cinquanta sessanta settanta ottanta novanta"),
    ("sv", "tjugo trettio fyrtio femtio sextio sjuttio åttio nittio"),
    (
        "pl",
        "dwadzieścia trzydzieści czterdzieści pięćdziesiąt sześćdziesiąt siedemdziesiąt osiemdziesiąt dziewięćdziesiąt",
    ),
    ("cs", "dvacet třicet čtyřicet padesát šedesát sedmdesát osmdesát devadesát"),
    ("ru", "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто"),
    ("ru", "двадцати тридцати сорока пятидесяти шестидесяти семидесяти восьмидесяти девяноста"),
    ("uk", "двадцять тридцять сорок пʼятдесят шістдесят сімдесят вісімдесят девʼяносто"),
    ("tr", "yirmi otuz kırk elli altmış yetmiş seksen doksan"),
)
_TEENS = (
    "thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
    "dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn",
    "dertien veertien vijftien zestien zeventien achttien negentien",
    "treize quatorze quinze seize dix-sept dix-huit dix-neuf",
    "trece catorce quince dieciséis diecisiete dieciocho diecinueve",
    "treze catorze quinze dezesseis dezessete dezoito dezenove",
    "treze quatorze quinze dezasseis dezassete dezoito dezanove",
    "tredici quattordici quindici sedici diciassette diciotto diciannove",
    "tretton fjorton femton sexton sjutton arton nitton",
    "trzynaście czternaście piętnaście szesnaście siedemnaście osiemnaście dziewiętnaście",
    "тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать",
    "тринадцати четырнадцати пятнадцати шестнадцати семнадцати восемнадцати девятнадцати",
    "тринадцять чотирнадцять пʼятнадцять шістнадцять сімнадцять вісімнадцять девʼятнадцять",
)
_UNITS = {
    "en": "one two three four five six seven eight nine",
    "de": "ein zwei drei vier fünf sechs sieben acht neun",
    "nl": "een twee drie vier vijf zes zeven acht negen",
    "fr": "un deux trois quatre cinq six sept huit neuf",
    "es": "uno dos tres cuatro cinco seis siete ocho nueve",
    "pt": "um dois três quatro cinco seis sete oito nove",
    "it": "uno due tre quattro cinque sei sette otto nove",
    "sv": "ett två tre fyra fem sex sju åtta nio",
    "pl": "jeden dwa trzy cztery pięć sześć siedem osiem dziewięć",
    "cs": "jedna dva tři čtyři pět šest sedm osm devět",
    "ru": "один два три четыре пять шесть семь восемь девять",
    "uk": "один два три чотири пʼять шість сім вісім девʼять",
    "tr": "bir iki üç dört beş altı yedi sekiz dokuz",
}
_MORE_UNITS = {
    **dict.fromkeys(("une", "una", "uma", "одна", "одного", "одной", "en", "ún"), 1),
    **dict.fromkeys(("dwie", "dwóch", "dvě", "dvou", "две", "двух", "дві", "двох", "duas", "dós"), 2),
    **dict.fromkeys(("trzech", "трех", "трёх", "трьох", "tří", "trés"), 3),
    **dict.fromkeys(("czterech", "четырех", "четырёх", "чотирьох", "čtyř"), 4),
    "пяти": 5,
    "шести": 6,
    "семи": 7,
    "восьми": 8,
    "девяти": 9,
    "séis": 6,
}
_IN_ONE = ("de", "nl", "it", "sv", "es")
"""Languages that write them as one word; Spanish only the twenties."""


FROM = 13
"""Smaller numbers the networks know, and rewording plays with them: two keys, more than one key."""
SURE = 6
"""Letters of a word that is a number and nothing else."""


def _words() -> Iterator[tuple[str, int]]:
    for line in _TEENS:
        yield from zip(line.split(), range(13, 20), strict=True)
    for language, line in _TENS:
        for at, ten in enumerate(line.split(), 2):
            yield ten, 10 * at
            if language in _IN_ONE:
                yield from ((_joined(language, ten, unit, one), 10 * at + one) for one, unit in _units(language))


def _units(language: str) -> Iterator[tuple[int, str]]:
    return enumerate(_UNITS[language].split(), 1)


def _joined(language: str, ten: str, unit: str, one: int) -> str:
    if language == "nl":  # tweeëntwintig
        return unit + ("ën" if unit.endswith("e") else "en") + ten
    if language == "de":
        return unit + "und" + ten
    if language == "es":
        return "veinti" + unit if ten == "veinte" else ten + unit
    if language == "it":  # ventuno, ventotto, ventitré
        return (ten[:-1] if one in (1, 8) else ten) + ("tré" if one == 3 else unit)
    return ten + unit


def _unsaid(word: str) -> Iterator[str]:
    """A word, and as it is written by who has no such letters."""
    yield word
    for old, new in (("ß", "ss"), ("ʼ", "'"), ("ʼ", "’"), ("é", "e"), ("ë", "e")):
        if old in word:
            yield word.replace(old, new)


def _unmistakable() -> Iterator[tuple[str, int]]:
    """Of other languages those that are long, and so no other word: tyve is also thieves."""
    found: dict[str, set[int]] = {}
    for _, word, number in unfolded():
        found.setdefault(word, set()).add(number)
    for word, (number, *others) in found.items():
        if not others and FROM <= number < 100 and len(word) >= SURE and word.isalpha():
            yield word, number


SPELT: Mapping[str, int] = {
    **dict(_unmistakable()),
    **{word: number for made, number in _words() for word in _unsaid(made)},
    "veintiún": 21,
    "veintidós": 22,
    "veintitrés": 23,
    "veintiséis": 26,
    "veintiuna": 21,
}
"""One word each, in small letters."""
_ONES: Mapping[str, int] = {
    **{word: one for language in _UNITS for one, unit in _units(language) for word in _unsaid(unit)},
    **_MORE_UNITS,
}
_SMALL = {word: one for word, one in _ONES.items() if one > 1} | {
    **dict.fromkeys(("ten", "zehn", "dix", "diez", "dez", "dieci", "tien", "tio", "dziesięć", "десять"), 10),
    **dict.fromkeys(("eleven", "elf", "onze", "once", "undici", "elva"), 11),
    **dict.fromkeys(("twelve", "zwölf", "douze", "doce", "doze", "dodici", "twaalf", "tolv"), 12),
}
_APART = {ten for _, line in _TENS for ten in line.split()}
_number = re.compile(
    r"(?<![\w.,:/-])(?:(\d{1,6})(?![\w.,:/%°-])"
    r"|([^\W\d_](?:[^\W\d_]|['’ʼ]|-(?=sept\b|huit\b|neuf\b))+)(?:(?:-et-|-| et | y | e | )([^\W\d_]+))?)"
)
_digits = re.compile(r"\d+").findall
_counted = re.compile(r"[ \u00a0-]([^\W\d_]{3,})").match
_JOINS = frozenset("and und et y e и i ve".split())
"""Before a number they make it part of another: an hour and twenty minutes."""
_LARGE = frozenset(
    "hundred thousand hundert tausend cent mille cien ciento mil cem cento honderd duizend hundra".split()
)
"""Of which a number may be a part: neither it nor they are read as one."""
_UNCOUNTED = _JOINS | _LARGE | frozenset("the die der das les las los per von des del".split())
"""Behind a number these are not what is counted."""
LONG = 200
"""Characters of a text; in longer ones a number is one of many."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """What is counted in a text and how many there are, and all numbers in it."""

    of: Mapping[str, int]
    """Things that are counted once."""
    all: frozenset[int]


_NONE = Amounts({}, frozenset())


def recounted(a: str, b: str) -> bool:
    """Whether two short texts, in small letters, count the same thing, and one has another number than the other, which
    says it nowhere: fifteen people, sixteen people. Of labelled pairs of which it is so, 223
    have different answers and one the same."""
    mine = amounts(a)
    yours = amounts(b) if mine.of else _NONE
    for noun in mine.of.keys() & yours.of.keys():
        one, other = mine.of[noun], yours.of[noun]
        if max(one, other) >= FROM and one not in yours.all and other not in mine.all:
            return True
    return False


@remembered
def amounts(text: str) -> Amounts:
    """The amounts of a text; none of a long one. Remembered: a question is compared with all that is near."""
    if len(text) > LONG:
        return _NONE
    found: dict[str, set[int]] = {}
    at, numbers, before = 0, {int(digits) for digits in _digits(text) if len(digits) < 7}, ""
    while match := _number.search(text, at):
        number, end = _value(match)
        at = end
        if number is not None:
            numbers.add(number)
            noun = _counted(text, end)
            if noun and before not in _JOINS | _LARGE and noun[1] not in _UNCOUNTED and _word(noun[1]) is None:
                found.setdefault(noun[1], set()).add(number)
        before = text[match.start(2) : end] if match[2] else ""
    return Amounts({noun: next(iter(each)) for noun, each in found.items() if len(each) == 1}, frozenset(numbers))


def _value(match: "re.Match[str]") -> tuple[int | None, int]:
    """The number that stands there, and where it ends."""
    digits, word, behind = match.groups()
    if digits:
        return int(digits), match.end(1)
    number = _word(word)
    if word in _APART and behind in _ONES and number is not None:
        return number + _ONES[behind], match.end(3)
    return number, match.end(2)


def _word(word: str) -> int | None:
    return SPELT.get(word) or _SMALL.get(word)

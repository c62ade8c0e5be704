"""Two texts that differ in a number alone, in words or digits, and in the form of what is counted. Pure Python.

"Napiš dvě otázky" and "Napiš dvanáct otázek" are near for every network: where grammar changes the noun with the
number, and the number is a word, no share of common words tells it. As all else is the same, a word that is a number in
the language of both need not be known for one: whatever else it is, the other is not.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from .numerals import ANY, CARDINALS, key, ordinals
from .place import Place, kin

COUNTED = 3
"""Words behind a number that may change their form with it: adjectives, the noun, a verb."""
_AND = frozenset("and und en et y e og och i și kai και и і та a és ja ve na va và".split())
"""What may stand within a number; Arabic and Hebrew write it before the word."""
_ALSO = ("و", "ו")
_FILLER = frozenset(("de", "of", "di"))
"""Stands behind some numbers: douăzeci de întrebări."""
_FORMS = tuple(
    frozenset(group.split())
    for group in (
        "rok roku roky let|rok roku roky rokov|rok roku lata lat|год года лет|рік року роки років|leto leti leta let"
        "|человек человека людей|den dnu dny dní dni|deň dňa dni dní|dzień dnia dni|is are|est sont|ist sind|è sono"
        "|it they|its their|person people|man men|woman women|child children|foot feet|tooth teeth|mouse mice"
    ).split("|")
)
"""Words that change more than their ending with a number."""
_soft = re.compile("[aeiouyаеёиоуыэюяіاويةىء]").sub
"""Vowels, and letters of Arabic that may be no part of a root."""
_GREAT = (100, 1000, 1_000_000)
_TIMES = {"puluh": "id", "mươi": "vi"}
"""These make tens of the number before them, the next one adds ten to it."""
_TEEN = {"belas": "id"}
_TEN_BEHIND = ("ar", "he")
"""Languages whose teens and tens stand behind the ones."""


def renumbered(at: Place) -> bool:
    """Whether the place holds another number, and else the same in other forms."""
    if len(at.mine) == len(at.yours) == 1:
        one, other = ordinals(at.mine[0]), ordinals(at.yours[0])
        if any(one[language] != other[language] for language in one.keys() & other.keys()):
            return True
    if not any(map(_number, at.mine)) and not any(map(_number, at.yours)):
        return False
    # What both share may belong to the number: "dvacet tři", "tři".
    before, behind = _run(reversed(at.before)), _run(at.behind)
    head, tail = at.before[len(at.before) - before :], at.behind[:behind]
    (mine, counted), (yours, others) = (_parted((*head, *side, *tail)) for side in (at.mine, at.yours))
    if not mine or not yours or len(counted) != len(others) or len(counted) > COUNTED + behind:
        return False
    if digits(mine) and digits(yours) and counted == others:
        return False  # that is seen without this rule
    return all(agree(x, y) for x, y in zip(counted, others, strict=True)) and _other(mine, yours)


def agree(one: str, other: str) -> bool:
    """Whether two words are forms of one, such as a number asks for. Vowels within may change: vety, viet."""
    if kin(one, other) or any(one in group and other in group for group in _FORMS):
        return True
    one, other = key(one), key(other)
    root = _soft("", one)
    return len(root) >= 2 and root == _soft("", other)


def _parted(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The number at the beginning, and what is counted."""
    end = _run(words)
    while end and not _number(words[end - 1]):
        end -= 1
    start = next((at for at in range(end) if _number(words[at])), 0)
    counted = words[end:]
    return words[start:end], counted[1:] if counted and counted[0] in _FILLER else counted


def _run(words: Iterable[str]) -> int:
    """How many words at the beginning may be parts of a number."""
    count = 0
    for word in words:
        if not (_number(word) or word in _AND):
            break
        count += 1
    return count


@lru_cache(maxsize=4096)
def _number(word: str) -> bool:
    """Whether a word may be a number or make one of another."""
    return word[0].isdecimal() or word in _TIMES or word in _TEEN or bool(_values(word))


def _values(word: str) -> Mapping[str, int]:
    """What number a word is, by language."""
    bare = key(word)
    found = CARDINALS.get(bare, {})
    if bare != word:
        # Vietnamese is known as it is written alone.
        found = {language: each for language, each in found.items() if language != "vi"} | dict(CARDINALS.get(word, {}))
    return found or (_values(word[1:]) if len(word) > 2 and word.startswith(_ALSO) else {})


def _other(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two numbers are not the same in any language that both may be of."""
    if digits(one) and digits(other):
        return not (one[0].endswith(other[0]) or other[0].endswith(one[0]))  # the class of 99, of 1999
    mine, yours = totals(one), totals(other)
    both = [
        number != another
        for language, number in mine.items()
        for spoken, another in yours.items()
        if language == spoken or ANY in (language, spoken)
    ]
    return bool(both) and all(both)


def digits(words: Sequence[str]) -> bool:
    return len(words) == 1 and words[0].isdecimal()


def totals(words: Sequence[str]) -> dict[str, int]:
    """The number that words make together, by language; none where it is not sure."""
    if digits(words):
        return {ANY: int(words[0])}
    if any(word[0].isdecimal() for word in words):
        return {}
    values = [_values(word) for word in words]
    spoken = {language for each in values for language in each}
    languages = (spoken - {ANY}) or spoken
    found = {language: _total(words, values, language) for language in languages}
    return {language: number for language, number in found.items() if number is not None}


def _total(words: Sequence[str], values: Sequence[Mapping[str, int]], language: str) -> int | None:
    whole = group = last = 0
    for word, each in zip(words, values, strict=True):
        value = each.get(language, each.get(ANY))
        if value is None:
            if _TIMES.get(word) == language and 0 < last < 10:
                group, last = group + 9 * last, 10 * last
            elif _TEEN.get(word) == language and 0 < last < 10:
                group, last = group + 10, 0
            elif word not in _AND:
                return None
        elif value in _GREAT:
            group, last = max(1, group) * value, 0
            if value > 100:
                whole, group = whole + group, 0
        elif _joins(last, value, group, language):
            group, last = group + value, value
        elif language == "fr" and last == 4 and value == 20:
            group, last = group + 76, 80
        else:
            return None
    return whole + group


def _joins(last: int, value: int, group: int, language: str) -> bool:
    """Whether a number is added to what stands before it."""
    if group % 100 == 0:
        return True
    if language in _TEN_BEHIND and 0 < last < 10:
        return value % 10 == 0
    tens = (last >= 20 and last % 10 == 0) or (last == 10 and language in ("fr", "tr", "vi", "sw"))
    return tens and (value < 10 or (value < 20 and language == "fr"))

"""The one place in which two texts differ: what stands there, and what before and behind. Pure Python."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .remembered import remembered
from .written import SIGNS, key_of

MOST = 6
"""Words that may stand in the place on either side: with more it is no small change."""
_words = re.compile(
    rf"\d+(?:[.,:/]\d+)*|[^\W\d_](?:[^\W\d_]|['’ʼ{SIGNS}])*|[^\W\d_]?[{SIGNS}]+|[%€$£¥½¼¾⅓⅔+*=<>^/&|~#]"
).findall


@dataclass(frozen=True, slots=True)
class Place:
    """Words in small letters; `before` and `behind` stand in both texts."""

    before: tuple[str, ...]
    mine: tuple[str, ...]
    yours: tuple[str, ...]
    behind: tuple[str, ...]


@remembered
def words(text: str) -> tuple[str, ...]:
    """The words of a text in small letters, numbers, and signs that bear meaning."""
    return tuple(_words(text))


def place(a: tuple[str, ...], b: tuple[str, ...]) -> Place | None:
    """Where two texts differ, or None where that is more than one small place or none."""
    if a == b or abs(len(a) - len(b)) > MOST:
        return None
    first, last = ends(a, b)
    if max(len(a), len(b)) - first - last > MOST:
        return None
    mine, yours = a[first : len(a) - last], b[first : len(b) - last]
    return Place(a[:first], mine, yours, a[len(a) - last :] if last else ())


def alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words, or characters, two begin with alike."""
    most = min(len(one), len(other))
    return next((at for at in range(most) if one[at] != other[at]), most)


def ends(one: Sequence[str], other: Sequence[str]) -> tuple[int, int]:
    """How many words, or characters, stand before the one place in which two differ, and behind it."""
    first = alike(one, other)
    return first, alike(one[first:][::-1], other[first:][::-1])


def kin(one: str, other: str) -> bool:
    """Whether two words may be forms of one: but for accents they begin alike, and end soon."""
    if one == other:
        return True
    one, other = key_of(one), key_of(other)
    size = alike(one, other)
    short, long = sorted((len(one), len(other)))
    return size >= max(2, short - 3) and 2 * size >= short and long - size <= 4

"""Whether a text was made hard to read on purpose, or is only written with the letters of its language.

What was learned from texts in many languages reads accents, and a comma of full width, as they stand: to show it the
normal view of every such text doubles the time, and the alarms. So the view is shown only where a disguise is likely.
"""

import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .normalize import View

STRETCH = 40
"""Characters in a row of which a sixteenth must be odd. Of attacks in which fewer were changed, 97 in 100 are found as
they stand."""
COMPARED = 64 * 1024
"""Characters of a text that is compared with its normal view; a longer one would hold up other threads."""
PART, LEAST = 160, 40
"""Characters whose pieces are counted together, and the fewest of the last part; fewer belong to the part before."""
FEWER = 0.82
"""Of the pieces of words that a part takes as it stands, the share that it takes without accents. In 18 languages none
took under .83 (`training/data/injection`); of English with accents on a fifth of its letters, half take under .72."""
_OWN = frozenset("đĐłŁøØıßæÆœŒðÐþÞħĦ")
"""Letters of languages that Unicode does not take apart."""

Pieces = Callable[[str], int]
"""Of how many pieces a text is for the network that reads it."""


def disguised(text: str, view: View, pieces: Pieces | None) -> bool:
    """Whether `view`, the normal one, shows what the text hides: many of its characters in a row are odd, and are no
    accents or marks; or they are accents, and without them the words are known better. Without `pieces`, any that are
    odd count."""
    if len(text) > COMPARED:
        return True
    odd = _odd(text, view)
    if not _dense(odd):
        return False
    if pieces is None:
        return True
    strange = odd.copy()
    for at in np.flatnonzero(odd):
        strange[at] = not _usual(text[at])
    return _dense(strange) or any(pieces(plain) < FEWER * pieces(given) for given, plain in _parts(text, view, odd))


def _odd(text: str, view: View) -> NDArray[np.int32]:
    """1 for each character that the view has otherwise, or not at all."""
    given, plain = _codes(text), _codes(view.text)
    odd = np.ones(len(given), np.int32)
    at = np.arange(len(plain)) if view.starts is None else np.asarray(view.starts, np.int64)
    odd[at[plain == given[at]]] = 0
    return odd


def _dense(odd: NDArray[np.int32]) -> bool:
    stretch = min(len(odd), STRETCH)
    sums = np.concatenate(([0], odd.cumsum()))
    return bool((sums[stretch:] - sums[: len(sums) - stretch]).max() * 16 >= stretch)


@lru_cache(4096)
def _usual(char: str) -> bool:
    """A letter with accents, as Unicode composes it, or a mark of punctuation."""
    made_of = unicodedata.decomposition(char)
    return char in _OWN or bool(made_of and made_of[0] != "<") or unicodedata.category(char)[0] in "PZ"


def _parts(text: str, view: View, odd: NDArray[np.int32]) -> Iterator[tuple[str, str]]:
    """Parts of the text with what the view has for each; only those in which enough is odd."""
    starts = None if view.starts is None else np.asarray(view.starts)
    for at in range(0, max(1, len(text) - LEAST), PART):
        end = at + PART if len(text) - at - PART > LEAST else len(text)
        if odd[at:end].sum() * 16 >= min(len(text), STRETCH):
            first, last = (at, end) if starts is None else np.searchsorted(starts, (at, end))
            yield text[at:end], view.text[first:last]


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)

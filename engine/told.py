"""All texts of a body in any dialect: its own, names of fields that are no plain words, and long numbers."""

from collections.abc import Callable, Iterable
from itertools import chain, islice
from typing import Any

from . import jsonio
from .dialects.figures import figures
from .dialects.strange import strange
from .exchange import Scope, Segment
from .limits import TEXTS
from .looks import Withheld

_STRINGS = 3 * TEXTS
"""Strings and names of fields among which there may be so many texts; the others are words of the dialect."""


class TooMany(Withheld):
    """More than TEXTS. A reply of so many must not go on."""

    def __init__(self) -> None:
        super().__init__(["hold limit"])


def told(
    body: dict[str, Any], size: int, scope: Scope, own: Callable[[dict[str, Any]], Iterable[Segment]]
) -> list[Segment]:
    """The texts of a body of so many bytes, of which its dialect tells its `own`. Raises TooMany, before they take much
    memory."""
    if size > _STRINGS and jsonio.texts_over(body, _STRINGS):
        raise TooMany
    texts = list(own(body))
    others = chain(strange(body, texts, scope), figures(body, texts, scope))
    found = [*texts, *islice(others, max(0, TEXTS + 1 - len(texts)))]
    if len(found) > TEXTS:
        raise TooMany
    return found

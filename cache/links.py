"""Proven paraphrases: two questions whose answers were found to be the same lead to one another.

So a question is answered from memory although its own answer has left. Both ends lie in one partition (scope and
frame), and a link goes when the entry it leads to has gone. Source of the idea: Krites (arXiv 2602.13165), which asks a
judge; here the model's own answer to the second question is at hand.
"""

from collections import OrderedDict
from collections.abc import Callable

import msgspec

from .rules.reading import read
from .rules.veto import WORDING, veto

LINKS = 50_000
"""Remembered at once; the oldest is forgotten."""

PROVEN = 0.99
"""Probability that a link counts for."""


class _Link(msgspec.Struct, array_like=True):
    partition: str
    other: str


class Links:
    """From the key of a question to the key of a stored answer that serves it too."""

    def __init__(self, touched: Callable[[str], None] = lambda _: None) -> None:
        self.touched = touched
        self._links: OrderedDict[str, _Link] = OrderedDict()

    def __len__(self) -> int:
        return len(self._links)

    def join(self, partition: str, first: tuple[str, str], second: tuple[str, str]) -> bool:
        """Link two questions, each (key, text). False when their words forbid it."""
        (one, text), (two, other) = first, second
        if one == two or veto(read(text), read(other)) not in WORDING:
            return False
        for at, to in ((one, two), (two, one)):
            self._put(at, _Link(partition, to))
            self.touched("l:" + at)
        return True

    def find(self, partition: str, key: str) -> str | None:
        """The key of the answer that serves this question."""
        link = self._links.get(key)
        return link.other if link is not None and link.partition == partition else None

    def drop(self, key: str) -> None:
        """The entry under `key` has gone, and so has every way to it that is known here."""
        link = self._links.get(key)
        if link is not None:
            self.cut(link.other, key)

    def leave(self, key: str) -> None:
        """The answer under `key` is wrong, and so perhaps is the one that was found to be the same."""
        link = self._links.get(key)
        if link is not None:
            self.part(key, link.other)

    def part(self, one: str, two: str) -> None:
        """The two turned out to be different questions."""
        self.cut(one, two)
        self.cut(two, one)

    def cut(self, at: str, to: str) -> None:
        """Forget the link from `at` to `to`."""
        link = self._links.get(at)
        if link is not None and link.other == to:
            del self._links[at]
            self.touched("l:" + at)

    def _put(self, at: str, link: _Link) -> None:
        self._links[at] = link
        self._links.move_to_end(at)
        if len(self._links) > LINKS:
            self._links.popitem(last=False)

    # What is kept: see Journal

    def absorb(self, name: str, payload: bytes) -> None:
        if payload:
            self._put(name[2:], _decode(payload))
        else:
            self._links.pop(name[2:], None)

    def dump(self, name: str) -> bytes:
        link = self._links.get(name[2:])
        return b"" if link is None else _encode(link)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Link).decode

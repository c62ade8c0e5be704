"""What the rules of a scope found in texts. System prompts, tool definitions and the earlier turns of a conversation
come again with every request; they need not be searched again.

Only digests are kept, under a key that lives as long as the process, and where finds stand: no text, and nothing that
tells one.
"""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Sequence

from ..engine.exchange import Scope
from ..engine.jsonio import JsonText, Leaf
from .hits import Hit

MOST = 8192
"""Texts kept for one set of rules: about a megabyte where nothing is found."""
FINDS = 16_384
"""Finds kept in all: some three megabytes."""
FEW = 256
"""A text of more finds is searched again each time."""
_KEY = secrets.token_bytes(32)


class Looked:
    """A bounded memory of texts, least recently seen first out. Used on the event loop only."""

    def __init__(self, most: int = MOST, finds: int = FINDS) -> None:
        self._most, self._room = most, finds
        self._known: OrderedDict[bytes, tuple[Hit, ...]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def digest(self, scope: Scope, text: str, kind: str = "text", under: str = "") -> bytes:
        """What stands for a text of a scope: BLAKE2b, keyed, 16 bytes. Of JSON it is the source, by which some
        detectors judge: two of them may read alike, letter by letter, and have other fields. So may two values in
        which a text stands. `under`: how the rules hold for it."""
        told = str(text)
        if isinstance(text, JsonText):
            kind, told = "json", text.source
        elif isinstance(text, Leaf):
            kind = f"{text.within.path} in {text.within.digest.hex()}"
        raw = f"{under}\0{kind}\0{told}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(raw, digest_size=16, key=_KEY, person=scope.encode()[:16]).digest()

    def get(self, digest: bytes) -> tuple[Hit, ...] | None:
        """What was found in a text; None where nobody knows."""
        found = self._known.get(digest)
        if found is not None:
            self._known.move_to_end(digest)
        return found

    def add(self, digest: bytes, found: Sequence[Hit] = ()) -> None:
        """Remember what was found in a text; of many finds, nothing."""
        if len(found) > FEW or digest in self._known:
            return
        self._known[digest] = tuple(found)
        self._room -= len(found)
        while len(self._known) > self._most or self._room < 0:
            self._room += len(self._known.popitem(last=False)[1])

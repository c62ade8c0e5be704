"""Texts that the rules of a scope have found nothing in. System prompts, tool definitions and the earlier turns of a
conversation come again with every request; they need not be searched again.

Only digests are kept, under a key that lives as long as the process: no text, and nothing that tells one.
"""

import hashlib
import secrets
from collections import OrderedDict

from ..engine.exchange import Scope
from ..engine.jsonio import JsonText, Leaf

MOST = 8192
"""Digests kept for one set of rules: about a megabyte."""
_KEY = secrets.token_bytes(32)


class Clean:
    """A bounded memory of clean texts, least recently seen first out. Used on the event loop only."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[bytes, None] = OrderedDict()

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

    def has(self, digest: bytes) -> bool:
        if digest not in self._known:
            return False
        self._known.move_to_end(digest)
        return True

    def add(self, digest: bytes) -> None:
        self._known[digest] = None
        if len(self._known) > self._most:
            self._known.popitem(last=False)

"""A value that must never be shown."""

import hashlib
import hmac


class Secret:
    """Holds a credential. Formatting, logging or comparing it by accident shows nothing.

    `reveal()` is the one way to the value, so that every use can be found by searching for it.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def digest(self, key: bytes) -> str:
        """A keyed digest (HMAC-SHA-256, 32 hex digits): stable for one key, useless to who has not the key."""
        return hmac.new(key, self._value.encode(), hashlib.sha256).hexdigest()[:32]

    def sha256(self) -> str:
        """SHA-256, 64 hex digits: what a known key is kept by. It tells a key that can be guessed."""
        return hashlib.sha256(self._value.encode()).hexdigest()

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> tuple[type, tuple[str]]:
        raise TypeError("a secret is not pickled")

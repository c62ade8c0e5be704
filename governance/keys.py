"""Named keys: who presents one has a name and a team, and rules, routes, exceptions and the cache can go by them."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ..engine.secret import Secret


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A caller's name, and what its keys are known by."""

    name: str
    digests: tuple[str, ...]
    """SHA-256 of each key that stands for the name, lower-case hex: two while one takes the other's place."""
    team: str = ""
    until: date | None = None
    """The last day, by UTC, on which its keys are taken."""

    def expired(self, today: date) -> bool:
        return self.until is not None and today > self.until

    @property
    def id(self) -> str:
        """The caller's id. It is made of the name, so that a new key finds what the old one had; digests of unknown
        credentials have no colon."""
        return "key:" + self.name


class Keyring:
    """Finds whose key a credential is.

    It is looked up under a digest with a key that nobody outside this process has, so that the time taken, which is
    the same for any number of keys, tells nothing of them.
    """

    def __init__(self, known: Sequence[NamedKey] = ()) -> None:
        self._blind = secrets.token_bytes(32)
        self._by_digest = {self._blinded(digest): key for key in known for digest in key.digests}

    def find(self, credential: Secret) -> NamedKey | None:
        return self._by_digest.get(self._blinded(credential.sha256())) if self._by_digest else None

    def _blinded(self, digest: str) -> bytes:
        return hmac.digest(self._blind, digest.encode(), "sha256")

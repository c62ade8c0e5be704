"""What goes in place of a masked value: a placeholder that comes back, or one of four forms that do not.

    reversible  <CREDIT_CARD_1>       the caller gets the value back
    redact      [CREDIT_CARD]
    partial     **** **** **** 1111   the last characters stay, at most a third of them
    hash        [CREDIT_CARD:9c1f...] keyed; equal values look equal
    fake        4929 3271 5518 6040   the same form, other characters; cards and IBANs pass their check again

Hashes and fakes depend on a key of the installation: without it a value cannot be found by trying. A fake may by
chance be a value that exists.
"""

import hmac
import re
from hashlib import sha256
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .detectors.pii.email import AT

Mode = Literal["reversible", "redact", "partial", "hash", "fake"]
FAKES = 10_000
"""Fakes that one exchange knows again."""
UNLIKE = 12
"""Characters from which on no value is another's fake by chance: of as many digits there are 10**12."""
DRAWS = 32
"""How often a fake is drawn again that equals its value; one digit does one time in ten."""


class Mask(BaseModel):
    """How a rule's finds are masked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Mode = Field(
        default="reversible",
        description="reversible: a placeholder, and the caller gets the value back. The others are for good: redact "
        "(the label), partial (the last characters stay), hash (keyed), fake (other characters in the same form).",
    )
    keep: int = Field(default=4, ge=1, le=8, description="Characters that mode partial keeps, never over a third.")

    @model_validator(mode="after")
    def _used(self) -> "Mask":
        if "keep" in self.model_fields_set and self.mode != "partial":
            raise ValueError(f"`keep` does nothing in mode {self.mode}; it belongs to mode: partial")
        return self


def masked(mask: Mask, label: str, value: str, key: bytes) -> str:
    """A value in one of the forms that do not come back."""
    if mask.mode == "partial":
        return partial(value, mask.keep)
    if mask.mode == "hash":
        return f"[{label}:{hmac.digest(key, _plain(value).encode('utf-8', 'replace'), 'sha256').hex()[:16]}]"
    if mask.mode == "fake":
        return fake(label, value, key)
    return f"[{label}]"


def partial(value: str, keep: int) -> str:
    """Letters and digits become asterisks, but for the last `keep`, or a third of them if that is less. So do other
    signs where they are more than a third: in a password they are no form, and no letter of Hindi is without."""
    signs = 3 * sum(char.isalnum() for char in value) < 2 * sum(not char.isspace() for char in value)
    told = [char.isalnum() or (signs and not char.isspace()) for char in value]
    hidden = sum(told) - min(keep, sum(told) // 3)
    out: list[str] = []
    for char, tells in zip(value, told, strict=True):
        if tells and hidden > 0:
            hidden -= 1
            char = "*"
        out.append(char)
    return "".join(out)


def fake(label: str, value: str, key: bytes) -> str:
    """Another value of the same form: digits for digits, letters for letters; equal values give equal fakes. One that
    has neither becomes its label."""
    plain = _plain(value)
    made = _drawn(label, value, _Stream(key, f"{label}\0{plain}"))
    for again in range(1, DRAWS):
        if _plain(made) != plain:
            break
        made = _drawn(label, value, _Stream(key, f"{label}\0{plain}\0{again}"))
    return made if _plain(made) != plain else f"[{label}]"


def _drawn(label: str, value: str, stream: "_Stream") -> str:
    if label == "EMAIL_ADDRESS" and (parts := _address(value)):
        return _other(parts[0], stream) + parts[1] + "example.com"
    if label == "IBAN_CODE":
        return _iban(value, stream)
    made = _other(value, stream)
    return _luhn(made) if label == "CREDIT_CARD" else made


class Fakes:
    """The fakes of one request. The model repeats them, and then they stay as they are."""

    def __init__(self) -> None:
        self._made: set[str] = set()

    def ask(self, label: str, value: str, key: bytes) -> str:
        """The fake of a value of the request. One that an earlier turn has seen stays if nothing equals it by chance;
        a short value that does may be the caller's own."""
        if _plain(value) in self._made and _drawn_chars(label, value) >= UNLIKE:
            return value
        made = fake(label, value, key)
        if len(self._made) < FAKES:
            self._made.add(_plain(made))
        return made

    def reply(self, label: str, value: str, key: bytes) -> str:
        """The fake of a value of the reply, or the value itself where it is one that the model was given."""
        return value if _plain(value) in self._made else fake(label, value, key)


def _drawn_chars(label: str, value: str) -> int:
    """How many characters of a fake are drawn."""
    parts = _address(value) if label == "EMAIL_ADDRESS" else None
    return sum(char.isalnum() for char in (parts[0] if parts else value))


def _address(value: str) -> tuple[str, str] | None:
    """What stands before the last sign of an e-mail address, and the sign as it is written."""
    sign = next(reversed(list(AT.finditer(value))), None)
    return (value[: sign.start()], sign[0]) if sign else None


def _plain(value: str) -> str:
    return re.sub(r"[\s-]", "", value).casefold()


class _Stream:
    """Numbers that follow from a key and a text."""

    def __init__(self, key: bytes, text: str) -> None:
        self._seed = hmac.digest(key, text.encode("utf-8", "replace"), "sha256")
        self._bytes = b""
        self._block = 0

    def below(self, bound: int) -> int:
        """A number under `bound`, which is at most 26: the bias of one byte is under 4 %."""
        if not self._bytes:
            self._bytes = sha256(self._seed + self._block.to_bytes(8, "big")).digest()
            self._block += 1
        first, self._bytes = self._bytes[0], self._bytes[1:]
        return first % bound


def _other(value: str, stream: _Stream) -> str:
    out: list[str] = []
    for char in value:
        if char.isdigit():
            char = str(stream.below(10))
        elif char.isalpha():
            char = chr((65 if char.isupper() else 97) + stream.below(26))
        out.append(char)
    return "".join(out)


def _luhn(value: str) -> str:
    """`value` with its last digit such that ISO/IEC 7812 finds it right."""
    places = [at for at, char in enumerate(value) if char.isdigit()]
    if not places:
        return value
    total = 0
    for index, at in enumerate(reversed(places[:-1])):
        digit = int(value[at]) * (1 if index % 2 else 2)
        total += digit - 9 if digit > 9 else digit
    last = places[-1]
    return value[:last] + str(-total % 10) + value[last + 1 :]


def _iban(value: str, stream: _Stream) -> str:
    """The country stays; what follows is other, and its check digits are right (ISO 13616)."""
    places = [at for at, char in enumerate(value) if char.isalnum()]
    if len(places) < 5:
        return _other(value, stream)
    made = list(value)
    for at in places[4:]:
        made[at] = _other(value[at], stream)
    body = "".join(made[at] for at in places[4:]) + value[places[0]] + value[places[1]] + "00"
    check = 98 - int("".join(str(int(char, 36)) for char in body.upper() if char.isascii())) % 97
    made[places[2]], made[places[3]] = f"{check:02d}"
    return "".join(made)


def gone(how: Mask, label: str, value: str) -> str:
    """Nothing in a value's place: where rules only ask whether they would change a text."""
    return ""

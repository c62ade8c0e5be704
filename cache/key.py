"""Where an answer belongs: scope (who may share it), frame (what must be equal), text (what may be similar).

Three digests, each over fields that carry their own length, so that no two lists of fields read the same. The rules in
force are not part of a key: an entry remembers them, and is screened again when they have changed.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import Any, Literal, TypeAlias, cast

from ..engine.dialects import Question
from ..engine.exchange import Caller, Exchange
from ..engine.jsonio import Json
from ..engine.paths import MODEL

Share: TypeAlias = Literal["key", "team", "all"]
"""Who may be given an answer that another caller paid for."""

NAMESPACE_HEADER = "x-tidegate-namespace"
_BETAS = ("anthropic-beta", "openai-beta")
"""Headers that go on to the provider and change what it answers: `redact-thinking-...` leaves out what is thought."""
_VERSION, _USUAL = "anthropic-version", "2023-06-01"
"""And that of a version, unless it is the one that providers are asked in where the caller names none."""

_OTHER_VERSION = "/v1/models/"
"""The beginning of Gemini's paths under the version that is not the usual one: it knows other fields."""

_quote: Callable[[str], str] = encode_basestring
_EXACT_INT = 1 << 53


@dataclass(frozen=True, slots=True)
class Scope:
    """A hard wall: entries of two scopes never meet."""

    tenant: str
    namespace: str = ""

    @classmethod
    def of(cls, caller: Caller, share: Share, namespace: str) -> "Scope":
        """The scope of a caller. A caller without a team shares with nobody, whatever `team` says."""
        if share == "all":
            return cls("*", namespace)
        if share == "team" and caller.team:
            return cls("team:" + caller.team, namespace)
        return cls("key:" + caller.id, namespace)

    @property
    def digest(self) -> str:
        return digest("scope", self.tenant, self.namespace)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the answer to one request is kept."""

    partition: str
    """Digest of scope, dialect, way, frame and masked values, hex."""
    key: str
    """Digest of partition and text, hex."""
    text: str
    scope: str
    """Digest of the scope alone, hex: whose hits and mistakes are counted together."""


def may_share(vouchers: Sequence[str], caller: str, after: int) -> bool:
    """Whether a caller of the scope may be given an answer: its own, or one that `after` callers had themselves."""
    return len(vouchers) >= after or caller in vouchers


def place(exchange: Exchange, question: Question, share: Share) -> Place:
    """The place of a request's answer."""
    scope = Scope.of(exchange.caller, share, exchange.headers.get(NAMESPACE_HEADER, ""))
    frame = question.frame
    if MODEL in exchange.dialect.path:  # who is asked; what the body says of a model besides does not change that
        frame = {**frame, "model": [exchange.model, frame["model"]] if "model" in frame else exchange.model}
    dialect = " ".join((exchange.dialect.name, *filter(None, (exchange.route_to or exchange.lane, *_asked(exchange)))))
    partition = partition_digest(scope, dialect, frame, exchange.own)
    return Place(partition, entry_key(partition, question.text), question.text, scope.digest)


def _asked(exchange: Exchange) -> Iterator[str]:
    """What the headers ask of the provider, in whatever order they name it."""
    for name in _BETAS:
        if given := exchange.headers.get(name):
            yield f"{name}={','.join(sorted({each.strip() for each in given.split(',')}))}"
    if (version := exchange.headers.get(_VERSION, _USUAL)) != _USUAL:
        yield f"{_VERSION}={version}"
    if exchange.dialect.path.startswith(_OTHER_VERSION):
        yield _OTHER_VERSION


def partition_digest(scope: Scope, dialect: str, frame: Json, own: Sequence[str] = ()) -> str:
    """Digest of all that must be equal before texts are compared.

    `own`: placeholders of the request's values. Where one of them stands in an answer, the caller's value is put: also
    one that the request says only in a field that is not in the frame. What is somebody else's must have another name.
    """
    return digest("partition", scope.tenant, scope.namespace, dialect, canonical(frame), *own)


def entry_key(partition: str, text: str) -> str:
    """The exact key of a text in a partition."""
    return digest("entry", partition, text)


def digest(*fields: str | bytes) -> str:
    """BLAKE2b, 32 bytes, hex, over the fields, each led by its length in 8 bytes: the encoding is prefix-free.

    Raises UnicodeEncodeError on a lone surrogate.
    """
    state = hashlib.blake2b(digest_size=32)
    for field in fields:
        raw = field.encode() if isinstance(field, str) else field
        state.update(len(raw).to_bytes(8, "big"))
        state.update(raw)
    return state.hexdigest()


def canonical(value: Json) -> bytes:
    """One spelling for each JSON value. Source: RFC 8785 (JSON Canonicalization Scheme).

    One deviation, on purpose: integers beyond 2**53 keep all their digits, where the RFC would round them to a double
    and so let two seeds collide. Raises ValueError on NaN and infinities, TypeError on what is not JSON,
    UnicodeEncodeError on lone surrogates.
    """
    out: list[str] = []
    _write(value, out.append)
    return "".join(out).encode()


def _write(value: Json, put: Callable[[str], None]) -> None:
    if isinstance(value, str):
        put(_quote(value))
    elif value is None or value is True or value is False:
        put("null" if value is None else "true" if value else "false")
    elif isinstance(value, int):
        put(str(value))
    elif isinstance(value, float):
        put(number(value))
    elif isinstance(value, dict):
        _write_object(cast("dict[str, Any]", value), put)
    elif isinstance(value, list | tuple):
        put("[")
        for index, child in enumerate(cast("Iterable[Any]", value)):
            if index:
                put(",")
            _write(child, put)
        put("]")
    else:
        raise TypeError(f"not JSON: {type(cast(object, value)).__name__}")


def _write_object(value: dict[str, Any], put: Callable[[str], None]) -> None:
    put("{")
    for index, name in enumerate(sorted(value, key=_utf16)):
        put("," + _quote(name) + ":" if index else _quote(name) + ":")
        _write(value[name], put)
    put("}")


def _utf16(name: str) -> bytes:
    """Sort order of member names: by UTF-16 code units, which differs from Unicode's beyond U+FFFF."""
    return name.encode("utf-16-be")


def number(value: float) -> str:
    """A double as ECMAScript prints it (ECMA-262, Number::toString). Both take the shortest digits that read back."""
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError("NaN and infinities are not JSON")
    if value == int(value) and abs(value) < _EXACT_INT:
        return str(int(value))
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    point = len(whole) + int(exponent or 0)  # where the decimal point stands in `digits`
    digits = whole + fraction
    lead = len(digits) - len(digits.lstrip("0"))
    digits, point = digits[lead:].rstrip("0"), point - lead
    return sign + _place_point(digits, point)


def _place_point(digits: str, point: int) -> str:
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    exponent = f"e{point - 1:+d}"
    return (digits if count == 1 else digits[0] + "." + digits[1:]) + exponent

"""What the head of a provider's reply says, to the caller and to us."""

from typing import TypeAlias

Raw: TypeAlias = tuple[tuple[bytes, bytes], ...]

_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "via"}
)
_FRAMING = frozenset({"content-length", "content-encoding"})
_HOST = frozenset({"set-cookie", "server", "date", "alt-svc", "strict-transport-security", "proxy-authenticate"})
"""What speaks of the provider's host and not of the reply."""
_DROPPED = _HOP | _FRAMING | _HOST
OURS = "x-tidegate-"
_DROPPED_PREFIXES = (OURS, "access-control-")
"""What only the gate itself may say to its callers."""


def kept_headers(raw: Raw) -> list[tuple[str, str]]:
    """The end-to-end headers of a reply, names in lower case (RFC 9110, 7.6.1)."""
    headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in raw]
    hops = {hop.strip().lower() for name, value in headers if name == "connection" for hop in value.split(",")}
    return [
        (name, value)
        for name, value in headers
        if name not in _DROPPED and name not in hops and not name.startswith(_DROPPED_PREFIXES)
    ]


def coding(raw: Raw) -> str:
    """The compression, empty for none. Named twice, it is one that nobody knows."""
    return ", ".join(_values(raw, b"content-encoding")).lower().removeprefix("identity")


def length(raw: Raw) -> list[tuple[str, str]]:
    """The header with the length of a body that is passed on as it came, if it is told."""
    told = _values(raw, b"content-length")
    return [("content-length", told[0])] if told and told[0].isdecimal() and not coding(raw) else []


def _values(raw: Raw, name: bytes) -> list[str]:
    return [value.decode("latin-1") for each, value in raw if each.lower() == name]

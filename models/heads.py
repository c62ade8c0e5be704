"""What the head of a provider's reply says to the caller."""

_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "via"}
)
_FRAMING = frozenset({"content-length", "content-encoding"})
_HOST = frozenset({"set-cookie", "server", "date", "alt-svc", "strict-transport-security", "proxy-authenticate"})
"""What speaks of the provider's host and not of the reply."""
_DROPPED = _HOP | _FRAMING | _HOST
_DROPPED_PREFIXES = ("x-tidegate-", "access-control-")
"""What only the gate itself may say to its callers."""


def kept_headers(raw: tuple[tuple[bytes, bytes], ...]) -> list[tuple[str, str]]:
    """The end-to-end headers of a reply, names in lower case (RFC 9110, 7.6.1)."""
    headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in raw]
    hops = {hop.strip().lower() for name, value in headers if name == "connection" for hop in value.split(",")}
    return [
        (name, value)
        for name, value in headers
        if name not in _DROPPED and name not in hops and not name.startswith(_DROPPED_PREFIXES)
    ]

"""Where connections may go: hosts are named by the operator, and each address is judged as it is connected to.

A base URL names a host. Written as an address in its usual form, or as `localhost`, it names that address too. A name
that turns out to stand for an address inside a network is refused unless the provider says `network: private`, and
addresses that hand out a machine's credentials are refused always.
Source: IANA IPv4 and IPv6 Special-Purpose Address Registries; RFC 6890, 6598, 6052, 8215, 4291, 3056, 4380; metadata
addresses are those in the documentation of AWS, Google Cloud, Azure, Oracle and Alibaba.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

from ..engine.errors import ConfigError

Address: TypeAlias = IPv4Address | IPv6Address
Origin: TypeAlias = tuple[str, str, int]
"""Scheme, host in lower case, port (RFC 6454, section 4)."""

PRIVATE, NEVER = "private", "never"
"""What is wrong with an address: it lies inside a network, or no model can be behind it."""


def _all(*written: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(one) for one in written)


_INSIDE = _all(
    *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),  # private use
    *("127.0.0.0/8", "::1/128"),  # loopback
    "100.64.0.0/10",  # behind a carrier's NAT, and overlay networks
    "198.18.0.0/15",  # benchmarks, and the made-up answers of some local resolvers
    "fc00::/7",  # unique local
    "64:ff9b:1::/48",  # NAT64 of one's own
)
_METADATA = _all(
    *("169.254.169.0/24", "169.254.170.0/24", "fd00:ec2::/32", "fd20:ce::254/128"),
    *("100.100.100.200/32", "192.0.0.192/32", "168.63.129.16/32"),
)
_NOWHERE = _all(
    *("0.0.0.0/8", "::/128"),  # unspecified: to many systems another spelling of loopback
    *("169.254.0.0/16", "fe80::/10"),  # link-local
    *("192.0.0.0/24", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "192.88.99.0/24"),
    *("224.0.0.0/4", "240.0.0.0/4", "ff00::/8"),  # multicast, reserved, broadcast
    *("2001::/23", "2001:db8::/32", "3fff::/20", "2002::/16"),  # Teredo and other protocols, examples, 6to4
)
_GLOBAL6 = IPv6Network("2000::/3")
_MAPPED, _NAT64 = IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96")
ENDPOINT = re.compile(r".*?(/chat/completions|(?<=/v[1-9])/(?:completions|embeddings|responses|messages))/*")
"""How pages of hosts end the address that they show: as a base_url it would be asked for twice. Where no version stands
before it, such a word may be the place where a host is mounted."""
_NUMBER = re.compile(r"(?i)[0-9]+|0x[0-9a-f]*")
_LABEL = re.compile(r"(?i)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")


def judged(address: Address) -> str:
    """PRIVATE, NEVER, or empty for an address that anybody may be called at.

    An IPv4 address inside an IPv6 one (mapped, NAT64) is judged as itself.
    """
    if isinstance(address, IPv6Address) and (address in _MAPPED or address in _NAT64):
        return judged(IPv4Address(int(address) & 0xFFFFFFFF))
    if _within(address, _METADATA):
        return NEVER
    if _within(address, _INSIDE):
        return PRIVATE
    if _within(address, _NOWHERE) or (isinstance(address, IPv6Address) and address not in _GLOBAL6):
        return NEVER
    return ""


def _within(address: Address, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    return any(address in network for network in networks if network.version == address.version)


@dataclass(frozen=True, slots=True)
class Reach:
    """The addresses that connections to one host may lead to."""

    named: Address | None = None
    """The one address that the base URL spells out."""
    loopback: bool = False
    """The base URL says `localhost`."""
    private: bool = False
    """The operator said `network: private`."""

    def refusal(self, written: str) -> str:
        """PRIVATE or NEVER when `written`, an address that is about to be connected to, is not allowed; else empty."""
        address = ip_address(written)
        if self.named is not None:
            return "" if address == self.named else NEVER
        if self.loopback:
            return "" if address.is_loopback else NEVER
        verdict = judged(address)
        return "" if verdict == PRIVATE and self.private else verdict


_BELOW_V1 = ("api.openai.com", "api.anthropic.com")
"""Hosts of which nothing is answered without a version in the path; Anthropic's SDK is told the address without it."""


def checked_base_url(base_url: str, name: str) -> str:
    """`base_url` without a slash at its end. Raises ConfigError when it cannot be one; never repeats it."""
    try:
        parts = urlsplit(base_url)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise ConfigError(f"The base_url of provider {name} is not a URL.") from None
    if not whole:
        raise ConfigError(
            f"The base_url of provider {name} must begin with http:// or https:// and a host.",
            hint="for example https://api.openai.com/v1",
        )
    if "@" in parts.netloc:
        raise ConfigError(f"The base_url of provider {name} holds a credential.", hint="put it under api_key")
    if parts.query or parts.fragment or not base_url.isascii() or not base_url.isprintable() or " " in base_url:
        raise ConfigError(f"The base_url of provider {name} must be an address and a path only.")
    if end := ENDPOINT.fullmatch(parts.path):
        hint = f"leave {end[1]} out: it is put behind the base_url"
        raise ConfigError(f"The base_url of provider {name} ends with an endpoint.", hint=hint)
    if parts.hostname in _BELOW_V1 and parts.path in ("", "/"):
        hint = f"{parts.scheme}://{parts.netloc}/v1"
        raise ConfigError(f"The base_url of provider {name} goes up to and including the version.", hint=hint)
    if problem := _host_problem(parts):
        raise ConfigError(f"The base_url of provider {name} {problem[0]}.", hint=problem[1])
    return base_url.rstrip("/")


def _host_problem(parts: SplitResult) -> tuple[str, str] | None:
    """What is wrong with the host, and what to write instead.

    A host whose last label is a number is an IPv4 address to whoever resolves it (WHATWG URL, "ends in a number"), so
    all spellings but the usual one are refused: they are read in different ways, or hide what they mean.
    """
    host = parts.hostname or ""
    literal = parts.netloc.startswith("[")
    if literal or _NUMBER.fullmatch(host.removesuffix(".").rpartition(".")[2]):
        try:
            address = ip_address(host)
        except ValueError:
            return "spells an address in an unusual way", "write it as 127.0.0.1 or [::1]"
        holds_another = isinstance(address, IPv6Address) and (address in _MAPPED or address in _NAT64)
        if str(address) != host or "%" in host or holds_another:
            return "spells an address in an unusual way", "write it as 127.0.0.1 or [::1]"
        if _within(address, _METADATA):
            return "names an address that hands out a machine's credentials, which is never called", ""
        if judged(address) == NEVER:
            return "names an address at which no host can be", "to reach this machine, write 127.0.0.1 or [::1]"
        return None
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in host.split(".")):
        return "has a host that is no host name", "letters, digits and hyphens between single dots, none at the end"
    return None


def reach_of(host: str, private: bool) -> Reach:
    """What a checked base URL's host allows by itself."""
    try:
        return Reach(named=ip_address(host))
    except ValueError:
        return Reach(loopback=host == "localhost", private=private)

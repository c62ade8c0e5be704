"""Links: to hosts that are not allowed, with data in them, or as images that a reader's client fetches by itself.

A link is what browsers and Markdown renderers make of a text: `https://host/...`, `//host/...`, `www.host`, Markdown
links, images and references, and the src and href of HTML. The host is read as a browser reads it, so that
`https://good.example@bad.example` is a link to bad.example.
"""

import html
import ipaddress
import re
import unicodedata
from bisect import bisect
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field

from ....engine.jsonio import Json
from ....engine.ports import Finding
from ...normal import IGNORED
from ..base import Context, shared
from ..regex import Regex
from ..search.blocks import matches
from .carried import carried
from .targets import CONTEXT, DROPPED, REACH, Target, target_open_from, targets, unescaped

MOST = 4_000
"""Characters of data in a link that can be asked for: of a longer link no more is read."""
_COLON = r"(?:\\?:|&(?:colon|#0{0,4}58|#x0{0,4}3a);)"
_SLASH = r"(?:\\?/|\\|&(?:sol|#0{0,4}47|#x0{0,4}2f);)"
"""As they stand, escaped in Markdown, or as entities."""
_SCHEME = rf"[a-z][a-z0-9+.-]{{1,15}}{_COLON}{_SLASH}{{2}}"
_SPECIAL = rf"\b(?:https?|ftp|wss?){_COLON}{_SLASH}"
"""Of these schemes a browser takes one slash for two. Source: WHATWG URL, 4.4, special authority ignore slashes."""
_WHOLE_SCHEME = rf"(?:(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{{1,15}}+|https?|ftp|wss?){_COLON}{_SLASH}{{2}}"
"""Any where a word begins, and those that browsers fetch anywhere: of a long word, such as base64, each place would be
tried."""
_LINK = re.compile(
    rf"(?P<url>(?:{_WHOLE_SCHEME}|{_SPECIAL}(?=[\w-]{{1,63}}\.)|(?<![:\w/])//(?=[\w.-]{{1,253}}\.)|\bwww\.)"
    r"[^\s<>\"'`)\]}|]{2,4096})",
    re.IGNORECASE,
)
_AUTHORITY = re.compile(rf"(?:{_SCHEME}|{_SPECIAL}|//)?[^/\\?#]*", re.IGNORECASE)
_CREDENTIALS = re.compile(r"[^\s<>\"/\\?#@]{0,255}@[^\s<>\"'`)\]}|]{1,4096}")
"""What follows a link that ended at a sign which may stand before an `@`: then the host comes only behind that."""
_UNSEEN = re.compile(f"[{IGNORED}]")
_HOST = re.compile(r"(?i)(?:(?:https?|ftp|wss?):/*|(?:[a-z][a-z0-9+.-]*:)?//|/{2,}|(?=www\.))([^/?#]*)")
"""The authority of a URL whose backslashes are slashes."""
_NUMBERS = re.compile(r"(?:{0}\.){{0,3}}{0}".format(r"(?:0x[0-9a-f]*|0[0-7]*|[1-9]\d{0,9})"), re.ASCII)
_CLOSES = {")": "(", "]": "[", "}": "{", "'": "'", "`": "`", "|": "|"}
"""Signs that end a link, and what stands before one that they enclose."""
_OPEN = Regex(rf"(?i)(?:{_SCHEME}|{_SPECIAL}|//|\bwww\.)(?:[^\s<>\"'`)\]}}|]*|[^\s<>\"/\\?#]*)")


class UrlConfig(BaseModel):
    """Which links are found. Without any setting, all."""

    model_config = ConfigDict(extra="forbid")

    allow: list[str] = Field(
        default=[], description="Hosts that may be linked to, as example.com or *.example.com; every other is found."
    )
    deny: list[str] = Field(default=[], description="Hosts that are found.")
    images: bool = Field(default=False, description="Only images, which clients fetch without being asked.")
    data: int | None = Field(
        default=None,
        ge=1,
        le=MOST,
        description="Only links with at least so many characters of query, fragment or one part of the path. Not "
        "counted are a file's hash or id where its name stands, unless it is encoded text, days, sizes and crops; "
        "nor badges that ask no other host. Of a picture's name that is a few ordinary words a third counts, of a "
        "sentence or an encoded text in several parts of the path all.",
    )
    addresses: bool = Field(default=False, description="Only links to a bare IP address.")


class Url:
    """Finds links; of an image, the whole of it."""

    kind = "url"
    version = "5"
    slow = False
    resumes = True
    context = CONTEXT

    def __init__(self, config: UrlConfig, label: str) -> None:
        read = {"allow": list(map(_pattern, config.allow)), "deny": list(map(_pattern, config.deny))}
        self._config = config.model_copy(update=read)
        self.label = label
        self.hold = REACH

    @classmethod
    def from_config(cls, config: Json, context: Context) -> "Url":
        """A list of allowed hosts, or a mapping (UrlConfig)."""
        settings = context.parse(
            UrlConfig, {"allow": config} if isinstance(config, list) else config, hint="url: [example.com]"
        )
        for key, hosts in (("allow", settings.allow), ("deny", settings.deny)):
            at = context if isinstance(config, list) else context.below(key)
            for index, host in enumerate(hosts):
                if not re.fullmatch(r"(\*\.)?[\w-]+(\.[\w-]+)*", host):
                    raise at.error("a host is written example.com or *.example.com", (index,))
                if settings.addresses and not _is_address(_pattern(host)):
                    hint = "another rule, or a part of any, for names"
                    raise at.error("this is no bare address, and addresses finds no others", (index,), hint=hint)
        if settings.allow and settings.deny:
            raise context.error("url takes either allow or deny")
        return cls(settings, context.label)

    def find(self, text: str, start: int = 0) -> list[Finding]:
        signs = (":/", "//", "\\", "&", "](", "]:", "<", "url(")
        if not any(sign in text for sign in signs) and "www." not in text.lower():
            return []
        links, aims = shared(text, ("links", start), lambda: (list(_links(text, start)), list(targets(text, start))))
        images, others = [aim for aim in aims if aim.image], [aim for aim in aims if not aim.image]
        # Of an image all is found, of a link its address, and what else leads to a host where no link was read.
        found: list[Finding] = []
        for each in images if self._config.images else (*images, *links, *others):
            at = bisect(found, each.start, key=_start)
            known = (at > 0 and found[at - 1].end > each.start) or (at < len(found) and found[at].start < each.end)
            if not known and self._unwanted(each.url):
                found.insert(at, Finding(each.start, each.end, self.label))
        return found

    def _unwanted(self, url: str) -> bool:
        config = self._config
        if config.data is not None and (len(url) < config.data or carried(url) < config.data):
            return False
        if not (config.addresses or config.allow or config.deny):
            return True
        hosts = {host_of(way) for way in {url, html.unescape(unescaped(url))}}
        if config.addresses and not any(map(_is_address, hosts)):
            return False
        if config.allow:
            return not all(any(_same(host, each) for each in config.allow) for host in hosts)
        return not config.deny or any(_same(host, each) for each in config.deny for host in hosts)

    def open_from(self, text: str) -> int:
        begun = shared(text, "links open", lambda: min(_OPEN.open_from(text), target_open_from(text)))
        return max(begun, len(text) - self.hold)


def _start(finding: Finding) -> int:
    return finding.start


def _links(text: str, start: int) -> Iterator[Target]:
    """The links that a text has in so many words."""
    for found in matches(_LINK, text, start, REACH):
        url = found["url"]
        url = (url + _credentials(text, url, found.start(), found.end())).rstrip(".,;:!?*_")
        yield Target(found.start(), found.start() + len(url), url, False)


def _credentials(text: str, url: str, begin: int, end: int) -> str:
    """What belongs to a link behind its match, which ended inside its authority."""
    if _CLOSES.get(text[end : end + 1], "<") in text[max(0, begin - 1) : begin] or not _AUTHORITY.fullmatch(url):
        return ""
    found = _CREDENTIALS.match(text, end)
    return found[0] if found else ""


def host_of(url: str) -> str:
    """The host that a browser would go to, in lower case; empty when there is none. Source: WHATWG URL, 4.4
    and 3.5: percent signs are decoded, what is not shown is dropped, compatibility letters are made plain."""
    found = _HOST.match(DROPPED.sub("", url).replace("\\", "/"))
    host = found[1].rpartition("@")[2] if found else ""  # whatever signs stand before an `@`
    if host.startswith("["):
        return _ipv6(host[1:].partition("]")[0])
    host = host.partition(":")[0]
    if not (host.isascii() and host.isprintable()) or "%" in host:
        host = unicodedata.normalize("NFKC", _UNSEEN.sub("", unquote(host))).casefold()
        with suppress(UnicodeError):
            host = host.encode("idna").decode()
    host = host.lower().rstrip(".")
    return _ipv4(host) if _NUMBERS.fullmatch(host) else host


def _ipv4(numbers: str) -> str:
    """An address as it is mostly written: one to four numbers, the last of which fills the rest. What is none stays.
    Source: WHATWG URL, 3.5, IPv4 parser."""
    parts = [_number(each) for each in numbers.split(".")]
    *first, last = parts
    value = sum(part << 8 * (3 - at) for at, part in enumerate(first)) + last
    if max(first, default=0) > 255 or last >= 256 ** (4 - len(first)):
        return numbers
    # Nothing answers at 0.x.x.x but 0.0.0.0, and `(a + b)//2.` is no link.
    return str(ipaddress.IPv4Address(value)) if value == 0 or value >> 24 else numbers


def _number(digits: str) -> int:
    if digits.startswith("0x"):
        return int(digits[2:] or "0", 16)
    return int(digits, 8 if digits.startswith("0") else 10)


def _ipv6(host: str) -> str:
    """Between brackets no other host can stand."""
    try:
        return str(ipaddress.IPv6Address(host))
    except ValueError:
        return ""


def _pattern(written: str) -> str:
    """A host of the configuration as `host_of` reads the same host in a text."""
    wild, name = ("*.", written[2:]) if written.startswith("*.") else ("", written)
    return wild + host_of(f"//{name}")


def _same(host: str, pattern: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True

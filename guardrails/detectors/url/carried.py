"""How much of a conversation a link can carry out: what is asked of a host, and what its path says.

Not counted is what a page's own images are made of: the number under which a file is kept (a hash, a UUID, an id at
random) where file names stand, days and hours, sizes and crops. An id that can be read once it is decoded is text.
Of a picture's name that is a few ordinary words a third counts: longer than that it says more than what is to be seen.
Misses: what was enciphered before it was made a file's name, and a few words that no sentence joins.
"""

import html
import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import unquote, urlsplit

from ...decode import decode
from .carried_words import ordinary, sentence

_BADGE = re.compile(
    r"https://(?:img\.shields\.io/(?:badge|static|github|pypi|npm|crates|docker|codecov|nuget|gem|conda|librariesio|travis"
    r"|appveyor|readthedocs|homebrew|discord|azure-devops|bitbucket|twitter)/(?:(?!\.\.|%2e)[^?#\\\s])*+"
    r"|readthedocs\.org/projects/[\w-]+/badge/|coveralls\.io/repos/(?:github/)?[\w-]+/[\w-]+/badge\.svg"
    r"|github\.com/[\w.-]+/[\w.-]+/actions/workflows/[\w-]+\.ya?ml/badge\.svg"
    r"|static\.pepy\.tech/(?:personalized-)?badge/[\w-]+)"
    r"(?:[?&](?:style|logo(?:Color|Size|Width)?|(?:label|left_|right_)?color[AB]?|(?:left_)?text|label|message|branch|event"
    r"|cacheSeconds|maxAge|longCache|include_prereleases|sort|type|version|service|period|units)(?:=[^?&#\s]*)?)*",
    re.IGNORECASE,
)
"""A badge whose words no host gets but the one that draws it: with other parameters, such as `url`, it asks another."""
_KEPT = re.compile(
    r"https://(?:github\.com|(?:raw|camo|user-images|avatars\d?)\.githubusercontent\.com|lh\d\.googleusercontent\.com"
    r"|upload\.wikimedia\.org|i\.imgur\.com|images\.unsplash\.com|(?:www|secure)\.gravatar\.com|i\.ytimg\.com)/[^\\]*",
    re.IGNORECASE,
)
"""Hosts that give out what was put there once, and tell nobody what else they are asked for."""
_LAYOUT = (
    r"(?:auto|compress|enhance|format|fit|fill|max|min|crop|clip|cover|contain|inside|scale|limit|thumb|cent(?:re|er)"
    r"|top|bottom|left|right|faces?|entropy|edges|smart|webp|avif|jpe?g|png|gif|svg|good|eco|best|low|high|srgb|true|false"
    r"|\d{1,4}(?:\.\d{1,3})?(?:px|x)?)"
)
_SAID = r"(?:[a-z]{1,2}|width|height|quality|format|resize|size|auto|crop|fit|dpr|blur|gravity)[_=:]"
_LAID = re.compile(rf"{_SAID}{_LAYOUT}(?:[,:](?:{_SAID})?{_LAYOUT})*", re.IGNORECASE)
"""How an image is to be shown, as its host's parameters or a part of its path say: `w=1200`, `c_fill,h_300`."""
_SET, _MOST = re.compile(r"[A-Za-z]+[_=:]"), 10
"""What is set of it, and how often that is no text of its own: `th=auto&eu=auto&se=auto&rl=auto...`."""
_VERSION = re.compile(r"(?:v|ver|version|hash|rev|etag)=([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})", re.IGNORECASE)
_HASH = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|(?=[a-fA-F]*\d)(?=\d*[a-fA-F])[0-9a-fA-F]{8,128}"
_NUMBER = re.compile(r"\d(?:-?\d){14}")
"""A card's at least, and longer than the digits in a row of nearly all hashes."""
_TIME = r"(?:19|20)\d\d[-_.]?[01]\d[-_.]?[0-3]\d(?:[T_-]?[0-2]\d[-_.:]?[0-5]\d(?:[-_.:]?[0-5]\d)?Z?)?"
_CLOCK = r"[0-2]?\d[.:-][0-5]\d[.:-][0-5]\d"
_FILED = re.compile(rf"(?<![A-Za-z0-9])(?:(?P<hash>{_HASH})|{_TIME}|{_CLOCK})(?![A-Za-z0-9])")
_SIZE = re.compile(r"(?<![A-Za-z0-9])\d{1,4}x\d{1,4}(?![A-Za-z0-9])")
_IMAGE = re.compile(
    r"(?:[.@]\d[.@]?\d?x)?\.(?:png|jpe?g|gif|webp|avif|svg|bmp|ico|heic|tiff?|mp4|webm)$", re.IGNORECASE
)
_KEEPERS = frozenset(
    "assets attachments avatar avatars photo photos image images img media file files upload uploads thumb thumbs "
    "thumbnail thumbnails blob blobs gallery d u".split()
)
"""What stands in a path before the id of a file that has no ending."""
_WORD = re.compile(r"[A-Za-z0-9_-]{16,64}")
_PIECE = re.compile(r"[A-Za-z0-9_-]{6,}")
"""What may be one part of an encoded text that several hold."""
_SHORT, _LONG = 16, 128
"""Characters of a part of a path that are counted as they are, and of ids in it that are not counted."""


def carried(url: str) -> int:
    """How many characters of a link can carry data: those of what is asked and of the fragment, or of its path the
    longest part, or all if that is encoded or a sentence; or of a name before its host. None of a badge."""
    if _BADGE.fullmatch(html.unescape(url)):
        return 0
    try:
        parts = urlsplit(html.unescape(url).replace("\\", "/"))
    except ValueError:
        return len(url)
    asked = _asked(parts.query.split("&")) + len(parts.fragment)
    path = 0 if _KEPT.fullmatch(url) else _path(parts.path)
    return max(asked, path, *_host(parts.netloc))


def _asked(fields: list[str]) -> int:
    """What the fields of a query carry; a file has one version."""
    laid = [each for each in fields if _LAID.fullmatch(each)]
    version = next(filter(_version, fields), "")
    return _laid("&".join(laid)) + sum(len(each) for each in fields if each not in laid and each != version)


def _laid(layout: str) -> int:
    """What is left of the choices that a layout leaves."""
    return len(layout) if len(_SET.findall(layout)) > _MOST else sum(map(str.isdigit, layout))


def _version(field: str) -> bool:
    found = _VERSION.fullmatch(field)
    return found is not None and not (_NUMBER.search(field) or _told(found[1]))


def _host(place: str) -> Iterator[int]:
    """What the authority carries: a user's name and password, and labels of the host that are text, encoded."""
    user, _, host = place.rpartition("@")
    yield len(user)
    for label in host.split("."):
        if len(label) >= _SHORT and _told(label):
            yield len(label)


def _path(path: str) -> int:
    parts = path.split("/")
    pictured = _IMAGE.search(parts[-1]) is not None
    counts = [
        _part(part, at > 0 and parts[at - 1].lower() in _KEEPERS, at == len(parts) - 1, pictured)
        for at, part in enumerate(parts)
    ]
    pieces = "".join(part for part in (*parts[:-1], _IMAGE.sub("", parts[-1])) if _PIECE.fullmatch(part))
    told = _encoded(pieces) or sentence(unquote(path))
    return len(path) if told else max(counts)


def _part(part: str, kept: bool, last: bool, pictured: bool) -> int:
    """What a part of a path carries. `kept`: it stands where a file's id does; `pictured`: the path leads to one."""
    if len(part) < _SHORT:
        return len(part)
    if _LAID.fullmatch(part):
        return _laid(part)
    if _encoded(part):
        return len(part)
    name = unquote(part)
    ends = _IMAGE.search(name) if last else None
    stem = name[: ends.start()] if ends else name
    rest = _SIZE.sub("", _FILED.sub(_unless_number, stem), count=1)
    if ends or kept:
        rest = _WORD.sub(_unless_drawn, rest)
    if len(stem) - len(rest) > _LONG:
        return len(part)
    return len(rest) // 3 if pictured and ordinary(rest) else len(rest)


def _encoded(part: str) -> bool:
    if len(part) < _SHORT or _LAID.fullmatch(part):
        return False
    name = unquote(part)
    return _told(name) or _told(_IMAGE.sub("", name))


def _unless_number(found: re.Match[str]) -> str:
    """What is no hash but a number with letters around, or nothing."""
    return found[0] if found["hash"] and _NUMBER.search(found[0]) else ""


def _unless_drawn(found: re.Match[str]) -> str:
    """A word, or nothing where it is an id at random: small letters, capitals and digits change all the time."""
    word = found[0]
    sorts = [_sort(char) for char in word if char.isalnum()]
    changes = sum(a != b for a, b in pairwise(sorts)) / len(word)
    numbers = sum(a == "0" != b for a, b in pairwise([*sorts, ""]))
    both = "a" in sorts and "A" in sorts
    drawn = numbers > 1 and 2 * sorts.count("0") < len(sorts) and changes >= (0.42 if both else 0.25)
    return "" if drawn else word


def _sort(char: str) -> str:
    if char.isdigit():
        return "0"
    return "a" if char.islower() else "A"


def _told(name: str) -> bool:
    """Whether it is text, encoded; hosts, and who copies them, make base32 small."""
    return decode(name) is not None or (name.islower() and decode(name.upper()) is not None)

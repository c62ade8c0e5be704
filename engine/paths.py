"""How paths of dialects are written, and read."""

import re
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlparse

from .dialects import Dialect

MODEL = "{model}"
"""Where a dialect's path names the model."""
_SLASHES = re.compile(r"/{2,}")


def plain(path: str) -> str:
    """A path without that which some routers do not mind, so that no spelling which an app answers passes by the gate:
    a slash behind it, slashes in a row (Litestar, Quart), a line break behind it, which a pattern that ends in `$`
    takes (Starlette), and what servers let stand before the first slash: a scheme and a host, as proxies are asked
    (Quart), or nothing at all (Litestar, Falcon)."""
    if not path.startswith("/"):
        with suppress(ValueError):  # no address: then it is taken as it stands
            path = urlparse(path).path
        path = "/" + path
    return _SLASHES.sub("/", path).rstrip("/\n")


def pattern_of(path: str, *, any_case: bool = False) -> re.Pattern[str]:
    """Whatever stands in the model's place, slashes too: what is no name is refused, and so passes no gate by."""
    return re.compile(re.escape(path).replace(re.escape(MODEL), "(.*)"), re.DOTALL | (re.IGNORECASE if any_case else 0))


class Places:
    """Where dialects live. `any_case`: a path is theirs in capitals too, as routers have it that mind none
    (BlackSheep)."""

    def __init__(self, dialects: Sequence[Dialect], *, any_case: bool = False) -> None:
        self._any_case = any_case
        self._whole = {self._folded(each.path): each for each in dialects if MODEL not in each.path}
        named = [each for each in dialects if MODEL in each.path]
        self._named = [(pattern_of(each.path, any_case=any_case), each) for each in named]

    def at(self, path: str) -> tuple[Dialect | None, str]:
        """The dialect that lives at `path`, and what stands in the place of the model's name, where that has one."""
        path = plain(path)
        if found := self._whole.get(self._folded(path)):
            return found, ""
        tried = ((pattern.fullmatch(path), dialect) for pattern, dialect in self._named)
        return next(((dialect, match[1]) for match, dialect in tried if match), (None, ""))

    def _folded(self, path: str) -> str:
        return path.lower() if self._any_case else path

"""How paths of dialects are written, and read."""

import re

MODEL = "{model}"
"""Where a dialect's path names the model."""
_SLASHES = re.compile(r"/{2,}")


def plain(path: str) -> str:
    """A path without that which some routers do not mind, so that no spelling which an app answers passes by the gate:
    a slash behind it, slashes in a row (Litestar, Quart), and a line break behind it, which a pattern that ends in `$`
    takes (Starlette)."""
    return _SLASHES.sub("/", path).rstrip("/\n")


def pattern_of(path: str) -> re.Pattern[str]:
    """Whatever stands in the model's place, slashes too: what is no name is refused, and so passes no gate by."""
    return re.compile(re.escape(path).replace(re.escape(MODEL), "(.*)"), re.DOTALL)

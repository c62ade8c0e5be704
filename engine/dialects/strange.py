"""Names of fields that are no plain words, wherever they stand in a body.

What a field is called is the API's to choose, nearly everywhere, and then a plain word. A name that is none may be
anything, such as somebody's address: it is a text. Names of arguments, and those in schemas, are texts whatever they
look like (`arguments` and `names` of text.py), and told by these.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

from ..exchange import Scope, Segment
from ..jsonio import DRAWN, Address, Json, get

_PLAIN = re.compile(r"[$@]?[A-Za-z_]+(?:[0-9]{1,2}[A-Za-z_]+)*[0-9]{0,2}")
_LONGEST, _MOST = 40, 4096
"""Characters of a plain word; how many are remembered."""
_seen: set[str] = set()
_NAME = "*"
"""Stands for a name in its address, which errors and logs show."""


def strange(body: Json, known: Sequence[Segment], scope: Scope) -> Iterator[Segment]:
    """The names of fields in `body` that are no plain words and not `known`, with the address of their object. They are
    sealed, for there is no address to put a new one. Each is of the scope of the first text below its object; where
    there is none, and beside arguments, of `scope`."""
    told: set[tuple[Address, str]] | None = None
    scopes: dict[Address, Scope] = {}
    waiting: list[tuple[Address, Any]] = [((), body)]
    while waiting:
        address, node = waiting.pop()
        if isinstance(node, dict):
            fields = cast("dict[str, Any]", node)
            for name in fields:
                if name in _seen or _is_plain(name):
                    continue
                if told is None:
                    told, scopes = _told(known), _scopes(known)
                if (address, name) not in told:
                    yield Segment((*address, _NAME), name, scopes.get(address, scope), sealed=True)
            items: Iterator[tuple[str | int, Any]] = iter(fields.items())
        else:
            items = enumerate(cast("list[Any]", node))
        waiting += [((*address, step), child) for step, child in items if isinstance(child, dict | list)]


def holder(body: Json, name: Segment) -> dict[str, Any]:
    """The object that has the field of a strange name."""
    return get(body, name.address[:-1])


def _is_plain(name: str) -> bool:
    plain = len(name) <= _LONGEST and _PLAIN.fullmatch(name) is not None and not DRAWN.match(name)
    if plain and len(_seen) < _MOST:
        _seen.add(name)
    return plain


def _told(known: Sequence[Segment]) -> set[tuple[Address, str]]:
    """The objects and names of fields that are texts already."""
    return {(each.address[:-1] if each.is_name else each.address, each.text) for each in known if each.sealed}


def _scopes(known: Sequence[Segment]) -> dict[Address, Scope]:
    found: dict[Address, Scope] = {}
    for each in known:
        # The names of arguments are told already: what stands beside them is none.
        for size in range(1, len(each.address) if each.scope is not Scope.TOOL_ARGS else 0):
            found.setdefault(each.address[:size], each.scope)
    return found

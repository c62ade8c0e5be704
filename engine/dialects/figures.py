"""Long whole numbers outside of arguments: a card's or a telephone's need not be in quotes.

Where a field may hold anything, such as `metadata`, the default of a schema, or one that is not known, its number is
somebody's text. Times, durations, sizes and seeds are long too, and nobody's: what they are called says so.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

from .. import jsonio
from ..exchange import Scope, Segment
from ..jsonio import Address, Json, Within
from .text import digest_of, number

SHORTEST, LONGEST = 10**7, 10**19
"""Eight digits are the fewest that a rule of ours takes for somebody's; nineteen are a card's most."""
_MACHINES = re.compile(
    r"(?i)seed|created|updated|completed|expires?|(?:.*[a-z])?(?:time|timestamp|epoch)(?:_?[mun]s)?|ts"
    r"|.*(?:_at|_on|(?<!birth)_date|duration|_[mun]?s|nanos|millis|micros|tokens?|token_?ids?|(?<!ac)count|bytes|size|offset)"
    r"|.*[a-z](?-i:At|Ms|Ns)"
    r"|(?:exclusive)?(?:minimum|maximum)|multipleOf|(?:min|max)(?:Length|Items|Properties|Contains)"
)
"""Names of fields whose numbers machines make, and of bounds in schemas."""


def figures(body: Json, known: Sequence[Segment], scope: Scope) -> Iterator[Segment]:
    """The long whole numbers in `body` that are not `known`, as texts behind the names of their fields. Each is of the
    scope of the first text of its object; where there is none, of `scope`. What is put to its address is a string."""
    told: set[Address] | None = None
    scopes: dict[Address, Scope] = {}
    waiting: list[tuple[Address, Any]] = [((), body)]
    while waiting:
        address, node = waiting.pop()
        if isinstance(node, dict):
            items: Iterator[tuple[str | int, Any]] = iter(cast("dict[str, Any]", node).items())
        else:
            items = enumerate(cast("list[Any]", node))
        for step, child in items:
            if isinstance(child, dict | list):
                waiting.append(((*address, step), cast("Any", child)))
            elif type(child) in (int, float) and SHORTEST <= abs(child) < LONGEST and child == int(child):
                place = (*address, step)
                name = next((each for each in reversed(place) if isinstance(each, str)), "")
                if _MACHINES.fullmatch(name):
                    continue
                if told is None:
                    told, scopes = {each.address for each in known}, _scopes(known)
                if place not in told:
                    yield _figure(place, name, child, scopes.get(address, scope))


def _figure(place: Address, name: str, value: float, scope: Scope) -> Segment:
    source = jsonio.dumps({name: value}).decode()
    return Segment(place, number(value), scope, within=Within((name,), source, digest_of(source)))


def _scopes(known: Sequence[Segment]) -> dict[Address, Scope]:
    found: dict[Address, Scope] = {}
    for each in known:
        if each.scope is not Scope.TOOL_ARGS:
            found.setdefault(each.address[:-1], each.scope)
    return found

"""Every string of a JSON body, and a canary in its place. Imported as `tidegate.tests.canaries`."""

import copy
from collections.abc import Iterator
from typing import Any

from tidegate.engine import jsonio
from tidegate.engine.jsonio import Address

CANARY = "a canary sings"


def places(value: Any, address: Address = ()) -> Iterator[Address]:
    """Where the strings are."""
    if isinstance(value, str):
        yield address
    elif isinstance(value, dict | list):
        for step, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(child, (*address, step))


def containers(value: Any, address: Address = ()) -> Iterator[Address]:
    """Where the objects and lists are."""
    if isinstance(value, dict | list):
        yield address
        for step, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from containers(child, (*address, step))


def with_at(body: dict[str, Any], address: Address, value: Any) -> dict[str, Any]:
    """A copy of `body` with `value` at `address`."""
    body = copy.deepcopy(body)
    jsonio.put(body, address, value)
    return body

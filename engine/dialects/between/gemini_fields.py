"""Objects of Gemini's requests, whose fields come in two spellings: `inlineData` and `inline_data`."""

from functools import cache
from typing import Any, cast

from ...jsonio import Address
from ..gemini_text import plain_name
from .carry import uncarried


@cache
def _plain(known: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(plain_name, known))


class Fields:
    """The fields of one object that are set, found in either spelling, each with the caller's own address.

    Raises `uncarried` for a value that is no object, a field that is not known, and one that is said in both spellings.
    """

    def __init__(self, value: Any, place: Address, *known: str) -> None:
        if not isinstance(value, dict):
            raise uncarried(*place)
        self.place = place
        self._found: dict[str, tuple[str, Any]] = {}
        names = _plain(known)
        for field, held in cast("dict[str, Any]", value).items():
            name = plain_name(field)
            if held is None:
                continue
            if name not in names or name in self._found:
                raise uncarried(*place, field)
            self._found[name] = (field, held)

    def __contains__(self, name: str) -> bool:
        return plain_name(name) in self._found

    def get(self, name: str) -> Any:
        """Its value; None when it is not set."""
        return self._found.get(plain_name(name), ("", None))[1]

    def at(self, name: str) -> Address:
        """Where it is, as the caller spells it."""
        return (*self.place, self._found.get(plain_name(name), (name, None))[0])

    def inner(self, name: str, *known: str) -> "Fields":
        """The object under a field; without fields when it is not set."""
        return Fields(self.get(name) if name in self else {}, self.at(name), *known)

    def each(self, name: str) -> list[tuple[Any, Address]]:
        """What a list holds, each with its address."""
        value = self.get(name)
        if value is not None and not isinstance(value, list):
            raise uncarried(*self.at(name))
        return [(item, (*self.at(name), index)) for index, item in enumerate(cast("list[Any]", value or []))]

    def said(self, name: str) -> str:
        """A string; empty when it is not set."""
        value = self.get(name)
        if value is not None and not isinstance(value, str):
            raise uncarried(*self.at(name))
        return value or ""

    def word(self, name: str) -> str:
        """A string that must be there."""
        if name not in self:
            raise uncarried(*self.at(name))
        return self.said(name)

    def words(self, name: str) -> tuple[str, ...]:
        """A list of strings."""
        found = self.each(name)
        for item, place in found:
            if not isinstance(item, str):
                raise uncarried(*place)
        return tuple(item for item, _ in found)

    def flag(self, name: str) -> bool | None:
        value = self.get(name)
        if value is not None and not isinstance(value, bool):
            raise uncarried(*self.at(name))
        return value

    def number(self, name: str) -> float | None:
        value = self.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise uncarried(*self.at(name))
        return value

    def whole(self, name: str) -> int | None:
        """A whole number, which JavaScript's clients may spell `40.0`."""
        value = self.number(name)
        if value is not None and value != int(value):
            raise uncarried(*self.at(name))
        return None if value is None else int(value)

    def only(self, name: str, *same: Any) -> None:
        """Raise `uncarried` when it is set to something else than these, which say what holds anyway."""
        if name in self and self.get(name) not in same:
            raise uncarried(*self.at(name))

"""Which part of a text may still become a match: the prefixes of a pattern's language, as a pattern.

Every pattern r has a pattern P(r) for the non-empty beginnings of its matches:

    P(c)      = c                      for one character or class
    P(r s)    = P(r) | r P(s)
    P(r | s)  = P(r) | P(s)
    P(r{m,n}) = r{0,n-1} P(r)          also for * + ?
    P(^)      = nothing                for assertions

P(r) anchored at the end of a text finds, by its leftmost match, the first character from which a match may still
grow. It is a regular expression again, so RE2 runs it in linear time. Source: Brzozowski 1964 on derivatives; the
translation is ours.
"""

import re
import warnings
from re import _constants as sre  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
from re import _parser as parser  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
from typing import Any, cast

_OPAQUE = re.compile(r"\\[pP](?:\{\^?\w+\}|\w)|\[:\^?\w+:\]|\\x\{[0-9A-Fa-f]{1,6}\}|\\\\|\\z|\\C|\\Q")
"""RE2's own notation, which Python's parser does not know."""
PRIVATE = 0xF0000
"""From here on characters stand for RE2's own notation."""
_NEVER = r"[^\x00-\x{10FFFF}]"
LONGEST = 60_000
"""Characters of the pattern that comes out; nested repeats double it with every level."""

_sre = cast(Any, sre)
_CATEGORIES: dict[str, str] = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}
_PLACES: dict[str, str] = {
    "AT_BEGINNING": "^",
    "AT_BEGINNING_STRING": r"\A",
    "AT_END": "$",
    "AT_END_STRING": r"\z",
    "AT_BOUNDARY": r"\b",
    "AT_NON_BOUNDARY": r"\B",
}


class Unreadable(Exception):
    """The pattern uses notation that this translation does not know."""


def analyse(pattern: str) -> tuple[str, int | None]:
    """P(pattern) anchored at the end of the text, and the most characters a match can have (None: no bound).

    Raises Unreadable.
    """
    tokens: list[str] = []
    source = hide(pattern, tokens)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = cast(Any, parser).parse(source)
    except (re.error, RecursionError, OverflowError):
        raise Unreadable(pattern) from None
    flags = "".join(letter for letter, bit in (("i", 2), ("m", 8), ("s", 16)) if tree.state.flags & bit)
    writer = _Writer(tokens)
    try:
        prefixes = writer.prefix(list(tree))
    except RecursionError:
        raise Unreadable(pattern) from None
    low_high = tree.getwidth()
    most = int(low_high[1])
    head = f"(?{flags})" if flags else ""
    return f"{head}(?:{prefixes or _NEVER})\\z", None if most >= 100_000 else most


def hide(pattern: str, tokens: list[str]) -> str:
    """A pattern as Python's parser reads it: RE2's own notation is added to `tokens`. Raises Unreadable."""
    return _OPAQUE.sub(lambda match: _hide(match[0], tokens), pattern)


def _hide(token: str, tokens: list[str]) -> str:
    """A private character in place of RE2's notation; what the two share stays."""
    if token == r"\\":
        return token
    if token == r"\z":
        return r"\Z"
    if token in (r"\C", r"\Q"):
        raise Unreadable(token)
    tokens.append(token)
    return chr(PRIVATE + len(tokens) - 1)


_BOUNDED = re.compile(r"(\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\])|\{(\d+),(\d+)\}", re.DOTALL)


def unbounded(pattern: str) -> str:
    """A pattern for RE2 that matches wherever `pattern` does, and more: what repeats has no upper bound.

    To count is what makes automata large: `x{20,200}` has a state for each of two hundred, and for each place at which
    another may have begun. Where only the first look is meant, a fifth of the states do.
    """
    return pattern if r"\Q" in pattern else _BOUNDED.sub(_without_bound, pattern)


def _without_bound(found: re.Match[str]) -> str:
    least, most = found[2], found[3]
    if found[1] or least == most:
        return found[0]
    return {"0": "*", "1": "+"}.get(least, f"{{{least},}}")


class _Writer:
    """Writes the tree of Python's parser as RE2 source."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._budget = LONGEST

    def full(self, items: list[Any]) -> str:
        return "".join(self._item(op, value) for op, value in items)

    def prefix(self, items: list[Any]) -> str:
        """P of a sequence, nested from the right: `P(a)|a(?:P(b)|b(?:...))`. Empty: no prefix."""
        out = ""
        for op, value in reversed(items):
            own = self._prefix_item(op, value)
            rest = f"{self._item(op, value)}(?:{out})" if out else ""
            out = "|".join(part for part in (own, rest) if part)
            if len(out) > self._budget:
                raise Unreadable("too long")
        return out

    def _prefix_item(self, op: Any, value: Any) -> str:
        if op is _sre.AT:
            return ""
        if op is _sre.BRANCH:
            return "|".join(part for branch in value[1] if (part := self.prefix(list(branch))))
        if op is _sre.SUBPATTERN:
            inner = self.prefix(list(value[3]))
            return f"{_flags(value)}{inner})" if inner else ""
        if op in (_sre.MAX_REPEAT, _sre.MIN_REPEAT):
            _, high, sub = value
            inner = self.prefix(list(sub))
            if not inner or high == 0:
                return ""
            more = "*" if high is _sre.MAXREPEAT else f"{{0,{high - 1}}}" if high > 1 else ""
            return f"(?:{self.full(list(sub))}){more}(?:{inner})" if more else inner
        return self._item(op, value)

    def _item(self, op: Any, value: Any) -> str:
        if op is _sre.LITERAL:
            char = self._char(value)
            return f"[{char}]" if char.startswith("[:") else char
        if op is _sre.NOT_LITERAL:
            return f"[^{self._char(value)}]"
        if op is _sre.ANY:
            return "."
        if op is _sre.IN:
            return self._class(value)
        if op is _sre.AT:
            return _PLACES[str(value)]
        if op is _sre.BRANCH:
            return "(?:" + "|".join(self.full(list(branch)) for branch in value[1]) + ")"
        if op is _sre.SUBPATTERN:
            return f"{_flags(value)}{self.full(list(value[3]))})"
        if op in (_sre.MAX_REPEAT, _sre.MIN_REPEAT):
            low, high, sub = value
            most = "" if high is _sre.MAXREPEAT else str(high)
            lazy = "?" if op is _sre.MIN_REPEAT else ""
            return f"(?:{self.full(list(sub))}){{{low},{most}}}{lazy}"
        raise Unreadable(str(op))

    def _class(self, members: list[Any]) -> str:
        out: list[str] = []
        for op, value in members:
            if op is _sre.NEGATE:
                out.append("^")
            elif op is _sre.LITERAL:
                out.append(self._char(value))
            elif op is _sre.RANGE:
                out.append(f"{self._char(value[0])}-{self._char(value[1])}")
            else:
                out.append(_CATEGORIES[str(value)])
        return f"[{''.join(out)}]"

    def _char(self, code: int) -> str:
        if PRIVATE <= code < PRIVATE + len(self._tokens):
            return self._tokens[code - PRIVATE]
        char = chr(code)
        return char if char.isalnum() and char.isascii() else f"\\x{{{code:x}}}"


def _flags(value: Any) -> str:
    """How a group opens: with the flags that hold inside it."""
    _, added, dropped, _ = value
    letters = [letter for letter, bit in (("i", 2), ("m", 8), ("s", 16)) if added & bit]
    without = [letter for letter, bit in (("i", 2), ("m", 8), ("s", 16)) if dropped & bit]
    return f"(?{''.join(letters)}{'-' + ''.join(without) if without else ''}:"

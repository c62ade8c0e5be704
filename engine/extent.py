"""How a text begins that is JSON source, and how far the source goes: both are told by its beginning and its brackets,
so that a stream is read as the whole is."""

import re

_BEGIN = re.compile(r'\s{0,64}(?:\{\s{0,64}"|\[(?:\s{0,64}\[){0,8}\s{0,64}(?:"|\{\s{0,64}"))')
"""How JSON begins that brings strings, and hardly anything else does."""
_UNTOLD = re.compile(r"\s{0,64}(?:\{\s{0,64}|\[(?:\s{0,64}\[){0,8}\s{0,64}(?:\{\s{0,64})?)?")
_SIGN = re.compile(r'["\[\]{}]')
STRING = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
"""The rest of a string, to its last quote or to a backslash that ends the text."""
_SPACE = re.compile(r"[\s,]*")
"""Between one object or list and the next: lines of JSON, or items of a list without its brackets."""


def begins(text: str, done: bool) -> bool | None:
    """Whether a text is read as JSON source; None: too little of it has come."""
    return bool(_BEGIN.match(text)) or (None if not done and _UNTOLD.fullmatch(text) else False)


class Extent:
    """How far the JSON source goes that a running text begins with: to the end of its last object or list."""

    def __init__(self) -> None:
        self.end: int | None = None
        """In characters from the text's beginning; None: it goes on, as far as has been told."""
        self.at = 0
        """How far it has been read, in characters; text before it is not asked for again."""
        self.closed = False
        """The last object or list that began has ended."""
        self._depth = 0
        self._inside = False

    def read(self, text: str, base: int) -> int | None:
        """Go on with `text`, which begins `base` characters behind the text's beginning. Returns `end`."""
        at = self.at - base
        while self.end is None and at < len(text):
            if self._inside:
                at = STRING.match(text, at).end()  # pyright: ignore[reportOptionalMemberAccess]  # it may be empty
                if text[at : at + 1] != '"':
                    break
                self._inside, at = False, at + 1
            elif self._depth:
                found = _SIGN.search(text, at)
                at = found.end() if found else len(text)
                if found and found[0] == '"':
                    self._inside = True
                elif found:
                    self._depth += 1 if found[0] in "[{" else -1
                    self.closed = not self._depth
            else:
                at = _SPACE.match(text, at).end()  # pyright: ignore[reportOptionalMemberAccess]  # it may be empty
                if text[at : at + 1] in ("[", "{"):
                    self._depth, self.closed, at = 1, False, at + 1
                elif at < len(text):
                    self.end = base + at
        self.at = base + at
        return self.end

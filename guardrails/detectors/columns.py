"""What the heading of a table's column says of the values below it.

Tables are lines with as many separators each (`|`, tabs, semicolons, commas), or with cells that stand below one
another, two blanks or more apart. The heading is the first line of them.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass

REACH = 1_500
"""Characters by which a heading may stand before a value."""
LINE = 400
"""Longer lines belong to no table."""
_SEPARATORS = "|\t;,"
_RULE = re.compile(r"[\s|:+=_-]+")
"""The line between a heading and its table."""
_CELL = re.compile(r"\S+(?: \S+)*")
_VALUE = re.compile(r"\d{3}|@")
"""In a cell that is no heading."""


@dataclass(frozen=True, slots=True)
class _Table:
    """Lines that belong together."""

    separator: str
    """Empty for cells that stand below one another."""
    count: int
    first: int
    """Where the first of the lines begins."""


class Columns:
    """The tables of a text, whose lines are looked at once, and as far as values are asked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: list[int] = []
        """Where lines begin, and the table of each."""
        self._tables: list[_Table | None] = []
        self._next = 0

    def heading(self, begin: int) -> str:
        """The heading above what stands at `begin`; empty when there is none within REACH."""
        self._read(begin)
        at = bisect_right(self._starts, begin) - 1
        start, table, text = self._starts[at], self._tables[at], self._text
        if table is None or table.first == start or begin - table.first > REACH:
            return ""
        line = text[table.first : text.index("\n", table.first)]
        if table.separator:
            found = line.split(table.separator)[text.count(table.separator, start, begin)]
        else:
            near = (cell for cell in _CELL.finditer(line) if cell.start() - 2 < begin - start < cell.end() + 2)
            found = next((cell[0] for cell in near), "")
        return "" if _VALUE.search(found) else found.strip(" \"'`*")

    def _read(self, until: int) -> None:
        """Look at the lines that begin up to there."""
        text, table = self._text, self._tables[-1] if self._tables else None
        while 0 <= self._next <= until:
            start, end = self._next, text.find("\n", self._next)
            line = text[start : min(end if end >= 0 else len(text), start + LINE + 1)]
            if len(line) > LINE:
                table = None
            elif not (table and line and _RULE.fullmatch(line)):
                table = _placed(line, start, table)
            self._starts.append(start)
            self._tables.append(table)
            self._next = end + 1 if end >= 0 else -1


def _placed(line: str, start: int, above: _Table | None) -> _Table | None:
    """The table of a line: that of the line above it, or a new one."""
    apart = "  " in line.strip()
    if apart and above is not None and not above.separator:
        return above
    for separator in _SEPARATORS:
        if count := line.count(separator):
            same = above is not None and (above.separator, above.count) == (separator, count)
            return above if same else _Table(separator, count, start)
    return _Table("", 0, start) if apart else None

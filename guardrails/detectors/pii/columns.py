"""What the heading of a table's column says of the values below it.

Tables are lines with as many separators each (`|`, tabs, semicolons, commas), or with cells that stand below one
another, two blanks or more apart. The heading is the first line of them.
"""

import re
from bisect import bisect_left

from msgspec import Struct

REACH = 1_500
"""Characters by which a heading may stand before a value."""
LINE = 400
"""Longer lines belong to no table."""
_SEPARATORS = "|\t;,"
_RULE = re.compile(r"[\s|:+=_-]+")
"""The line between a heading and its table."""
_CELL = re.compile(r"\S+(?: \S+)*")
_QUOTED = re.compile('"[^"\n]*"')
"""A cell in quotes, whose separators separate nothing. Source: RFC 4180, section 2."""
_COPY = re.compile(r"COPY [^\s(]{1,140} \([^()\t]+\) FROM stdin;")
"""Source: PostgreSQL, pg_dump."""
_SENTENCE = re.compile("[,;] ")
_VALUE = re.compile(r"\d{3}|@")
"""In a cell that is no heading."""


class _Table(Struct, frozen=True, gc=False):
    """Lines that belong together."""

    separator: str
    """Empty for cells that stand below one another."""
    count: int
    first: int
    """Where the first of the lines begins."""
    listed: bool = False
    """Whether that line lists the headings in brackets, as a dump of PostgreSQL does; the lines below it have tabs."""


class Columns:
    """The tables of a text, whose lines are looked at once, and as far as values are asked for.

    What stands behind a value in its line bears on nothing, so that a stream is read as the whole is.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: list[int] = []
        """Where lines begin, and the table that ends with each."""
        self._tables: list[_Table | None] = []
        self._next = 0
        self._headings: dict[int, str] = {}
        """By where a value begins, which is one of several kinds perhaps."""

    def heading(self, begin: int) -> str:
        """The heading above what stands at `begin`; empty when there is none within REACH."""
        if begin not in self._headings:
            found, _ = self._above(begin)
            self._headings[begin] = "" if _VALUE.search(found) else found.strip(" \"'`*")
        return self._headings[begin]

    def above(self, begin: int, reach: int) -> bool:
        """Whether what stands at `begin` has a heading, and the line of headings comes as near as that: of surely a
        table, with three columns or more. Sentences have separators too, and two cells may be a list and its title."""
        cell, (first, end) = self._above(begin)
        if not cell or _VALUE.search(cell) or begin - end >= reach:
            return False
        headings = _bare(self._text[first:end])
        if _COPY.fullmatch(headings):
            return True
        return any(headings.count(each) > 1 for each in _SEPARATORS) and not _SENTENCE.search(headings)

    def _above(self, begin: int) -> tuple[str, tuple[int, int]]:
        """The cell above what stands at `begin`, if any, and from where to where its line goes."""
        text = self._text
        start = text.rfind("\n", max(0, begin - LINE - 1), begin) + 1
        if not start or begin - start > LINE:
            return "", (0, 0)
        self._read(start)
        table = self._tables[bisect_left(self._starts, start) - 1]
        if table is None or begin - table.first > REACH:
            return "", (0, 0)
        end = text.index("\n", table.first)
        return _cell(text[table.first : end], text[start:begin], table), (table.first, end)

    def _read(self, until: int) -> None:
        """Look at the lines that end before there."""
        text, table = self._text, self._tables[-1] if self._tables else None
        while self._next < until:
            start, end = self._next, text.index("\n", self._next)
            line = _bare(text[start : min(end, start + LINE + 1)])
            if len(line) > LINE:
                table = None
            elif not (table and line and _RULE.fullmatch(line)):
                table = _placed(line, start, table)
            self._starts.append(start)
            self._tables.append(table)
            self._next = end + 1


def _cell(heading: str, before: str, table: _Table) -> str:
    """The cell of the heading above what begins behind `before` in its line; empty when there is none."""
    if not table.separator:
        at = len(before)
        near = (cell for cell in _CELL.finditer(heading) if cell.start() - 2 < at < cell.end() + 2)
        return next((cell[0] for cell in near), "")
    bare, shown = _bare(before + '"' * (before.count('"') % 2)), _bare(heading)
    count = bare.count(table.separator)
    if count > table.count or (table.separator == "," and ", " in bare and ", " not in shown):
        return ""  # a sentence, or another table
    start, separator = 0, table.separator
    if table.listed:
        heading = heading[: shown.index(")")]
        start, separator = shown.index("(") + 1, ","
    for _ in range(count):
        start = shown.index(separator, start) + 1
    end = shown.find(separator, start)
    return heading[start : end if end >= 0 else len(heading)]


def _bare(line: str) -> str:
    """The line, as long as it was, without what stands in quotes."""
    return _QUOTED.sub(lambda cell: '"' + "x" * (len(cell[0]) - 2) + '"', line) if '"' in line else line


def _placed(line: str, start: int, above: _Table | None) -> _Table | None:
    """The table of a line: that of the line above it, or a new one."""
    apart = "  " in line.strip()
    if apart and above is not None and not above.separator:
        return above
    if _COPY.fullmatch(line):
        return _Table("\t", line.count(","), start, listed=True)
    for separator in _SEPARATORS:
        if count := line.count(separator):
            same = above is not None and (above.separator, above.count) == (separator, count)
            return above if same else _Table(separator, count, start)
    return _Table("", 0, start) if apart else None

"""Regular expressions that run in linear time whatever the text (RE2): no look-around, no back-references.

A match in which a group named `not` (or `not1`, `not2`, ...) takes part is no find: `(?P<not>never )?delete` finds what
is to be deleted, and not what never is. It says before and behind what look-around would.

In a stream, text is held only from the first character at which a match may still be under way (see prefix.py). So no
bound on a match is needed to be right; `hold` sets one where a pattern could keep a stream waiting too long. What is a
find by then, and still grows, cannot leave and cannot be changed as a whole: it fails, and `on_error` decides.
"""

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import takewhile
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field

from ...engine.jsonio import Json
from ...engine.ports import Detector, Finding, Unjudged
from .base import Context
from .json_source import Path, parse_path
from .search.prefix import Unreadable, analyse, unbounded

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import re2  # pyright: ignore[reportMissingTypeStubs, reportMissingImports]

RE2: Any = re2

PATTERN_CHARS = 4096
HOLD = 1024
"""Characters held for a pattern whose notation prefix.py cannot read, unless the rule says otherwise."""


class RegexConfig(BaseModel):
    """A regular expression in RE2's syntax."""

    model_config = ConfigDict(extra="forbid")

    pattern: str = Field(
        description="The expression, in the syntax of RE2. A match in which a group named not, not1, not2, ... takes "
        "part is no find.",
        min_length=1,
        max_length=PATTERN_CHARS,
    )
    ignore_case: bool = Field(default=False, description="The same as `(?i)` in front.")
    label: str = Field(default="", description="What a placeholder is called; from the rule's id when not given.")
    path: str = Field(
        default="",
        description="Look only at the values at this path of a JSON text, such as $.query; see json_source.py. A text "
        "that is no JSON is looked at as a whole.",
    )
    hold: int | None = Field(
        default=None,
        ge=1,
        le=32_768,
        description="In a stream, hold at most this many characters for a match that may still be under way. What is a "
        "find by then and still grows cannot be judged, so on_error decides; what is none yet may leave in part. "
        "Without it, whatever may still match is held.",
    )


_Search = Callable[[bytes, int, int], list[tuple[int, int]]]
"""The spans of the groups of the first match in `raw[start:end]`, the whole one first; (-1, -1) for none."""


def _search(expression: Any) -> _Search:
    """Past re2's own wrapper: what it makes of a match takes three times as long as a search."""
    return partial(expression._regexp.Match, RE2._re2.RE2.Anchor.UNANCHORED)


def compiled(pattern: str) -> Any:
    """`pattern` as an RE2 object. Raises ValueError in RE2's words."""
    options = RE2.Options()
    options.log_errors = False
    options.max_mem = 32 * 1024 * 1024
    try:
        return RE2.compile(pattern, options)
    except RE2.error as error:
        told = error.args[0] if error.args else ""
        raise ValueError(told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)) from None


_TYPOS = ("missing ", "unexpected ", "bad repetition operator", "no argument for repetition", "invalid character class")
"""How RE2's words begin about what is an expression nowhere."""


def _refused(error: str) -> tuple[str, str]:
    """What is wrong with a pattern of which RE2 says `error`, and a hint."""
    if error.startswith(_TYPOS):
        return "not a regular expression", ""
    few = "at most 1,000 repetitions, those of a repetition in another multiplied"
    hint = few if "repetition size" in error else "no look-around and no back-references; the syntax is RE2's"
    return "not a regular expression that runs in linear time", hint


class LongerThanHeld(Unjudged):
    """A find in a stream is longer than the stream waits for it, and still grows."""


class Regex:
    """Finds the matches of one expression: leftmost first, not overlapping, empty ones left out."""

    kind = "regex"
    version = "2"
    slow = False
    resumes = True
    context = 1

    def __init__(
        self,
        pattern: str,
        *,
        label: str = "TEXT",
        hold: int | None = None,
        default_hold: int | None = None,
        fails: bool = False,
    ) -> None:
        """`hold` characters at most are held in a stream; `default_hold` where matches have no bound otherwise. A find
        that outgrows them `fails`, or leaves in part."""
        self.pattern = pattern
        self.label = label
        self._match = compiled(pattern)
        self._groups = _search(self._match)
        groups = cast("dict[str, int]", self._match.groupindex)
        self._not = [at for name, at in groups.items() if re.fullmatch("not[0-9]*", name)]
        self._open: _Search | None = None
        self.open_pattern = ""
        """The pattern of a match under way at the end of a text; empty when prefix.py cannot tell."""
        self.hold = hold
        """The most characters that a stream waits for this pattern; None: as long as a match is under way."""
        self.outgrows = False
        """Whether a match may be longer than that: what is a find by then fails, and what is none yet leaves."""
        self.by_default = False
        """Whether that is only what holds where nobody says otherwise."""
        try:
            source, span = analyse(pattern)
            self._open = _search(compiled(source))
            self.open_pattern = source
            self.hold = hold or span or default_hold
            self.by_default = hold is span is None and default_hold is not None
            self.outgrows = fails and self.hold is not None and (span is None or self.hold < span)
        except (Unreadable, ValueError):
            self.hold = hold or HOLD
        self.excepts = bool(self._not)
        """Whether some of its matches are no finds."""
        if self._not:  # a stream may have been cut through a match that is no find: its rest is none either
            self.context = self.hold or HOLD

    @classmethod
    def from_config(cls, config: Json, context: Context) -> Detector:
        """A pattern, or a mapping (RegexConfig). Raises ConfigError with the line when RE2 cannot run it."""
        place = () if isinstance(config, str) else ("pattern",)
        settings = context.parse(
            RegexConfig, {"pattern": config} if isinstance(config, str) else config, hint="regex: 'the pattern'"
        )
        if "\b" in settings.pattern:  # it would be found in no text, and nothing would say so
            hint = r"YAML reads \b so in double quotes: write the pattern in single ones"
            raise context.error("the pattern has a backspace character in it", place, hint=hint)
        pattern = f"(?i){settings.pattern}" if settings.ignore_case else settings.pattern
        if settings.path and settings.hold:
            raise context.error("a stream waits for the whole text that has a path: hold does nothing", ("hold",))
        try:
            if settings.path:
                from .regex_path import RegexAt

                return RegexAt(pattern, _path(settings.path, context), label=settings.label or context.label)
            label = settings.label or context.label
            regex = cls(pattern, label=label, hold=settings.hold, default_hold=context.hold, fails=True)
        except ValueError as error:
            what, hint = _refused(str(error))
            raise context.error(f"{what}: {error}", place, hint=hint) from None
        if regex.matches_nothing():
            raise context.error("the pattern matches the empty text, so it matches everywhere", place)
        return regex

    def sieved(self, opens: bool) -> list[str]:
        """RE2 patterns one of which matches where something is found, or (`opens`) under way; empty ones if unknown."""
        return [unbounded(self.open_pattern if opens else self.pattern)]

    def matches_nothing(self) -> bool:
        """Whether the empty text is a match."""
        return self._match.fullmatch("") is not None

    def find(self, text: str, start: int = 0) -> list[Finding]:
        return [Finding(begin, end, self.label) for begin, end in self.spans(text, start)]

    def spans(self, text: str, start: int = 0, group: int = 0) -> list[tuple[int, int]]:
        """Where a group of each match stands that begins at `start` or later, in characters."""
        found: list[tuple[int, int]] = []
        raw = utf8(text)
        plain = len(raw) == len(text)
        behind = max(0, start - self.context) if self._not else start
        first, at = (start, behind) if plain else (len(utf8(text[:each])) for each in (start, behind))
        size = len(raw)
        while at <= size:
            groups = self._groups(raw, at, size)
            begin, end = groups[0]
            if begin < 0:
                break
            passes = any(groups[each][0] >= 0 for each in self._not)
            if begin < first < end and not passes:
                end = first  # a stream is cut through no find: this is none
            elif end > begin >= first and groups[group][0] >= 0 and not passes:
                found.append(groups[group])
            # Behind an empty match, the next character, which may have several bytes.
            at = end if end > begin else end + 1 + sum(1 for _ in takewhile(_goes_on, raw[end + 1 : end + 4]))
        return found if plain else _counted(raw, found)

    def open_from(self, text: str) -> int:
        """As Detector.open_from. Raises LongerThanHeld."""
        floor = max(0, len(text) - self.hold) if self.hold else 0
        if self._open is None:
            return floor
        at = _under_way(self._open, text, 0 if self.outgrows else floor)
        if at >= floor:
            return at
        if any(begin < floor and end == len(text) for begin, end in self.spans(text, at)):
            raise LongerThanHeld(f"a find is longer than the {self.hold:,} characters that are held for it")
        return _under_way(self._open, text, floor)


def _under_way(opens: _Search, text: str, start: int) -> int:
    """Where the first match that may be under way begins, from `start` on."""
    raw = utf8(text)
    plain = len(raw) == len(text)
    at = opens(raw, start if plain else len(utf8(text[:start])), len(raw))[0][0]
    if at < 0:
        return len(text)
    return at if plain else _length(raw, 0, at)


def _path(written: str, context: Context) -> Path:
    try:
        return parse_path(written)
    except ValueError as error:
        raise context.error(str(error), ("path",)) from None


def _goes_on(byte: int) -> bool:
    """Whether it is one of a character that began before it. Source: RFC 3629, section 3."""
    return byte & 0xC0 == 0x80


def _counted(raw: bytes, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Places in UTF-8, which rise, as places in characters."""
    found: list[tuple[int, int]] = []
    at = chars = 0
    for begin, end in spans:
        first = chars + _length(raw, at, begin)
        at, chars = end, first + _length(raw, begin, end)
        found.append((first, chars))
    return found


_length: Callable[[bytes, int, int], int] = RE2._re2.BytesToCharLen


def value_spans(regex: Regex, text: str, start: int = 0) -> list[tuple[int, int]]:
    """Where the matches that begin at or after `start` stand: their group `v`, if the pattern has one, else all."""
    return regex.spans(text, start, 1 if "(?P<v>" in regex.pattern else 0)


def grouping(pattern: str, *, begins: bool = False) -> _Search:
    """Finds the groups of the first match of `pattern` in bytes, or of that with which they begin (`begins`)."""
    if not begins:
        return _search(compiled(pattern))
    return partial(compiled(pattern)._regexp.Match, RE2._re2.RE2.Anchor.ANCHOR_START)


def chars_of(raw: bytes, at: int) -> int:
    """How many characters the first `at` bytes are."""
    return _length(raw, 0, at)


def utf8(text: str) -> bytes:
    """`text` without lone surrogates, which have no UTF-8; as many characters as before."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return "".join("�" if "\ud800" <= char < "\ue000" else char for char in text).encode()


class Locator:
    """Where one expression matches first, in bytes. No match object, no groups: the call itself costs a microsecond."""

    def __init__(self, pattern: str) -> None:
        options = RE2.Options()
        options.log_errors = False
        options.never_capture = True
        self.match = _search(RE2.compile(pattern, options))
        """The span of the first match in `raw[start:end]`, alone in a list; (-1, -1) without one."""

    def spans(self, raw: bytes, start: int) -> Iterator[tuple[int, int]]:
        """Start and end of each match from `start` on. None may be empty."""
        match, size = self.match, len(raw)
        while True:
            begin, start = match(raw, start, size)[0]
            if begin < 0:
                return
            yield begin, start

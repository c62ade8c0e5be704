"""Credentials in known formats, and anything random that is called a key. See table.py for the formats.

Misses: passwords made of letters only, tokens without a form of their own that nothing names, secrets cut into pieces.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from ....engine.jsonio import Json
from ....engine.ports import Detector, Finding
from ....engine.yamlfile import nearest
from ..base import Context
from ..overlaps import resolve
from ..regex import Regex, value_spans
from ..search.passes import PatternSet
from ..why import Why
from .behind import Behind
from .checks import random, wordless
from .forms import github
from .said import led
from .table import FORMATS, Check, Format

NAMES = tuple(each.name for each in FORMATS)
HELD = 8_192
"""Characters that a stream waits at most for a format without a bound; a private key of 8,192 bits has 6,400."""
_OF_ANY_FORM = ("SECRET", "PIN", "URL_PASSWORD")
"""Labels of formats that a name or an address tells, whatever the value looks like."""


class SecretsConfig(BaseModel):
    """Credentials to find."""

    model_config = ConfigDict(extra="forbid")

    formats: Literal["all"] | list[str] = Field(default="all", description="`all`, or names of formats.")
    without: list[str] = Field(default=[], description="Formats to leave out.")


class Secrets:
    """Finds credentials; of finds that overlap the longer stays."""

    kind = "secrets"
    version = "3"
    slow = False
    resumes = True
    reads_around = True
    context = 160

    def __init__(self, formats: Sequence[Format] = FORMATS) -> None:
        self._formats = list(formats)
        self._regexes = [
            each.pattern
            if not isinstance(each.pattern, str)
            else Regex(each.pattern, label=each.label, default_hold=HELD, fails=True)
            for each in formats
        ]
        self.hold = max(regex.hold or 0 for regex in self._regexes)

    @cached_property
    def _gate(self) -> PatternSet:
        return PatternSet(self.sieved(opens=False))

    @cached_property
    def _open(self) -> PatternSet:
        return PatternSet(self.sieved(opens=True))

    @classmethod
    def from_config(cls, config: Json, context: Context) -> "Secrets":
        """`all`, a list of formats, or a mapping (SecretsConfig)."""
        plain = cast(Json, {"formats": config}) if isinstance(config, str | list) else config
        settings = context.parse(SecretsConfig, plain)
        wanted = NAMES if settings.formats == "all" else settings.formats
        for key, names in (("formats", wanted), ("without", settings.without)):
            for index, name in enumerate(names):
                if name not in NAMES:
                    at = context.below(key) if isinstance(config, dict) else context
                    hint = nearest(name, NAMES) or "`tidegate rules names` lists them"
                    raise at.error(f'unknown format "{name[:60]}"', (index,), hint=hint)
        chosen = [each for each in FORMATS if each.name in wanted and each.name not in settings.without]
        if not chosen:
            raise context.error("no formats given")
        return cls(chosen)

    def start(self) -> None:
        """Build what no text should wait for."""
        if len(self._formats) > 1:
            self._gate.matching("")
            self._open.matching("")

    @property
    def labels(self) -> tuple[str, ...]:
        """What findings can be called."""
        return tuple(dict.fromkeys(each.label for each in self._formats))

    def alone(self) -> dict[str, Detector]:
        """Each of its formats as a detector, for `rules coverage`."""
        return {each.name: Secrets([each]) for each in self._formats}

    def alike(self, text: str) -> bool:
        """Whether something in `text` has the form of a credential, be it one or not; any text will do where the form
        is all that decides."""
        possible = (self._regexes[index] for index in self._gate.matching(text))
        alike = any(regex.spans(text) for regex in possible)
        return alike or not any(each.check for each in self._formats)

    def sieved(self, opens: bool) -> list[str]:
        """As Regex.sieved."""
        parts = ([each.gate] if isinstance(each, Behind) else each.sieved(opens) for each in self._regexes)
        return [pattern for part in parts for pattern in part]

    def find(self, text: str, start: int = 0) -> list[Finding]:
        found: list[Finding] = []
        for row, begin, end in self._formed(text, start):
            check = row.led if row.led and led(text, begin) else row.check
            if check is None or check(text[begin:end]):
                found.append(Finding(begin, end, row.label, 0.7 if row.name == "named" else 0.95))
        return resolve(found)

    def whys(self, text: str) -> list[Why]:
        """What has a form that only credentials have, and fails the check of its format."""
        return [
            Why(begin, end, row.label, 0.0, 0.95, _failure(row.check, text[begin:end]), failed=True)
            for row, begin, end in self._formed(text, 0)
            if row.label not in _OF_ANY_FORM and row.check and not row.check(text[begin:end])
        ]

    def _formed(self, text: str, start: int) -> Iterator[tuple[Format, int, int]]:
        """What has the form of a format, from `start` on: its row, start and end."""
        # One format needs no pass of its own: the pass over all rules has told.
        for index in sorted(self._gate.matching(text)) if len(self._formats) > 1 else (0,):
            row, regex = self._formats[index], self._regexes[index]
            # What names a secret stands before it, and may have left in a stream already.
            named = max(0, start - self.context)
            if isinstance(regex, Behind):
                spans = regex.spans(text, named)
            else:
                spans = value_spans(regex, text, named if "(?P<v>" in regex.pattern else start)
            for begin, end in spans:
                if begin >= start:
                    yield row, begin, end

    def open_from(self, text: str) -> int:
        which = self._open.matching(text) if len(self._formats) > 1 else (0,)
        return min((self._regexes[index].open_from(text) for index in which), default=len(text))


def _failure(check: Check, value: str) -> str:
    if not wordless(value):
        return "it reads as a placeholder"
    if check is github:
        return "its checksum is wrong, and it is not random enough"
    return "it is not random enough" if check is random else "it fails the check of its form"

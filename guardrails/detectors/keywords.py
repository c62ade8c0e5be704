"""Fixed words and phrases, found in one pass however many there are (Aho and Corasick 1975).

Case is folded, a run of white space in the text matches one space of the keyword, apostrophes and hyphens are what a
keyboard has for them, and words are whole unless the rule says otherwise; the underscores of Markdown's emphasis are
none of theirs. Misses: spelling variants, inflected forms, letters of other scripts that look alike.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, cast

import ahocorasick  # pyright: ignore[reportMissingTypeStubs]
from pydantic import BaseModel, ConfigDict, Field

from ...engine.jsonio import Json
from ...engine.ports import Finding
from ...engine.yamlfile import nearest
from .base import Context

WORDS = 100_000
"""Keywords in one rule: about 30 MB of automaton."""
LENGTH = 200
"""Characters of one keyword."""

_MARKS = 3
"""Underscores in a row that may be emphasis."""
_ODD_SPACE = re.compile(r"\s{2,}|[^\S ]")
_ESCAPE = re.compile(r"(?<!\\)\\++(?:[nrt]|\Z)")
"""White space as code and JSON in prose write it; at the end of a text, its first half."""
_TYPED = (("\u2019", "'"), ("\u02bc", "'"), ("\u2010", "-"), ("\u2011", "-"))
"""Apostrophes and hyphens as word processors and models set them."""
_NO_SPACES = re.compile("[぀-ヿㇰ-ㇿ㐀-鿿豈-﫿가-힯ᄀ-ᇿ฀-๿຀-໿ក-៿က-႟\U00020000-\U0003ffff]")
"""Scripts that do not put spaces between words (or, Korean, hang particles on them): no border is asked for there."""


class KeywordsConfig(BaseModel):
    """Words and phrases to find."""

    model_config = ConfigDict(extra="forbid")

    words: list[str] = Field(default=[], description="The words and phrases.")
    list: str = Field(default="", description="The name of a list under `lists:`, instead of or beside `words`.")
    case_sensitive: bool = Field(default=False, description="Whether `Falcon` and `falcon` differ.")
    whole_words: bool = Field(default=True, description="Whether a find must begin and end at the border of a word.")
    label: str = Field(default="", description="What a placeholder is called; from the rule's id when not given.")


class Keywords:
    """Finds keywords; all occurrences, overlapping ones too."""

    kind = "keywords"
    version = "4"
    slow = False
    resumes = True
    context = _MARKS + 1

    def __init__(self, words: Sequence[str], *, label: str, case_sensitive: bool = False, whole_words: bool = True):
        self._label = label
        self._fold_case = not case_sensitive
        self._whole = whole_words
        self._automaton = cast(Any, ahocorasick.Automaton(ahocorasick.STORE_LENGTH))
        # Files of some systems have accents apart from their letters, texts mostly have not.
        folded = [fold(unicodedata.normalize("NFC", word), self._fold_case)[0] for word in words]
        for word in folded:
            self._automaton.add_word(" ".join(word.split()))
        self._accents = not all(word.isascii() for word in folded)
        self._phrases = any(len(word.split()) > 1 for word in folded)
        self._automaton.make_automaton()
        self.hold = max(map(len, folded))

    @classmethod
    def from_config(cls, config: Json, context: Context) -> "Keywords":
        """`[word, ...]` or a mapping (KeywordsConfig)."""
        if isinstance(config, str):
            raise context.error("keywords are a list", hint="keywords: [one, two words]")
        at = context if isinstance(config, list) else context.below("words")
        plain = cast(Json, {"words": config}) if isinstance(config, list) else config
        if isinstance(config, list):
            for index, word in enumerate(cast("list[Any]", config)):
                if not isinstance(word, str):
                    raise context.error("a keyword must be text", (index,), hint="put it in quotes")
        settings = context.parse(KeywordsConfig, plain)
        words = list(settings.words)
        if settings.list:
            lists = context.lists or {}
            if settings.list not in lists:
                hint = nearest(settings.list, list(lists)) or "name it under lists:"
                raise context.error(f'there is no list "{settings.list}"', ("list",), hint=hint)
            words += lists[settings.list]
        if not words:
            raise context.error("no keywords given")
        if len(words) > WORDS:
            raise context.error(f"more than {WORDS} keywords")
        for index, word in enumerate(words):
            if not word.strip() or len(word) > LENGTH:
                place = (index,) if index < len(settings.words) else ()
                raise at.error(f"a keyword must have 1 to {LENGTH} characters", place)
        return cls(
            words,
            label=settings.label or context.label,
            case_sensitive=settings.case_sensitive,
            whole_words=settings.whole_words,
        )

    def find(self, text: str, start: int = 0) -> list[Finding]:
        found = {finding for way in self._ways(text) for finding in self._find(way, start)}
        return sorted(found, key=lambda finding: (finding.start, finding.end))

    def _ways(self, text: str) -> Iterator[str]:
        """The text, and where phrases may go over an escape, the same with blanks for it."""
        yield text
        if self._phrases and "\\" in text:
            blank, escapes = _ESCAPE.subn(lambda escape: " " * len(escape[0]), text)
            if escapes:
                yield blank

    def _find(self, text: str, start: int) -> list[Finding]:
        folded, offsets = fold(text, self._fold_case)
        found: list[Finding] = []
        for last, length in cast(Iterator[tuple[int, int]], self._automaton.iter(folded)):
            begin, end = last - length + 1, last + 1
            if offsets:
                begin, end = offsets[begin], offsets[last + 1]
            if begin >= start and (not self._whole or _whole(text, begin, end)):
                found.append(Finding(begin, end, self._label))
        return found

    def open_from(self, text: str) -> int:
        return min(map(self._open_from, self._ways(text)))

    def _open_from(self, text: str) -> int:
        folded, offsets = fold(text, self._fold_case)
        bare = len(folded.rstrip("_"))
        bare = bare if self._whole and len(folded) - bare <= _MARKS else len(folded)
        for begin in range(max(0, bare - self.hold), len(folded)):
            # Behind underscores at the end a word may go on, or not; the last letter may get an accent yet.
            if (
                self._automaton.match(folded[begin:])
                or (bare > begin and self._automaton.match(folded[begin:bare]))
                or (self._accents and self._automaton.match(folded[begin:-1]))
            ):
                at = offsets[begin] if offsets else begin
                if not self._whole or _border(text, at):
                    return at
        return len(text)


def fold(text: str, fold_case: bool) -> tuple[str, list[int] | None]:
    """`text` as keywords are compared: case folded, white space runs as one space, typed apostrophes and hyphens.

    Also, for each folded character and for the end, where in `text` it began; None when that is the same.
    """
    for set_, typed in () if text.isascii() else _TYPED:
        text = text.replace(set_, typed)
    odd_space = _ODD_SPACE.search(text) is not None
    folded = text.casefold() if fold_case else text
    # Folding never shortens, so an equal length means that every character became exactly one.
    if len(folded) == len(text) and not odd_space:
        return folded, None
    out: list[str] = []
    offsets: list[int] = []
    at = 0
    for match in _ODD_SPACE.finditer(text) if odd_space else ():
        _fold_piece(text, at, match.start(), fold_case, out, offsets)
        out.append(" ")
        offsets.append(match.start())
        at = match.end()
    _fold_piece(text, at, len(text), fold_case, out, offsets)
    offsets.append(len(text))
    return "".join(out), offsets


def _fold_piece(text: str, start: int, end: int, fold_case: bool, out: list[str], offsets: list[int]) -> None:
    piece = text[start:end]
    folded = piece.casefold() if fold_case else piece
    if len(folded) == len(piece):
        out.append(folded)
        offsets.extend(range(start, end))
        return
    for index, char in enumerate(piece):
        many = char.casefold()
        out.append(many)
        offsets.extend([start + index] * len(many))


def _whole(text: str, start: int, end: int) -> bool:
    return start < end and _border(text, start) and _border(text, end)


def _border(text: str, at: int) -> bool:
    """Whether a word may begin or end between the characters before and after `at`."""
    if at == 0 or at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    if before in "nrt" and text[at - 2 : at - 1] == "\\":  # an escape of white space, in code or JSON
        return True
    if after == "_" != before:  # emphasis, unless a word goes on behind it
        after = text[at : at + _MARKS + 1].lstrip("_")[:1]
    elif before == "_" != after:
        before = text[max(0, at - _MARKS - 1) : at].rstrip("_")[-1:]
    if not (before and after):
        return True
    return not (_wordy(before) and _wordy(after)) or bool(_NO_SPACES.match(before) or _NO_SPACES.match(after))


def _wordy(char: str) -> bool:
    return char.isalnum() or char == "_" or unicodedata.category(char)[0] == "M"

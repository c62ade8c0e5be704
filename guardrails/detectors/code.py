"""Program code in a text: fenced blocks, and runs of lines that only code has.

A line counts for a language when it has one of its marks. As many lines of one language in a row as the rule says
(three), or one fenced block, are a find. Headers of mails, dialogues and most forms and lists whose items end in
semicolons are none; lines of a word or two and a semicolon are.
Misses: code in a single line without a fence, languages that are not listed, pseudocode.
"""

import re
from collections.abc import Sequence
from typing import Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from ...engine.jsonio import Json
from ...engine.ports import Finding
from ...engine.yamlfile import nearest
from .base import Context
from .search.passes import PatternSet

MARKS: dict[str, str] = {
    "python": r"\s*(?:def \w+\(.*\).*:|class \w+.*:|import [\w.]+(?: as \w+)?$|from [\w.]+ import |elif .*:$|"
    r"(?:if|for|while|with|try|except|else)\b.*:$|@\w+|return\b|print\(|\w+(?:\[.*\])? ?[+*/-]?= ?[\w\"'(\[{])",
    "javascript": r"\s*(?:(?:const|let|var) [\w{\[]|(?:async )?function\b|import .* from ['\"]|export |.*=> ?[{(]|"
    r"console\.|return\b.*;$|[})\]]+[;,)]*$|(?:if|for|while|switch) ?\(.*\) ?\{)",
    "sql": r"(?i)\s*(?:select\s.+\sfrom\b|insert into \w|update \w+ set\b|delete from \w|create (?:table|index|view|"
    r"database) |alter table |drop (?:table|database|view) |from \w+(?: \w+)?$|where .+(?:=|<|>|\bin\b|\blike\b)|"
    r"(?:left |inner |right )?join \w|group by |order by |values ?\()",
    "shell": r"\s*(?:#!/|\$ \w|(?:sudo|apt(?:-get)?|cd|ls|rm|cp|mv|chmod|chown|curl|wget|grep|export|echo|pip|npm|git|"
    r"docker|kubectl|mkdir|cat|tar|ssh) [\w./~$\"'-]|fi$|done$|if \[|for \w+ in .*; ?do)",
    "c": r"\s*(?:#include\s?[<\"]|#define |(?:static |const |unsigned |public |private |protected )*"
    r"(?:int|void|char|float|double|bool|long|size_t|String|auto) [\w*&<>\[\]: ]+(?:\(|;|=)|.*\{\s*$|\s*\}[;,]?$|"
    r"[A-Za-z_*&}@~$\"][\w:<>,.*&$\"\s]*(?:[=(\[]|\+\+|--|->|<<|>>).*;\s*$|[A-Za-z_]\w*(?:\s+[\w.:*&$\[\]\"'-]+)?\s*;\s*$|"
    r"[a-z-]{2,30}:\s*[^;\s][^;]{0,80};\s*$|"
    r"using |namespace |package [\w.]+;|import [\w.*]+;|func \w+\()",
    "html": r"\s*<(?:!doctype|/?(?:html|head|body|div|span|p|a|script|style|table|tr|td|ul|li|form|input|img|button|"
    r"link)\b)",
    "config": r"\s{2,}[\w-]+:\s?[\w\"'\[{]|\s*(?:[a-z_][\w-]*:\s?[\w\"'\[{]|[\w-]+:\s?$|"
    r"[A-Za-z_][\w.-]*\s?=\s?[\w\"'\[{/]|- [a-z_\"'][\w-]*[\"']?:|\[[\w.-]+\]$|\"[\w$-]+\": ?[\"\d\[{tfn])",
}
"""For each language, what a line of it begins with. `c` stands for the languages with braces and types."""
NAMES = tuple(MARKS)
_FENCE = re.compile(
    r"^[ \t]{0,64}(?:(?:>|[-*+]|\d{1,9}[.)])[ \t]{0,8}){0,8}(```+|~~~+)[ \t]*([\w+#.-]*)[^\n]*$", re.MULTILINE
)
"""At the margin, or in lists and quotations: Markdown moves a fence as far as the item that it belongs to."""
_ALIASES = {
    "py": "python", "js": "javascript", "ts": "javascript", "typescript": "javascript", "jsx": "javascript",
    "tsx": "javascript", "bash": "shell", "sh": "shell", "zsh": "shell", "console": "shell", "powershell": "shell",
    "cpp": "c", "c++": "c", "java": "c", "csharp": "c", "cs": "c", "go": "c", "rust": "c", "kotlin": "c", "swift": "c",
    "xml": "html", "yaml": "config", "yml": "config", "json": "config", "toml": "config", "ini": "config",
}  # fmt: skip
_HINT = re.compile(r"[=({<;:#$`~]|(?i:select|insert|delete|from|import|class|where|sudo|echo|curl|git|cd )")


class CodeConfig(BaseModel):
    """Which code is found."""

    model_config = ConfigDict(extra="forbid")

    languages: Literal["any"] | list[str] = Field(
        default="any", description="`any`, or some of: " + ", ".join(NAMES) + "."
    )
    lines: int = Field(default=3, ge=1, le=100, description="Lines of one language in a row that are a find.")


class Code:
    """Finds blocks of code, from their first line to their last."""

    kind = "code"
    version = "3"
    slow = False
    resumes = True
    context = None

    def __init__(self, languages: Sequence[str], lines: int, label: str) -> None:
        self._names = list(languages)
        # In RE2, and all at once: a line of blanks or brackets takes Python's own expressions seconds.
        self._marks = PatternSet([f"(?:{MARKS[name]})" for name in languages], anchored=True)
        self._any = set(languages) == set(NAMES)
        self._lines = lines
        self.label = label
        self.hold: int | None = None

    @classmethod
    def from_config(cls, config: Json, context: Context) -> "Code":
        """`any`, a list of languages, or a mapping (CodeConfig)."""
        plain = cast(Json, {"languages": config}) if isinstance(config, str | list) else config
        settings = context.parse(CodeConfig, plain)
        names = NAMES if settings.languages == "any" else settings.languages
        at = context.below("languages") if isinstance(config, dict) else context
        for index, name in enumerate(names):
            if name not in NAMES:
                hint = nearest(name, NAMES) or ", ".join(NAMES)
                raise at.error(f'unknown language "{name[:40]}"', (index,), hint=hint)
        return cls(names, settings.lines, context.label)

    def find(self, text: str, start: int = 0) -> list[Finding]:
        if not _HINT.search(text):
            return []
        fenced = self._fenced(text)
        loose = [each for each in self._loose(text) if not any(a < each.end and each.start < b for a, b, _ in fenced)]
        found = [Finding(a, b, self.label) for a, b, wanted in fenced if wanted] + loose
        return sorted((each for each in found if each.start >= start), key=lambda each: each.start)

    def _fenced(self, text: str) -> list[tuple[int, int, bool]]:
        """Blocks between fences, and whether their language is one that is looked for."""
        blocks: list[tuple[int, int, bool]] = []
        opening: re.Match[str] | None = None
        for fence in _FENCE.finditer(text):
            if opening is None:
                opening = fence
            elif _closes(fence, opening):
                blocks.append((opening.start(), fence.end(), self._wanted(text, opening, fence.start())))
                opening = None
        if opening is not None:
            blocks.append((opening.start(), len(text), self._wanted(text, opening, len(text))))
        return blocks

    def _wanted(self, text: str, opening: re.Match[str], end: int) -> bool:
        named = opening[2].lower()
        if self._any:
            return named not in ("text", "txt", "markdown", "md")
        if named:
            return _ALIASES.get(named, named) in self._names
        return any(map(self._marks.matching, text[opening.end() : end].splitlines()))

    def _loose(self, text: str) -> list[Finding]:
        found: list[Finding] = []
        runs: dict[int, list[tuple[int, int]]] = {}
        """The lines in a row of each language, by its number."""
        at = 0
        for line in (*text.splitlines(keepends=True), ""):
            bare = line.rstrip()
            marked = self._marks.matching(bare) if bare else set[int]()
            for each in marked:
                runs.setdefault(each, []).append((at, at + len(bare)))
            if bare or not line:
                over = [runs.pop(each) for each in runs.keys() - marked]
                found += [Finding(run[0][0], run[-1][1], self.label, 0.8) for run in over if len(run) >= self._lines]
            at += len(line)
        return _apart(found)

    def open_from(self, text: str) -> int:
        """In a stream, a block is held from its first line: only behind it is known how far it goes."""
        at = text.rfind("\n") + 1
        for a, b, _ in self._fenced(text):
            if b == len(text):
                at = min(at, a)
        lines = text[:at].splitlines(keepends=True)
        while lines and (not lines[-1].strip() or self._marks.matching(lines[-1].rstrip())):
            at -= len(lines.pop())
        return max(0, at)


def _closes(fence: re.Match[str], opening: re.Match[str]) -> bool:
    """Whether a fence ends what the other begins. Further to the right by four, in a list or in a quotation of its own,
    it is code itself (CommonMark 0.31, 4.5)."""
    before, opened = (each.string[each.start() : each.start(1)] for each in (fence, opening))
    quoted = not before.strip(" \t>") and before.count(">") <= opened.count(">")
    return fence[1].startswith(opening[1]) and not fence[2] and quoted and len(before) <= len(opened) + 3


def _apart(found: list[Finding]) -> list[Finding]:
    """Of finds that overlap, the longest."""
    kept: list[Finding] = []
    for each in sorted(found, key=lambda f: f.start - f.end):
        if all(each.end <= other.start or other.end <= each.start for other in kept):
            kept.append(each)
    return kept

"""Rules over files and folders, and what they find as SARIF, the form that code hosts show beside the lines.

Source: OASIS SARIF 2.1.0.
"""

import codecs
import os
import re
import stat
from bisect import bisect_right
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from ... import __version__
from ...engine.errors import ConfigError
from ...engine.exchange import Scope
from ...guardrails.rules.ruleset import Ruleset
from ...guardrails.rules.when import Facts
from ...guardrails.scan import Found, attempt

FILES = 100_000
"""Of more, none is scanned: what was left out would pass for clean."""
FILE_BYTES = 4 * 1024 * 1024
"""A larger file is skipped, and counted."""
UNREAD = "cannot be read"
SKIPPED = frozenset({".git", ".hg", ".svn", ".venv", "node_modules", "__pycache__"})
_PATH = re.compile(r"(?=\S+$)(?!.*://)(?:.*[/\\].*|[^@]*\.[A-Za-z][A-Za-z0-9]{0,7})")
"""One word that has a slash, or ends like a file's name; no address on a network."""
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
"""Byte order marks, the longer first. Windows writes UTF-16: PowerShell's `>` does."""
_LEVELS = {"block": "error", "respond": "error", "shadow": "note", "flag": "note", "score": "note", "route": "note"}

Result = tuple[Path, str, list[Found]]
Gap = tuple[Path, str]
"""What was not evaluated, and why."""


class Scanned(NamedTuple):
    """What the rules found in files."""

    results: list[Result]
    gaps: list[Gap]
    """Files on which a rule was not evaluated."""
    skipped: int
    """Files that are no text, or too large."""
    unread: list[Path]
    blocked: int
    """Files whose text would not go on: a rule blocks or answers, points reach the threshold, or a rule that blocks
    when it fails has failed."""


def files_below(folder: Path) -> tuple[list[Path], list[Path]]:
    """Regular files below a folder, version control and the like left out, and what could not be looked into; both in
    order. Raises ConfigError when there are more than FILES."""
    found: list[Path] = []
    closed: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=lambda error: closed.append(Path(error.filename))):
        folders[:] = set(folders) - SKIPPED
        for path in (Path(parent, name) for name in set(names) - SKIPPED):
            try:
                if stat.S_ISREG(path.lstat().st_mode):
                    found.append(path)
            except OSError:
                closed.append(path)
        if len(found) > FILES:
            raise ConfigError(f"more than {FILES} files", file=str(folder), hint="scan the folders in it one by one")
    return sorted(found), sorted(closed)


def scan_files(ruleset: Ruleset, paths: list[Path], scope: Scope, step: Callable[[], None] = lambda: None) -> Scanned:
    """What the rules find in each file that is text, less what exceptions for everybody let pass. `step` is called for
    each file."""
    asker = Facts()
    results: list[Result] = []
    gaps: list[Gap] = []
    unread: list[Path] = []
    skipped = blocked = 0
    for path in paths:
        step()
        try:
            text = _text(path)
        except OSError:
            unread.append(path)
            continue
        if text is None:
            skipped += 1
            continue
        seen = attempt(ruleset, text, scope, asker)
        blocked += seen.text is None
        gaps += [(path, f'the detector of rule "{rule}" failed: {reason}') for rule, reason in seen.failed]
        if seen.findings:
            results.append((path, text, seen.findings))
    return Scanned(results, gaps, skipped, unread, blocked)


def path_of(what: str) -> Path | None:
    """What was named, if it is there; None for a text. Raises ConfigError for what is written like a path and is none:
    taken for a text, a misspelt path would be found clean."""
    if what in ("", "-"):
        return None
    try:
        if Path(what).exists():
            return Path(what)
    except (OSError, ValueError):  # too long for a path
        return None
    if _PATH.fullmatch(what):
        raise ConfigError("this looks like a path, and there is none such", hint="a text goes to standard input: -")
    return None


def read(path: Path) -> str:
    """The text of one file that was named. Raises ConfigError."""
    try:
        return decoded(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=str(path)) from None


def _text(path: Path) -> str | None:
    """The text of a file; None when it has none, or is too large. Raises OSError."""
    with path.open("rb") as file:
        raw = file.read(FILE_BYTES + 1)
    if len(raw) > FILE_BYTES:
        return None
    if b"\0" in raw[:8192] and _encoding(raw) == "utf-8":
        return None
    return decoded(raw)


def decoded(raw: bytes) -> str:
    """Bytes as text, by their byte order mark or else as UTF-8; what is no text in them is read as U+FFFD."""
    return raw.decode(_encoding(raw), "replace")


def _encoding(raw: bytes) -> str:
    return next((name for mark, name in _MARKS if raw.startswith(mark)), "utf-8")


def named(path: Path, base: Path) -> str:
    """A file below `base` is named from there, which is what code hosts look for; another by its whole path."""
    whole = path.resolve()
    return whole.relative_to(base).as_posix() if whole.is_relative_to(base) else whole.as_posix()


def rows(results: list[Result], base: Path) -> Iterator[dict[str, Any]]:
    """A row for each find: file, line and column counted from 1, rule, action, label. Never the text itself."""
    for path, text, found in results:
        file = named(path, base)
        lines = [0, *(at + 1 for at, char in enumerate(text) if char == "\n")]
        for each in found:
            line, end_line = bisect_right(lines, each.start), bisect_right(lines, max(each.start, each.end - 1))
            yield {
                "file": file,
                "line": line,
                "column": each.start - lines[line - 1] + 1,
                "end_line": end_line,
                "end_column": each.end - lines[end_line - 1] + 1,
                "rule": each.rule,
                "action": each.action,
                "label": each.label,
                "view": each.view,
            }


def _uri(file: str) -> str:
    return Path(file).as_uri() if Path(file).is_absolute() else quote(os.fsencode(file))


def sarif(ruleset: Ruleset, found: list[dict[str, Any]], gaps: list[dict[str, str]]) -> dict[str, Any]:
    """Finds as a SARIF log with one run, which also says what was not evaluated: `file` and `reason`."""
    rules = [
        {
            "id": rule.id,
            "shortDescription": {"text": rule.message or f"{rule.action} by {rule.id}"},
            "properties": {"tags": list(rule.tags), "severity": rule.severity},
        }
        for rule in ruleset.rules
    ]
    index = {rule.id: at for at, rule in enumerate(ruleset.rules)}
    results = [
        {
            "ruleId": row["rule"],
            "ruleIndex": index[row["rule"]],
            "level": _LEVELS.get(row["action"], "warning"),
            "message": {"text": f"{row['label']} ({row['action']})" + (f", read {row['view']}" if row["view"] else "")},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": _uri(row["file"])},
                        "region": {
                            "startLine": row["line"],
                            "startColumn": row["column"],
                            "endLine": row["end_line"],
                            "endColumn": row["end_column"],
                        },
                    }
                }
            ],
        }
        for row in found
    ]
    driver = {"name": "tidegate", "version": __version__, "rules": rules}
    notes = [
        {
            "level": "error",
            "message": {"text": f"not evaluated: {gap['reason']}"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(gap["file"])}}}],
        }
        for gap in gaps
    ]
    invocation = {"executionSuccessful": not notes, "toolExecutionNotifications": notes}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "invocations": [invocation],
                "results": results,
            }
        ],
    }

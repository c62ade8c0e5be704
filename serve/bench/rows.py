"""Labelled rows from JSONL files."""

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from ...engine.errors import ConfigError
from ..commands.jsonlines import numbered, value

Row = Mapping[str, Any]
MOST = 1_000_000


def read(path: Path, limit: int | None, needs: tuple[str, ...]) -> list[Row]:
    """The rows of a file; with `limit`, so many of them, drawn with a fixed seed. Raises ConfigError with the line."""
    rows: list[Row] = []
    for number, line in numbered(path):
        if number > MOST:
            raise ConfigError(f"more than {MOST} rows", file=str(path))
        rows.append(_row(line, needs, path, number))
    if not rows:
        raise ConfigError("there are no rows", file=str(path))
    if limit is not None and limit < len(rows):
        return random.Random(7).sample(rows, limit)
    return rows


def _row(line: str, needs: tuple[str, ...], path: Path, number: int) -> Row:
    hint = f"a row has {', '.join(needs)}; see docs/rules.md"
    try:
        row: Any = value(line)
    except ValueError:
        row = None
    if not isinstance(row, dict) or any(name not in row for name in needs) or not isinstance(row["text"], str):
        raise ConfigError("this is no labelled row", file=str(path), line=number, hint=hint)
    try:
        spans: Any = cast(Row, row).get("spans", ())
        for span in spans:
            if not (0 <= span["start"] < span["end"] <= len(row["text"]) and isinstance(span["type"], str)):
                raise ValueError
        if "label" in needs and row["label"] not in (0, 1):
            raise ValueError
    except (TypeError, KeyError, ValueError):
        raise ConfigError("a span or label of this row is wrong", file=str(path), line=number, hint=hint) from None
    return cast(Row, row)

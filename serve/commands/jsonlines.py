"""Files of JSON, a value a line, as people and other tools write them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...engine.errors import ConfigError


def numbered(file: Path) -> Iterator[tuple[int, str]]:
    """The lines that hold something, with their numbers from 1. A file may be a pipe, or begin with a byte order mark.

    A line ends at a line feed alone: JSON may hold other ends of lines. Raises ConfigError.
    """
    try:
        with file.open("rb") as lines:
            for number, raw in enumerate(lines, 1):
                try:
                    line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError:
                    raise ConfigError("not UTF-8", file=str(file), line=number) from None
                if line.strip():
                    yield number, line
    except FileNotFoundError:
        raise ConfigError("there is no such file", file=str(file)) from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=str(file)) from None


def value(line: str) -> Any:
    """What a line says. Raises ValueError, also for what is nested too deeply."""
    try:
        return json.loads(line)
    except RecursionError:
        raise ValueError("nested too deeply") from None

"""Files that commands write: whole or not at all."""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from ...engine.errors import ConfigError


@contextmanager
def _beside(file: Path) -> Generator[Path]:
    """Where to write: beside a file, in whose place it comes when the block ends well; else the file stays as it was.
    What is no regular file, such as a pipe, is written to directly. Raises ConfigError."""
    direct = file.exists() and not file.is_file()
    target = file if direct else file.resolve()  # a link goes on leading where it leads; one to a pipe names no place
    beside = target if direct else target.with_name(target.name + ".new")
    try:
        yield beside
        if not direct:
            if target.exists():
                beside.chmod(target.stat().st_mode)
            beside.replace(target)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", file=str(file)) from None
    finally:
        if not direct:
            with suppress(OSError):
                beside.unlink()


@contextmanager
def replacing(file: Path) -> Generator[TextIO]:
    """Text for a file, which takes its place when the block ends well. Raises ConfigError."""
    with _beside(file) as beside, beside.open("w", encoding="utf-8") as out:
        yield out


def write(file: Path, data: str | bytes) -> None:
    """The same for what is already here: a reader sees the old file or the new one."""
    with _beside(file) as beside:
        beside.write_bytes(data.encode() if isinstance(data, str) else data)


def writable(path: Path) -> bool:
    """Whether a file that others are kept beside is there and can be written, or could be made, with folders for it."""
    place = next((each for each in path.parents if os.access(each, os.F_OK)), path)
    if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
        return False
    return (path.is_file() and os.access(path, os.R_OK | os.W_OK)) if os.access(path, os.F_OK) else True

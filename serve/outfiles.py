"""Files that commands write: whole or not at all."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from ..engine.errors import ConfigError


@contextmanager
def replacing(file: Path) -> Generator[TextIO]:
    """Text for a file. It is written beside it and takes its place when the block ends well; else the file stays as it
    was. What is no regular file, such as a pipe, is written to directly. Raises ConfigError."""
    target = file.resolve()  # a link goes on leading where it leads
    direct = target.exists() and not target.is_file()
    beside = target if direct else target.with_name(target.name + ".new")
    try:
        with beside.open("w", encoding="utf-8") as out:
            yield out
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


def write(file: Path, text: str) -> None:
    """The same for a text that is already here."""
    with replacing(file) as out:
        out.write(text)

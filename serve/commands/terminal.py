"""What the commands share: two consoles, the options that all of them have, and JSON output."""

import json
import logging
import os
import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape

WIDE = 10_000
"""Columns where nobody looks on: what goes to a file or another program is neither broken nor shortened."""


def _console(stderr: bool = False) -> Console:
    console = Console(stderr=stderr)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDE
    return console


out = _console()
err = _console(stderr=True)

ConfigPath = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON value.")]
DEFAULT = Path("gate.yaml")


_SIGNS = "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
"""What moves the cursor, changes colours or titles, begins a line, turns the direction of what is written, or has no
bytes."""


def shown(text: str, *, lines: bool = False) -> str:
    """A text by unknown hands, such as a caller's name for a model, as it reads, whatever a terminal or a log would
    make of it. With `lines` it may go over several. To be printed without markup."""
    return re.sub(r"(?!\r?\n|\t)" * lines + _SIGNS, lambda found: ascii(found[0])[1:-1], text)


def told(text: str, *, lines: bool = False) -> str:
    """The same where brackets would be markup, as in a table."""
    return escape(shown(text, lines=lines))


def say_logs() -> None:
    """Have what is logged here told on standard error: in each process that serves, for none inherits it."""
    handler: logging.Handler = RichHandler(console=err, show_path=False, markup=False)
    if not err.is_terminal:  # a file or a collector: one line each, of any length, with a time that can be sorted
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[handler])
    logging.getLogger("tidegate").setLevel(logging.INFO)


def show(value: Any) -> None:
    """One JSON value on standard output."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    # What JSON allows and terminals heed; half a surrogate pair, as in a file's name that is not UTF-8, has no bytes.
    sys.stdout.write(re.sub(_SIGNS, lambda sign: f"\\u{ord(sign[0]):04x}", text) + "\n")

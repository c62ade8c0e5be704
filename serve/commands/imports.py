"""`tidegate import`: another gateway's configuration as gate.yaml."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from ...engine.errors import ConfigError
from .terminal import AsJson, err, out, show


def import_config(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="LiteLLM's config.yaml, or a Portkey config as JSON.")],
    into: Annotated[Path | None, typer.Option("--out", help="Write it here; the file must not be there yet.")] = None,
    as_json: AsJson = False,
) -> None:
    """Turn another gateway's configuration into gate.yaml, and say line by line what could not be carried over.

    Exit code 3 when something was left out.
    """
    from ..imports import imported

    if not source.is_file():
        raise ConfigError("there is no such file", file=str(source))
    draft = imported(source)
    text = draft.text()
    if into is not None:
        try:
            with into.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            raise ConfigError("it is there already", file=str(into), hint="--out takes a new file") from None
        except OSError as error:
            raise ConfigError(f"cannot be written: {error.strerror}", file=str(into)) from None
    left_out = [note for note in draft.notes if note.left_out]
    if as_json:
        notes = [{"line": n.line, "path": n.path, "text": n.text, "left_out": n.left_out} for n in draft.notes]
        show({"gate": text, "notes": notes, "left_out": len(left_out)})
    else:
        if into is None:
            out.print(text, markup=False, highlight=False, soft_wrap=True, end="")
        for note in draft.notes:
            mark = "[yellow]left out[/yellow]" if note.left_out else "[dim]changed[/dim]"
            err.print(f"{mark} {escape(str(note))}", highlight=False, soft_wrap=True)
    raise typer.Exit(3 if left_out else 0)

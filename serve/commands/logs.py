"""`tidegate logs`: what is remembered of requests."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from ...engine.errors import ConfigError
from ...engine.validate import validate
from ...governance import finds, ledger
from ..config.gate_yaml import Log, beside, check_log, read_config
from ..config.variables import load_expanded
from .terminal import DEFAULT, AsJson, ConfigPath, out, show, told


def logs(
    config: ConfigPath = DEFAULT,
    last: Annotated[int, typer.Option("--last", "-n", min=1, max=10_000, help="How many requests.")] = 20,
    id: Annotated[str, typer.Option("--id", help="One, by its x-tidegate-id or the beginning of it.")] = "",
    failed: Annotated[bool, typer.Option("--failed", help="Those answered with a status of 400 or more.")] = False,
    rule: Annotated[
        str, typer.Option("--rule", help="Those in which such a rule found something, in shadow mode too; * and ?.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """The newest requests of the log, without their texts, the last one at the end."""
    rows = _rows(config, last, id, failed, rule)
    if as_json:
        show(rows)
        return
    table = Table(
        "id", "when", "caller", "model", "provider", "status", "why", "cache", "guard", "added ms", "total ms"
    )
    table.box = None
    for row in rows:
        when = datetime.fromtimestamp(row["at"]).isoformat(timespec="seconds")
        model, sent = row["model"], row.get("sent") or row["model"]
        model = model if sent == model else f"{model} as {sent}"
        said = [row["caller"], model, row["provider"], str(row["status"]), _why(row), row["cache"], row["guard"]]
        figures = [f"{row['overhead_ms']:.2f}", f"{row['total_ms']:.1f}"]
        table.add_row(row["id"], when, *map(told, said), *figures)
    out.print(table if rows else "no request fits")


def _rows(config: Path, last: int, id: str, failed: bool, rule: str) -> list[dict[str, Any]]:
    """Nothing else of the configuration is asked for: who reads the log needs none of the gate's keys.

    Raises ConfigError where there is no log.
    """
    source = read_config(config)
    tree = load_expanded(source.text, source.file, only="log")
    if not tree.data:
        raise ConfigError("this configuration keeps no log", file=source.file, hint="add `log: {}`, or more in it")
    log = validate(Log, tree, ("log",))
    check_log(log, tree)
    path = beside(source.folder, log.store.removeprefix("sqlite:"), tree, ("log", "store"))
    if not path.is_file():
        raise ConfigError("nothing was logged yet", file=str(path))
    return ledger.read(path, last, log.keep, id=id, failed=failed, rule=rule)


def _why(row: dict[str, Any]) -> str:
    """The gate's own error and the rules that did something, and what rules in shadow mode would have done."""
    found: list[dict[str, Any]] = row.get("finds", [])
    more = dict.fromkeys(finds.told(find) for find in found)
    said = [" ".join([row["error"], *row["rules"]]).strip(), *more]
    return ", ".join(part for part in said if part)

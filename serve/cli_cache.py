"""`tidegate cache`: the stored answers."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from ..engine.errors import ConfigError
from .terminal import DEFAULT, AsJson, ConfigPath, out, show

cache = typer.Typer(help="The stored answers.", no_args_is_help=True)


@cache.command("stats")
def cache_stats(config: ConfigPath = DEFAULT, as_json: AsJson = False) -> None:
    """How many answers are stored, of which models, and how often answers from memory were wrong, by scope."""
    from . import memory

    found = memory.stats(config)
    if as_json:
        show(found)
        return
    scopes = found.pop("scopes")
    table = Table(show_header=False, box=None)
    for name, value in found.items():
        table.add_row(name.replace("_", " "), escape(str(value)))
    out.print(table)
    for row in scopes:
        out.print(_scope(row), highlight=False, soft_wrap=True)


def _scope(row: dict[str, Any]) -> str:
    same, different, unclear = row["audits"].values()
    low, high = row["interval"]
    rate = f"{different} of {same + different} audited hits wrong ({low:.1%} to {high:.1%}), {unclear} unclear"
    users = f"users: {row['users']['wrong']} of {sum(row['users'].values())} wrong"
    hits = f"{row['hits']['exact']} exact, {row['hits']['semantic']} semantic hits"
    saved = f"saved {row['saved']['tokens']} tokens, {row['saved']['seconds']} s"
    return f"scope {row['scope']}: semantic {row['semantic']}; {hits}; {rate}; {users}; {saved}"


@cache.command("list")
def cache_list(
    config: ConfigPath = DEFAULT,
    last: Annotated[int, typer.Option("--last", "-n", min=1, max=100_000, help="How many answers.")] = 20,
    as_json: AsJson = False,
) -> None:
    """The newest stored answers, by their question (masked, as it was stored)."""
    from . import memory

    rows = memory.listed(config, last)
    if as_json:
        show(rows)
        return
    table = Table("key", "question", "model", "age s", "ttl s", "bytes", box=None)
    for row in rows:
        figures = [str(row[name]) for name in ("age_s", "ttl_s", "bytes")]
        table.add_row(row["key"][:12], escape(row["text"][:80]), escape(row["model"]), *figures)
    out.print(table)


@cache.command("show")
def cache_show(
    key: Annotated[str, typer.Argument(help="The beginning of a key, from `cache list`.")],
    config: ConfigPath = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """One stored answer whole."""
    from . import memory

    found = memory.show(config, key)
    if as_json:
        show(found)
        return
    for name, value in found.items():
        out.print(f"[dim]{name}[/dim] {escape(str(value))}", highlight=False, soft_wrap=True)


@cache.command("purge")
def cache_purge(
    config: ConfigPath = DEFAULT,
    key: Annotated[str, typer.Option(help="The beginning of a key.")] = "",
    model: Annotated[str, typer.Option(help="Answers of this model.")] = "",
    older: Annotated[str, typer.Option("--older-than", help="A duration, such as 7d.")] = "",
    text: Annotated[str, typer.Option(help="Answers to questions with this text in them.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete stored answers that fit every condition given."""
    from . import memory
    from .units import seconds

    try:
        age = seconds(older) if older else None
    except ValueError as error:
        raise ConfigError(f"--older-than {error}") from None
    gone = memory.purge(config, key=key, model=model, older=age, text=text, everything=everything)
    show({"deleted": gone}) if as_json else out.print(f"{gone} deleted")

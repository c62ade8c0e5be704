"""`tidegate cache`: the stored answers."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from ...engine.errors import ConfigError
from .terminal import DEFAULT, AsJson, ConfigPath, err, out, show, told

cache = typer.Typer(help="The stored answers.", no_args_is_help=True)

Key = Annotated[str | None, typer.Option(help="The beginning of a key.")]
Model = Annotated[str | None, typer.Option(help="Answers of this model.")]
Older = Annotated[str | None, typer.Option("--older-than", help="A duration, such as 7d.")]
Text = Annotated[str | None, typer.Option(help="Answers to questions with this text in them.")]
Tag = Annotated[list[str] | None, typer.Option(help="Answers with this NAME=VALUE in their metadata.")]


@cache.command("stats")
def cache_stats(
    config: ConfigPath = DEFAULT,
    gate: Annotated[str, typer.Option(help="Address of a running gate: also what its lookups came to.")] = "",
    as_json: AsJson = False,
) -> None:
    """How many answers are stored, of which models, and how often answers from memory were wrong, by scope."""
    from . import memory
    from .asked_gate import asked_gate

    running = asked_gate(gate) if gate else {}
    found = memory.stats(config)
    if as_json:
        show(found | ({"gate": running} if gate else {}))
        return
    scopes = found.pop("scopes")
    table = Table(show_header=False, box=None)
    for name, value in found.items():
        table.add_row(name.replace("_", " "), escape(str(value)))
    out.print(table)
    for row in scopes:
        out.print(scope_line(row), highlight=False, soft_wrap=True)
    for step, counts in running.pop("steps", {}).items():
        out.print(f"step {step}: {_named(counts)}", highlight=False, soft_wrap=True)
    for what, counts in running.items():
        out.print(f"{what.replace('_', ' ')}: {_named(counts) or 'none'}", highlight=False, soft_wrap=True)


def _named(row: dict[str, float]) -> str:
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in row.items())


def scope_line(row: dict[str, Any]) -> str:
    """A scope's figures (see `scope_figures`) in one line."""
    same, different, unclear = row["audits"].values()
    low, high = row["interval"]
    rate = f"{different} of {same + different} audited hits wrong ({low:.1%} to {high:.1%}), {unclear} unclear"
    users = f"users: {row['users']['wrong']} of {sum(row['users'].values())} wrong"
    hits = f"{row['hits']['exact']} exact, {row['hits']['semantic']} semantic hits"
    saved = f"saved {row['saved']['tokens']} tokens, {row['saved']['seconds']} s{_dollars(row['saved']['cost'])}"
    took = f"audits took {row['audits_took']['tokens']} tokens{_dollars(row['audits_took']['cost'])}"
    return f"scope {row['scope']}: semantic {row['semantic']}; {hits}; {rate}; {users}; {saved}; {took}"


def _dollars(cost: float) -> str:
    """Where prices are known; none is never told as nothing."""
    return f", ${cost:.6f}" if 0 < cost < 0.01 else f", ${cost:.2f}" if cost else ""


@cache.command("list")
def cache_list(
    config: ConfigPath = DEFAULT,
    last: Annotated[int, typer.Option("--last", "-n", min=1, max=100_000, help="How many answers.")] = 20,
    key: Key = None,
    model: Model = None,
    older: Older = None,
    text: Text = None,
    tag: Tag = None,
    scope: Annotated[str | None, typer.Option(help="Answers of this scope, as `cache stats` names it.")] = None,
    as_json: AsJson = False,
) -> None:
    """The newest stored answers that fit every condition given, by their question (masked, as it was stored)."""
    from . import memory
    from .wanted import Wanted

    rows = memory.listed(config, last, Wanted(key, model, _age(older), text, tag or (), scope))
    if as_json:
        show(rows)
        return
    table = Table("key", "question", "model", "scope", "age s", "ttl s", "bytes", box=None)
    for row in rows:
        figures = [str(row[name]) for name in ("age_s", "ttl_s", "bytes")]
        table.add_row(row["key"][:12], told(row["text"][:80]), told(row["model"]), row["scope"], *figures)
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
        out.print(f"[dim]{name}[/dim] {told(str(value), lines=True)}", highlight=False, soft_wrap=True)


@cache.command("purge")
def cache_purge(
    config: ConfigPath = DEFAULT,
    key: Key = None,
    model: Model = None,
    older: Older = None,
    text: Text = None,
    tag: Tag = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete stored answers that fit every condition given, and those that have expired.

    With --all also damaged files of the store that were moved aside: texts can be read in them.
    """
    from . import memory

    age = _age(older)
    gone = memory.purge(config, key=key, model=model, older=age, text=text, tags=tag or [], everything=everything)
    all_of_them = everything and not any((key, model, older, text, tag))
    removed = memory.damaged_files(config, remove=True) if all_of_them else 0
    left = memory.damaged_files(config)
    if as_json:
        show({"deleted": gone, "damaged_files_deleted": removed, "damaged_files": left})
        return
    out.print(f"{gone} deleted" + (f", and {removed} damaged files of the store" if removed else ""))
    if left:
        lie = f"{left} damaged files of the store lie beside it, with the texts that they held"
        err.print(f"{lie}: --all, without a condition, deletes them", soft_wrap=True)


@cache.command("export")
def cache_export(
    file: Annotated[Path | None, typer.Argument(help="Where to; left out, or -, standard output.")] = None,
    config: ConfigPath = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Write every stored answer as a line of JSON, masked as it is stored."""
    from . import carry

    file = None if file == Path("-") else file
    count = carry.export(config, file)
    if file is not None:
        show({"exported": count}) if as_json else out.print(f"{count} exported")


@cache.command("import")
def cache_import(
    file: Annotated[Path, typer.Argument(help="What `cache export` wrote.")],
    config: ConfigPath = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Take exported answers in. Those of callers need the same `secret` to be found again."""
    from . import carry

    counts = carry.take_in(config, file)
    _counts(counts, as_json)
    if counts["damaged"]:
        raise typer.Exit(1)


@cache.command("warm")
def cache_warm(
    file: Annotated[Path, typer.Argument(help="Lines of JSON: a prompt or messages, perhaps an answer, any field.")],
    config: ConfigPath = DEFAULT,
    model: Annotated[str, typer.Option(help="For lines that name none.")] = "",
    key: Annotated[str, typer.Option(help="Environment variable with the credential of the caller to warm for.")] = "",
    namespace: Annotated[str, typer.Option(help="x-tidegate-namespace.")] = "",
    at_once: Annotated[int, typer.Option(min=1, max=64, help="Questions asked side by side.")] = 4,
    most: Annotated[int, typer.Option(min=1, max=1_000_000, help="Lines read; more is an error.")] = 10_000,
    as_json: AsJson = False,
) -> None:
    """Fill memory before traffic comes: answers given are stored, questions without one are asked, through the gate."""
    from . import warm

    with err.status("warming") as status:
        counts = warm.warm(
            *(config, file),
            warm.Plan(model, key, namespace, at_once, most),
            lambda done: status.update(f"warming: {done}"),
        )
    _counts(counts, as_json)
    if counts["failed"]:
        raise typer.Exit(1)


@cache.command("tune")
def cache_tune(
    file: Annotated[
        Path | None, typer.Argument(help="Lines of JSON: a, b, and same (1: one answer serves both).")
    ] = None,
    config: ConfigPath = DEFAULT,
    audits: Annotated[bool, typer.Option("--audits", help="In place of a file: what the gate has seen.")] = False,
    export: Annotated[Path | None, typer.Option(help="Write the pairs of --audits, to be measured again.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Write the curve, as .svg or .png.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Write the threshold into the configuration.")] = False,
    as_json: AsJson = False,
) -> None:
    """Precision against hits on your own pairs, and the threshold that keeps max_wrong_hits on them."""
    from . import tune, tune_audits

    if audits == (file is not None) or (export is not None and not audits):
        raise ConfigError("pairs come from a FILE, or with --audits from the store", hint="--export is for --audits")
    if export == Path("-"):
        raise ConfigError("--export needs a file: the curve goes to standard output", hint="--export pairs.jsonl")
    if picture is not None and picture.suffix not in (".svg", ".png"):
        raise ConfigError("a picture is written as .svg or .png", file=str(picture))
    if write:
        tune.placed(config, 0.5)  # says at once, and not after all pairs, if there is no place for one
    if file is None:
        found = tune_audits.tune_audits(config, picture=picture, export=export)
    else:
        with err.status("reading pairs") as status:
            found = tune.tune(config, file, lambda done: status.update(f"pairs: {done}"), picture=picture)
    if audits and not as_json:
        tune_audits.report_kinds(found)
    show(found) if as_json else tune.report(found)
    if write:
        if found["chosen"] is None:
            raise ConfigError("no threshold keeps max_wrong_hits on these pairs", hint="more pairs, or a higher bound")
        tune.write(config, found["chosen"]["threshold"])
        err.print(f"cache.threshold is {found['chosen']['threshold']} in {config}")


def _age(older: str | None) -> float | None:
    """`--older-than` in seconds. Raises ConfigError."""
    from ..config.units import seconds

    try:
        return seconds(older) if older is not None else None
    except ValueError as error:
        raise ConfigError(f"--older-than {error}") from None


def _counts(counts: dict[str, int], as_json: bool) -> None:
    show(counts) if as_json else out.print(
        ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
    )

"""`tidegate bench`: figures on labelled data, given by path."""

from pathlib import Path
from typing import Annotated

import typer

from .terminal import AsJson, err, show

bench = typer.Typer(help="Measure on labelled data.", no_args_is_help=True)


@bench.callback()
def _group() -> None:  # pyright: ignore[reportUnusedFunction]
    """Measure on labelled data."""


@bench.command("guardrails")
def bench_guardrails(
    pii: Annotated[Path | None, typer.Option(help="Rows of text, spans and source: personal data, secrets.")] = None,
    injection: Annotated[Path | None, typer.Option(help="Rows of text, label and source, perhaps kind, lang.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="So many rows and texts of each kind, drawn at random.")
    ] = None,
    beside: Annotated[str, typer.Option(help="Others on the same rows: presidio, stackone, or both.")] = "",
    reader: Annotated[bool, typer.Option(help="Let the injection rule read what its n-grams leave undecided.")] = True,
    as_json: AsJson = False,
) -> None:
    """Personal data, secrets, injection, encodings and ordinary texts: what is found, missed, falsely found, and when.

    Files are JSON, one row a line (docs/rules.md, "Measuring"). Shares have 95 % intervals.
    """
    from ..bench.guardrails import measure
    from ..bench.report import tables

    with err.status("reading") as status:
        found = measure(pii, injection, beside, limit, status.update, reads=reader)
    show(found) if as_json else tables(found)


@bench.command("cache")
def bench_cache(
    pairs: Annotated[list[Path], typer.Option(help="Rows of a, b, same, perhaps kind and lang; may be given again.")],
    config: Annotated[Path | None, typer.Option("--config", "-c", help="Left out, everything as shipped.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="So many pairs of each file, drawn by a fixed seed.")] = None,
    labels: Annotated[Path | None, typer.Option(help="Labels by digest; pairs without one are left out.")] = None,
    through_proxy: Annotated[
        bool, typer.Option("--through-proxy", help="All pairs also through a whole gate.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """The semantic tier on labelled pairs: hits, traps and precision as shipped, the curve, and cosine beside it.

    Every pair goes the way of a request: static gate, word rules, encoder, verifier. Through the proxy the first text
    is asked of a whole gate, and the second after it. Shares have 95 % intervals.
    """
    from ..config.gate_yaml import load_config
    from .pair_bench import bench as measure
    from .pair_bench import report, shipped

    loaded = load_config(config) if config is not None else shipped()
    with err.status("reading") as status:
        found = measure(pairs, loaded, limit, status.update, labels=labels, proxy=through_proxy)
    show(found) if as_json else report(found)

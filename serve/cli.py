"""The command line. Every command has `--json`; exit codes: 0 done, 1 it did not do what it says, 2 wrong use or
configuration, 3 a check found something.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from .. import __version__
from ..engine.errors import ConfigError
from ..engine.mistakes import MOST
from .commands import rules as rules_cli
from .commands.bench import bench
from .commands.cache import cache
from .commands.imports import import_config
from .commands.logs import logs
from .commands.terminal import DEFAULT, AsJson, ConfigPath, err, out, say_logs, show, shown, told

app = typer.Typer(
    name="tidegate",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
models = typer.Typer(help="The models that tidegate itself runs.", no_args_is_help=True)
app.add_typer(models, name="models")
app.add_typer(rules_cli.app, name="rules")

app.add_typer(cache, name="cache")
app.command("import")(import_config)
app.command()(logs)
app.add_typer(bench, name="bench")


def main() -> None:
    """Entry point: what is wrong with a configuration is told in words, a line each, never as a traceback."""
    say_logs()
    try:
        app()
    except ConfigError as error:
        for each in error.errors:
            err.print(f"[red]error[/red] {escape(str(each))}", highlight=False, soft_wrap=True)
        if len(error.errors) == MOST:
            err.print("There may be more: so many are told at once.")
        if "--json" in sys.argv:
            show({"errors": [each.plain() for each in error.errors]})
        raise SystemExit(2) from None


def _version(asked: bool) -> None:
    if asked:
        out.print(__version__)
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """A gate in front of language models: guardrails, an answer cache, routing."""


@app.command()
def version(as_json: AsJson = False) -> None:
    """Print the version."""
    show({"version": __version__}) if as_json else out.print(__version__)


@app.command()
def serve(
    config: ConfigPath = DEFAULT,
    host: Annotated[str | None, typer.Option(help="Instead of listen.host.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Instead of listen.port.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes behind one socket.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Serve the configuration as a proxy."""
    from .server import run

    run(config, host=host, port=port, workers=workers, as_json=as_json)


@app.command()
def check(
    config: ConfigPath = DEFAULT,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of gate.yaml and end.")] = False,
    rules_schema: Annotated[bool, typer.Option("--rules-schema", help="The same for rule files.")] = False,
    ask: Annotated[bool, typer.Option("--ask", help="Ask each provider for its models, over the network.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check the configuration and every rule file, run the rules' own tests, and say what would be served.

    Exit code 3 when a test failed, the semantic cache's too, or a provider that was asked did not answer.
    """
    from .commands import checks

    if schema or rules_schema:
        show(checks.rules_schema() if rules_schema else checks.gate_schema())
        return
    report = checks.check(config, ask)
    if as_json:
        show(report)
    else:
        table = Table(show_header=False, box=None)
        for name, value in report["summary"].items():
            table.add_row(name, escape(str(value)))
        out.print(table)
        for failure in report["failed_tests"]:
            out.print(f"[red]failed[/red] {escape(failure)}")
    raise typer.Exit(3 if report["failed_tests"] or report["unreachable"] or report["semantic_off"] else 0)


@app.command()
def scan(
    what: Annotated[str, typer.Argument(metavar="TEXT|FILE|FOLDER", help="A text, a path, or - for standard input.")],
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="The configuration file. Default: gate.yaml, if it is there.")
    ] = None,
    rule_files: Annotated[
        list[str] | None, typer.Option("--rules", help="A rule file or pack:NAME; repeatable.")
    ] = None,
    scope: Annotated[str, typer.Option(help="input, output, tool_args or tool_result.")] = "input",
    sarif: Annotated[Path | None, typer.Option(help="Write what is found here, as SARIF.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what the rules find in a text, a file or a folder.

    Exit code 3 when it would be blocked, 1 when something in a folder could not be read.
    """
    from .commands import checks
    from .commands.scan_files import decoded, path_of, read

    path = path_of(what)
    if path is None and sarif is not None:
        raise ConfigError("--sarif tells what is found in files", hint="give a file or a folder")
    if path is not None and (path.is_dir() or sarif is not None):
        _scan_files(path, config, rule_files or [], scope, sarif, as_json)
        return
    text = read(path) if path else decoded(sys.stdin.buffer.read()) if what == "-" else what
    with err.status("reading the rules") as status:
        report = checks.scan(text, config, rule_files or [], scope, lambda step: status.update(told(step)))
    if as_json:
        show(report)
    else:
        table = Table("rule", "action", "type", "from", "to", "score", "read", box=None)
        for found in report["findings"]:
            place = [str(found["start"]), str(found["end"]), f"{found['score']:.2f}"]
            table.add_row(found["rule"], found["action"], told(found["label"]), *place, found["view"])
        out.print(table if report["findings"] else "nothing found")
        if report["text"] is not None:
            out.print(shown(report["text"], lines=True), markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(3 if report["blocked"] else 0)


def _scan_files(
    path: Path, config: Path | None, rule_files: list[str], scope: str, sarif: Path | None, as_json: bool
) -> None:
    from rich.progress import Progress

    from .commands import checks

    with Progress(console=err, transient=True, disable=as_json or not err.is_terminal) as progress:
        task = progress.add_task("reading the rules", total=None)

        def step(total: int) -> None:
            progress.update(task, total=total, advance=1, description="scanning")

        def loading(what: str) -> None:
            progress.update(task, description=told(what), refresh=True)

        report = checks.scan_paths(path, config, rule_files, scope, sarif, step, loading)
    if as_json:
        show(report)
    else:
        for row in report["findings"]:
            line = f"{row['file']}:{row['line']}:{row['column']}: {row['label']}, {row['action']} by {row['rule']}"
            out.print(shown(line), markup=False, soft_wrap=True)
        for gap in report["not_evaluated"]:
            out.print(shown(f"{gap['file']}: not evaluated: {gap['reason']}"), markup=False, soft_wrap=True)
        counts = f"{report['skipped']} skipped, {report['unread']} not read"
        out.print(f"{len(report['findings'])} finds in {report['files']} files, {counts}")
    raise typer.Exit(3 if report["blocked"] else 1 if report["unread"] else 0)


@models.command("list")
def models_list(as_json: AsJson = False) -> None:
    """The encoders that are prepared, and the ones that could be."""
    from .commands import encoders

    found = encoders.listed()
    if as_json:
        show(found)
        return
    table = Table("model", "state", "dim", "size", "where", box=None)
    for entry in found:
        table.add_row(entry["name"], entry["state"], entry["dim"], entry["size"], escape(entry["where"]))
    out.print(table)


@models.command("prepare")
def models_prepare(
    model: Annotated[str, typer.Argument(help="A name, or a sentence-transformers folder.")] = "all-MiniLM-L6-v2",
    as_json: AsJson = False,
) -> None:
    """Export a sentence-transformers model to int8 ONNX, once, so that serving needs no torch."""
    from .commands import encoders

    with err.status(f"preparing {escape(model)}") as status:
        where = encoders.prepare(model, lambda step: status.update(escape(step)))
    show({"model": model, "folder": where}) if as_json else out.print(f"{escape(model)} is ready in {escape(where)}")


@app.command()
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="End after the tour, with 1 if a step did not do what it says.")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to serve on.")] = 8787,
    as_json: AsJson = False,
) -> None:
    """Start the embedded model and the gate, and show real requests going through."""
    from .commands.demo import tour

    raise typer.Exit(tour(once=once, port=port, as_json=as_json))


if __name__ == "__main__":
    main()

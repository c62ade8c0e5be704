"""`tidegate rules ...`: the tools of whoever writes rules."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from ...guardrails.rules.schema import json_schema, names
from . import rule_explain as ruleexplain
from . import rule_tools as ruletools
from .terminal import AsJson, out, show, shown

app = typer.Typer(help="Rule files: check, test, measure.", no_args_is_help=True)

Files = Annotated[list[str], typer.Argument(help="Rule files or pack:NAME.")]
Rules = Annotated[list[str], typer.Option("--rules", help="A rule file or pack:NAME; repeatable.")]


def _failures(report: dict[str, Any]) -> None:
    for failure in report["failed"]:
        out.print(f"[red]failed[/red] {escape(failure)}", soft_wrap=True)
    out.print(f"{report['passed']} passed, {len(report['failed'])} failed")


@app.command()
def schema(as_json: AsJson = True) -> None:
    """Print the JSON Schema of rule files, for editors."""
    show(json_schema())


@app.command("names")
def list_names(as_json: AsJson = False) -> None:
    """List the packs, types of personal data, countries, formats of secrets and languages that rules can name."""
    known = names()
    if as_json:
        show(known)
        return
    for what, each in known.items():
        out.print(f"[bold]{what}[/bold]: {', '.join(each)}", soft_wrap=True)


@app.command()
def check(files: Files, as_json: AsJson = False) -> None:
    """Load rule files, run their tests, and show each rule's cost and what is odd. Exit code 3 when a test fails."""
    report = ruletools.check(files)
    if as_json:
        show(report)
    else:
        table = Table("rule", "action", "scopes", "views", "holds", "µs for 400 words", box=None)
        table.columns[0].no_wrap = True
        for rule in report["rules"]:
            holds = "open" if rule["holds"] is None else str(rule["holds"])
            table.add_row(
                rule["id"], rule["action"], " ".join(rule["scopes"]), rule["views"], holds, str(rule["microseconds"])
            )
            for each in rule["patterns"]:
                table.add_row(f"  {each['part']}", "", "", "", "", str(each["microseconds"]))
        out.print(table)
        for rule in report["rules"]:
            if rule["overridden"]:
                out.print(escape(f"overridden: {rule['id']}: {rule['overridden']}"), soft_wrap=True)
        out.print(f"held back in streams: {report['held back in streams']}")
        if leaving := report["finds that leave streams"]:
            out.print(f"finds that leave streams: what is complete only behind its hold, by {leaving}")
        if stopping := report["streams are ended late"]:
            out.print(f"streams are ended late: by {stopping}")
        if late := report["encodings in streams are seen"]:
            out.print(f"encodings in streams are seen: {late}")
        for remark in report["remarks"]:
            out.print(f"[yellow]note[/yellow] {escape(remark)}", soft_wrap=True)
        _failures(report)
    raise typer.Exit(3 if report["failed"] else 0)


@app.command()
def test(
    files: Files,
    data: Annotated[
        Path | None,
        typer.Option(help="More tests, one JSON object a line: text, expect, perhaps rule, scope, key and team."),
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Write the results here, as JUnit XML.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run the tests that rule files carry, and those of a file. Exit code 3 when one fails."""
    report = ruletools.test(files, data, junit)
    show(report) if as_json else _failures(report)
    raise typer.Exit(3 if report["failed"] else 0)


@app.command()
def coverage(files: Files, as_json: AsJson = False) -> None:
    """Which rules and branches no test reaches. Exit code 3 when there are any."""
    report = ruletools.coverage(files)
    if as_json:
        show(report)
    else:
        for branch in report["missed"]:
            lacks = " and ".join(
                what for what, count in (("found", branch["hits"]), ("let pass", branch["refused"])) if not count
            )
            name = f"{branch['place']}: {branch['rule']} {branch['part']}".strip()
            by = f" (overridden: {branch['overridden']})" * bool(branch["overridden"])
            out.print(escape(f"{name}{by}: no test is {lacks}"), soft_wrap=True)
        out.print(f"{report['reached']} of {report['branches']} branches reached")
    raise typer.Exit(3 if report["missed"] else 0)


@app.command()
def explain(
    text: Annotated[str, typer.Argument(help="The text.")],
    rules: Rules,
    scope: Annotated[str, typer.Option(help="input, output, tool_args or tool_result.")] = "input",
    key: Annotated[str, typer.Option(help="As the rules hold for a caller with a key of this name.")] = "",
    team: Annotated[str, typer.Option(help="The same for a team.")] = "",
    role: Annotated[str, typer.Option(help="Who speaks: system, user, assistant or tool.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show every find in a text, how the text was read for it, and what would have made it otherwise."""
    report = ruleexplain.explain(rules, text, scope, key, team, role)
    if as_json:
        show(report)
        return
    if not report["finds"]:
        out.print("nothing found")
    for find in report["finds"]:
        read = f", read {find['view']}" if find["view"] else ""
        head = f"{find['start']}-{find['end']} {find['label']} {find['score']:.2f}{read}: {find['found'][:80]!r}"
        out.print(shown(head), markup=False, soft_wrap=True)
        by = f", by the exception at {find['exception']}" if find["exception"] else ""
        out.print(escape(f"    {find['action']} by {find['rule']} ({find['place']}){by}"), soft_wrap=True)
        if find["overridden"]:
            out.print(escape(f"    overridden: {find['overridden']}"), soft_wrap=True)
        if find["why"]:
            out.print(escape(f"    score: {find['why']}"), soft_wrap=True)
        if find["becomes"]:
            out.print(shown(f"    becomes: {find['becomes'][:80]}"), markup=False, soft_wrap=True)
        out.print(escape(f"    otherwise: {find['otherwise']}"), soft_wrap=True)
    for near in report["nearly"]:
        head = f"nearly: {near['start']}-{near['end']} {near['label']} by {near['rule']}: {near['found'][:80]!r}"
        out.print(shown(head), markup=False, soft_wrap=True)
        out.print(shown(f"    {near['why']}"), markup=False, soft_wrap=True)
    if report["points"]:
        out.print(f"{report['points']} points; {report['threshold']} block")
    if report["in other scopes"]:
        out.print(f"in other scopes: {', '.join(report['in other scopes'])}")
    text = "blocked or answered" if report["text"] is None else shown(report["text"], lines=True)
    out.print(text, markup=False, soft_wrap=True)


@app.command()
def bench(
    files: Files,
    seconds: Annotated[float, typer.Option(min=0.1, max=60, help="For each length of text.")] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Measure what the rules cost on ordinary text, and which of them cost most."""
    report = ruletools.bench(files, seconds)
    if as_json:
        show(report)
        return
    for words in ("40 words", "400 words"):
        out.print(f"{words}: {report[words]['p50_ms']} ms at p50, {report[words]['p99_ms']} at p99")
    for each in report["costliest"]:
        out.print(f"{each['microseconds']:>9} µs  {each['rule']}")

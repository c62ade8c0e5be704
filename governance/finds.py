"""What the rules found in a request and its reply, as the log keeps it: where, and what came of it. No text."""

from collections.abc import Iterable
from typing import Any

from ..engine.exchange import Verdict

MOST = 50
"""Kept of one request. A long conversation brings its finds along with every turn."""


def finds(verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    """A mapping each: `rule`, `action` (shadow and not_evaluated too), `scope`, `at` (the text's address), `labels`,
    and, where there is more to say, `why`: of a rule in shadow mode what it would have done, of one that could not look
    the reason, of one that ended a stream late how much had left. The first MOST; one that comes again is told once."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for each in verdicts:
        key = each.rule, each.action, each.scope.value, each.address, each.reason
        if key not in found and len(found) < MOST:
            told: dict[str, Any] = {"rule": each.rule, "action": each.action, "scope": each.scope.value}
            why = {"why": each.reason} if each.reason else {}
            found[key] = told | {"at": each.address, "labels": list(each.labels)} | why
        elif key in found:
            known: list[str] = found[key]["labels"]
            known += [label for label in each.labels if label not in known]
    return list(found.values())


def told(find: dict[str, Any]) -> str:
    """One that the request's outcome does not show, in words; empty for others."""
    if find["action"] == "shadow":
        return f"{find['rule']} would {find.get('why', '')}".rstrip()
    return f"{find['rule']} not evaluated" if find["action"] == "not_evaluated" else ""

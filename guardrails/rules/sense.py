"""Settings of a rule that would do nothing beside its action, and actions that lack what they need."""

from typing import Any, cast

from ...engine.exchange import Scope
from ...engine.jsonio import Address, Json
from ...engine.yamlfile import Located
from .roles import heard
from .schema import Rule
from .waits import RUNNING


def refuse_what_does_nothing(rule: Rule, tree: Located, at: Address) -> None:
    """Raises ConfigError with the line."""
    action = rule.action
    if action in ("replace", "respond") and rule.with_ is None:
        raise tree.error(f'the action "{action}" needs a text', (*at, "action"), hint="with: the text")
    if action == "respond" and not rule.with_:
        raise tree.error("an answer must have words", (*at, "with"))
    if action not in ("replace", "respond") and rule.with_ is not None:
        raise tree.error(f'"with" does nothing beside the action "{action}"', (*at, "with"))
    if action == "route" and not rule.to:
        raise tree.error('the action "route" needs a provider', (*at, "action"), hint="to: its name in gate.yaml")
    if action != "route" and rule.to is not None:
        raise tree.error(f'"to" does nothing beside the action "{action}"', (*at, "to"))
    if action == "route" and Scope.OUTPUT in rule.scope:
        raise tree.error(
            "a reply cannot be sent to another provider", (*at, "scope"), hint="scope: [input, tool_result]"
        )
    if action != "mask" and rule.mask is not None:
        raise tree.error(f'"mask" does nothing beside the action "{action}"', (*at, "mask"), hint="action: mask")
    if action == "flag" and rule.message:
        raise tree.error('a rule that flags tells nobody its "message"', (*at, "message"), key=True)
    if rule.sample is not None and rule.mode != "shadow":
        raise tree.error("a rule in force looks at every exchange", (*at, "sample"), hint="sample is for mode: shadow")
    if rule.on_error == "block" and action == "flag":
        hint = "leave it out; a rule in force that blocks refuses what it cannot check"
        raise tree.error(
            'a rule that flags stops nothing: "on_error: block" does nothing', (*at, "on_error"), hint=hint
        )
    if rule.when is not None and rule.when.tool and not {Scope.TOOL_ARGS, Scope.TOOL_RESULT} & set(rule.scope):
        raise tree.error(
            "no text of this scope belongs to a tool", (*at, "when", "tool"), hint="scope: [tool_args, tool_result]"
        )
    if rule.when is not None and rule.when.role and not heard(rule.when.role, rule.scope):
        raise tree.error(
            "no text of this scope is of such a role",
            (*at, "when", "role"),
            hint="results are the tool's, replies and arguments the assistant's; scope: input",
        )
    if rule.stream is not None:
        _refuse_idle_stream(rule, tree, at)


def _refuse_idle_stream(rule: Rule, tree: Located, at: Address) -> None:
    """Raises ConfigError for a `stream` that says nothing of what streams, or cannot be."""
    here = (*at, "stream")
    if RUNNING.isdisjoint(rule.scope):
        raise tree.error("no text of this scope is streamed", here, hint="scope: output, or tool_args")
    if rule.action in ("flag", "route"):
        raise tree.error(f'nothing waits for a rule whose action is "{rule.action}"', here, hint="leave stream out")
    if rule.stream == "stop" and rule.action not in ("block", "score"):
        told = f'the action "{rule.action}" comes too late for text that has left'
        raise tree.error(told, here, hint="stream: hold; or action: block, or score")
    if rule.stream == "stop" and (held := _hold(rule.detect)) is not None:
        place = (*at, "detect", *held)
        hint = "leave it out; in an override, options: {hold: null}"
        told = '"hold" does nothing where text does not wait'
        raise tree.error(told, place if place in tree.places else here, hint=hint, key=True)


def _hold(detect: Json) -> Address | None:
    """Where in `detect` a pattern says how much of a stream may wait for it."""
    below: list[tuple[str | int, Json]] = []
    if isinstance(detect, list):
        below += enumerate(cast("list[Json]", detect))
    elif isinstance(detect, dict):
        given = cast("dict[str, Any]", detect)
        if "regex" in given and given.get("hold") is not None:
            return ("hold",)
        if isinstance(inner := given.get("regex"), dict) and cast("dict[str, Any]", inner).get("hold") is not None:
            return ("regex", "hold")
        below += ((name, given[name]) for name in ("any", "all", "not") if name in given)
    return next(((step, *found) for step, each in below if (found := _hold(each)) is not None), None)

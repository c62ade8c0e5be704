"""Whether a provider is asked again after it failed, and when.

Source of the backoff: Brooker 2015, Exponential Backoff and Jitter ("full jitter").
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from .failures import Failure


@dataclass(frozen=True, slots=True)
class Retries:
    """How often the same target is asked again. Times in seconds.

    `silent` is not among the classes unless the operator says so: the request was sent, so the provider may be working
    on it, and asking again may be paid for twice.
    """

    most: int = 0
    on: frozenset[Failure] = frozenset({Failure.REFUSED, Failure.LIMITED})
    wait: float = 0.5
    """The longest first pause; it doubles with each try."""
    longest: float = 10.0
    """The longest pause. A reply's Retry-After beyond it is not waited for: somebody else may answer sooner."""

    def pause(
        self, failure: Failure, tried: int, after: float | None, draw: Callable[[], float] = random.random
    ) -> float | None:
        """Seconds until the next try, after `tried` of them; None when there is none. `after` is the Retry-After."""
        if tried > self.most or failure not in self.on or (after or 0.0) > self.longest:
            return None
        return (after or 0.0) + draw() * min(self.longest, self.wait * 2 ** min(tried - 1, 30))


def paid_by_call(body: Mapping[str, Any]) -> bool:
    """Whether the provider itself would run tools, or work on in the background, so that asking twice may do and cost
    something twice. What is not known to run at the caller's counts.
    """
    tools = body.get("tools")
    if body.get("background") is True or body.get("mcp_servers"):
        return True
    given = cast("list[Any]", tools) if isinstance(tools, list) else []
    return any(not _runs_at_caller(cast("dict[str, Any]", tool)) for tool in given if isinstance(tool, dict))


def _runs_at_caller(tool: Mapping[str, Any]) -> bool:
    kind = tool.get("type")
    if kind is None:  # Anthropic's own form has a schema and no type, Gemini's holds lists of functions
        return set(tool) <= {"functionDeclarations", "function_declarations"} or "input_schema" in tool
    return kind in ("function", "custom", "local_shell", "apply_patch") or str(kind).startswith(
        ("bash_", "text_editor_", "computer_", "memory_")
    )

"""Who speaks in a text: what conditions and exceptions on roles go by."""

from collections.abc import Iterable, Sequence
from typing import Literal, cast, get_args

from ...engine.exchange import Scope, Segment

Role = Literal["system", "user", "assistant", "tool"]
ROLES: tuple[Role, ...] = get_args(Role)
_ROLES: dict[str, Role] = {
    "system": "system", "developer": "system", "user": "user", "assistant": "assistant", "model": "assistant",
}  # fmt: skip
"""By the names of roles in messages."""
_SCOPES: dict[Scope, Role] = {
    Scope.OUTPUT: "assistant", Scope.TOOL_ARGS: "assistant", Scope.TOOL_RESULT: "tool",
}  # fmt: skip
"""By scope, in whatever message a text stands."""
IN_REPLIES: tuple[Role, ...] = tuple(dict.fromkeys(_SCOPES.values()))
"""Who speaks in a reply."""


def role_of(segment: Segment) -> Role | None:
    """Who speaks in a text; None where that is not told."""
    return _SCOPES.get(segment.scope) or _ROLES.get(segment.role)


def role_named(name: object) -> Role | None:
    """None where no name is given. Raises ValueError for a role that there is not."""
    if not name:
        return None
    return ROLES[ROLES.index(cast(Role, name))]


def heard(roles: Sequence[Role], scopes: Iterable[Scope]) -> bool:
    """Whether a text of one of these scopes can be of one of these roles."""
    return any(_SCOPES[scope] in roles if scope in _SCOPES else set(roles) - {"tool"} for scope in scopes)

"""The error tree: drawn, complete, and every error of it fit to be shown."""

import inspect
import re
from collections.abc import Iterator

import pytest

from tidegate.engine import errors
from tidegate.engine.dialects.openai_common import envelope
from tidegate.engine.errors import ConfigError, LimitReached, TidegateError


def below(kind: type[TidegateError]) -> Iterator[type[TidegateError]]:
    yield kind
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from below(child)


TREE = list(below(TidegateError))


def drawn() -> dict[str, tuple[str, int | None]]:
    """Of each class in the drawing: its parent and its status, if one stands there."""
    found: dict[str, tuple[str, int | None]] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^    ([│├└─ ]*)([A-Z]\w+)(?:\s+(\d{3})\b)?", line)
        if match:
            depth = len(match[1]) // 4
            path[depth:] = [match[2]]
            found[match[2]] = (path[depth - 1] if depth else "", int(match[3]) if match[3] else None)
    return found


def make(kind: type[TidegateError]) -> TidegateError:
    return LimitReached("In words.", after=2.4) if kind is LimitReached else kind("In words.")


def test_every_error_of_the_file_is_in_the_tree_as_it_is_drawn() -> None:
    classes = {
        cls.__name__: cls.__base__.__name__ if cls is not TidegateError and cls.__base__ else ""
        for _, cls in inspect.getmembers(errors, inspect.isclass)
        if issubclass(cls, BaseException)
    }
    assert {name: parent for name, (parent, _) in drawn().items()} == classes
    assert {cls.__name__ for cls in TREE} == set(classes)


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
def test_every_error_has_a_status_a_code_and_a_meaning(kind: type[TidegateError]) -> None:
    assert 400 <= kind.status <= 599
    assert re.fullmatch(r"[a-z_]+", kind.code)
    assert re.fullmatch(r"[a-z_]+", kind.kind)
    assert kind.__doc__ and kind.__doc__ != kind.__base__.__doc__
    status = drawn()[kind.__name__][1]
    assert status in (None, kind.status)


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
def test_every_error_renders_in_the_envelope(kind: type[TidegateError]) -> None:
    fault = make(kind)
    shown = envelope(fault)["error"]
    assert set(shown) == {"message", "type", "param", "code"}
    assert shown == {"message": str(fault), "type": kind.kind, "param": None, "code": kind.code}
    assert all(name == name.lower() and isinstance(value, str) for name, value in fault.headers.items())


def test_codes_are_not_shared_but_by_a_parent() -> None:
    codes: dict[str, list[type[TidegateError]]] = {}
    for kind in TREE:
        codes.setdefault(kind.code, []).append(kind)
    for kinds in codes.values():
        assert all(issubclass(other, kinds[0]) for other in kinds)


def test_clients_retry_what_may_pass_and_nothing_that_a_rule_decided() -> None:
    assert {kind.__name__ for kind in TREE if kind.retry} == {
        "LimitReached",
        "Overloaded",
        "StoreSilent",
        "UpstreamError",
        "UpstreamRefused",
        "UpstreamSilent",
        "UpstreamBroke",
        "UpstreamResting",
    }
    # SDKs retry these statuses by themselves: a decision must have another.
    assert not {408, 409, 429, 500, 502, 503} & {errors.Blocked.status, errors.NotEvaluated.status}


def test_a_param_and_a_code_of_its_own_are_kept() -> None:
    fault = errors.BadRequest("In words.", param="messages.0", code="unknown_part")
    assert envelope(fault)["error"]["param"] == "messages.0"
    assert envelope(fault)["error"]["code"] == "unknown_part"
    assert errors.BadRequest.code == "invalid_request"


@pytest.mark.parametrize(("after", "shown"), [(0.0, "1"), (0.2, "1"), (2.6, "3"), (90.0, "90")])
def test_retry_after_is_in_whole_seconds_and_never_none(after: float, shown: str) -> None:
    assert LimitReached("In words.", after=after).headers == {"retry-after": shown}


def test_a_wrong_method_says_which_is_right() -> None:
    assert errors.WrongMethod("In words.").headers == {"allow": "POST"}


def test_a_configuration_error_names_file_line_and_hint() -> None:
    assert str(ConfigError("bad", file="gate.yaml", line=3, hint="did you mean x?")) == (
        "gate.yaml:3: bad (did you mean x?)"
    )
    assert str(ConfigError("bad", file="gate.yaml")) == "gate.yaml: bad"
    assert str(ConfigError("bad")) == "bad"

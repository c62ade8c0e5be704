"""What callers ask of a route narrows it."""

from typing import Any, cast

import pytest

from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import BadRequest
from tidegate.engine.exchange import Exchange
from tidegate.engine.ports import Provider
from tidegate.engine.steering import Choice, Steering
from tidegate.models.conditions import When
from tidegate.models.failures import Failure
from tidegate.models.retries import Retries
from tidegate.models.routes import Route, Router
from tidegate.models.steering import steered
from tidegate.models.targets import Target


class Named:
    def __init__(self, name: str) -> None:
        self.name = name


A, B, C, D = (cast(Provider, Named(name)) for name in "abcd")
ROUTES = [
    Route([A, Target(B, "b-model")], When(models=("gpt-*",)), fallback=[C], retries=Retries(2), deadline=9.0),
    Route([D], When(models=("other",))),
]


def asked(model: str = "gpt-1") -> Exchange:
    body: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": "x"}]}
    return Exchange(OpenAIChat(), "/v1/chat/completions", {}, body, model, False)


def ways(steering: Steering, router: Router | None = None) -> tuple[list[str], dict[str, list[str]]]:
    """Targets as `provider:model`, and those of each class."""
    router = router or Router(ROUTES, [A, B, C, D])
    narrowed = steered(router.routes[0], router, asked(), steering)
    assert narrowed.deadline == router.routes[0].deadline
    spare = {failure.value: shown(targets) for failure, targets in narrowed.fallbacks().items()}
    return shown([Target.of(choice) for choice in narrowed.to]), spare


def shown(targets: list[Target]) -> list[str]:
    return [f"{target.provider.name}:{target.model}" for target in targets]


def test_a_choice_keeps_the_operators_model() -> None:
    assert ways(Steering((Choice(("b",)),))) == (["b:b-model"], {})
    assert ways(Steering((Choice(("b",), "gpt-2"),)))[0] == ["b:b-model"]
    assert ways(Steering((Choice(("a",), "gpt-2"),)))[0] == ["a:gpt-2"]


def test_several_choices_follow_one_another_after_the_failures_named() -> None:
    steering = Steering((Choice(("c",)), Choice(("a",)), Choice(("c",))), frozenset({"limited"}))
    assert ways(steering) == (["c:"], {"limited": ["a:"]})


def test_a_model_goes_where_its_own_route_leads() -> None:
    assert ways(Steering((Choice(), Choice(model="other"))))[1]["refused"] == ["d:other"]
    with pytest.raises(BadRequest, match="No route serves"):
        ways(Steering((Choice(model="unknown"),)))
    with pytest.raises(BadRequest, match="does not lead to d; it leads to a, b, c"):
        ways(Steering((Choice(("d",)),)))
    with pytest.raises(BadRequest, match="does not lead to a; it leads to d"):
        ways(Steering((Choice(("a",), "other"),)))


def test_without_routes_all_providers_may_be_chosen() -> None:
    implied = Router([Route([A])], [A, B, C], implied=True)
    assert ways(Steering((Choice(("c", "b")),)), implied) == (["b:", "c:"], {})
    assert ways(Steering((Choice(),)), implied) == (["a:"], {})


def test_retries_are_the_callers_and_their_pauses_the_operators() -> None:
    router = Router(ROUTES)
    narrowed = steered(ROUTES[0], router, asked(), Steering(retries=1, retry_on=frozenset({"silent"})))
    assert narrowed.retries == Retries(1, frozenset({Failure.SILENT}))
    assert narrowed.to is ROUTES[0].to

"""Models that a body lists for the provider to go on with: each must have a route that leads there."""

from typing import Any

import pytest

from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import BadRequest, UnknownModel
from tidegate.engine.exchange import Caller, Exchange, Reply, Segment
from tidegate.engine.steering import LISTED, Choice, Steering
from tidegate.models.conditions import When
from tidegate.models.listed import Listed
from tidegate.models.routes import Route, Router
from tidegate.models.targets import Target
from tidegate.tests.models.scripted import Scripted

ONE, TWO = Scripted("one"), Scripted("two")
ROUTES = [
    Route([ONE], When(models=("small", "mid*"))),
    Route([ONE], When(models=("big",), keys=("boss",))),
    Route([Target(ONE), Target(TWO)], When(models=("wide",))),
    Route([TWO], When(models=("other",))),
]
CHAT = OpenAIChat()


async def asked(fields: dict[str, Any], model: str = "small", key: str = "", **more: Any) -> dict[str, Any]:
    """The body that goes on."""
    body: dict[str, Any] = {"model": model, "messages": [], **fields}
    exchange = Exchange(CHAT, CHAT.path, {}, body, model, False, caller=Caller(name=key), **more)

    async def onward(exchange: Exchange) -> Reply:
        return Reply.whole(200, b"{}", [])

    await Listed(Router(ROUTES), {"fast": "mid-1"})(exchange, onward)
    return exchange.body


FORMS: dict[str, Any] = {
    "models.0": lambda name: {"models": [name]},
    "fallbacks.1": lambda name: {"fallbacks": ["small", name]},
    "fallbacks.0.model": lambda name: {"fallbacks": [{"model": name, "max_tokens": 9}]},
    "providerOptions.gateway.models.0": lambda name: {"providerOptions": {"gateway": {"models": [name]}}},
}


@pytest.mark.parametrize("place", FORMS)
async def test_each_is_asked_for_as_if_by_itself(place: str) -> None:
    for name, key in (("mid-2", ""), ("wide", ""), ("big", "boss")):
        assert (await asked(FORMS[place](name), key=key)).items() >= FORMS[place](name).items()
    for name, key in (("big", ""), ("big", "clerk"), ("unheard-of", "boss")):
        with pytest.raises(UnknownModel) as refused:
            await asked(FORMS[place](name), key=key)
        assert (refused.value.param, name in str(refused.value)) == (place, False)


@pytest.mark.parametrize("place", FORMS)
async def test_one_that_is_served_elsewhere_is_refused(place: str) -> None:
    for model, name in (("small", "other"), ("mid-1", "other")):
        with pytest.raises(BadRequest) as refused:
            await asked(FORMS[place](name), model)
        assert (refused.value.code, refused.value.param) == ("provider_not_on_route", place)


async def test_an_alias_becomes_what_it_stands_for() -> None:
    assert (await asked({"models": ["fast", "small"]}))["models"] == ["mid-1", "small"]


async def test_it_must_be_served_by_all_who_may_be_asked() -> None:
    assert await asked({"models": ["wide"]}, "other")
    with pytest.raises(BadRequest):
        await asked({"models": ["other"]}, "wide")


async def test_the_ways_of_a_caller_s_own_choices_count() -> None:
    steering = Steering((Choice(), Choice(model="other")))
    with pytest.raises(BadRequest):
        await asked({"models": ["mid-1"]}, steering=steering)
    assert await asked({"models": ["mid-1"]}, "wide", steering=Steering((Choice(("one",)), Choice(model="small"))))
    with pytest.raises(BadRequest):
        await asked({"models": ["mid-1"]}, steering=Steering((Choice(("one",), "wide"), Choice(("two",), "wide"))))


@pytest.mark.parametrize("fields", [{"models": "big"}, {"models": [1, None, {"id": "big"}]}, {"fallbacks": "default"}])
async def test_what_lists_no_models_is_left_alone(fields: dict[str, Any]) -> None:
    assert (await asked(fields)).items() >= fields.items()


async def test_the_texts_are_counted_once_for_all_of_them() -> None:
    counted: list[int] = []

    class Counting(OpenAIChat):
        def request_segments(self, body: dict[str, Any]) -> list[Segment]:
            counted.append(1)
            return super().request_segments(body)

    router = Router([Route([ONE], When(over=3, models=("big",))), Route([ONE], name="rest")])
    body = {"model": "big", "models": ["big"] * LISTED, "messages": [{"role": "user", "content": "word " * 9}]}
    exchange = Exchange(Counting(), CHAT.path, {}, body, "big", False)

    async def onward(exchange: Exchange) -> Reply:
        return Reply.whole(200, b"{}", [])

    await Listed(router, {})(exchange, onward)
    assert counted == [1]
    assert [*map(router.names(exchange), ("big", "big", "small"))] == ["", "", "rest"]
    assert counted == [1, 1]


async def test_their_number_is_bounded() -> None:
    await asked({"models": ["small"] * LISTED})
    with pytest.raises(BadRequest):
        await asked({"models": ["small"] * LISTED, "fallbacks": ["small"]})

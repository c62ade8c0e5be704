"""Answers of two routes never meet in memory, though their requests differ in a header alone."""

from typing import Any

from tidegate.cache.key import place
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.exchange import Exchange, Reply
from tidegate.models.conditions import When
from tidegate.models.lanes import Lanes
from tidegate.models.routes import Route, Router
from tidegate.models.targets import Target


class Named:
    def __init__(self, name: str) -> None:
        self.name = name


A, B = Named("a"), Named("b")
ROUTES = [
    Route([A], When(headers={"x-tier": ("gold",)})),  # pyright: ignore[reportArgumentType]
    Route([Target(B, "small")], When(headers={"x-tier": ("tin",)})),  # pyright: ignore[reportArgumentType]
    Route([A]),  # pyright: ignore[reportArgumentType]
]


async def asked(router: Router, tier: str, route_to: str = "") -> Any:
    body = {"model": "m", "messages": [{"role": "user", "content": "what?"}]}
    exchange = Exchange(OpenAIChat(), OpenAIChat.path, {"x-tier": tier}, body, "m", False, route_to=route_to)

    async def end(exchange: Exchange) -> Reply:
        return Reply.whole(200, b"{}")

    await Lanes(router)(exchange, end)
    return place(exchange, exchange.dialect.question(body), "all")


async def test_what_one_provider_answered_is_not_another_s_answer() -> None:
    router = Router(ROUTES)
    gold, tin, other = [await asked(router, tier) for tier in ("gold", "tin", "")]
    assert gold == other != tin, "two routes to one provider share"
    assert await asked(router, "gold", route_to="b") != gold, "a rule sent it elsewhere"

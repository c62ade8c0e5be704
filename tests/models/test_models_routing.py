"""Routes: who is asked, in which order, and when the next one is."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import (
    ConfigError,
    TidegateError,
    UnknownModel,
    UnknownPath,
    UpstreamBroke,
    UpstreamRefused,
    UpstreamSilent,
)
from tidegate.engine.exchange import Exchange, Reply
from tidegate.models.bills import SENT
from tidegate.models.conditions import When
from tidegate.models.routes import Route, Router
from tidegate.models.routing import RouteStage
from tidegate.models.targets import Target


@dataclass
class Scripted:
    """A provider that does what it is told."""

    name: str
    does: int | TidegateError = 200
    asked: int = 0
    closed: list[int] = field(default_factory=list[int])

    async def __call__(self, exchange: Exchange) -> Reply:
        self.asked += 1
        if isinstance(self.does, TidegateError):
            raise self.does
        reply = Reply.whole(self.does, self.name.encode())

        async def close() -> None:
            self.closed.append(1)

        reply.closers.append(close)
        return reply

    async def passthrough(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, exchange: Exchange
    ) -> Reply:
        return await self(exchange)

    async def models(self) -> list[dict[str, object]]:
        return []

    async def ready(self) -> bool:
        return True

    async def start(self) -> None: ...

    async def aclose(self) -> None: ...


def fits(*models: str) -> When:
    return When(models=models)


def ask(model: str = "gpt-4o") -> Exchange:
    return Exchange(OpenAIChat(), "/v1/chat/completions", {}, {"model": model}, model=model, stream=False)


async def test_the_first_route_that_fits_answers() -> None:
    a, b, c = Scripted("a"), Scripted("b"), Scripted("c")
    stage = RouteStage(Router([Route([a], fits("gpt-*")), Route([b], fits("GPT-*", "o[13]")), Route([c])]))
    for model, name in (("gpt-4o", b"a"), ("GPT-4o", b"b"), ("o3", b"b"), ("o2", b"c"), ("x/y", b"c")):
        exchange = ask(model)
        assert await (await stage(exchange)).read() == name
        assert (exchange.provider, exchange.attempts) == (name.decode(), 1)


@pytest.mark.parametrize(
    "does", [UpstreamRefused("x"), UpstreamSilent("x"), UpstreamBroke("x"), 429, 500, 502, 503, 504], ids=repr
)
async def test_the_next_provider_is_asked_when_one_fails(does: int | TidegateError) -> None:
    a, b = Scripted("a", does), Scripted("b")
    exchange = ask()
    reply = await RouteStage(Router([Route([a], fallback=[b])]))(exchange)
    assert (await reply.read(), exchange.provider, exchange.attempts) == (b"b", "b", 2)
    assert len(a.closed) == (1 if isinstance(does, int) else 0)


async def test_a_route_holds_whatever_a_rule_has_masked_since() -> None:
    a, b = Scripted("a"), Scripted("b")
    router = Router([Route([a], When(metadata={"user": ("*@acme.example",)})), Route([b])])
    exchange = Exchange(
        OpenAIChat(), "/", {}, {"model": "m", "metadata": {"user": "jo@acme.example"}}, model="m", stream=False
    )
    exchange.body = {"model": "m", "metadata": {"user": "<EMAIL_ADDRESS_1>"}}
    await RouteStage(router)(replace(exchange, attempts=0))
    assert (a.asked, b.asked) == (1, 0)


async def test_keys_that_a_provider_tries_are_attempts_under_another_name_too() -> None:
    class Ring(Scripted):
        async def __call__(self, exchange: Exchange) -> Reply:
            exchange.attempts += 1  # a second key
            return await super().__call__(exchange)

    exchange = ask()
    await RouteStage(Router([Route([Target(Ring("a"), model="other")])]))(exchange)
    assert (exchange.attempts, exchange.memo[SENT]) == (2, "other")


@pytest.mark.parametrize("does", [400, 401, 404, 422, 501])
async def test_an_answer_that_is_the_caller_s_own_fault_is_final(does: int) -> None:
    a, b = Scripted("a", does), Scripted("b")
    reply = await RouteStage(Router([Route([a, b])]))(ask())
    assert (reply.status, b.asked) == (does, 0)


async def test_the_last_failure_is_the_caller_s() -> None:
    a, b = Scripted("a", UpstreamSilent("x")), Scripted("b", 503)
    exchange = ask()
    assert (await RouteStage(Router([Route([a, b])]))(exchange)).status == 503
    b.does = UpstreamRefused("gone")
    exchange = ask()
    with pytest.raises(UpstreamRefused, match="gone"):
        await RouteStage(Router([Route([a, b])]))(exchange)
    assert (exchange.provider, exchange.attempts) == ("", 2)


async def test_a_model_without_a_route_is_named_only_if_it_looks_like_a_name() -> None:
    stage = RouteStage(Router([Route([Scripted("a")], fits("x"))]))
    with pytest.raises(UnknownModel, match="the model gpt-4o;"):
        await stage(ask())
    for odd in ("my secret plan", "a\nb", "é", ""):
        with pytest.raises(UnknownModel, match="this model"):
            await stage(ask(odd))
    with pytest.raises(UnknownModel) as caught:
        await stage(ask("y" * 5000))
    assert len(str(caught.value)) < 250


async def test_unread_paths_pass_only_where_a_route_says_so() -> None:
    a, b = Scripted("a"), Scripted("b")
    exchange = ask("")
    stage = RouteStage(Router([Route([a]), Route([b], fits("b-*"), passthrough=True)]))
    assert await (await stage.passthrough("GET", "/v1/files", {}, b"", exchange)).read() == b"b"
    with pytest.raises(UnknownPath):
        await stage.passthrough("GET", "/v1/files", {}, b"", ask("a-1"))
    with pytest.raises(UnknownPath):
        await RouteStage(Router([Route([a])])).passthrough("GET", "/v1/files", {}, b"", ask(""))


def test_a_route_to_nobody_is_refused() -> None:
    with pytest.raises(ConfigError):
        Route([])


def test_each_provider_is_listed_once() -> None:
    a, b = Scripted("a"), Scripted("b")
    assert Router([Route([a], fallback=[b]), Route([b])]).providers() == [a, b]


async def test_a_provider_that_a_rule_chose_is_the_only_one_asked() -> None:
    a, b, inhouse = Scripted("a"), Scripted("b"), Scripted("inhouse")
    stage = RouteStage(Router([Route([a], fallback=[b])], [inhouse]))
    exchange = ask()
    exchange.route_to = "inhouse"
    assert await (await stage(exchange)).read() == b"inhouse"
    assert (exchange.provider, a.asked) == ("inhouse", 0)
    inhouse.does = UpstreamRefused("x")
    with pytest.raises(UpstreamRefused):
        await stage(exchange)
    assert (a.asked, b.asked) == (0, 0)
    exchange.route_to = "nobody"
    with pytest.raises(UnknownModel):
        await stage(exchange)

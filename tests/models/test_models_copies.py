"""What each target is sent: its own model's name, one idempotency key for all tries, and copies for a mirror."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.errors import UpstreamRefused
from tidegate.engine.exchange import Exchange
from tidegate.engine.sse import DONE
from tidegate.models.mirror import MOST, Mirror
from tidegate.models.routes import Route, Router
from tidegate.models.routing import RouteStage
from tidegate.models.targets import Target
from tidegate.serve.config.gate_yaml import parse_config
from tidegate.serve.upstreams import make_router
from tidegate.tests.models.scripted import AGAIN, ERROR, TEXT, WELL, Reply_, Scripted, ask, stage, until
from tidegate.tests.models.wire import JSON, Server, answer


async def test_a_target_is_asked_for_its_own_model_and_the_caller_s_request_stays_as_it_was() -> None:
    a, b = Scripted("a", 503), Scripted("b")
    exchange = ask()
    await stage(a, Target(b, "gpt-4o-mini"))(exchange)
    assert a.sent[0] is exchange
    assert (b.sent[0].model, b.sent[0].body["model"], b.sent[0].body["messages"]) == (
        "gpt-4o-mini",
        "gpt-4o-mini",
        exchange.body["messages"],
    )
    assert (exchange.model, exchange.body["model"], exchange.attempts) == ("gpt-4o", "gpt-4o", 2)


async def test_where_the_path_names_the_model_the_path_changes() -> None:
    a = Scripted("a")
    a.speaks = ("gemini",)
    path = "/v1beta/models/gemini-pro:generateContent"
    exchange = Exchange(Gemini(), path, {}, {"contents": []}, model="gemini-pro", stream=False)
    await stage(Target(a, "gemini-flash"))(exchange)
    assert a.sent[0].path == "/v1beta/models/gemini-flash:generateContent" and a.sent[0].body == {"contents": []}


async def test_a_body_that_names_the_model_once_more_names_the_one_that_is_asked() -> None:
    a, b = Scripted("a"), Scripted("b")
    a.speaks = ("gemini",)
    body = {"model": "models/gemini-pro", "contents": [{"parts": [{"text": "q"}]}]}
    asked = Exchange(Gemini(), "/v1beta/models/gemini-pro:generateContent", {}, body, model="gemini-pro", stream=False)
    await stage(Target(a, "gemini-flash"))(asked)
    assert a.sent[0].body["model"] == "models/gemini-flash"
    with suppress(UpstreamRefused):  # it answers in no dialect at all
        await stage(Target(b, "gpt-4o"))(asked)
    assert b.sent[0].body["model"] == "gpt-4o"


async def test_each_try_of_one_request_has_the_same_idempotency_key_and_another_request_another() -> None:
    a, b = Scripted("a", 503), Scripted("b", 503)
    exchange = ask()
    await stage(a, Target(b, "other"), retries=AGAIN)(exchange)
    keys = [sent.headers.get("idempotency-key") for sent in (*a.sent, *b.sent)]
    assert len(keys) == 6 and len(set(keys[:3])) == 1 == len(set(keys[3:])) and keys[0] != keys[3]
    assert "idempotency-key" not in exchange.headers
    own = ask()
    own.headers["idempotency-key"] = "mine"
    await stage(a, retries=AGAIN)(own)
    assert {sent.headers["idempotency-key"] for sent in a.sent[3:]} == {"mine"}


async def test_a_mirror_gets_a_copy_and_the_caller_does_not_wait_or_hear_of_it() -> None:
    a, b = Scripted("a"), Scripted("b", UpstreamRefused("x"))
    b.wait = asyncio.Event()
    told: list[tuple[str, str]] = []
    mirror = Mirror(Target(b, "new"), 1.0)
    tested = RouteStage(Router([Route([a], mirror=mirror)]), mirrored=lambda *what: told.append(what))
    exchange = ask()
    exchange.headers["idempotency-key"] = "mine"
    assert (await tested(exchange)).status == 200
    assert (exchange.attempts, exchange.provider, told) == (1, "a", [])
    await until(lambda: bool(b.asked))
    assert b.sent[0].model == "new" and "idempotency-key" not in b.sent[0].headers
    b.wait.set()
    await until(lambda: bool(told))
    assert told == [("b", "failed")]


@pytest.mark.parametrize(
    ("copy", "stream", "outcome"),
    [
        (Reply_(body={"error": {"code": 502, "message": "x"}}), False, "failed"),
        (Reply_(body=WELL), False, "ok"),
        (Reply_(events=[TEXT, ERROR]), True, "failed"),
        (Reply_(events=[TEXT, DONE]), True, "ok"),
    ],
)
async def test_a_copy_whose_reply_holds_an_error_failed(copy: Reply_, stream: bool, outcome: str) -> None:
    told: list[str] = []
    mirror = Mirror(Target(Scripted("b", copy)), 1.0)
    tested = RouteStage(Router([Route([Scripted("a")], mirror=mirror)]), mirrored=lambda _, what: told.append(what))
    await tested(ask(stream=stream))
    await until(lambda: bool(told))
    assert told == [outcome]


async def test_copies_are_bounded_and_given_up_when_the_gate_stops() -> None:
    a, b = Scripted("a"), Scripted("b")
    b.wait = asyncio.Event()
    told: list[str] = []
    mirror = Mirror(Target(b), 1.0)
    tested = RouteStage(Router([Route([a], mirror=mirror)]), mirrored=lambda _, what: told.append(what))
    for _ in range(MOST + 3):
        await tested(ask())
    await asyncio.sleep(0)
    assert (b.asked, told) == (MOST, ["dropped"] * 3)
    await tested.aclose()
    assert told.count("failed") == MOST


async def test_a_copy_takes_no_request_s_connection() -> None:
    held = asyncio.Event()

    async def script(head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if b"/slow/" in head:
            await held.wait()
        writer.write(answer(JSON))
        return False

    server = Server(script)
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listener:
        server.port = listener.sockets[0].getsockname()[1]
        base, most = f"http://127.0.0.1:{server.port}", "timeouts: {connect: 1s}"
        text = f"version: 1\nmax_in_flight: 1\nproviders:\n  a: {{kind: openai, base_url: '{base}', {most}}}\n"
        text += f"  b: {{kind: openai, base_url: '{base}/slow'}}\nroutes: [{{to: [a], mirror: {{to: b, share: 1}}}}]\n"
        router, transport = make_router(parse_config(text, file="gate.yaml", folder=Path()))
        await transport.start()
        tested = RouteStage(router)
        for _ in range(2):
            assert (await tested(ask())).status == 200
            await until(lambda: any(b"/slow/" in each for each in server.requests))
        await tested.aclose()
        await transport.aclose()
        held.set()


async def test_only_a_share_is_mirrored_and_nothing_that_a_rule_sends_elsewhere() -> None:
    a, b = Scripted("a"), Scripted("b")
    draws = iter([0.04, 0.06])
    mirror = Mirror(Target(b), 0.05, lambda: next(draws))
    tested = RouteStage(Router([Route([a], mirror=mirror)]))
    for _ in range(2):
        await tested(ask())
    chosen = ask()
    chosen.route_to = "a"
    await tested(chosen)
    await asyncio.sleep(0)
    assert b.asked == 1

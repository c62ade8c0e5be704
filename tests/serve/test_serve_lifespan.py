"""A gate lives as long as its server, whatever its app does about it."""

import asyncio
from typing import Any

import pytest

from tidegate.serve.config.gate_yaml import parse_config
from tidegate.serve.gate import Gate
from tidegate.serve.lifespan import live


async def refuses(scope: Any, receive: Any, send: Any) -> None:
    raise ValueError("Django can only handle ASGI/HTTP connections")


async def returns(scope: Any, receive: Any, send: Any) -> None:
    pass


async def lives(scope: Any, receive: Any, send: Any) -> None:
    while True:  # some never return
        kind = (await receive())["type"]
        await send({"type": kind + ".complete"})


@pytest.mark.parametrize("app", [refuses, returns, lives])
async def test_a_gate_is_open_until_its_server_stops_and_closed_before_that_is_told(tmp_path: Any, app: Any) -> None:
    gate = Gate(parse_config("version: 1\n", file="gate.yaml", folder=tmp_path))
    asked, told = asyncio.Queue[dict[str, Any]](), asyncio.Queue[tuple[str, bool]]()

    async def send(message: Any) -> None:
        told.put_nowait((message["type"], "gate" not in await gate.readiness()))

    life = asyncio.create_task(live(gate, app, {"type": "lifespan"}, asked.get, send))
    async with asyncio.timeout(20):
        for step, opened in (("startup", True), ("shutdown", False)):
            asked.put_nowait({"type": f"lifespan.{step}"})
            assert await told.get() == (f"lifespan.{step}.complete", opened)
    life.cancel()


async def test_an_app_that_fails_in_its_lifespan_fails_as_without_a_gate(tmp_path: Any) -> None:
    async def fails(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        raise ValueError("no database")

    async def asked() -> dict[str, str]:
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        raise AssertionError("nothing is said in its place")

    gate = Gate(parse_config("version: 1\n", file="gate.yaml", folder=tmp_path))
    with pytest.raises(ValueError, match="no database"):
        await live(gate, fails, {"type": "lifespan"}, asked, send)
    assert await gate.readiness() == {"gate": "starting"}

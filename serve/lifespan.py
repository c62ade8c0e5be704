"""The gate lives around the lifespan of the app that it stands before (ASGI lifespan protocol 2.0)."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from ..engine.door import App, Receive, Scope, Send
from ..engine.errors import ConfigError
from .gate import Gate
from .reload import on_hangup


async def live(gate: Gate, app: App, scope: Scope, receive: Receive, send: Send, *, hangup: bool = False) -> None:
    """Start the gate, live the app's lifespan, close the gate. A gate that cannot start says so in one line, and the
    server stops: an exception alone would mean to many servers that there is no lifespan here.

    `hangup`: SIGHUP reads the rules again.
    """
    try:
        await gate.start()
    except ConfigError as error:
        await refuse(error, scope, send)
        return
    undo = on_hangup(gate.rules) if hangup else None
    heard = False

    async def asked() -> MutableMapping[str, Any]:
        nonlocal heard
        heard = True
        return await receive()

    async def told(message: MutableMapping[str, Any]) -> None:
        nonlocal heard
        heard = True
        try:
            if message["type"].startswith("lifespan.shutdown."):  # many servers end what still runs once they hear this
                await gate.aclose()
        finally:
            if not _cut(message):
                await send(message)

    try:
        try:
            await app(scope, asked, told)
        except Exception:
            if heard:
                raise
        if not heard:  # an app without a lifespan, as Django's is: the gate has one all the same
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await told({"type": "lifespan.shutdown.complete"})
    finally:
        if undo:
            undo()
        await gate.aclose()


def _cut(message: MutableMapping[str, Any]) -> bool:
    """Whether an app calls it a failure that a second Ctrl-C has cut it off: nobody needs its traceback."""
    task = asyncio.current_task()
    return message["type"] == "lifespan.shutdown.failed" and task is not None and task.cancelling() > 0


async def refuse(error: ConfigError, scope: Scope, send: Send) -> None:
    """Tell the server why it cannot start. Raises `error` where a server without a lifespan asks something else."""
    if scope["type"] != "lifespan":
        raise error.with_traceback(None)
    await send({"type": "lifespan.startup.failed", "message": str(error)})

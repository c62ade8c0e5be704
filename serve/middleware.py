"""The second mount: one line around an ASGI app that serves a provider's API.

    app = TidegateMiddleware(app, config="gate.yaml")
    app.add_middleware(TidegateMiddleware, config="gate.yaml")      # Starlette, FastAPI

The app's own endpoints answer; the gate checks what goes in and out, and answers from memory. Every other path,
websockets and lifespan included, reaches the app as it came. So do, at the dialects' own paths, OPTIONS, by which
browsers ask whether they may send a request, and what else has no body, such as the list of what was asked: without
one, for an app that heeds no method would take it for a request.
"""

import asyncio
import contextlib
import inspect
import logging
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from ..engine.door import App, Door, Receive, Scope, Send, read_head
from ..engine.errors import ConfigError, TidegateError
from ..engine.wrapped import CALLS, WrappedApp
from .addresses import at_app
from .config.gate_yaml import Loaded, load_config
from .gate import Gate
from .lifespan import live, refuse

log = logging.getLogger("tidegate")

_STEPS = 8
"""The last parts of a path that may be one of a dialect's: a long path costs no more."""
_BODILESS = frozenset({"GET", "HEAD", "DELETE"})
"""Methods that ask for something without a body."""
_WRAPS = 32
"""Layers of middleware that are looked through."""


class TidegateMiddleware:
    """ASGI middleware. Raises ConfigError when it is made. As `add_middleware` makes it late, and where a part is
    missing, the server stops at its start with the same words."""

    def __init__(self, app: App, config: str | Path | Loaded = "gate.yaml") -> None:
        self._wrong: ConfigError | None = None
        self._warned: set[str] = set()
        try:
            self._make(app, config if isinstance(config, Loaded) else load_config(Path(config)))
        except ConfigError as error:
            if not _made_late():
                raise
            self._wrong = error

    def _make(self, app: App, loaded: Loaded) -> None:
        if loaded.config.providers:
            log.warning("%s: providers and routes are not used here: the wrapped app answers", loaded.tree.file)
        self.gate = Gate(loaded, upstream=WrappedApp(app), outer=[at_app])
        self._app = app
        self._door = Door(app, self.gate.handler, _root_of(app))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._wrong:
            await refuse(self._wrong, scope, send)
            return
        if scope["type"] == "lifespan":
            await live(self.gate, self._app, scope, receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, self._told(scope, send) if scope["type"] == "websocket" else send)
            return
        await self.gate.start()  # for servers without a lifespan; nothing to do otherwise
        path = self._door.path_of(scope)
        if not self.gate.handler.serves(path):
            await self._app(scope, receive, self._watched(path, send) if scope["method"] == "POST" else send)
            return
        if self.gate.handler.dialect_of(path) and self._asks_nothing(scope, path):
            await self._app(scope, _emptied(receive), send)
            return
        calls: list[asyncio.Task[None]] = []
        sent = _Sent(send)
        await self._door({**scope, CALLS: calls}, receive, sent)
        if not sent.any:
            await _farewell(send)
        if calls:
            await _ended(calls)

    def _asks_nothing(self, scope: Scope, path: str) -> bool:
        """Whether a request to a path of a dialect is the app's own business: it brings no body that a model could be
        asked with, and comes from nobody who may not ask; a browser is let ask whether it may ask."""
        if scope["method"] == "OPTIONS":
            return True
        names = {bytes(name).lower(): bytes(value) for name, value in scope["headers"]}
        if (
            scope["method"] not in _BODILESS
            or b"transfer-encoding" in names
            or names.get(b"content-length", b"0") != b"0"
        ):
            return False
        try:
            return self.gate.handler.stranger(read_head(scope, path)) is None
        except TidegateError:
            return False  # the door says what is wrong

    def _told(self, scope: Scope, send: Send) -> Send:
        """Warn, once for each, of a websocket that is taken at a path of which requests are read: OpenAI's clients can
        ask for Responses over one."""
        dialect = self.gate.handler.dialect_of(self._door.path_of(scope))
        if dialect is None:
            return send
        place = f"websockets at {dialect.path}"

        async def told(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "websocket.accept" and place not in self._warned:
                self._warned.add(place)
                log.warning("the app takes %s, unread: no rule is asked there", place)
            await send(message)

        return told

    def _watched(self, path: str, send: Send) -> Send:
        """Warn, once for each, of an endpoint that answers unread at a path which only ends like one that is read."""

        async def watched(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                steps = path.rsplit("/", _STEPS)[1:]
                tails = ("/" + "/".join(steps[at:]) for at in range(len(steps)))
                read = next((dialect.path for tail in tails if (dialect := self.gate.handler.dialect_of(tail))), "")
                if read and read not in self._warned:
                    self._warned.add(read)
                    log.warning("the app answers, unread, a path that ends with %s: mount the gate at its prefix", read)
            await send(message)

        return watched


def _root_of(app: Any) -> str:
    """The place below which an app answers besides its own paths, as FastAPI does with a `root_path`; seen through what
    is wrapped around it."""
    for _ in range(_WRAPS):
        if isinstance(root := getattr(app, "root_path", None), str) and root:
            return root
        app = getattr(app, "app", None)
    return ""


class _Sent:
    """Whether anything was sent."""

    def __init__(self, send: Send) -> None:
        self.any = False
        self._send = send

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        self.any = True
        await self._send(message)


async def _farewell(send: Send) -> None:
    """Answer a client that left: no server sends it, but Starlette's BaseHTTPMiddleware, in front, raises where nothing
    answers."""
    with contextlib.suppress(OSError):
        await send({"type": "http.response.start", "status": 499, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


async def _ended(calls: list[asyncio.Task[None]]) -> None:
    """Wait for what the app does after its answer, as a server that stops would without a gate. Raises what the app
    raised then, or in the middle of a stream: the answer has left by now, and the server and its layers hear of it."""
    await asyncio.wait(calls)
    for call in calls:
        if not call.cancelled() and isinstance(fault := call.exception(), Exception):
            raise fault


def _made_late() -> bool:
    """Whether Starlette makes this out of what `add_middleware` was told: inside of the first call to the app, which is
    the lifespan's. An exception there means to many servers that there is no lifespan here."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_code.co_name != "build_middleware_stack":
        frame = frame.f_back
    return frame is not None


def _emptied(receive: Receive) -> Receive:
    """The same request without its body."""
    told = read = False

    async def emptied() -> MutableMapping[str, Any]:
        nonlocal told, read
        if not told:
            told = True
            return {"type": "http.request", "body": b"", "more_body": False}
        while (message := await receive())["type"] != "http.disconnect":
            if read:  # a layer in front plays it again, without end: nobody will say that the client leaves
                await asyncio.Event().wait()
            read = not message.get("more_body")
        return message

    return emptied

"""Providers that do one thing after the other, and a route to them. Imported as `tidegate.tests.models.scripted`."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import TidegateError
from tidegate.engine.exchange import Exchange, Reply
from tidegate.engine.sse import Event
from tidegate.models.breaker import Health, Limits
from tidegate.models.retries import Retries
from tidegate.models.routes import Route, Router
from tidegate.models.routing import RouteStage

TEXT = Event.of({"choices": [{"delta": {"content": "hi"}}]})
ERROR = Event.of({"error": {"type": "server_error", "message": "x"}})
FILTERED = {"choices": [{"finish_reason": "content_filter", "message": {"content": ""}}]}
WELL = {"choices": [{"finish_reason": "stop", "message": {"content": "hi"}}]}


@dataclass
class Reply_:
    """A scripted reply: a status with a JSON body, or a stream of events in which an error may stand."""

    status: int = 200
    body: Any = field(default_factory=lambda: WELL)
    headers: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    events: Sequence[Event | TidegateError] | None = None


Does = int | TidegateError | Reply_


class Scripted:
    """A provider that does one thing after the other, and then the last again."""

    lends_credential = False

    def __init__(self, name: str, *does: Does) -> None:
        self.name = name
        self.does = list(does or (200,))
        self.sent: list[Exchange] = []
        self.replies = self.closed = 0
        self.wait: asyncio.Event | None = None
        self.stream: Callable[[], AsyncIterator[Event]] | None = None

    @property
    def asked(self) -> int:
        return len(self.sent)

    async def __call__(self, exchange: Exchange) -> Reply:
        self.sent.append(exchange)
        if self.wait is not None:
            await self.wait.wait()
        does = self.does.pop(0) if len(self.does) > 1 else self.does[0]
        if isinstance(does, TidegateError):
            raise does
        scripted = Reply_(does) if isinstance(does, int) else does

        async def close() -> None:
            self.closed += 1

        if scripted.events is None:
            reply = Reply.whole(scripted.status, json.dumps(scripted.body).encode(), scripted.headers)
        else:
            events = self.stream() if self.stream else _events(scripted.events)
            reply = Reply(scripted.status, scripted.headers, events, streamed=True)
        reply.closers.append(close)
        self.replies += 1
        return reply


async def _events(scripted: Sequence[Event | TidegateError]) -> AsyncIterator[Event]:
    for event in scripted:
        if isinstance(event, TidegateError):
            raise event
        yield event


def ask(*, stream: bool = False, **more: Any) -> Exchange:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}], **more}
    return Exchange(OpenAIChat(), OpenAIChat.path, {}, body, model="gpt-4o", stream=stream)


def stage(*to: Any, limits: Limits | None = None, **changes: Any) -> RouteStage:
    return RouteStage(Router([Route(list(to), **changes)]), Health(limits))


async def until(holds: Callable[[], bool]) -> None:
    """Let the others run until something has happened."""
    while not holds():  # noqa: ASYNC110
        await asyncio.sleep(0)


AGAIN = Retries(most=2, wait=0.0)

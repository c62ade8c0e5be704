"""What a client waits for inside its transport: each wait has its time, and all end when the client is closed."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx2


class ClientClosed(httpx2.ReadError):
    """The client was closed while something was waited for."""

    def __init__(self) -> None:
        super().__init__("The client was closed.")


class Waits:
    """The waits of one client, in one event loop."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Timeout] = set()
        self._ended = False

    @asynccontextmanager
    async def within(self, seconds: float | None) -> AsyncGenerator[None]:
        """Wait inside for at most `seconds`; None: as long as it takes. Raises httpx2.ReadTimeout, ClientClosed."""
        if self._ended:
            raise ClientClosed
        timer = asyncio.timeout(seconds)
        try:
            async with timer:
                self._under_way.add(timer)
                yield
        except TimeoutError:
            if not timer.expired():
                raise
            if self._ended:
                raise ClientClosed from None
            raise httpx2.ReadTimeout(f"No answer came within {seconds:g} s.") from None
        finally:
            self._under_way.discard(timer)

    def end(self) -> None:
        """End every wait now, and let none begin."""
        self._ended = True
        for timer in self._under_way:
            if not timer.expired():
                timer.reschedule(0)

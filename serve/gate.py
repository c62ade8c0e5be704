"""A gate: one configuration, built and ready to be mounted.

gate = Gate.from_config("gate.yaml")
app = gate.app()                # a proxy, for any ASGI server
transport = gate.transport()    # inside an SDK's client
"""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.door import Door
from ..engine.handler import Answer, Handler, Request
from ..engine.ports import Next
from .build import Parts, build
from .config import Loaded, load_config

if TYPE_CHECKING:
    from .transport import GateTransport


class Gate:
    """Everything that one `gate.yaml` says, wired. Start it in the event loop that it will serve."""

    def __init__(self, loaded: Loaded, *, upstream: Next | None = None) -> None:
        """`upstream` takes the place of the configured providers. Raises ConfigError."""
        self._loaded = loaded
        self._parts: Parts = build(loaded, upstream=upstream)
        self.config = loaded.config
        self.ruleset = self._parts.ruleset
        self.dialect = self._parts.dialect
        self.handler: Handler = self._parts.handler
        self.metrics = self._parts.metrics
        self._starting = asyncio.Lock()
        self._started = False

    @classmethod
    def from_config(cls, path: str | Path = "gate.yaml") -> "Gate":
        """Read `path` and build what it says. Raises ConfigError with file and line."""
        return cls(load_config(Path(path)))

    async def start(self) -> None:
        """Load models and open stores; safe to call again. Raises ConfigError when a part is missing."""
        async with self._starting:
            if not self._started:
                await self._parts.start()
                self._started = True

    async def aclose(self) -> None:
        """Finish what is under way in the background, then let go of everything."""
        async with self._starting:
            if self._started:
                self._started = False
                await self._parts.aclose()

    async def readiness(self) -> dict[str, str]:
        """Each part that must be there before the gate can serve: `ok`, or what it waits for."""
        return await self._parts.readiness() if self._started else {"gate": "starting"}

    async def models(self) -> list[dict[str, object]]:
        """The models that the providers offer, as `/v1/models` lists them."""
        return await self._parts.models()

    async def passthrough(self, request: Request) -> Answer:
        """A request of no dialect. Raises UnknownPath unless a route lets it through."""
        return await self._parts.passthrough(request)

    def app(self) -> Door:
        """The standalone proxy as an ASGI app; it starts and stops the gate in its lifespan."""
        from .proxy import proxy

        return proxy(self)

    def transport(self) -> "GateTransport":
        """An httpx2 transport for one SDK client, with a gate of its own.

        Without providers in the configuration, requests go on to the address that the client was told.
        """
        from .transport import GateTransport, Onward

        onward = None if self.config.providers else Onward()
        return GateTransport(Gate(self._loaded, upstream=onward))

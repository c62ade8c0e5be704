"""A gate: one configuration, built and ready to be mounted.

gate = Gate.from_config("gate.yaml")
app = gate.app()                # a proxy, for any ASGI server
transport = gate.transport()    # inside an SDK's client
"""

import asyncio
from collections.abc import Callable, Container, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.dialects import Dialect
from ..engine.door import Door
from ..engine.errors import UnknownModel
from ..engine.exchange import Caller
from ..engine.handler import Answer, Handler, Request, json_answer
from ..engine.ports import Next, Stage
from ..engine.query import with_key
from ..governance.together import Together
from ..guardrails.rules.ruleset import Ruleset
from .build import Parts, build
from .config.gate_yaml import Loaded, load_config

if TYPE_CHECKING:
    from .transport import GateTransport

MODELS = "/v1/models"


class Gate:
    """Everything that one `gate.yaml` says, wired. Start it in the event loop that it will serve."""

    def __init__(
        self,
        loaded: Loaded,
        *,
        upstream: Next | None = None,
        outer: Sequence[Stage] = (),
        inner: Sequence[Stage] = (),
        beside: Path | None = None,
    ) -> None:
        """`upstream` takes the place of the configured providers; `inner` stages come before it, `outer` ones before
        all that is remembered. `beside`: the folder in which processes that serve together count. Raises ConfigError.
        """
        self._loaded = loaded
        self._parts: Parts = build(loaded, upstream=upstream, outer=outer, inner=inner)
        self.config = loaded.config
        self.rules = self._parts.rules
        self.handler: Handler = self._parts.handler
        self.metrics = self._parts.metrics
        self.metrics_text: Callable[[], bytes] = self.metrics.text
        """What `/metrics` shows, in the exposition format of Prometheus."""
        if beside is not None:
            together = Together(self.metrics, beside)
            self._parts.starts.append(together.start)
            self._parts.closes.insert(0, together.aclose)  # the last to close
            self.metrics_text = together.text
        self._starting = asyncio.Lock()
        self._started = False

    @property
    def ruleset(self) -> Ruleset:
        """The rules in force."""
        return self.rules()

    async def reload(self) -> str:
        """Read the rule files again. Empty when the new rules are in force, else why the old ones stay."""
        return await self.rules.reload()

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

    def breakers(self) -> dict[str, str]:
        """Which providers are asked. One that rests does not make the gate unready: another may answer."""
        return self._parts.breakers()

    def memory(self) -> dict[str, str]:
        """What the cache can do: see `Parts.memory`. A gate whose memory fails is ready all the same."""
        return self._parts.memory()

    async def self_test(self) -> str:
        """Whether the semantic cache would be off: see `Parts.self_test`. Not for a gate that runs."""
        return await self._parts.self_test()

    async def answer(self, request: Request) -> Answer:
        """Answer any request: of a dialect, for the list of models, or one that a route lets through.

        Raises UnknownPath for every other, Unauthorized for a caller who may not ask.
        """
        if self.handler.serves(request.path):
            return await self.handler.handle(request)
        if request.method == "GET" and (request.path + "/").startswith(MODELS + "/"):
            return await self._models(request)
        return await self._parts.passthrough.answer(request)

    def dialect_for(self, path: str, headers: Container[str]) -> Dialect:
        """In whose envelope an error belongs, for any path. Header names in lower case."""
        return self._parts.passthrough.dialect_for(path, headers)

    def caller_of(self, request: Request) -> Caller:
        """Who asks. Raises Unauthorized for one without a known key where that is required."""
        return self._parts.admit.caller_of(with_key(request.headers, request.query)[0])

    async def _models(self, request: Request) -> Answer:
        self.caller_of(request)
        wanted, models = request.path.removeprefix(MODELS).strip("/"), await self._parts.models()
        if not wanted:
            return json_answer({"object": "list", "data": models})
        found = next((model for model in models if model.get("id") == wanted), None)
        if found is None and self._parts.passthrough.open:
            return await self._parts.passthrough.answer(request)  # hosts do not list all that they have
        if found is None:
            raise UnknownModel("There is no such model; GET /v1/models lists those that are served.", param="model")
        return json_answer(found)

    def app(self) -> Door:
        """The standalone proxy as an ASGI app; it starts and stops the gate in its lifespan."""
        from .proxy import proxy

        return proxy(self)

    def transport(self) -> "GateTransport":
        """An httpx2 transport for one SDK client, with a gate of its own.

        Without providers in the configuration, requests go on to the address that the client was told.
        """
        from .addresses import at_host
        from .onward import Onward
        from .transport import GateTransport

        def made() -> tuple[Gate, Onward | None]:
            if self.config.providers:
                return Gate(self._loaded), None
            onward = Onward()
            return Gate(self._loaded, upstream=onward, outer=[at_host]), onward

        return GateTransport(made)

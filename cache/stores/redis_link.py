"""Questions to one redis server. Every failure is an answer of the caller's choosing, never an exception.

After two failures in a row the server is left alone and asked again in the background, so that a dead one costs a
request nothing.
"""

import asyncio
import contextlib
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from ...engine.errors import ConfigError
from .record import log

T = TypeVar("T")

TIMEOUT = 0.25
"""Seconds for any one answer of the server."""
FAILURES = 2
"""Failures in a row after which the server is left alone."""
PROBE_SECONDS = 0.4
"""How often one that is left alone is asked whether it is there: in use again within a second of its return."""
REFUSED_SECONDS = 60.0
"""After how long without a refusal the next one is told of again."""
_REFUSALS = ("MISCONF", "NOREPLICAS", "BUSY ")
"""Those that the client has no class for: a failed save, too few replicas, a script of somebody's that does not end.
Those that it has: no memory, a replica, not permitted, another node."""
_DATABASE = re.compile(r"/?|/[0-9]{1,9}")


class RedisLink:
    """A bounded pool of connections, and a breaker in front of it."""

    def __init__(self, url: str, timeout: float = TIMEOUT) -> None:
        self.counts: Counter[str] = Counter(dict.fromkeys(("failures", "not_understood", "skipped", "opened"), 0))
        self.timeout = timeout
        try:
            if not _DATABASE.fullmatch(urlsplit(url).path):  # the client would take another name for 0
                raise ValueError
            pool = BlockingConnectionPool.from_url(  # pyright: ignore[reportUnknownVariableType]
                url,
                max_connections=32,
                timeout=timeout,
                socket_timeout=timeout,
                socket_connect_timeout=timeout,
                retry=Retry(NoBackoff(), 0),
            )
            pool.make_connection()  # connects to nothing, but finds parameters that there are not
        except (ValueError, TypeError):
            raise ConfigError("the redis store's address cannot be read", hint="redis://HOST:6379/0") from None
        self.redis = cast("Any", Redis(connection_pool=cast("Any", pool)))
        self._scripts: dict[str, Any] = {}
        self._failed_in_a_row = 0
        self._refused = -REFUSED_SECONDS
        self._probe: asyncio.Task[None] | None = None

    @property
    def available(self) -> bool:
        """Whether the server is being asked at all."""
        return self._probe is None

    @property
    def unanswered(self) -> int:
        """Questions that had no answer. What the server says of something foreign is one, a refusal is none."""
        return self.counts["failures"] + self.counts["skipped"] - self.counts["not_understood"]

    async def start(self) -> None:
        """Ask the server once; one that is away is asked again until it is there."""
        await self.ask(self.redis.ping, None)
        if self._failed_in_a_row:
            self._leave_alone()

    async def aclose(self) -> None:
        if self._probe is not None:
            self._probe.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._probe
        with contextlib.suppress(RedisError, OSError):
            await self.redis.aclose()

    async def run(
        self,
        script: str,
        keys: list[str],
        values: list[Any],
        otherwise: T,
        refused: Callable[[str], None] | None = None,
    ) -> T | Any:
        """What a script returns. See `ask`."""
        if script not in self._scripts:
            self._scripts[script] = self.redis.register_script(script)
        return await self.ask(lambda: self._scripts[script](keys=keys, args=values), otherwise, refused)

    async def ask(
        self, question: Callable[[], Awaitable[Any]], otherwise: T, refused: Callable[[str], None] | None = None
    ) -> T | Any:
        """The server's answer, or `otherwise` when it has none in time.

        `refused` is told what a server says that lives and does not understand: something foreign lies under our key.
        """
        if self._probe is not None:
            self.counts["skipped"] += 1
            return otherwise
        try:
            async with asyncio.timeout(self.timeout * 2):
                answer = await question()
        except ResponseError as error:
            _go_if_cancelled()
            self._told(error)
            if refused is not None:
                refused(str(error))
            return otherwise
        except (RedisError, OSError, TimeoutError, ValueError):
            _go_if_cancelled()
            self.counts["failures"] += 1
            self._failed_in_a_row += 1
            if self._failed_in_a_row >= FAILURES:
                self._leave_alone()
            return otherwise
        _go_if_cancelled()
        self._failed_in_a_row = 0
        return answer

    def _told(self, error: ResponseError) -> None:
        """The server lives and does not do it: foreign values are in the way, or it takes no such command."""
        self.counts["failures"] += 1
        if type(error) is ResponseError and not str(error).startswith(_REFUSALS):
            self.counts["not_understood"] += 1
            return
        now = time.monotonic()
        if now - self._refused >= REFUSED_SECONDS:
            log.warning("the cache's redis server refuses commands: %s", str(error)[:100])
        self._refused = now

    def _leave_alone(self) -> None:
        if self._probe is None:
            self.counts["opened"] += 1
            log.warning("the cache's redis server does not answer; going on without it")
            self._probe = asyncio.get_running_loop().create_task(self._ask_again())

    async def _ask_again(self) -> None:
        """Until it answers, once in PROBE_SECONDS."""
        while True:
            await asyncio.sleep(PROBE_SECONDS)
            with contextlib.suppress(RedisError, OSError, TimeoutError, ValueError):
                async with asyncio.timeout(self.timeout * 2):
                    await self.redis.ping()
                    # Idle connections to a server that has gone fail one by one: two, and it would be left alone again.
                    await self.redis.connection_pool.disconnect(inuse_connections=False)
                break
            _go_if_cancelled()
        self._probe, self._failed_in_a_row = None, 0
        log.warning("the cache's redis server answers again")


def _go_if_cancelled() -> None:
    """The client may turn a cancellation into an error of its own, or into an answer: a task must end all the same."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError

"""Rules that change while traffic runs: built and tested beside the old ones, then swapped in one assignment.

An exchange keeps the rules that it began with, so no request is dropped or judged by two sets. Whatever is wrong with
the new rules leaves the old ones in force.
"""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Iterable
from pathlib import Path

from ..engine.errors import ConfigError
from ..guardrails.rules.ruleset import Ruleset
from ..guardrails.rules.test import run_tests

log = logging.getLogger("tidegate")

POLL_SECONDS = 2.0
"""How often files are looked at. A change is taken once it has been the same for two looks: editors save in steps."""

TRIES = 3
"""How often files are read that change meanwhile."""

Signature = frozenset[tuple[str, int, int, int, int]]
"""Of each file its path, number, size, and when its content and its place or rights were changed. A file of the same
size and time of change may take its place: images of containers give all files one time."""


class LiveRules:
    """The rules in force. Calling it gives them."""

    def __init__(self, build: Callable[[], Ruleset], named: Callable[[], Iterable[Path]] = tuple) -> None:
        """`build` reads and compiles, and raises ConfigError; `named` are the files that the configuration names."""
        self._build = build
        self._named = named
        self._current = build()
        self.refused = False
        """Whether the files as they were last read were not taken over."""
        self._broken: frozenset[Path] = frozenset()
        """The files that kept new rules out: they may be such as the rules in force do not have."""
        self._signature = self._sign()
        self._reloading = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None

    def __call__(self) -> Ruleset:
        return self._current

    def start(self) -> None:
        """Load what the first rules need, and try them. Raises ConfigError, as for rules that come later."""
        _try(self._current)

    async def reload(self) -> str:
        """Read the rules again. Empty when the new ones are in force, else why the old ones stay."""
        async with self._reloading:
            try:
                fresh = await self._settled()
            except ConfigError as error:
                self._broken = frozenset(Path(each.file) for each in error.errors if each.file)
                self._signature |= self._signed(self._broken)
                return self._kept(str(error))
            except Exception as fault:  # a detector of somebody else's: the traffic goes on under the old rules
                return self._kept(f"{type(fault).__name__} while they were built")
            if fresh.digest != self._current.digest:
                log.info("new rules are in force: %d rules, digest %s", len(fresh.rules), fresh.digest[:12])
            old, self._current, self._broken = self._current, fresh, frozenset()
            self.refused = False
            await asyncio.to_thread(old.rest)
            return ""

    async def _settled(self) -> Ruleset:
        """New rules from files that nobody wrote to meanwhile: of one that is half written, half may look whole.
        Raises ConfigError, OSError."""
        for _ in range(TRIES):
            self._signature = self._sign()
            fresh = await asyncio.to_thread(self._prepared)
            if self._sign() == self._signature:
                return fresh
            await asyncio.to_thread(fresh.rest)
        raise ConfigError("they are written to while they are read", hint="the next change is taken, or SIGHUP")

    def _prepared(self) -> Ruleset:
        fresh = self._build()
        try:
            _try(fresh)
        except BaseException:
            fresh.rest()
            raise
        return fresh

    def _kept(self, reason: str) -> str:
        self.refused = True
        log.error("the rules stay as they were: %s", reason)
        return reason

    def _sign(self) -> Signature:
        return self._signed({*self._named(), *self._current.files, *self._broken})

    def _signed(self, files: Iterable[Path]) -> Signature:
        found: set[tuple[str, int, int, int, int]] = set()
        for path in files:
            with contextlib.suppress(OSError):
                state = path.stat()
                found.add((str(path), state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns))
        return frozenset(found)

    async def watch(self) -> None:
        """Begin to look for changes of the files."""
        if self._watching is None:
            self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        before = self._signature
        while True:
            await asyncio.sleep(POLL_SECONDS)
            with contextlib.suppress(OSError):  # a disk that is away for a while: it is looked at again
                now = await asyncio.to_thread(self._sign)
                if now != self._signature and now == before:
                    await self.reload()
                before = now

    async def aclose(self) -> None:
        """Stop looking, and end the processes of rules."""
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
            self._watching = None
        await asyncio.to_thread(self._current.rest)


def _try(ruleset: Ruleset) -> None:
    """Start rules and put them to their own tests: those of the operator's files, since packs ship as they were tested.

    Raises ConfigError.
    """
    ruleset.start()
    failed = [str(result) for result in run_tests(ruleset.rules, skip="pack:") if not result.ok]
    if failed:
        more = f", and {len(failed) - 1} more" if len(failed) > 1 else ""
        raise ConfigError(f"a rule's own test fails: {failed[0]}{more}", hint="`tidegate check` shows them all")


def on_hangup(rules: LiveRules) -> Callable[[], None]:
    """Reload on SIGHUP, where there is such a signal and this is the main thread. Returns what undoes it."""
    loop = asyncio.get_running_loop()
    pending: set[asyncio.Task[str]] = set()

    def hangup() -> None:
        task = loop.create_task(rules.reload())
        pending.add(task)
        task.add_done_callback(pending.discard)

    try:
        loop.add_signal_handler(signal.SIGHUP, hangup)
    except (AttributeError, NotImplementedError, RuntimeError, ValueError):
        return lambda: None

    def undo() -> None:
        loop.remove_signal_handler(signal.SIGHUP)

    return undo

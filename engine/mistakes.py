"""Several mistakes of a configuration told at once, so that nobody mends them one by one."""

from collections.abc import Generator
from contextlib import contextmanager

from .errors import ConfigError

MOST = 20
"""Mistakes that are told in one go: a screen full, and looking for more takes time that a hostile file would choose."""


class Mistakes:
    """What was found wrong so far."""

    def __init__(self) -> None:
        self._found: list[ConfigError] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, error: ConfigError) -> None:
        """Raises ConfigError, with all of them, once there are MOST."""
        self._found += [each for each in error.errors if each not in self._found]
        if len(self._found) >= MOST:
            self.end()

    @contextmanager
    def gather(self) -> Generator[None]:
        """A ConfigError ends the block, and is kept; what comes behind the block goes on."""
        try:
            yield
        except ConfigError as error:
            self.add(error)

    def end(self) -> None:
        """Raises ConfigError with all that was found, if anything was."""
        if self._found:
            raise ConfigError.together(self._found[:MOST]) from None


@contextmanager
def together(mistakes: Mistakes | None) -> Generator[Mistakes]:
    """To gather mistakes in `mistakes`, or without it, to raise them when the block ends."""
    own = Mistakes() if mistakes is None else mistakes
    yield own
    if mistakes is None:
        own.end()

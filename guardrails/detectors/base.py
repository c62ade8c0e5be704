"""What a detector's factory is given, and the one thing ours can do beyond the port: resume in the middle of a text.

A package registers a detector under the entry point group `tidegate.detectors`; the name is the key under `detect:`,
the object a class (or any object) with `from_config(config, context)`.
"""

import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar, cast

from pydantic import BaseModel, ValidationError

from ...engine.errors import ConfigError
from ...engine.jsonio import Address, Json
from ...engine.ports import Detector, Finding
from ...engine.validate import validate
from ...engine.yamlfile import Located

MODEL = TypeVar("MODEL", bound=BaseModel)
MADE = TypeVar("MADE")


@dataclass(frozen=True, slots=True)
class Context:
    """Where a detector's configuration stands, and what surrounds it."""

    tree: Located
    at: Address
    label: str = "TEXT"
    """What findings are called when the detector has no better name: from the rule's id, fit for a placeholder."""
    lists: Mapping[str, Sequence[str]] | None = None
    """The named word lists of the rule file."""
    hold: int | None = None
    """What a stream waits for a pattern that has no bound and states none, in characters; None: while it goes on."""

    def error(self, message: str, path: Address = (), *, hint: str = "", key: bool = False) -> ConfigError:
        """An error at `path` below this configuration; `key`: what is wrong is the key that stands there."""
        return self.tree.error(message, (*self.at, *path), hint=hint, key=key)

    def parse(self, model: type[MODEL], config: Json, *, hint: str = "") -> MODEL:
        """`config`, the mapping at this place, as an instance of `model`. `hint`: how it is written. Raises ConfigError
        with the line."""
        if not isinstance(config, dict):
            raise self.error("expected a mapping of keys to values here", hint=hint)
        try:
            return model.model_validate(config)
        except ValidationError:
            pass
        # Once more, with the lines of the file, to say where it is wrong.
        places = self.tree.within(self.at)
        keys = [*cast("dict[str, Any]", config)]
        if len(keys) == 1 and (key := keys[0],) not in places:
            # The value stands alone in place of the mapping.
            places |= {(key, *path): place for path, place in places.items()}
        return validate(model, Located(config, self.tree.file, places))

    def below(self, *steps: str | int) -> "Context":
        """The context of a part of this configuration."""
        return replace(self, at=(*self.at, *steps))


class Factory(Protocol):
    """What an entry point of the group `tidegate.detectors` names."""

    def from_config(self, config: Json, context: Context) -> Detector:
        """Build the detector, loading whatever it needs. Raises ConfigError (see `context.error`)."""
        ...


class Resuming(Protocol):
    """A detector whose `find` takes a start: findings begin there or later, and the text before is context only.

    In a stream, matching resumes where the settled text ends. A detector that always scans from the beginning might
    there pair characters differently than it did before.
    """

    resumes: bool

    def find(self, text: str, start: int = 0) -> Sequence[Finding]: ...


def find_from(detector: Detector, text: str, start: int) -> Sequence[Finding]:
    """Findings that begin at or after `start`."""
    if getattr(detector, "resumes", False):
        return cast(Resuming, detector).find(text, start)
    found = detector.find(text)
    return [finding for finding in found if finding.start >= start] if start else found


def reads_around(detector: Detector) -> bool:
    """Whether it judges a value by words nearby: one that stands in a field is then shown with the field's name."""
    return bool(getattr(detector, "reads_around", False))


def reads_through(detector: Detector) -> bool:
    """Whether a few odd characters do not keep it from reading a text: its normal view is then shown to it only where
    many are odd. What was learned from texts with accents reads each of them once, not twice."""
    return bool(getattr(detector, "reads_through", False))


class _Held(threading.local):
    """What is known of one text, in this thread."""

    sharing = False
    text = ""
    known: dict[Any, Any]


_held = _Held()


@contextmanager
def sharing() -> Generator[None]:
    """Within this, detectors tell one another what they found out about the text at hand; nothing is kept behind it."""
    _held.sharing, _held.text, _held.known = True, "", {}
    try:
        yield
    finally:
        _held.sharing, _held.text, _held.known = False, "", {}


def shared(text: str, key: Any, make: Callable[[], MADE]) -> MADE:
    """What `make` gives, or gave another detector for the same text within `sharing`."""
    if not _held.sharing:
        return make()
    if _held.text is not text:
        _held.text, _held.known = text, {}
    known = _held.known
    if key not in known:
        known[key] = make()
    return known[key]


def signature(detector: Any) -> str:
    """What a ruleset's digest says of a detector: its kind and its version, `0` when it states none."""
    return f"{detector.kind}/{getattr(detector, 'version', '0')}"

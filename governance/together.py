"""The metrics of several processes as one, whichever of them is asked.

Each writes what it has counted into a folder that they share, once a second and when it ends, and who is asked adds up
what lies there. What processes that have ended counted stays counted, so that no counter ever goes back; what was so
while they ran goes with them. The file of a process is its own; that of the ended ones' sum (`fold`) is their parent's.
"""

import asyncio
import contextlib
import os
import secrets
from collections.abc import Callable, Container, Iterable, Sequence
from pathlib import Path

import msgspec
from prometheus_client import generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from .metrics import Across, Metrics

SECONDS = 1.0
"""How old what others have counted can be."""
_GONE = "gone.msgpack"
_FOLDED = 64
"""Ended processes whose files may still lie there while their counts are in the sum already."""


class Row(msgspec.Struct, array_like=True, frozen=True):
    """A sample, and how it is put together with those of other processes."""

    family: str
    type: str
    help: str
    name: str
    labels: tuple[tuple[str, str], ...]
    value: float
    across: Across

    @property
    def key(self) -> tuple[str, str, tuple[tuple[str, str], ...]]:
        return self.family, self.name, self.labels


class _Told(msgspec.Struct, array_like=True):
    """What a file holds. `folded`: the files that are in its sum."""

    rows: list[Row]
    folded: list[str] = []


_decode = msgspec.msgpack.Decoder(_Told).decode
_encode = msgspec.msgpack.Encoder().encode


class Together:
    """One process among several that are measured as one."""

    def __init__(self, metrics: Metrics, folder: Path) -> None:
        self._metrics = metrics
        self._folder = folder
        self.file = folder / f"{os.getpid()}-{secrets.token_hex(4)}.msgpack"
        self._told = b""
        self._task: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()

    async def start(self) -> None:
        self._ended.clear()
        self._task = asyncio.create_task(self._keep())

    async def aclose(self) -> None:
        """Tell the last time."""
        self._ended.set()
        if self._task is not None:
            await self._task
        self._tell_now()

    async def _keep(self) -> None:
        while not self._ended.is_set():
            self._tell_now()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), SECONDS)

    def _tell_now(self) -> None:
        """A source that cannot say costs the others what is new here, and nobody a request."""
        with contextlib.suppress(Exception):
            self._tell(rows(self._metrics))

    def _tell(self, own: list[Row]) -> None:
        """A disk that is full costs no more.

        Not in a thread: it is one small file, and what is written last is the newest.
        """
        with contextlib.suppress(Exception):
            told = _encode(_Told([row for row in own if row.across != "one"]))
            if told != self._told or not self.file.exists():  # whoever clears old files away may have taken it
                _put(self.file, told)
                self._told = told

    def text(self) -> bytes:
        """As Metrics.text, of all. What it says is written first: should this process die now, no counter goes back."""
        own = rows(self._metrics)
        self._tell(own)
        others = [row for told in _read(self._folder, self.file.name) for row in told.rows]
        return generate_latest(_Families(together([*own, *others])))


def rows(metrics: Metrics) -> list[Row]:
    """What one process counts."""
    return [
        Row(
            *(family.name, family.type, family.documentation, sample.name, tuple(sorted(sample.labels.items()))),
            *(float(sample.value), metrics.across(sample.name, sample.labels)),
        )
        for family in metrics.registry.collect()
        for sample in family.samples
    ]


_PUT: dict[Across, Callable[[float, float], float]] = {
    "count": lambda a, b: a + b,
    "sum": lambda a, b: a + b,
    "max": max,
    "min": min,
    "one": lambda a, b: a,
}


_KEPT: frozenset[Across] = frozenset({"count", "min"})
"""Of a process that has ended; `min` is when counters began."""


def together(found: Iterable[Row]) -> list[Row]:
    """Samples of the same name and labels as one."""
    known: dict[tuple[str, str, tuple[tuple[str, str], ...]], Row] = {}
    for row in found:
        if (had := known.get(row.key)) is not None:
            row = msgspec.structs.replace(had, value=_PUT[had.across](had.value, row.value))
        known[row.key] = row
    return list(known.values())


class _Families(Collector):
    """Rows as Prometheus writes them."""

    def __init__(self, found: Sequence[Row]) -> None:
        self._found = found

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for row in self._found:
            if row.family not in families:
                families[row.family] = Metric(row.family, row.help, row.type)
            families[row.family].add_sample(row.name, dict(row.labels), row.value)
        return families.values()


def fold(folder: Path, living: Container[int | None]) -> None:
    """Add what processes have counted that are not among `living` to the sum of such that have ended. By their parent
    alone, as often as it looks after them: where the disk is full nothing is done."""
    files = [file for file in sorted(folder.glob("*-*.msgpack")) if int(file.name.partition("-")[0]) not in living]
    if not files:
        return
    gone = _told(folder / _GONE) or _Told([])
    new = [told for file in files if file.name not in gone.folded and (told := _told(file))]
    ended = [row for told in new for row in told.rows if row.across in _KEPT]
    # First the sum, which names the files that it holds: whoever reads meanwhile counts each once.
    folded = [*gone.folded, *(file.name for file in files)][-_FOLDED:]
    with contextlib.suppress(OSError):
        _put(folder / _GONE, _encode(_Told(together([*gone.rows, *ended]), folded)))
        for file in files:
            file.unlink(missing_ok=True)


def _read(folder: Path, without: str) -> list[_Told]:
    """What lies there: the files of processes, read before the sum of those that have ended."""
    files = {file.name: _told(file) for file in folder.glob("*-*.msgpack") if file.name != without}
    gone = _told(folder / _GONE) or _Told([])
    return [gone, *(told for name, told in files.items() if told and name not in gone.folded)]


def _told(file: Path) -> _Told | None:
    try:
        return _decode(file.read_bytes())
    except (OSError, msgspec.MsgspecError):  # it is gone by now
        return None


def _put(file: Path, content: bytes) -> None:
    new = file.with_suffix(".new")
    new.write_bytes(content)
    new.replace(file)

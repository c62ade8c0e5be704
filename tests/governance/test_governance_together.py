"""The metrics of several processes: whoever is asked tells of all, and no counter goes back when one ends."""

import asyncio
import os
import re
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.governance import together as module
from tidegate.governance.metrics import Metrics, Series
from tidegate.governance.together import Row, Together, fold, together
from tidegate.tests.guardrails.guarded import exchange


def counted(requests: int, *, at: int = 0) -> Metrics:
    made = Metrics()
    for _ in range(requests):
        made.observe(exchange("hi"), 200, None)
    made.in_flight.set(at)
    made.watch_breaker("p", lambda: float(at))
    made.follow(
        lambda: [
            Series("tidegate_store", "h", 9, {"what": "entries"}, "one"),
            Series("tidegate_store", "h", at, {"what": "damaged"}),
        ]
    )
    return made


def values(text: bytes) -> dict[str, float]:
    return {name: float(value) for name, value in re.findall(r"^([a-z_]+(?:\{[^}]*\})?) (\S+)$", text.decode(), re.M)}


async def told(*several: Together) -> None:
    for each in several:
        await each.start()
        await each.aclose()


async def test_each_of_them_tells_of_all(tmp_path: Path) -> None:
    one, two = Together(counted(3, at=1), tmp_path), Together(counted(4, at=2), tmp_path)
    await told(one, two)
    for each in (one, two):
        shown = values(each.text())
        assert sum(v for k, v in shown.items() if k.startswith("tidegate_requests_total")) == 7
        assert shown["tidegate_overhead_ms_count"] == 7
        assert shown["tidegate_in_flight"] == 3
        assert shown['tidegate_breaker_state{provider="p"}'] == 2
        assert shown['tidegate_store{what="entries"}'] == 9
        assert shown['tidegate_store{what="damaged"}'] == 3


async def test_it_reads_as_one_process_does(tmp_path: Path) -> None:
    alone = counted(2, at=1)
    shown, plain = Together(alone, tmp_path).text(), alone.text()
    assert values(shown) == values(plain)
    assert set(shown.splitlines()) <= set(plain.splitlines())


async def test_what_an_ended_process_counted_stays_and_what_it_was_doing_does_not(tmp_path: Path) -> None:
    one, two = Together(counted(3, at=1), tmp_path), Together(counted(4, at=2), tmp_path)
    await told(one, two)
    two.file.rename(tmp_path / "77-ab.msgpack")
    for _ in range(2):  # the second time there is nothing to add
        fold(tmp_path, {os.getpid()})
        shown = values(one.text())
        assert shown["tidegate_overhead_ms_count"] == 7
        assert shown["tidegate_in_flight"] == 1
        assert shown['tidegate_breaker_state{provider="p"}'] == 1
        assert shown['tidegate_store{what="damaged"}'] == 3
    assert not (tmp_path / "77-ab.msgpack").exists()


async def test_what_was_shown_stays_though_the_process_dies_at_once(tmp_path: Path) -> None:
    metrics = counted(3)
    one, two = Together(metrics, tmp_path), Together(counted(4), tmp_path)
    await told(one, two)
    metrics.observe(exchange("hi"), 200, None)
    assert values(one.text())["tidegate_overhead_ms_count"] == 8
    one.file.rename(tmp_path / "77-ab.msgpack")
    fold(tmp_path, {os.getpid()})
    assert values(two.text())["tidegate_overhead_ms_count"] == 8


async def test_an_ended_process_is_counted_once_the_disk_has_room_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = Together(counted(3, at=1), tmp_path), Together(counted(4, at=2), tmp_path)
    await told(one, two)
    ended = two.file.rename(tmp_path / "77-ab.msgpack")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    for method in ("write_bytes", "unlink"):  # it cannot be written, and then it cannot be taken away
        with monkeypatch.context() as patched:
            patched.setattr(Path, method, full)
            fold(tmp_path, {os.getpid()})
        assert ended.exists() and values(one.text())["tidegate_overhead_ms_count"] == 7
    fold(tmp_path, {os.getpid()})
    shown = values(one.text())
    assert not ended.exists() and (shown["tidegate_overhead_ms_count"], shown["tidegate_in_flight"]) == (7, 1)


async def test_a_file_that_was_cleared_away_is_written_again(tmp_path: Path) -> None:
    one, two = Together(counted(3), tmp_path), Together(counted(4), tmp_path)
    await told(one, two)
    one.file.unlink()
    one.text()
    assert values(two.text())["tidegate_overhead_ms_count"] == 7


async def test_a_file_that_is_in_the_sum_already_counts_once(tmp_path: Path) -> None:
    one, two = Together(counted(3), tmp_path), Together(counted(4), tmp_path)
    await told(one, two)
    kept = two.file.read_bytes()
    two.file.rename(tmp_path / "77-ab.msgpack")
    fold(tmp_path, {os.getpid()})
    (tmp_path / "77-ab.msgpack").write_bytes(kept)  # as if the parent had not come to take it away
    assert values(one.text())["tidegate_overhead_ms_count"] == 7


async def test_files_that_cannot_be_read_are_left_out(tmp_path: Path) -> None:
    one = Together(counted(3), tmp_path)
    (tmp_path / "1-a.msgpack").write_bytes(b"\x93")
    (tmp_path / "gone.msgpack").write_bytes(b"no")
    (tmp_path / "2-b.msgpack").mkdir()
    assert values(one.text())["tidegate_overhead_ms_count"] == 3


async def test_one_that_ends_while_it_writes_tells_the_last_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, put = threading.Event(), module._put

    def slow(file: Path, content: bytes) -> None:
        first = not begun.is_set()
        begun.set()
        time.sleep(0.2 * first)
        put(file, content)

    monkeypatch.setattr(module, "_put", slow)
    metrics = counted(3)
    one = Together(metrics, tmp_path)
    await one.start()
    await asyncio.to_thread(begun.wait, 5)
    metrics.observe(exchange("hi"), 200, None)
    await one.aclose()
    await asyncio.sleep(0.3)  # for a writer that was left behind
    assert values(Together(counted(0), tmp_path).text())["tidegate_overhead_ms_count"] == 4


async def test_a_source_that_cannot_say_now_ends_nothing(tmp_path: Path) -> None:
    metrics, broken = counted(3), [True]

    def source() -> list[Series]:
        if broken:
            raise RuntimeError
        return []

    metrics.follow(source)
    one = Together(metrics, tmp_path)
    await one.start()
    await asyncio.sleep(0.01)
    broken.clear()
    await one.aclose()
    assert values(Together(counted(0), tmp_path).text())["tidegate_overhead_ms_count"] == 3


async def test_a_folder_that_is_gone_costs_nothing_but_the_others(tmp_path: Path) -> None:
    one = Together(counted(3), tmp_path / "gone")
    await told(one)
    assert values(one.text())["tidegate_overhead_ms_count"] == 3


@pytest.mark.parametrize(("across", "made"), [("count", 7), ("sum", 7), ("max", 5), ("min", 2), ("one", 2)])
def test_values_go_together_as_they_say(across: str, made: float) -> None:
    found = [Row("f", "gauge", "h", "f", (("a", "b"),), value, across) for value in (2.0, 5.0)]  # pyright: ignore[reportArgumentType]
    assert [row.value for row in together(found)] == [made]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.integers(0, 99)), max_size=20))
def test_sums_are_sums_whatever_the_order(given: list[tuple[str, str, int]]) -> None:
    found = [Row("f", "counter", "h", name, (("l", label),), float(n), "count") for name, label, n in given]
    sums = {row.key: row.value for row in together(found)}
    assert sums == {row.key: row.value for row in together(found[::-1])}
    assert sum(sums.values()) == sum(n for _, _, n in given)

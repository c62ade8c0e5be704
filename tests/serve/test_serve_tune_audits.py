"""`tidegate cache tune --audits`: the curve from what the gate itself saw, exported, drawn, written, erased."""

import asyncio
import json
import struct
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tidegate.cache.bound import Outcome
from tidegate.cache.journal import Journal
from tidegate.cache.observed import Kind, Observed
from tidegate.engine.errors import ConfigError
from tidegate.serve.cli import app
from tidegate.serve.commands import memory, tune_audits
from tidegate.serve.commands.curve import HEIGHT, WIDTH, Series, picture
from tidegate.serve.commands.curve_png import png
from tidegate.serve.commands.pairs import read_pairs
from tidegate.serve.config.gate_yaml import load_config
from tidegate.serve.make_cache import named_verifier

Seen = tuple[str, str, Outcome, float, Kind]
HITS: list[Seen] = [(f"ask {n}", f"stored {n}", "same", 0.9 + n / 10_000, "audit") for n in range(98)]
MORE: list[Seen] = [
    ("near 1", "stored 1", "different", 0.6, "near"),
    ("near 2", "stored 2", "same", 0.55, "near"),
    ("word", "stored 3", "different", 0.85, "feedback"),
    ("who knows", "stored 4", "unclear", 0.9, "shadow"),
]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "gate.yaml"
    path.write_text("version: 1\nsecret: s\ncache: {mode: semantic, verifier: words, store: 'sqlite:c.db'}\n")
    return path


def keep(config: Path, pairs: list[Seen], verifier: str = "") -> None:
    """As a gate would."""
    name = verifier or named_verifier(load_config(config).config.cache)[1]

    async def write() -> None:
        async with memory.opened(load_config(config)) as store:
            seen = Observed(name)
            journal = Journal(store, {"p": seen}, shared=True)
            seen.touched = journal.touched
            await journal.listen()
            for asked, stored, verdict, probability, kind in pairs:
                seen.add("5c" * 32, asked, stored, verdict, probability, kind)
            await journal.close()

    asyncio.run(write())


def run(config: Path, *more: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["cache", "tune", "--audits", "--config", str(config), *more])
    return done.exit_code, f"{done.output}{done.exception or ''}"


def test_the_curve_rests_on_decided_pairs_and_says_on_how_many_of_which_kind(config: Path) -> None:
    keep(config, HITS + MORE)
    found = tune_audits.tune_audits(config)
    assert found["pairs"] == 101
    assert found["kinds"] == {
        "audit": {"same": 98, "different": 0},
        "near": {"same": 1, "different": 1},
        "shadow": {"same": 0, "different": 0},
        "feedback": {"same": 0, "different": 1},
    }
    assert found["left_out"] == {"unclear": 1, "of_another_verifier": 0}
    assert found["chosen"]["threshold"] == 0.9 and found["chosen"]["precision"]["count"] == 98
    status, said = run(config)
    assert status == 0 and "101 pairs: audited hits 98 same + 0 different, near misses 1 same + 1 different" in said
    assert "left out: 1 unclear, 0 judged by another verifier" in said and "set 0.9000" in said


def test_the_threshold_is_written_and_the_picture_drawn(config: Path, tmp_path: Path) -> None:
    keep(config, HITS + MORE)
    drawing = tmp_path / "curve.png"
    assert run(config, "--write", "--picture", str(drawing))[0] == 0
    assert load_config(config).config.cache.threshold == 0.9
    assert drawing.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    status, said = run(config, "--picture", str(tmp_path / "curve.jpg"))
    assert status != 0 and ".svg or .png" in said


def test_exported_pairs_are_read_as_labelled_pairs(config: Path, tmp_path: Path) -> None:
    keep(config, MORE)
    keep(config, [("other", "stored 9", "same", 0.99, "audit")], verifier="an older one")
    file = tmp_path / "pairs.jsonl"
    status, said = run(config, "--export", str(file), "--json")
    assert status == 0 and json.loads(said)["left_out"] == {"unclear": 1, "of_another_verifier": 1}
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert {"a": "stored 1", "b": "near 1", "same": 0, "kind": "near", "probability": 0.6} in rows
    pairs = {(pair.a, pair.b, pair.same, pair.kind) for pair in read_pairs(file)}
    assert len(pairs) == 4 and ("stored 9", "other", True, "audit") in pairs


def test_pairs_are_not_written_between_the_lines_of_the_curve(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(config, HITS)
    monkeypatch.chdir(config.parent)
    status, said = run(config, "--export", "-")
    assert status != 0 and "--export needs a file" in said and not Path("-").exists()


def test_no_pairs_is_an_error_in_words(config: Path) -> None:
    status, said = run(config)
    assert status != 0 and "no decided pairs" in said
    keep(config, [("who knows", "stored 4", "unclear", 0.9, "shadow")])
    with pytest.raises(ConfigError, match="no decided pairs, and 1 unclear"):
        tune_audits.tune_audits(config)
    keep(config, [("other", "stored 9", "same", 0.99, "audit")], verifier="an older one")
    with pytest.raises(ConfigError, match="judged by another verifier"):
        tune_audits.tune_audits(config)


@pytest.mark.parametrize("more", [["pairs.jsonl"], []])
def test_a_file_and_audits_exclude_each_other(config: Path, more: list[str]) -> None:
    flags = ["--audits"] if more else ["--export", "x.jsonl"]
    done = CliRunner().invoke(app, ["cache", "tune", *more, "--config", str(config), *flags])
    assert done.exit_code != 0 and "from a FILE, or with --audits" in str(done.exception)


def test_purging_erases_pairs_too(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(config, HITS[:5] + MORE)
    memory.purge(config, text="NEAR 1")
    assert tune_audits.tune_audits(config)["pairs"] == 7
    memory.purge(config, model="any")
    memory.purge(config, older=3600.0)
    assert tune_audits.tune_audits(config)["pairs"] == 7
    monkeypatch.setattr(time, "time", lambda clock=time.time: clock() - 60)  # set back meanwhile
    memory.purge(config, everything=True)
    with pytest.raises(ConfigError, match="no decided pairs, and 0 unclear"):
        tune_audits.tune_audits(config)


def pixels(drawn: bytes) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    """Read back by the letter of the format."""
    assert drawn[:8] == b"\x89PNG\r\n\x1a\n"
    at, chunks = 8, dict[bytes, bytes]()
    while at < len(drawn):
        (length,) = struct.unpack(">I", drawn[at : at + 4])
        kind, data = drawn[at + 4 : at + 8], drawn[at + 8 : at + 8 + length]
        assert struct.unpack(">I", drawn[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + data)
        chunks[kind] = data
        at += 12 + length
    wide, high, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert rest == [8, 2, 0, 0, 0] and list(chunks)[-1] == b"IEND"
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(high, 1 + 3 * wide)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(high, wide, 3)


def test_the_png_has_the_line_where_the_curve_is() -> None:
    line = [(n / 10, 0.75, 0.7, 0.8) for n in range(11)]
    drawn = pixels(png("a title, 日本", [Series("verifier", "#0b6", line, True)], [("here", 0.5, 0.75)], 0.5))
    assert drawn.shape == (2 * HEIGHT, 2 * WIDTH, 3)
    green = (drawn == (0, 187, 102)).all(axis=2)
    middle = 36 + (420 - 36 - 52) / 2  # half of the plot's height
    assert green[round(2 * middle), 300:500].all() and not green[round(2 * middle) - 20, 300:500].any()
    dark = (drawn == 0).all(axis=2)
    assert dark[round(2 * middle), 2 * round(64 + 0.5 * (640 - 64 - 20))]  # the mark


@pytest.mark.parametrize(
    ("floor", "steps"),
    [(0.03, "0.00 0.20 0.40 0.60 0.80 1.00"), (0.62, "0.50 0.60 0.70 0.80 0.90 1.00"), (0.97, "0.95 0.96 0.97")],
)
def test_the_axis_of_precision_has_round_numbers(floor: float, steps: str) -> None:
    drawn = picture("a", [Series("verifier", "#0b6", [(0.5, floor, floor, 1.0)])], [], floor)
    assert all(f">{step}</text>" in drawn for step in steps.split())


@pytest.mark.parametrize("points", [[], [(1.0, 1.0, 0.2, 1.0)]])
def test_a_curve_of_no_or_one_point_can_be_drawn(points: list[tuple[float, float, float, float]]) -> None:
    pixels(png("x" * 300, [Series("verifier", "#0b6", points, True)], [], 0.0))


def test_a_store_that_does_not_answer_is_not_taken_for_one_without_pairs(tmp_path: Path) -> None:
    path = tmp_path / "gate.yaml"
    path.write_text("version: 1\nsecret: s\ncache: {mode: semantic, verifier: words, store: 'redis://127.0.0.1:1/0'}\n")
    code, said = run(path)
    assert code and "the store does not answer" in said

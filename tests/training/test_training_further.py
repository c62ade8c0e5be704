"""Teaching the reader's upper layers: what is written is a reader, and only what was taught is another."""

import json
from pathlib import Path

import pytest

from tidegate.models.reader import FOLDER, Reader
from tidegate.models.words import Words

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from tidegate.training import further  # noqa: E402
from tidegate.training.loop import Pace, Table  # noqa: E402
from tidegate.training.pieces import Sample, Source, pieces  # noqa: E402
from tidegate.training.windows import Text  # noqa: E402

from .texts import NEAR, OLD, check_as_it_ships  # noqa: E402

CALM = "The committee met on Monday and agreed to buy two water butts for the allotment. " * 6
WIDTH, INNER = 384, 1536


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """What `training/base.py` writes, with nothing learned: the reader's weights take the place of these."""
    config = {"hidden_size": WIDTH, "num_attention_heads": 12, "num_hidden_layers": 12, "intermediate_size": INNER}
    config |= {"max_position_embeddings": 512, "type_vocab_size": 2}
    shapes = {"embeddings.position_embeddings": (512, WIDTH), "embeddings.token_type_embeddings": (2, WIDTH)}
    shapes |= {"embeddings.LayerNorm": (WIDTH,)}
    for at in range(8):
        layer = f"encoder.layer.{at}."
        shapes |= {f"{layer}attention.self.{name}": (WIDTH, WIDTH) for name in ("query", "key", "value")}
        shapes |= {f"{layer}attention.output.dense": (WIDTH, WIDTH), f"{layer}intermediate.dense": (INNER, WIDTH)}
        shapes |= {f"{layer}output.dense": (WIDTH, INNER)}
        shapes |= {f"{layer}{name}.LayerNorm": (WIDTH,) for name in ("attention.output", "output")}
    state = {f"{name}.weight": torch.zeros(shape) for name, shape in shapes.items()}
    state |= {f"{name}.bias": torch.zeros(shape[0]) for name, shape in shapes.items()}
    folder = tmp_path / "base"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    torch.save(state, folder / "base.pt")
    return folder


def test_a_network_that_was_taught_nothing_is_written_as_it_ships(base: Path, tmp_path: Path) -> None:
    network, out = further.started(FOLDER, base), tmp_path / "out"
    further.write(network, FOLDER, out, {"own_new": 3})
    check_as_it_ships(out, "own_new")


def test_what_is_taught_is_another_and_the_rest_stays(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(further, "OLD", 6)
    monkeypatch.setattr(further, "NEAR", 4)
    network, table, out = further.started(FOLDER, base), Table(Words()), tmp_path / "out"
    lower = {name: weight.clone() for name, weight in network.state_dict().items() if not _above(name)}
    *old, before = further.late_scores(FOLDER, table.words, [*OLD, NEAR])
    new = [_sample(table.words, NEAR, int(before < 0)), _sample(table.words, NEAR, int(before < 0), (0, len(NEAR)))]
    new += [_sample(table.words, CALM, 0), _sample(table.words, CALM, 0, source="prompts_new")]
    new += [_sample(table.words, OLD[0], 1), _sample(table.words, OLD[4], 0)]
    pace = Pace(steps=24, minutes=9.0, rate=2e-4)
    further.teach(network, table, list(zip(OLD, old, strict=True)), Source(new, 1), pace, seed=1)
    known = further.write(network, FOLDER, out, {})
    *same, after = further.late_scores(out, table.words, [*OLD, NEAR])
    assert known != Reader().id and abs(after - before) > 0.5 and (after > before) == (before < 0)
    assert same == pytest.approx(old, abs=1.5)
    now = network.state_dict()
    assert all(torch.equal(weight, now[name]) for name, weight in lower.items())


def _above(name: str) -> bool:
    return name.startswith(("late", *(f"trunk.layer.{at}." for at in range(3, 8))))


def _sample(
    words: Words, text: str, label: int, span: tuple[int, int] | None = None, source: str = "own_new"
) -> Sample:
    return Sample(Text(text, label, source), span, pieces(words, text))

"""Teaching the reader's first opinion: what is written is a reader, and only that opinion is another."""

from pathlib import Path

import numpy as np
import pytest

from tidegate.models.reader import FOLDER, LOWER, UPPER, Reader

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from tidegate.training import early  # noqa: E402
from tidegate.training.graphs import shipped, widened  # noqa: E402
from tidegate.training.reader import CALLED, LOST, bounds  # noqa: E402
from tidegate.training.windows import Text  # noqa: E402

from .texts import OLD  # noqa: E402

LABELS = np.array([1, 1, 1, 0, 0, 0], np.float32)


def test_the_graph_says_what_the_taught_layers_say_and_its_states_stay(tmp_path: Path) -> None:
    states = early.states_of(OLD, FOLDER, tmp_path / "kept.npz")
    head = early.fit(np.repeat(states, 40, 0), np.repeat(LABELS, 40), seed=1, epochs=20)
    assert all((early.scores(head, states) > 0) == (LABELS > 0))
    known = early.write(head, FOLDER, tmp_path, (49.0, 50.0, 51.0), {"own_new": 3})
    taught = Reader(tmp_path)
    assert taught.id == known != Reader().id
    assert taught.scores(OLD) == pytest.approx(early.scores(head, states).tolist(), abs=0.05)
    assert early.states_of(OLD, tmp_path, None).ravel().tolist() == pytest.approx(states.ravel().tolist(), abs=0.01)
    assert (tmp_path / UPPER).read_bytes() == (FOLDER / UPPER).read_bytes()
    assert '"own_new": 3' in (tmp_path / "reader.json").read_text("utf-8")


def test_states_are_kept_between_runs(tmp_path: Path) -> None:
    kept = tmp_path / "kept.npz"
    once = early.states_of(OLD[:2], FOLDER, kept)
    with np.load(kept) as file:
        np.savez(kept, names=file["names"], states=file["states"] + np.float16(1))
    assert early.states_of(OLD[:2], FOLDER, kept).mean() == pytest.approx(once.mean() + 1, abs=0.01)


def test_weights_are_read_back_from_such_a_graph(tmp_path: Path) -> None:
    weight, bias = torch.randn(192, 1152), torch.randn(192)
    for source in (FOLDER / LOWER, tmp_path / LOWER):  # the second: where they are in fp32 before
        (tmp_path / LOWER).write_bytes(widened(source, {"early.mix.1": (weight, bias)}))
        found = shipped([tmp_path / LOWER])
        assert torch.equal(found["early.mix.1.weight"], weight)
        assert torch.equal(found["early.mix.1.bias"], bias)
        assert found["trunk.layer.0.qkv.weight"].shape == (1152, 384)
    with pytest.raises(ValueError, match=r"early\.other"):
        widened(FOLDER / LOWER, {"early.other": (weight, bias)})


def test_a_hands_texts_are_scored_by_a_head_that_did_not_learn_from_them() -> None:
    states = np.random.default_rng(1).normal(size=(300, 400)).astype(np.float32)
    labels = (np.arange(300) % 2).astype(np.float32)  # nothing to be learned, but by heart
    hands = [f"own_{at // 50}" for at in range(300)]
    by_heart = early.scores(early.fit(states, labels, seed=1, epochs=60), states)
    found = early.unseen(states, labels, hands, seed=1)
    assert ((by_heart > 0) == (labels > 0)).mean() > 0.75 > ((found > 0) == (labels > 0)).mean()


def test_the_bounds_leave_to_the_second_opinion_what_is_not_certain() -> None:
    attacks, harmless = np.linspace(-5, 5, 1001).tolist(), np.linspace(-8, 2, 10_001).tolist()
    doubt, sure = bounds(attacks, harmless)
    assert sum(each < doubt for each in attacks) == pytest.approx(1001 * LOST, abs=1)
    assert sum(each > sure for each in harmless) == pytest.approx(10_001 * CALLED, abs=1)


def test_of_an_attack_only_the_window_that_looks_most_like_one_is_learned() -> None:
    calm = "The committee met on Monday and agreed to buy two water butts for the allotment. " * 20
    pieces = early.pieces_of([Text(calm + OLD[0] + calm, 1, "own_new"), Text(calm, 0, "own_new")])
    assert [text.label for text, _ in pieces][:1] == [1]
    assert sum(text.label for text, _ in pieces) == 1
    assert OLD[0] in pieces[0][1]

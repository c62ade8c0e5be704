"""Teaching the reader's last layers: what is written is a reader, and only what was taught is another."""

from pathlib import Path

import pytest

from tidegate.models.reader import FOLDER, Reader
from tidegate.models.words import words

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from tidegate.training import head as heads  # noqa: E402
from tidegate.training import thresholds  # noqa: E402
from tidegate.training.windows import Text  # noqa: E402

from .texts import NEAR, OLD, check_as_it_ships  # noqa: E402


def test_layers_that_were_taught_nothing_are_written_as_they_ship(tmp_path: Path) -> None:
    heads.write(heads.layers(FOLDER), FOLDER, tmp_path, {"own_new": 3})
    check_as_it_ships(tmp_path, "own_new")


def test_the_states_are_those_that_the_last_layers_score() -> None:
    states, said = heads.States(FOLDER, words())(OLD)
    with torch.no_grad():
        assert heads.layers(FOLDER)(states).squeeze(-1).tolist() == pytest.approx(said.tolist(), abs=0.1)


def test_what_is_taught_is_another_and_the_rest_stays(tmp_path: Path) -> None:
    states, head = heads.States(FOLDER, words()), heads.layers(FOLDER)
    old, before = states(OLD), states([NEAR])[1].item()
    near = heads.labelled([Text(NEAR, int(before < 0), "own_new")], states)
    heads.fit(head, old, near, seed=1, steps=60)
    known = heads.write(head, FOLDER, tmp_path, {})
    taught = Reader(tmp_path)
    assert taught.id == known != Reader().id
    states = heads.States(tmp_path, words())
    assert (states([NEAR])[1].item() < 0) == (before > 0)
    assert states(OLD)[1].tolist() == pytest.approx(old[1].tolist(), abs=0.7)


def test_of_an_attack_only_the_window_that_looks_most_like_one_is_taught() -> None:
    calm = "The committee met on Monday and agreed to buy two water butts for the allotment. " * 20
    states = heads.States(FOLDER, words())
    given, labels = heads.labelled([Text(calm + OLD[0] + calm, 1, "own_new"), Text(calm, 0, "own_new")], states)
    assert len(given) == len(labels) > 3
    assert labels.tolist() == [1.0] + [0.0] * (len(labels) - 1)


def test_a_graph_without_such_layers_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = heads.layers(FOLDER)
    monkeypatch.setattr(heads, "LAYERS", {"0": "late.other.1", "2": "late.attack"})
    with pytest.raises(ValueError, match=r"late\.other\.1"):
        heads.write(head, FOLDER, tmp_path, {})


def test_thresholds_of_short_texts_move_and_none_of_longer_ones_lies_below() -> None:
    old = {"rates": (), "texts": 5, "thresholds": {"1": [4.0] * 6, "8": [5.0, 5.0, 5.0, 1.0, 1.0, 1.0]}}
    new = {"rates": (), "texts": 7, "thresholds": {"1": [3.0, 3.0, 3.0, 2.0, 0.5, 0.5], "8": [9.0] * 6}}
    found = thresholds.moved(old, new)
    assert found["texts"] == 7
    assert found["thresholds"] == {"1": [3.0, 3.0, 3.0, 2.0, 0.5, 0.5], "8": [5.0, 5.0, 5.0, 2.0, 1.0, 1.0]}

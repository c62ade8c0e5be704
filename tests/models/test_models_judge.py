import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.errors import ConfigError
from tidegate.models.judge import CONTEXT, FOLDER, LONG, MAX_TOKENS, NEVER, Calibration, Judge, join


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


SAME = [
    ("How do I undo my last git commit?", "how to undo my last git commit"),
    ("What is the capital of Australia?", "whats the capital of australia"),
    ("How can I sort a list in Python?", "Please tell me how to sort a list in Python. Thanks!"),
]
OTHER = [
    ("List 5 tips for better sleep", "List 10 tips for better sleep"),
    ("How do I convert CSV to JSON?", "How do I convert JSON to CSV?"),
    ("How can I sort a list in Python?", "How can I sort a list in Rust?"),
    ("What is the capital of Australia?", "What is the capital of Austria?"),
    ("How do I bake bread?", "Who won the 1998 World Cup?"),
]


def test_paraphrases_score_above_every_trap(judge: Judge) -> None:
    chances = [judge.probability(*pair) for pair in SAME + OTHER]
    assert min(chances[: len(SAME)]) > max(chances[len(SAME) :])


def test_at_one_per_cent_wrong_hits_the_plain_traps_are_refused(judge: Judge) -> None:
    # Two words that change places are the word rules' to refuse: the network alone is not sure of them.
    others = [pair for pair in OTHER if "CSV" not in pair[0]]
    assert max(judge.probability(*pair) for pair in others) < judge.threshold(0.01)


def test_the_order_of_the_two_prompts_does_not_matter(judge: Judge) -> None:
    for a, b in SAME + OTHER:
        assert judge.probability(a, b) == judge.probability(b, a)


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "\ud800".encode("utf-8", "replace").decode(), "😀" * 50, "a" * 20_000]
)
def test_any_text_gives_a_probability(judge: Judge, text: str) -> None:
    for other in ("How do I bake bread?", text):
        assert 0.0 <= judge.probability(text, other) <= 1.0


def test_prompts_too_long_to_read_are_never_vouched_for(judge: Judge) -> None:
    one = " ".join(f"word{i} thing" for i in range(400))
    two = " ".join(f"other{i} thing" for i in range(400))
    assert judge.probability(one, two) == 0.0


def test_the_small_network_alone_refuses_the_plain_traps_too() -> None:
    judge = Judge(deep=False)
    others = [pair for pair in OTHER if "CSV" not in pair[0]]
    assert max(judge.probability(*pair) for pair in others) < judge.threshold(0.01)
    assert min(judge.probability(*pair) for pair in SAME) > max(judge.probability(*pair) for pair in others)


def test_the_deep_network_reads_only_what_the_small_one_leaves_undecided() -> None:
    asked: list[float] = []

    def read_on(score: float) -> float:
        asked.append(score)
        return score

    made = Calibration(alone=(1.0, 0.5, 0.0), both=(0.5, 1.0, 0.5, 0.0), doubts=(0.1, 0.9))
    assert made.chance(-5.0, 0.0, lambda: read_on(9.0)) < 0.1 and made.chance(5.0, 0.0, lambda: read_on(-9.0)) > 0.9
    assert asked == []
    assert made.chance(0.0, 0.0, lambda: read_on(3.0)) > 0.9 and asked == [3.0]
    assert made.chance(0.0, 0.0, None) == 0.5 < made.chance(0.0, 3.0, None) and asked == [3.0]
    made = replace(made, long=(0.6, 1.0))
    assert made.chance(0.0, LONG, lambda: read_on(3.0)) > 0.9 and asked == [3.0]
    assert made.chance(0.0, 1.0, lambda: read_on(4.0)) > 0.9 and asked == [3.0, 4.0]


ids = st.lists(st.integers(1000, 1010), max_size=400)


@given(
    shared=ids,
    left=st.lists(st.integers(2000, 2010), max_size=80),
    right=st.lists(st.integers(3000, 3010), max_size=80),
    tail=ids,
)
def test_shortening_leaves_out_only_what_both_share(
    shared: list[int], left: list[int], right: list[int], tail: list[int]
) -> None:
    row = join(shared + left + tail, shared + right + tail)
    if row is None:
        return
    assert len(row.ids) == len(row.types) <= MAX_TOKENS
    assert [token for token in row.ids if 2000 <= token <= 2010] == left
    assert [token for token in row.ids if 3000 <= token <= 3010] == right


def test_a_long_shared_text_under_two_requests_is_read() -> None:
    text = list(range(1000, 1900))
    row = join([5000, *text], [6000, *text])
    assert row is not None
    assert 5000 in row.ids and 6000 in row.ids
    assert text[-CONTEXT:] == row.ids[-CONTEXT - 1 : -1]


def test_a_stricter_bound_never_lowers_the_threshold(judge: Judge) -> None:
    bounds = [0.0, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 1.0]
    found = [judge.threshold(bound) for bound in bounds]
    assert found == sorted(found, reverse=True)
    assert found[0] == NEVER
    assert 0.0 < found[-1] < 1.0


def test_the_card_carries_the_counts_behind_each_threshold() -> None:
    card = json.loads((FOLDER / "verifier.json").read_text("utf-8"))
    for row in card["thresholds"]:
        assert row["traps"] >= 400 and row["paraphrases"] >= 300
        assert row["traps_passed"] <= row["traps"]
    at = {row["max_wrong_hits"]: row for row in card["thresholds"]}
    assert at[0.01]["traps_passed"] <= 0.02 * at[0.01]["traps"]


@pytest.mark.parametrize("name", ["small.onnx", "deep.onnx", "verifier.json"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    shutil.copytree(FOLDER, tmp_path / "v")
    (tmp_path / "v" / name).unlink()
    with pytest.raises(ConfigError, match=f"{name}.*lacks this file"):
        Judge(tmp_path / "v")


@pytest.mark.parametrize("name", ["small.onnx", "deep.onnx"])
def test_a_flipped_byte_is_noticed(tmp_path: Path, name: str) -> None:
    shutil.copytree(FOLDER, tmp_path / "v")
    data = bytearray((FOLDER / name).read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "v" / name).write_bytes(bytes(data))
    with pytest.raises(ConfigError, match=f"{name}.*damaged"):
        Judge(tmp_path / "v")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": 3}', '{"format": 4}'])
def test_a_card_that_cannot_be_read_is_said_in_words(tmp_path: Path, text: str) -> None:
    shutil.copytree(FOLDER, tmp_path / "v")
    (tmp_path / "v" / "verifier.json").write_text(text)
    with pytest.raises(ConfigError, match=r"verifier\.json"):
        Judge(tmp_path / "v")


def test_graphs_trained_above_other_words_are_refused(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "v")
    card = json.loads((FOLDER / "verifier.json").read_text("utf-8"))
    (tmp_path / "v" / "verifier.json").write_text(json.dumps(card | {"words": "0" * 16}))
    with pytest.raises(ConfigError, match="another table of words"):
        Judge(tmp_path / "v")

"""What is held back trains nothing: no prompt of it, nothing connected with one, and no contrast of its kind."""

import json
from itertools import islice
from pathlib import Path

import pytest

from tidegate.training import made
from tidegate.training.pairs import Example, Pair, Source, hold_out, measured, read_all

PAIRS = [
    Pair("How far is it to Rome?", "What is the way to Rome?", 1, "reword", "en", "one"),
    Pair("What is the WAY to Rome?", "What is the way to Pisa?", 0, "entity", "en", "two"),
    Pair("What is the way to Pisa?", "How do I get to Pisa?", 1, "reword", "en", "two"),
    Pair("Wie weit ist Rom?", "Wie weit ist es nach Rom?", 1, "reword", "de", "two"),
    Pair("Boil 3 eggs for 4 minutes, how?", "Boil 5 eggs for 4 minutes, how?", 0, "number", "en", "one"),
    Pair("Why is the sky blue?", "Why does the sky look blue?", 1, "reword", "en", "one"),
]


def prompts(pairs: list[Pair]) -> set[str]:
    return {text.lower() for pair in pairs for text in (pair.a, pair.b)}


@pytest.mark.parametrize(
    ("name", "left"),
    [("one", [3]), ("kind:entity", [3, 4, 5]), ("kind:number", [0, 1, 2, 3, 5]), ("lang:de", [0, 1, 2, 4, 5])],
)
def test_what_is_connected_with_a_held_back_prompt_trains_nothing(name: str, left: list[int]) -> None:
    train, out = hold_out(PAIRS, [name])
    assert train == [PAIRS[at] for at in left]
    assert len(train) + len(out) == len(PAIRS) and not prompts(train) & prompts(out)


def test_several_names_hold_back_together_and_an_unknown_one_is_told() -> None:
    train, _ = hold_out(PAIRS, ["lang:de", "kind:number"])
    assert train == [PAIRS[at] for at in (0, 1, 2, 5)]
    with pytest.raises(ValueError, match="no pair is of kind:nubmer"):
        hold_out(PAIRS, ["lang:de", "kind:nubmer"])


def test_a_kind_of_traps_is_measured_beside_the_paraphrases_kept_out_with_it() -> None:
    _, out = hold_out(PAIRS, ["kind:entity"])
    assert measured(out, "kind:entity") == [PAIRS[1], PAIRS[0], PAIRS[2]]
    _, out = hold_out(PAIRS, ["one"])
    assert measured(out, "one") == [PAIRS[0], PAIRS[4], PAIRS[5]]


def test_contrasts_of_a_held_back_kind_are_not_made_and_kept_neighbours_bring_no_prompt_of_it(tmp_path: Path) -> None:
    more = [*PAIRS, Pair("Name 3 rivers of Spain.", "Tell me 3 rivers of Spain.", 1, "reword", "en", "two")]
    train, out = hold_out(more, ["kind:number"])
    near = tmp_path / "near.json"
    near.write_text(json.dumps({pair.a: [PAIRS[4].a, "Why is the sky blue?"] for pair in more}))

    def made(unmade: frozenset[str]) -> list[Example]:
        return list(islice(Source(train, near_file=near, unmade=unmade), 3000))

    assert "number" in {one.kind for one in made(frozenset())}
    kept = made(frozenset({"number"}))
    kinds = {one.kind for one in kept}
    assert "number" not in kinds and {"neighbour", "entity"} <= kinds
    assert not {text.lower() for one in kept for text in (one.a, one.b)} & prompts(out)


def test_kinds_and_languages_of_our_own_pairs_can_be_held_back() -> None:
    pairs = read_all(Path(__file__).parents[2] / "training/data/semcache")[:4000]
    train, out = hold_out(pairs, ["lang:ja", "kind:number"])
    assert train and out and not prompts(train) & prompts(out)
    assert not [pair for pair in train if pair.lang == "ja" or pair.kind == "number"]


def test_who_trains_without_a_base_is_told_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    verifier = pytest.importorskip("tidegate.training.verifier")
    monkeypatch.setattr("sys.argv", ["verifier", "--out", f"{tmp_path / 'v.pt'}", "--base", f"{tmp_path / 'none'}"])
    with pytest.raises(SystemExit, match="2"):
        verifier.main()
    assert "python -m training.base --out" in capsys.readouterr().err


def test_made_pairs_are_written_for_a_gate_to_be_measured_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given, out = tmp_path / "given.jsonl", tmp_path / "new" / "made.jsonl"
    given.write_text("".join(json.dumps({"a": p.a, "b": p.b, "same": p.same, "lang": p.lang}) + "\n" for p in PAIRS))
    written: list[str] = []
    for seed in ("5", "5", "6"):
        monkeypatch.setattr(
            "sys.argv", ["made", "--pairs", f"{given}", "--count", "20", "--seed", seed, "--out", f"{out}"]
        )
        made.main()
        written.append(out.read_text("utf-8"))
    assert written[0] == written[1] != written[2] and "20 pairs" in capsys.readouterr().out
    rows = [json.loads(line) for line in written[0].splitlines()]
    assert all(set(row) == {"a", "b", "same", "kind", "lang"} and row["a"] != row["b"] for row in rows)
    assert sum(row["same"] for row in rows) == 10
    assert all(row["lang"] == ("de" if row["a"].startswith("Wie ") else "en") for row in rows)
    assert {row["lang"] for row in rows} == {"de", "en"}

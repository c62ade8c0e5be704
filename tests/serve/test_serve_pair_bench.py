"""The report on labelled pairs says what passed, and what was lost by fixing the threshold beforehand."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tidegate.cache.measure import Labelled, Scored
from tidegate.engine.errors import ConfigError
from tidegate.serve.cli import app
from tidegate.serve.commands.pair_bench import report, reported
from tidegate.serve.commands.pairs import read_pairs


def scored(count: int, same: bool, probability: float, kind: str, ended: str = "judged") -> list[Scored]:
    return [Scored(Labelled("a", "b", same, kind), probability, 0.9, ended)] * count


def test_the_report_counts_what_passes_and_what_hindsight_would_have_had() -> None:
    found = reported(
        [
            *scored(30, True, 0.9, "reword"),
            *scored(30, True, 0.7, "reword"),
            *scored(40, True, 0.0, "terse", "vetoed"),
            *scored(100, False, 0.2, "number"),
        ],
        threshold=0.8,
        max_wrong_hits=0.01,
    )
    assert (found["as_shipped"]["hit"]["count"], found["as_shipped"]["hit"]["of"]) == (30, 100)
    assert found["as_shipped"]["traps"]["count"] == 0 and found["as_shipped"]["precision"]["share"] == 1.0
    fixed = found["fixed_beforehand"]
    assert fixed["hindsight"]["hit"]["count"] == 60 and fixed["kept"] == 0.5
    assert abs(fixed["off_by"] - 0.01) < 1e-9
    assert abs(fixed["calibration_error"] - (30 * 0.1 + 30 * 0.3 + 100 * 0.2) / 160) < 1e-9
    assert found["steps"]["vetoed"] == {"same": 40, "different": 0}
    assert found["cosine"]["fixed"][1]["traps"]["share"] == 1.0, "at 0.90 cosine lets all of these through"
    kinds = {(row["name"], row["same"]): row["passed"]["count"] for row in found["kinds"]}
    assert kinds == {("number", False): 0, ("reword", True): 30, ("terse", True): 0}


def test_kinds_and_languages_stand_beside_cosine_with_as_many_traps_and_at_the_usual_threshold() -> None:
    def rows(count: int, same: bool, probability: float, cosine: float, lang: str) -> list[Scored]:
        return [Scored(Labelled("a", "b", same, "k", lang), probability, cosine, "judged")] * count

    found = reported(
        [
            *rows(20, True, 0.9, 0.97, "de"),
            *rows(20, True, 0.9, 0.85, "en"),
            *rows(10, False, 0.85, 0.93, "en"),
            *rows(20, False, 0.1, 0.91, "en"),
        ],
        threshold=0.8,
        max_wrong_hits=0.01,
    )
    alike = found["cosine"]["as_many_traps"]
    assert (alike["threshold"], alike["traps"]["count"], alike["hit"]["count"]) == (0.93, 10, 20)
    of = {(row["name"], row["same"]): row for row in found["languages"]}
    columns = "passed", "cosine_as_many_traps", "cosine_usual"
    assert [of["de", True][name]["count"] for name in columns] == [20, 20, 20]
    assert [of["en", True][name]["count"] for name in columns] == [20, 0, 0]
    assert [of["en", False][name]["count"] for name in columns] == [10, 10, 30]
    report([{"file": "f", **found}])


def test_where_no_cosine_lets_as_few_traps_through_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [*scored(10, True, 0.9, "k"), *scored(10, False, 0.1, "k")]
    found = reported(rows, threshold=0.8, max_wrong_hits=0.01)
    assert found["cosine"]["as_many_traps"]["hit"]["count"] == 0
    report([{"file": "f", **found}])
    assert "above all" in capsys.readouterr().out


def test_the_command_measures_the_parts_as_shipped(tmp_path: Path) -> None:
    pairs = (
        {"a": "What is the capital of France?", "b": "Please tell me the capital of France.", "same": 1},
        {"a": "How do I brew coffee at home?", "b": "Where can I buy coffee beans near my home?", "same": 0},
    )
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in pairs))
    done = CliRunner().invoke(app, ["bench", "cache", "--pairs", str(tmp_path / "p.jsonl"), "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)[0]
    assert found["pairs"] == 2 and found["steps"]["judged"] == {"same": 1, "different": 1}
    assert found["as_shipped"]["hit"]["count"] == 1 and found["as_shipped"]["traps"]["count"] == 0


@pytest.mark.parametrize("row", ['{"a": 1, "b": "x", "same": 1}', '{"a": "x", "b": "y", "same": 3}', "[]", "{"])
def test_a_row_that_is_no_pair_is_named(tmp_path: Path, row: str) -> None:
    (tmp_path / "p.jsonl").write_text('{"a": "x", "b": "y", "same": 1}\n' + row + "\n")
    with pytest.raises(ConfigError, match=r"p\.jsonl:2: not a labelled pair"):
        read_pairs(tmp_path / "p.jsonl")

"""What a check of rules tells: needless rules, dead patterns, parts that stand twice; and sure things only."""

import time
from datetime import date
from pathlib import Path

import pytest

from tidegate.guardrails.rules.compile import compile_rules
from tidegate.guardrails.rules.load import load_rules, load_text
from tidegate.guardrails.rules.needless import near, never, sought
from tidegate.guardrails.rules.review import costs, coverage, remarks


def told(*rules: str) -> str:
    book = load_text("version: 1\nrules:\n" + "".join(f"  - {{{each}}}\n" for each in rules), file="r.yaml")
    return "\n".join(
        each.text for each in remarks(book, compile_rules(book), date(2026, 1, 1)) if "lacks" not in each.text
    )


WORDS = "id: few, detect: {keywords: [Falcon, grey heron]}, action: block"
MORE = "id: many, detect: {keywords: [falcon, 'grey  HERON', owl]}, action: block"
ALL_PII = "id: many, detect: {pii: structured}, action: mask"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (WORDS, MORE),
        (WORDS.replace("block", "mask"), MORE),
        ("id: few, detect: {pii: [EMAIL_ADDRESS, US_SSN]}, action: mask", ALL_PII),
        ("id: few, detect: {pii: EMAIL_ADDRESS}, action: flag", ALL_PII.replace("mask", "redact")),
        ("id: few, detect: {secrets: [aws_key]}, action: redact", "id: many, detect: {secrets: all}, action: block"),
        ("id: few, scope: input, detect: {keywords: [owl]}, action: block", MORE),
        ("id: few, detect: {pii: US_SSN}, action: mask", "id: many, detect: {pii: [US_SSN]}, action: redact"),
        ("id: few, detect: {regex: a1}, action: redact", "id: many, detect: {regex: {pattern: a1}}, action: block"),
        (WORDS, "id: many, detect: {any: [{regex: a1}, {keywords: [falcon, grey heron, owl]}]}, action: block"),
        ("id: few, detect: {any: [{regex: a1}, {keywords: [owl]}]}, action: flag", "id: many, detect: "
         "{any: [{keywords: [owl, dog]}, {pii: US_SSN}, {regex: a1}]}, action: block"),
    ],
)  # fmt: skip
def test_a_rule_that_another_takes_whole_is_told_in_either_order(one: str, other: str) -> None:
    one = one.replace("aws_key", _some_format())
    for pair in ((one, other), (other, one)):
        assert "few is never needed: many (r.yaml:" in told(*pair)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (WORDS, MORE.replace("block", "mask")),
        (WORDS.replace("block", "redact"), MORE.replace("block", "redact")),
        (WORDS, MORE + ", when: {model: gpt-*}"),
        (WORDS, MORE + ", mode: shadow"),
        (WORDS, MORE + ", scope: input"),
        (WORDS, MORE.replace("[falcon", "{case_sensitive: true, words: [falcon").replace("owl]", "owl]}")),
        (WORDS.replace("heron", "geese"), MORE),
        ("id: few, detect: {pii: [US_SSN], min_score: 0.2}, action: mask", ALL_PII),
        ("id: few, detect: {pii: [US_SSN]}, action: mask, mask: {mode: hash}", ALL_PII),
        (WORDS, MORE + ", stream: stop"),
        (WORDS.replace("block", "redact"), MORE + ", stream: stop"),
        (WORDS, MORE + ", allow_unread: true"),
        (WORDS, MORE + ", on_error: pass"),
        ("id: few, detect: {regex: a}, action: mask", "id: m, detect: {any: [{regex: a}, {regex: b}]}, action: mask"),
        ("id: few, detect: {regex: a1, path: $.q}, action: redact", "id: many, detect: {regex: a1}, action: block"),
    ],
)  # fmt: skip
def test_a_rule_that_does_something_of_its_own_is_not_told(one: str, other: str) -> None:
    assert "never needed" not in told(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("keywords: [falcon, 'grey  heron']", "keywords: {words: [Grey Heron, falcon], case_sensitive: false}"),
        ("pii: EMAIL_ADDRESS", "pii: {types: [EMAIL_ADDRESS], min_score: 0.5}"),
        ("length: 40", "length: {max: 40}"),
        ("not: {length: 40}", "not: {length: {max: 40, unit: characters}}"),
    ],
)
def test_of_two_rules_for_the_very_same_however_written_the_later_is_told(one: str, other: str) -> None:
    for pair in ((one, other), (other, one)):
        found = told(*(f"id: r{at}, scope: output, detect: {{{each}}}, action: redact" for at, each in enumerate(pair)))
        assert found == "r1 is never needed: r0 (r.yaml:3:6) looks for the same"


def test_a_rule_that_streams_wait_for_is_needed_beside_one_that_ends_them_late() -> None:
    late, waits = MORE + ", stream: stop", WORDS
    assert "few is never needed" not in told(late, waits)
    assert "few is never needed" in told(late, waits + ", scope: input")
    assert "few is never needed" in told(late, waits.replace("block", "flag"))


def test_lists_of_files_count_by_their_words(tmp_path: Path) -> None:
    for name, word in (("a", "falcon"), ("b", "falcon"), ("c", "heron")):
        rule = f"{{id: {name}, detect: {{keywords: {{list: birds}}}}, action: block}}"
        (tmp_path / f"{name}.yaml").write_text(
            f"version: 1\nlists: {{birds: [{word}], {name}: [x]}}\nrules: [{rule}]\n"
        )
    book = load_rules(["*.yaml"], tmp_path)
    found = [each.text for each in remarks(book, compile_rules(book), date(2026, 1, 1)) if "needed" in each.text]
    assert [each.split(" (")[0] for each in found] == ["b is never needed: a"]


def test_of_very_many_rules_the_needless_are_known_soon() -> None:
    book = load_text(
        "version: 1\nrules:\n"
        + "".join(f"  - {{id: r{at}, detect: {{keywords: [w{at}, v{at}]}}, action: block}}\n" for at in range(4000))
        + "  - {id: last, detect: {keywords: [v77]}, action: block}\n"
    )
    ruleset, begun = compile_rules(book), time.process_time()
    looks = [sought(*each) for each in zip(book.rules, ruleset.rules, strict=True)]
    near_by = near(looks, range(len(looks)))
    assert sum(map(len, near_by)) == 1 and near_by[-1] == [77]
    assert time.process_time() - begun < 2  # half a minute when each was compared with each


def _some_format() -> str:
    from tidegate.guardrails.detectors.secrets.detector import NAMES

    return NAMES[0]


def test_a_part_that_stands_twice_and_a_dead_pattern_are_told() -> None:
    found = told("id: a, detect: {any: [{regex: 'a{5}$b'}, {keywords: [x1]}, {keywords: [x1]}]}, action: block")
    assert "any.2 of a stands there twice" in found and "the pattern a{5}$b of a matches no text" in found


@pytest.mark.parametrize("pattern", ["a{5}$b", "a^b", "(?i)x$ y", r"[a-z]+$\n", "(a$b)", r"a+\Ab"])
def test_a_pattern_that_matches_no_text_is_known(pattern: str) -> None:
    assert never(pattern)


@pytest.mark.parametrize(
    "pattern",
    "^a$ a$(b)? a$\\b (?m)a$b a*^b x(^b|c) (a$|b)c ^^a \\pL$ (^a|b)$ a$[[:alpha:]]? a$[b[:alpha:]]?".split(),
)
def test_a_pattern_that_may_match_is_left_alone(pattern: str) -> None:
    assert not never(pattern)


def test_of_rules_alike_only_those_that_always_hold_are_looked_at() -> None:
    """Of many that look for the same, each in shadow or for one model, each was compared with each."""
    book = load_text(
        "version: 1\nrules:\n" + "".join(f"  - {{id: r{at}, detect: {{regex: a}}, action: block}}\n" for at in range(3))
    )
    looks = [sought(*each) for each in zip(book.rules, compile_rules(book).rules, strict=True)]
    assert near(looks, [1]) == [[1], [], [1]]
    assert near(looks, []) == [[], [], []]


def test_a_branch_of_an_any_in_an_all_needs_a_test_of_its_own() -> None:
    book = load_text("""version: 1
rules:
  - id: a
    detect: {all: [{any: [{keywords: [owl]}, {any: [{keywords: [dog]}, {regex: cat}]}]}, {keywords: [run]}]}
    action: block
    tests: [{text: run owl, expect: block}, {text: run cat, expect: block}, {text: dog, expect: pass}]
""")
    found = [(each.part, each.hits, each.refused) for each in coverage(compile_rules(book))]
    assert found == [
        ("all.0 any.0 keywords", 1, 1),
        ("all.0 any.1 any.0 keywords", 0, 1),
        ("all.0 any.1 any.1 regex", 1, 1),
    ]


def test_the_cost_of_each_part_of_a_rule_is_told() -> None:
    book = load_text(
        "version: 1\nrules:\n  - {id: a, detect: {all: [{any: [{regex: a}, {keywords: [b, c]}]}, {not: {regex: d}}]}, "
        "action: block}\n  - {id: b, detect: {keywords: [b, c]}, action: block}\n"
    )
    first, second = compile_rules(book).rules
    assert [name for name, _ in costs(first)] == ["all.0 any.0 regex", "all.0 any.1 keywords", "all.1 not regex"]
    assert all(each > 0 for _, each in costs(first)) and costs(second) == []


SCORES = "id: s, detect: {keywords: [falcon]}, action: score, severity: "


def test_points_that_never_reach_a_threshold_are_told() -> None:
    alone = told(SCORES + "warning, scope: [input, tool_args]")
    assert "all points in input are 3, and 5 block" in alone and "all points in tool_args are 3, and 4 block" in alone
    assert "output" not in alone
    assert "all points" not in told(SCORES + "critical")
    assert "all points" not in told(SCORES + "warning", SCORES.replace("s,", "t,").replace("falcon", "owl") + "notice")
    assert "all points" not in told(SCORES + "notice, mode: shadow")


def test_a_list_that_no_rule_looks_for_is_told(tmp_path: Path) -> None:
    (tmp_path / "team.yaml").write_text("version: 1\nlists: {birds: [owl], fish: [carp]}\n")
    (tmp_path / "r.yaml").write_text(
        "version: 1\ninclude: [team.yaml]\nlists: {dogs: [pug], cats: [manx], kept: [tom]}\nrules:\n"
        "  - {id: a, detect: {any: [{keywords: {list: birds}}, {not: {keywords: [x], list: cats}}]}, action: flag}\n"
        "  - {id: b, detect: {keywords: [y]}, action: flag}\n"
        "overrides: [{rules: [b], options: {list: kept}}]\n"
    )
    book = load_rules(["r.yaml"], tmp_path)
    said = [each for each in remarks(book, compile_rules(book), date(2026, 1, 1)) if "list" in each.text]
    assert [(each.text, each.place) for each in said] == [
        ("no rule looks for the list fish", f"{tmp_path}/team.yaml:2:23"),
        ("no rule looks for the list dogs", f"{tmp_path}/r.yaml:3:9"),
    ]

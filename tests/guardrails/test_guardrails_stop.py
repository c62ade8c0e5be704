"""`stream: stop`: text does not wait for a rule, and what the rule finds ends the stream."""

import random
from pathlib import Path

import pytest

from tidegate.engine.errors import ConfigError
from tidegate.guardrails.rules.compile import compile_rules, load_ruleset
from tidegate.guardrails.rules.load import load_text
from tidegate.guardrails.rules.ruleset import Ruleset
from tidegate.serve.commands import checks
from tidegate.serve.commands import rule_tools as ruletools
from tidegate.tests.guardrails.guarded import exchange, finish, rules, run, said, split, streamed, whole

RULE = "version: 1\nrules:\n  - {id: a, scope: %s, detect: %s, action: %s%s}\n"
OPEN = "{regex: 'BEGIN(?s:.*)END'}"
TEXT = "so BEGIN " + "and on " * 900 + "END of it, and what comes behind"


def stop(detect: str, action: str = "block", more: str = "") -> Ruleset:
    return rules(RULE % ("output", detect, action, f", stream: stop{more}"))


def pieces(text: str, step: int = 7) -> list[str]:
    return [text[at : at + step] for at in range(0, len(text), step)]


async def test_text_leaves_as_it_comes_and_a_find_ends_the_stream_and_tells_what_had_left() -> None:
    asked = exchange("hi", stream=True)
    out = await said(await run(stop(OPEN), asked, lambda _: streamed(pieces(TEXT))))
    assert out == TEXT[: len(out)] and 6_000 < len(out) < TEXT.index(" of it")
    assert [(v.rule, v.action, v.reason) for v in asked.verdicts] == [
        ("a", "block", f"{len(out)} characters had left the stream")
    ]
    reply = await run(stop(OPEN), exchange("hi", stream=True), lambda _: streamed(pieces(TEXT)))
    assert await finish(reply) == ["content_filter"]


async def test_with_hold_nothing_of_the_same_leaves() -> None:
    held = rules(RULE % ("output", OPEN, "block", ", stream: hold"))
    out = await said(await run(held, exchange("hi", stream=True), lambda _: streamed(pieces(TEXT))))
    assert "so ".startswith(out) and held.hold is None


async def test_what_a_rule_does_not_find_passes_whole_and_waits_for_nothing() -> None:
    text = TEXT.replace("END", "and")
    ruleset = stop(OPEN)
    assert await said(await run(ruleset, exchange("hi", stream=True), lambda _: streamed(pieces(text)))) == text
    assert ruleset.hold == 0 and ruleset.stopped_late() == "a"


@pytest.mark.parametrize("cuts", [[], [3], [5, 6, 9], list(range(1, 40))])
async def test_points_of_such_a_rule_end_the_stream_however_it_is_cut(cuts: list[int]) -> None:
    ruleset = stop("{keywords: [falcon]}", "score", ", severity: critical")
    reply = await run(ruleset, exchange("hi", stream=True), lambda _: streamed(split("the falcon flies on", cuts)))
    assert await finish(reply) == ["content_filter"]


@pytest.mark.parametrize(
    ("detect", "text"),
    [
        ("{keywords: [project falcon]}", "we call it project falcon here"),
        ("{keywords: [falcon]}", "the f\u200bal\u200bcon flies"),
        ("{keywords: [falcon]}", "so ZmFsY29uIGlzIGhlcmU= it is said"),
        ("{regex: 'TCK-[0-9]+'}", "see TCK-12345"),
        ("{any: [{regex: 'x+y'}, {regex: 'a.*b'}]}", "zz a 12 b and b more"),
        ("{regex: '(?P<not>never )?delete'}", "do delete it"),
        ("{regex: '(?P<not>never )?delete'}", "never delete it"),
    ],
)
async def test_however_it_is_cut_a_stream_ends_where_the_whole_is_blocked(detect: str, text: str) -> None:
    rng, ruleset = random.Random(5), stop(detect)
    ends = await finish(await run(ruleset, exchange("hi"), lambda _: whole(text)))
    for _ in range(30):
        cuts = rng.sample(range(1, len(text)), rng.randint(0, len(text) - 1))
        reply = await run(ruleset, exchange("hi", stream=True), lambda _, cuts=cuts: streamed(split(text, cuts)))
        assert await finish(reply) == ends


async def test_a_reply_that_is_not_streamed_is_judged_as_ever() -> None:
    reply = await run(stop("{keywords: [falcon]}"), exchange("hi"), lambda _: whole("the falcon"))
    assert "falcon" not in await said(reply)


async def test_another_rule_still_holds_and_masks_beside_it() -> None:
    ruleset = rules(
        "version: 1\nrules:\n  - {id: a, scope: output, detect: {keywords: [falcon]}, action: block, stream: stop}\n"
        "  - {id: m, scope: output, detect: {pii: [EMAIL_ADDRESS]}, action: redact}\n"
    )
    text = "write to jane@example.org now, or to the falcon there"
    out = await said(await run(ruleset, exchange("hi", stream=True), lambda _: streamed(list(text))))
    assert out.startswith("write to [EMAIL_ADDRESS] now, or to the ") and "falcon" not in out


async def test_in_shadow_mode_it_ends_nothing() -> None:
    asked = exchange("hi", stream=True)
    out = await said(await run(stop(OPEN, more=", mode: shadow"), asked, lambda _: streamed(["BEGIN", " END"])))
    assert out == "BEGIN END" and [v.action for v in asked.verdicts] == ["shadow"]


@pytest.mark.parametrize(
    ("scope", "detect", "action", "more", "message"),
    [
        ("input", "{keywords: [x]}", "block", "stop", "no text of this scope is streamed"),
        ("[input, tool_result]", "{keywords: [x]}", "block", "hold", "no text of this scope is streamed"),
        ("output", "{keywords: [x]}", "mask", "stop", 'the action "mask" comes too late'),
        ("output", "{keywords: [x]}", "respond, with: y", "stop", 'the action "respond" comes too late'),
        ("output", "{keywords: [x]}", "flag", "hold", 'nothing waits for a rule whose action is "flag"'),
        ("output", "{regex: x, hold: 9}", "block", "stop", '"hold" does nothing where text does not wait'),
        ("output", "{any: [{keywords: [x]}, {regex: {pattern: x, hold: 9}}]}", "block", "stop", '"hold" does nothing'),
        ("output", "{keywords: [x]}", "block", "late", "rules.0.stream: should be 'hold' or 'stop'"),
    ],
)
def test_a_setting_that_cannot_apply_is_refused_with_its_place(
    scope: str, detect: str, action: str, more: str, message: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        load_text(RULE % (scope, detect, action, f", stream: {more}"))
    assert refused.value.line == 3 and refused.value.column > 5
    assert refused.value.bare.startswith(message)


def test_an_override_lets_a_packs_rule_stop(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(
        "version: 1\ninclude: [pack:jailbreak]\noverrides: [{rules: ['*'], scope: output, stream: stop}]\n"
    )
    assert load_ruleset(["t.yaml"], tmp_path).hold == 0


def test_the_digest_tells_hold_from_stop() -> None:
    held = compile_rules(load_text(RULE % ("output", OPEN, "block", "")))
    assert held.digest == rules(RULE % ("output", OPEN, "block", ", stream: hold")).digest != stop(OPEN).digest


@pytest.mark.parametrize(
    ("detect", "more", "remarked"),
    [
        (OPEN, "", True),
        (OPEN, ", stream: hold", False),
        (OPEN, ", stream: stop", False),
        ("{regex: 'a.{3}b'}", "", False),
    ],
)
def test_check_notes_a_pattern_without_a_bound_that_nobody_chose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, detect: str, more: str, remarked: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("r.yaml").write_text(RULE % ("output", detect, "block", more))
    report = ruletools.check(["r.yaml"])
    assert any("makes streams wait as long as its pattern goes on" in each for each in report["remarks"]) == remarked
    assert report["streams are ended late"] == ("a" if "stop" in more else "")
    assert report["rules"][0]["holds"] == (None if remarked or "hold" in more else 0 if "stop" in more else 5)


@pytest.mark.parametrize(
    ("detect", "named"),
    [
        ("{regex: {pattern: 'BEGIN[^!]*END', hold: 50}}", "a"),
        ("{any: [{keywords: [x]}, {regex: {pattern: 'BEGIN[^!]*END', hold: 50}}]}", "a"),
        ("{regex: {pattern: 'BEGIN[^!]{0,9}END', hold: 50}}", ""),
        ("{regex: 'BEGIN[^!]*END'}", ""),
    ],
)
def test_check_names_rules_whose_finds_leave_streams_where_they_end_behind_their_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, detect: str, named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("r.yaml").write_text(RULE % ("output", detect, "redact", ""))
    assert ruletools.check(["r.yaml"])["finds that leave streams"] == named
    Path("gate.yaml").write_text("version: 1\nguardrails: {files: [r.yaml]}\n")
    told = checks.check(Path("gate.yaml"))["summary"].get("finds that leave streams")
    assert told == (f"what is complete only behind its hold, by {named}" if named else None)


async def test_a_find_that_is_complete_only_behind_its_hold_has_left_in_a_stream() -> None:
    ruleset = rules(RULE % ("output", "{regex: {pattern: 'BEGIN[^!]*END', hold: 50}}", "redact", ""))
    text = f"BEGIN{'x' * 80}END and more"
    asked = exchange("hi", stream=True)
    assert await said(await run(ruleset, asked, lambda _: streamed([text[:70], text[70:]]))) == text
    assert await said(await run(ruleset, exchange("hi"), lambda _: whole(text))) == "[A] and more"


GROWING = "{id: a, scope: output, detect: {regex: 'key-[a-z]+'}, action: redact%s}"
HELD_100 = f"version: 1\ndefaults: {{hold: 100}}\nrules:\n  - {GROWING}\n"


async def test_a_find_that_outgrows_what_is_held_ends_the_stream_and_none_of_it_leaves() -> None:
    held = rules(HELD_100 % "")
    assert held.hold == 100
    out = await said(
        await run(held, exchange("hi", stream=True), lambda _: streamed(pieces(f"my key-{'a' * 80} is short")))
    )
    assert out == "my [A] is short"
    for text in (f"my key-{'a' * 200} is long", f"mein Schlüssel key-{'a' * 200} ist lang"):
        asked = exchange("hi", stream=True)
        reply = await run(held, asked, lambda _, text=text: streamed(pieces(text)))
        assert "key" not in await said(reply)
        assert [(v.rule, v.action) for v in asked.verdicts] == [("a", "not_evaluated"), ("a", "block")]
        assert "longer than the 100 characters that are held" in asked.verdicts[0].reason
        assert (await said(await run(held, exchange("hi"), lambda _, text=text: whole(text)))).count("[A]") == 1


async def test_what_is_no_find_when_that_much_is_held_leaves() -> None:
    held = rules(HELD_100.replace("key-[a-z]+", "key-[a-z]+!") % "")
    text = f"my key-{'a' * 300}, and key-short! too"
    out = await said(await run(held, exchange("hi", stream=True), lambda _: streamed(pieces(text))))
    assert out == text.replace("key-short!", "[A]")


def test_a_hold_by_default_is_for_patterns_that_say_nothing_and_for_none_it_is_an_error() -> None:
    assert rules(HELD_100 % ", stream: hold" + "  - {id: b, detect: {regex: 'b+'}, action: block}\n").hold is None
    for idle in (HELD_100 % ", stream: hold", HELD_100.replace("[a-z]+", "[a-z]{3}") % ""):
        with pytest.raises(ConfigError, match="without a bound") as refused:
            rules(idle)
        assert refused.value.line == 2


def test_every_pack_that_ships_makes_streams_wait_for_no_more_than_it_says() -> None:
    folder = Path(__file__).parents[2] / "guardrails" / "packs"
    known = {path.stem: load_ruleset([f"pack:{path.stem}"]).hold for path in folder.glob("*.yaml")}
    assert len(known) == 9 and max(each if each is not None else 99_999 for each in known.values()) == 8_192

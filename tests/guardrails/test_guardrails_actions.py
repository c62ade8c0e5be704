"""Points, canned answers, routes, replacements and the ways to mask: on real bodies, in and out."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tidegate.engine import jsonio
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.openai_text import OpenAICompletions, OpenAIEmbeddings
from tidegate.engine.edits import Edit, apply, quoted
from tidegate.engine.errors import Blocked
from tidegate.engine.exchange import Exchange, Reply
from tidegate.engine.headers import outcome
from tidegate.engine.nested import Source
from tidegate.engine.sse import DONE, Event
from tidegate.guardrails.detectors.pii.checksums import card
from tidegate.guardrails.guard import ReplyGuard, RequestGuard
from tidegate.guardrails.masks import Mask, fake, masked, partial
from tidegate.guardrails.rules.compile import compile_rules
from tidegate.guardrails.rules.load import load_text
from tidegate.guardrails.rules.ruleset import Ruleset
from tidegate.guardrails.scan import scan

KEY = b"k" * 32
CARD, IBAN = "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00"


def rules(text: str) -> Ruleset:
    return compile_rules(load_text("version: 1\n" + text))


def exchange(content: str, dialect: Any = None, **more: Any) -> Exchange:
    body = {"model": "m", "messages": [{"role": "user", "content": content}], **more}
    return Exchange(dialect or OpenAIChat(), "/v1/chat/completions", {}, body, "m", bool(more.get("stream")))


async def run(ruleset: Ruleset, asked: Exchange, answer: Any = None) -> Reply:
    async def model(exchange: Exchange) -> Reply:
        return answer(exchange) if answer else whole("ok")

    async def inner(exchange: Exchange) -> Reply:
        return await ReplyGuard(lambda: ruleset, lambda: KEY)(exchange, model)

    return await RequestGuard(lambda: ruleset, lambda: KEY)(asked, inner)


def whole(content: str) -> Reply:
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    return Reply.whole(200, jsonio.dumps({"id": "c", "model": "m", "choices": [choice]}))


def streamed(*deltas: dict[str, Any]) -> Reply:
    async def events() -> AsyncIterator[Event]:
        for delta in deltas:
            yield Event.of({"id": "c", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
        yield Event.of({"id": "c", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        yield DONE

    return Reply(200, [], events(), streamed=True)


async def contents(reply: Reply) -> list[str]:
    events = [event.data async for event in reply.events if event.data]
    if not reply.streamed:
        return [events[0]["choices"][0]["message"]["content"]]
    return [c["delta"].get("content") or "" for event in events for c in event["choices"]]


SCORED = """
scoring: {thresholds: {input: 7}}
rules:
  - {id: a, detect: {keywords: [apple]}, action: score, severity: error}
  - {id: b, detect: {keywords: [banana]}, action: score, severity: warning}
  - {id: c, detect: {keywords: [cherry]}, action: score, severity: critical, mode: shadow}
"""


async def test_points_of_different_rules_add_up_and_block_at_the_threshold() -> None:
    asked = exchange("an apple and a banana")
    with pytest.raises(Blocked, match=r'The rules "a", "b" together .* \(7 points of 7\)'):
        await run(rules(SCORED), asked)
    assert outcome(asked) == ("blocked", ["a", "b"])


async def test_a_rule_adds_its_points_once_for_a_text_and_texts_are_counted_apart() -> None:
    for asked in (exchange("apple apple apple"), exchange("apple"), exchange("apple cherry cherry")):
        asked.body["messages"].append({"role": "user", "content": "a banana"})
        assert await contents(await run(rules(SCORED), asked)) == ["ok"]
        assert outcome(asked)[0] == "pass"
        assert "score" in {verdict.action for verdict in asked.verdicts}


async def test_points_in_a_stream_are_kept_until_they_block() -> None:
    asked = exchange("hi", stream=True)
    text = rules(SCORED.replace("input: 7", "output: 7"))
    reply = await run(
        text, asked, lambda _: streamed(*({"content": each} for each in ("apple ", "or ", "banana ", "x")))
    )
    assert await contents(reply) == ["apple ", "or ", ""]
    assert outcome(asked) == ("blocked", ["a", "b"])


def test_a_scan_tells_the_points() -> None:
    found = scan(rules(SCORED), "an apple")
    assert (found.points, found.threshold, found.text) == (4, 7, "an apple")
    assert scan(rules(SCORED), "an apple, a banana").text is None


RESPOND = "rules: [{id: a, detect: {keywords: [falcon]}, action: respond, with: Ask the press office.}]"


@pytest.mark.parametrize("stream", [False, True])
async def test_a_canned_answer_comes_in_the_dialects_own_form_and_no_model_is_asked(stream: bool) -> None:
    asked = exchange("a falcon", stream=stream)
    reply = await run(rules(RESPOND), asked, lambda _: pytest.fail("the model was asked"))
    assert reply.status == 200 and reply.streamed == stream
    assert "".join(await contents(reply)) == "Ask the press office."
    assert outcome(asked) == ("answered", ["a"])


@pytest.mark.parametrize("stream", [False, True])
async def test_a_reply_is_answered_in_place_of_if_nothing_of_it_has_left(stream: bool) -> None:
    def answer(_: Exchange) -> Reply:
        return streamed({"content": "falcon "}, {"content": "x"}) if stream else whole("the falcon flies")

    reply = await run(rules(RESPOND), exchange("hi", stream=stream), answer)
    assert "".join(await contents(reply)) == "Ask the press office."


async def test_a_stream_that_has_begun_ends_as_a_blocked_one() -> None:
    reply = await run(
        rules(RESPOND), exchange("hi", stream=True), lambda _: streamed({"content": "It "}, {"content": "a falcon."})
    )
    assert await contents(reply) == ["It ", ""]


def test_dialects_without_words_cannot_answer() -> None:
    assert OpenAICompletions().canned({"model": "m"}, "no")["choices"][0]["text"] == "no"
    assert OpenAIEmbeddings().canned({"model": "m"}, "no") is None


async def test_a_route_is_left_on_the_exchange_for_whoever_sends_it() -> None:
    text = "rules: [{id: a, scope: input, detect: {keywords: [falcon]}, action: route, to: inhouse}]"
    asked, other = exchange("a falcon"), exchange("a sparrow")
    await run(rules(text), asked)
    await run(rules(text), other)
    assert (asked.route_to, other.route_to) == ("inhouse", "")
    assert outcome(asked) == ("routed", ["a"])


def test_a_replacement_takes_the_finds_place() -> None:
    text = "rules: [{id: a, detect: {keywords: [falcon]}, action: replace, with: the bird}]"
    assert scan(rules(text), "A falcon flies.").text == "A the bird flies."


@pytest.mark.parametrize(
    ("mode", "begins"), [("redact", "[CREDIT_CARD]"), ("partial", "**** **** **** 1111"), ("hash", "[CREDIT_CARD:")]
)
async def test_masks_that_do_not_come_back(mode: str, begins: str) -> None:
    ruleset = rules(f"rules: [{{id: a, detect: {{pii: [CREDIT_CARD]}}, action: mask, mask: {{mode: {mode}}}}}]")
    asked = exchange(CARD)
    reply = await run(ruleset, asked, lambda e: whole(e.body["messages"][0]["content"]))
    sent = asked.body["messages"][0]["content"]
    assert sent.startswith(begins)
    assert await contents(reply) == [sent]
    assert not ruleset.masks_requests


async def test_a_fake_that_the_model_repeats_stays_as_it_is() -> None:
    asked = exchange(f"card {CARD}, mail jane@acme.example")
    ruleset = rules("rules: [{id: a, detect: {pii: structured}, action: mask, mask: {mode: fake}}]")
    reply = await run(ruleset, asked, lambda seen: whole(seen.body["messages"][0]["content"]))
    sent = asked.body["messages"][0]["content"]
    assert "jane" not in sent and await contents(reply) == [sent]


async def test_a_value_of_a_request_is_faked_though_it_equals_the_fake_of_another() -> None:
    numbers = [f"{number:02}" for number in range(100)]
    asked = exchange(" ".join(numbers))
    ruleset = rules("rules: [{id: a, detect: {regex: '\\b\\d{2}\\b'}, action: mask, mask: {mode: fake}}]")
    reply = await run(ruleset, asked, lambda seen: whole(seen.body["messages"][0]["content"]))
    sent = asked.body["messages"][0]["content"]
    assert not [number for number, each in zip(numbers, sent.split(), strict=True) if number == each]
    assert await contents(reply) == [sent]


async def test_a_long_fake_is_the_same_in_the_turns_that_follow() -> None:
    ruleset = rules("rules: [{id: a, detect: {pii: structured}, action: mask, mask: {mode: fake}}]")
    made = (
        await contents(await run(ruleset, exchange(CARD), lambda seen: whole(seen.body["messages"][0]["content"])))
    )[0]
    asked = exchange(CARD)
    asked.body["messages"] += [{"role": "assistant", "content": made}, {"role": "user", "content": "and?"}]
    await run(ruleset, asked)
    assert [each["content"] for each in asked.body["messages"]] == [made, made, "and?"]


def test_short_values_keep_no_more_than_a_third() -> None:
    assert partial("1234", 4) == "***4"
    assert partial("ab", 4) == "**"
    assert partial("jane@example.org", 4) == "****@******e.org"


def test_signs_stay_as_the_form_of_a_value_and_not_as_the_value() -> None:
    assert partial("+1 (415) 555-2671", 4) == "+* (***) ***-*671"
    assert partial("!!??%%!!", 4) == "******!!"
    assert partial("p@$$w0rd!!", 4) == "*******d!!"
    assert partial("सुनीता", 4) == "****ता"
    assert masked(Mask(mode="partial"), "SIGN", "🔥", KEY) == "*"
    assert fake("SIGN", "🔥🔥", KEY) == "[SIGN]"


async def test_what_one_rule_hides_is_not_kept_as_the_end_of_anothers_value() -> None:
    ruleset = rules(
        "rules:\n"
        "  - {id: card, detect: {pii: CREDIT_CARD}, action: mask, mask: {mode: partial}}\n"
        "  - {id: key, detect: {regex: '[0-9]{4}/[A-Z0-9]+'}, action: mask, mask: {mode: redact}}\n"
    )
    assert scan(ruleset, f"{CARD}/KEY77AB").text == "[KEY]"
    assert scan(ruleset, f"{CARD}/").text == "**** **** **** 1111/"


def test_hashes_depend_on_the_key_and_not_on_how_a_number_is_grouped() -> None:
    how = Mask(mode="hash")
    assert masked(how, "C", "4111 1111", KEY) == masked(how, "C", "41111111", KEY)
    assert masked(how, "C", "4111 1111", KEY) != masked(how, "C", "4111 1111", b"other")


def test_fakes_have_the_form_of_the_value_and_pass_its_check() -> None:
    made = fake("CREDIT_CARD", CARD, KEY)
    assert made != CARD and len(made) == len(CARD) and made[4] == " "
    digits = [int(char) for char in made if char.isdigit()]
    assert sum(d if i % 2 else d * 2 - 9 * (d > 4) for i, d in enumerate(digits)) % 10 == 0
    assert fake("CREDIT_CARD", CARD, KEY) == made
    from tidegate.guardrails.detectors.pii.checksums import iban

    assert iban(fake("IBAN_CODE", IBAN, KEY)) and fake("IBAN_CODE", IBAN, KEY)[:2] == "DE"
    assert fake("EMAIL_ADDRESS", "jane@acme.example", KEY).endswith("@example.com")
    assert fake("EMAIL_ADDRESS", "joe%40acme.example", KEY)[3:] == "%40example.com"
    assert card(CARD)


NUMBERS = [
    ('{"n": 4111111111111111, "m": 1}', '{"n": "<CREDIT_CARD_1>", "m": 1}'),
    ('{"n": -4111111111111111}', '{"n": "-<CREDIT_CARD_1>"}'),
    ('{"n": "4111111111111111"}', '{"n": "<CREDIT_CARD_1>"}'),
    ('[4111111111111111,"\\"4111111111111111"]', '["<CREDIT_CARD_1>","\\"<CREDIT_CARD_1>"]'),
    ("card 4111111111111111", "card <CREDIT_CARD_1>"),
]


@pytest.mark.parametrize(("arguments", "expected"), NUMBERS)
async def test_a_masked_number_in_tool_arguments_is_still_json(arguments: str, expected: str) -> None:
    ruleset = rules("rules: [{id: a, detect: {pii: [CREDIT_CARD]}, action: mask}]")
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": arguments}}
    asked = exchange("hi")
    asked.body["messages"].append({"role": "assistant", "content": None, "tool_calls": [call]})
    await run(ruleset, asked)
    assert asked.body["messages"][1]["tool_calls"][0]["function"]["arguments"] == expected
    for size in (1, 2, 7):
        pieces = [arguments[at : at + size] for at in range(0, len(arguments), size)]
        deltas = [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in pieces]
        reply = await run(ruleset, exchange("hi", stream=True), lambda _, d=deltas: streamed(*d))
        events = [event.data async for event in reply.events if event.data]
        calls = [c["delta"].get("tool_calls") or [] for event in events for c in event["choices"]]
        assert "".join(each[0]["function"]["arguments"] for each in calls if each) == expected


@pytest.mark.parametrize("number", ["-5123", "12.5123"])
async def test_what_stands_before_a_masked_part_of_a_number_leaves_within_its_quotes(number: str) -> None:
    ruleset = rules("rules: [{id: n, scope: tool_args, detect: {regex: '\\b5[0-9]{3}\\b'}, action: redact}]")
    source = f'{{"a": 1, "n": {number}}}'
    deltas = [{"tool_calls": [{"index": 0, "function": {"arguments": char}}]} for char in source]
    reply = await run(ruleset, exchange("hi", stream=True), lambda _: streamed(*deltas))
    calls = [c["delta"].get("tool_calls") or [] async for e in reply.events for c in (e.data or {}).get("choices", [])]
    left = [call["function"]["arguments"] for each in calls for call in each]
    assert jsonio.loads("".join(left)) == {"a": 1, "n": number.replace("5123", "[N]")}


def test_several_edits_in_one_number_make_one_string() -> None:
    source = '{"n": 12345678}'
    made, _ = quoted(Source.of(source), [Edit(6, 8, "<A>"), Edit(10, 12, "<B>")], done=True)
    assert apply(source, made) == '{"n": "<A>34<B>78"}'
    assert quoted(Source.of(source[:12]), [Edit(6, 8, "<A>")], done=False) == ([], 6)


NOTED = """
rules:
  - {id: f, detect: {regex: 'a.{0,200}z'}, action: flag}
  - {id: s, detect: {regex: 'a.{0,200}z'}, action: block, mode: shadow}
"""


async def test_rules_that_change_nothing_hold_nothing_back_and_still_see_all() -> None:
    ruleset = rules(NOTED)
    assert ruleset.holds() == "nothing: no rule changes replies"
    asked = exchange("hi", stream=True)
    count = 0

    async def events() -> AsyncIterator[Event]:
        nonlocal count
        for piece in ("an a", "nd so on ", "and on", " to z", " a z"):
            count += 1
            yield Event.of({"model": "m", "choices": [{"index": 0, "delta": {"content": piece}}]})
        yield DONE

    reply = await run(ruleset, asked, lambda _: Reply(200, [], events(), streamed=True))
    at = 0
    async for event in reply.events:
        at += bool(event.data)
        assert count == at, "an event leaves as it comes"
    assert [v.rule for v in asked.verdicts] == ["f", "s"] or [v.rule for v in asked.verdicts] == ["f", "s", "f", "s"]


async def test_a_condition_on_the_whole_text_is_noted_by_the_whole_text() -> None:
    ruleset = rules("rules: [{id: n, scope: output, detect: {not: {keywords: [falcon]}}, action: flag}]")
    pieces = [{"content": "a falcon. "}, *[{"content": "word " * 400}] * 12]
    for first, expected in ((pieces, []), (pieces[1:], ["n"])):
        asked = exchange("hi", stream=True)
        await contents(await run(ruleset, asked, lambda _, p=first: streamed(*p)))
        assert [v.rule for v in asked.verdicts if v.address.endswith("content")] == expected


@pytest.mark.parametrize("size", [1, 7, 100])
async def test_a_stream_ends_when_what_is_forbidden_stands_there_in_another_dress(size: int) -> None:
    ruleset = rules("rules: [{id: w, detect: {keywords: [project falcon]}, action: block}]")
    for text in (
        "see cHJvamVjdCBmYWxjb24gaXMgbGF0ZQ== and more words follow here",
        "the prоject fаlcon is late, and more words follow here",
        "a p.r.o.j.e.c.t. .f.a.l.c.o.n here, and more words follow",
    ):
        pieces = [{"content": text[at : at + size]} for at in range(0, len(text), size)]
        asked = exchange("hi", stream=True)
        said = "".join(await contents(await run(ruleset, asked, lambda _, p=pieces: streamed(*p))))
        assert outcome(asked) == ("blocked", ["w"])
        assert text.startswith(said) and len(said) < len(text)

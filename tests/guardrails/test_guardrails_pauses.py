"""Rules over a text that pauses, as reasoning does where the answer begins, and then goes on."""

from collections.abc import AsyncIterator

from tidegate.engine.exchange import Exchange, Reply
from tidegate.engine.headers import guard_header
from tidegate.engine.sse import DONE, Event
from tidegate.tests.guardrails.guarded import PII, exchange, rules, run

TEXT = PII + "  - {id: long, detect: {length: 40}, action: redact}\n"


async def told(text: str, *deltas: tuple[str, str]) -> tuple[list[Event], Exchange]:
    async def events() -> AsyncIterator[Event]:
        for field, piece in deltas:
            yield Event.of({"id": "c", "model": "m", "choices": [{"index": 0, "delta": {field: piece}}]})
        yield DONE

    asked = exchange("hello", stream=True)
    reply = await run(rules(text), asked, lambda _: Reply(200, [], events(), streamed=True))
    return [event async for event in reply.events], asked


def thoughts(events: list[Event]) -> str:
    return "".join(c["delta"].get("reasoning", "") for e in events if e.data for c in e.data["choices"])


async def test_a_value_over_the_pause_ends_the_stream_in_the_rules_name() -> None:
    events, asked = await told(
        PII, ("reasoning", "ask jane@exa"), ("content", "I"), ("reasoning", "mple.org "), ("content", "say")
    )
    assert thoughts(events) == "ask jane@exa"
    assert events[-2].data and events[-2].data["tidegate"]["rules"] == ["pii"]
    assert guard_header(asked).startswith("blocked; ")


async def test_the_rule_whose_find_goes_over_the_pause_is_named() -> None:
    far = "  - {id: far, detect: {regex: {pattern: 'ask .{0,60} END', hold: 70}}, action: redact}\n"
    keys = "  - {id: keys, detect: {keywords: [project falcon]}, action: redact}\n"
    events, asked = await told(
        PII + far + keys,
        ("reasoning", "ask project falcon of jane@exa"),
        ("content", "I"),
        ("reasoning", "mple.org "),
    )
    assert events[-2].data and events[-2].data["tidegate"]["rules"] == ["pii"]
    assert [verdict.rule for verdict in asked.verdicts if verdict.action == "block"] == ["pii"]


async def test_what_is_found_on_either_side_is_masked_by_itself() -> None:
    events, _ = await told(
        PII,
        ("reasoning", "ask jane@example.org"),
        ("content", "I say"),
        ("reasoning", " or joe@example.org"),
        ("content", "."),
    )
    assert thoughts(events) == "ask <EMAIL_ADDRESS_1> or <EMAIL_ADDRESS_2>"


async def test_a_length_that_was_reached_stays_reached() -> None:
    events, _ = await told(TEXT, ("reasoning", "a word " * 8), ("content", "I"), ("reasoning", "and more words"))
    assert thoughts(events).count("[") == 1
    assert "more" not in thoughts(events)

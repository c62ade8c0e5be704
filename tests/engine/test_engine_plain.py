"""What is no JSON object, where rules let pass what cannot be read, is read as the text that it is."""

from collections.abc import AsyncIterator

import pytest

from tidegate.engine.exchange import Reply
from tidegate.engine.sse import DONE, Event
from tidegate.engine.stream import HoldBack
from tidegate.tests.engine.screening import CHAT, Pattern
from tidegate.tests.guardrails.guarded import MAIL, exchange, rules, run

OPEN = "{id: w, detect: {keywords: [falcon]}, action: block, allow_unread: true, scope: [input, output]}"
MASKS = "{id: p, detect: {pii: [EMAIL_ADDRESS]}, action: mask, allow_unread: true, scope: [input, output]}"
RULES = rules(f"version: 1\nrules: [{OPEN}, {MASKS}]\n")


async def left(event: Event, streamed: bool) -> bytes:
    async def source() -> AsyncIterator[Event]:
        yield event

    async def stop() -> None: ...

    hold = HoldBack(CHAT, Pattern("secret", 6), streamed, stop)
    return b"".join([out.raw async for out in hold.run(source())])


@pytest.mark.parametrize(
    ("payload", "out"),
    [
        (b"<p>a secret</p>", b"<p>a <#></p>"),
        (b'["a \\u0073ecret", 1]', b'["a <#>", 1]'),
        (b'"secret"', b'"<#>"'),
        (b"caf\xe9 secrecy", b"caf\xe9 secrecy"),
    ],
)
async def test_a_text_is_read_in_streams_and_wholes(payload: bytes, out: bytes) -> None:
    assert await left(Event.whole(payload), False) == out
    framed = b"id: 7\r\ndata: %s\r\n\r\n"
    assert await left(Event(framed % payload, payload), True) == framed % out


async def test_a_text_of_several_lines_stays_one() -> None:
    event = Event(b"data: a secret\ndata: note\n\n", b"a secret\nnote")
    assert await left(event, True) == b"data: a <#>\ndata: note\n\n"


@pytest.mark.parametrize("streamed", [True, False])
async def test_no_page_brings_a_word_that_a_rule_blocks(streamed: bool) -> None:
    async def events() -> AsyncIterator[Event]:
        yield Event(b"data: a falcon\n\n", b"a falcon") if streamed else Event.whole(b"a falcon")
        if streamed:
            yield DONE

    reply = await run(RULES, exchange("hi"), lambda _: Reply(200, [], events(), streamed=streamed))
    out = await reply.read()
    assert b"falcon" not in out and b"blocked" in out


async def test_a_page_brings_nobodys_address_but_the_callers_own_value_back() -> None:
    reply = await run(
        RULES, exchange(f"I am {MAIL}"), lambda _: Reply.whole(200, b"<EMAIL_ADDRESS_1>, not bob@example.org")
    )
    assert await reply.read() == f"{MAIL}, not <EMAIL_ADDRESS_2>".encode()

"""What stands in a stream beside its data."""

from collections.abc import AsyncIterator

import pytest

from tidegate.engine import margins
from tidegate.engine.dialects import Dialect
from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.looks import Withheld
from tidegate.engine.sse import Parser
from tidegate.tests.engine.screening import Pattern


async def left(raw: bytes, screen: Pattern, dialect: Dialect) -> bytes:
    async def events() -> AsyncIterator[margins.Event]:
        parser = Parser()
        for event in (*parser.feed(raw), *parser.end()):
            yield event

    return b"".join([event.raw async for event in margins.screened(dialect, screen, events())])


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (b": bob\n\ndata: {}\n\n", b"\ndata: {}\n\n"),
        (b": busy\n\ndata: {}\n\n", b": busy\n\ndata: {}\n\n"),
        (b":\r\n\r\n: busy\r\ndata:{}\r\n\r\n", b":\r\n\r\n: busy\r\ndata:{}\r\n\r\n"),
        (b"event: bob\ndata: {}\n\n", b"data: {}\n\n"),
        (b"id: bob\rretry: 7\rdata: {}\r\r", b"data: {}\r\r"),
        (b"Data: bob\n data: bob\ndata: {}\n\n", b"data: {}\n\n"),
        (b"data: {}\n\xef\xbb\xbfdata: bob\n\n", b"data: {}\n\n"),
        (b'{"error":"b\\u006fb"}\n\ndata: {}\n\n', b"\ndata: {}\n\n"),
        (b'{"error":"bob"}', b"\n"),
        (b"\xef\xbb\xbfdata: {}\n\n", b"data: {}\n\n"),
        (b"data: {}\n\n\xef\xbb\xbf\xef\xbb\xbfdata: {}\n\n", b"data: {}\n\ndata: {}\n\n"),
        (b": \xe2\x80\xa8data: {}\n\n", b"\n"),  # a line separator; a form feed
        (b"id: \x0cdata: {}\ndata: {}\n\n", b"data: {}\n\n"),
        (b"data: bob\n\n", b"data: bob\n\n"),  # data is for others to look at
    ],
)
async def test_what_a_rule_would_change_beside_the_data_is_left_out(raw: bytes, wanted: bytes) -> None:
    assert await left(raw, Pattern("bob", 3), OpenAIChat()) == wanted


async def test_names_of_events_that_are_words_of_the_dialect_are_no_text() -> None:
    known = b'event: ping\ndata: {"type": "ping"}\n\n'
    named = b'event: pingx\ndata: {"type": "pingx"}\n\n'
    assert await left(known + named, Pattern("ping", 4), AnthropicMessages()) == known + named[len(b"event: pingx\n") :]


async def test_a_rule_that_blocks_ends_the_stream_for_it() -> None:
    with pytest.raises(Withheld):
        await left(b": bob\n\n", Pattern("bob", 3, block=True), OpenAIChat())


async def test_what_is_said_again_and_again_is_looked_at_once() -> None:
    screen = Pattern("bob", 3)
    await left(b": busy\n\n" * 50, screen, OpenAIChat())
    assert len(screen.seen) == 1

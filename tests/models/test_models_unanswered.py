"""Which failures leave it open whether the provider worked on the request, seen on real sockets."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tidegate.engine.errors import UpstreamError
from tidegate.models.transport import Deadlines, Transport

SOON = Deadlines(connect=2.0, first_byte=0.2, between_bytes=0.2, total=5.0)


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    made = Transport()
    await made.start()
    yield made
    await made.aclose()


def reply(status: int, body: bytes, length: int | None = None) -> bytes:
    head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length or len(body)}\r\n\r\n"
    return head.encode() + body


@pytest.mark.parametrize(
    ("sent", "closes", "unanswered"),
    [
        (b"", True, True),
        (b"", False, True),
        (reply(200, b"<html>"), True, True),
        (reply(200, b"{}", 9), True, True),
        (reply(200, b"{}", 9), False, True),
        (reply(503, b"{}", 9), True, False),
        (reply(302, b"{}"), True, False),
    ],
    ids=["closed", "silent", "200 no json", "200 cut", "200 stalls", "503 cut", "redirect"],
)
async def test_a_request_that_was_sent_may_have_been_worked_on_unless_the_provider_says_no(
    transport: Transport, sent: bytes, closes: bool, unanswered: bool
) -> None:
    calls = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        await reader.readuntil(b"\r\n\r\n")
        calls += 1
        writer.write(sent)
        await writer.drain()
        if closes:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    transport.allow("up", f"http://127.0.0.1:{port}/v1")
    with pytest.raises(UpstreamError) as failed:
        await transport.send("POST", f"http://127.0.0.1:{port}/v1", {}, b"{}", deadlines=SOON, name="up")
    server.close()
    assert (failed.value.unanswered, calls) == (unanswered, 1)


async def test_a_connection_that_was_refused_carried_no_request(transport: Transport) -> None:
    transport.allow("up", "http://127.0.0.1:9/v1")
    with pytest.raises(UpstreamError, match="no connection") as failed:
        await transport.send("POST", "http://127.0.0.1:9/v1", {}, b"{}", deadlines=SOON, name="up")
    assert failed.value.unanswered is False

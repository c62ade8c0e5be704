"""A TCP server that answers as it is told, and the transport that asks it. Imported as `tidegate.tests.models.wire`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tidegate.engine.exchange import Reply
from tidegate.models.transport import Deadlines, Transport

Script = Callable[[bytes, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bool]]
QUICK = Deadlines(connect=1.0, first_byte=0.3, between_bytes=0.3, total=5.0)
JSON = b'{"id":"x","choices":[]}'


@dataclass
class Server:
    """Reads one request at a time and hands it to `script`, which returns whether to keep the connection."""

    script: Script
    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list[bytes])
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next((int(v) for k, v in fields(head) if k == b"content-length"), 0)
                self.requests.append(head + await reader.readexactly(length))
                self.asked.set()
                if not await self.script(self.requests[-1], reader, writer):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            self.closed.set()
        finally:
            writer.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/chat/completions"


def fields(head: bytes) -> list[tuple[bytes, bytes]]:
    return [
        (name.lower(), value.strip())
        for line in head.split(b"\r\n")
        if b":" in line
        for name, _, value in [line.partition(b":")]
    ]


@asynccontextmanager
async def scripted(script: Script) -> AsyncIterator[tuple[Server, Transport]]:
    server = Server(script)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    transport = Transport()
    await transport.start()
    try:
        yield server, transport
    finally:
        await transport.aclose()
        listener.close()


async def send(server: Server, transport: Transport, deadlines: Deadlines = QUICK, *, json_only: bool = True) -> Reply:
    transport.allow("mock", server.url)
    return await transport.send(
        "POST", server.url, {"x-a": "b"}, b"{}", deadlines=deadlines, name="mock", json_only=json_only
    )


def says(raw: bytes, *, keep: bool = False, then: float = 0.0) -> Script:
    async def script(_: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        writer.write(raw)
        await writer.drain()
        if then:
            await asyncio.wait_for(reader.read(), then)
        return keep

    return script


def answer(body: bytes, *head: str, status: str = "200 OK", kind: str = "application/json") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-type: {kind}", f"content-length: {len(body)}", *head]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

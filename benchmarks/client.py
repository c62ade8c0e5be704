"""A bare HTTP/1.1 client on asyncio streams, so that what is measured is the server."""

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Got:
    status: int
    headers: dict[str, str]
    body: bytes
    ms: float
    first_ms: float


class Client:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, body: dict[str, Any], **headers: str) -> Got:
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**22)
        assert self._reader is not None
        raw = json.dumps(body).encode()
        extra = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        head = (
            "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
            f"authorization: Bearer bench\r\n{extra}content-length: {len(raw)}\r\n\r\n"
        )
        begun = time.perf_counter()
        self._writer.write(head.encode() + raw)
        lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        first = time.perf_counter()
        fields = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:] if line)}
        if "content-length" in fields:
            got = await self._reader.readexactly(int(fields["content-length"]))
        else:
            got = await self._chunked(self._reader)
        ended = time.perf_counter()
        return Got(int(lines[0].split()[1]), fields, got, (ended - begun) * 1000, (first - begun) * 1000)

    async def _chunked(self, reader: asyncio.StreamReader) -> bytes:
        parts: list[bytes] = []
        while size := int((await reader.readline()).strip() or b"0", 16):
            parts.append(await reader.readexactly(size))
            await reader.readline()
        await reader.readline()
        return b"".join(parts)

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.close()

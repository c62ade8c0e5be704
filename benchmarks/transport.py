"""What an upstream HTTP client adds to a request: `python benchmarks/transport.py [--requests 3000]`.

A bare ASGI proxy on uvicorn (uvloop, httptools) forwards a chat request, then one for a stream of 100 events, to a mock
upstream on the same server, once for each client. All run side by side and are asked in turns, so that a busy machine
slows them alike. `tidegate` is aiohttp through models/transport.py, with its deadlines, caps and checks; pyreqwest is
measured if it can be imported.
"""

import argparse
import asyncio
import contextlib
import importlib
import importlib.util
import os
import socket
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, cast

PATH = "/v1/chat/completions"
REQUEST = b'{"model":"mock","messages":[{"role":"user","content":"' + b"tell me of the sea " * 10 + b'"}]}'
REPLY = (
    b'{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"mock","choices":[{"index":0,"message":'
    b'{"role":"assistant","content":"' + b"the sea is wide " * 20 + b'"},"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":50,"completion_tokens":80,"total_tokens":130}}'
)
STREAM = "/v1/stream"
EVENTS = 100
EVENT = b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"delta":{"content":" sea"}}]}\n\n'
HEADERS = {"content-type": "application/json", "authorization": "Bearer k", "user-agent": "bench"}
CLIENTS = ("aiohttp", "tidegate", "httpx2", "pyreqwest")
ROUNDS = 5
LOADS = (("one", PATH, 1, 1), ("many", PATH, 32, 1), ("streams", STREAM, 8, 5))
"""Name, path, connections, and by what the number of requests is divided."""

Send = Callable[[str, bytes], AsyncIterator[bytes]]
"""Address and body in, pieces of the reply's body out."""


@contextlib.asynccontextmanager
async def aiohttp_client() -> AsyncIterator[Send]:
    import aiohttp

    async with aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def send(url: str, body: bytes) -> AsyncIterator[bytes]:
            async with session.post(url, data=body, headers=HEADERS, allow_redirects=False) as response:
                while piece := await response.content.readany():
                    yield piece

        yield send


@contextlib.asynccontextmanager
async def tidegate_client() -> AsyncIterator[Send]:
    from tidegate.models.transport import Deadlines, Transport

    transport, deadlines = Transport(), Deadlines()
    await transport.start()

    async def send(url: str, body: bytes) -> AsyncIterator[bytes]:
        transport.allow("mock", url)
        reply = await transport.send("POST", url, HEADERS, body, deadlines=deadlines, name="mock")
        try:
            async for event in reply.events:
                yield event.raw
        finally:
            await reply.aclose()

    yield send
    await transport.aclose()


@contextlib.asynccontextmanager
async def httpx2_client() -> AsyncIterator[Send]:
    import httpx2

    limits = httpx2.Limits(max_connections=512, max_keepalive_connections=512)
    async with httpx2.AsyncClient(limits=limits, trust_env=False) as client:

        async def send(url: str, body: bytes) -> AsyncIterator[bytes]:
            async with client.stream("POST", url, content=body, headers=HEADERS) as response:
                async for piece in response.aiter_raw():
                    yield piece

        yield send


@contextlib.asynccontextmanager
async def pyreqwest_client() -> AsyncIterator[Send]:
    client_module: Any = importlib.import_module("pyreqwest.client")
    async with client_module.ClientBuilder().follow_redirects(False).no_proxy().build() as client:

        async def send(url: str, body: bytes) -> AsyncIterator[bytes]:
            async with client.post(url).headers(HEADERS).body_bytes(body).build_streamed() as response:
                while piece := await response.body_reader.read_chunk():
                    yield bytes(piece)

        yield send


async def mock(url: str, body: bytes) -> AsyncIterator[bytes]:
    """The upstream's own replies."""
    if not url.endswith(STREAM):
        yield REPLY
        return
    for _ in range(EVENTS):
        yield EVENT
        await asyncio.sleep(0)


def app(send: Send, upstream: str) -> Callable[..., Awaitable[None]]:
    async def serve(scope: dict[str, Any], receive: Any, reply: Any) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        pieces = send(upstream + scope["path"], body)
        if scope["path"] == STREAM:
            head = [(b"content-type", b"text/event-stream")]
            await reply({"type": "http.response.start", "status": 200, "headers": head})
            async for piece in pieces:
                await reply({"type": "http.response.body", "body": piece, "more_body": True})
            await reply({"type": "http.response.body", "body": b""})
            return
        answer = b"".join([piece async for piece in pieces])
        head = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await reply({"type": "http.response.start", "status": 200, "headers": head})
        await reply({"type": "http.response.body", "body": answer})

    return serve


async def serve(role: str, upstream: str) -> None:
    """Serve one role on a free port, told on stdout."""
    import uvicorn

    async with contextlib.AsyncExitStack() as stack:
        send = mock if role == "upstream" else await stack.enter_async_context(globals()[f"{role}_client"]())
        listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        print(listener.getsockname()[1], flush=True)
        config = uvicorn.Config(app(send, upstream), log_level="warning", access_log=False, lifespan="off")
        await uvicorn.Server(config).serve([listener])


class Caller(asyncio.Protocol):
    """One kept connection; a request at a time, as little Python as can be."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.waiter: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.waiter and self.buffer.endswith((REPLY, b"\r\n0\r\n\r\n")):
            assert self.buffer.startswith(b"HTTP/1.1 200")
            self.buffer.clear()
            self.waiter.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.waiter and not self.waiter.done():
            self.waiter.set_exception(exc or ConnectionError("closed"))

    async def ask(self, request: bytes) -> float:
        """Seconds from the request to the end of its reply."""
        self.waiter = asyncio.get_running_loop().create_future()
        begun = time.perf_counter()
        self.transport.write(request)
        await self.waiter
        return time.perf_counter() - begun


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used, all its threads; 0 where there is no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def load(port: int, path: str, connections: int, requests: int) -> tuple[list[float], float]:
    """Latencies in seconds, and requests a second."""
    head = (f"POST {path} HTTP/1.1", "host: bench", "content-type: application/json", f"content-length: {len(REQUEST)}")
    request = "\r\n".join(head).encode() + b"\r\n\r\n" + REQUEST
    loop = asyncio.get_running_loop()
    callers = [(await loop.create_connection(Caller, "127.0.0.1", port))[1] for _ in range(connections)]
    for caller in callers:
        await caller.ask(request)
    taken: list[float] = []

    async def work(caller: Caller) -> None:
        taken.extend([await caller.ask(request) for _ in range(requests // connections)])

    begun = time.perf_counter()
    await asyncio.gather(*map(work, callers))
    spent = time.perf_counter() - begun
    for caller in callers:
        caller.transport.close()
    return taken, len(taken) / spent


async def main(requests: int) -> None:
    ports: dict[str, int] = {}
    pids: dict[str, int] = {}
    children: list[asyncio.subprocess.Process] = []
    try:
        for role in ("upstream", *CLIENTS):
            if role != "tidegate" and role != "upstream" and importlib.util.find_spec(role) is None:
                print(f"{role}: not installed, not measured")
                continue
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, __file__, "--serve", role, str(ports.get("upstream", 0))),
                stdout=asyncio.subprocess.PIPE,
            )
            children.append(child)
            pids[role] = child.pid
            assert child.stdout
            ports[role] = int(await child.stdout.readline())
        await measure(ports, pids, requests)
    finally:
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()


async def measure(ports: dict[str, int], pids: dict[str, int], requests: int) -> None:
    taken: dict[str, list[float]] = {role: [] for role in ports}
    rates: dict[tuple[str, str], list[float]] = {}
    used: dict[tuple[str, str], list[float]] = {}
    for turn in range(ROUNDS + 1):
        for what, path, connections, share in LOADS:
            for role, port in ports.items():
                before = cpu_seconds(pids[role])
                times, rate = await load(port, path, connections, requests // ROUNDS // share)
                if not turn:  # warms up
                    continue
                rates.setdefault((role, what), []).append(rate)
                used.setdefault((role, what), []).append((cpu_seconds(pids[role]) - before) / len(times) * 1000)
                if what == "one":
                    taken[role] += times

    def cut(role: str, hundredth: int) -> float:
        return statistics.quantiles(taken[role], n=100)[hundredth - 1] * 1000

    print(f"requests: {requests} to each, in {ROUNDS} turns; cpu is processor time of one request or stream, in ms")
    titles = ("p50 +ms", "p99 +ms", "1: req/s", "32: req/s", "cpu", "8: streams/s", "cpu")
    print(" " * 10, *(title.rjust(max(9, len(title))) for title in titles))
    for role in ports:
        base = (0.0, 0.0) if role == "upstream" else (cut("upstream", 50), cut("upstream", 99))
        one, many, streams = (statistics.median(rates[role, what]) for what in ("one", "many", "streams"))
        cpu, stream_cpu = (statistics.mean(used[role, what]) for what in ("many", "streams"))
        name = "direct" if role == "upstream" else role
        print(
            f"{name:10} {cut(role, 50) - base[0]:9.3f} {cut(role, 99) - base[1]:9.3f}"
            f" {one:9.0f} {many:9.0f} {cpu:9.3f} {streams:12.0f} {stream_cpu:9.2f}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--requests", type=int, default=3000, help="requests to each, at each number of connections")
    parser.add_argument("--serve", nargs=2, metavar=("ROLE", "UPSTREAM_PORT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    import uvloop

    if options.serve:
        uvloop.run(serve(options.serve[0], f"http://127.0.0.1:{options.serve[1]}"))
    else:
        uvloop.run(main(options.requests))

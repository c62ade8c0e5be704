"""A gate inside a client: used by several threads, closed in the middle, in one event loop after another."""

import asyncio
import gc
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tidegate import Gate
from tidegate.serve import transport
from tidegate.serve.onward import Onward

THREADS = 4
ASKED = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
CHAT = "/chat/completions"


@pytest.fixture(params=["providers", "onward"])
def gate(request: pytest.FixtureRequest, upstream: Any, support: Any, tmp_path: Path) -> Gate:
    """One that asks its own provider, and one that sends requests on to where they were for."""
    if request.param == "providers":
        return Gate(support.gate_config(tmp_path, upstream.url))
    return Gate(support.parse_config("version: 1\n", file="gate.yaml", folder=tmp_path))


def stalls(support: Any) -> Any:
    """A host that says one word of a stream, or nothing, and then no more."""

    async def script(body: Any, send: Any) -> None:
        if body.get("stream"):
            await support.start_stream(send)
            await support.push(send, support.chunk({"content": "word"}))
        await asyncio.Event().wait()

    return script


def test_the_first_requests_of_several_threads_share_one_loop(
    upstream: Any, support: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(transport.LoopThread):
        def __init__(self) -> None:
            time.sleep(0.05)
            super().__init__()
            made.append(self)

    made: list[Slow] = []
    monkeypatch.setattr(transport, "LoopThread", Slow)
    together = threading.Barrier(THREADS)

    def ask(number: int) -> int:
        together.wait()
        body = {"model": "m", "messages": [{"role": "user", "content": f"question {number}"}]}
        return client.post("https://api.example.com/v1/chat/completions", json=body).status_code

    gate = Gate(support.gate_config(tmp_path, upstream.url))
    with httpx2.Client(transport=gate.transport()) as client, ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(ask, range(THREADS), timeout=20)) == [200] * THREADS
    assert len(made) == 1


@pytest.mark.parametrize("streamed", [True, False])
def test_closing_a_client_ends_what_its_other_threads_wait_for(
    gate: Gate, upstream: Any, support: Any, streamed: bool
) -> None:
    upstream.script = stalls(support)
    client = httpx2.Client(transport=gate.transport(), timeout=None)

    def ask() -> None:
        with client.stream("POST", upstream.url + CHAT, json={**ASKED, "stream": streamed}) as reply:
            for _ in reply.iter_bytes():
                begun.set()

    begun = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask)
        assert begun.wait(20) if streamed else until(lambda: bool(upstream.requests))
        client.close()
        with pytest.raises(httpx2.ReadError):
            asking.result(timeout=20)


def until(true: Any) -> bool:
    for _ in range(2000):
        if true():
            return True
        time.sleep(0.01)
    return False


def test_a_stream_left_unread_may_be_collected_on_the_gates_own_thread(support: Any, tmp_path: Path) -> None:
    left: list[httpx2.Response] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        for reply in left:
            reply.close()  # as the garbage collector does, wherever it runs
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=b"data: [DONE]\n\n")

    def ask() -> None:
        asked = client.build_request("POST", "https://api.example.com/v1" + CHAT, json={**ASKED, "stream": True})
        left.append(client.send(asked, stream=True))

    host = Onward(httpx2.MockTransport(answer))
    loaded = support.parse_config("version: 1\n", file="gate.yaml", folder=tmp_path)
    client = httpx2.Client(transport=transport.GateTransport(lambda: (support.Gate(loaded, upstream=host), host)))
    ask()
    second = threading.Thread(target=ask, daemon=True)
    second.start()
    second.join(20)
    assert len(left) == 2
    client.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_a_forked_process_begins_anew_and_leaves_the_others_streams_alone(
    gate: Gate, upstream: Any, support: Any
) -> None:
    upstream.script = stalls(support)
    client = httpx2.Client(transport=gate.transport(), timeout=20)
    streamed = {**ASKED, "stream": True}
    with client.stream("POST", upstream.url + CHAT, json=streamed) as reply:
        pieces = reply.iter_raw()
        next(pieces)
        if not (child := os.fork()):
            signal.alarm(20)
            reply.close()
            with client.stream("POST", upstream.url + CHAT, json=streamed) as own:
                answered = own.status_code == 200 and b"word" in next(own.iter_raw())
            os._exit(0 if answered else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        client.close()
        with pytest.raises(httpx2.ReadError, match="closed"):
            next(pieces)


def test_a_stream_may_be_closed_after_its_client(gate: Gate, upstream: Any, support: Any) -> None:
    upstream.script = stalls(support)
    client = httpx2.Client(transport=gate.transport(), timeout=20)
    reply = client.send(client.build_request("POST", upstream.url + CHAT, json={**ASKED, "stream": True}), stream=True)
    pieces = reply.iter_raw()
    assert b"word" in next(pieces)
    client.close()
    with pytest.raises(httpx2.ReadError):
        next(pieces)
    reply.close()


def test_a_plain_client_that_nobody_closes_ends_when_it_and_its_streams_are_collected(
    gate: Gate, upstream: Any
) -> None:
    made = gate.transport()
    client = httpx2.Client(transport=made, timeout=20)
    asked = client.build_request("POST", upstream.url + CHAT, json={**ASKED, "stream": True})
    reply, own = client.send(asked, stream=True), made._own.thread
    assert own is not None
    del client, made
    gc.collect()
    assert b"[DONE]" in b"".join(reply.iter_raw())
    del reply
    gc.collect()
    own._thread.join(20)
    assert not own._thread.is_alive() and own._loop.is_closed()


@pytest.mark.parametrize("streamed", [True, False])
def test_the_clients_read_timeout_holds(gate: Gate, upstream: Any, support: Any, streamed: bool) -> None:
    upstream.script = stalls(support)
    with httpx2.Client(transport=gate.transport()) as client:
        client.get(upstream.url + "/models")  # starts the gate
        with pytest.raises(httpx2.ReadTimeout):
            client.post(upstream.url + CHAT, json={**ASKED, "stream": streamed}, timeout=httpx2.Timeout(20, read=0.3))


async def test_closing_an_async_client_ends_its_open_stream(gate: Gate, upstream: Any, support: Any) -> None:
    upstream.script = stalls(support)
    client = httpx2.AsyncClient(transport=gate.transport(), timeout=None)
    async with asyncio.timeout(20), client.stream("POST", upstream.url + CHAT, json={**ASKED, "stream": True}) as reply:
        pieces = reply.aiter_raw()
        await anext(pieces)
        waiting = asyncio.ensure_future(anext(pieces))
        await asyncio.sleep(0)
        await client.aclose()
        with pytest.raises(httpx2.ReadError):
            await waiting


def test_a_client_serves_one_event_loop_after_another(gate: Gate, upstream: Any) -> None:
    client = httpx2.AsyncClient(transport=gate.transport(), timeout=20)
    for _ in range(3):
        assert asyncio.run(client.post(upstream.url + CHAT, json=ASKED)).status_code == 200
    asyncio.run(client.aclose())


def test_a_client_serves_several_event_loops_at_once(gate: Gate, upstream: Any) -> None:
    async def ask(number: int) -> int:
        asked = {**ASKED, "messages": [{"role": "user", "content": f"question {number}"}]}
        return (await client.post(upstream.url + CHAT, json=asked)).status_code

    def often(thread: int) -> list[int]:
        return [asyncio.run(ask(10 * thread + turn)) for turn in range(3)]

    async def close() -> None:
        await client.aclose()
        if rest := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(rest, timeout=20)

    client = httpx2.AsyncClient(transport=gate.transport(), timeout=20)
    loops = [asyncio.new_event_loop(), asyncio.new_event_loop()]
    assert [loops[turn % 2].run_until_complete(ask(turn)) for turn in range(4)] == [200] * 4
    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(often, range(1, 1 + THREADS), timeout=60)) == [[200] * 3] * THREADS
    for loop in loops:
        loop.run_until_complete(close())
        loop.close()


async def test_closing_a_client_ends_its_streams_in_other_loops(gate: Gate, upstream: Any, support: Any) -> None:
    upstream.script = stalls(support)
    client = httpx2.AsyncClient(transport=gate.transport(), timeout=20)

    async def ask() -> None:
        async with client.stream("POST", upstream.url + CHAT, json={**ASKED, "stream": True}) as reply:
            async for _ in reply.aiter_raw():
                begun.set()

    begun = threading.Event()
    asking = asyncio.ensure_future(asyncio.to_thread(asyncio.run, ask()))
    assert await asyncio.to_thread(begun.wait, 20)
    await client.aclose()
    with pytest.raises(httpx2.ReadError, match="closed"):
        await asking


async def test_a_client_of_another_library_is_told_which_one_is_meant(gate: Gate) -> None:
    class Request:
        """What another library's client hands over."""

    made: Any = gate.transport()
    with pytest.raises(TypeError, match=r"httpx2\.Client"):
        made.handle_request(Request())
    with pytest.raises(TypeError, match=r"httpx2\.Client"):
        await made.handle_async_request(Request())


def test_without_providers_the_models_are_those_of_the_host(support: Any, upstream: Any, tmp_path: Path) -> None:
    text = "version: 1\nkeys: {known: [{name: me, key: a-key-of-the-gate}], require: true}\n"
    gate = Gate(support.parse_config(text, file="gate.yaml", folder=tmp_path))
    with httpx2.Client(transport=gate.transport(), timeout=20) as client:
        assert client.get(upstream.url + "/models").status_code == 401
        reply = client.get(upstream.url + "/models", headers={"authorization": "Bearer a-key-of-the-gate"})
    assert [model["id"] for model in reply.json()["data"]] == ["gpt-test"]
    assert "authorization" not in upstream.headers[-1]


async def test_what_one_host_answers_is_not_anothers(support: Any, tmp_path: Path) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json=support.completion(str(request.url), {}))

    text = "version: 1\ncache: {mode: exact}\n"
    gate = Gate(support.parse_config(text, file="gate.yaml", folder=tmp_path))
    made = gate.transport()
    made._own._spare[0]._onward._inner = httpx2.MockTransport(answer)  # type: ignore[union-attr]
    places = ["https://one.example/v1", "https://two.example/v1", "https://one.example/eu/v1"]
    urls = [f"{place}{CHAT}" for place in places] + [f"{places[0]}{CHAT}?api-version=2"]
    async with httpx2.AsyncClient(transport=made) as client:
        for url in urls * 2:
            reply = await client.post(url, json=ASKED)
            assert reply.json()["choices"][0]["message"]["content"] == url
        assert "hit" in reply.headers["cache-status"]


async def test_two_cookies_of_the_clients_host_stay_two(support: Any, tmp_path: Path) -> None:
    cookies = [("set-cookie", "a=1; expires=Thu, 01 Jan 2099 00:00:00 GMT"), ("set-cookie", "b=2")]
    host = Onward(httpx2.MockTransport(lambda request: httpx2.Response(200, headers=cookies, json={"choices": []})))
    loaded = support.parse_config("version: 1\n", file="gate.yaml", folder=tmp_path)
    made = transport.GateTransport(lambda: (support.Gate(loaded, upstream=host), host))
    async with httpx2.AsyncClient(transport=made) as client:
        reply = await client.post("https://api.example.com/v1" + CHAT, json=ASKED)
    assert [value for name, value in reply.headers.multi_items() if name == "set-cookie"] == [v for _, v in cookies]


def onward_to(support: Any, folder: Path, answer: Any) -> httpx2.Client:
    host = Onward(httpx2.MockTransport(answer))
    loaded = support.parse_config("version: 1\n", file="gate.yaml", folder=folder)
    return httpx2.Client(transport=transport.GateTransport(lambda: (support.Gate(loaded, upstream=host), host)))


@pytest.mark.parametrize("base", ["/v1/account/google/v1beta", "/v1beta/account/google/v1beta", "/v1beta"])
def test_of_several_versions_in_an_address_the_last_begins_the_endpoint(
    support: Any, tmp_path: Path, base: str
) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        said = {"parts": [{"text": request.url.path}]}
        return httpx2.Response(200, json={"candidates": [{"content": said, "finishReason": "STOP"}]})

    path = base + "/models/m:generateContent"
    with onward_to(support, tmp_path, answer) as client:
        reply = client.post("https://api.example.com" + path, json={"contents": [{"parts": [{"text": "hi"}]}]})
    assert reply.json()["candidates"][0]["content"]["parts"] == [{"text": path}]


@pytest.mark.parametrize(("kind", "status"), [("application/json", 502), ("Text/Event-Stream", 200)])
def test_a_reply_that_cannot_be_decompressed_is_the_hosts_fault(
    support: Any, tmp_path: Path, kind: str, status: int
) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        headers = {"content-type": kind, "content-encoding": "gzip"}
        return httpx2.Response(200, headers=headers, stream=httpx2.ByteStream(b"no gzip"))

    with onward_to(support, tmp_path, answer) as client:
        reply = client.post("https://api.example.com/v1" + CHAT, json=ASKED)
    assert reply.status_code == status
    assert "upstream_broke" in reply.text


@pytest.mark.parametrize(("coding", "status"), [("br", 502), ("zstd", 502), ("gzip, br", 502), ("identity", 200)])
def test_a_compression_that_nobody_asked_for_is_no_reply(
    support: Any, tmp_path: Path, coding: str, status: int
) -> None:
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.extend(request.headers.get_list("accept-encoding"))
        headers = {"content-type": "application/json", "content-encoding": coding}
        return httpx2.Response(200, headers=headers, stream=httpx2.ByteStream(b'{"choices": []}'))

    with onward_to(support, tmp_path, answer) as client:
        reply = client.post("https://api.example.com/v1" + CHAT, json=ASKED)
    assert (reply.status_code, asked) == (status, ["identity"])


def test_a_host_says_nothing_in_the_gates_name(support: Any, tmp_path: Path) -> None:
    forged = {"x-tidegate-feedback": "mine", "x-tidegate-cost": "0", "x-model": "yes"}
    body = support.completion("hi", {})
    with onward_to(support, tmp_path, lambda _: httpx2.Response(200, headers=forged, json=body)) as client:
        headers = client.post("https://api.example.com/v1" + CHAT, json=ASKED).headers
    assert "x-tidegate-feedback" not in headers and "x-tidegate-cost" not in headers
    assert headers["x-model"] == "yes" and headers["x-tidegate-id"]


def test_what_goes_on_beside_the_body_is_looked_at(upstream: Any, support: Any, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("version: 1\nrules: [{id: p, detect: {pii: [EMAIL_ADDRESS]}, action: mask}]\n")
    text = "version: 1\nguardrails: {files: [rules.yaml]}\n"
    gate = Gate(support.parse_config(text, file=str(tmp_path / "gate.yaml"), folder=tmp_path))
    url = upstream.url + CHAT
    with httpx2.Client(transport=gate.transport(), headers={"authorization": "Bearer k@example.org"}) as client:
        for asked in ({"params": {"who": "jane@example.org"}}, {"headers": {"x-user": "jane@example.org"}}):
            assert client.post(url, json=ASKED, **asked).status_code == 400
        assert not upstream.requests
        fine = client.post(url, json=ASKED, params={"api-version": "2025-04-01-preview"}, headers={"x-title": "An app"})
        assert fine.status_code == 200
        assert upstream.paths[-1].endswith("?api-version=2025-04-01-preview")
        assert upstream.headers[-1]["authorization"] == "Bearer k@example.org"

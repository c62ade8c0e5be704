"""The OpenAI-compatible provider against a real HTTP server that records what reaches it."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import ConfigError, UnknownPath, UpstreamError, UpstreamRefused
from tidegate.engine.exchange import Caller, Exchange
from tidegate.engine.secret import Secret
from tidegate.models.providers.openai import OpenAIProvider
from tidegate.models.transport import Transport

CHAT = "/v1/chat/completions"


@dataclass
class Host:
    """A provider's host."""

    base: str = ""
    status: int = 200
    body: bytes = b'{"id":"c","new_field":{"a":[1]},"choices":[]}'
    kind: str = "application/json"
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(
        default_factory=list[tuple[str, str, dict[str, str], bytes]]
    )

    async def handle(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.seen.append((request.method, request.raw_path, headers, await request.read()))
        return web.Response(status=self.status, body=self.body, headers={"content-type": self.kind})


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    host = Host()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", host.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host.base = f"http://127.0.0.1:{runner.addresses[0][1]}/some/v1"
    yield host
    await runner.cleanup()


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    transport = Transport()
    await transport.start()
    yield transport
    await transport.aclose()


def exchange(credential: str | None = None, stream: bool = False, **headers: str) -> Exchange:
    body: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hé"}], "unknown": {"x": None}}
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    caller = Caller(credential=Secret(credential) if credential else None)
    return Exchange(OpenAIChat(), CHAT, given, body, model="m", stream=stream, caller=caller)


async def test_the_body_arrives_as_it_was_checked_at_the_path_below_the_base(host: Host, transport: Transport) -> None:
    asked = exchange()
    reply = await OpenAIProvider("p", host.base + "/", transport=transport)(asked)
    assert await reply.read() == host.body
    method, path, headers, body = host.seen[0]
    assert (method, path, json.loads(body)) == ("POST", "/some/v1/chat/completions", asked.body)
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"].startswith("tidegate/")


@pytest.mark.parametrize(
    ("body", "told", "words"),
    [
        (b'{"error": {"code": "model_overloaded", "message": "x"}}', "model_overloaded", {"model_overloaded"}),
        (b'{"error": "out of memory"}', "reported an error", set[str]()),
        (b'{"choices": [], "error": null}', "a whole reply where a stream was asked for", None),
    ],
)
async def test_a_whole_error_where_a_stream_was_asked_for_is_told_by_its_words(
    host: Host, transport: Transport, body: bytes, told: str, words: set[str] | None
) -> None:
    host.body = body
    with pytest.raises(UpstreamError, match=told) as caught:
        await OpenAIProvider("p", host.base, transport=transport)(exchange(stream=True))
    assert caught.value.words == words and caught.value.unanswered is (words is None)


async def test_the_operator_s_key_replaces_the_caller_s_credential_and_billing(
    host: Host, transport: Transport
) -> None:
    provider = OpenAIProvider("p", host.base, transport=transport, api_key=Secret("ours"))
    await provider(
        exchange("theirs", authorization="Bearer theirs", openai_organization="org", cookie="a", traceparent="t")
    )
    headers = host.seen[0][2]
    assert headers["authorization"] == "Bearer ours"
    assert headers["traceparent"] == "t"
    assert not headers.keys() & {"openai-organization", "cookie"}


async def test_without_a_key_the_caller_s_own_is_sent_with_its_billing(host: Host, transport: Transport) -> None:
    await OpenAIProvider("p", host.base, transport=transport)(exchange("theirs", openai_organization="org"))
    headers = host.seen[0][2]
    assert (headers["authorization"], headers["openai-organization"]) == ("Bearer theirs", "org")


async def test_without_any_key_none_is_sent(host: Host, transport: Transport) -> None:
    await OpenAIProvider("p", host.base, transport=transport)(exchange())
    assert "authorization" not in host.seen[0][2]


async def test_fixed_headers_win_over_the_caller_s(host: Host, transport: Transport) -> None:
    provider = OpenAIProvider("p", host.base, transport=transport, headers={"OpenAI-Beta": "ours"})
    await provider(exchange(openai_beta="theirs"))
    assert host.seen[0][2]["openai-beta"] == "ours"


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refusal_of_our_own_key_says_so_without_the_provider_s_words(
    status: int, host: Host, transport: Transport
) -> None:
    host.status, host.body = status, b'{"error":{"message":"Incorrect API key provided: ours"}}'
    provider = OpenAIProvider("p", host.base, transport=transport, api_key=Secret("ours"))
    with pytest.raises(UpstreamRefused, match="refused the credential") as caught:
        await provider(exchange())
    assert "ours" not in str(caught.value)


async def test_a_refusal_of_the_caller_s_key_is_the_caller_s_to_read(host: Host, transport: Transport) -> None:
    host.status, host.body = 401, b'{"error":{"message":"no"}}'
    reply = await OpenAIProvider("p", host.base, transport=transport)(exchange("theirs"))
    assert (reply.status, await reply.read()) == (401, host.body)


async def test_other_errors_pass_as_they_are(host: Host, transport: Transport) -> None:
    host.status, host.body = 400, b'{"error":{"message":"bad"}}'
    reply = await OpenAIProvider("p", host.base, transport=transport, api_key=Secret("k"))(exchange())
    assert (reply.status, await reply.read()) == (400, host.body)


async def test_the_list_of_models_is_what_the_host_lists(host: Host, transport: Transport) -> None:
    host.body = b'{"object":"list","data":[{"id":"a"},3]}'
    provider = OpenAIProvider("p", host.base, transport=transport, api_key=Secret("k"))
    assert await provider.models() == [{"id": "a"}]
    assert host.seen[0][:2] == ("GET", "/some/v1/models")
    host.body = b'{"object":"list"}'
    with pytest.raises(UpstreamRefused):
        await provider.models()


async def test_a_passed_through_request_keeps_method_query_type_and_bytes(host: Host, transport: Transport) -> None:
    host.body, host.kind = b"\x00\xff", "audio/mpeg"
    provider = OpenAIProvider("p", host.base, transport=transport, api_key=Secret("k"))
    sent = {"content-type": "text/plain", "accept": "*/*", "cookie": "a=b"}
    reply = await provider.passthrough("PUT", "/v1/files/a%20b?x=1&y=%2F..", sent, b"\x01", exchange())
    assert await reply.read() == b"\x00\xff"
    method, path, headers, body = host.seen[0]
    assert (method, path, body) == ("PUT", "/some/v1/files/a%20b?x=1&y=%2F..", b"\x01")
    assert (headers["content-type"], "cookie" in headers) == ("text/plain", False)


async def test_no_path_becomes_part_of_the_host_s_name(host: Host, transport: Transport) -> None:
    base = host.base.removesuffix("/some/v1")  # nothing stands between the host and the path
    for path in ("/v1@127.0.0.2/x", "/v1.evil.example/", "/v1:99/x"):
        await OpenAIProvider("p", base, transport=transport).passthrough("GET", path, {}, b"", exchange())
    assert [path for _, path, _, _ in host.seen] == ["/v1@127.0.0.2/x", "/v1.evil.example/", "/v1:99/x"]


@pytest.mark.parametrize(
    "path",
    [
        *("/v1/../admin", "/v1/%2e%2E/admin", "/v1/..", "/v1/./x", "//evil.example/v1", "/v1/a\\b", "/v1/a b", "v1/x"),
        *("@h/", "/v1/x/..;/y", "/v1/a%2f..%2fb", "/v1/a\r\nx: y", "/v1/é", "/v1/..?x", "/v1/a#b", "/v1//x"),
    ],
)
async def test_a_path_that_leaves_the_base_is_not_passed_on(path: str, host: Host, transport: Transport) -> None:
    provider = OpenAIProvider("p", host.base, transport=transport)
    with pytest.raises(UnknownPath):
        await provider.passthrough("GET", path, {}, b"", exchange())
    assert not host.seen


@pytest.mark.parametrize(
    "url",
    [
        *("", "api.openai.com/v1", "ftp://a/v1", "file:///etc/passwd", "http://", "https://user:hunter2@a/v1"),
        *("http://a:99999", "http://[::1", "http://a/v1?key=hunter2", "http://a/v1#x", "http://a b/v1"),
        *("http://a/\nv1", "http://é/v1"),
    ],
)
def test_a_base_url_that_cannot_work_is_refused_at_start_and_not_repeated(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        OpenAIProvider("p", url, transport=Transport())
    assert "hunter2" not in str(caught.value)


def test_a_key_that_http_cannot_carry_is_refused_at_start_and_not_repeated() -> None:
    for key in ("hunter2\n", "hunter2é"):
        with pytest.raises(ConfigError) as caught:
            OpenAIProvider("p", "http://a/v1", transport=Transport(), api_key=Secret(key))
        assert "hunter2" not in str(caught.value)

"""Providers of other dialects than OpenAI's against a real HTTP server: paths, credentials and lists of models."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from tidegate.engine.dialects import Dialect, between
from tidegate.engine.dialects.anthropic import AnthropicCountTokens, AnthropicMessages
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import BadRequest, ConfigError, UnknownPath, UpstreamRefused
from tidegate.engine.exchange import Caller, Exchange, Reply
from tidegate.engine.secret import Secret
from tidegate.models.breaker import Limits
from tidegate.models.providers.anthropic import AnthropicProvider
from tidegate.models.providers.gemini import GeminiProvider
from tidegate.models.routing import Route, Router, RouteStage
from tidegate.models.transport import Transport
from tidegate.tests.models.scripted import Scripted, ask, stage


@dataclass
class Host:
    """A provider's host."""

    base: str = ""
    status: int = 200
    body: bytes = b"{}"
    kind: str = "application/json"
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list[tuple[str, dict[str, str]]])

    async def handle(self, request: web.Request) -> web.Response:
        self.seen.append((request.raw_path, {name.lower(): value for name, value in request.headers.items()}))
        return web.Response(status=self.status, body=self.body, headers={"content-type": self.kind})


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    host = Host()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", host.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield host
    await runner.cleanup()


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    transport = Transport()
    await transport.start()
    yield transport
    await transport.aclose()


def exchange(dialect: Dialect, path: str, credential: str | None = "theirs", **headers: str) -> Exchange:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    caller = Caller(credential=Secret(credential) if credential else None)
    return Exchange(dialect, path, given, {}, model="m", stream=dialect.always_streams, caller=caller)


async def test_anthropic_gets_its_headers_and_the_operators_key(host: Host, transport: Transport) -> None:
    provider = AnthropicProvider("p", host.base + "/v1", transport=transport, api_key=Secret("ours"))
    await provider(exchange(AnthropicMessages(), "/v1/messages"))
    await provider(exchange(AnthropicMessages(), "/v1/messages", anthropic_version="2026-01-01", anthropic_beta="b"))
    (path, plain), (_, named) = host.seen
    assert path == "/v1/messages"
    assert (plain["x-api-key"], plain["anthropic-version"]) == ("ours", "2023-06-01")
    assert (named["anthropic-version"], named["anthropic-beta"]) == ("2026-01-01", "b")
    assert "authorization" not in plain


async def test_without_a_key_of_ours_the_callers_own_is_sent(host: Host, transport: Transport) -> None:
    await AnthropicProvider("p", host.base + "/v1", transport=transport)(exchange(AnthropicMessages(), "/v1/messages"))
    bearer = exchange(AnthropicMessages(), "/v1/messages")
    bearer.caller = Caller(credential=Secret("token"), header="authorization")
    gemini = GeminiProvider("p", host.base, transport=transport)
    await gemini(exchange(Gemini(), "/v1beta/models/m:generateContent"))
    assert host.seen[0][1]["x-api-key"] == "theirs"
    assert host.seen[1][1]["x-goog-api-key"] == "theirs"
    await AnthropicProvider("p", host.base + "/v1", transport=transport)(bearer)
    assert host.seen[2][1]["authorization"] == "Bearer token"
    assert "x-api-key" not in host.seen[2][1]


@pytest.mark.parametrize("version", ["v1", "v1beta"])
async def test_gemini_gets_the_callers_version_and_asks_for_events(
    host: Host, transport: Transport, version: str
) -> None:
    provider = GeminiProvider("p", host.base + "/below", transport=transport, api_key=Secret("ours"))
    await provider(exchange(Gemini(version), f"/{version}/models/m-1:generateContent"))
    host.kind = "text/event-stream"
    await provider(exchange(Gemini(version, streams=True), f"/{version}/models/m-1:streamGenerateContent"))
    assert [path for path, _ in host.seen] == [
        f"/below/{version}/models/m-1:generateContent",
        f"/below/{version}/models/m-1:streamGenerateContent?alt=sse",
    ]
    assert host.seen[0][1]["x-goog-api-key"] == "ours"


async def test_models_are_listed_in_the_form_of_openai(host: Host, transport: Transport) -> None:
    host.body = b'{"data":[{"type":"model","id":"claude-1","display_name":"C"}],"has_more":false}'
    listed = await AnthropicProvider("p", host.base + "/v1", transport=transport, api_key=Secret("k")).models()
    assert [(model["id"], model["object"], model["display_name"]) for model in listed] == [("claude-1", "model", "C")]
    host.body = b'{"models":[{"name":"models/gemini-1"},{"odd":1}]}'
    listed = await GeminiProvider("p", host.base, transport=transport, api_key=Secret("k")).models()
    assert [(model["id"], model["owned_by"]) for model in listed] == [("gemini-1", "google")]
    assert [path for path, _ in host.seen] == ["/v1/models", "/v1beta/models"]
    assert host.seen[0][1]["anthropic-version"]
    host.body = b'{"odd":1}'
    with pytest.raises(UpstreamRefused):
        await GeminiProvider("p", host.base, transport=transport).models()


@pytest.mark.parametrize("kind", [AnthropicProvider, GeminiProvider])
async def test_a_refusal_of_our_own_key_is_not_the_callers(host: Host, transport: Transport, kind: Any) -> None:
    host.status = 401
    with pytest.raises(UpstreamRefused, match="p refused the credential"):
        await kind("p", host.base, transport=transport, api_key=Secret("k"))(
            exchange(AnthropicMessages(), "/v1/messages")
        )


async def test_a_path_that_leaves_the_base_is_not_passed_on(host: Host, transport: Transport) -> None:
    provider = GeminiProvider("p", host.base, transport=transport)
    for path in ("/v1beta/../x", "/v1beta//x", "/v1beta/a%2fb", "@evil.example/"):
        with pytest.raises(UnknownPath):
            await provider.passthrough("GET", path, {}, b"", exchange(OpenAIChat(), path))
    assert not host.seen


def test_values_that_cannot_work_are_refused_at_start() -> None:
    for url in ("", "ftp://a", "https://user:hunter2@a"):
        with pytest.raises(ConfigError):
            AnthropicProvider("p", url, transport=Transport())
        with pytest.raises(ConfigError):
            GeminiProvider("p", url, transport=Transport())
    with pytest.raises(ConfigError):
        AnthropicProvider("p", transport=Transport(), version="a\nb")


class Speaks:
    """A provider that says what it speaks, or says nothing."""

    def __init__(self, name: str, *families: str) -> None:
        self.name = name
        if families:
            self.speaks = families

    async def __call__(self, asked: Exchange) -> Reply:
        self.sent = asked
        return Reply.whole(200, self.name.encode())

    passthrough: Any = None
    models: Any = None
    ready: Any = None
    start: Any = None
    aclose: Any = None


async def test_what_has_no_translation_goes_only_to_those_who_speak_it() -> None:
    count = exchange(AnthropicCountTokens(), "/v1/messages/count_tokens")
    stage = RouteStage(Router([Route([Speaks("silent"), Speaks("both", "openai", "anthropic")])]))
    assert await (await stage(count)).read() == b"both"
    with pytest.raises(BadRequest) as caught:
        await RouteStage(Router([Route([Speaks("silent"), Speaks("g", "gemini")])]))(count)
    assert caught.value.code == "dialect_not_served"
    for word in ("the model m", "silent (openai)", "g (gemini)", "anthropic.count_tokens"):
        assert word in str(caught.value)


async def test_one_that_cannot_be_told_the_request_is_passed_over_and_the_last_answer_stands() -> None:
    other = Speaks("other", "anthropic")
    for does, status in ((429, 429), (503, 503), (200, 200)):
        asked = ask(n=2)  # Anthropic has no word for it
        reply = await stage(other, Scripted("a", does), fallback=[other])(asked)
        assert (reply.status, asked.attempts, asked.provider) == (status, 1, "a")
    for targets in ([other], [other, Speaks("third", "anthropic")]):
        asked = ask(n=2)
        with pytest.raises(BadRequest) as caught:
            await stage(*targets)(asked)
        assert (caught.value.code, caught.value.param, asked.attempts) == (between.NOT_CARRIED, "n", 0)


async def test_the_only_one_that_can_be_told_the_request_is_asked_though_it_rests() -> None:
    a, asked = Scripted("a", 503, 200), ask(n=2)
    tested = stage(a, Speaks("other", "anthropic"), limits=Limits(failures=1, rest=60.0))
    assert [(await tested(asked)).status for _ in range(2)] == [503, 200]


async def test_a_provider_that_speaks_the_dialect_is_sent_the_very_request() -> None:
    both = Speaks("both", "openai", "anthropic")
    for asked in (exchange(AnthropicMessages(), "/v1/messages"), exchange(OpenAIChat(), "/v1/chat/completions")):
        await RouteStage(Router([Route([both])]))(asked)
        assert both.sent is asked


async def test_to_one_that_does_not_the_request_is_translated_and_its_credential_is_of_no_kind() -> None:
    host = Speaks("host", "openai")
    asked = exchange(AnthropicMessages(), "/v1/messages")
    asked.caller = Caller(credential=Secret("theirs"), header="x-api-key")
    asked.body = {"model": "m", "max_tokens": 9, "system": "be brief", "messages": [{"role": "user", "content": "x"}]}
    with pytest.raises(UpstreamRefused):  # it answers in no dialect at all
        await RouteStage(Router([Route([host])]))(asked)
    assert (host.sent.path, host.sent.dialect.name) == ("/v1/chat/completions", "openai.chat")
    assert host.sent.body["messages"] == [{"role": "system", "content": "be brief"}, {"role": "user", "content": "x"}]
    assert (host.sent.caller.credential, host.sent.caller.header) == (asked.caller.credential, "")


async def test_for_whom_a_request_is_at_anthropic_is_said_with_the_callers_own_key_alone(
    host: Host, transport: Transport
) -> None:
    own = {"anthropic_workspace_id": "wrkspc_1", "anthropic_user_profile_id": "uprof_1"}
    asked = exchange(AnthropicMessages(), "/v1/messages", **own)
    for key in (None, Secret("ours")):
        await AnthropicProvider("p", host.base + "/v1", transport=transport, api_key=key)(asked)
    (_, theirs), (_, ours) = host.seen
    names = {name.replace("_", "-"): value for name, value in own.items()}
    assert names.items() <= theirs.items()
    assert not names.keys() & ours.keys()

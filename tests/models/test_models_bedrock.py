"""Bedrock: signatures checked by an account of our own of AWS's rules, frames taken apart wherever they are cut."""

import asyncio
import base64
import hashlib
import hmac
import json
import struct
import zlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest
from aiohttp import web
from anthropic import AsyncAnthropic
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.dialects.anthropic import AnthropicCountTokens, AnthropicMessages
from tidegate.engine.errors import ConfigError, UnknownPath, UpstreamBroke, UpstreamRefused
from tidegate.engine.exchange import Exchange
from tidegate.engine.secret import Secret
from tidegate.models.providers.aws import AwsKeys, Signer
from tidegate.models.providers.bedrock import BedrockProvider
from tidegate.models.providers.eventstream import events
from tidegate.models.transport import Transport

KEY_ID, SECRET, TOKEN, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG", "session-token", "eu-central-1"
MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0"
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5-20250929",
    "content": [{"type": "text", "text": "Hé."}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 10, "output_tokens": 4, "new_count": 3},
    "new_field": {"kept": True},
}
EVENTS: list[dict[str, Any]] = [
    {"type": "message_start", "message": {**MESSAGE, "content": [], "stop_reason": None}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hé"}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": ".\n"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 4}},
    {"type": "message_stop", "amazon-bedrock-invocationMetrics": {"inputTokenCount": 10}},
]


def frame(headers: dict[str, str], payload: bytes) -> bytes:
    """One message as AWS's event stream encoding has it: lengths, headers of type string, two CRC32 sums."""
    raw = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack(">II", 12 + len(raw) + len(payload) + 4, len(raw))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + raw + payload
    return message + struct.pack(">I", zlib.crc32(message))


def chunk(event: dict[str, Any]) -> bytes:
    payload = json.dumps({"bytes": base64.b64encode(json.dumps(event).encode()).decode(), "p": "abcd"}).encode()
    names = {":event-type": "chunk", ":content-type": "application/json", ":message-type": "event"}
    return frame(names, payload)


def failure(kind: str = "throttlingException") -> bytes:
    names = {":exception-type": kind, ":content-type": "application/json", ":message-type": "exception"}
    return frame(names, b'{"message":"secret words of a request"}')


def signature(method: str, raw_path: str, headers: dict[str, str], body: bytes) -> str:
    """The signature that a request should bear. Source: AWS General Reference, Signature Version 4 signing process."""
    given = headers["authorization"]
    signed = given.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    path, _, query = raw_path.partition("?")
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    canonical = "\n".join(
        [
            method,
            quote(path, safe="/-_.~"),  # encoded once more than it was sent, as for every service but S3
            "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in pairs),
            *(f"{name}:{' '.join(headers[name].split())}" for name in signed),
            "",
            ";".join(signed),
            hashlib.sha256(body).hexdigest(),
        ]
    )
    date = headers["x-amz-date"]
    scope = f"{date[:8]}/{REGION}/bedrock/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = ("AWS4" + SECRET).encode()
    for part in (date[:8], REGION, "bedrock", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return f"AWS4-HMAC-SHA256 Credential={KEY_ID}/{scope}, SignedHeaders={';'.join(signed)}, Signature=" + (
        hmac.new(key, text.encode(), "sha256").hexdigest()
    )


@dataclass
class Bedrock:
    """AWS's side: refuses what is not signed right, keeps the rest, answers as it is told."""

    url: str = ""
    status: int = 200
    body: bytes = json.dumps(MESSAGE).encode()
    frames: list[bytes] = field(default_factory=lambda: [chunk(event) for event in EVENTS])
    bearer: str = ""
    seen: list[tuple[str, dict[str, str], Any]] = field(default_factory=list[tuple[str, dict[str, str], Any]])

    async def handle(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        raw = await request.read()
        wanted = self.bearer or signature(request.method, request.raw_path, headers, raw)
        if headers.get("authorization") != wanted:
            return web.json_response({"message": "The request signature we calculated does not match"}, status=403)
        self.seen.append((request.raw_path, headers, json.loads(raw or b"null")))
        if "response-stream" not in request.path or self.status != 200:
            return web.Response(status=self.status, body=self.body, content_type="application/json")
        reply = web.StreamResponse(headers={"content-type": "application/vnd.amazon.eventstream"})
        await reply.prepare(request)
        for each in self.frames:
            await reply.write(each)
        return reply


@pytest.fixture
async def aws() -> AsyncIterator[Bedrock]:
    bedrock = Bedrock()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", bedrock.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    bedrock.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield bedrock
    await runner.cleanup()


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    transport = Transport()
    await transport.start()
    yield transport
    await transport.aclose()


async def provider(aws: Bedrock, transport: Transport, secret: str = SECRET, **extra: Any) -> BedrockProvider:
    signer = Signer("aws", REGION, AwsKeys(Secret(KEY_ID), Secret(secret), Secret(TOKEN)))
    made = BedrockProvider("aws", REGION, transport=transport, signer=signer, endpoint=aws.url, **extra)
    await made.start()
    return made


def ask(stream: bool = False, model: str = MODEL, **headers: str) -> Exchange:
    body = {
        "model": model,
        "max_tokens": 20,
        "messages": [{"role": "user", "content": "hé"}],
        "new_field": 1,
        **({"stream": True} if stream else {}),
    }
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Exchange(AnthropicMessages(), "/v1/messages", given, body, model=model, stream=stream)


async def test_a_message_goes_out_signed_and_comes_back_as_it_is(aws: Bedrock, transport: Transport) -> None:
    reply = await (await provider(aws, transport))(ask(anthropic_beta="a-1, b-2", anthropic_version="2023-06-01"))
    assert await reply.read() == aws.body
    [(path, headers, body)] = aws.seen
    assert path == "/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke"
    assert headers["x-amz-security-token"] == TOKEN
    assert body == {
        "max_tokens": 20,
        "messages": [{"role": "user", "content": "hé"}],
        "new_field": 1,
        "anthropic_version": "bedrock-2023-05-31",
        "anthropic_beta": ["a-1", "b-2"],
    }


async def test_a_profile_stands_for_a_model_and_no_name_leaves_its_place(aws: Bedrock, transport: Transport) -> None:
    arn = "arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.anthropic.claude"
    made = await provider(aws, transport, models={"claude": arn})
    for model in ("claude", "../x", "a/b?c#d"):
        await (await made(ask(model=model))).read()
    paths = [path for path, _, _ in aws.seen]
    assert paths[0] == f"/model/{quote(arn, safe='')}/invoke"
    assert paths[1:] == ["/model/..%2Fx/invoke", "/model/a%2Fb%3Fc%23d/invoke"]
    with pytest.raises(UnknownPath):
        await made(ask(model=".."))
    with pytest.raises(UnknownPath):
        await made.passthrough("GET", "/v1/files", {}, b"", ask())


async def test_a_stream_is_anthropics_own_events(aws: Bedrock, transport: Transport) -> None:
    reply = await (await provider(aws, transport))(ask(stream=True))
    assert reply.streamed and dict(reply.headers)["content-type"] == "text/event-stream"
    got = [event async for event in reply.events]
    assert [event.data for event in got] == EVENTS
    assert [event.kind for event in got] == [event["type"] for event in EVENTS]
    assert [event.raw for event in got] == [
        f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in EVENTS
    ]
    assert aws.seen[0][0].endswith("/invoke-with-response-stream") and "stream" not in aws.seen[0][2]


async def test_tokens_are_counted_in_anthropics_words(aws: Bedrock, transport: Transport) -> None:
    aws.body = b'{"inputTokens": 17}'
    body = {"model": MODEL, "messages": [{"role": "user", "content": "x"}]}
    asked = Exchange(AnthropicCountTokens(), "/v1/messages/count_tokens", {}, body, model=MODEL, stream=False)
    reply = await (await provider(aws, transport))(asked)
    assert json.loads(await reply.read()) == {"input_tokens": 17}
    path, _, sent = aws.seen[0]
    assert path.endswith("/count-tokens")
    inner = json.loads(base64.b64decode(sent["input"]["invokeModel"]["body"]))
    assert inner["messages"] == body["messages"] and inner["anthropic_version"] == "bedrock-2023-05-31"


async def test_an_error_has_anthropics_envelope(aws: Bedrock, transport: Transport) -> None:
    made = await provider(aws, transport)
    for status, kind in ((400, "invalid_request_error"), (429, "rate_limit_error"), (500, "api_error")):
        aws.status, aws.body = status, b'{"message":"max_tokens: too large"}'
        reply = await made(ask(stream=True))
        said = json.loads(await reply.read())
        assert reply.status == status
        assert said == {"type": "error", "error": {"type": kind, "message": "max_tokens: too large"}}


async def test_wrong_credentials_are_the_operators_matter(aws: Bedrock, transport: Transport) -> None:
    made = await provider(aws, transport, secret="another")
    with pytest.raises(UpstreamRefused, match="aws refused the AWS credentials"):
        await made(ask())
    with pytest.raises(UpstreamRefused):
        await made.models()
    assert "another" not in repr(vars(made))


async def test_a_bedrock_key_is_sent_as_it_is(aws: Bedrock, transport: Transport) -> None:
    aws.bearer = "Bearer abc"
    made = BedrockProvider("aws", REGION, transport=transport, signer=None, api_key=Secret("abc"), endpoint=aws.url)
    await made.start()
    assert json.loads(await (await made(ask())).read()) == MESSAGE
    aws.bearer = "Bearer other"
    with pytest.raises(UpstreamRefused, match="refused the credential"):
        await made(ask())


async def test_its_models_are_listed(aws: Bedrock, transport: Transport) -> None:
    aws.body = b'{"modelSummaries":[{"modelId":"anthropic.claude-x","modelName":"X"}]}'
    assert [model["id"] for model in await (await provider(aws, transport)).models()] == ["anthropic.claude-x"]
    assert aws.seen[0][0] == "/foundation-models?byProvider=Anthropic"
    named = await provider(aws, transport, models={"claude": MODEL})
    assert [model["id"] for model in await named.models()] == ["claude"]


async def test_missing_credentials_are_told_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(ConfigError, match="no AWS credentials were found"):
        await Signer("aws", REGION).start()
    with pytest.raises(ConfigError, match="profile cannot be used: ProfileNotFound"):
        await Signer("aws", REGION, profile="none").start()


@pytest.mark.filterwarnings("ignore:The model")
async def test_the_official_client_gets_a_guarded_stream(aws: Bedrock, tmp_path: Path, support: Any) -> None:
    (tmp_path / "rules.yaml").write_text(
        "version: 1\nrules: [{id: words, scope: [output], detect: {keywords: [hé]}, action: redact}]\n"
    )
    keys = f"aws: {{access_key_id: {KEY_ID}, secret_access_key: {SECRET}, session_token: {TOKEN}}}"
    text = (
        f"version: 1\nproviders: {{aws: {{kind: bedrock, region: {REGION}, endpoint: '{aws.url}', {keys},"
        f" models: {{claude: '{MODEL}'}}}}}}\naliases: {{smart: claude}}\nguardrails: {{files: [rules.yaml]}}\n"
    )
    running = support.Running(support.Gate(support.parse_config(text, file="g", folder=tmp_path)).app())
    try:
        async with AsyncAnthropic(base_url=running.url, api_key="the-callers-own") as client:
            asked: Any = {"max_tokens": 20, "messages": [{"role": "user", "content": "x"}], "model": "smart"}
            async with client.messages.stream(**asked) as stream:
                said = await stream.get_final_message()
            whole = await client.messages.create(**asked)
    finally:
        await asyncio.to_thread(running.stop)
    assert [block.text for block in said.content] == ["[WORDS].\n"]
    assert [block.text for block in whole.content] == ["[WORDS]."]
    assert said.usage.output_tokens == 4 and said.stop_reason == "end_turn"
    assert all("the-callers-own" not in str(headers) for _, headers, _ in aws.seen)


async def pieces(parts: Iterable[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def read(parts: Iterable[bytes]) -> list[dict[str, Any] | None]:
    return [event.data async for event in events(pieces(parts), "aws")]


@given(st.lists(st.integers(1, 400), max_size=20))
def test_frames_may_be_cut_anywhere(cuts: list[int]) -> None:
    raw, parts = b"".join(map(chunk, EVENTS)), list[bytes]()
    for length in cuts:
        parts.append(raw[:length])
        raw = raw[length:]
    assert asyncio.run(read([*parts, raw])) == EVENTS


@given(at=st.integers(0, len(chunk(EVENTS[2])) - 1), bit=st.integers(0, 7))
def test_a_damaged_frame_gives_no_event(at: int, bit: int) -> None:
    raw = bytearray(chunk(EVENTS[2]))
    raw[at] ^= 1 << bit
    with pytest.raises(UpstreamBroke):
        asyncio.run(read([bytes(raw)]))


@given(st.integers(1, len(chunk(EVENTS[2])) - 1))
def test_a_stream_that_is_cut_off_is_never_a_whole_one(length: int) -> None:
    with pytest.raises(UpstreamBroke, match="too early"):
        asyncio.run(read([chunk(EVENTS[0]), chunk(EVENTS[2])[:length]]))


@pytest.mark.parametrize("kind", ["throttlingException", "modelStreamErrorException", "not a name!", ""])
async def test_a_failure_in_a_stream_is_named_and_its_words_are_not_told(kind: str) -> None:
    with pytest.raises(UpstreamBroke) as caught:
        await read([chunk(EVENTS[0]), failure(kind)])
    assert ("(throttlingException)" in str(caught.value)) is (kind == "throttlingException")
    assert "secret" not in str(caught.value) and "!" not in str(caught.value)


@pytest.mark.parametrize("payload", [b"", b"{}", b'{"bytes":1}', b'{"bytes":"!!"}', b'{"bytes":"W10="}', b"[]"])
async def test_a_frame_without_an_event_is_no_event(payload: bytes) -> None:
    with pytest.raises(UpstreamBroke):
        await read([frame({":message-type": "event", ":event-type": "chunk"}, payload)])


async def test_an_endless_frame_is_given_up() -> None:
    prelude = struct.pack(">II", 24 * 1024 * 1024, 0)
    head = prelude + struct.pack(">I", zlib.crc32(prelude))
    with pytest.raises(UpstreamBroke, match="more than"):
        await read([head, *([bytes(256 * 1024)] * 80)])

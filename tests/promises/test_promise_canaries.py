"""A text in any string of any dialect, in a request or a reply, is seen by the guards, or the request is refused.

One canary at a time is planted in each string of bodies that use every field that a dialect has, and the body is sent
through a gate that blocks it.
"""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from tidegate.engine import jsonio
from tidegate.engine.dialects import Dialect
from tidegate.engine.dialects.anthropic import AnthropicCountTokens, AnthropicMessages
from tidegate.engine.dialects.gemini import Gemini, GeminiCountTokens
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.openai_text import OpenAICompletions, OpenAIEmbeddings
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.exchange import Exchange, Reply
from tidegate.engine.handler import Handler, Request
from tidegate.engine.pipeline import Pipeline, Stages
from tidegate.engine.sse import DONE, Event
from tidegate.guardrails.guard import ReplyGuard, RequestGuard
from tidegate.guardrails.rules.compile import compile_rules
from tidegate.guardrails.rules.load import load_text
from tidegate.tests.canaries import CANARY, containers, places, with_at
from tidegate.tests.engine import test_engine_anthropic as anthropic
from tidegate.tests.engine import test_engine_chat as chat
from tidegate.tests.engine import test_engine_gemini as gemini
from tidegate.tests.engine import test_engine_responses as responses
from tidegate.tests.engine import test_engine_text as text

RULES = compile_rules(
    load_text(
        f"version: 1\nrules: [{{id: canary, detect: {{regex: '{CANARY}'}}, action: block, allow_unread: true, "
        "scope: [input, output, tool_args, tool_result]}]"
    )
)
PROMPT = {"model": "m", "prompt": ["a", "b"], "suffix": "s", "stop": ["x"], "user": "u", "logit_bias": {"1": 2}}
TEXTS = {"model": "m", "input": ["a", "b"], "encoding_format": "float", "user": "u"}
VECTOR = {"object": "list", "model": "m", "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}]}
COUNTED = {"model": "m", "contents": gemini.REQUEST["contents"]}


ENDED = OpenAIResponses().split(responses.REPLY, {})[-1]
STOPPED = Event.of({"type": "message_stop"}, kind="message_stop")


@dataclass
class Sample:
    """Bodies of one dialect."""

    dialect: Dialect
    request: dict[str, Any]
    whole: dict[str, Any] | None
    stream: Sequence[dict[str, Any]] = ()
    """Events of a stream."""
    end: Event | None = None
    """The event that a whole stream ends with, where the events above do not hold it: without it a stream is broken."""


SAMPLES = [
    Sample(OpenAIChat(), chat.REQUEST, chat.REPLY, [chat.CHUNK], DONE),
    Sample(OpenAICompletions(), PROMPT, text.REPLY, [text.REPLY], DONE),
    Sample(OpenAIEmbeddings(), TEXTS, VECTOR),
    Sample(OpenAIResponses(), responses.REQUEST, responses.REPLY, responses.STREAM, ENDED),
    Sample(AnthropicMessages(), anthropic.REQUEST, anthropic.REPLY, anthropic.STREAM, STOPPED),
    Sample(AnthropicCountTokens(), anthropic.REQUEST, {"input_tokens": 1, "note": "n"}),
    Sample(Gemini("v1beta"), gemini.REQUEST, gemini.REPLY),
    Sample(Gemini("v1beta"), gemini.snake(gemini.REQUEST), gemini.snake(gemini.REPLY)),
    Sample(Gemini("v1beta", streams=True), gemini.REQUEST, None, [gemini.REPLY]),
    Sample(GeminiCountTokens("v1beta"), COUNTED, {"totalTokens": 1, "promptTokensDetails": [{"modality": "TEXT"}]}),
]


def name(sample: Sample) -> str:
    return sample.dialect.name


class Gate:
    """The guards in front of a host that says what it is told to, and keeps what it was sent."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        stages = Stages(request_guard=RequestGuard(lambda: RULES), reply_guard=ReplyGuard(lambda: RULES))
        self._handler = Handler([dialect], Pipeline(stages, self._host), [self._over])
        self._events: list[Event] = []
        self._streamed = False
        self.sent: list[bytes] = []
        self.blocked = False

    async def ask(self, body: dict[str, Any], *events: Event, streamed: bool = False) -> tuple[int, bytes]:
        """The status and all bytes of the answer."""
        self._events, self._streamed, self.sent, self.blocked = list(events), streamed, [], False
        path = self._dialect.path.replace("{model}", "m")
        given = {**body, "stream": streamed} if self._dialect.may_stream else body
        headers = {"content-type": "application/json"}
        answer = await self._handler.handle(Request("POST", path, headers, json.dumps(given).encode(), query="alt=sse"))
        said = b"".join([chunk async for chunk in answer.chunks])
        await answer.aclose()
        return answer.status, said

    async def _host(self, exchange: Exchange) -> Reply:
        self.sent.append(jsonio.dumps(exchange.body))
        return Reply(200, [], self._say(), streamed=self._streamed)

    async def _say(self) -> AsyncIterator[Event]:
        for event in self._events:
            yield event

    def _over(self, exchange: Exchange, status: int, error: Any) -> None:
        self.blocked = any(verdict.action == "block" for verdict in exchange.verdicts)


def whole(body: dict[str, Any]) -> Event:
    return Event.whole(jsonio.dumps(body))


@pytest.mark.parametrize("sample", SAMPLES, ids=name)
async def test_a_canary_in_any_string_of_a_request_goes_no_further(sample: Sample, capsys: Any) -> None:
    gate, seen, refused = Gate(sample.dialect), 0, 0
    streams = sample.dialect.always_streams
    status, _ = await gate.ask(sample.request, whole({}), streamed=streams)
    assert (status, len(gate.sent)) == (200, 1), "without a canary it passes"
    for address in places(sample.request):
        status, said = await gate.ask(with_at(sample.request, address, CANARY), whole({}), streamed=streams)
        assert status == 400 and not gate.sent, jsonio.show(address)
        assert CANARY.encode() not in said
        seen, refused = seen + gate.blocked, refused + (not gate.blocked)
    tell(capsys, sample, "request", seen, refused)


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.whole], ids=name)
async def test_a_canary_in_any_string_of_a_reply_is_withheld(sample: Sample, capsys: Any) -> None:
    gate, seen = Gate(sample.dialect), 0
    body = sample.whole or {}
    assert (await gate.ask(sample.request, whole(body)))[1] == jsonio.dumps(body), "without a canary it passes"
    for address in places(body):
        _, said = await gate.ask(sample.request, whole(with_at(body, address, CANARY)))
        assert gate.blocked, jsonio.show(address)
        assert CANARY.encode() not in said
        seen += 1
    tell(capsys, sample, "reply", seen)


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.stream], ids=name)
async def test_a_canary_in_any_string_of_any_event_is_withheld(sample: Sample, capsys: Any) -> None:
    gate, seen = Gate(sample.dialect), 0
    for data in sample.stream:
        for address in places(data):
            event = Event.of(with_at(data, address, CANARY))
            ends = [sample.end] if sample.end else []
            _, said = await gate.ask(sample.request, event, *ends, streamed=True)
            assert gate.blocked, jsonio.show(address)
            assert CANARY.encode() not in said
            seen += 1
    tell(capsys, sample, "stream", seen)


NAMED = {CANARY: 1}


def named_in(body: Any) -> list[dict[str, Any]]:
    """The body with the canary as the name of one more field, once in each of its objects."""
    objects = [place for place in containers(body) if isinstance(jsonio.get(body, place), dict)]
    return [with_at(body, place, jsonio.get(body, place) | NAMED) if place else {**body, **NAMED} for place in objects]


@pytest.mark.parametrize("sample", SAMPLES, ids=name)
async def test_a_canary_in_the_name_of_a_field_goes_no_further(sample: Sample) -> None:
    gate, streams = Gate(sample.dialect), sample.dialect.always_streams
    for body in named_in(sample.request):
        status, said = await gate.ask(body, whole({}), streamed=streams)
        assert status == 400 and not gate.sent, body
        assert CANARY.encode() not in said
    for body in named_in(sample.whole or {}):
        _, said = await gate.ask(sample.request, whole(body))
        assert gate.blocked and CANARY.encode() not in said, body
    for data in sample.stream:
        for body in named_in(data):
            ends = [sample.end] if sample.end else []
            _, said = await gate.ask(sample.request, Event.of(body), *ends, streamed=True)
            assert gate.blocked and CANARY.encode() not in said, body


def tell(capsys: Any, sample: Sample, where: str, seen: int, refused: int = 0) -> None:
    with capsys.disabled():
        print(f"\n  {sample.dialect.name:23} {where:8} {seen:4} seen by the guards, {refused:3} refused", end="")


def test_the_positions_are_many(capsys: Any) -> None:
    requests, replies, events = 0, 0, 0
    for sample in SAMPLES:
        requests += len(list(places(sample.request)))
        replies += len(list(places(sample.whole)))
        events += sum(len(list(places(data))) for data in sample.stream)
    with capsys.disabled():
        print(f"\n  positions: {requests} in requests, {replies} in replies, {events} in events of streams", end="")
    assert requests + replies + events >= 120

"""Gemini's dialect: every string is seen in both spellings of its fields, streams and whole replies say the same."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine import jsonio
from tidegate.engine.dialects.gemini import Gemini, GeminiCountTokens
from tidegate.engine.errors import BadRequest, LimitReached, UnknownModel, UpstreamSilent
from tidegate.engine.exchange import Scope, Segment
from tidegate.engine.jsonio import Address
from tidegate.engine.sse import Event
from tidegate.engine.stream import Edit, HoldBack, Look, Withheld
from tidegate.tests.canaries import CANARY, places, with_at

GEMINI = Gemini()

REQUEST: dict[str, Any] = {
    "systemInstruction": {"parts": [{"text": "be brief"}]},
    "cachedContent": "cachedContents/c-1",
    "safetySettings": [{"category": "HARM", "threshold": "BLOCK_NONE"}],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["weather"]}},
    "generationConfig": {
        "stopSequences": ["END"],
        "responseMimeType": "application/json",
        "responseSchema": {"type": "OBJECT", "properties": {"city": {"type": "STRING", "enum": ["Ulm"]}}},
    },
    "tools": [
        {
            "functionDeclarations": [
                {"name": "weather", "description": "tells", "parameters": {"type": "OBJECT", "title": "T"}}
            ]
        },
        {"googleSearch": {}},
    ],
    "contents": [
        {
            "role": "user",
            "parts": [
                {"text": "look"},
                {"inlineData": {"mimeType": "image/png", "data": "AAAA"}},
                {"fileData": {"mimeType": "video/mp4", "fileUri": "https://f"}},
                {"ofTomorrow": {"deep": ["text"]}},
            ],
        },
        {
            "role": "model",
            "parts": [
                {"text": "hm", "thought": True},
                {"functionCall": {"id": "i", "name": "weather", "args": {"city": "Ulm"}}, "thoughtSignature": "c2ln"},
                {"executableCode": {"language": "PYTHON", "code": "print(1)"}},
                {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}},
            ],
        },
        {
            "role": "user",
            "parts": [{"functionResponse": {"name": "weather", "response": {"output": ["sunny", {"k": "warm"}]}}}],
        },
    ],
}
REPLY: dict[str, Any] = {
    "candidates": [
        {
            "content": {
                "role": "model",
                "parts": [
                    {"text": "hm", "thought": True},
                    {"text": "see here", "thoughtSignature": "c2ln"},
                    {"functionCall": {"name": "weather", "args": {"city": "Ulm", "days": 2}}},
                    {"executableCode": {"language": "PYTHON", "code": "print(1)"}},
                    {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}},
                ],
            },
            "finishReason": "STOP",
            "index": 0,
            "citationMetadata": {"citationSources": [{"uri": "https://x", "license": "l"}]},
            "groundingMetadata": {"webSearchQueries": ["q"], "groundingChunks": [{"web": {"uri": "u", "title": "t"}}]},
        }
    ],
    "usageMetadata": {"promptTokenCount": 3, "totalTokenCount": 8},
    "modelVersion": "gemini-test-001",
    "responseId": "r-1",
}


def snake(value: Any) -> Any:
    """The same with the names of fields in the other spelling."""
    if isinstance(value, dict):
        return {"".join("_" + c.lower() if c.isupper() else c for c in k): snake(v) for k, v in value.items()}
    return [snake(child) for child in value] if isinstance(value, list) else value


def replied(*parts: dict[str, Any], finish: str | None = "STOP", index: int = 0) -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": list(parts)}, "index": index}
    return {"candidates": [candidate | ({"finishReason": finish} if finish else {})], "modelVersion": "m"}


@pytest.mark.parametrize("spelt", [REQUEST, snake(REQUEST)], ids=["camel", "snake"])
def test_every_string_of_a_request_is_seen_in_either_spelling(spelt: dict[str, Any]) -> None:
    GEMINI.check(spelt)
    for address in places(spelt):
        body = with_at(spelt, address, CANARY)
        (segment,) = [s for s in GEMINI.request_segments(body) if s.text == CANARY]
        assert (segment.address, segment.unread) == (address, "")
        GEMINI.put(body, segment, "changed")
        assert jsonio.get(body, address) == "changed"
    scopes = [s.scope for s in GEMINI.request_segments(spelt)]
    assert scopes.count(Scope.TOOL_RESULT) == 7
    assert [s.unread for s in GEMINI.request_segments(spelt) if s.unread] == ["image", "file"]
    assert [s.text for s in GEMINI.request_segments(spelt) if s.sealed] == ["city", "c2ln", "output", "k"]


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("address", list(places(REPLY)), ids=jsonio.show)
def test_every_string_of_a_reply_is_seen(address: Address, streamed: bool) -> None:
    body = with_at(REPLY, address, CANARY)
    assert [s.address for s in GEMINI.reply_segments(body, streamed) if s.text == CANARY] == [address]


def test_tools_have_their_scope_and_name() -> None:
    found = {s.address[4:]: s for s in GEMINI.reply_segments(REPLY, False) if len(s.address) > 5}
    city = found[2, "functionCall", "args", "city"]
    assert (city.scope, city.tool) == (Scope.TOOL_ARGS, "weather")
    assert found[3, "executableCode", "code"].scope is Scope.TOOL_ARGS
    assert found[4, "codeExecutionResult", "output"].scope is Scope.TOOL_RESULT


def test_numbers_and_names_in_what_a_function_gave_are_looked_at_too() -> None:
    given = {"4111111111111111": [4111111111111111, 5105105105105100.0, 1.5]}
    part = {"functionResponse": {"name": "crm", "response": given}}
    found = [s for s in GEMINI.request_segments({"contents": [{"role": "user", "parts": [part]}]}) if s.tool]
    assert {s.scope for s in found} == {Scope.TOOL_RESULT}
    called, name, number, whole, half = found
    assert (called.text, called.sealed, name.text, name.sealed) == ("crm", False, "4111111111111111", True)
    assert (number.text, whole.text, half.text) == ("4111111111111111", "5105105105105100", "1.5")
    GEMINI.put({"contents": [{"parts": [part]}]}, whole, "<CARD_1>")
    assert given["4111111111111111"] == [4111111111111111, "<CARD_1>", 1.5]


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"contents": []}, "contents"),
        ({"contents": "hi"}, "contents"),
        ({"contents": [{"parts": "hi"}]}, "contents.0.parts"),
        ({"contents": [{"parts": ["hi"]}]}, "contents.0.parts.0"),
        ({"tools": ["x"]}, "tools.0"),
        ({"generation_config": "x"}, "generation_config"),
        ({"systemInstruction": {"parts": []}, "system_instruction": {"parts": []}}, "system_instruction"),
        ({"toolConfig": None, "tool_config": {}, "ToolConfig": {}}, "ToolConfig"),
    ],
)
def test_a_request_of_another_form_is_refused_by_its_field(change: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        GEMINI.check({**REQUEST, **change})
    assert caught.value.param == param


class Word:
    """A screen that replaces, or stops at, one word."""

    def __init__(self, word: str, *, block: bool = False) -> None:
        self.word, self.block = word, block

    def applies(self, segment: Segment) -> bool:
        return True

    def context(self, segment: Segment) -> int | None:
        return len(self.word)

    async def look(self, segment: Segment, text: str, settled: int, done: bool) -> Look:
        safe = len(text) if done else max(settled, len(text) - len(self.word) + 1)
        edits: list[Edit] = []
        start = text.find(self.word, settled)
        while start >= 0:
            if self.block:
                raise Withheld(["words.test"])
            edits.append(Edit(start, start + len(self.word), "<#>"))
            safe = max(safe, edits[-1].end)
            start = text.find(self.word, edits[-1].end)
        return Look(edits, safe)

    async def seam(self, segment: Segment, before: str, after: str, done: bool) -> bool:
        return False

    def unread(self, segment: Segment) -> None: ...


async def held(screen: Word, events: list[Event], streamed: bool = True) -> list[Event]:
    async def source() -> AsyncIterator[Event]:
        for event in events:
            yield event

    async def stop() -> None: ...

    return [event async for event in HoldBack(GEMINI, screen, streamed, stop).run(source())]


def pieces(text: str, step: int, index: int = 0, **more: Any) -> list[Event]:
    cut = [text[at : at + step] for at in range(0, len(text), step)]
    return [Event.of(replied({"text": piece, **more}, finish=None, index=index)) for piece in cut]


@given(step=st.integers(1, 9), before=st.text("ab ", max_size=9))
async def test_a_word_is_replaced_however_the_stream_is_cut(step: int, before: str) -> None:
    call = {"functionCall": {"name": "n", "args": {"k": "secret"}}}
    events = [*pieces(before + "secret", step, thought=True), *pieces(before + "secret, yes", step)]
    out = await held(Word("secret"), [*events, Event.of(replied(call))])
    assert b"secret" not in b"".join(event.raw for event in out)
    thought, text, called = GEMINI.assemble(out)["candidates"][0]["content"]["parts"]
    assert thought == {"text": before + "<#>", "thought": True}
    assert text == {"text": before + "<#>, yes"}
    assert called["functionCall"]["args"] == {"k": "<#>"}


async def test_pieces_of_an_argument_are_one_text() -> None:
    def partial(text: str) -> Event:
        piece = {"jsonPath": "$.k", "stringValue": text}
        return Event.of(replied({"functionCall": {"name": "n", "partialArgs": [piece]}}, finish=None))

    out = await held(Word("secret"), [partial("a sec"), partial("ret b"), Event.of(replied())])
    said = [(event.data or {})["candidates"][0]["content"]["parts"] for event in out[:2]]
    assert "".join(part[0]["functionCall"]["partialArgs"][0]["stringValue"] for part in said) == "a <#> b"


@given(step=st.integers(1, 9))
async def test_a_stream_that_nothing_touched_leaves_as_it_came(step: int) -> None:
    events = [*pieces("some words", step), *pieces("others", step, 1), Event.of(REPLY)]
    assert [e.raw for e in await held(Word("absent"), events)] == [e.raw for e in events]


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_withheld_reply_is_stopped_for_safety(streamed: bool) -> None:
    whole = replied({"text": "the secret"}) | {"x_copy": "the secret", "usageMetadata": {"totalTokenCount": 3}}
    event = Event.of(whole) if streamed else Event.whole(jsonio.dumps(whole))
    (out,) = await held(Word("secret", block=True), [event], streamed)
    assert b"secret" not in out.raw
    data = out.data or {}
    assert data["candidates"][0]["finishReason"] == "SAFETY"
    assert "words.test" in data["candidates"][0]["finishMessage"]
    assert data["usageMetadata"] == {"totalTokenCount": 3}


async def test_a_withheld_error_stays_an_error() -> None:
    error = {"error": {"code": 400, "message": "the secret", "status": "INVALID_ARGUMENT"}}
    (out,) = await held(Word("secret", block=True), [Event.whole(jsonio.dumps(error))], streamed=False)
    assert b"secret" not in out.raw
    assert (out.data or {})["error"]["code"] == 502


def test_a_reply_split_and_assembled_is_the_same_reply() -> None:
    assert GEMINI.assemble(GEMINI.split(REPLY, {})) == REPLY
    cut = [*pieces("see ", 2), Event.of(replied({"text": "here"}) | {"usageMetadata": {"totalTokenCount": 1}})]
    whole = GEMINI.assemble(cut)
    assert whole["candidates"][0]["content"]["parts"] == [{"text": "see here"}]
    assert whole["usageMetadata"] == {"totalTokenCount": 1}
    signed = [pieces("see ", 9)[0], Event.of(replied({"text": "", "thoughtSignature": "s"})), pieces("more", 9)[0]]
    first, second = GEMINI.assemble(signed)["candidates"][0]["content"]["parts"]
    assert (first, second) == ({"text": "see ", "thoughtSignature": "s"}, {"text": "more"}), "it ends what it signs"


def asked(*parts: dict[str, Any], **extra: Any) -> dict[str, Any]:
    return {"contents": [{"role": "user", "parts": list(parts)}], **extra}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (asked({"text": "q"}), ""),
        (asked({"text": "q"}, cached_content="c"), "state"),
        (asked({"text": "q"}, cachedContent="c"), "state"),
        (asked({"functionResponse": {"name": "n", "response": {}}}), "not-only-text"),
        ({"contents": [{"role": "model", "parts": [{"text": "x"}]}]}, "no-user-turn"),
        (asked({"text": "q"}, generation_config={"candidate_count": 2}), "sampling"),
        (asked({"text": "q"}, generationConfig={"temperature": 1.5}), "sampling"),
        (asked({"text": "q"}, generationConfig={"responseLogprobs": True, "logprobs": 2}), "logprobs"),
    ],
)
def test_what_memory_must_not_answer(body: dict[str, Any], why: str) -> None:
    assert GEMINI.question(body).bypass == why


def test_only_clean_answers_in_words_are_kept() -> None:
    assert GEMINI.storable(replied({"text": "x"})) == ""
    assert GEMINI.storable(replied({"text": "x"}, finish="MAX_TOKENS")) == "cut short"
    assert GEMINI.storable(REPLY) == "not only text"
    assert GEMINI.storable({"promptFeedback": {}}) == "no candidates"
    assert GEMINI.storable(replied({"text": ""})) == "no content"
    assert GEMINI.storable(replied({"text": "x", "thought": True}, {"text": " "})) == "no content"


def test_the_end_is_a_finish_reason_or_a_blocked_prompt() -> None:
    assert GEMINI.is_end(Event.of(REPLY))
    assert GEMINI.is_end(Event.of({"promptFeedback": {"blockReason": "SAFETY"}}))
    assert not GEMINI.is_end(Event.of({"promptFeedback": {"safetyRatings": [{"blockReason": "x"}]}}))
    assert not GEMINI.is_end(Event.of(replied({"text": "finishReason"}, finish=None)))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BadRequest("m", param="p"), "INVALID_ARGUMENT"),
        (UnknownModel("m"), "NOT_FOUND"),
        (LimitReached("m", after=1), "RESOURCE_EXHAUSTED"),
        (UpstreamSilent("m"), "DEADLINE_EXCEEDED"),
    ],
)
def test_errors_have_googles_envelope(error: Any, status: str) -> None:
    said = GEMINI.error(error)["error"]
    assert (said["code"], said["status"], said["message"]) == (error.status, status, "m")
    assert said["details"][0]["reason"] == error.code
    assert json.loads(GEMINI.error_event(error).payload)["error"] == said


def test_a_count_of_tokens_is_guarded_in_both_its_forms() -> None:
    count = GeminiCountTokens()
    for body in (REQUEST, {"generateContentRequest": {"model": "models/m", **REQUEST}}):
        count.check(body)
        assert "look" in [s.text for s in count.request_segments(body)]
    assert count.question(REQUEST).bypass

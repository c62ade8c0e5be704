"""OpenAI's older endpoints that take and give plain text: completions and embeddings."""

import re
from collections.abc import Sequence
from typing import Any, cast

from ..exchange import Scope, Segment
from ..jsonio import Address, Json
from ..sse import DONE, Event
from . import Question
from .defaults import COMPLETIONS, undefaulted
from .openai_common import (
    FIXED,
    canned,
    check_fields,
    choice_at,
    choices,
    envelope,
    error_event,
    index_of,
    is_done,
    keep_envelope,
    put_reply,
    sampled,
    says,
    without,
    wrong,
)
from .openai_stream import assemble_text, remember_choices, split_text, unfinished
from .text import texts
from .wordless import Wordless

_BASE64 = re.compile("[A-Za-z0-9+/]+={0,2}")


class OpenAICompletions:
    """POST /v1/completions. Source: OpenAI API reference, completions."""

    name = "openai.completions"
    path = "/v1/completions"
    may_stream = True
    always_streams = False
    open_ended = False

    error = staticmethod(envelope)
    error_event = staticmethod(error_event)
    is_end = staticmethod(is_done)
    assemble = staticmethod(assemble_text)
    split = staticmethod(split_text)
    remember = staticmethod(remember_choices)

    def check(self, body: dict[str, Any]) -> None:
        check_fields(body)
        _check_input(body, "prompt")

    def request_segments(self, body: dict[str, Any]) -> list[Segment]:
        return [Segment(a, t, Scope.INPUT) for a, t in texts(body, FIXED)] + _tokens(body, "prompt")

    def reply_segments(self, data: dict[str, Any], streamed: bool) -> list[Segment]:
        return [_segment(address, text, data, streamed) for address, text in texts(data, FIXED)] + _alternatives(data)

    def closed(self, data: dict[str, Any]) -> Sequence[Address]:
        """None: a finish reason ends no text, for some servers give one with every piece. [DONE] ends them all."""
        return []

    def begun(self, data: dict[str, Any], segment: Segment) -> str:
        return ""

    def put(self, body: dict[str, Any], segment: Segment, text: str) -> None:
        put_reply(body, segment.address, text)

    def withhold(self, data: dict[str, Any], rules: Sequence[str]) -> None:
        data["choices"] = [_withheld(index_of(choice, place)) for place, choice in enumerate(choices(data))]
        keep_envelope(data, rules)

    def stop_events(
        self, last: dict[str, Any], rules: Sequence[str], memory: dict[str, Any] | None = None
    ) -> list[Event]:
        data = dict(last)
        data["choices"] = [_withheld(index) for index in unfinished(memory, last)]
        keep_envelope(data, rules)
        return [Event.of(data), DONE]

    def question(self, body: dict[str, Any]) -> Question:
        prompt = body.get("prompt")
        if not isinstance(prompt, str):
            return Question(frame={}, text="", bypass="not-only-text")
        bypass = (
            "sampling"
            if sampled(body) or (body.get("best_of") or 1) > 1
            else "logprobs"
            if body.get("logprobs")
            else "echo"  # the answer repeats the prompt, in the words in which it was asked
            if body.get("echo")
            else ""
        )
        frame = without(body, "prompt", "stream", "stream_options", "user", "metadata")
        return Question(undefaulted(frame, COMPLETIONS, {}), prompt, bypass)

    def canned(self, body: dict[str, Any], text: str) -> dict[str, Any]:
        return canned("text_completion", "cmpl-", body, {"text": text})

    def storable(self, whole: dict[str, Any]) -> str:
        found = choices(whole)
        clean = found and all(choice.get("finish_reason") == "stop" for choice in found)
        if not clean:
            return "cut short"
        return "" if all(says(choice.get("text")) for choice in found) else "no content"


class OpenAIEmbeddings(Wordless):
    """POST /v1/embeddings. Source: OpenAI API reference, embeddings. Replies are numbers: nothing to read."""

    name = "openai.embeddings"
    path = "/v1/embeddings"
    what = "embeddings"

    error = staticmethod(envelope)
    error_event = staticmethod(error_event)

    def check(self, body: dict[str, Any]) -> None:
        check_fields(body)
        _check_input(body, "input")

    def request_segments(self, body: dict[str, Any]) -> list[Segment]:
        return [Segment(a, t, Scope.INPUT) for a, t in texts(body, FIXED)] + _tokens(body, "input")

    def reply_segments(self, data: dict[str, Any], streamed: bool) -> list[Segment]:
        return [Segment(a, t, Scope.OUTPUT) for a, t in texts(data, FIXED) if not _is_vector(a, t)]

    def withhold(self, data: dict[str, Any], rules: Sequence[str]) -> None:
        data["data"] = []
        keep_envelope(data, rules)


def _withheld(index: int) -> dict[str, Any]:
    return {"index": index, "text": "", "logprobs": None, "finish_reason": "content_filter"}


def _is_vector(address: Address, text: str) -> bool:
    """Whether it is an embedding in base64: numbers of four bytes in another spelling."""
    if address[-1] != "embedding" or len(text) % 4 or not _BASE64.fullmatch(text):
        return False
    return (len(text) // 4 * 3 - text.count("=")) % 4 == 0


def _check_input(body: dict[str, Any], field: str) -> None:
    """A string, strings, tokens, or arrays of tokens."""
    value = body.get(field)
    if isinstance(value, str):
        return
    if not isinstance(value, list) or not value:
        raise wrong(field, "a string or a non-empty array of strings or tokens")
    for index, item in enumerate(cast("list[Any]", value)):
        tokens = cast("list[Any]", item) if isinstance(item, list) else [item]
        if not isinstance(item, str) and not all(type(token) is int for token in tokens):
            raise wrong((field, index), "a string or tokens")


def _tokens(body: dict[str, Any], field: str) -> list[Segment]:
    """Token numbers are text that no guard here can read."""
    value = body.get(field)
    if isinstance(value, list) and any(not isinstance(item, str) for item in cast("list[Any]", value)):
        return [Segment((field,), "", Scope.INPUT, unread="tokens")]
    return []


def _alternatives(data: dict[str, Any]) -> list[Segment]:
    """The tokens that might have been chosen; here they are names of fields."""
    return [
        Segment(("choices", place, "logprobs", "top_logprobs", index, token), token, Scope.OUTPUT)
        for place, choice in enumerate(_listed(data.get("choices")))
        if isinstance(choice, dict) and isinstance(logprobs := cast("dict[str, Any]", choice).get("logprobs"), dict)
        for index, tokens in enumerate(_listed(cast("dict[str, Any]", logprobs).get("top_logprobs")))
        if isinstance(tokens, dict)
        for token in cast("dict[str, Any]", tokens)
    ]


def _listed(value: Json) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _segment(address: Address, text: str, data: dict[str, Any], streamed: bool) -> Segment:
    """In a stream everything in a choice is running text. The chosen tokens of its log probabilities spell one, in a
    whole reply too: a stop word may have cut it out of the text."""
    choice, spelt = choice_at(data, address), address[2:4] == ("logprobs", "tokens")
    if choice is None or not (streamed or spelt) or address[2] == "finish_reason":
        return Segment(address, text, Scope.OUTPUT)
    rest = address[2:4] if spelt else address[2:]
    return Segment(address, text, Scope.OUTPUT, channel=("choices", index_of(choice, address[1]), *rest))

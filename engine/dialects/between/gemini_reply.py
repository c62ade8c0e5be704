"""Replies of Gemini, whole and streamed, and its errors, read and written: an event of a stream has the form of a whole
reply. Source: Gemini API reference, GenerateContentResponse."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from ...errors import TidegateError
from ...jsonio import dumps
from ...sse import Event
from ..gemini import Gemini
from ..openai_common import dicts
from .carry import assembled, cut_off, cut_short, mapping, pieces, stopped, told_object, unreadable, wordless
from .counts import read_usage
from .gemini_contents import made_id
from .gemini_request import shows_thoughts
from .reported import failed, unanswered
from .talk import (
    Began,
    Call,
    CallBegan,
    CallDelta,
    Delta,
    Ended,
    Signed,
    Stop,
    TextDelta,
    ThoughtDelta,
    Told,
    Trouble,
    Usage,
)

_STOPS = {
    "STOP": Stop.END,
    "MAX_TOKENS": Stop.LENGTH,
    "CONTINUATION": Stop.LENGTH,
    **dict.fromkeys(
        (
            "SAFETY",
            "RECITATION",
            "LANGUAGE",
            "BLOCKLIST",
            "PROHIBITED_CONTENT",
            "SPII",
            "ESCALATION",
            "MODEL_ARMOR",
            "IMAGE_SAFETY",
            "IMAGE_PROHIBITED_CONTENT",
            "IMAGE_RECITATION",
        ),
        Stop.FILTER,
    ),
}
"""All other reasons (a malformed call, a missing signature, OTHER) say that the answer is none."""
_REASONS = {Stop.LENGTH: "MAX_TOKENS", Stop.FILTER: "SAFETY"}
_ERRORS = Gemini()


class GeminiReader:
    """Events of a stream to pieces. What ends an answer is a finish reason, or the news that the prompt was blocked;
    usage and signatures may follow it."""

    def __init__(self) -> None:
        self._began = False
        self._calls: list[Call] = []
        self._stop: Stop | None = None
        self._usage: Usage | None = None
        self._id = ""

    def feed(self, event: Event) -> Sequence[Delta]:
        if not event.payload.strip():
            return []
        if event.data is None:
            raise unreadable()
        return self.read(event.data)

    def read(self, data: Mapping[str, Any]) -> list[Delta]:
        """The same for an event's data, or a whole reply."""
        if data.get("error"):
            raise failed(mapping(data["error"]))
        candidates = dicts(data.get("candidates"))
        if len(candidates) > 1 or any(candidate.get("index") not in (None, 0) for candidate in candidates):
            raise unreadable()
        self._usage = read_usage(data.get("usageMetadata")) or self._usage
        out: list[Delta] = []
        if not self._began:
            self._began, self._id = True, str(data.get("responseId") or "")
            out.append(Began(self._id, str(data.get("modelVersion") or "")))
        if mapping(data.get("promptFeedback")).get("blockReason"):
            self._stop = Stop.FILTER
        for candidate in candidates:
            for part in dicts(mapping(candidate.get("content")).get("parts")):
                out += self._part(part)
            if reason := candidate.get("finishReason"):
                self._stop = _STOPS.get(str(reason).upper())
                if self._stop is None:
                    raise failed({"code": reason})
        return out

    def _part(self, part: Mapping[str, Any]) -> list[Delta]:
        signature = part.get("thoughtSignature")
        out = self._call(mapping(part["functionCall"])) if part.get("functionCall") is not None else _text(part)
        return [*out, *([Signed(signature)] if isinstance(signature, str) and signature else [])]

    def _call(self, said: Mapping[str, Any]) -> list[Delta]:
        """Calls come whole; their arguments in pieces only to who asks for that."""
        name, args = said.get("name"), said.get("args")
        if said.get("partialArgs") or said.get("willContinue"):
            raise wordless()
        if not isinstance(name, str) or not isinstance(args, dict | None):
            raise unreadable()
        id = str(said.get("id") or made_id(name, len(self._calls) + 1, self._id))
        self._calls.append(Call(id, name))
        return [CallBegan(id, name), CallDelta(dumps(args or {}).decode())]

    def end(self) -> Sequence[Delta]:
        if self._stop is None:
            raise cut_off()
        return [Ended(stopped(self._stop, self._calls), self._usage)]


def _text(part: Mapping[str, Any]) -> list[Delta]:
    text = part.get("text", "")
    if not isinstance(text, str) or not set(part) <= {"text", "thought", "thoughtSignature"}:
        raise wordless()
    if not text:
        return []
    return [ThoughtDelta(text) if part.get("thought") else TextDelta(text)]


def read_gemini_reply(body: Mapping[str, Any]) -> Told:
    """A whole reply. Raises UpstreamRefused when it is none, or holds content of tools that the provider ran itself,
    and UpstreamError when there is an error in its place."""
    reader = GeminiReader()
    if not body.get("candidates") and not body.get("promptFeedback"):
        raise unanswered(body)
    return assembled([*reader.read(body), *reader.end()])


class GeminiWriter:
    """Pieces to the events of a stream. A call is written when it is complete, and not at all when the answer was cut
    off within its arguments; thoughts are written to who asks for
    them, since clients that do not may take them for the answer."""

    def __init__(self, asked: Mapping[str, Any]) -> None:
        self._shows = shows_thoughts(asked)
        self._began = Began("", "")
        self._call: CallBegan | None = None
        self._source: list[str] = []
        self._thinks = self._refused = False

    def write(self, delta: Delta) -> Sequence[Event]:
        if isinstance(delta, CallDelta):
            self._source.append(delta.arguments)
            return []
        if isinstance(delta, Signed) and self._call and not delta.redacted:
            return [self._event(self._done(delta.signature))]
        if isinstance(delta, Ended):
            return [self._end(delta.stop, delta.usage or self._began.usage)]
        done = [self._event(self._done())] if self._call else []
        match delta:
            case Began():
                self._began = delta
                return []
            case TextDelta(text, refusal):
                self._thinks, self._refused = False, self._refused or refusal
                return [*done, self._event([{"text": text}])]
            case ThoughtDelta() if not self._shows:
                return done
            case ThoughtDelta(text):
                self._thinks = True
                return [*done, self._event([{"text": text, "thought": True}])]
            case Signed(signature):
                thought = {"thought": True} if self._thinks else {}
                return [*done, self._event([{"text": "", **thought, "thoughtSignature": signature}])]
            case CallBegan():
                self._call, self._source, self._thinks = delta, [], False
                return done

    def _done(self, signature: str = "") -> list[dict[str, Any]]:
        """Raises UpstreamRefused when the arguments of the call that ends are no JSON object."""
        call = cast(CallBegan, self._call)
        self._call = None
        said = {**({"id": call.id} if call.id else {}), "name": call.name, "args": told_object("".join(self._source))}
        return [{"functionCall": said, **({"thoughtSignature": signature} if signature else {})}]

    def _event(self, parts: Sequence[Mapping[str, Any]], **ending: Any) -> Event:
        candidate = {"content": {"role": "model", "parts": parts}, "index": 0}
        return Event.of({"candidates": [candidate | ending], **self._head()})

    def _head(self) -> dict[str, str]:
        head = {"modelVersion": self._began.model, "responseId": self._began.id}
        return {name: value for name, value in head.items() if value}

    def _end(self, stop: Stop, usage: Usage | None) -> Event:
        """The last event has a part, if only an empty one: the SDK's chats take one without any for a failure."""
        stop = Stop.FILTER if self._refused and stop is Stop.END else stop
        thought = {"thought": True} if self._thinks else {}
        whole = self._call and not cut_short(stop, "".join(self._source))
        parts = self._done() if whole else [{"text": "", **thought}]
        ended = self._event(parts, finishReason=_REASONS.get(stop, "STOP"))
        counts = {"usageMetadata": _write_usage(usage)} if usage else {}
        return Event.of({**(ended.data or {}), **counts})


def _write_usage(usage: Usage) -> dict[str, int]:
    """The other way round."""
    out = {
        "promptTokenCount": usage.input,
        "candidatesTokenCount": max(usage.output - usage.reasoning, 0),
        "totalTokenCount": usage.input + usage.output,
    }
    out |= {"cachedContentTokenCount": usage.cached} if usage.cached else {}
    return out | ({"thoughtsTokenCount": usage.reasoning} if usage.reasoning else {})


def write_gemini_reply(told: Told, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A Told as a whole reply: what its stream amounts to."""
    writer = GeminiWriter(asked)
    return _ERRORS.assemble([event for piece in pieces(told) for event in writer.write(piece)])


def read_gemini_error(status: int, body: Mapping[str, Any]) -> Trouble:
    """An error body. The code is what details of type ErrorInfo say."""
    error = mapping(body.get("error"))
    reasons = [str(detail["reason"]) for detail in dicts(error.get("details")) if detail.get("reason")]
    return Trouble(status, str(error.get("message") or ""), str(error.get("status") or ""), "".join(reasons[:1]))


def write_gemini_error(trouble: Trouble) -> dict[str, Any]:
    """The status in words is ours by the number; the provider's own word is in the details."""
    error = TidegateError(trouble.message, code=trouble.code or trouble.kind or None)
    error.status = trouble.status
    return _ERRORS.error(error)

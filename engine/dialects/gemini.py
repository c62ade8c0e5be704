"""Gemini: POST /v1beta/models/{model}:generateContent, :streamGenerateContent, :countTokens, and the same under /v1.

Source: Gemini API reference, generating content.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from ..errors import TidegateError
from ..exchange import Scope, Segment
from ..jsonio import Address, loads, show
from ..sse import Event
from . import Question
from .defaults import GEMINI, GEMINI_CONFIG, undefaulted
from .gemini_text import goes_on, plain_name, put_text, segments
from .openai_common import dicts, objects, says, without, wrong
from .wordless import Wordless

_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def status_word(status: int) -> str:
    """Google's word for an HTTP status. Source: google.rpc.Code."""
    return _STATUS.get(status, "INVALID_ARGUMENT" if status < 500 else "UNAVAILABLE")


_LOOKED_UP = ("groundingMetadata", "urlContextMetadata")
"""What a candidate tells of a search of the web, and of the pages that it read."""
_KEPT = ("usageMetadata", "modelVersion", "responseId", "createTime")


class _Common:
    """What generating and counting have in common."""

    def check(self, body: dict[str, Any]) -> None:
        contents = objects(body.get("contents"), ("contents",))
        if not contents:
            raise wrong("contents", "a non-empty array")
        for address, content in contents:
            objects(content.get("parts"), (*address, "parts"))
        objects(body.get("tools") or [], ("tools",))
        said: dict[str, str] = {}
        for name, value in body.items():
            # Of two spellings of one field the host takes one, and nobody knows which: memory might know the other.
            if value is not None and (twin := said.setdefault(plain_name(name), name)) != name:
                raise wrong((name,), f"left out, or '{show((twin,))}': they are one field")
            if plain_name(name) in ("generationconfig", "systeminstruction") and not isinstance(value, dict | None):
                raise wrong(name, "an object")

    def request_segments(self, body: dict[str, Any]) -> list[Segment]:
        return list(segments(body, (), Scope.INPUT))

    def begun(self, data: dict[str, Any], segment: Segment) -> str:
        return ""

    def put(self, body: dict[str, Any], segment: Segment, text: str) -> None:
        put_text(body, segment.address, text)

    def remember(self, memory: dict[str, Any], data: dict[str, Any]) -> None:
        """Nothing: any event of ours can be the last."""

    def error(self, error: TidegateError) -> dict[str, Any]:
        status = status_word(error.status)
        info: dict[str, Any] = {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": error.code,
            "domain": "tidegate",
            "metadata": {"param": error.param} if error.param else {},
        }
        return {"error": {"code": error.status, "message": str(error), "status": status, "details": [info]}}

    def error_event(self, error: TidegateError) -> Event:
        return Event.of(self.error(error))


class Gemini(_Common):
    """The dialect of generateContent, and of streamGenerateContent with `?alt=sse`: events of the same form."""

    name = "gemini.generate"
    open_ended = True

    def __init__(self, version: str = "v1beta", *, streams: bool = False) -> None:
        """`version` is that of the path: `v1` or `v1beta`."""
        self.always_streams = self.may_stream = streams
        self.path = f"/{version}/models/{{model}}:" + ("streamGenerateContent" if streams else "generateContent")

    def reply_segments(self, data: dict[str, Any], streamed: bool) -> list[Segment]:
        found: list[Segment] = []
        for field, value in data.items():
            if field == "candidates" and isinstance(value, list):
                for place, candidate in enumerate(cast("list[Any]", value)):
                    channel: Address = ("candidates", _index(candidate, place))
                    found += segments(candidate, (field, place), Scope.OUTPUT, channel)
            else:
                found += segments(value, (field,), Scope.OUTPUT)
        return found

    def closed(self, data: dict[str, Any]) -> Sequence[Address]:
        """The arguments of a call that is whole. A finish reason ends no text (see `is_end`)."""
        ended: list[Address] = []
        for place, candidate in enumerate(dicts(data.get("candidates"))):
            calls = [call for part in _parts(candidate) for call in _calls(part)]
            if calls and not goes_on(calls[-1]):
                ended.append(("candidates", _index(candidate, place), "args"))
        return ended

    def is_end(self, event: Event) -> bool:
        """A reason why a candidate ended, or why the prompt got none. Some models give one with every piece, and other
        candidates or the usage may follow."""
        if b"finishReason" not in event.payload and b"blockReason" not in event.payload:
            return False
        data = event.data or {}
        feedback = data.get("promptFeedback")
        blocked = isinstance(feedback, dict) and bool(cast("dict[str, Any]", feedback).get("blockReason"))
        return blocked or any(candidate.get("finishReason") for candidate in dicts(data.get("candidates")))

    def withhold(self, data: dict[str, Any], rules: Sequence[str]) -> None:
        said = f"Withheld by the gate: {', '.join(rules)}."
        kept: dict[str, Any] = {name: data[name] for name in _KEPT if name in data}
        if "error" in data and "candidates" not in data:
            kept["error"] = {"code": 502, "message": said, "status": "UNAVAILABLE"}
        else:
            indexes = [_index(c, place) for place, c in enumerate(dicts(data.get("candidates")))] or [0]
            end: dict[str, Any] = {
                "content": {"role": "model", "parts": []},
                "finishReason": "SAFETY",
                "finishMessage": said,
            }
            kept["candidates"] = [{"index": index, **end} for index in sorted(set(indexes))]
        data.clear()
        data.update(kept, tidegate={"guard": "blocked", "rules": list(rules)})

    def stop_events(
        self, last: dict[str, Any], rules: Sequence[str], memory: dict[str, Any] | None = None
    ) -> list[Event]:
        data = dict(last)
        self.withhold(data, rules)
        return [Event.of(data)]

    def question(self, body: dict[str, Any]) -> Question:
        contents = cast("list[dict[str, Any]]", body["contents"])
        last = contents[-1]
        parts = dicts(last.get("parts"))
        given: dict[str, Any] = {plain_name(name): value for name, value in body.items() if value is not None}
        given["generationconfig"] = _config(given.get("generationconfig"))
        frame = undefaulted(given, GEMINI, {})
        # Who has but one turn may say whose it is, or not.
        rest = ({"role": "user"} if len(contents) == 1 else {}) | without(last, "parts")
        frame["contents"] = [*contents[:-1], rest]
        text = "\n".join(str(part.get("text", "")) for part in parts)
        return Question(frame, text, _bypass(frame, last, parts))

    def canned(self, body: dict[str, Any], text: str) -> dict[str, Any]:
        content = {"role": "model", "parts": [{"text": text}]}
        return {
            "candidates": [{"content": content, "finishReason": "STOP", "index": 0}],
            "usageMetadata": {"promptTokenCount": 0, "candidatesTokenCount": 0, "totalTokenCount": 0},
        }

    def storable(self, whole: dict[str, Any]) -> str:
        candidates = dicts(whole.get("candidates"))
        if any(candidate.get("finishReason") != "STOP" for candidate in candidates):
            return "cut short"
        if any(not isinstance(part.get("text"), str) for c in candidates for part in _parts(c)):
            return "not only text"
        if not candidates:
            return "no candidates"
        if any(candidate.get(name) for candidate in candidates for name in _LOOKED_UP):
            return "web search"
        return "" if all(map(_says, candidates)) else "no content"

    def assemble(self, events: Sequence[Event]) -> dict[str, Any]:
        """The reply that a stream amounts to: pieces of text joined, of all else the newest value."""
        whole: dict[str, Any] = {}
        candidates: dict[int, dict[str, Any]] = {}
        for event in events:
            if event.data is None:
                continue
            data = cast("dict[str, Any]", loads(event.payload))
            for place, piece in enumerate(dicts(data.pop("candidates", None))):
                index = _index(piece, place)
                known = candidates.setdefault(index, {"content": {"parts": [], "role": "model"}})
                content = piece.pop("content", None)
                if isinstance(content, dict):
                    content = cast("dict[str, Any]", content)
                    _join(known["content"]["parts"], dicts(content.pop("parts", None)))
                    known["content"].update(content)
                known.update(piece)
            whole.update(data)
        return {"candidates": [candidates[index] for index in sorted(candidates)], **whole}

    def split(self, whole: dict[str, Any], body: dict[str, Any]) -> list[Event]:
        """One event: those of a stream have the form of a whole reply."""
        return [Event.of(whole)]


class GeminiCountTokens(Wordless, _Common):
    """How many tokens a request would have. The reply is numbers: nothing to read, nothing to keep."""

    name = "gemini.count_tokens"
    what = "count-tokens"

    def __init__(self, version: str = "v1beta") -> None:
        self.path = f"/{version}/models/{{model}}:countTokens"

    def check(self, body: dict[str, Any]) -> None:
        asked = next((v for name, v in body.items() if plain_name(name) == "generatecontentrequest"), body)
        if not isinstance(asked, dict):
            raise wrong("generateContentRequest", "an object")
        super().check(cast("dict[str, Any]", asked))

    def request_segments(self, body: dict[str, Any]) -> list[Segment]:
        return list(segments(body, (), Scope.INPUT))

    def reply_segments(self, data: dict[str, Any], streamed: bool) -> list[Segment]:
        return list(segments(data, (), Scope.OUTPUT))

    def withhold(self, data: dict[str, Any], rules: Sequence[str]) -> None:
        for name in set(data) - {"totalTokens"}:
            del data[name]
        data["tidegate"] = {"guard": "blocked", "rules": list(rules)}


def _config(given: Any) -> Any:
    """The settings as a frame has them. Of two spellings of one name the host takes one, and nobody knows which: such
    settings stay as they are."""
    if not isinstance(given, dict):
        return given or {}
    config = cast("dict[str, Any]", given)
    plain = {plain_name(name): value for name, value in config.items() if value is not None}
    return undefaulted(plain, GEMINI_CONFIG, {}) if len(plain) == len(without(config)) else config


def _index(candidate: Any, place: int) -> int:
    index = cast("dict[str, Any]", candidate).get("index") if isinstance(candidate, dict) else None
    return index if type(index) is int else place


def _parts(candidate: Mapping[str, Any]) -> list[dict[str, Any]]:
    content = candidate.get("content")
    return dicts(cast("dict[str, Any]", content).get("parts")) if isinstance(content, dict) else []


def _says(candidate: Mapping[str, Any]) -> bool:
    return says(*(part.get("text") for part in _parts(candidate) if not part.get("thought")))


def _calls(part: Mapping[str, Any]) -> list[dict[str, Any]]:
    return dicts([value for name, value in part.items() if plain_name(name) == "functioncall"])


def _join(parts: list[dict[str, Any]], more: Sequence[dict[str, Any]]) -> None:
    """Text joins the text before it, if both are thoughts or neither is. A signature ends what it signs."""
    for part in more:
        before = parts[-1] if parts else {}
        joins = isinstance(part.get("text"), str) and isinstance(before.get("text"), str)
        signed = before.get("thoughtSignature")
        if joins and not signed and bool(part.get("thought")) == bool(before.get("thought")):
            before.update({**part, "text": before["text"] + part["text"]})
        else:
            parts.append(part)


def _bypass(frame: Mapping[str, Any], last: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> str:
    """Why memory must not answer this request."""
    if frame.get("cachedcontent"):
        return "state"
    if last.get("role", "user") != "user":
        return "no-user-turn"
    if not parts or any(set(part) != {"text"} for part in parts):
        return "not-only-text"
    given: Any = frame.get("generationconfig") or {}
    config = {plain_name(name): value for name, value in cast("dict[str, Any]", given).items()}
    temperature = config.get("temperature")
    if config.get("responselogprobs"):  # those of a stream are each piece's own
        return "logprobs"
    hot = isinstance(temperature, int | float) and temperature > 1 and config.get("seed") is None
    return "sampling" if hot or (config.get("candidatecount") or 1) != 1 else ""

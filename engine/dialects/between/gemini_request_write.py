"""Requests of Gemini's generateContent, written. Source: Gemini API reference, generating content."""

import re
from collections.abc import Sequence
from typing import Any

from .carry import asked_object, merged, parted, uncarried, unsayable
from .counts import budget_of
from .gemini_contents import DETAILS, UNSIGNED
from .gemini_request import NUMBERS, WHOLE
from .talk import Call, Choice, Format, Media, Part, Result, Talk, Text, Thought, Tool

_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,127}")
_BEFORE_3 = re.compile(r"gemini-[12]\b")
"""Models that take a budget for thinking and no level, and want no signatures."""
_RESOLUTIONS = {detail: level for level, detail in DETAILS.items() if detail}
_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "pdf": "application/pdf",
}
"""Media types of links, which other dialects do not say, by the ends of their paths."""


def gemini_path(talk: Talk) -> str:
    """Where a request is sent. Raises BadRequest `not_carried` for a model whose name fits in no path."""
    model = talk.model.removeprefix("models/")
    if not _MODEL.fullmatch(model):
        raise uncarried("model")
    return f"/v1beta/models/{model}:" + ("streamGenerateContent" if talk.stream else "generateContent")


def write_gemini(talk: Talk) -> dict[str, Any]:
    """A Talk as a request. Who asks (`user`) has no place here and bears on no answer: it is left out.

    Raises BadRequest `not_carried`.
    """
    unsayable(talk, "verbosity", "metadata", "store", *(["parallel"] if talk.tools else []))
    system, turns = parted(talk)
    for part in system:
        if not isinstance(part, Text):
            raise uncarried(*part.place)
    writer = _Parts(signed=not _BEFORE_3.search(talk.model))
    contents = [
        {"role": "model" if turn.role == "assistant" else "user", "parts": writer.write(turn.parts)}
        for turn in merged(turn for turn in turns if turn.parts)
    ]
    if not contents:
        raise uncarried(*(talk.turns[-1].place if talk.turns else ()))
    body: dict[str, Any] = {"systemInstruction": {"parts": writer.write(system)}} if system else {}
    body["contents"] = contents
    if talk.tools:
        body["tools"] = [{"functionDeclarations": [_tool(tool) for tool in talk.tools]}]
    if calling := _calling(talk):
        body["toolConfig"] = {"functionCallingConfig": calling}
    if config := _config(talk):
        body["generationConfig"] = config
    return body


class _Parts:
    """Writes the parts of one conversation, in their order: a result is named after its call."""

    def __init__(self, signed: bool) -> None:
        self._signed = signed
        self._names: dict[str, str] = {}

    def write(self, parts: Sequence[Part]) -> list[dict[str, Any]]:
        out: list[dict[str, Any]] = []
        unsigned = self._signed  # the first call of a turn is the one that needs a signature
        for part in parts:
            out += self._part(part, UNSIGNED if unsigned else "")
            unsigned = unsigned and not isinstance(part, Call)
        return out

    def _part(self, part: Part, seal: str) -> list[dict[str, Any]]:
        match part:
            case Text(text, _, signature):
                return [{"text": text, **_sealed(signature)}]
            case Thought(text, signature):
                return [{"text": text, "thought": True, **_sealed(signature)}]
            case Media():
                return _media(part)
            case Call(id, name, _, signature):
                self._names[id] = name
                call = {"id": id, "name": name, "args": asked_object(part)}
                return [{"functionCall": call, **_sealed(signature or seal)}]
            case Result():
                return [{"functionResponse": self._result(part)}]

    def _result(self, result: Result) -> dict[str, Any]:
        name = result.name or self._names.get(result.id)
        if not name:
            raise uncarried(*result.place)
        texts = [part.text for part in result.parts if isinstance(part, Text) and part.text]
        held = {"error" if result.failed else "output": texts[0] if len(texts) == 1 else texts} if texts else {}
        media = [part for part in result.parts if isinstance(part, Media)]
        for part in media:
            if part.name or part.detail not in ("", "auto"):
                raise uncarried(*part.place)
        out = {"id": result.id, "name": name, "response": held or ({"error": ""} if result.failed else {})}
        return out | ({"parts": [_inline(part) for part in media]} if media else {})


def _sealed(signature: str) -> dict[str, str]:
    return {"thoughtSignature": signature} if signature else {}


def _media(part: Media) -> list[dict[str, Any]]:
    """A file's name, for which there is no field, is said before it."""
    named = [{"text": f"File: {part.name}"}] if part.name else []
    detail: dict[str, Any] = {}
    if part.detail in _RESOLUTIONS:
        detail = {"mediaResolution": {"level": _RESOLUTIONS[part.detail]}}
    elif part.detail not in ("", "auto"):
        raise uncarried(*part.place, "detail")
    if not part.url:
        return [*named, {**_inline(part), **detail}]
    kind = part.type or _TYPES.get(part.url.partition("?")[0].rpartition(".")[2].lower(), "")
    return [*named, {"fileData": {"fileUri": part.url, **({"mimeType": kind} if kind else {})}, **detail}]


def _inline(part: Media) -> dict[str, Any]:
    if part.url or not part.type:
        raise uncarried(*part.place)
    return {"inlineData": {"mimeType": part.type, "data": part.data}}


def _tool(tool: Tool) -> dict[str, Any]:
    out: dict[str, Any] = {"name": tool.name}
    out |= {"description": tool.description} if tool.description else {}
    return out | ({"parametersJsonSchema": dict(tool.parameters)} if tool.parameters is not None else {})


def _calling(talk: Talk) -> dict[str, Any]:
    """In mode VALIDATED the model may answer in words, or by calls that fit their schemas; ANY holds calls to these as
    well."""
    choice = talk.choice or Choice("auto")
    if not talk.tools and choice.mode != "must":
        return {}
    if choice.mode == "never":
        return {"mode": "NONE"}
    names = {"allowedFunctionNames": list(choice.names)} if choice.names else {}
    if choice.mode == "must":
        return {"mode": "ANY", **names}
    if names or any(tool.strict for tool in talk.tools):
        return {"mode": "VALIDATED", **names}
    return {"mode": "AUTO"} if talk.choice else {}


def _config(talk: Talk) -> dict[str, Any]:
    out = {ours: value for name, ours in (NUMBERS | WHOLE).items() if (value := getattr(talk, name)) is not None}
    if talk.stop:
        out["stopSequences"] = list(talk.stop)
    if talk.format is not None:
        out |= _format(talk.format)
    if thinking := _thinking(talk):
        out["thinkingConfig"] = thinking
    return out


def _format(asked: Format) -> dict[str, Any]:
    """A format's name is a label that only other dialects ask for; what it is for stands in the schema."""
    out: dict[str, Any] = {"responseMimeType": "application/json"}
    if asked.schema is None:
        return out
    said = {"description": asked.description} if asked.description else {}
    return out | {"responseJsonSchema": {**said, **asked.schema}}


def _thinking(talk: Talk) -> dict[str, Any]:
    """A budget says more than a level. Callers who switch thinking on see it, unless they say otherwise."""
    out: dict[str, Any] = {}
    if talk.think is False or talk.budget == 0:
        return {"thinkingBudget": 0}
    if talk.budget is not None:
        out["thinkingBudget"] = talk.budget
    elif talk.effort is not None:
        effort = str(talk.effort).lower()
        older = {"thinkingBudget": budget_of(effort)}
        newer = {"thinkingLevel": "XHIGH" if effort == "max" else effort.upper()}
        out |= older if _BEFORE_3.search(talk.model) else newer
    elif talk.think:
        out["thinkingBudget"] = -1
    shown = talk.show_thoughts if talk.show_thoughts is not None else talk.think or (talk.budget or 0) > 0
    return out | ({"includeThoughts": True} if shown else {})

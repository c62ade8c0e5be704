"""The conversation in Gemini's requests, read: contents and their parts."""

import re
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, cast

from ...jsonio import Address, dumps
from .carry import merged, side_by_side, uncarried
from .gemini_fields import Fields
from .talk import Call, Media, Part, Result, Text, Thought, Turn

UNSIGNED = "skip_thought_signature_validator"
"""What stands in the place of a call's signature when another model has made the call: Gemini 3 wants one or the other.
Source: Gemini API, thought signatures."""
_SORTS = ("text", "inlineData", "fileData", "functionCall", "functionResponse")
_KINDS: dict[str, Literal["image", "audio", "video", "file"]] = {"image": "image", "audio": "audio", "video": "video"}
_OWN = re.compile(
    r"(?!https?://)|https?://(?:generativelanguage\.googleapis\.com|(?:www\.|m\.)?youtube\.com|youtu\.be)(?:[:/?#]|$)"
)
"""Links that only Gemini follows: to files that it keeps, to Google's storage, to videos."""
DETAILS = {"MEDIA_RESOLUTION_LOW": "low", "MEDIA_RESOLUTION_HIGH": "high", "MEDIA_RESOLUTION_UNSPECIFIED": ""}
_NO_ID = re.compile(r"[^A-Za-z0-9_-]")


def made_id(name: str, number: int, seed: str = "") -> str:
    """The id of a call that has none: the same for the same call. `seed` is of its reply: ids of different replies come
    together in a conversation. At most 40 characters, which is what OpenAI takes."""
    return _NO_ID.sub("_", "_".join(filter(None, ("call", seed[-8:], str(number), name))))[:40]


class Contents:
    """Reads the contents of one request. Ids of calls, which Gemini's clients may leave out, are made here; a result
    without one is that of the first call of its function that has none yet."""

    def __init__(self) -> None:
        self._calls = 0
        self._open: dict[str, OrderedDict[int, Call]] = {}  # by their function, and then by their number
        self._given: dict[tuple[str, str], deque[int]] = {}  # by their function and the id that the caller gave them

    def read(self, contents: Sequence[tuple[Any, Address]]) -> list[Turn]:
        """An answer that was streamed comes back as a content for each event: these are one turn, and their texts one.

        Raises `uncarried`.
        """
        turns = merged(
            (self._turn(Fields(content, place, "role", "parts")) for content, place in contents), "assistant"
        )
        return [
            replace(turn, parts=tuple(side_by_side(turn.parts))) if turn.role == "assistant" else turn for turn in turns
        ]

    def _turn(self, said: Fields) -> Turn:
        role = said.said("role") or "user"
        if role not in ("user", "model", "function"):
            raise uncarried(*said.at("role"))
        parts = tuple(self._part(part, place, role == "model") for part, place in said.each("parts"))
        return Turn("assistant" if role == "model" else "user", parts, said.place)

    def _part(self, part: Any, place: Address, answer: bool) -> Part:
        said = Fields(part, place, *_SORTS, "thought", "thoughtSignature", "mediaResolution")
        sorts = [name for name in _SORTS if name in said]
        if len(sorts) != 1:
            raise uncarried(*place)
        [sort], signature, thought = sorts, said.said("thoughtSignature"), said.flag("thought")
        for name, fits in (
            ("thought", not thought or (answer and sort == "text")),
            ("thoughtSignature", not signature or (answer and sort in ("text", "functionCall"))),
            ("mediaResolution", "mediaResolution" not in said or sort in ("inlineData", "fileData")),
            ("functionCall", sort != "functionCall" or answer),
            ("functionResponse", sort != "functionResponse" or not answer),
        ):
            if not fits:
                raise uncarried(*said.at(name))
        signature = "" if signature == UNSIGNED else signature
        match sort:
            case "text":
                where = said.at("thoughtSignature") if signature else said.at("text")
                kind = Thought if thought else Text
                return kind(said.word("text"), signature=signature, place=where)
            case "functionCall":
                return self._call(said, signature)
            case "functionResponse":
                return self._result(said)
            case _:
                return _media(said, sort)

    def _call(self, said: Fields, signature: str) -> Call:
        call = said.inner("functionCall", "id", "name", "args")
        self._calls += 1
        name, args = call.word("name"), call.get("args")
        if args is not None and not isinstance(args, dict):
            raise uncarried(*call.at("args"))
        where = said.at("thoughtSignature") if signature else call.place
        given = call.said("id")
        told = Call(given or made_id(name, self._calls), name, dumps(args or {}).decode(), signature, where)
        self._open.setdefault(name, OrderedDict())[self._calls] = told
        self._given.setdefault((name, given), deque()).append(self._calls)
        return told

    def _result(self, said: Fields) -> Result:
        """One that answers no open call belongs to nothing."""
        given = said.inner("functionResponse", "id", "name", "response", "parts")
        name, id = given.word("name"), given.said("id")
        found = self._answered(name, id)
        if found is None:
            raise uncarried(*given.place)
        texts, failed = _response(given)
        media = [_media(Fields(part, place, "inlineData"), "inlineData") for part, place in given.each("parts")]
        return Result(found.id, (*texts, *media), name, failed, given.place)

    def _answered(self, name: str, id: str) -> Call | None:
        """The call that a result answers, which is open no longer: that of the id, or the first without one. A result
        without an id answers the first of its function."""
        calls = self._open.get(name, OrderedDict[int, Call]())
        if not id:
            return calls.popitem(last=False)[1] if calls else None
        for numbers in (self._given.get((name, each), deque[int]()) for each in (id, "")):
            while numbers:
                if call := calls.pop(numbers.popleft(), None):
                    return call
        return None


def _response(given: Fields) -> tuple[list[Text], bool]:
    """What a function returned: under `output`, `error`, or `result` as the SDKs have it; any other object as a whole,
    as JSON."""
    held, place = given.get("response"), given.at("response")
    if held is None:
        return [], False
    if not isinstance(held, dict):
        raise uncarried(*place)
    held = cast("dict[str, Any]", held)
    [key, value] = next(iter(held.items())) if len(held) == 1 else ("", None)
    if key not in ("output", "result", "error"):
        return ([Text(dumps(held).decode(), place=place)] if held else []), False
    return [Text(one, place=(*place, key)) for one in _texts(value) if one], key == "error"


def _texts(value: Any) -> list[str]:
    """A text, or several; any other value as JSON."""
    if isinstance(value, list) and all(isinstance(one, str) for one in cast("list[Any]", value)):
        return cast("list[str]", value)
    return [value if isinstance(value, str) else dumps(value).decode()]


def _media(said: Fields, sort: str) -> Media:
    """Bytes, or a link that others can follow."""
    if sort not in said:
        raise uncarried(*said.place)
    detail = _detail(said) if "mediaResolution" in said else ""
    held = said.inner(sort, "data" if sort == "inlineData" else "fileUri", "mimeType", "displayName")
    type = held.said("mimeType")
    kind = _KINDS.get(type.partition("/")[0].lower(), "file")
    name = held.said("displayName")
    if sort == "inlineData":
        if not type:
            raise uncarried(*held.place)
        # The SDKs write base64 in the alphabet that is safe in URLs, which others do not read.
        data = held.word("data").replace("-", "+").replace("_", "/")
        return Media(kind, type, data, name=name, detail=detail, place=held.place)
    link = held.word("fileUri")
    if not type or _OWN.match(link):
        raise uncarried(*held.at("fileUri"))
    return Media(kind, type, url=link, name=name, detail=detail, place=held.place)


def _detail(said: Fields) -> str:
    level = said.inner("mediaResolution", "level").said("level")
    if level not in DETAILS:
        raise uncarried(*said.at("mediaResolution"))
    return DETAILS[level]

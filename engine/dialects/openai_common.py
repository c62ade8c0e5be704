"""What OpenAI's endpoints share: the error envelope, field checks, and the fixed words of their bodies."""

import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any, cast

from ..errors import BadRequest, TidegateError
from ..jsonio import Address, Json, get, put, show
from ..sse import Event

ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
FIXED: Mapping[str, frozenset[str]] = {
    "role": ROLES,
    "type": frozenset(
        [
            "text",
            "image_url",
            "input_audio",
            "video_url",
            "audio_url",
            "document_url",
            "file",
            "refusal",
            "thinking",
            "reference",
            "function",
            "custom",
            "object",
            "array",
            "string",
            "number",
            "integer",
            "boolean",
            "null",
            "json_schema",
            "json_object",
            "grammar",
            "content",
            "web_search",
            "approximate",
            "url_citation",
            "allowed_tools",
        ]
    ),
    "object": frozenset(
        [
            "chat.completion",
            "chat.completion.chunk",
            "text_completion",
            "list",
            "embedding",
            "model",
            "text_completion.chunk",
        ]
    ),
    "finish_reason": frozenset(["stop", "length", "tool_calls", "content_filter", "function_call"]),
    "tool_choice": frozenset({"none", "auto", "required"}),
    "function_call": frozenset({"none", "auto"}),
    "encoding_format": frozenset({"float", "base64"}),
    "detail": frozenset({"auto", "low", "high"}),
    "service_tier": frozenset({"auto", "default", "flex", "priority", "scale"}),
    "reasoning_effort": frozenset({"none", "minimal", "low", "medium", "high", "xhigh"}),
    "verbosity": frozenset({"low", "medium", "high"}),
}

NUMBER = (int, float)
CHECKS: Mapping[str, tuple[type, ...]] = {
    "model": (str,),
    "stream": (bool,),
    "stream_options": (dict,),
    "n": (int,),
    "best_of": (int,),
    "max_tokens": (int,),
    "max_completion_tokens": (int,),
    "temperature": NUMBER,
    "top_p": NUMBER,
    "presence_penalty": NUMBER,
    "frequency_penalty": NUMBER,
    "seed": (int,),
    "stop": (str, list),
    "logit_bias": (dict,),
    "tools": (list,),
    "functions": (list,),
    "tool_choice": (str, dict),
    "response_format": (dict,),
    "metadata": (dict,),
    "user": (str,),
    "parallel_tool_calls": (bool,),
}
_NAMES = {
    str: "a string",
    bool: "true or false",
    dict: "an object",
    list: "an array",
    int: "an integer",
    float: "a number",
}


def wrong(address: Address | str, wants: str) -> BadRequest:
    """The error for a field that is not what it must be."""
    place = address if isinstance(address, str) else show(address)
    return BadRequest(f"'{place}' must be {wants}.", param=place)


def check_fields(body: Mapping[str, Any], *, names_model: bool = True) -> None:
    """The fields that every endpoint has in common. null counts as absent. `names_model`: there must be a model."""
    for name, kinds in CHECKS.items():
        value = body.get(name)
        if value is None:
            continue
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise wrong(name, " or ".join(dict.fromkeys(_NAMES[kind] for kind in kinds)))
    if body.get("model") == "" or (names_model and not body.get("model")):
        raise BadRequest("You must provide a 'model'.", param="model")
    for name, least in (("n", 1), ("best_of", 0)):
        if body.get(name) is not None and not least <= body[name] <= 128:
            raise wrong(name, f"an integer from {least} to 128")


def objects(value: Json, address: Address) -> list[tuple[Address, dict[str, Any]]]:
    """The elements of an array of objects, with their addresses."""
    if not isinstance(value, list):
        raise wrong(address, "an array")
    found: list[tuple[Address, dict[str, Any]]] = []
    for index, item in enumerate(cast("list[Any]", value)):
        if not isinstance(item, dict):
            raise wrong((*address, index), "an object")
        found.append(((*address, index), cast("dict[str, Any]", item)))
    return found


def envelope(error: TidegateError) -> dict[str, Any]:
    """OpenAI's error envelope."""
    return {"error": {"message": str(error), "type": error.kind, "param": error.param, "code": error.code}}


def error_event(error: TidegateError) -> Event:
    """An error inside a stream: the envelope as an event, which the SDKs raise as APIError."""
    return Event.of(envelope(error))


def is_done(event: Event) -> bool:
    return event.payload.strip() == b"[DONE]"


def sampled(body: Mapping[str, Any]) -> bool:
    """Whether the caller asked for variety: a temperature over 1, or several choices, without a seed."""
    temperature = body.get("temperature")
    high = isinstance(temperature, NUMBER) and temperature > 1.0
    return body.get("seed") is None and (high or (body.get("n") or 1) > 1)


def without(body: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """A shallow copy less some fields, and less fields that are null."""
    return {key: value for key, value in body.items() if key not in names and value is not None}


def dicts(value: Json) -> list[dict[str, Any]]:
    """The objects of an array; of anything else, none."""
    return [item for item in cast("list[Any]", value) if isinstance(item, dict)] if isinstance(value, list) else []


def says(*texts: Json) -> bool:
    """Whether any of these is a text of more than blanks. An answer that says nothing is a fault that may pass: it is
    not kept."""
    return any(isinstance(text, str) and text.strip() for text in texts)


def choices(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The choices of a reply."""
    return dicts(data.get("choices"))


def index_of(choice: Mapping[str, Any], place: Any) -> int:
    """A choice's own number; where it has none, its place among the others."""
    index = choice.get("index")
    return index if type(index) is int else place if type(place) is int else 0


def numbered(holder: Json, way: Address) -> Address:
    """The way to a text below `holder` by the numbers that items of lists give themselves: by these clients join what
    pieces say of one item, such as of one thought among several."""
    steps: list[str | int] = []
    for at, step in enumerate(way):
        item = get(holder, way[: at + 1]) if isinstance(step, int) else None
        steps.append(index_of(cast("dict[str, Any]", item), step) if isinstance(item, dict) else step)
    return tuple(steps)


def choice_at(data: Mapping[str, Any], address: Address) -> dict[str, Any] | None:
    """The choice that an address points into, if it points into an object among `choices`."""
    if address[0] != "choices" or len(address) < 3 or not isinstance(data["choices"], list):
        return None
    choice = cast("list[Any]", data["choices"])[cast(int, address[1])]
    return cast("dict[str, Any]", choice) if isinstance(choice, dict) else None


def put_reply(body: dict[str, Any], address: Address, text: str) -> None:
    """Write changed text back; log probabilities spell out the text that was changed, so they go."""
    choice = choice_at(body, address)
    if choice is None or address[2] != "logprobs":
        put(body, address, text)
    if choice is None or choice.get("logprobs") is None:
        return
    if address[2] != "logprobs" or address[3:4] == ("top_logprobs",):  # there tokens are names of fields
        choice["logprobs"] = None
    else:
        put_token(choice, address[2:], text)


def put_token(holder: Any, address: Address, text: str) -> None:
    """Write a changed token back. Its bytes and the alternatives beside it spell what it was, so they go. In
    completions these stand at its number in a list of their own."""
    try:
        token = get(holder, address[:-1])
        token[address[-1]] = text
        if address[-2:-1] == ("tokens",) and (beside := get(holder, address[:-2]).get("top_logprobs")):
            beside[address[-1]] = {}
    except (IndexError, KeyError, TypeError):
        return  # gone already
    if isinstance(token, dict):
        token.update({name: [] for name in ("bytes", "top_logprobs") if token.get(name)})  # pyright: ignore[reportUnknownMemberType]


def keep_envelope(data: dict[str, Any], rules: Sequence[str]) -> None:
    """Of a withheld reply keep only the envelope: unknown fields may repeat its text."""
    for key in set(data) - {"id", "object", "created", "model", "choices", "data", "usage"}:
        del data[key]
    data["tidegate"] = {"guard": "blocked", "rules": list(rules)}


def canned(kind: str, prefix: str, body: Mapping[str, Any], choice: dict[str, Any]) -> dict[str, Any]:
    """A whole reply of ours with one choice. No model was asked, so no tokens were used."""
    return {
        "id": prefix + secrets.token_hex(12),
        "object": kind,
        "created": int(time.time()),
        "model": body.get("model", ""),
        "choices": [{"index": 0, **choice, "logprobs": None, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
    }

"""What Anthropic's endpoints share: the error envelope, the fixed words, field checks, and where a block has text.

Source: Anthropic API reference, messages.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from ..errors import BadRequest, TidegateError
from ..exchange import Scope, Segment
from ..jsonio import Address, Json, strings
from ..sse import Event
from .openai_common import NUMBER, dicts, objects, wrong
from .text import arguments, in_values, is_base64, kind_of, unread_kind, unread_too

ROLES = frozenset({"user", "assistant", "system"})
FIXED: Mapping[str, frozenset[str]] = {
    "role": ROLES,
    "type": frozenset(
        [
            "message",
            "text",
            "image",
            "document",
            "thinking",
            "redacted_thinking",
            "tool_use",
            "tool_result",
            "server_tool_use",
            "search_result",
            "web_search_tool_result",
            "container_upload",
            "base64",
            "url",
            "file",
            "content",
            "ephemeral",
            "enabled",
            "disabled",
            "adaptive",
            "auto",
            "any",
            "tool",
            "none",
            "custom",
            "object",
            "array",
            "string",
            "number",
            "integer",
            "boolean",
            "null",
            "json_schema",
            "error",
            "ping",
            "message_start",
            "message_delta",
            "message_stop",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "text_delta",
            "thinking_delta",
            "signature_delta",
            "input_json_delta",
            "citations_delta",
            "char_location",
            "page_location",
            "content_block_location",
            "web_search_result_location",
            "search_result_location",
            "web_search_result",
            "refusal",
        ]
    ),
    "stop_reason": frozenset(
        [
            "end_turn",
            "max_tokens",
            "stop_sequence",
            "tool_use",
            "pause_turn",
            "refusal",
            "model_context_window_exceeded",
        ]
    ),
    "media_type": frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf", "text/plain"}),
    "ttl": frozenset({"5m", "1h"}),
    "service_tier": frozenset({"auto", "standard_only", "standard", "priority", "batch"}),
}
SEALED = frozenset({"signature", "encrypted_content", "encrypted_index", "encrypted_stdout"})
"""Fields that only the provider can make, and checks when they come back."""

_CHECKS: Mapping[str, tuple[tuple[type, ...], str]] = {
    "model": ((str,), "a string"),
    "max_tokens": ((int,), "an integer"),
    "stream": ((bool,), "true or false"),
    "temperature": (NUMBER, "a number"),
    "top_p": (NUMBER, "a number"),
    "top_k": ((int,), "an integer"),
    "stop_sequences": ((list,), "an array"),
    "system": ((str, list), "a string or an array of text blocks"),
    "tools": ((list,), "an array"),
    "tool_choice": ((dict,), "an object"),
    "metadata": ((dict,), "an object"),
    "thinking": ((dict,), "an object"),
}
_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
}


def envelope(error: TidegateError) -> dict[str, Any]:
    """Anthropic's error envelope; the stable code and the place are its details."""
    kind = _KINDS.get(error.status, "invalid_request_error" if error.status < 500 else "api_error")
    details: dict[str, Any] = {"error_code": error.code}
    if error.param is not None:
        details["param"] = error.param
    return {"type": "error", "error": {"type": kind, "message": str(error), "details": details}}


def error_event(error: TidegateError) -> Event:
    """An error inside a stream: the SDKs raise it as an APIStatusError."""
    return Event.of(envelope(error), kind="error")


def check(body: Mapping[str, Any]) -> None:
    """Raise BadRequest unless the fields that guards and cache rely on have their form. null counts as absent."""
    for name, (kinds, wants) in _CHECKS.items():
        value = body.get(name)
        if value is not None and (not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)):
            raise wrong(name, wants)
    if not body.get("model"):
        raise BadRequest("You must provide a 'model'.", param="model")
    if isinstance(body.get("system"), list):
        _check_blocks(body["system"], ("system",))
    objects(body.get("tools") or [], ("tools",))
    messages = objects(body.get("messages"), ("messages",))
    if not messages and not _goes_on(body.get("thread")):
        raise wrong("messages", "a non-empty array")
    for address, message in messages:
        role = message.get("role")
        if not isinstance(role, str) or role not in ROLES:
            raise wrong((*address, "role"), f"one of {', '.join(sorted(ROLES))}")
        content = message.get("content")
        if isinstance(content, list):
            _check_blocks(cast("list[Any]", content), (*address, "content"))
        elif content is None and role == "system" and isinstance(message.get("output_config"), dict):
            continue  # it only changes how the model answers from here on
        elif not isinstance(content, str):
            raise wrong((*address, "content"), "a string or an array of content blocks")


def _goes_on(thread: Json) -> bool:
    """Whether a request goes on with a conversation that the provider holds; after a pause there is nothing to add."""
    return isinstance(thread, dict) and cast("dict[str, Any]", thread).get("type") == "continue"


def _check_blocks(blocks: Json, address: Address) -> None:
    for place, block in objects(blocks, address):
        kind = block.get("type")
        if not isinstance(kind, str):
            raise wrong((*place, "type"), "a string")
        if kind in ("text", "thinking") and not isinstance(block.get(kind), str):
            raise wrong((*place, kind), "a string")
        content = block.get("content")
        if kind == "tool_result" and content is not None and not isinstance(content, str):
            _check_blocks(content, (*place, "content"))


def called(messages: Json) -> dict[str, str]:
    """The names of the tools that were called, by the ids of the calls."""
    return {
        str(block.get("id")): str(block.get("name", ""))
        for message in dicts(messages)
        for block in dicts(message.get("content"))
        if is_call(block)
    }


def is_call(block: Mapping[str, Any]) -> bool:
    """tool_use, and the same for tools that the provider runs itself."""
    return str(block.get("type", "")).endswith("tool_use")


def plain(
    node: Json,
    address: Address,
    scope: Scope,
    *,
    role: str = "",
    tool: str = "",
    channel: Address = (),
    signed: bool = False,
) -> Iterator[Segment]:
    """The strings below `node` that are no fixed words. `signed`: all of them are."""
    for place, text in strings(node, address):
        field = place[-1]
        if isinstance(field, str) and text in FIXED.get(field, ()):
            continue
        if unread := unread_kind(place, text):
            yield Segment(place, text, scope, role=role, tool=tool, unread=unread)
            continue
        sealed = field in SEALED
        running = () if sealed else channel
        yield Segment(place, text, scope, role=role, tool=tool, sealed=sealed or signed, channel=running)
        if unread := "file" if field == "file_id" and not in_values(place) else unread_too(place, text):
            yield Segment(place, "", scope, role=role, tool=tool, unread=unread)


def message_segments(
    message: Mapping[str, Any], address: Address, scope: Scope, names: Mapping[str, str], *, role: str = ""
) -> Iterator[Segment]:
    """The texts of a message. It is no block: what it calls its own type takes no text out of its scope."""
    for field, value in message.items():
        place = (*address, field)
        if field == "content" and isinstance(value, list):
            yield from _contents(cast("list[Any]", value), place, scope, names, role, "")
        else:
            yield from plain(value, place, scope, role=role)


def _contents(
    blocks: list[Any], address: Address, scope: Scope, names: Mapping[str, str], role: str, tool: str
) -> Iterator[Segment]:
    for index, block in enumerate(blocks):
        place = (*address, index)
        if isinstance(block, dict):
            block = cast("dict[str, Any]", block)
            yield from block_segments(block, place, scope, names, role=role, tool=tool)
        else:
            yield from plain(block, place, scope, role=role, tool=tool)


def block_segments(
    block: Mapping[str, Any],
    address: Address,
    scope: Scope,
    names: Mapping[str, str],
    *,
    role: str = "",
    tool: str = "",
) -> Iterator[Segment]:
    """The texts of one content block, those of the blocks within it included."""
    kind = str(block.get("type", ""))
    if kind.endswith("tool_result"):
        # What the provider ran is called by its type where the call is not at hand, as in a stream; what a server of
        # tools ran may be any of them.
        ran = "" if kind == "mcp_tool_result" else kind.removesuffix("tool_result").rstrip("_")
        tool = names.get(str(block.get("tool_use_id"))) or ran
        scope = Scope.TOOL_RESULT
    for field, value in block.items():
        place = (*address, field)
        if field == "input" and is_call(block):
            if value or address != ("content_block",):  # else it has only begun, and its pieces follow
                yield from arguments(value, place, role, str(block.get("name", "")))
        elif field == "content" and isinstance(value, list):
            yield from _contents(cast("list[Any]", value), place, scope, names, role, tool)
        elif field == "source" and isinstance(value, dict):
            yield from _source(cast("dict[str, Any]", value), place, kind, scope, names, role, tool)
        elif isinstance(value, str) and _is_sealed(kind, field, block):
            yield Segment(place, value, scope, role=role, tool=tool, sealed=True)
        else:
            yield from plain(value, place, scope, role=role, tool=tool, signed=is_signed(block))


def is_signed(block: Mapping[str, Any]) -> bool:
    """Whether it is a signed summary of the conversation: of it, and what it says of tools, nothing may change."""
    return block.get("type") == "compaction" and bool(block.get("signature"))


def _is_sealed(kind: str, field: str, block: Mapping[str, Any]) -> bool:
    """Thinking is signed as it stands; who changes it makes the whole conversation invalid."""
    return (kind == "thinking" and field == kind and bool(block.get("signature"))) or (
        kind == "redacted_thinking" and field == "data"
    )


def _source(
    source: Mapping[str, Any],
    address: Address,
    kind: str,
    scope: Scope,
    names: Mapping[str, str],
    role: str,
    tool: str,
) -> Iterator[Segment]:
    """Where an image or a document comes from: its bytes, a place, or a text that is here to be read."""
    form = source.get("type")
    for field, value in source.items():
        place = (*address, field)
        if field == "content" and isinstance(value, list):  # a document made of blocks
            yield from _contents(cast("list[Any]", value), place, scope, names, role, tool)
        elif field == "data" and isinstance(value, str) and form != "text":
            whole = is_base64(value)
            if not whole:  # read as text too: decoders pass over blanks
                yield Segment(place, value, scope, role=role, tool=tool)
            yield Segment(place, value if whole else "", scope, role=role, tool=tool, unread=kind_of(kind))
        elif field == "data" and isinstance(value, str):
            yield Segment(place, value, scope, role=role, tool=tool)
        else:
            yield from plain(value, place, scope, role=role, tool=tool)
            if (
                field == "url"
                and isinstance(value, str)
                and not (unread_kind(place, value) or unread_too(place, value))
            ):
                yield Segment(place, "", scope, role=role, tool=tool, unread=kind_of(kind))

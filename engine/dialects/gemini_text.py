"""Where Gemini's bodies have text. Fields come in two spellings, `inlineData` and `inline_data`; both are read.

Source: Gemini API reference, generating content.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from ..exchange import Scope, Segment
from ..jsonio import Address, Json, get, put, strings
from .openai_common import dicts
from .text import arguments, is_base64, kind_of, number

WORDS: Mapping[str, frozenset[str]] = {
    "role": frozenset({"user", "model", "function", "system"}),
    "finishreason": frozenset({"STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "OTHER"}),
    "type": frozenset({"OBJECT", "ARRAY", "STRING", "NUMBER", "INTEGER", "BOOLEAN", "object", "array", "string"}),
}


_SPEAKING = frozenset({"contents", "systeminstruction", "candidates"})
"""Fields of a body in which somebody speaks, in parts."""
_PARTS = frozenset(
    {
        "functioncall",
        "functionresponse",
        "toolcall",
        "toolresponse",
        "executablecode",
        "codeexecutionresult",
        "inlinedata",
    }
)
"""What a part may be besides a text."""


def plain_name(name: str) -> str:
    """`inline_data` and `inlineData` as one."""
    return name.replace("_", "").lower()


def segments(
    node: Json, address: Address, scope: Scope, channel: Address = (), role: str = "", tool: str = ""
) -> Iterator[Segment]:
    """Every string below `node` that is no fixed word, with what its place says of it."""
    if isinstance(node, str):
        yield from _string(node, address, scope, channel, role, tool)
    elif isinstance(node, list):
        for index, child in enumerate(cast("list[Any]", node)):
            yield from segments(child, (*address, index), scope, channel, role, tool)
    elif isinstance(node, dict):
        node = cast("dict[str, Any]", node)
        top = next((name for name in map(plain_name, map(str, address)) if name != "generatecontentrequest"), "")
        if "parts" in node and top == "contents":
            role = str(node.get("role") or "user")
        is_part = top in _SPEAKING and _is_part(address)
        for field, child in node.items():
            place, name = (*address, field), plain_name(field)
            if name in _PARTS and not is_part:  # so a field of a schema may be called
                yield from segments(child, place, scope, channel, role, tool)
                continue
            if name in _PARTS and channel and _is_said(address):
                for said in ("text", "thought"):  # clients that show parts one by one show none joined over this one
                    yield Segment(place, "", scope, (*channel, said), ends=True, spells=(*channel, said))
            called = str(cast("dict[str, Any]", child).get("name") or "") if isinstance(child, dict) else ""
            if name == "functioncall" and isinstance(child, dict):
                yield from _call(cast("dict[str, Any]", child), place, scope, channel, role, called)
            elif name == "functionresponse" and isinstance(child, dict):
                yield from _response(cast("dict[str, Any]", child), place, role, called)
            elif name == "functionresponse":
                yield from segments(child, place, Scope.TOOL_RESULT, (), role)
            elif name in ("toolcall", "toolresponse") and isinstance(child, dict):
                yield from _ran(cast("dict[str, Any]", child), place, name, scope, role)
            elif name in ("executablecode", "codeexecutionresult"):
                code = Scope.TOOL_ARGS if name == "executablecode" else Scope.TOOL_RESULT
                yield from segments(child, place, code, (), role, "code_execution")
            elif name == "inlinedata" and isinstance(child, dict):
                yield from _bytes(cast("dict[str, Any]", child), place, scope, role, tool)
            elif name == "systeminstruction" and not top:  # else a tool's field may be called so
                yield from segments(child, place, scope, channel, "system")
            elif name == "logprobsresult" and channel:
                yield from _spelt(child, place, scope, channel, role)
            elif name == "text" and isinstance(child, str) and channel and _is_said(address):
                running = (*channel, "thought" if node.get("thought") else "text")
                yield Segment(place, child, scope, running, role, tool, spells=running)
            else:
                yield from segments(child, place, scope, channel, role, tool)


def _is_said(part: Address) -> bool:
    """Whether it is a part of what a candidate says. What else there is called a text, such as a piece of the answer
    that a source supports, is beside it."""
    return [plain_name(step) for step in part[2:] if isinstance(step, str)] == ["content", "parts"]


def _is_part(address: Address) -> bool:
    """Whether a part stands there; some send one alone, without its list."""
    steps = address[:-1] if address and isinstance(address[-1], int) else address
    return bool(steps) and plain_name(str(steps[-1])) == "parts"


def _spelt(result: Json, address: Address, scope: Scope, channel: Address, role: str) -> Iterator[Segment]:
    """Log probabilities: chosen tokens spell the text, and so are one; those beside them are texts of their own."""
    for segment in segments(result, address, scope, (), role):
        way = [plain_name(step) for step in segment.address[len(address) :] if isinstance(step, str)]
        chosen = way == ["chosencandidates", "token"]
        yield replace(segment, channel=(*channel, "logprobs", "token")) if chosen else segment


def _string(text: str, address: Address, scope: Scope, channel: Address, role: str, tool: str) -> Iterator[Segment]:
    name = plain_name(str(address[-1])) if address else ""
    if text in WORDS.get(name, ()):
        return
    yield Segment(address, text, scope, role=role, tool=tool, sealed=name == "thoughtsignature")
    if name == "fileuri":
        yield Segment(address, "", scope, role=role, tool=tool, unread="file")


def _call(
    call: dict[str, Any], address: Address, scope: Scope, channel: Address, role: str, tool: str
) -> Iterator[Segment]:
    """Arguments are values; in some streams they come in pieces, each with the path that it belongs to."""
    if channel and tool:
        # Nothing yet, but it tells under which tool's name the pieces will be seen: only the first of them has it.
        yield Segment((*address, "partialArgs"), "", Scope.TOOL_ARGS, (*channel, "args"), role, tool)
    for field, value in call.items():
        place, name = (*address, field), plain_name(field)
        if name == "args":
            yield from arguments(value, place, role, tool)
        elif name == "partialargs":
            for part in strings(value, place):
                running = (*channel, "args", _path(call, field, part[0])) if channel else ()
                is_text = plain_name(str(part[0][-1])) == "stringvalue"
                yield Segment(part[0], part[1], Scope.TOOL_ARGS, running if is_text else (), role, tool)
            for index, piece in enumerate(cast("list[Any]", value) if isinstance(value, list) else []):
                for key, given in cast("dict[str, Any]", piece).items() if isinstance(piece, dict) else ():
                    if plain_name(key) == "numbervalue" and type(given) in (int, float):
                        yield Segment((*place, index, key), number(given), Scope.TOOL_ARGS, (), role, tool)
        else:
            yield from segments(value, place, scope, (), role, tool)


def _response(response: dict[str, Any], address: Address, role: str, tool: str) -> Iterator[Segment]:
    """What a function gave: values, as the arguments are."""
    for field, value in response.items():
        if plain_name(field) == "response":
            yield from arguments(value, (*address, field), role, tool, scope=Scope.TOOL_RESULT)
        else:
            yield from segments(value, (*address, field), Scope.TOOL_RESULT, (), role, tool)


def _ran(said: dict[str, Any], address: Address, name: str, scope: Scope, role: str) -> Iterator[Segment]:
    """What the provider asked one of its own tools for, or what that gave. It is called by its kind."""
    tool = next((str(value).lower() for field, value in said.items() if plain_name(field) == "tooltype"), "")
    if name == "toolcall":
        yield from _call(said, address, scope, (), role, tool)
    else:
        yield from _response(said, address, role, tool)


def goes_on(call: Mapping[str, Any]) -> bool:
    """Whether more of a call may come: it says so, or has pieces, of which not all hosts say so. The last has none."""
    return any(plain_name(name) in ("willcontinue", "partialargs") and value for name, value in call.items())


def put_text(body: Json, address: Address, text: str) -> None:
    """Write changed text back; what was a number in a streamed argument is a string then. Log probabilities spell out
    what was changed, so those of its candidate go."""
    if address[:1] == ("candidates",) and (within := address[2:]):
        candidate = get(body, address[:2])
        for name in [name for name in candidate if plain_name(name) == "logprobsresult"]:
            del candidate[name]
        if plain_name(str(within[0])) == "logprobsresult":
            return
    if plain_name(str(address[-1])) == "numbervalue" and any(
        plain_name(str(step)) == "partialargs" for step in address
    ):
        get(body, address[:-1]).pop(address[-1], None)
        address = (*address[:-1], "stringValue")
    put(body, address, text)


def _path(call: dict[str, Any], field: str, address: Address) -> str:
    """Which argument a piece is of."""
    pieces = dicts(call[field])
    step = next((step for step in reversed(address) if isinstance(step, int)), 0)
    piece = pieces[step] if step < len(pieces) else {}
    return str(piece.get("jsonPath") or piece.get("json_path") or "")


def _bytes(data: dict[str, Any], address: Address, scope: Scope, role: str, tool: str) -> Iterator[Segment]:
    mime = next((str(v) for name, v in data.items() if plain_name(name) == "mimetype"), "")
    for field, value in data.items():
        place, is_file = (*address, field), field == "data" and isinstance(value, str)
        whole = is_file and is_base64(str(value))
        if not whole:  # a file with blanks in it is read as text too: decoders pass over them
            yield from segments(value, place, scope, (), role, tool)
        if is_file:
            kind = kind_of(mime.split("/", 1)[0].lower())
            yield Segment(place, str(value) if whole else "", scope, role=role, tool=tool, unread=kind)

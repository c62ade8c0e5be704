"""Which strings of a JSON body are text, for every dialect.

The rule is the other way round from what one expects: everything is text unless it is a fixed word of the dialect.
So a field that a provider adds tomorrow is seen by the guards today.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from .. import jsonio
from ..exchange import Scope, Segment
from ..jsonio import Address, Json, Within, strings

DATA_URL = "data:"
BYTE_FIELDS = frozenset({"file_data", "data", "b64_json", "bytes", "input_audio"})
"""Fields that carry a file's bytes in base64."""
WHOLE_FILE = "file_data"
"""The one of them that holds nothing else. The others may be called so for another reason, and are files if they are
longer than a name or an id."""
_KINDS = frozenset(
    {"image", "audio", "video", "text", "application", "multipart", "message", "model", "font", "document"}
)
_SHORT = 64
LINK_FIELDS = BYTE_FIELDS | {"url", "image_url", "file_url", "video_url", "audio_url", "document_url"}
"""Fields that may carry them as a `data:` URL. Anywhere else such a URL is text like any other: whoever could pass off
a text as a file by its first letters would pass by every rule."""
_BASE64 = re.compile(r"(?:(?i:data):[^\s,]{0,200},)?[A-Za-z0-9+/_\r\n-]*+={0,2}[\r\n]*")
"""In letters as they stand: in any case a file takes seven times as long, and a Kelvin sign is a k."""


_ITEM = re.compile(r"\s*[-+]?[\d.,]+\s*")
WRITTEN = frozenset({"text", "stdout", "stderr", "logs"})
"""What the text of a part is called; all but the first are what a command or code has written, in pieces."""


def is_item(text: str) -> bool:
    """Whether what a tool gave in parts is a number there: such are the items of a list, and no parts of one text."""
    return _ITEM.fullmatch(text) is not None


def texts(body: dict[str, Any], fixed: Mapping[str, frozenset[str]]) -> Iterator[tuple[Address, str]]:
    """Every string below `body`, less those that are a word of the dialect: `fixed[field]` lists these."""
    for address, text in strings(body):
        field = address[-1]
        if isinstance(field, str) and text in fixed.get(field, ()):
            continue
        yield address, text


def kind_of(said: str) -> str:
    """What a body calls the content that it holds, as errors and the log tell it: any other word is its author's own,
    and may be anything."""
    return said if said in _KINDS else "file"


def unread_kind(address: Address, text: str) -> str:
    """What a string holds when it is a file in disguise: `image`, `audio`, `file`; empty when it is text."""
    kind = _file_kind(address, text)
    return kind if kind and is_base64(text) and not _is_short(text) else ""


def unread_too(address: Address, text: str) -> str:
    """The same of a string that is read as text, and that a decoder may read as a file all the same: most pass over
    blanks, and over all that is not base64. So is a file of a few words."""
    kind = _file_kind(address, text)
    return kind if kind and (_is_short(text) or not is_base64(text)) else ""


def _is_short(text: str) -> bool:
    return len(text) <= _SHORT and text[:5].lower() != DATA_URL


def is_base64(text: str) -> bool:
    """Whether nothing but a file's bytes can be meant: a list of addresses, one a line, is a text."""
    return _BASE64.fullmatch(text) is not None


def _file_kind(address: Address, text: str) -> str:
    last = address[-1] if address else ""
    field = last if isinstance(last, str) else next((step for step in reversed(address) if isinstance(step, str)), "")
    if (field := field.lower()) not in LINK_FIELDS:  # hosts in Go mind no case
        return ""
    if in_values(address):
        return ""
    if text[:5].lower() == DATA_URL and ";base64," in text[:200].lower():
        return kind_of(text[len(DATA_URL) :].split("/", 1)[0].split(";", 1)[0].lower())
    if field in BYTE_FIELDS and (len(text) > _SHORT or (text and field == WHOLE_FILE)):
        return "audio" if "input_audio" in address else "file"
    return ""


def in_values(address: Address) -> bool:
    """Whether it is the default or an example in a schema, or the caller's note: no file, for a model reads its
    letters. A stored prompt's variables are called as its author chose, and may be files."""
    return not VALUES.isdisjoint(address) and "variables" not in address


def arguments(
    node: Json, address: Address, role: str, tool: str, *, scope: Scope = Scope.TOOL_ARGS
) -> Iterator[Segment]:
    """The arguments of a call, or what it gave, as JSON values. Numbers are text too: a card number need not be in
    quotes.

    The names of fields are the model's, or the tool's, to choose. What is put to the address of one takes the place of
    its value, so they are sealed; who renames fields opens them (`Segment.opened`). The words that stand where a text
    might, such as `true`, are texts as in source: a rule may ask for one. Arguments that are empty stay so.
    """
    source = jsonio.dumps(node).decode() if isinstance(node, dict | list) else ""
    digest = digest_of(source)
    for place, text, kind in _leaves(node, ()):
        if source or kind == "text":
            within = Within(None if kind == "name" else place, source, digest) if source else None
            sealed = kind == "name" or (bool(source) and not place)
            yield Segment((*address, *place), text, scope, role=role, tool=tool, within=within, sealed=sealed)


def digest_of(source: str) -> bytes:
    """What stands for the source of a value in `Within`."""
    return hashlib.blake2b(source.encode(), digest_size=16).digest()


def _leaves(node: Json, at: Address) -> Iterator[tuple[Address, str, str]]:
    """Each `text` or number, each `name` of a field, and each `word` (true, false, null, what is empty), with its
    place."""
    if isinstance(node, str):
        yield at, node, "text"
    elif isinstance(node, int | float) and not isinstance(node, bool):
        yield at, number(node), "text"
    elif isinstance(node, dict) and node:
        for name, child in cast("dict[str, Any]", node).items():
            yield (*at, name), name, "name"
            yield from _leaves(child, (*at, name))
    elif isinstance(node, list) and node:
        for index, child in enumerate(cast("list[Any]", node)):
            yield from _leaves(child, (*at, index))
    else:
        yield at, jsonio.dumps(node).decode(), "word"


def number(value: float) -> str:
    """A number as JSON writes it; a whole one without `.0` or an exponent, for so a card number reads."""
    exact = isinstance(value, int) or (value.is_integer() and abs(value) < 2**53)
    return str(int(value)) if exact else jsonio.dumps(value).decode()


NAMED = frozenset(
    {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependentRequired"}
    | {"dependencies", "mapping"}
)
"""Fields of a JSON Schema under which the names are their author's to choose."""
VALUES = frozenset({"default", "const", "enum", "example", "examples", "input_examples", "metadata"})
"""Fields that hold any JSON: all names in it are somebody's choice."""
TURNS = frozenset({"messages", "input", "contents"})
"""Fields that hold the conversation; the names in its tool calls are texts already (see `arguments`)."""
TOLD = frozenset(
    {"mcp_list_tools", "tool_search_output", "additional_tools", "configuration_update"}
    | {"mcp_tool_listing", "tool_addition", "compaction"}
)
"""Items of a conversation, and blocks of its messages, that bring the schemas of tools or answers."""


def names(body: Mapping[str, Any]) -> Iterator[Segment]:
    """The names that a request gives to fields in the schemas of its tools and answers, each once.

    They reach the model as its texts do. There is no address to put a new one, so they are sealed; theirs is that of
    the object, for errors and logs show addresses.
    """
    found: dict[str, Address] = {}
    for field, value in body.items():
        if field not in TURNS:
            _names(value, (field,), False, field in VALUES, found)
        else:
            for place, item in _objects(value, (field,)):
                for at, block in ((place, item), *_objects(item.get("content"), (*place, "content"))):
                    if str(block.get("type")) in TOLD:
                        _names(block, at, False, False, found)
    for name, address in found.items():
        yield Segment(address, name, Scope.INPUT, sealed=True)


def _objects(value: Json, address: Address) -> list[tuple[Address, dict[str, Any]]]:
    """The objects of an array, with their addresses; of anything else, none."""
    items = enumerate(cast("list[Any]", value)) if isinstance(value, list) else ()
    return [((*address, index), cast("dict[str, Any]", item)) for index, item in items if isinstance(item, dict)]


def _names(node: Json, address: Address, given: bool, every: bool, found: dict[str, Address]) -> None:
    """Note the names in `node`: its own when they are `given` by an author, all below it with `every`."""
    if isinstance(node, dict):
        for name, child in cast("dict[str, Any]", node).items():
            if given or every:
                found.setdefault(name, address)
            # Below a given name the words are the schema's again: a property may be called `properties`.
            _names(child, (*address, name), not given and name in NAMED, every or (not given and name in VALUES), found)
    elif isinstance(node, list):
        for index, child in enumerate(cast("list[Any]", node)):
            _names(child, (*address, index), False, every, found)

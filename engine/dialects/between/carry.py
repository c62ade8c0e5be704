"""What readers and writers share: refusing what cannot be carried, and bringing turns and parts into one form."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from ...errors import BadRequest, UpstreamBroke, UpstreamRefused
from ...jsonio import Address, loads, show
from .talk import (
    Began,
    Call,
    CallBegan,
    CallDelta,
    Delta,
    Ended,
    Part,
    Role,
    Signed,
    Stop,
    Talk,
    Text,
    TextDelta,
    Thought,
    ThoughtDelta,
    Told,
    Turn,
)

_DATA = "data:"
FAILED = "The tool reported an error: "
"""What stands before the result of a tool that failed, in dialects that can only say so in words."""
_ANYWAY: Mapping[str, Any] = {
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "parallel": True,
    "store": False,
    "metadata": {},
    "verbosity": "medium",
}
"""What holds in every dialect when nothing is said."""

CUT = (Stop.LENGTH, Stop.FILTER)
"""Ends in the midst of an answer."""

NOT_CARRIED = "not_carried"
"""The code of the error for what the other dialect has no word for."""


def uncarried(*address: str | int) -> BadRequest:
    """The error for what cannot be said in the other dialect."""
    place = show(address)
    return BadRequest(
        f"'{place}' cannot be carried over to the dialect of the provider that serves this model.",
        param=place,
        code=NOT_CARRIED,
    )


def only(holder: Mapping[str, Any], known: Sequence[str], address: Address = ()) -> None:
    """Raise `uncarried` for the first field that is set and not `known`. null counts as absent."""
    for name, value in holder.items():
        if name not in known and value is not None:
            raise uncarried(*address, name)


def as_ever(holder: Mapping[str, Any], same: Mapping[str, Sequence[Any]], address: Address = ()) -> None:
    """Raise `uncarried` for the first of these fields that says something else than what holds anyway."""
    for name, values in same.items():
        if holder.get(name) is not None and holder[name] not in values:
            raise uncarried(*address, name)


def unsayable(talk: Talk, *names: str) -> None:
    """Raise `uncarried` for the first of these fields of `talk` that the caller set: the writer has no word for it. A
    value that says what holds anyway needs none."""
    for name in names:
        value = getattr(talk, name)
        if value is not None and value != () and value != _ANYWAY.get(name):
            raise uncarried(*talk.at(name))


def given(body: Mapping[str, Any], **names: str) -> tuple[dict[str, Any], dict[str, Address]]:
    """Fields that only have another name: neutral=theirs. What is set of them, and where; for `Talk(**values)`."""
    found = {ours: theirs for ours, theirs in names.items() if body.get(theirs) is not None}
    return {ours: body[theirs] for ours, theirs in found.items()}, {ours: (theirs,) for ours, theirs in found.items()}


def word(holder: Mapping[str, Any], name: str, address: Address) -> str:
    """A string that must be there. What is none cannot be carried."""
    value = holder.get(name)
    if not isinstance(value, str):
        raise uncarried(*address, name)
    return value


def schema(holder: Mapping[str, Any], name: str, address: Address) -> dict[str, Any] | None:
    """A JSON Schema, if there is one. What is no object cannot be carried."""
    value = holder.get(name)
    if value is not None and not isinstance(value, dict):
        raise uncarried(*address, name)
    return cast("dict[str, Any] | None", value)


def mapping(value: Any) -> dict[str, Any]:
    """`value` if it is an object, else an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def count(holder: Mapping[str, Any], name: str) -> int:
    """A number of tokens; 0 when it is missing or no number."""
    value = holder.get(name)
    return value if type(value) is int else 0


def _object(source: str) -> dict[str, Any] | None:
    """The arguments of a call; None when they are no JSON object. Empty source is an empty object."""
    try:
        value = loads(source or "{}")
    except ValueError:
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def asked_object(call: Call) -> dict[str, Any]:
    """The arguments of a call in a request, for dialects in which they are values. Raises `uncarried` when they are no
    JSON object, as those of a call that went wrong."""
    value = _object(call.arguments)
    if value is None:
        raise uncarried(*call.place)
    return value


def stopped(stop: Stop, parts: Iterable[Part]) -> Stop:
    """`stop`, or CALLS where the model ended by calling tools and the provider does not say so: some never do, OpenAI
    does not when the caller named the tool."""
    return Stop.CALLS if stop is Stop.END and any(isinstance(part, Call) for part in parts) else stop


def told_object(source: str) -> dict[str, Any]:
    """The arguments of a call in a reply. Raises UpstreamRefused when they are no JSON object."""
    value = _object(source)
    if value is None:
        raise _useless("has a call of a tool whose arguments are no JSON object")
    return value


def cut_short(stop: Stop, source: str) -> bool:
    """Whether these arguments of a reply's last call end in their midst, or before they begin, because the answer
    does."""
    return stop in CUT and (not source or _object(source) is None)


def one_cut(parts: Sequence[Part], stop: Stop) -> Sequence[Part]:
    """A reply's parts. Where several calls were cut off with the answer, as of those that a model writes side by side,
    the first is the last part: only that one can be told as cut off."""
    ends = (at for at, part in enumerate(parts, start=1) if isinstance(part, Call) and _object(part.arguments) is None)
    return parts[: next(ends, None)] if stop in CUT else parts


def filled(parts: Sequence[Part], stop: Stop) -> list[Part]:
    """A reply's parts. A call that got no arguments has an empty object, unless it is the last and cut short: that
    one must not look like a call of a tool that needs none."""
    last = len(parts) - 1
    return [
        replace(part, arguments="{}")
        if isinstance(part, Call) and not part.arguments and not (at == last and cut_short(stop, ""))
        else part
        for at, part in enumerate(parts)
    ]


def of_data_url(url: str) -> tuple[str, str] | None:
    """The media type and the base64 of a `data:` URL; None for other URLs and other forms of data."""
    head, mark, data = url.partition(";base64,")
    return (head[len(_DATA) :], data) if mark and url.startswith(_DATA) else None


def data_url(type: str, data: str) -> str:
    """The other way round."""
    return f"{_DATA}{type};base64,{data}"


def merged(turns: Iterable[Turn], *roles: Role, also: Callable[[Turn], bool] = lambda turn: False) -> list[Turn]:
    """Neighbouring turns of one role as one turn, for dialects in which roles take turns; of these roles only, where
    some are named, and those for which `also` holds."""
    runs: list[tuple[Turn, list[Part]]] = []
    for turn in turns:
        first = runs[-1][0] if runs else None
        if first and first.role == turn.role and (not roles or turn.role in roles or (also(first) and also(turn))):
            runs[-1][1].extend(turn.parts)
        else:
            runs.append((turn, [*turn.parts]))
    return [replace(turn, parts=tuple(parts)) for turn, parts in runs]


def parted(talk: Talk) -> tuple[list[Part], list[Turn]]:
    """The system turns that lead the conversation as one list of parts, and the other turns. Raises `uncarried` for a
    system turn in mid-conversation, which dialects with one system prompt cannot place."""
    lead = 0
    while lead < len(talk.turns) and talk.turns[lead].role == "system":
        lead += 1
    for turn in talk.turns[lead:]:
        if turn.role == "system":
            raise uncarried(*turn.place, "role")
    return [part for turn in talk.turns[:lead] for part in turn.parts], list(talk.turns[lead:])


def side_by_side(parts: Iterable[Part]) -> list[Part]:
    """A reply's parts with neighbouring texts of one kind joined, and neighbouring thoughts; a signature ends what it
    signs. Empty ones are left out."""
    runs: list[tuple[Part, list[str]]] = []
    for part in parts:
        if not isinstance(part, Text | Thought):
            runs.append((part, []))
            continue
        head = replace(part, text="", signature="")
        if not runs or runs[-1][0] != head:
            runs.append((head, []))
        runs[-1] = (replace(head, signature=part.signature), runs[-1][1])
        runs[-1][1].append(part.text)
    whole = [replace(p, text="".join(run)) if isinstance(p, Text | Thought) else p for p, run in runs]
    return [part for part in whole if not isinstance(part, Text | Thought) or part.text or part.signature]


def assembled(deltas: Iterable[Delta]) -> Told:
    """The whole reply that pieces amount to. Raises UpstreamBroke when they do not end."""
    began, ended = Began("", ""), None
    parts: list[Part] = []
    sources: dict[int, list[str]] = {}
    for delta in deltas:
        last = parts[-1] if parts else None
        match delta:
            case Began():
                began = delta
            case Ended():
                ended = delta
            case TextDelta(text, refusal):
                parts.append(Text(text, refusal))
            case ThoughtDelta(text):
                parts.append(Thought(text))
            case Signed(signature, redacted):
                if redacted or not isinstance(last, Text | Thought | Call) or last.signature:
                    parts.append(Thought("", signature, redacted))
                else:
                    parts[-1] = replace(last, signature=signature)
            case CallBegan(id, name):
                sources[len(parts)] = []
                parts.append(Call(id, name))
            case CallDelta(arguments):
                if not isinstance(last, Call):
                    raise unreadable()
                sources[len(parts) - 1].append(arguments)
    if ended is None:
        raise cut_off()
    for at, source in sources.items():
        parts[at] = replace(cast(Call, parts[at]), arguments="".join(source))
    usage = ended.usage or began.usage
    parts = filled(side_by_side(parts), ended.stop)
    return Told(began.id, began.model, parts, ended.stop, ended.sequence, usage, began.created)


def pieces(told: Told) -> list[Delta]:
    """A whole reply as pieces. `assembled(pieces(told)) == told` when no two texts stand side by side in it."""
    out: list[Delta] = [Began(told.id, told.model, told.usage, told.created)]
    for part in told.parts:
        match part:
            case Text(text, refusal):
                out.append(TextDelta(text, refusal))
            case Thought(text, _, redacted):
                out += [] if redacted else [ThoughtDelta(text)]
            case Call(id, name, arguments):
                out += [CallBegan(id, name), CallDelta(arguments)]
            case _:
                raise wordless()
        if part.signature:
            out.append(Signed(part.signature, isinstance(part, Thought) and part.redacted))
    return [*out, Ended(told.stop, told.usage, told.sequence)]


class Order:
    """Holds the pieces of one stream to their order, whatever a provider sends: Began first, arguments only within the
    newest call, nothing after Ended. So a writer need not ask."""

    def __init__(self) -> None:
        self._began = self._calling = self._over = False

    def checked(self, deltas: Iterable[Delta]) -> Iterator[Delta]:
        """The same pieces. Raises UpstreamRefused at one that is out of place."""
        for delta in deltas:
            first, calling = isinstance(delta, Began), isinstance(delta, CallBegan | CallDelta)
            if self._over or first is self._began or (isinstance(delta, CallDelta) and not self._calling):
                raise unreadable()
            self._began, self._calling, self._over = True, calling, isinstance(delta, Ended)
            yield delta


def unreadable() -> UpstreamRefused:
    """The error for a reply that is not of the provider's own dialect."""
    return _useless("has not the form of its dialect")


def wordless() -> UpstreamRefused:
    """The error for a reply with content that the caller's dialect has no word for."""
    return _useless("has content that the caller's dialect has no word for")


def _useless(why: str) -> UpstreamRefused:
    """A model made that reply: asking again would be paid for again."""
    error = UpstreamRefused(f"The provider's reply {why}.")
    error.unanswered = True
    return error


def cut_off() -> UpstreamBroke:
    """The error for a stream without its end."""
    return UpstreamBroke("The provider's stream ended before its end mark.")

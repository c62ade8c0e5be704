"""What a provider has signed only that provider can read: it does not travel.

A request with a signed part is refused, since leaving it out would change the conversation. Reasoning that nobody
signed was written by a translation, or by a host that does not want it back: it is left out. Replies lose signatures,
and thoughts that are nothing but one; so a conversation that is always translated never holds any.
"""

from collections.abc import Iterable
from dataclasses import replace

from .carry import uncarried
from .talk import Call, Delta, Part, Signed, Talk, Text, Thought, ThoughtDelta, Told, Turn


def open_request(talk: Talk) -> Talk:
    """`talk` without thoughts and without turns of nothing else. Raises `uncarried` for a part that is signed."""
    opened = [(turn, tuple(_open_parts(turn))) for turn in talk.turns]
    return replace(talk, turns=tuple(replace(turn, parts=kept) for turn, kept in opened if kept or not turn.parts))


def _open_parts(turn: Turn) -> Iterable[Part]:
    for part in turn.parts:
        if isinstance(part, Text | Call | Thought) and part.signature:
            raise uncarried(*part.place)
        if not isinstance(part, Thought):
            yield part


def open_reply(told: Told) -> Told:
    """`told` without signatures."""
    return replace(told, parts=[_unsigned(part) for part in told.parts if not _only_seal(part)])


def _unsigned(part: Part) -> Part:
    return replace(part, signature="") if isinstance(part, Text | Call | Thought) and part.signature else part


def _only_seal(part: Part) -> bool:
    return isinstance(part, Thought) and not part.text


def open_deltas(deltas: Iterable[Delta]) -> Iterable[Delta]:
    """The same for pieces of a reply."""
    return (
        delta
        for delta in deltas
        if not isinstance(delta, Signed) and not (isinstance(delta, ThoughtDelta) and not delta.text)
    )

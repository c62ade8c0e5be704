"""What every dialect says, in no dialect: requests, replies and the pieces of streams as plain frozen values.

`place` is where something stood in the caller's own body, so that a writer that has no word for it can name it; it
takes no part in comparisons.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from ...jsonio import Address


@dataclass(frozen=True, slots=True)
class Text:
    """Words. `refusal`: the model says that it will not answer, in dialects that mark this."""

    text: str
    refusal: bool = False
    signature: str = ""
    """The provider's seal on this part; only that provider can read it."""
    place: Address = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Media:
    """Content that is no text: its bytes in base64, with their media type, or a link to them. Never both."""

    kind: Literal["image", "audio", "video", "file"]
    type: str = ""
    """The media type, such as `image/png`; empty when it is not known (as of a link)."""
    data: str = ""
    url: str = ""
    name: str = ""
    """A file's name, where the dialect has one."""
    detail: str = ""
    """How closely to look at an image: auto, low, high. Empty: not said."""
    place: Address = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """The model calls a tool. `arguments` is JSON source as the model wrote it: a writer that needs an object must look
    whether it is one. Empty where an answer was cut off before them. `place` is that of the arguments, or the seal."""

    id: str
    name: str
    arguments: str = "{}"
    signature: str = ""
    """The provider's seal on this part, in dialects that seal calls."""
    place: Address = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool answered to the call `id`. `name` is the tool's, empty when the dialect does not repeat it."""

    id: str
    parts: "Sequence[Text | Media]" = ()
    name: str = ""
    failed: bool = False
    place: Address = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Thought:
    """The model's reasoning. With a signature only the provider that made it takes it back; without one it was written
    by a translation (or by a host that does not sign), and may be left out of a request."""

    text: str
    signature: str = ""
    redacted: bool = False
    """There is no text to read: `signature` holds all of it, sealed."""
    place: Address = field(default=(), compare=False)


Part: TypeAlias = Text | Media | Call | Result | Thought
Role: TypeAlias = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn. A developer's message is a system turn; results of tools are parts of a user's turn."""

    role: Role
    parts: Sequence[Part]
    place: Address = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may call. Tools that the provider runs itself have no neutral word."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] | None = None
    """JSON Schema of the arguments; None: not given."""
    strict: bool | None = None
    place: Address = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether tools are called: as the model likes, certainly, or not at all. `names` narrows it to these tools; `must`
    with one name is that tool."""

    mode: Literal["auto", "must", "never"]
    names: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """The answer is JSON; with a `schema`, JSON that fits it."""

    schema: Mapping[str, Any] | None = None
    name: str = ""
    description: str = ""
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    """A request. None, and an empty sequence, is what the caller did not say."""

    model: str
    turns: Sequence[Turn]
    stream: bool = False
    """A writer asks for usage in a stream where that is a choice (chat's `stream_options`)."""
    tools: Sequence[Tool] = ()
    choice: Choice | None = None
    parallel: bool | None = None
    """Whether several tools may be called at once."""
    format: Format | None = None
    temperature: float | None = None
    """From 0 to 2; a writer whose dialect ends at 1 refuses what is above it."""
    top_p: float | None = None
    top_k: int | None = None
    max_tokens: int | None = None
    """Tokens of the answer, reasoning included."""
    stop: Sequence[str] = ()
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    think: bool | None = None
    """Reasoning switched on or off; None leaves it to the model (or to `effort` and `budget`)."""
    effort: str | None = None
    """How hard to think: minimal, low, medium, high, xhigh, max. OpenAI's `none` is `think=False`."""
    budget: int | None = None
    """Tokens for reasoning. -1: as many as the model likes."""
    show_thoughts: bool | None = None
    """Whether reasoning (or a summary of it) shall be part of the answer."""
    verbosity: str | None = None
    user: str | None = None
    """Who asks, in the caller's own terms, for the provider to detect misuse by."""
    metadata: Mapping[str, str] | None = None
    store: bool | None = None
    """Whether the provider shall keep the answer. Writers of dialects that cannot keep one refuse only True."""
    places: Mapping[str, Address] = field(default_factory=dict[str, Address], compare=False)
    """Where the caller said what stands under a field above, by the field's name."""

    def at(self, name: str) -> Address:
        """The caller's own address of a field."""
        return self.places.get(name, (name,))


class Stop(StrEnum):
    """Why an answer ended."""

    END = "end"
    """The model was done."""
    SEQUENCE = "sequence"
    """One of the caller's stop sequences came up. Not every dialect tells this from END."""
    LENGTH = "length"
    """`max_tokens`, or the end of the context window."""
    CALLS = "calls"
    """The model waits for results of tools."""
    FILTER = "filter"
    """Withheld or refused, by the provider's filter or by the model."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens. `input` holds those read from and written to the provider's cache; `output` those of reasoning."""

    input: int = 0
    output: int = 0
    cached: int = 0
    written: int = 0
    reasoning: int = 0
    written_hour: int = 0
    """Those of `written` that are kept for an hour, which costs more."""


@dataclass(frozen=True, slots=True)
class Told:
    """A whole reply. Two texts never stand side by side (`assembled`, `side_by_side`)."""

    id: str
    model: str
    parts: Sequence[Part]
    stop: Stop
    sequence: str = ""
    """The stop sequence that came up, if the dialect says which."""
    usage: Usage | None = None
    created: int = 0
    """Seconds since the epoch; 0 when the dialect does not say."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A provider's error body. `kind` and `code` are the provider's own words, `message` is text that guards read."""

    status: int
    message: str
    kind: str = ""
    code: str = ""


# The pieces of a streamed reply: one Began, then parts one after another, then one Ended. A piece belongs to the newest
# part; a piece of another sort begins a new part and ends the one before. Upstream errors are raised, not told.


@dataclass(frozen=True, slots=True)
class Began:
    """The first piece."""

    id: str
    model: str
    usage: Usage | None = None
    """What is known of it already, such as the input's tokens."""
    created: int = 0


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More text."""

    text: str
    refusal: bool = False


@dataclass(frozen=True, slots=True)
class ThoughtDelta:
    """More reasoning."""

    text: str


@dataclass(frozen=True, slots=True)
class Signed:
    """The signature of the newest part, whole; it ends that part. `redacted`: a whole thought without text (begins its
    own part)."""

    signature: str
    redacted: bool = False


@dataclass(frozen=True, slots=True)
class CallBegan:
    """A call begins."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class CallDelta:
    """More of its arguments' JSON source. A call without any has the arguments `{}`."""

    arguments: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The last piece."""

    stop: Stop
    usage: Usage | None = None
    sequence: str = ""


Delta: TypeAlias = Began | TextDelta | ThoughtDelta | Signed | CallBegan | CallDelta | Ended

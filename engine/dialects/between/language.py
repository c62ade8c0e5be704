"""What a dialect provides to be translated: readers and writers of requests, whole replies, streams and errors."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ...sse import Event
from .talk import Delta, Talk, Told, Trouble


class StreamReader(Protocol):
    """A provider's events to pieces. Belongs to one stream."""

    def feed(self, event: Event) -> Sequence[Delta]:
        """What this event says. Raises UpstreamError when it says that the provider failed, or cannot be read."""
        ...

    def end(self) -> Sequence[Delta]:
        """The events are over: what is left to say. Raises UpstreamBroke when the end mark is missing."""
        ...


class StreamWriter(Protocol):
    """Pieces to the caller's events, complete and in order. Belongs to one stream."""

    def write(self, delta: Delta) -> Sequence[Event]: ...


@dataclass(frozen=True, slots=True)
class Language:
    """How one dialect is read and written."""

    dialect: str
    """The name of the dialect, such as `openai.chat`; its family is the part before the dot."""
    read_request: Callable[[Mapping[str, Any], str, bool], Talk]
    """A checked body, the model's name and whether a stream is asked for. Raises BadRequest `not_carried`."""
    write_request: Callable[[Talk], dict[str, Any]]
    """Raises BadRequest `not_carried`."""
    path: Callable[[Talk], str]
    """Where such a request is sent, as callers of this gate would."""
    read_reply: Callable[[Mapping[str, Any]], Told]
    """Raises UpstreamRefused on what is no reply of this dialect, or holds what the neutral form has no word for."""
    write_reply: Callable[[Told, Mapping[str, Any]], dict[str, Any]]
    """The reply, and the caller's own request body. Raises UpstreamRefused on what the dialect has no word for."""
    read_stream: Callable[[], StreamReader]
    write_stream: Callable[[Mapping[str, Any]], StreamWriter]
    """Takes the caller's own request body."""
    read_error: Callable[[int, Mapping[str, Any]], Trouble]
    write_error: Callable[[Trouble], dict[str, Any]]

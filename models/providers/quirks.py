"""How a host that speaks OpenAI's chat completions departs from it: data, and the one function that acts on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

TokenLimit = Literal["max_tokens", "max_completion_tokens"]


@dataclass(frozen=True, slots=True)
class Quirks:
    """What a host does otherwise. Only names change and hints are left out; no quirk changes what is asked for."""

    token_limit: TokenLimit | None = None
    """The one name that the host knows for the limit of an answer; None: it knows what the caller writes."""
    stream_options: bool = True
    """Whether the host takes `stream_options`. One that does not tells the usage of a stream unasked, or not at all."""
    lists: bool = True
    """Whether `GET models` is served."""

    def applied(self, body: Mapping[str, object]) -> Mapping[str, object]:
        """A chat request as this host takes it; `body` itself when nothing is to be changed."""
        if not self.stream_options and "stream_options" in body:
            body = {name: value for name, value in body.items() if name != "stream_options"}
        limit = self.token_limit
        other = "max_tokens" if limit == "max_completion_tokens" else "max_completion_tokens"
        if limit and other in body and None in (body[other], body.get(limit)):  # null says nothing
            said = body[other] if body.get(limit) is None else body[limit]
            body = {name: value for name, value in body.items() if name not in (limit, other)} | {limit: said}
        return body

"""Tokens that an answer took, read from a reply of any dialect.

Sources: the API references of OpenAI (chat, embeddings, Responses), Anthropic (messages) and Gemini.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

_PLACES = (("usage",), ("response", "usage"), ("message", "usage"), ("usageMetadata",))
"""Where a usage stands: in a reply or a last chunk, in events of Responses, in Anthropic's first event, in Gemini."""
MARK = b'"usage'
"""No event without these bytes tells a usage."""

TOLD = "engine.usage"
"""In an exchange's memo: the Usage that a provider told in a stream which was translated."""

MOST = 10**12
"""A count above this is not one."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens. `cached` and `written` are part of `input`, `reasoning` is part of `output`."""

    input: int = 0
    output: int = 0
    cached: int = 0
    """Read from the provider's own cache of prompts."""
    written: int = 0
    """Written to it."""
    written_hour: int = 0
    """Those of `written` that are kept for an hour, which costs more."""
    reasoning: int = 0
    tier: str = ""
    """The service tier that the provider says it used, where prices differ by it."""

    def with_later(self, later: "Usage") -> "Usage":
        """Both as one: events of a stream repeat what they told before, or leave it out, and never take it back."""
        most = [max(one, other) for one, other in zip(self.counts(), later.counts(), strict=True)]
        return Usage(*most, tier=later.tier or self.tier)

    def counts(self) -> tuple[int, ...]:
        return self.input, self.output, self.cached, self.written, self.written_hour, self.reasoning


def usage_of(data: Mapping[str, Any]) -> Usage | None:
    """The usage that a reply, or one event of a stream, tells; None when it tells none."""
    for place in _PLACES:
        found: Any = data
        for step in place:
            found = cast("Mapping[str, Any]", found).get(step) if isinstance(found, Mapping) else None
        if isinstance(found, Mapping):
            counts = cast("Mapping[str, Any]", found)
            tier = counts.get("service_tier") or data.get("service_tier")
            return _read(counts, tier[:40] if isinstance(tier, str) else "")
    return None


def _read(counts: Mapping[str, Any], tier: str) -> Usage:
    if "promptTokenCount" in counts or "candidatesTokenCount" in counts:  # Gemini
        thoughts = _count(counts, "thoughtsTokenCount")
        return Usage(
            input=_count(counts, "promptTokenCount") + _count(counts, "toolUsePromptTokenCount"),
            output=_count(counts, "candidatesTokenCount") + thoughts,
            cached=_count(counts, "cachedContentTokenCount"),
            reasoning=thoughts,
            tier=tier,
        )
    if "prompt_tokens" in counts:  # OpenAI's chat, completions, embeddings
        inner = counts.get("prompt_tokens_details")
        return Usage(
            input=_count(counts, "prompt_tokens"),
            output=_count(counts, "completion_tokens"),
            cached=_count(inner, "cached_tokens") or _count(counts, "prompt_cache_hit_tokens"),
            written=_count(inner, "cache_write_tokens"),
            written_hour=_count(inner, "cache_write_1h_tokens"),
            reasoning=_count(counts.get("completion_tokens_details"), "reasoning_tokens"),
            tier=tier,
        )
    # Responses counts cached tokens within its input, Anthropic beside it.
    beside, within = _count(counts, "cache_read_input_tokens"), counts.get("input_tokens_details")
    written = _count(counts, "cache_creation_input_tokens")
    return Usage(
        input=_count(counts, "input_tokens") + beside + written,
        output=_count(counts, "output_tokens"),
        cached=beside or _count(within, "cached_tokens"),
        written=written or _count(within, "cache_write_tokens"),
        written_hour=_count(counts.get("cache_creation"), "ephemeral_1h_input_tokens")
        or _count(within, "cache_write_1h_tokens"),
        reasoning=_count(counts.get("output_tokens_details"), "reasoning_tokens"),
        tier=tier,
    )


def _count(counts: Any, name: str) -> int:
    value = cast("Mapping[str, Any]", counts).get(name) if isinstance(counts, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST else 0

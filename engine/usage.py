"""Tokens that an answer took, read from a reply of any dialect.

Sources: the API references of OpenAI (chat, embeddings, Responses), Anthropic (messages), Gemini and Perplexity.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from operator import sub
from typing import Any, cast

_PLACES = (("usage",), ("response", "usage"), ("message", "usage"), ("usageMetadata",))
"""Where a usage stands: in a reply or a last chunk, in events of Responses, in Anthropic's first event, in Gemini."""
_CACHED = ("prompt_cache_hit_tokens", "cache_read_input_tokens", "cached_tokens")
"""What stands beside `prompt_tokens` for its cached part: at DeepSeek, at Databricks, in Anthropic's form of chat."""
MARK = b'"usage'
"""No event without these bytes tells a usage."""

TOLD = "engine.usage"
"""In an exchange's memo: the Usage that a provider told in a reply which was translated."""

MOST = 10**12
"""A count above this is not one."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens. `cached`, `written` and `heard` are part of `input`, `reasoning`, `spoken` and `cited` are part of
    `output`."""

    input: int = 0
    output: int = 0
    cached: int = 0
    """Read from the provider's own cache of prompts."""
    written: int = 0
    """Written to it."""
    written_hour: int = 0
    """Those of `written` that are kept for an hour, which costs more."""
    reasoning: int = 0
    heard: int = 0
    """Audio, which costs more than text."""
    heard_cached: int = 0
    """Those of `heard` that are part of `cached`."""
    spoken: int = 0
    """Audio."""
    cited: int = 0
    """Taken from sources, which some charge for by themselves (Perplexity)."""
    searches: int = 0
    """No tokens: how often the provider searched the web for the answer, as far as its usage says so."""
    tier: str = ""
    """The service tier that the provider says it used, where prices differ by it."""
    speed: str = ""
    """The same of Anthropic's fast mode."""

    def with_later(self, later: "Usage") -> "Usage":
        """Both as one: events of a stream repeat what they told before, or leave it out, and never take it back."""
        most = map(max, self.counts(), later.counts())
        return Usage(*most, tier=later.tier or self.tier, speed=later.speed or self.speed)

    def beyond(self, earlier: "Usage") -> "Usage":
        """What came since `earlier`, which was told of the same answer."""
        return Usage(*map(sub, self.counts(), earlier.counts()), tier=self.tier, speed=self.speed)

    def counts(self) -> tuple[int, ...]:
        """All of them, in order."""
        text = self.input, self.output, self.cached, self.written, self.written_hour, self.reasoning
        return *text, self.heard, self.heard_cached, self.spoken, self.cited, self.searches


def usage_of(data: Mapping[str, Any]) -> Usage | None:
    """The usage that a reply, or one event of a stream, tells; None when it tells none."""
    for *path, name in _PLACES:
        holder = data
        for step in path:
            holder = _mapping(holder.get(step))
        if isinstance(found := holder.get(name), Mapping):
            counts = cast("Mapping[str, Any]", found)
            return _read(counts, _said(counts.get("service_tier") or holder.get("service_tier")))
    return None


def _read(counts: Mapping[str, Any], tier: str) -> Usage:
    if "promptTokenCount" in counts or "candidatesTokenCount" in counts:  # Gemini
        thoughts = _count(counts, "thoughtsTokenCount")
        return Usage(
            input=_count(counts, "promptTokenCount") + _count(counts, "toolUsePromptTokenCount"),
            output=_count(counts, "candidatesTokenCount") + thoughts,
            cached=_count(counts, "cachedContentTokenCount"),
            reasoning=thoughts,
            heard=_audio(counts, "promptTokensDetails"),
            heard_cached=_audio(counts, "cacheTokensDetails"),
            spoken=_audio(counts, "candidatesTokensDetails"),
            tier=tier,
        )
    if "prompt_tokens" in counts or "completion_tokens" in counts:  # OpenAI's chat, completions, embeddings
        inner, outer = counts.get("prompt_tokens_details"), counts.get("completion_tokens_details")
        asked, said = _count(counts, "prompt_tokens"), _count(counts, "completion_tokens")
        reasoning = _count(outer, "reasoning_tokens")
        beside = reasoning if _count(counts, "total_tokens") == asked + said + reasoning else 0  # xAI
        cited, searches = _count(counts, "citation_tokens"), _count(counts, "num_search_queries")
        if cited or searches:  # Perplexity; others that have this field count it within the answer
            reasoning = beside = _count(counts, "reasoning_tokens")
        return Usage(
            input=asked,
            output=said + beside + cited,
            cached=_count(inner, "cached_tokens") or next(filter(None, (_count(counts, name) for name in _CACHED)), 0),
            written=_count(inner, "cache_write_tokens"),
            written_hour=_count(inner, "cache_write_1h_tokens"),
            reasoning=reasoning,
            heard=_count(inner, "audio_tokens"),
            spoken=_count(outer, "audio_tokens"),
            cited=cited,
            searches=searches,
            tier=tier,
        )
    # Responses counts cached tokens within its input, Anthropic beside it.
    within, thoughts = counts.get("input_tokens_details"), counts.get("output_tokens_details")
    runs = [counts, *_summaries(counts.get("iterations"))]
    beside = sum(_count(run, "cache_read_input_tokens") for run in runs)
    written = sum(_count(run, "cache_creation_input_tokens") for run in runs)
    return Usage(
        input=sum(_count(run, "input_tokens") for run in runs) + beside + written,
        output=sum(_count(run, "output_tokens") for run in runs),
        cached=beside or _count(within, "cached_tokens"),
        written=written or _count(within, "cache_write_tokens"),
        written_hour=sum(_count(run.get("cache_creation"), "ephemeral_1h_input_tokens") for run in runs)
        or _count(within, "cache_write_1h_tokens"),
        reasoning=_count(thoughts, "reasoning_tokens") or _count(thoughts, "thinking_tokens"),
        searches=_count(counts.get("server_tool_use"), "web_search_requests")
        or _count(_mapping(counts.get("tool_calls_details")).get("search_web"), "invocation"),
        tier=tier,
        speed=_said(counts.get("speed")),
    )


def _said(value: Any) -> str:
    return value[:40] if isinstance(value, str) else ""


def _summaries(iterations: Any) -> list[Mapping[str, Any]]:
    """What it took to summarise a conversation that grew too long, by the same model: Anthropic bills it beside the
    counts of the answer."""
    listed = cast("list[Any]", iterations) if isinstance(iterations, list) else []
    return [run for each in listed if (run := _mapping(each)).get("type") == "compaction"]


def _mapping(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _audio(counts: Mapping[str, Any], name: str) -> int:
    """Of counts by modality, as Gemini gives them."""
    listed = counts.get(name)
    parts = cast("list[Any]", listed) if isinstance(listed, list) else []
    return sum(_count(part, "tokenCount") for part in parts if _mapping(part).get("modality") == "AUDIO")


def _count(counts: Any, name: str) -> int:
    value = _mapping(counts).get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST else 0

"""What may be answered from memory, and what may be kept.

Source: RFC 9111, section 5.2.1 (Cache-Control in requests). `no-store` keeps memory out of it altogether, reading too.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..engine.dialects import Dialect, Question
from ..engine.errors import BadRequest
from ..engine.exchange import Exchange, Reply
from ..engine.sse import Event
from .answer import VERSION, Answer, Piece, content_type, options, whole_body
from .key import Place
from .lineage import Lineage, tags_of
from .rules.timely import Timely

TTL_HEADER = "x-tidegate-cache-ttl"
"""Seconds that an answer to this request may be kept, if that is less than the cache's own."""
SIMILARITY_HEADER = "x-tidegate-cache-similarity"
"""The least cosine of a question in other words, beside the cache's own judgement; `exact` for none but the same."""
TOO_LARGE = "too large"
_DIRECTIVE = re.compile(r'([a-z-]+)\s*(?:=\s*"?([^",\s]*)"?)?')


@dataclass(frozen=True, slots=True)
class Wishes:
    """A request's Cache-Control, and the two headers above."""

    no_store: bool = False
    no_cache: bool = False
    only_if_cached: bool = False
    max_age: float = math.inf
    """Seconds; an older answer counts as stale."""
    ttl: float = math.inf
    """Seconds; what is stored for this request is kept no longer."""
    similarity: float = 0.0
    """The least cosine of a semantic hit; above 1.0 there is none."""

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "Wishes":
        """Read the headers. A max-age that is no number is taken as 0, the careful reading; unknown directives are
        ignored. Raises BadRequest on one of our own headers that cannot be read.
        """
        line = headers.get("cache-control", "")
        if not line and TTL_HEADER not in headers and SIMILARITY_HEADER not in headers:
            return _NONE
        found: dict[str, str] = dict(_DIRECTIVE.findall(line.lower()))
        age = math.inf
        if "max-age" in found:
            age = float(found["max-age"]) if found["max-age"].isdecimal() else 0.0
        ttl, similarity = headers.get(TTL_HEADER, "inf"), headers.get(SIMILARITY_HEADER, "0")
        return cls(
            "no-store" in found,
            "no-cache" in found,
            "only-if-cached" in found,
            age,
            _number(ttl, TTL_HEADER, math.inf),
            2.0 if similarity == "exact" else _number(similarity, SIMILARITY_HEADER, 1.0),
        )


def _number(written: str, name: str, most: float) -> float:
    try:
        value = float(written)
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:  # NaN is not
        raise BadRequest(f"The header {name} must be a number{' from 0 to 1' if most == 1.0 else ''}.", param=name)
    return value


_NONE = Wishes()


@dataclass(frozen=True, slots=True)
class Bypass:
    """Which questions are left to the model: not answered from memory, and their answers not kept."""

    timely: Timely | None = None
    sampled: bool = True
    """Those that ask for variety: a high temperature or several choices, without a seed."""

    def reason(self, question: Question, wishes: Wishes) -> str:
        """Why, as `Cache-Status` names it; empty when memory may answer."""
        if wishes.no_store:
            return "no-store"
        if question.bypass and (self.sampled or question.bypass != "sampling"):
            return question.bypass
        return self.timely.reason(question.text) if self.timely is not None else ""


def answer_of(
    exchange: Exchange, where: Place, reply: Reply, events: list[Event], policy: str, max_bytes: int, lineage: Lineage
) -> tuple[bytes, str]:
    """The entry's value for a complete reply, and why there is none: one of the two is empty."""
    _, reason = readable(exchange.dialect, reply, events, max_bytes)
    if reason := lineage.why_not(exchange) or reason:
        return b"", reason
    tokens, cost = lineage.spent(exchange)
    answer = Answer(
        VERSION,
        where.partition,
        where.text,
        reply.streamed,
        options(exchange) if reply.streamed else b"",
        [Piece.of(event) for event in events],
        content_type(reply.headers, reply.streamed),
        exchange.model,
        policy,
        vouchers=[exchange.caller.id],
        tags=tags_of(exchange),
        tokens=tokens,
        seconds=lineage.seconds(exchange),
        cost=cost,
        scope=where.scope,
    )
    value = answer.encode()
    return (value, "") if len(value) <= max_bytes else (b"", TOO_LARGE)


def readable(dialect: Dialect, reply: Reply, events: list[Event], max_bytes: int) -> tuple[dict[str, Any], str]:
    """A reply as one body, and why it must not be kept; that is empty when it may be."""
    if reply.status != 200:
        return {}, "status"
    if any(name == "content-encoding" and value != "identity" for name, value in reply.headers):
        return {}, "encoded"
    if sum(len(event.raw) for event in events) > max_bytes:
        return {}, TOO_LARGE
    try:
        if any(_failed(event) for event in events):
            return {}, "incomplete"
        whole = whole_body(dialect, events, reply.streamed)
        return ({}, "incomplete") if whole is None else (whole, dialect.storable(whole))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return {}, "unreadable"  # a provider's reply may have any shape; what cannot be read is not kept


def _failed(event: Event) -> bool:
    """Whether a provider says in a body, or in one event of a stream, that something went wrong: what came before need
    not be all, whatever comes behind."""
    return event.data is not None and bool(event.data.get("error"))

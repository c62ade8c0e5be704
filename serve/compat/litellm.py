"""LiteLLM's headers and body fields. Source: the LiteLLM proxy's documentation of request and response headers,
caching, guardrails, tags and fallbacks.
"""

from collections.abc import Callable, Collection
from typing import Any, cast

from ...cache.admission import TTL_HEADER
from ...cache.key import NAMESPACE_HEADER
from ...engine.exchange import Exchange
from ...engine.headers import outcome, overhead_ms
from ...engine.steering import Choice, Steering
from ...models.bills import SENT
from . import fields
from .litellm_fields import take_off

_GUARDRAILS = "compat.litellm.guardrails"
_METADATA = {
    "end-user-id": "end_user",
    "customer-id": "end_user",
    "session-id": "session_id",
    "trace-id": "trace_id",
}
"""Headers whose values become metadata, and under which name."""
_IDS = {"litellm_session_id": "session_id", "litellm_trace_id": "trace_id"}
"""Fields of the body that become metadata in the same way."""
_IGNORED = frozenset({"disable-callbacks"})
"""There is nothing to disable."""


class LiteLLM:
    """Clients of LiteLLM's proxy."""

    prefix = "x-litellm-"

    def __init__(self, rules: Callable[[], Collection[str]], spare: fields.Spare = fields.named) -> None:
        """`spare` reads one of the body's `fallbacks`."""
        self._rules = rules
        self._spare = spare

    def read(self, exchange: Exchange) -> None:
        sent = {n.removeprefix(self.prefix): v for n, v in exchange.headers.items() if n.startswith(self.prefix)}
        body = exchange.body
        take_off(body)
        call = str(body.pop("litellm_call_id", ""))
        if (call := sent.pop("call-id", call)) and call.isprintable():
            fields.prefer(exchange, "x-request-id", call[:128])
        _cache(exchange)
        self._guardrails(exchange)
        fields.add_metadata(exchange, _metadata(body, sent))
        self._steer(exchange, sent)
        if fields.flag(sent.pop("enable-message-redaction", "false"), "x-litellm-enable-message-redaction"):
            raise fields.wrong(
                "x-litellm-enable-message-redaction", "is not taken: what is logged is the operator's to say"
            )
        for name in sent.keys() - _IGNORED:
            raise fields.wrong(f"{self.prefix}{name}"[:80], "is not known here; see docs/compat.md")

    def _steer(self, exchange: Exchange, sent: dict[str, str]) -> None:
        body = exchange.body
        asked, again = "num_retries", body.pop("max_retries", None)
        if (retries := _either(body, sent, asked)) is None:
            asked, retries = "max_retries", again
        limit = _either(body, sent, "timeout")
        begin = _either(body, sent, "stream_timeout")
        if exchange.stream and begin is not None:
            limit = begin
        spare = fields.fallbacks(exchange, self._spare)
        fields.steer(
            exchange,
            Steering(
                (Choice(), *spare) if spare else (),
                retries=fields.count(retries, asked) if retries is not None else None,
                seconds=fields.seconds(limit, "timeout") if limit is not None else None,
            ),
        )

    def _guardrails(self, exchange: Exchange) -> None:
        """Every rule runs for every request, so that those asked for must only be there."""
        if "guardrails" not in exchange.body:
            return
        asked = fields.items(exchange.body.pop("guardrails"), "guardrails", 64)
        known = self._rules()
        for at, name in enumerate(asked):
            if not isinstance(name, str) or not any(rule == name or rule.startswith(name + ".") for rule in known):
                raise fields.wrong(f"guardrails.{at}", "must be the id of a rule in force, or the part before its dot")
        exchange.memo[_GUARDRAILS] = cast("list[str]", asked)

    def tell(self, exchange: Exchange) -> list[tuple[str, str]]:
        note, spent = exchange.cache, exchange.spent
        applied = dict.fromkeys([*exchange.memo.get(_GUARDRAILS, []), *outcome(exchange)[1]])
        told = {
            "call-id": exchange.id,
            "cache-key": note.key,
            "semantic-similarity": f"{note.similarity:.4f}" if note.similarity is not None else "",
            "applied-guardrails": ",".join(list(applied)[:20]),
            "response-cost": f"{spent.dollars:.9f}" if spent is not None and spent.dollars is not None else "",
            "overhead-duration-ms": f"{overhead_ms(exchange):.2f}",
            "model-id": fields.shown(exchange.provider, exchange.memo.get(SENT, exchange.model)),
        }
        return [(self.prefix + name, value) for name, value in told.items() if value]


def _cache(exchange: Exchange) -> None:
    """The body's `cache`."""
    if "cache" not in exchange.body:
        return
    wishes = fields.mapping(exchange.body.pop("cache"), "cache")
    for name in ("no-cache", "no-store"):
        if fields.flag(wishes.pop(name, False), f"cache.{name}"):
            fields.add_cache_control(exchange, name)
    if (age := wishes.pop("s-maxage", wishes.pop("s-max-age", None))) is not None:
        fields.add_cache_control(exchange, f"max-age={int(fields.number(age, 'cache.s-maxage'))}")
    if (ttl := wishes.pop("ttl", None)) is not None:
        fields.prefer(exchange, TTL_HEADER, f"{fields.number(ttl, 'cache.ttl'):g}")
    if (namespace := wishes.pop("namespace", None)) is not None:
        fields.prefer(exchange, NAMESPACE_HEADER, fields.text(namespace, "cache.namespace"))
    if not fields.flag(wishes.pop("use-cache", True), "cache.use-cache"):
        fields.add_cache_control(exchange, "no-store")
    for name in wishes:
        raise fields.wrong(f"cache.{name}"[:80], "is not known here; see docs/compat.md")


def _metadata(body: dict[str, Any], sent: dict[str, str]) -> dict[str, Any]:
    """What LiteLLM keeps of a request for reports and routes.

    A `metadata` of texts alone is OpenAI's own field, one of `user_id` Anthropic's: they stay in the body.
    """
    found: dict[str, Any] = {}
    held = body.get("metadata")
    own = cast("dict[str, Any]", held) if isinstance(held, dict) else {}
    if own.keys() - {"user_id"} and not all(isinstance(value, str) for value in own.values()):
        found |= fields.mapping(body.pop("metadata"), "metadata")
    if "litellm_metadata" in body:
        found |= fields.mapping(body.pop("litellm_metadata"), "litellm_metadata")
    if "spend-logs-metadata" in sent:
        found |= fields.mapping(sent.pop("spend-logs-metadata"), "x-litellm-spend-logs-metadata")
    for name, as_ in _IDS.items():
        if (value := body.pop(name, None)) is not None:
            found[as_] = fields.text(value, name)
    for name, as_ in _METADATA.items():
        if value := sent.pop(name, ""):
            found[as_] = value
    tags = found.pop("tags", None)
    tags = body.pop("tags", tags)
    tags = [tag.strip() for tag in sent.pop("tags").split(",")] if "tags" in sent else tags
    if tags is not None and tags != []:
        found["tags"] = ",".join(fields.text(tag, "tags") for tag in fields.items(tags, "tags", 64))
    return found


def _either(body: dict[str, Any], sent: dict[str, str], name: str) -> object:
    """A value that may stand in the body or in a header, where it counts."""
    said = body.pop(name, None)
    return sent.pop(name.replace("_", "-"), said)

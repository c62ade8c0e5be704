"""Portkey's headers. Source: Portkey's header, response and gateway config references.

`x-portkey-config` is read by `portkey_config.py`.
"""

from collections.abc import Mapping
from typing import Any

from ...cache.admission import SIMILARITY_HEADER, TTL_HEADER
from ...cache.key import NAMESPACE_HEADER
from ...engine.exchange import Exchange
from ...engine.steering import Choice, Steering
from . import fields
from .portkey_config import Config, read_config
from .vendors import Providers

_TRACE = "compat.portkey.trace"
_IGNORED = frozenset(
    {
        "debug",  # whether texts are logged is the operator's `log:`
        "strict-open-ai-compliance",  # replies are never changed
        "calculate-audio-duration",
        "package-version",
        "runtime",
        "runtime-version",
        "lang",
        "os",
        "arch",
        "span-id",
        "parent-span-id",
        "span-name",
    }
)
_PASSED_ON = frozenset({"openai-organization", "openai-project", "anthropic-beta", "anthropic-version"})
_HOSTS = ("custom-host", "azure-", "aws-", "vertex-", "workers-ai-", "huggingface-base-url", "fireworks-account-id")


class Portkey:
    """Portkey's clients."""

    prefix = "x-portkey-"

    def __init__(self, providers: Providers) -> None:
        self._providers = providers

    def read(self, exchange: Exchange) -> None:
        sent = {n.removeprefix(self.prefix): v for n, v in exchange.headers.items() if n.startswith(self.prefix)}
        if (trace := sent.pop("trace-id", "")) and trace.isprintable():
            exchange.memo[_TRACE] = trace[:128]
            fields.prefer(exchange, "x-request-id", trace[:128])
        if "metadata" in sent:
            fields.add_metadata(exchange, fields.mapping(sent.pop("metadata"), "x-portkey-metadata"))
        if "cache-namespace" in sent:
            fields.prefer(
                exchange, NAMESPACE_HEADER, fields.text(sent.pop("cache-namespace"), "x-portkey-cache-namespace")
            )
        refresh = sent.pop("cache-force-refresh", "false")
        if fields.flag(refresh, "x-portkey-cache-force-refresh"):
            fields.add_cache_control(exchange, "no-cache")
        config = read_config(sent.pop("config"), self._providers) if "config" in sent else Config()
        self._steer(exchange, sent, config)
        for name in _PASSED_ON & sent.keys():
            fields.prefer(exchange, name, sent.pop(name))
        _refuse(sent)

    def _steer(self, exchange: Exchange, sent: dict[str, str], config: Config) -> None:
        _apply(exchange, config.parameters)
        named = self._named(exchange, sent)
        first, *others = [Choice(each.providers or named, each.model) for each in config.choices or (Choice(),)]
        if first.model:  # it becomes the request's own, so that rules, cache and log see it
            others = [Choice(each.providers, each.model or exchange.model) for each in others]
            fields.ask_for(exchange, first.model)
            first = Choice(first.providers)
        choices = (first, *others) if others or first.providers else ()
        timeout = sent.pop("request-timeout", None)
        fields.steer(
            exchange,
            Steering(
                choices,
                config.then_on,
                config.retries,
                config.retry_on,
                config.seconds if timeout is None else fields.seconds(timeout, "x-portkey-request-timeout", 0.001),
            ),
        )
        if config.exact:
            fields.prefer(exchange, SIMILARITY_HEADER, "exact")
        if config.ttl is not None:
            fields.prefer(exchange, TTL_HEADER, f"{config.ttl:g}")

    def _named(self, exchange: Exchange, sent: dict[str, str]) -> tuple[str, ...]:
        """The providers that the headers choose, or the model's name: `@provider/model`."""
        named: tuple[str, ...] = ()
        if exchange.model.startswith("@"):
            asked = fields.choice(exchange.model, "model", self._providers)
            fields.ask_for(exchange, asked.model)
            named = asked.providers
        for name in ("provider", "virtual-key"):
            if written := sent.pop(name, ""):
                named = self._providers.chosen(written, self.prefix + name)
        return named

    def tell(self, exchange: Exchange) -> list[tuple[str, str]]:
        told = [
            ("x-portkey-trace-id", str(exchange.memo.get(_TRACE, exchange.id))),
            ("x-portkey-cache-status", cache_status(exchange)),
            ("x-portkey-retry-attempt-count", str(max(0, exchange.attempts - 1))),
        ]
        return [*told, ("x-portkey-provider", exchange.provider)] if exchange.provider else told


def cache_status(exchange: Exchange) -> str:
    """HIT, SEMANTIC HIT, MISS, REFRESH or DISABLED."""
    note = exchange.cache
    if note.status == "hit":
        return "HIT" if note.detail == "exact" else "SEMANTIC HIT"
    if note.status == "bypass":
        return "REFRESH" if note.detail == "no-cache" else "DISABLED"
    return "DISABLED" if note.status == "off" else "MISS"


def _apply(exchange: Exchange, parameters: Mapping[str, Any]) -> None:
    """Write `override_params` over the request, which is then checked like any other."""
    if parameters:
        exchange.body.update(parameters)
        exchange.dialect.check(exchange.body)


def _refuse(sent: Mapping[str, str]) -> None:
    """Raises BadRequest on a header that nobody has read."""
    for name in sent.keys() - _IGNORED:
        header = f"x-portkey-{name}"
        if name.startswith(_HOSTS):
            raise fields.wrong(header, "is not taken: hosts and their accounts are the operator's, under providers")
        if name == "forward-headers":
            raise fields.wrong(header, "is not taken: callers' headers are not passed on to providers")
        raise fields.wrong(header[:80], "is not known here; see docs/compat.md")

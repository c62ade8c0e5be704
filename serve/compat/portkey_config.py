"""The JSON in `x-portkey-config`, as far as one request can be granted it. Source: Portkey's gateway config reference.

Single, fallback and load-balanced targets, retries, time limits, cache mode and age, parameters put over the request's.
Everything else is refused by name: conditions and nested targets belong in the operator's routes.
"""

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...engine.limits import JSON_DEPTH
from ...engine.steering import Choice, Steering
from . import fields
from .vendors import Providers

_NAME = "x-portkey-config"
_CAMEL = re.compile(r"(?<=[a-z])[A-Z]")
_WHY = {
    "api_key": "is not taken: providers' keys are the operator's",
    "custom_host": "is not taken: hosts are the operator's, under providers",
    "forward_headers": "is not taken: callers' headers are not passed on to providers",
    **dict.fromkeys(
        ("input_guardrails", "output_guardrails", "before_request_hooks", "after_request_hooks"),
        "is not taken: rules are the operator's, and run for every request",
    ),
}
_DEFAULTS = Steering()


@dataclass(frozen=True, slots=True)
class Config:
    """What a config asks for."""

    choices: tuple[Choice, ...] = ()
    then_on: frozenset[str] = _DEFAULTS.then_on
    retries: int | None = None
    retry_on: frozenset[str] = _DEFAULTS.retry_on
    seconds: float | None = None
    exact: bool = False
    """Only answers to the very same question."""
    ttl: float | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """To be written over the request's."""


def read_config(written: str, providers: Providers, draw: Callable[[], float] = random.random) -> Config:
    """Raises BadRequest. `draw` (0 to 1) chooses among targets that are load-balanced."""
    if not written.lstrip().startswith("{"):
        raise fields.wrong(
            _NAME,
            "names a stored config, and none are stored here: send the JSON itself, or turn it into gate.yaml once "
            "with `tidegate import`",
        )
    top = _Node.of(written, "")
    config = _whole(top, providers, draw)
    top.done()
    return config


@dataclass(slots=True)
class _Node:
    """One object of the config: what has been read is taken out, what is left over is refused."""

    held: dict[str, Any]
    path: str

    @classmethod
    def of(cls, value: object, path: str) -> "_Node":
        held = _object(value, f"{_NAME} {path}".strip())
        return cls({_CAMEL.sub(lambda m: "_" + m[0].lower(), name): each for name, each in held.items()}, path)

    def at(self, name: str) -> str:
        return f"{_NAME} {self.path}.{name}" if self.path else f"{_NAME} {name}"

    def take(self, name: str) -> Any:
        return self.held.pop(name, None)

    def node(self, name: str) -> "_Node | None":
        value = self.take(name)
        return None if value is None else _Node.of(value, f"{self.path}.{name}".strip("."))

    def done(self) -> None:
        for name in self.held:
            raise fields.wrong(self.at(name)[:120], _WHY.get(name, "is not honoured here; see docs/compat.md"))


def _object(value: object, field: str) -> dict[str, Any]:
    """A JSON object as deep as a request may be: it may hold the schemas of tools and answers."""
    return fields.mapping(value, field, JSON_DEPTH)


def _whole(top: _Node, providers: Providers, draw: Callable[[], float]) -> Config:
    strategy, targets = top.node("strategy"), top.take("targets")
    if strategy is None and targets is None:
        return _leaf(top, providers)
    if strategy is None:
        raise fields.wrong(top.at("targets"), "needs strategy.mode beside it")
    mode, on = strategy.take("mode"), strategy.take("on_status_codes")
    place = top.at("targets")
    nodes = [_Node.of(each, f"targets.{at}") for at, each in enumerate(fields.items(targets, place))]
    if mode not in ("single", "fallback", "loadbalance"):
        raise fields.wrong(strategy.at("mode"), "is not honoured here (single, fallback, loadbalance): write a route")
    strategy.done()
    drawn = _drawn(nodes, draw) if mode == "loadbalance" else 0
    for node in nodes:
        node.take("name")
        node.take("weight")
    if mode != "fallback" or len(nodes) == 1:
        return _one_of(nodes, drawn, top, providers)
    config = _leaf(top, providers)
    around = config.choices[0] if config.choices else Choice()
    choices = [_choice(node, providers) for node in nodes]
    return replace(
        config,
        choices=tuple(Choice(each.providers or around.providers, each.model or around.model) for each in choices),
        then_on=fields.classes(on, strategy.at("on_status_codes")) if on is not None else config.then_on,
    )


def _one_of(nodes: list[_Node], at: int, top: _Node, providers: Providers) -> Config:
    """A single target; what it says goes before what stands around it. The others are checked all the same."""
    around = _parameters(top)
    wholes = [
        _Node({**top.held, **node.held, "override_params": {**around, **_parameters(node)}}, node.path)
        for node in nodes
    ]
    top.held.clear()
    return [_leaf(whole, providers) for whole in wholes][at]


def _drawn(nodes: list[_Node], draw: Callable[[], float]) -> int:
    """The place of one of the targets, by their weights; a target without one weighs 1."""
    weights = [fields.number(node.held.get("weight", 1), node.at("weight"), 1e6) for node in nodes]
    left = draw() * sum(weights)
    if not sum(weights):
        raise fields.wrong(_NAME + " targets", "all weigh nothing")
    for at, weight in enumerate(weights):
        left -= weight
        if left < 0:
            return at
    return len(nodes) - 1


def _leaf(node: _Node, providers: Providers) -> Config:
    """A single way: who, how often, for how long, and what is said of the cache."""
    retry, cache, timeout = node.node("retry"), node.take("cache"), node.take("request_timeout")
    parameters = _parameters(node)
    who = _who(node, providers)
    model = parameters.pop("model", None)
    asked = fields.choice(model, node.at("override_params.model"), providers) if model is not None else Choice()
    config = Config(
        choices=tuple([Choice(asked.providers or who, asked.model)] if asked != Choice() or who else []),
        retries=fields.count(retry.take("attempts"), retry.at("attempts")) if retry else None,
        retry_on=_retry_on(retry),
        seconds=fields.seconds(timeout, node.at("request_timeout"), 0.001) if timeout is not None else None,
        parameters=parameters,
    )
    if retry:
        retry.take("use_retry_after_header")  # it is always respected
        retry.done()
    node.done()
    if cache is None:
        return config
    return _cached(
        config, _Node.of({"mode": cache} if isinstance(cache, str) else cache, f"{node.path}.cache".strip("."))
    )


def _retry_on(retry: _Node | None) -> frozenset[str]:
    codes = retry.take("on_status_codes") if retry else None
    return _DEFAULTS.retry_on if retry is None or codes is None else fields.classes(codes, retry.at("on_status_codes"))


def _cached(config: Config, cache: _Node) -> Config:
    mode, age = cache.take("mode"), cache.take("max_age")
    if mode not in ("simple", "semantic"):
        raise fields.wrong(cache.at("mode"), "must be simple or semantic")
    cache.done()
    ttl = fields.number(age, cache.at("max_age")) if age is not None else None
    return replace(config, exact=mode == "simple", ttl=ttl)


def _parameters(node: _Node) -> dict[str, Any]:
    found = _object(node.take("override_params") or {}, node.at("override_params"))
    if "stream" in found:
        raise fields.wrong(node.at("override_params.stream"), "is not taken: only the request itself says it")
    return found


def _who(node: _Node, providers: Providers) -> tuple[str, ...]:
    key, vendor = node.take("virtual_key"), node.take("provider")
    for name, written in (("virtual_key", key), ("provider", vendor)):
        if written is not None:
            return providers.chosen(fields.text(written, node.at(name)), node.at(name))
    return ()


def _choice(node: _Node, providers: Providers) -> Choice:
    """A target among several: who, and under which model's name."""
    who, parameters = _who(node, providers), _parameters(node)
    model = parameters.pop("model", None)
    for name in parameters:
        raise fields.wrong(node.at(f"override_params.{name}")[:120], "is not honoured in one of several targets")
    node.done()
    asked = fields.choice(model, node.at("override_params.model"), providers) if model is not None else Choice()
    if asked == Choice() and not who:
        raise fields.wrong(f"{_NAME} {node.path}", "names neither a provider nor a model")
    return Choice(asked.providers or who, asked.model)

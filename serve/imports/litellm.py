"""LiteLLM's proxy configuration as ours: models become routes, deployments their targets, settings what they come to.

Source: the LiteLLM proxy's reference of `config.yaml`.
"""

import re
from fnmatch import fnmatchcase
from typing import Any

from ...engine.jsonio import Address
from ...engine.yamlfile import Located
from .draft import Draft, duration, list_of, section_of, without
from .litellm_models import deployment
from .litellm_settings import cache, general, guardrails, logging

_PICKS = {
    "simple-shuffle": "weight",
    "latency-based-routing": "fastest",
    "least-busy": "",
    "usage-based-routing": "",
    "usage-based-routing-v2": "",
    "cost-based-routing": "",
}
_MODEL = re.compile(r"[!-)+-~]{1,200}")
"""What a provider can be asked for: no wildcard."""
_HARMLESS = ("telemetry", "set_verbose", "json_logs", "suppress_debug_info", "debug_level")


def from_litellm(tree: Located, data: dict[str, Any]) -> Draft:
    """Raises nothing: what cannot be read is noted."""
    draft, held = Draft(tree), dict(data)
    router, module = section_of(held.pop("router_settings", None)), section_of(held.pop("litellm_settings", None))
    _groups(draft, list_of(held.pop("model_list")), router, module)
    _spares(draft, router, module)
    _tries(draft, router, module)
    _aliases(draft, router)
    cache(draft, module, ("litellm_settings",))
    guardrails(draft, list_of(held.pop("guardrails", None)), ("guardrails",))
    logging(draft, module, ("litellm_settings",))
    general(draft, section_of(held.pop("general_settings", None)), ("general_settings",))
    for name in section_of(held.pop("environment_variables", None)):
        draft.left_out(("environment_variables", name), "set it where tidegate is started")
    for name in _HARMLESS:
        module.pop(name, None)
        router.pop(name, None)
    draft.unread(router, ("router_settings",))
    draft.unread(module, ("litellm_settings",))
    draft.unread(held, ())
    draft.rest["compat"] = "litellm"
    return draft


def _groups(draft: Draft, entries: list[Any], router: dict[str, Any], module: dict[str, Any]) -> None:
    """One route for each name of a model, exact names before those with a wildcard."""
    limit = router.pop("timeout", None) or module.get("request_timeout")
    module.pop("request_timeout", None)
    groups: dict[str, list[Any]] = {}
    for at, entry in enumerate(entries):
        path: Address = ("model_list", at)
        section = section_of(entry)
        name = str(section.pop("model_name", ""))
        made = deployment(draft, name, section, path, limit)
        if made is None:
            continue
        group = groups.setdefault(name, [])
        if without([made], group):
            group.append(made)
        else:
            draft.changed(path, "the same deployment stands here twice; once is enough")
    strategy = str(router.pop("routing_strategy", "simple-shuffle"))
    pick = _PICKS.get(strategy, "")
    if not pick:
        draft.changed(("router_settings", "routing_strategy"), "here weights choose; `pick: fastest` goes by latency")
    for name in sorted(groups, key=lambda name: ("*" in name, -len(name) if "*" in name else 0)):
        route: dict[str, Any] = {"when": {"model": name}, "to": groups[name]}
        if name == "*":
            del route["when"]
        if len(groups[name]) > 1:
            route["pick"] = pick or "weight"
        if route.get("pick") != "weight":
            route["to"] = without(groups[name], [])
        draft.routes.append(route)


def _spares(draft: Draft, router: dict[str, Any], module: dict[str, Any]) -> None:
    """Fallbacks by a model's name, of both kinds that a route knows."""
    any_failure: dict[str, list[Any]] = {}
    filtered: dict[str, list[Any]] = {}
    said: dict[str, Address] = {}
    for place, settings in (("litellm_settings", module), ("router_settings", router)):
        for key, found in (("fallbacks", any_failure), ("content_policy_fallbacks", filtered)):
            for at, pair in enumerate(list_of(settings.pop(key, None))):
                for name, models in section_of(pair).items():
                    said[name] = (place, key, at)
                    found.setdefault(name, []).extend(_led_to(draft, list_of(models), said[name]))
        spare = _led_to(draft, list_of(settings.pop("default_fallbacks", None)), (place, "default_fallbacks"))
        for route in draft.routes:
            any_failure.setdefault(_model_of(route), []).extend(spare)
        if settings.pop("context_window_fallbacks", None):
            why = "write a route with `when: {tokens: {over: ...}}` that leads to the larger model"
            draft.left_out((place, "context_window_fallbacks"), why)
    for route in draft.routes:
        first = _asked_for(route["to"], _model_of(route))
        spare = without(any_failure.pop(_model_of(route), []), first)
        other = without(filtered.pop(_model_of(route), []), first)
        by_class = dict.fromkeys(("refused", "limited", "silent"), spare) if spare else {}
        if other:
            route["fallback"] = {**by_class, "content_filter": other}
        elif spare:
            route["fallback"] = spare
    for name in said.keys() & {**any_failure, **filtered}.keys():
        draft.left_out(said[name], f'there is no model "{name[:60]}" to fall back from')


def _model_of(route: dict[str, Any]) -> str:
    return str(route.get("when", {}).get("model", "*"))


def _led_to(draft: Draft, models: list[Any], path: Address) -> list[Any]:
    """The targets of the route that serves each of some models, which are written out: whoever falls back asked for
    another."""
    found: list[Any] = []
    for model in models:
        routes = (route for route in draft.routes if fnmatchcase(str(model), _model_of(route)))
        route = next(routes, None) if _MODEL.fullmatch(str(model)) else None
        if route is None:
            draft.left_out(path, f'no deployment of "{str(model)[:60]}" was carried over')
        else:
            found += _asked_for(route["to"], str(model))
    return found


def _asked_for(targets: list[Any], model: str) -> list[Any]:
    """Targets with the model that a request for `model` asks them for."""
    written = ({"provider": each} if isinstance(each, str) else each for each in targets)
    return [{"model": model, **each} for each in written]


def _tries(draft: Draft, router: dict[str, Any], module: dict[str, Any]) -> None:
    tries = router.pop("num_retries", None)
    tries = module.pop("num_retries", None) if tries is None else tries
    module.pop("num_retries", None)
    if isinstance(tries, int) and tries > 0:
        if tries > 10:
            draft.changed(("router_settings", "num_retries"), "at most 10 are made here")
        for route in draft.routes:
            route["retries"] = {"most": min(tries, 10)}
    breaker: dict[str, Any] = {}
    fails, rest = router.pop("allowed_fails", None), router.pop("cooldown_time", None)
    if isinstance(fails, int) and 0 < fails <= 1000:
        draft.changed(("router_settings", "allowed_fails"), "here failures in a row are counted, not those of a minute")
        breaker["failures"] = fails
    if isinstance(rest, int | float) and 0 < rest <= 3600:
        breaker |= {"rest": duration(rest), "longest": duration(max(rest, 60))}
    if breaker:
        draft.rest["breaker"] = breaker


def _aliases(draft: Draft, router: dict[str, Any]) -> None:
    aliases: dict[str, str] = {}
    for alias, model in section_of(router.pop("model_group_alias", None)).items():
        name = section_of(model).get("model", model)
        path = ("router_settings", "model_group_alias", alias)
        if name == alias:
            continue  # it is served under this name as it is
        if isinstance(name, str) and any(fnmatchcase(name, _model_of(route)) for route in draft.routes):
            aliases[alias] = name
        else:
            draft.left_out(path, "it leads to a model that no route serves")
    if aliases:
        draft.rest["aliases"] = aliases

"""A Portkey config as ours: targets become providers, the strategy the routes.

Source: Portkey's gateway config reference, and its pages on conditional routing and retries.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...engine.jsonio import Address
from ...engine.yamlfile import Located
from ..compat.vendors import CLOUDFLARES, kind_of
from .draft import Draft, duration, list_of, needs_key, needs_site, same, section_of, target, without
from .names import variable_of
from .portkey_conditions import condition

_CLASSES = {429: "limited", 529: "limited", 408: "silent", **dict.fromkeys((500, 502, 503, 504), "refused")}
_ANY = ("limited", "refused", "silent")
"""The classes of failure after which a plain list of fallbacks is asked."""
_CAMEL = re.compile(r"(?<=[a-z])[A-Z]")
_HOOKS = ("input_guardrails", "output_guardrails", "before_request_hooks", "after_request_hooks")


def from_portkey(tree: Located, data: dict[str, Any]) -> Draft:
    """Raises nothing: what cannot be read is noted."""
    places = {
        tuple(_word(step) if isinstance(step, str) else step for step in path): place
        for path, place in tree.places.items()
    }
    draft = Draft(replace(tree, places=places | tree.places))  # notes name keys in the one manner
    top = snake(data)
    common = _common(draft, top, ())
    strategy = snake(section_of(top.pop("strategy", None)))
    if "targets" not in top:
        made = _target(draft, top, ())
        if made is not None:
            draft.routes.append({"to": [made]})
    else:
        _by_strategy(draft, strategy, top)
    for route in draft.routes:
        route |= {name: value for name, value in common.items() if name not in route}
    draft.unread(top, ())
    draft.rest["compat"] = "portkey"
    return draft


def _by_strategy(draft: Draft, strategy: dict[str, Any], top: dict[str, Any]) -> None:
    targets = [snake(section_of(each)) for each in list_of(top.pop("targets"))]
    if strategy.get("mode") == "conditional":
        _conditional(draft, strategy, targets)
    elif route := _laid_out(draft, strategy, targets, ()):
        draft.routes.append(route)


def _conditional(draft: Draft, strategy: dict[str, Any], targets: list[dict[str, Any]]) -> None:
    """One route for each condition, then the default."""
    named = {str(each.get("name", at)): (at, each) for at, each in enumerate(targets)}
    for name in ("mode", "on_status_codes"):
        strategy.pop(name, None)
    for index, entry in enumerate(list_of(strategy.pop("conditions", None))):
        path: Address = ("strategy", "conditions", index)
        section = section_of(entry)
        when = condition(draft, section_of(section.get("query")), (*path, "query"))
        if when is None:
            continue
        _lead(draft, named, str(section.get("then", "")), (*path, "then"), when)
    if "default" in strategy:
        _lead(draft, named, str(strategy.pop("default")), ("strategy", "default"), None)
    draft.unread(strategy, ("strategy",))


def _lead(draft: Draft, named: dict[str, Any], name: str, path: Address, when: dict[str, Any] | None) -> None:
    if name not in named:
        draft.left_out(path, "there is no target of this name")
        return
    at, section = named[name]
    route = _group(draft, dict(section), ("targets", at))
    if route:
        draft.routes.append({**({"when": when} if when else {}), **route})


def _group(draft: Draft, section: dict[str, Any], path: Address) -> dict[str, Any]:
    """A target, or a group of targets, as a route; empty when nothing of it was carried over."""
    if "targets" not in section:
        made = _target(draft, section, path)
        return {"to": [made]} if made is not None else {}
    strategy = snake(section_of(section.pop("strategy", None)))
    inner = [snake(section_of(each)) for each in list_of(section.pop("targets"))]
    for name in ("name", "weight"):
        section.pop(name, None)
    draft.unread(section, path)
    return _laid_out(draft, strategy, inner, path)


def _laid_out(draft: Draft, strategy: dict[str, Any], targets: list[dict[str, Any]], path: Address) -> dict[str, Any]:
    """What a strategy makes of its targets, as a route; empty when nothing of it was carried over. `path` is that of
    the group that has the strategy."""
    mode, codes = strategy.pop("mode", "single"), strategy.pop("on_status_codes", None)
    places = [(each, (*path, "targets", at)) for at, each in enumerate(targets[: 1 if mode == "single" else None])]
    route: dict[str, Any] = {}
    if mode in ("fallback", "single"):
        groups = [group for each, place in places if (group := _group(draft, each, place))]
        if groups:
            route = _falling(draft, groups, codes, (*path, "strategy"))
    elif mode == "loadbalance":
        route = _balanced([made for each, place in places if (made := _weighed(draft, each, place)) is not None])
    else:
        draft.left_out((*path, "strategy", "mode"), "routes here are single, fallbacks, weights or conditions")
    draft.unread(strategy, (*path, "strategy"))
    return route


def _weighed(draft: Draft, section: dict[str, Any], path: Address) -> Any:
    """One of those that share the requests; None when it is not carried over."""
    if "targets" not in section:
        return _target(draft, section, path)
    draft.left_out(path, "only single targets have weights here, and no group of them")
    return None


def _balanced(targets: list[Any]) -> dict[str, Any]:
    if len(summed := _summed(targets)) > 1:
        return {"to": summed, "pick": "weight"}
    return {"to": without(targets, [])} if targets else {}


def _summed(targets: list[Any]) -> list[Any]:
    """Each target once, with the weights of all its equals; one without a weight weighs 1."""
    found: list[Any] = []
    for each in targets:
        alike = [section_of(other) for other in targets if same(each, other)]
        if len(alike) == 1:
            found.append(each)
        elif not any(same(each, other) for other in found):
            weight = sum(float(other.get("weight", 1)) for other in alike)
            found.append({**(section_of(each) or {"provider": each}), "weight": weight})
    return found


def _falling(draft: Draft, groups: list[dict[str, Any]], codes: object, path: Address) -> dict[str, Any]:
    """The first group with its own fallbacks, and after these the targets of all others, with theirs."""
    first, *others = groups
    route = {name: value for name, value in first.items() if name != "fallback"}
    classes: Sequence[str] = _ANY if others else ()
    if others and codes is not None:
        classes = _classes(draft, codes, (*path, "on_status_codes"), "leads nowhere")
    after = [each for group in others for each in _in_order(draft, group, path)] if classes else []
    own = _by_class(first)
    lists = {
        name: spare
        for name in _ANY
        if (spare := without([*own.get(name, ()), *(after if name in classes else ())], first["to"]))
    }
    if after and codes is None:
        draft.changed(path, "here a failure leads on, and an answer such as 400 or 401 does not")
    if not lists:
        return route
    alike = len(lists) == len(_ANY) and all(spare == lists[_ANY[0]] for spare in lists.values())
    return {**route, "fallback": lists[_ANY[0]] if alike else lists}


def _by_class(route: dict[str, Any]) -> Mapping[str, list[Any]]:
    """A route's fallbacks, for each class of failure that has any."""
    fallback = route.get("fallback", {})
    return section_of(fallback) or dict.fromkeys(_ANY, list_of(fallback or None))


def _in_order(draft: Draft, group: dict[str, Any], path: Address) -> list[Any]:
    """All targets of a group that others are asked before: fallbacks here have an order, and nothing else."""
    if "pick" in group:
        draft.changed(path, "targets that share requests are asked in their order where they are fallbacks")
    if isinstance(group.get("fallback"), dict):
        draft.changed(path, "where a group is a fallback, its own fallbacks are asked after any failure")
    return without([each for targets in (group["to"], *_by_class(group).values()) for each in targets], [])


def _classes(draft: Draft, codes: object, path: Address, instead: str) -> list[str]:
    """The classes of failure that some status codes stand for."""
    found: set[str] = set()
    for code in list_of(codes):
        if isinstance(code, int) and code in _CLASSES:
            found.add(_CLASSES[code])
        else:
            draft.left_out(path, f"{str(code)[:8]} is an answer here, and {instead}")
    return sorted(found)


def _target(draft: Draft, section: dict[str, Any], path: Address) -> Any:
    """A provider, perhaps under a model's name and with a weight; None when there is no provider of that kind."""
    key, vendor = str(section.pop("virtual_key", "")), str(section.pop("provider", ""))
    slug = vendor.removeprefix("@") if vendor.startswith("@") else key
    known = kind_of(vendor.removeprefix("@"))
    kind = known or kind_of(re.split(r"[-_]", slug)[0])
    weight, parameters = section.pop("weight", None), section_of(section.pop("override_params", None))
    model = str(parameters.pop("model", ""))
    draft.unread(parameters, (*path, "override_params"), "parameters are the caller's here")
    section.pop("name", None)
    if not kind:
        draft.left_out(path, f'there is no kind of provider for "{(slug or vendor)[:40]}": write it under providers')
        return None
    if not known:
        draft.changed(path, f"kind: {kind} is a guess from the name; the stored key and host have to be written")
    made: dict[str, Any] = {"kind": kind}
    if not _where(draft, made, kind, section, path):
        return None
    key = section.pop("api_key", None)
    if key is not None or (needs_key(kind) and kind != "bedrock"):
        made["api_key"] = draft.key(made, key, (*path, "api_key"), variable_of(slug or kind))
    if isinstance(limit := section.pop("request_timeout", None), int | float) and limit > 0:
        made["timeouts"] = dict.fromkeys(("first_byte", "total"), duration(limit / 1000))
    if path:
        draft.unread(section, path, "here it is said for a whole route, or for all")
    kept = float(weight) if isinstance(weight, int | float) and weight > 0 else None
    if weight == 0:
        draft.left_out((*path, "weight"), "a target that weighs nothing is left out")
        return None
    if model.startswith("@") and not model.startswith(CLOUDFLARES):
        model = model.partition("/")[2]
    return target(draft.provider(slug or kind, made), model, kept)


def _where(draft: Draft, made: dict[str, Any], kind: str, section: dict[str, Any], path: Address) -> bool:
    """Write the address. False when one is needed that is not there."""
    if host := section.pop("custom_host", None):
        base = str(host).rstrip("/")
        # Portkey puts the version behind an address of Ollama's; behind all others only the endpoint.
        draft.host(made, base + "/v1" if kind == "ollama" and not base.endswith("/v1") else base)
    if kind == "azure":
        name = section.pop("azure_resource_name", None)
        made["endpoint"] = made.pop("base_url", None) or (
            f"https://{name}.openai.azure.com" if name else "${AZURE_ENDPOINT}"
        )
        for key in ("azure_deployment_id", "azure_api_version", "azure_model_name"):
            if key in section:
                draft.left_out((*path, key), "the v1 API is used, where the model is the deployment's name")
                del section[key]
    if kind == "bedrock":
        made["region"] = str(section.pop("aws_region", "us-east-1"))
        for key in ("aws_access_key_id", "aws_secret_access_key", "aws_session_token"):
            if section.pop(key, None) is not None:
                draft.left_out((*path, key), "credentials are found as AWS's own tools find them")
    if needs_site(kind) and "base_url" not in made:
        draft.left_out(path, f"{kind} needs an address of yours: write it under providers as `site` or `base_url`")
        return False
    return True


def _common(draft: Draft, top: dict[str, Any], path: Address) -> dict[str, Any]:
    """What holds for all routes; the cache's part goes to the draft."""
    common: dict[str, Any] = {}
    retry = snake(section_of(top.pop("retry", None)))
    if isinstance(tries := retry.pop("attempts", None), int) and tries > 0:
        codes = retry.pop("on_status_codes", None)
        classes = _classes(draft, codes, ("retry", "on_status_codes"), "nothing is asked again")
        common["retries"] = {"most": min(tries, 10), **({"on": classes} if classes else {})}
    retry.pop("use_retry_after_header", None)
    draft.unread(retry, ("retry",))
    cache = top.pop("cache", None)
    if cache is not None:
        _cache(draft, {"mode": cache} if isinstance(cache, str) else snake(section_of(cache)))
    limit = top.pop("request_timeout", None) if "targets" in top else None
    if isinstance(limit, int | float) and limit > 0:
        draft.changed(("request_timeout",), "here it bounds all tries of a request together")
        common["deadline"] = duration(limit / 1000)
    for hook in _HOOKS:
        if hook in top:
            draft.left_out((hook,), "rules are written in rule files, and run for every request: see docs/rules.md")
            del top[hook]
    return common


def _cache(draft: Draft, cache: dict[str, Any]) -> None:
    mode = cache.pop("mode", None)
    if mode not in ("simple", "semantic"):
        draft.left_out(("cache", "mode"), "it is neither simple nor semantic")
        return
    section: dict[str, Any] = {"mode": "exact" if mode == "simple" else "semantic"}
    if isinstance(age := cache.pop("max_age", None), int | float) and age > 0:
        section["ttl"] = duration(age)
    draft.unread(cache, ("cache",))
    draft.rest["cache"] = section


def snake(section: dict[str, Any]) -> dict[str, Any]:
    """Keys are written in either manner."""
    return {_word(name): value for name, value in section.items()}


def _word(name: str) -> str:
    return _CAMEL.sub(lambda m: "_" + m[0].lower(), name)

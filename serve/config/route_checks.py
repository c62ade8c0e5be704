"""What is wrong with routes that each look right: names of nobody, ways to nowhere, settings that would do nothing."""

from collections.abc import Iterator, Sequence

from ...engine.jsonio import Address
from ...engine.yamlfile import Located, nearest
from ...models.conditions import ALWAYS, When, covers
from ..compat import PREFIXES
from . import routes as config_routes

CREDENTIALS = frozenset({"authorization", "x-api-key", "api-key", "x-goog-api-key", "proxy-authorization", "cookie"})
"""Headers that the gate takes off a request, or that are nobody's business to route by."""


def taken_off(header: str, compat: Sequence[str]) -> str:
    """Why a request header tells nothing behind the gate's door; empty: it does. `compat` are the gateways whose
    clients' headers are read there."""
    name = header.lower()
    if name in CREDENTIALS:
        return "credentials are taken off first"
    prefix = next((PREFIXES[each] for each in compat if name.startswith(PREFIXES[each])), "")
    return f"with compat, headers that begin with {prefix} are taken off first" if prefix else ""


def check_routes(
    routes: Sequence[config_routes.Route], providers: Sequence[str], compat: Sequence[str], tree: Located
) -> None:
    """Raises ConfigError, with the line, for the first thing that cannot work."""
    for index, route in enumerate(routes):
        at: Address = ("routes", index)
        if route.name and any(route.name == other.name for other in routes[:index]):
            raise tree.error(f'there are two routes named "{route.name}"', (*at, "name"))
        _check_names(route, at, providers, tree)
        _check_reached(routes, index, tree)
        _check_when(route.when, (*at, "when"), route.passthrough, compat, tree)
        _check_pick(route, at, compat, tree)
        _check_twice(route, at, tree)


def _check_names(route: config_routes.Route, at: Address, providers: Sequence[str], tree: Located) -> None:
    for place, target in _named(route):
        if target.provider not in providers:
            hint = nearest(target.provider, providers) or f"known: {', '.join(providers) or 'none'}"
            raise tree.error(f'there is no provider "{target.provider}"', (*at, *place), hint=hint)


def _check_reached(routes: Sequence[config_routes.Route], index: int, tree: Located) -> None:
    later = _compiled(routes[index])
    for before in range(index):
        if covers(earlier := _compiled(routes[before]), later):
            which = "the one before" if before == index - 1 else f"the one on line {tree.line_of(('routes', before))}"
            takes = "every model" if earlier == ALWAYS else "all that it would take"
            raise tree.error("this route is never reached", ("routes", index), hint=f"{which} takes {takes}")


def _compiled(route: config_routes.Route) -> When:
    return route.when.compiled() if route.when else ALWAYS


def _check_when(
    when: config_routes.When | None, at: Address, passthrough: bool, compat: Sequence[str], tree: Located
) -> None:
    if when is None:
        return
    if when.compiled() == ALWAYS:
        raise tree.error("these conditions say nothing", at, hint="leave them out, or name one")
    for name in when.header:
        if why := taken_off(name, compat):
            raise tree.error(f"no route sees {name.lower()}: {why}", (*at, "header", name))
    for key in ("tokens", "stream", "dialect"):
        if passthrough and getattr(when, key) is not None:
            why = f"a route with passthrough cannot ask for {key}: a path that no dialect reads has none"
            raise tree.error(why, (*at, key), hint="make two routes of it")
    for place, each in enumerate(when.any or []):
        _check_when(each, (*at, "any", place), passthrough, compat, tree)
    _check_when(when.unless, (*at, "not"), passthrough, compat, tree)


def _check_pick(route: config_routes.Route, at: Address, compat: Sequence[str], tree: Located) -> None:
    """Settings that would do nothing."""
    if isinstance(route.fallback, config_routes.Fallback) and not route.fallback.lists():
        raise tree.error(
            "this fallback says nothing", (*at, "fallback"), hint="refused, limited, silent, content_filter"
        )
    if route.pick == "sticky" and route.sticky is None:
        hint = "sticky: caller, metadata.NAME or header.NAME"
        raise tree.error("pick: sticky does not say by what", (*at, "pick"), hint=hint)
    retries = route.retries
    if retries and "wait" in retries.model_fields_set and retries.wait > retries.longest:
        raise tree.error("the longest pause is shorter than the first", (*at, "retries"), hint="raise longest")
    if route.sticky is not None and route.pick != "sticky":
        raise tree.error("`sticky` does nothing here", (*at, "sticky"), hint="add pick: sticky")
    kind, _, name = (route.sticky or "").partition(".")
    if kind == "header" and (why := taken_off(name, compat)):
        raise tree.error(why, (*at, "sticky"), hint="sticky: caller")
    if route.pick != "order" and len(route.to) < 2:
        raise tree.error(f"pick: {route.pick} needs at least two providers under `to`", (*at, "pick"))
    for place, target in _named(route):
        weighed = place[0] == "to" and route.pick in ("weight", "sticky")
        if "weight" in target.model_fields_set and not weighed:
            hint = "add pick: weight or pick: sticky" if place[0] == "to" else "only those of `to` are weighed"
            raise tree.error("this weight does nothing", (*at, *place, "weight"), hint=hint)


def _check_twice(route: config_routes.Route, at: Address, tree: Located) -> None:
    """Nobody is asked twice on one way: it would lead in a circle."""
    for way in route.ways():
        seen: dict[tuple[str, str | None], Address] = {}
        for place, target in way:
            known = seen.setdefault((target.provider, target.model), place)
            if known != place:
                hint = f"it stands under `{known[0]}` on line {tree.line_of((*at, *known))} already"
                raise tree.error(f'the route leads back to "{target.provider}"', (*at, *place), hint=hint)
    if route.mirror:
        mirrored = config_routes.target_of(route.mirror.to)
        answering = ((each.provider, each.model) for each in map(config_routes.target_of, route.to))
        if (mirrored.provider, mirrored.model) in answering:
            hint = "mirror to another provider or model"
            raise tree.error("the mirror is one of those that answer", (*at, "mirror", "to"), hint=hint)


def _named(route: config_routes.Route) -> Iterator[tuple[Address, config_routes.Target]]:
    """Every target that a route names, with its place."""
    yield from {place: target for way in route.ways() for place, target in way}.items()
    if route.mirror:
        yield ("mirror", "to"), config_routes.target_of(route.mirror.to)

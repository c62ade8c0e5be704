"""Reading what callers wrote: each function returns a checked value, or raises BadRequest that names the field."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from ...cache.key import NAMESPACE_HEADER
from ...engine import jsonio
from ...engine.errors import BadRequest
from ...engine.exchange import METADATA, Exchange
from ...engine.handler import MODEL
from ...engine.steering import Choice, Steering
from .vendors import CLOUDFLARES, Providers

RETRIES = 5
"""Further tries that a caller may ask for: with CHOICES they bound what one request can set off."""
SECONDS = 3600.0
CHOICES = 8
_MODEL = re.compile(r"(?:@(?:cf|hf)/)?[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}")
_CLASSES = {429: "limited", 529: "limited", 408: "silent", **dict.fromkeys((500, 502, 503, 504), "refused")}


def wrong(field: str, why: str) -> BadRequest:
    """The error for a field. `why` continues its name: `must be a number`."""
    return BadRequest(f"{field} {why}.", param=field)


def number(value: object, field: str, most: float = math.inf) -> float:
    """A number from 0 on, also as text."""
    try:
        read = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else -1.0
    except (ValueError, OverflowError):
        read = -1.0
    if not 0 <= read <= most or math.isinf(read):
        raise wrong(field, "must be a number from 0" + (f" to {most:g}" if math.isfinite(most) else " on"))
    return read


def count(value: object, field: str, most: int = RETRIES) -> int:
    """A whole number from 0 to `most`, also as text."""
    read = number(value, field, most)
    if read != int(read):
        raise wrong(field, "must be a whole number")
    return int(read)


def seconds(value: object, field: str, unit: float = 1.0) -> float:
    """A time limit that is written in units of `unit` seconds."""
    read = number(value, field) * unit
    if not 0 < read <= SECONDS:
        raise wrong(field, f"must be more than 0 and at most {SECONDS / unit:g}")
    return read


def flag(value: object, field: str) -> bool:
    """true or false, also as text."""
    known = {"true": True, "false": False}
    read = known.get(value.lower()) if isinstance(value, str) else value
    if not isinstance(read, bool):
        raise wrong(field, "must be true or false")
    return read


def text(value: object, field: str, most: int = 256) -> str:
    """Text that is not empty, in one line."""
    if not isinstance(value, str) or not 0 < len(value) <= most or not value.isprintable():
        raise wrong(field, f"must be a text of at most {most} characters")
    return value


def mapping(value: object, field: str, deep: int = 8) -> dict[str, Any]:
    """A JSON object of at most `deep` levels, also as the text of one."""
    if isinstance(value, str):
        try:
            value = jsonio.loads(value)
        except ValueError:
            value = None
    if not isinstance(value, dict):
        raise wrong(field, "must be a JSON object")
    if jsonio.depth_over(cast("dict[str, Any]", value), deep):
        raise wrong(field, f"is nested more than {deep} levels deep")
    return cast("dict[str, Any]", value)


def items(value: object, field: str, most: int = CHOICES) -> list[Any]:
    """A list that is not empty."""
    if not isinstance(value, list) or not 0 < len(cast("list[Any]", value)) <= most:
        raise wrong(field, f"must be a list of 1 to {most}")
    return cast("list[Any]", value)


def classes(value: object, field: str) -> frozenset[str]:
    """Status codes as the classes of failure that they belong to."""
    codes = items(value, field, 32)
    for code in codes:
        if not isinstance(code, int) or code not in _CLASSES:
            raise wrong(field, f"may hold {', '.join(map(str, sorted(_CLASSES)))}: other answers are the caller's own")
    return frozenset(_CLASSES[code] for code in codes)


def model(value: object, field: str) -> str:
    """A model's name."""
    if not isinstance(value, str) or not _MODEL.fullmatch(value):
        raise wrong(field, "must be the name of a model")
    return value


def shown(provider: str, name: str) -> str:
    """`provider/model` for a header, where a name that callers chose must not end the line."""
    return f"{provider}/{name}" if provider and _MODEL.fullmatch(name) else provider


def choice(value: object, field: str, providers: Providers) -> Choice:
    """`provider/model` where the first part is a provider of ours, else a model's name by itself."""
    head, slash, tail = (whole := text(value, field)).partition("/")
    found = providers.find(head) if slash else ()
    if whole.startswith(CLOUDFLARES) and all(providers.kinds[name] == "cloudflare" for name in found):
        return Choice(found, model(whole, field))
    if found:
        return Choice(found, model(tail, field))
    if head.startswith("@"):
        providers.chosen(head, field)
    return Choice(model=model(value, field))


Spare = Callable[[object, str], Choice]
"""Reads one of the body's `fallbacks`, given the name of its place."""


def named(value: object, field: str) -> Choice:
    """A spare by its model's name alone."""
    return Choice(model=model(value, field))


def fallbacks(exchange: Exchange, spare: Spare) -> list[Choice]:
    """Take `fallbacks` out of the body; several gateways have a field of that name. Anthropic's own stays."""
    held = exchange.body.get("fallbacks")
    if exchange.dialect.name == "anthropic.messages" and _anthropics(held):
        return []
    exchange.body.pop("fallbacks", None)
    if held is None or held == []:
        return []
    return [spare(each, f"fallbacks.{at}") for at, each in enumerate(items(held, "fallbacks"))]


def _anthropics(held: Any) -> bool:
    """Whether it is what Anthropic takes: `default`, or models with what is asked of each, at no other provider."""
    each = cast("list[Any]", held) if isinstance(held, list) else []
    return held == "default" or (
        bool(each) and all(isinstance(one, dict) and "model" in one and "provider" not in one for one in each)
    )


# Onto the exchange


def prefer(exchange: Exchange, name: str, value: str) -> None:
    """Set a header of ours, unless the caller sent that one."""
    exchange.headers.setdefault(name, value)


def add_cache_control(exchange: Exchange, *directives: str) -> None:
    """Add directives to the request's Cache-Control."""
    given = exchange.headers.get("cache-control")
    line = ", ".join([*([given] if given else []), *directives])
    if line:
        exchange.headers["cache-control"] = line


def add_metadata(exchange: Exchange, found: Mapping[str, Any]) -> None:
    """Add to the request's metadata; what stands in our own header wins. Raises BadRequest when that is none."""
    if found:
        own = mapping(exchange.headers.get(METADATA, "{}"), METADATA)
        exchange.headers[METADATA] = jsonio.dumps({**found, **own}).decode()


def ask_for(exchange: Exchange, name: str) -> None:
    """Put another model in place of the one asked for."""
    in_path = MODEL in exchange.dialect.path
    if in_path and "/" in name:
        raise wrong("model", "must be a name without a slash for this endpoint")
    exchange.model = name
    if "model" in exchange.body:
        exchange.body["model"] = name
    if in_path:
        exchange.path = exchange.dialect.path.replace(MODEL, name)


def steer(exchange: Exchange, steering: Steering) -> None:
    """Ask for a way. What another gateway's client has said of it already stands; the rest is added."""
    if steering != Steering():
        exchange.steering = _joined(exchange.steering or Steering(), steering)


def chosen(exchange: Exchange) -> bool:
    """Whether somebody has said which provider is asked first."""
    return exchange.steering is not None and any(each.providers for each in exchange.steering.choices[:1])


def keep_apart(exchange: Exchange) -> None:
    """Answers of one way are not shared with requests that ask for another."""
    if exchange.steering is not None and exchange.steering.choices:
        ways = [[*choice.providers, choice.model] for choice in exchange.steering.choices]
        namespace = exchange.headers.get(NAMESPACE_HEADER, "")
        exchange.headers[NAMESPACE_HEADER] = jsonio.dumps([namespace, ways]).decode()


def _joined(said: Steering, more: Steering) -> Steering:
    choices = said.choices or more.choices
    if said.choices and more.choices:
        (first, *spare), (other, *others) = said.choices, more.choices
        choices = (Choice(first.providers or other.providers, first.model or other.model), *(spare or others))
    led = said if len(said.choices) > 1 else more
    tried = said if said.retries is not None else more
    seconds = more.seconds if said.seconds is None else said.seconds
    return Steering(choices, led.then_on, tried.retries, tried.retry_on, seconds)

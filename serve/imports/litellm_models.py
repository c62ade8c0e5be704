"""One entry of LiteLLM's `model_list`: who is asked, under which model's name, and what is known of it."""

import re
from functools import partial
from typing import Any

from ...engine.jsonio import Address
from ..compat.vendors import kind_of
from .draft import Draft, duration, needs_key, needs_site, reference, section_of, target
from .litellm_hosts import ALIKE, NATIVE, azure, base_url, unsure
from .names import LITELLMS, variable_of

_FAMILIES = (("gpt-", "openai"), ("o1", "openai"), ("o3", "openai"), ("o4", "openai"), ("claude-", "anthropic"))
"""Models that need no vendor before their names."""
_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(-preview)?")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}")


def deployment(draft: Draft, name: str, entry: dict[str, Any], path: Address, limit: object) -> Any:
    """The target that an entry comes to, its provider noted in the draft; None when there is none."""
    params, at = section_of(entry.pop("litellm_params", None)), (*path, "litellm_params")
    info = section_of(entry.pop("model_info", None))
    draft.unread(entry, path)
    vendor, model = _split(str(params.pop("model", "")), params)
    kind = kind_of(vendor)
    if not kind:
        nobody = "the model names no vendor, as openai/... does"
        if model == "*":
            nobody += "; a last route without `when` sends what is left to one provider"
        draft.left_out(path, f'there is no kind of provider for "{vendor[:40]}"' if vendor else nobody)
        return None
    if "*" in model and name != "*":
        draft.left_out(path, "a name with a wildcard is not rewritten here: list the models, or use model_name: '*'")
        return None
    section: dict[str, Any] = {"kind": kind}
    model = _where(draft, section, kind, model, params, at)
    if not model:
        return None
    if kind != "bedrock":
        _key(draft, section, kind, params, at)
    _limits(draft, section, params, at, limit)
    weight = _weight(params)
    for ignored in ("mock_response", "input_cost_per_token", "output_cost_per_token", "drop_params"):
        if ignored in params:
            draft.left_out((*at, ignored), "there is nothing like it here for one deployment")
            del params[ignored]
    if params.pop("tags", None):
        draft.left_out((*at, "tags"), "write a route with `when: {metadata: {tags: ...}}` that leads there")
    draft.unread(params, at, "parameters are the caller's here, and are not set for one deployment")
    _info(draft, name, model, info, (*path, "model_info"))
    same = model == name or "*" in model
    return target(draft.provider(kind, section), "" if same else model, weight)


def _split(written: str, params: dict[str, Any]) -> tuple[str, str]:
    """Vendor and model."""
    given = params.pop("custom_llm_provider", None)
    vendor, slash, model = written.partition("/")
    if given:
        return str(given), model if slash and vendor == given else written
    placed = params.get("api_base") or params.get("base_url")
    if slash and (kind_of(vendor) or vendor in NATIVE or not placed):
        return vendor, model
    if slash and vendor in ALIKE:
        return "openai", model
    if placed:
        return "openai", written
    return next((family for begin, family in _FAMILIES if written.startswith(begin)), ""), written


def _where(draft: Draft, section: dict[str, Any], kind: str, model: str, params: dict[str, Any], at: Address) -> str:
    """Write the address, and return the model as the provider calls it; empty when the deployment is left out."""
    said = "api_base" if params.get("api_base") else "base_url"
    given = params.pop("api_base", None) or params.pop("base_url", None)
    params.pop("base_url", None)
    written = reference(given) if given else ""
    if kind == "azure":
        return _azure(draft, section, written, model, params, at)
    if kind == "bedrock":
        return _bedrock(draft, section, model, params, at)
    base = base_url(kind, written) if written else ""
    if needs_site(kind) and not base:
        draft.left_out(at, f"{kind} needs an address of yours: write it under providers as `site` or `base_url`")
        return ""
    if base:
        draft.host(section, base)
        if unsure(kind, written):
            draft.changed((*at, said), f"/v1 is put behind {written}: take it out where the variable has it")
    return model


def _azure(draft: Draft, section: dict[str, Any], written: str, model: str, params: dict[str, Any], at: Address) -> str:
    endpoint, deployment, version = azure(written)
    section["endpoint"] = endpoint or "${AZURE_API_BASE}"
    version = reference(params.pop("api_version", None) or version)
    if _VERSION.fullmatch(version):
        section["api_version"] = version
    elif version:
        draft.changed((*at, "api_version"), "it is no date: the v1 API is used")
    if not (deployment or model):
        draft.left_out((*at, "model"), "it names no deployment")
    return deployment or model


def _bedrock(draft: Draft, section: dict[str, Any], model: str, params: dict[str, Any], at: Address) -> str:
    model = model.removeprefix("converse/").removeprefix("invoke/")
    region = str(params.pop("aws_region_name", ""))
    if "anthropic." not in model:
        draft.left_out(at, "of Bedrock's models Anthropic's are served; for others there is kind: bedrock-openai")
        return ""
    if not _REGION.fullmatch(region):
        draft.changed(at, "no region is written out: us-east-1 is assumed")
        region = "us-east-1"
    section["region"] = region
    names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    given = {name.removeprefix("aws_"): params.pop(name) for name in names if name in params}
    if {"access_key_id", "secret_access_key"} <= given.keys():
        section["aws"] = {
            name: draft.secret(value, (*at, f"aws_{name}"), partial(draft.names.of, f"AWS_{name.upper()}"))
            for name, value in given.items()
        }
    elif profile := params.pop("aws_profile_name", None):
        section["profile"] = reference(profile)
    return model


def _key(draft: Draft, section: dict[str, Any], kind: str, params: dict[str, Any], at: Address) -> None:
    if needs_key(kind):
        variable = LITELLMS.get(kind, variable_of(kind))
        section["api_key"] = draft.key(section, params.pop("api_key", None), (*at, "api_key"), variable)
    elif reference(given := params.pop("api_key", "")).startswith("${"):
        section["api_key"] = reference(given)
    elif given:
        draft.changed((*at, "api_key"), f"{kind} asks for none, so that it is left out")


def _limits(draft: Draft, section: dict[str, Any], params: dict[str, Any], at: Address, limit: object) -> None:
    own = params.pop("timeout", None)
    seconds = limit if own is None else own
    if isinstance(seconds, int | float) and seconds > 0:
        section["timeouts"] = dict.fromkeys(("first_byte", "total"), duration(seconds))
    elif seconds is not None:
        draft.left_out((*at, "timeout"), "it is no number of seconds")


def _weight(params: dict[str, Any]) -> float | None:
    """LiteLLM shuffles by weight, or else by the requests or tokens that a deployment may take in a minute."""
    found = [params.pop(name, None) for name in ("weight", "rpm", "tpm")]
    weight = next((each for each in found if isinstance(each, int | float) and each > 0), None)
    return None if weight is None else min(max(weight, 0.001), 1e6)


def _info(draft: Draft, name: str, model: str, info: dict[str, Any], path: Address) -> None:
    """Prices and context windows; ours are by the million tokens.

    What an answer costs goes by the model that the provider is asked for; lists show windows by the name that callers
    ask for.
    """
    prices = {
        way: price for way in ("input", "output") if (price := info.pop(f"{way}_cost_per_token", None)) is not None
    }
    if len(prices) == 2 and all(isinstance(price, int | float) and price >= 0 for price in prices.values()):
        _prices(draft, model, {way: round(price * 1e6, 6) for way, price in prices.items()}, path)
    else:
        for way in prices:
            draft.left_out((*path, f"{way}_cost_per_token"), "a model has both prices here, which are numbers")
    context = info.pop("max_input_tokens", None)
    if isinstance(context, int) and context > 0 and _NAME.fullmatch(name):
        _known(draft, name).setdefault("context", context)
    for harmless in ("id", "mode", "base_model", "max_tokens", "max_output_tokens", "description", "db_model"):
        info.pop(harmless, None)
    for capability in [each for each in info if each.startswith("supports_")]:
        del info[capability]
    draft.unread(info, path)


def _prices(draft: Draft, model: str, prices: dict[str, float], path: Address) -> None:
    if not _NAME.fullmatch(model):
        draft.left_out(path, "prices are for one model here, and for no wildcard")
        return
    known = _known(draft, model)
    if known.keys() & prices.keys() and known != {**known, **prices}:
        draft.changed(path, f'a model has one price here: "{model[:60]}" keeps that of the deployment before this one')
    else:
        known |= prices


def _known(draft: Draft, name: str) -> dict[str, Any]:
    """The draft's section on a model."""
    models: dict[str, dict[str, Any]] = draft.rest.setdefault("models", {})
    return models.setdefault(name, {})

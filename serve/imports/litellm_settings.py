"""LiteLLM's cache, guardrails, callbacks and general settings, as far as there is something like them here."""

from functools import partial
from typing import Any

from ...engine.jsonio import Address
from .draft import Draft, duration, list_of, reference, section_of

_RULES = {
    "presidio": "pack:pii",
    "hide-secrets": "pack:secrets",
    "detect_prompt_injection": "pack:injection",
    "lakera": "pack:injection",
    "lakera_v2": "pack:injection",
    "prompt_injection": "pack:injection",
}
"""Our own rules of the same purpose; what they find and do is not the same."""


def cache(draft: Draft, module: dict[str, Any], at: Address) -> None:
    """`cache` and `cache_params`."""
    on, params = module.pop("cache", None), section_of(module.pop("cache_params", None))
    path = (*at, "cache_params")
    if on is not True:
        return
    if params.pop("mode", None) == "default_off":
        draft.left_out((*path, "mode"), "here memory answers whoever does not object, so that it stays off")
        return
    kind = str(params.pop("type", "local" if not params else "redis"))
    section: dict[str, Any] = {"mode": "semantic" if kind.endswith("-semantic") else "exact"}
    if kind.startswith("redis"):
        section["store"] = _redis(draft, params, path)
    elif kind == "disk":
        section["store"] = "sqlite:.tidegate/cache.db"
    elif kind != "local":
        draft.changed((*path, "type"), "answers are kept in memory: here a store is memory, a file or Redis")
    if section["mode"] == "semantic":
        draft.changed((*path, "type"), "an encoder and a verifier of this gate's own judge what is the same question")
        for name in [name for name in params if name.endswith("embedding_model") or "similarity" in name]:
            draft.left_out((*path, name), "the bound here is max_wrong_hits, a share of wrong answers")
            del params[name]
    if isinstance(ttl := params.pop("ttl", None), int | float) and ttl > 0:
        section["ttl"] = duration(ttl)
    draft.changed((*at, "cache"), "answers are shared by callers with one credential; `share: all` shares them by all")
    draft.unread(params, path)
    draft.rest["cache"] = section


def _redis(draft: Draft, params: dict[str, Any], path: Address) -> str:
    if url := params.pop("url", None) or params.pop("redis_url", None):
        return draft.secret(url, (*path, "url"), partial(draft.names.of, "REDIS_URL"))
    host, port = reference(params.pop("host", "${REDIS_HOST}")), reference(params.pop("port", "6379"))
    password = params.pop("password", None)
    named = partial(draft.names.of, "REDIS_PASSWORD")
    if password is not None:
        draft.changed(
            (*path, "password"), "it is part of a URL here: signs such as / ? # @ % in it are percent-encoded"
        )
    login = f":{draft.secret(password, (*path, 'password'), named)}@" if password is not None else ""
    scheme = "rediss" if params.pop("ssl", False) is True else "redis"
    return f"{scheme}://{login}{host}:{port}/0"


def guardrails(draft: Draft, entries: list[Any], at: Address) -> None:
    """Guardrails by their kind."""
    files: list[str] = []
    for index, entry in enumerate(entries):
        params = section_of(section_of(entry).get("litellm_params"))
        _rules(draft, str(params.get("guardrail", "")), (*at, index), files)
    if files:
        draft.rest["guardrails"] = {"files": files}


def _rules(draft: Draft, kind: str, path: Address, files: list[str]) -> None:
    pack = _RULES.get(kind)
    if pack is None:
        draft.left_out(path, "there is no rule file for it: see docs/rules.md for what rules can find")
        return
    draft.changed(
        path, f"{pack} has the same purpose, and runs for every request; see what it finds with tidegate scan"
    )
    if pack not in files:
        files.append(pack)


def logging(draft: Draft, module: dict[str, Any], at: Address) -> None:
    """Callbacks: metrics are there always, other receivers are not, and a few callbacks are guardrails."""
    for key in ("success_callback", "failure_callback", "callbacks", "service_callbacks"):
        for index, name in enumerate(list_of(module.pop(key, None))):
            path = (*at, key, index)
            if name == "prometheus":
                draft.changed(path, "/metrics is always there, with names of its own")
            elif isinstance(name, str) and name in _RULES:
                files: list[str] = draft.rest.setdefault("guardrails", {"files": []})["files"]
                _rules(draft, name, path, files)
            else:
                draft.left_out(path, "requests are logged to a file of the gate's own (`log:`), and to nobody else")
    for key in ("drop_params", "modify_params"):
        if module.pop(key, None) is True:
            draft.left_out((*at, key), "a request is not changed to please a provider: what cannot be said is an error")


def general(draft: Draft, section: dict[str, Any], at: Address) -> None:
    """What the server itself is told."""
    most = section.pop("global_max_parallel_requests", None)
    if isinstance(most, int) and most > 0:
        draft.rest["max_in_flight"] = most
    if (key := section.pop("master_key", None)) not in (None, ""):
        path = (*at, "master_key")
        held = draft.secret(key, path, partial(draft.names.of, "LITELLM_MASTER_KEY"))
        draft.changed(path, "it is a caller's key like others, of at least 16 characters; more go under `keys.known`")
        draft.rest["keys"] = {"require": True, "known": [{"name": "master", "key": held}]}
    for name in [name for name in section if name.startswith(("database", "store_model", "store_prompts"))]:
        draft.left_out((*at, name), "there is no database: everything is in gate.yaml")
        del section[name]
    draft.unread(section, at)

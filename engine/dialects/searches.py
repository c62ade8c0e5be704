"""Answers that the provider looked up on the web: what is found there changes by the day.

Source: the references of chat completions by OpenAI, OpenRouter, Perplexity, xAI, Qwen and Z.ai.
"""

from collections.abc import Mapping
from typing import Any, cast

from .openai_common import dicts


def asked(body: Mapping[str, Any]) -> bool:
    """Whether a request of OpenAI's form says that the web be searched, beside tools that a model may call: an answer
    need not tell that it was."""
    if body.get("web_search_options") is not None or body.get("enable_search") is True:
        return True
    given = body.get("search_parameters")
    if isinstance(given, dict) and cast("dict[str, Any]", given).get("mode") != "off":
        return True
    plugins = dicts(body.get("plugins"))
    return str(body.get("model", "")).endswith(":online") or any(
        plugin.get("id") == "web" and plugin.get("enabled") is not False for plugin in plugins
    )


def cited(whole: Mapping[str, Any], *said: Mapping[str, Any]) -> bool:
    """Whether a reply of OpenAI's form names pages that it was found on; `said` are its messages, or their parts."""
    if any(whole.get(name) for name in ("citations", "search_results", "web_search")):
        return True
    return any(note.get("type") == "url_citation" for each in said for note in dicts(each.get("annotations")))

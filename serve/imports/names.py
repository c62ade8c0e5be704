"""Names of environment variables for credentials, such that nobody's key goes to another's host.

A credential that is written out in the other file is not copied, and the variable that takes its place must be its
own: not one that the file uses by reference, nor where another provider's key lies by custom, since in the operator's
environment that one holds another key.
"""

import re
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import urlsplit

from ...engine.jsonio import Json
from ...models.providers.presets import PRESETS, SITE
from ..config.providers import KINDS, AnthropicProvider, GeminiProvider, OpenAIProvider

OS_ENV = "os.environ/"
REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
LITELLMS = {
    "deepinfra": "DEEPINFRA_API_KEY",
    "fireworks": "FIREWORKS_AI_API_KEY",
    "nvidia": "NVIDIA_NIM_API_KEY",
    "perplexity": "PERPLEXITYAI_API_KEY",
    "qwen": "DASHSCOPE_API_KEY",
    "together": "TOGETHERAI_API_KEY",
}
"""Where LiteLLM looks for a key that is not written; else it is NAME_API_KEY."""


def variable_of(name: str) -> str:
    """`my-key` as MY_KEY_API_KEY."""
    bare = re.sub(r"[^A-Z0-9]", "_", name.upper()).strip("_") + "_API_KEY"
    return f"P_{bare}" if bare[0].isdigit() else bare


def host_of(address: str) -> str:
    """The host of an address; empty when it has none that is written out."""
    try:
        return "" if REFERENCE.search(address) else urlsplit(address).hostname or ""
    except ValueError:
        return ""


_HOMES = {
    kind: host_of(base_url)
    for kind, base_url in (
        *((name, preset.base_url) for name, preset in PRESETS.items() if SITE not in preset.base_url),
        ("openai", OpenAIProvider.model_fields["base_url"].default),
        ("anthropic", AnthropicProvider.model_fields["base_url"].default),
        ("gemini", GeminiProvider.model_fields["base_url"].default),
    )
}
"""The one host of a kind, where it has one."""
_CUSTOMS = {variable_of(kind): kind for kind in (*KINDS, *PRESETS)} | {name: kind for kind, name in LITELLMS.items()}
"""The kind of provider whose key lies in a variable by custom."""


class Names:
    """Who has which variable."""

    def __init__(self, source: Json) -> None:
        """`source` is the whole of the other file."""
        self._referred = set(_references(source))
        self._held: dict[str, tuple[str, str]] = {}
        """For each name whose key it is, and the key where it was written out."""

    def custom(self, section: dict[str, Any], wanted: str) -> str:
        """For the key of a provider that the other file leaves to the environment."""
        kind = section["kind"]
        return self._name(wanted, _owner(section) if kind in _HOMES else kind, "")

    def of_provider(self, section: dict[str, Any], wanted: str, key: str) -> str:
        """For a provider's key that is written out."""
        return self._name(wanted, _owner(section), key)

    def of(self, wanted: str, key: str) -> str:
        """For any other credential that is written out."""
        return self._name(wanted, wanted, key)

    def _name(self, wanted: str, owner: str, key: str) -> str:
        if not self._free(wanted, owner, ""):
            wanted = variable_of(owner)
        name = next(name for name in _numbered(wanted) if self._free(name, owner, key))
        self._held[name] = (owner, key or self._held.get(name, ("", ""))[1])
        return name

    def _free(self, name: str, owner: str, key: str) -> bool:
        """Whether nobody else has it, and it holds no other key."""
        holder, held = self._held.get(name, (owner, key))
        ours = holder == owner == _CUSTOMS.get(name, owner)
        return ours and (not key or (name not in self._referred and held in ("", key)))


def _owner(section: dict[str, Any]) -> str:
    """Whom a provider's key is for: the kind where that has one host, else `//host`."""
    address = str(section.get("base_url") or section.get("endpoint") or "")
    host = host_of(address) or address
    return section["kind"] if host in ("", _HOMES.get(section["kind"])) else f"//{host}"


def _numbered(name: str) -> Iterator[str]:
    yield name
    for at in range(2, 10_000):
        yield f"{name}_{at}"


def _references(value: Json) -> Iterator[str]:
    """The variables that a file names: `os.environ/NAME`, `${NAME}`, and those that it sets."""
    if isinstance(value, str):
        yield from REFERENCE.findall(value)
        if value.startswith(OS_ENV):
            yield value.removeprefix(OS_ENV)
    elif isinstance(value, dict):
        for name, child in cast("dict[str, Any]", value).items():
            if name == "environment_variables" and isinstance(child, dict):
                yield from cast("dict[str, Any]", child)
            yield from _references(child)
    elif isinstance(value, list):
        for child in cast("list[Any]", value):
            yield from _references(child)

"""What others call the kinds of provider that we have. Sources: the provider lists in the vendors' documentation."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...engine.errors import BadRequest
from ...models.providers.presets import PRESETS
from ..config.providers import KINDS

_OTHERS = {
    "ai21-chat": "ai21",
    "azure-openai": "azure",
    "cohere-chat": "cohere",
    "custom-openai": "openai",
    "dashscope": "qwen",
    "featherless-ai": "featherless",
    "fireworks-ai": "fireworks",
    "friendliai": "friendli",
    "google": "gemini",
    "gradient-ai": "digitalocean",
    "hosted-vllm": "vllm",
    "lm-studio": "lmstudio",
    "mistral-ai": "mistral",
    "novita-ai": "novita",
    "nvidia-nim": "nvidia",
    "ollama-chat": "ollama",
    "openai-like": "openai",
    "perplexity-ai": "perplexity",
    "text-completion-openai": "openai",
    "together-ai": "together",
    "vercel-ai-gateway": "vercel",
    "workers-ai": "cloudflare",
    "x-ai": "xai",
}

CLOUDFLARES = ("@cf/", "@hf/")
"""How Cloudflare's own names of models begin, where others put a provider. Source: the Workers AI catalogue."""


def kind_of(vendor: str) -> str:
    """Our kind of provider for a vendor as others write it; empty when there is none."""
    name = vendor.lower().replace("_", "-")
    name = _OTHERS.get(name, name)
    return name if name in PRESETS or (name in KINDS and name != "llama") else ""


@dataclass(frozen=True, slots=True)
class Providers:
    """The gate's providers, by name, with their kinds: all that a caller may choose among."""

    kinds: Mapping[str, str]

    def find(self, written: str) -> tuple[str, ...]:
        """The provider of that name, or else all of the kind that others call so. None: an empty tuple."""
        name = written.removeprefix("@")
        if name in self.kinds:
            return (name,)
        kind = kind_of(name)
        return tuple(each for each, its in self.kinds.items() if kind and its == kind)

    def chosen(self, written: str, param: str) -> tuple[str, ...]:
        """The same. Raises BadRequest, naming those there are, when it is none of them."""
        found = self.find(written)
        if not found:
            raise BadRequest(
                f"{param} names no provider of this gate; there are: {', '.join(self.kinds)}.",
                param=param,
                code="unknown_provider",
            )
        return found

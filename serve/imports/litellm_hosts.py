"""LiteLLM's `api_base` as the address that a provider has here, which is what stands before `/chat/completions` and the
like.

For Anthropic, Hugging Face, Mistral and Ollama LiteLLM puts the version behind it, for Gemini a model's name; where it
ends with an endpoint already, it is asked as it stands. Source: LiteLLM's pages on providers, and what its clients make
of it.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qs

from ...models.hosts import ENDPOINT
from .names import REFERENCE

NATIVE = frozenset(
    "aleph_alpha assemblyai azure_ai clarifai deepgram elevenlabs fal_ai github_copilot humanloop infinity jina_ai "
    "langfuse maritalk nlp_cloud oci oobabooga palm petals predibase recraft replicate sagemaker sagemaker_chat topaz "
    "triton vertex_ai vertex_ai_beta voyage watsonx watsonx_text".split()
)
"""Vendors that LiteLLM asks in a way of their own, and that are no kind here."""
ALIKE = frozenset(
    "aiml aiohttp_openai codestral cometapi compactifai docker_model_runner empower galadriel heroku lambda_ai "
    "lemonade litellm_proxy llamafile meta_llama morph v0 volcengine xinference".split()
)
"""Those that it asks as it asks OpenAI."""
_VERSIONED = ("anthropic", "huggingface", "mistral", "ollama")
_ENDS: Mapping[str, tuple[str, str]] = {
    "anthropic": (r"/v1/(?:messages|complete)", "/v1"),
    "cloudflare": (r"/ai/run", "/ai/v1"),
    "gemini": (r"/v1(?:alpha|beta)?(?:/models(?:/[^/]+)?)?", ""),
    "ollama": (r"/api/(?:chat|generate)", ""),
    "snowflake": (r"/api/v2(?:/cortex/inference:complete)?", "/api/v2/cortex/v1"),
}
"""What addresses end with that LiteLLM asks in a vendor's own way, and what stands in its place here."""
_COHERE = re.compile(r"https://api\.cohere\.(?:ai|com)(?:/.*)?")
_BELOW = re.compile(r"(?<=[^/])/openai(?:/.*)?\Z")
_DEPLOYMENT = re.compile(r"/openai/deployments/([^/?]+)")


def base_url(kind: str, written: str) -> str:
    """The address of a provider of this kind; empty where it is the one that the kind has here."""
    base = written.rstrip("/")
    if kind == "cohere" and _COHERE.fullmatch(base):
        return ""  # LiteLLM's is Cohere's own API
    end, instead = _ENDS.get(kind, ("", ""))
    if end:
        base = re.sub(rf"{end}\Z", instead, base)
    if found := ENDPOINT.fullmatch(base):
        base = base[: found.start(1)].rstrip("/")
    return base if kind not in _VERSIONED or base.endswith("/v1") else base + "/v1"


def unsure(kind: str, written: str) -> bool:
    """Whether an address that a variable holds is not known to need what is put behind it."""
    return kind in _VERSIONED and bool(REFERENCE.search(written))


def azure(written: str) -> tuple[str, str, str]:
    """The endpoint, and the deployment and the API version that the address names besides; empty if it names none."""
    path, _, query = written.partition("?")
    endpoint = _BELOW.sub("", path)
    named = _DEPLOYMENT.search(path)
    return endpoint.rstrip("/"), named[1] if named else "", parse_qs(query).get("api-version", [""])[-1]

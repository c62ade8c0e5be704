"""`providers:` in `gate.yaml`: who answers."""

from typing import Annotated, Literal

from pydantic import Field

from .section import Hidden, Section
from .units import Seconds


class Timeouts(Section):
    connect: Seconds = Field(default=5.0, description="To open a connection.")
    first_byte: Seconds = Field(default=120.0, description="Until the reply begins.")
    between_bytes: Seconds = Field(default=60.0, description="Between two pieces of a reply.")
    total: Seconds = Field(default=900.0, description="A whole reply.")


class OpenAIProvider(Section):
    """Any host that speaks OpenAI's API."""

    kind: Literal["openai"]
    base_url: str = Field(
        default="https://api.openai.com/v1", description="Up to and including the version, such as /v1."
    )
    api_key: Hidden | None = Field(
        default=None, description="The gate's own key, as ${ENV}. Left out, each caller's own credential is passed on."
    )
    speaks: list[Literal["openai", "anthropic", "openai.chat", "openai.responses"]] = Field(
        default=["openai"],
        min_length=1,
        description="Whose API the host serves below base_url, or which parts of it. Many that speak OpenAI's serve "
        "/v1/messages as well; others nothing but chat. Requests in other dialects are translated.",
    )
    timeouts: Timeouts = Timeouts()


class AnthropicProvider(Section):
    """Anthropic's API, or a host that speaks it in the same way."""

    kind: Literal["anthropic"]
    base_url: str = Field(
        default="https://api.anthropic.com/v1", description="Up to and including the version, such as /v1."
    )
    api_key: Hidden | None = Field(
        default=None, description="The gate's own key, as ${ENV}. Left out, each caller's own credential is passed on."
    )
    version: str = Field(
        default="2023-06-01",
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        description="The anthropic-version sent for callers that name none.",
    )
    timeouts: Timeouts = Timeouts()


class GeminiProvider(Section):
    """Google's Gemini API."""

    kind: Literal["gemini"]
    base_url: str = Field(
        default="https://generativelanguage.googleapis.com",
        description="Without the version: the caller's, v1 or v1beta, is kept.",
    )
    api_key: Hidden | None = Field(
        default=None, description="The gate's own key, as ${ENV}. Left out, each caller's own credential is passed on."
    )
    timeouts: Timeouts = Timeouts()


class LlamaProvider(Section):
    """llama.cpp in a child process of the gate; needs no network."""

    kind: Literal["llama"]
    model: str | None = Field(
        default=None, description="Path of a GGUF file. Default: SmolLM2-135M-Instruct, if installed."
    )
    context: int = Field(
        default=4096, ge=512, le=1048576, description="Tokens of context, shared by the parallel slots."
    )
    parallel: int = Field(default=2, ge=1, le=64, description="Requests answered side by side.")
    threads: int | None = Field(default=None, ge=1, le=256, description="CPU threads; default: all cores.")
    timeouts: Timeouts = Timeouts()


Provider = Annotated[OpenAIProvider | AnthropicProvider | GeminiProvider | LlamaProvider, Field(discriminator="kind")]

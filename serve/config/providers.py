"""`providers:` in `gate.yaml`: who answers."""

from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Discriminator, Field, Tag

from ...engine.yamlfile import nearest, shorten
from ...models.providers import registry
from ...models.providers.presets import PRESETS
from .keys import AwsCredentials, Credential, Keyed, Timeouts
from .section import Section
from .variables import plain

KINDS = ("openai", "azure", "anthropic", "bedrock", "gemini", "llama")
"""Those that are written here; presets and installed kinds come on top."""
_Model = Annotated[str, Field(min_length=1, max_length=200)]


class OpenAIProvider(Keyed):
    """Any host that speaks OpenAI's API."""

    kind: Literal["openai"]
    base_url: str = Field(
        default="https://api.openai.com/v1", description="Up to and including the version, such as /v1."
    )
    speaks: list[
        Literal["openai", "anthropic", "openai.chat", "openai.responses", "openai.completions", "openai.embeddings"]
    ] = Field(
        default=["openai"],
        min_length=1,
        description="Whose API the host serves below base_url, or which parts of it. Many that speak OpenAI's serve "
        "/v1/messages as well; others nothing but chat. Requests in other dialects are translated.",
    )
    token_limit: Literal["max_tokens", "max_completion_tokens"] | None = Field(
        default=None, description="The one name that the host knows for the limit of an answer; the other is renamed."
    )
    stream_options: bool = Field(default=True, description="Whether the host takes it; else it is left out.")


class PresetProvider(Keyed):
    """A well-known host that speaks OpenAI's API; docs/providers.md says what each preset sets."""

    kind: str = Field(description="The name of a preset.", json_schema_extra={"enum": [*sorted(PRESETS)]})
    base_url: str | None = Field(default=None, description="In place of the preset's, such as another region's.")
    site: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$",
        description="What stands for {site} in the preset's base URL: an account, a region, a host.",
    )


class AzureProvider(Keyed):
    """OpenAI's models on Azure."""

    kind: Literal["azure"]
    endpoint: str = Field(description="The resource's address, such as https://NAME.openai.azure.com.")
    api_version: str | None = Field(
        default=None,
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(-preview)?$",
        description="A dated API version, such as 2024-10-21; left out, the v1 API is used.",
    )
    deployments: dict[_Model, _Model] = Field(
        default={}, description="The deployment of a model, where it has another name."
    )


class AnthropicProvider(Keyed):
    """Anthropic's API, or a host that speaks it in the same way."""

    kind: Literal["anthropic"]
    base_url: str = Field(
        default="https://api.anthropic.com/v1", description="Up to and including the version, such as /v1."
    )
    version: str = Field(
        default="2023-06-01",
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        description="The anthropic-version, such as 2023-06-01, sent for callers that name none.",
    )


class BedrockProvider(Keyed):
    """Anthropic's models on Amazon Bedrock."""

    kind: Literal["bedrock"]
    api_key: Credential | None = Field(
        default=None, description="An Amazon Bedrock API key, as ${ENV} or {file: PATH}. Left out, requests are signed."
    )
    region: str = Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$", description="Such as us-east-1.")
    models: dict[_Model, _Model] = Field(
        default={}, description="The Bedrock id, inference profile or ARN of a model's name."
    )
    aws: AwsCredentials | None = Field(
        default=None, description="Left out, the credentials are found as AWS's own tools find them."
    )
    profile: str | None = Field(default=None, description="A profile of the shared AWS files.")
    endpoint: str | None = Field(default=None, description="In place of AWS's own, such as a VPC endpoint's address.")


class GeminiProvider(Keyed):
    """Google's Gemini API."""

    kind: Literal["gemini"]
    base_url: str = Field(
        default="https://generativelanguage.googleapis.com",
        description="Without the version: the caller's, v1 or v1beta, is kept.",
    )


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


class InstalledProvider(Keyed):
    """A kind that another package brings (entry point group `tidegate.providers`)."""

    kind: str = Field(
        description="The name of the entry point.",
        json_schema_extra={"not": {"enum": [*KINDS, *sorted(PRESETS)]}},
    )
    base_url: str | None = Field(default=None, description="Where its host is, if it has one.")
    settings: Annotated[dict[str, Any], BeforeValidator(plain)] = Field(
        default={}, repr=False, description="The provider's own; it says what is in it."
    )


def _tag(value: Any) -> str:
    kind = cast("dict[str, Any]", value).get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return "preset" if kind in PRESETS else str(kind) if kind in KINDS else "installed"


def _known(value: object) -> object:
    """Refuse a kind that there is not, with the nearest that there is."""
    if not isinstance(value, dict):
        return value
    kind = cast("dict[str, Any]", value).get("kind")
    if not isinstance(kind, str) or kind in KINDS:
        return cast("object", value)
    installed = registry.names()
    if taken := installed.keys() & {*KINDS, *PRESETS}:
        raise ValueError(f'an installed package registers the kind "{min(taken)}", which is one of ours')
    if kind not in PRESETS and kind not in installed:
        known = [*KINDS, *PRESETS, *installed]
        hint = nearest(kind, known) or f"known: {', '.join(KINDS)}, the presets of docs/providers.md"
        raise ValueError(f'there is no kind of provider "{shorten(kind)}" ({hint})')
    return cast("object", value)


Provider = Annotated[
    Annotated[OpenAIProvider, Tag("openai")]
    | Annotated[PresetProvider, Tag("preset")]
    | Annotated[AzureProvider, Tag("azure")]
    | Annotated[AnthropicProvider, Tag("anthropic")]
    | Annotated[BedrockProvider, Tag("bedrock")]
    | Annotated[GeminiProvider, Tag("gemini")]
    | Annotated[LlamaProvider, Tag("llama")]
    | Annotated[InstalledProvider, Tag("installed")],
    Discriminator(_tag),
    BeforeValidator(_known),
]

"""A provider as its section of the configuration has it."""

from dataclasses import dataclass
from typing import TypeAlias

from ..engine.errors import ConfigError
from ..engine.ports import Provider
from ..engine.secret import Secret
from ..models.keys import Key, KeyRing
from ..models.providers import registry
from ..models.providers.anthropic import AnthropicProvider
from ..models.providers.aws import AwsKeys, Signer
from ..models.providers.azure import AzureProvider
from ..models.providers.bedrock import BedrockProvider
from ..models.providers.gemini import GeminiProvider
from ..models.providers.llama import LlamaProvider
from ..models.providers.openai import OpenAIProvider
from ..models.providers.presets import PRESETS, SITE
from ..models.providers.quirks import Quirks
from ..models.transport import Deadlines, Transport
from .config import keys as config_keys
from .config import providers as sections
from .config.gate_yaml import Loaded

KEY_BYTES = 16 * 1024
"""A longer file is no key."""
_Compatible: TypeAlias = sections.OpenAIProvider | sections.PresetProvider


def make_provider(
    name: str,
    section: sections.Provider,
    loaded: Loaded,
    transport: Transport,
) -> Provider:
    """Raises ConfigError with the section's place."""
    times = section.timeouts
    deadlines = Deadlines(
        connect=times.connect, first_byte=times.first_byte, between_bytes=times.between_bytes, total=times.total
    )
    try:
        if isinstance(section, sections.LlamaProvider):
            return LlamaProvider(
                name,
                transport=transport,
                model_path=loaded.path(section.model) if section.model else None,
                n_ctx=section.context,
                n_parallel=section.parallel,
                threads=section.threads,
                deadlines=deadlines,
            )
        return _Remote(name, loaded, transport, deadlines, _ring(section, loaded)).make(section)
    except ConfigError as error:
        if error.file:
            raise
        raise loaded.error(str(error), ("providers", name)) from None


@dataclass(frozen=True, slots=True)
class _Remote:
    """What all providers with a host are made with."""

    name: str
    loaded: Loaded
    transport: Transport
    deadlines: Deadlines
    keys: KeyRing | None

    def make(self, section: config_keys.Keyed) -> Provider:
        transport, keys, deadlines = self.transport, self.keys, self.deadlines
        if isinstance(section, _Compatible):
            return self._compatible(section)
        if isinstance(section, sections.AzureProvider):
            return AzureProvider(
                self.name,
                section.endpoint,
                transport=transport,
                api_key=keys,
                api_version=section.api_version,
                deployments=section.deployments,
                deadlines=deadlines,
            )
        if isinstance(section, sections.AnthropicProvider):
            return AnthropicProvider(
                self.name,
                section.base_url,
                transport=transport,
                api_key=keys,
                version=section.version,
                deadlines=deadlines,
            )
        if isinstance(section, sections.GeminiProvider):
            return GeminiProvider(self.name, section.base_url, transport=transport, api_key=keys, deadlines=deadlines)
        if isinstance(section, sections.BedrockProvider):
            return self._bedrock(section)
        assert isinstance(section, sections.InstalledProvider)
        making = registry.Making(
            self.name, transport, deadlines, section.base_url, keys, section.settings, self.loaded.folder
        )
        return registry.load(section.kind).from_config(making)

    def _compatible(self, section: _Compatible) -> Provider:
        base = base_url(section)
        if isinstance(section, sections.PresetProvider):
            preset = PRESETS[section.kind]
            if SITE in base:
                raise ConfigError(f"{section.kind} needs `site`: {preset.site}")
            if section.site is not None and SITE not in (section.base_url or preset.base_url):
                raise ConfigError(f"{section.kind} has no use for `site`: there is no {SITE} in its base URL")
            quirks, speaks = preset.quirks, preset.speaks
        else:
            quirks, speaks = Quirks(section.token_limit, section.stream_options), section.speaks
        return OpenAIProvider(
            self.name,
            base,
            transport=self.transport,
            api_key=self.keys,
            deadlines=self.deadlines,
            speaks=speaks,
            quirks=quirks,
        )

    def _bedrock(self, section: sections.BedrockProvider) -> Provider:
        own = section.aws
        if (self.keys, own, section.profile).count(None) < 2:
            raise ConfigError("one of api_key, aws and profile is enough")
        aws = AwsKeys(own.access_key_id, own.secret_access_key, own.session_token) if own else None
        return BedrockProvider(
            self.name,
            section.region,
            transport=self.transport,
            signer=Signer(self.name, section.region, aws, section.profile) if self.keys is None else None,
            api_key=self.keys,
            models=section.models,
            endpoint=section.endpoint,
            deadlines=self.deadlines,
        )


def base_url(section: sections.Provider) -> str:
    """Where a provider's host is, as configured or as its preset says; empty for one without a host."""
    if isinstance(section, sections.PresetProvider):
        return (section.base_url or PRESETS[section.kind].base_url).replace(SITE, section.site or SITE)
    if isinstance(section, sections.AzureProvider):
        return section.endpoint
    if isinstance(section, sections.BedrockProvider):
        return f"https://bedrock-runtime.{section.region}.amazonaws.com"
    return "" if isinstance(section, sections.LlamaProvider) else section.base_url or ""


def _ring(section: config_keys.Keyed, loaded: Loaded) -> KeyRing | None:
    given = [(each.key, each.weight) for each in section.api_keys]
    if section.api_key is not None:
        given = [(section.api_key, 1)]
    keys = [Key(_value(key, loaded), weight) for key, weight in given]
    return KeyRing(keys) if keys else None


def _value(credential: Secret | config_keys.KeyFile, loaded: Loaded) -> Secret:
    if isinstance(credential, Secret):
        return credential
    path = loaded.path(credential.path)
    try:
        with path.open("rb") as file:
            text = file.read(KEY_BYTES).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not text"
        raise ConfigError(f"the key's file {path} cannot be read: {why}") from None
    if not text or "\n" in text:
        raise ConfigError(f"the key's file {path} must hold one line: the key")
    return Secret(text)

"""A provider as its section of the configuration has it."""

from ..engine.errors import ConfigError
from ..engine.ports import Provider
from ..models.providers.anthropic import AnthropicProvider
from ..models.providers.gemini import GeminiProvider
from ..models.providers.llama import LlamaProvider
from ..models.providers.openai import OpenAIProvider
from ..models.transport import Deadlines, Transport
from . import config_providers
from .config import Loaded


def make_provider(
    name: str,
    section: config_providers.Provider,
    loaded: Loaded,
    transport: Transport,
) -> Provider:
    """Raises ConfigError with the section's place."""
    times = section.timeouts
    deadlines = Deadlines(
        connect=times.connect, first_byte=times.first_byte, between_bytes=times.between_bytes, total=times.total
    )
    try:
        if isinstance(section, config_providers.OpenAIProvider):
            return OpenAIProvider(
                name,
                section.base_url,
                transport=transport,
                api_key=section.api_key,
                deadlines=deadlines,
                speaks=section.speaks,
            )
        if isinstance(section, config_providers.AnthropicProvider):
            return AnthropicProvider(
                name,
                section.base_url,
                transport=transport,
                api_key=section.api_key,
                version=section.version,
                deadlines=deadlines,
            )
        if isinstance(section, config_providers.GeminiProvider):
            return GeminiProvider(
                name, section.base_url, transport=transport, api_key=section.api_key, deadlines=deadlines
            )
        return LlamaProvider(
            name,
            transport=transport,
            model_path=loaded.path(section.model) if section.model else None,
            n_ctx=section.context,
            n_parallel=section.parallel,
            threads=section.threads,
            deadlines=deadlines,
        )
    except ConfigError as error:
        if error.file:
            raise
        raise loaded.error(str(error), ("providers", name)) from None

"""Anthropic's API, and hosts that speak it the same way. Source: Anthropic API reference, versioning and errors."""

from ...engine.errors import ConfigError
from ...engine.exchange import Exchange
from ...engine.secret import Secret
from ..keys import KeyRing
from ..transport import Deadlines, Transport
from .openai import OpenAIProvider


class AnthropicProvider(OpenAIProvider):
    """An HTTP provider as OpenAI's is, with Anthropic's headers: `x-api-key`, and always an `anthropic-version`.

    A caller's own `anthropic-version` and `anthropic-beta` are passed on; `version` is sent for callers that name none.
    Raises ConfigError on values that cannot work.
    """

    def __init__(
        self,
        name: str,
        base_url: str = "https://api.anthropic.com/v1",
        *,
        transport: Transport,
        api_key: Secret | KeyRing | None = None,
        version: str = "2023-06-01",
        deadlines: Deadlines | None = None,
    ) -> None:
        super().__init__(
            name, base_url, transport=transport, api_key=api_key, deadlines=deadlines, speaks=("anthropic",)
        )
        if not version.isascii() or not version.isprintable():
            raise ConfigError(f"The version of provider {name} has a character that HTTP cannot carry.")
        self._version = version

    async def models(self) -> list[dict[str, object]]:
        """What `GET base_url/models` lists, in OpenAI's form as well. Raises UpstreamRefused when that is no list."""
        return [{**model, "object": "model", "owned_by": "anthropic"} for model in await super().models()]

    def _headers(self, exchange: Exchange, key: Secret | None) -> dict[str, str]:
        headers = self._listing() | super()._headers(exchange, key)
        own = exchange.caller
        if self._keys is None and own.credential is not None and own.header == "authorization":
            # A token that was given as a bearer's is one, and is no API key.
            del headers["x-api-key"]
            headers["authorization"] = "Bearer " + own.credential.reveal()
        return headers

    def _credential(self, key: Secret) -> dict[str, str]:
        return {"x-api-key": key.reveal()}

    def _listing(self) -> dict[str, str]:
        return {"anthropic-version": self._version}

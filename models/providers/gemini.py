"""Google's Gemini API. Source: Gemini API reference, generateContent and models."""

from ...engine.exchange import Exchange
from ...engine.secret import Secret
from ..keys import KeyRing
from ..transport import Deadlines, Transport
from .openai import OpenAIProvider

_MODELS = "v1beta/models"


class GeminiProvider(OpenAIProvider):
    """An HTTP provider as OpenAI's is, with Gemini's paths and `x-goog-api-key`. Raises ConfigError on bad values."""

    def __init__(
        self,
        name: str,
        base_url: str = "https://generativelanguage.googleapis.com",
        *,
        transport: Transport,
        api_key: Secret | KeyRing | None = None,
        deadlines: Deadlines | None = None,
    ) -> None:
        super().__init__(name, base_url, transport=transport, api_key=api_key, deadlines=deadlines, speaks=("gemini",))

    async def models(self) -> list[dict[str, object]]:
        """What `GET base_url/models` lists, in OpenAI's form. Raises UpstreamRefused when that is no list."""
        listed = await self._listed("models", _MODELS)
        names = [str(model.get("name", "")).removeprefix("models/") for model in listed]
        return [{"id": name, "object": "model", "created": 0, "owned_by": "google"} for name in names if name]

    def _below(self, path: str) -> str:
        """All of it: the version is the caller's."""
        return path + "?alt=sse" if path.endswith(":streamGenerateContent") else path

    def _credential(self, key: Secret) -> dict[str, str]:
        return {"x-goog-api-key": key.reveal()}

    def _headers(self, exchange: Exchange, key: Secret | None) -> dict[str, str]:
        return {k: v for k, v in super()._headers(exchange, key).items() if not k.startswith("openai-")}

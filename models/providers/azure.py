"""OpenAI's models on Azure: `api-key`, and deployments in place of models.

Source: Azure OpenAI in Foundry Models, REST reference; the v1 API and the dated ones.
"""

from collections.abc import Mapping
from urllib.parse import quote

from ...engine.errors import ConfigError
from ...engine.exchange import Exchange
from ...engine.secret import Secret
from ..keys import KeyRing
from ..transport import Deadlines, Transport
from .openai import OpenAIProvider

_IN_DEPLOYMENT = ("/v1/chat/completions", "/v1/completions", "/v1/embeddings")
"""Paths that stand below a deployment under a dated API version; all others stand beside it."""


class AzureProvider(OpenAIProvider):
    """An HTTP provider as OpenAI's is, below `endpoint`, such as `https://NAME.openai.azure.com`.

    `deployments` gives the deployment of a model; one that is not in it is asked for under its own name. `api_version`
    None uses the v1 API, which takes the deployment as the model; a date such as `2024-10-21` uses the API of that
    version, which has it in the path. Raises ConfigError on values that cannot work.
    """

    def __init__(
        self,
        name: str,
        endpoint: str,
        *,
        transport: Transport,
        api_key: Secret | KeyRing | None = None,
        api_version: str | None = None,
        deployments: Mapping[str, str] | None = None,
        deadlines: Deadlines | None = None,
    ) -> None:
        base = endpoint.rstrip("/")
        if "/openai" in base.partition("://")[2]:
            raise ConfigError(
                f"The endpoint of provider {name} must end with the host.", hint="without /openai and what follows it"
            )
        below = "/openai/v1" if api_version is None else "/openai"
        super().__init__(name, base + below, transport=transport, api_key=api_key, deadlines=deadlines)
        self._version = api_version
        self._deployments = dict(deployments or {})

    async def models(self) -> list[dict[str, object]]:
        """The models that have a deployment here; Azure lists those that could have one, if none is configured."""
        listed = await self._listed("data", f"models{self._query()}")
        own = [{"id": model, "object": "model", "owned_by": "azure"} for model in self._deployments]
        return [dict[str, object](model) for model in own] or listed

    def _adapted(self, exchange: Exchange, body: Mapping[str, object]) -> tuple[str, Mapping[str, object]]:
        deployment = self._deployments.get(exchange.model, exchange.model)
        body = {**body, "model": deployment}
        if self._version is None:
            return exchange.path, body
        below = exchange.path.removeprefix("/v1")
        if exchange.path in _IN_DEPLOYMENT:
            below = f"/deployments/{quote(deployment, safe='')}{below}"
        return below + self._query(), body

    def _query(self) -> str:
        return f"?api-version={self._version}" if self._version else ""

    def _below(self, path: str) -> str:
        """Paths that no dialect reads get the version too, unless they name one."""
        path = super()._below(path)
        if self._version is None or "api-version=" in path:
            return path
        return path + ("&" if "?" in path else "?") + self._query()[1:]

    def _credential(self, key: Secret) -> dict[str, str]:
        return {"api-key": key.reveal()}

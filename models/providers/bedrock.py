"""Anthropic's models on Amazon Bedrock: InvokeModel, signed with SigV4.

The bodies are Anthropic's own, so nothing is translated: the model goes into the path, the version into the body, and
a stream's events come out of AWS's frames as they are. Source: Bedrock API reference; Anthropic on Bedrock.
"""

import base64
from collections.abc import Mapping
from functools import partial
from typing import Any, cast
from urllib.parse import quote

from ...engine import jsonio
from ...engine.errors import ConfigError, UnknownPath, UpstreamRefused
from ...engine.exchange import Exchange, Reply
from ...engine.secret import Secret
from ..keys import KeyRing
from ..transport import Deadlines, Transport
from . import eventstream
from .aws import Signer
from .openai import OpenAIProvider

VERSION = "bedrock-2023-05-31"
"""What `anthropic_version` in the body must be."""
_KINDS = {404: "not_found_error", 413: "request_too_large", 429: "rate_limit_error", 503: "overloaded_error"}


class BedrockProvider(OpenAIProvider):
    """An HTTP provider that speaks Anthropic's dialect and is asked in AWS's way.

    `signer` signs each request, unless there is an `api_key`, an Amazon Bedrock API key. `models` gives the Bedrock
    model id, inference profile or ARN of a model's name; one that is not in it is asked for as it is.
    `endpoint` takes the place of AWS's own addresses. Raises ConfigError on values that cannot work.
    """

    def __init__(
        self,
        name: str,
        region: str,
        *,
        transport: Transport,
        signer: Signer | None,
        api_key: Secret | KeyRing | None = None,
        models: Mapping[str, str] | None = None,
        endpoint: str | None = None,
        deadlines: Deadlines | None = None,
    ) -> None:
        if signer is None and api_key is None:
            raise ConfigError(f"Provider {name} has neither AWS credentials nor a key.")
        base = endpoint or f"https://bedrock-runtime.{region}.amazonaws.com"
        super().__init__(name, base, transport=transport, api_key=api_key, deadlines=deadlines, speaks=("anthropic",))
        self._control = (endpoint or f"https://bedrock.{region}.amazonaws.com").rstrip("/")
        self._signer = None if api_key is not None else signer
        self._ids = dict(models or {})

    async def send(self, exchange: Exchange, body: Mapping[str, object]) -> Reply:
        counts = exchange.path.endswith("/count_tokens")
        path, raw = self._counted(exchange, body) if counts else self._invoked(exchange, body)
        url = self._base + path

        async def call(key: Secret | None) -> Reply:
            headers = {"content-type": "application/json", "accept": "*/*"}
            if key is not None and self._signer is None:
                headers |= self._credential(key)
            return await self._sent("POST", url, headers, raw)

        if self._signer is None:
            reply = await self._with_a_key(exchange, call)
        else:
            reply = await call(None)
            if reply.status in (401, 403):
                await reply.aclose()
                raise UpstreamRefused(
                    f"{self.name} refused the AWS credentials that this gate is configured with, or their access to "
                    "this model."
                )
        return await _spoken(reply, counts)

    async def passthrough(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, exchange: Exchange
    ) -> Reply:
        """Refused: Bedrock has none of the paths that are passed through. Raises UnknownPath."""
        raise UnknownPath(f"{self.name} has no such endpoint.")

    async def models(self) -> list[dict[str, object]]:
        """The configured names, or else what ListFoundationModels gives. Raises UpstreamRefused on no list."""
        headers = {"accept": "application/json"}
        if self._keys is not None and (index := self._keys.pick()) is not None:
            headers |= self._credential(self._keys.keys[index].secret)
        url = self._control + "/foundation-models?byProvider=Anthropic"
        reply = await self._sent("GET", url, headers, None)
        body = cast("dict[str, object]", jsonio.loads(await reply.read()))
        listed = body.get("modelSummaries")
        if reply.status != 200 or not isinstance(listed, list):
            raise UpstreamRefused(f"{self.name} answered {reply.status} and no list of models.")
        found = [str(model["modelId"]) for model in cast("list[dict[str, object]]", listed) if "modelId" in model]
        return [{"id": model, "object": "model", "created": 0, "owned_by": "aws"} for model in self._ids or found]

    async def start(self) -> None:
        """Find the AWS credentials. Raises ConfigError when there are none."""
        if self._signer is not None:
            await self._signer.start()

    async def _sent(self, method: str, url: str, headers: dict[str, str], raw: bytes | None) -> Reply:
        if self._signer is not None:
            headers = await self._signer.signed(method, url, headers, raw or b"")
        framing = (eventstream.CONTENT_TYPE, partial(eventstream.events, name=self.name))
        return await self._transport.send(
            method, url, headers, raw, deadlines=self._deadlines, name=self.name, framing=framing
        )

    def _path(self, exchange: Exchange, action: str) -> str:
        model = self._ids.get(exchange.model, exchange.model)
        if model.strip(".") == "":
            raise UnknownPath("The model's name cannot be part of a path.")
        return f"/model/{quote(model, safe='')}/{action}"

    def _invoked(self, exchange: Exchange, body: Mapping[str, object]) -> tuple[str, bytes]:
        action = "invoke-with-response-stream" if exchange.stream else "invoke"
        return self._path(exchange, action), jsonio.dumps(_inner(exchange, body))

    def _counted(self, exchange: Exchange, body: Mapping[str, object]) -> tuple[str, bytes]:
        # CountTokens wants what InvokeModel would get, where the limit of the answer is required.
        inner = jsonio.dumps({"max_tokens": 1, **_inner(exchange, body)})
        asked = {"input": {"invokeModel": {"body": base64.b64encode(inner).decode()}}}
        return self._path(exchange, "count-tokens"), jsonio.dumps(asked)


def _inner(exchange: Exchange, body: Mapping[str, object]) -> dict[str, object]:
    """The body as InvokeModel takes it: what Anthropic has in headers is in it, what stands in the path is not."""
    inner: dict[str, object] = {name: value for name, value in body.items() if name not in ("model", "stream")}
    inner["anthropic_version"] = VERSION
    if betas := [beta for part in exchange.headers.get("anthropic-beta", "").split(",") if (beta := part.strip())]:
        inner["anthropic_beta"] = betas
    return inner


async def _spoken(reply: Reply, counts: bool) -> Reply:
    """The reply as Anthropic's API would have given it; a message is left as it is."""
    if reply.streamed:
        reply.headers = [h for h in reply.headers if h[0] != "content-type"] + [("content-type", "text/event-stream")]
        return reply
    if reply.status < 400 and not counts:
        return reply
    raw = await reply.read()
    data = cast("dict[str, Any]", jsonio.loads(raw))
    if reply.status >= 400:
        kind = _KINDS.get(reply.status, "invalid_request_error" if reply.status < 500 else "api_error")
        said = str(data.get("message") or data.get("Message") or "")
        raw = jsonio.dumps({"type": "error", "error": {"type": kind, "message": said}})
    elif isinstance(count := data.get("inputTokens"), int):
        raw = jsonio.dumps({"input_tokens": count})
    whole = Reply.whole(reply.status, raw, reply.headers)
    whole.closers += reply.closers
    return whole

"""Any host that speaks OpenAI's HTTP API. Source: the OpenAI API reference; paths are kept, only the host changes."""

import logging
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import cast

from ... import __version__
from ...engine import jsonio
from ...engine.dialects.between import unanswered
from ...engine.errors import ConfigError, KeyRefused, UnknownPath, UpstreamRefused
from ...engine.exchange import Exchange, Reply
from ...engine.secret import Secret
from ...engine.sse import Event
from ..hosts import checked_base_url
from ..keys import Key, KeyRing, rest_of
from ..transport import SSE, Deadlines, Transport
from .quirks import Quirks

log = logging.getLogger("tidegate")

_ALWAYS = ("openai-beta", "idempotency-key", "traceparent", "tracestate")
"""The caller's headers that are passed on."""
_ANTHROPIC = ("anthropic-version", "anthropic-beta")
"""Which form of its API a client of Anthropic's dialect means."""
_WITH_OWN_KEY = ("openai-organization", "openai-project")
"""Who is billed: the caller's to say only when the caller's own key is used."""
_ANTHROPIC_OWN = ("anthropic-workspace-id", "anthropic-user-profile-id")
"""The same for Anthropic."""
_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*(\?[!-~]*)?")
_DOTS = re.compile(r"(?i)/(\.|%2e){1,2}(/|;|%3b|$)|//|%2f|%5c|%00")
"""Ways to climb out of the base URL's path; Java's servers read `..;` as `..`."""
_URLS = 256
"""Addresses that are put together once and kept; the paths of some dialects hold the model."""
_LIST_DEADLINES = Deadlines(first_byte=10.0, between_bytes=10.0, total=20.0)
"""A list of models is short; whoever asks for several providers' should not wait for one that is silent."""


class OpenAIProvider:
    """Sends exchanges to `base_url`, such as `https://api.openai.com/v1`, through a started Transport.

    `api_key` is the operator's key for this host, or several of them; None sends the caller's own credential, if there
    is one. A key that is refused or limited rests, and another is tried at once. `headers` are sent with every request
    and win over the caller's. `speaks` names the families of dialects that the host serves below this URL. Raises
    ConfigError on values that cannot work.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        transport: Transport,
        api_key: Secret | KeyRing | None = None,
        deadlines: Deadlines | None = None,
        headers: Mapping[str, str] | None = None,
        speaks: Collection[str] = ("openai",),
        quirks: Quirks | None = None,
    ) -> None:
        self.name = name
        self.speaks = frozenset(speaks)
        self._base = checked_base_url(base_url, name)
        self._keys = KeyRing([Key(api_key)]) if isinstance(api_key, Secret) else api_key
        self.lends_credential = self._keys is None
        self._quirks = quirks or Quirks()
        self._transport = transport
        transport.allow(name, self._base)
        self._deadlines = deadlines or Deadlines()
        self._fixed = {key.lower(): value for key, value in (headers or {}).items()}
        secrets = [key.secret.reveal() for key in self._keys.keys] if self._keys else []
        for value in (*self._fixed.values(), *secrets):
            if not value.isascii() or (value and not value.isprintable()):
                raise ConfigError(f"A key or header of provider {name} has a character that HTTP cannot carry.")
        self._urls: dict[str, str] = {}

    async def __call__(self, exchange: Exchange) -> Reply:
        """Send `exchange.body`. Raises UpstreamRefused, UpstreamSilent, UpstreamBroke."""
        return await self.send(exchange, exchange.body)

    async def send(self, exchange: Exchange, body: Mapping[str, object]) -> Reply:
        """Send `body` in place of the exchange's own."""
        path, body = self._adapted(exchange, body)
        url = self._urls.get(path)
        if url is None:
            url = self._url(path)
            if len(self._urls) < _URLS:
                self._urls[path] = url
        raw = jsonio.dumps(body)

        async def call(key: Secret | None) -> Reply:
            headers = self._headers(exchange, key)
            headers["content-type"] = "application/json"
            headers["accept"] = "text/event-stream" if exchange.stream else "application/json"
            return await self._transport.send("POST", url, headers, raw, deadlines=self._deadlines, name=self.name)

        return await self._as_asked(await self._with_a_key(exchange, call), exchange)

    async def _as_asked(self, reply: Reply, exchange: Exchange) -> Reply:
        """The reply, if it is a stream where one was asked for, and whole otherwise. Raises UpstreamError."""
        if reply.status == 200 and reply.streamed != exchange.stream:
            try:
                body = {} if reply.streamed else Event.whole(await reply.read()).data or {}
            finally:
                await reply.aclose()
            if body.get("error"):  # some send it whole, whatever was asked for
                raise unanswered(body)
            came, asked = ("a stream", "a whole reply") if reply.streamed else ("a whole reply", "a stream")
            other = UpstreamRefused(f"{self.name} answered with {came} where {asked} was asked for.")
            other.unanswered = True
            raise other
        return reply

    def _adapted(self, exchange: Exchange, body: Mapping[str, object]) -> tuple[str, Mapping[str, object]]:
        """The path and the body as this host takes them."""
        return exchange.path, self._quirks.applied(body) if exchange.dialect.name == "openai.chat" else body

    async def _with_a_key(self, exchange: Exchange, call: Callable[[Secret | None], Awaitable[Reply]]) -> Reply:
        """What `call` brings with a key of ours, or else with the caller's own.

        A reply that refuses or limits a key is its whole answer, so that nothing was begun and no byte passed on: the
        request goes out again with the next key that is awake, each key at most once.
        """
        if self._keys is None:
            return await call(exchange.caller.credential)
        tried: list[int] = []
        index = self._keys.pick()
        while index is not None:
            reply = await call(self._keys.keys[index].secret)
            rest = rest_of(reply.status, reply.headers)
            if rest is None:
                return reply
            tried.append(index)
            if self._keys.rest(index, rest):
                log.warning("%s answered %d to key %d of %d", self.name, reply.status, index + 1, len(self._keys.keys))
            index = self._keys.pick(tried)
            if index is None:
                return await self._checked(reply)
            exchange.attempts += 1
            await reply.aclose()
        raise AssertionError("unreachable: a ring has a key")

    async def passthrough(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, exchange: Exchange
    ) -> Reply:
        """Send a request as it is; the reply may be of any type. `path` begins with `/v1/` and may have a query."""
        url = self._url(path)

        async def call(key: Secret | None) -> Reply:
            sent = self._headers(exchange, key)
            sent |= {kept: headers[kept] for kept in ("content-type", "content-encoding", "accept") if kept in headers}
            return await self._transport.send(
                method,
                url,
                sent,
                body or None,
                deadlines=self._deadlines,
                name=self.name,
                json_only=False,
                framing=SSE if exchange.dialect.may_stream else None,  # what is not read is not taken apart
            )

        return await self._with_a_key(exchange, call)

    async def models(self) -> list[dict[str, object]]:
        """What `GET base_url/models` lists, nothing where that is not served. Raises UpstreamRefused on no list."""
        return await self._listed("data") if self._quirks.lists else []

    async def _listed(self, field: str, path: str = "models") -> list[dict[str, object]]:
        headers = self._fixed | {"user-agent": f"tidegate/{__version__}", "accept": "application/json"}
        headers |= self._listing()
        if self._keys is not None and (index := self._keys.pick()) is not None:
            headers |= self._credential(self._keys.keys[index].secret)
        reply = await self._checked(
            await self._transport.send(
                "GET", f"{self._base}/{path}", headers, None, deadlines=_LIST_DEADLINES, name=self.name
            )
        )
        listed = jsonio.loads(await reply.read())
        models = cast("dict[str, object]", listed).get(field)
        if reply.status != 200 or not isinstance(models, list):
            raise UpstreamRefused(f"{self.name} answered {reply.status} and no list of models.")
        return [cast("dict[str, object]", model) for model in cast("list[object]", models) if isinstance(model, dict)]

    async def ready(self) -> bool:
        """True: a remote host is not asked."""
        return True

    async def start(self) -> None:
        """Nothing to do: the transport is started by whoever made it."""

    async def aclose(self) -> None:
        """Nothing to let go of."""

    def _url(self, path: str) -> str:
        if not _PATH.fullmatch(path) or _DOTS.search(path.split("?", 1)[0]):
            raise UnknownPath("The path has characters or segments that are not passed on.")
        return self._base + self._below(path)

    def _below(self, path: str) -> str:
        """`path` without the version, which the base has already. It still begins with a slash: what follows a host
        without one would be read as part of its name."""
        return path.removeprefix("/v1") if path.startswith("/v1/") else path

    def _headers(self, exchange: Exchange, key: Secret | None) -> dict[str, str]:
        given = exchange.headers
        names = _ALWAYS if self._keys else _ALWAYS + _WITH_OWN_KEY
        if "anthropic" in self.speaks:
            names += _ANTHROPIC if self._keys else _ANTHROPIC + _ANTHROPIC_OWN
        headers = {name: given[name] for name in names if name in given}
        headers["user-agent"] = f"tidegate/{__version__}"
        if key is not None:
            headers |= self._credential(key)
        headers.update(self._fixed)
        return headers

    def _credential(self, key: Secret) -> dict[str, str]:
        return {"authorization": "Bearer " + key.reveal()}

    def _listing(self) -> dict[str, str]:
        """Headers that a list of models needs besides the credential."""
        return {}

    async def _checked(self, reply: Reply) -> Reply:
        """A refusal of the operator's key is no answer to the caller, who has a valid key of ours."""
        if self._keys is not None and reply.status in (401, 402, 403):
            await reply.aclose()
            raise KeyRefused(
                f"{self.name} refused the credential that this gate is configured with (it answered {reply.status})."
            )
        return reply

"""OpenAI on Azure: paths of both API surfaces, deployments, the key's header."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from tidegate.engine.dialects import Dialect
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.openai_text import OpenAIEmbeddings
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.errors import ConfigError, UnknownPath, UpstreamRefused
from tidegate.engine.exchange import Exchange
from tidegate.engine.secret import Secret
from tidegate.models.providers.azure import AzureProvider
from tidegate.models.transport import Transport


@dataclass
class Host:
    base: str = ""
    status: int = 200
    seen: list[tuple[str, dict[str, str], Any]] = field(default_factory=list[tuple[str, dict[str, str], Any]])

    async def handle(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.seen.append((request.raw_path, headers, json.loads(await request.read() or b"null")))
        return web.json_response({"data": [{"id": "gpt-4o"}, {"id": "gpt-4.1"}]}, status=self.status)


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    host = Host()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", host.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield host
    await runner.cleanup()


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    transport = Transport()
    await transport.start()
    yield transport
    await transport.aclose()


def ask(dialect: Dialect, model: str = "gpt-4o") -> Exchange:
    return Exchange(dialect, dialect.path, {}, {"model": model, "kept": [1]}, model=model, stream=False)


async def test_the_v1_api_takes_the_deployment_as_the_model(host: Host, transport: Transport) -> None:
    names = {"gpt-4o": "our-4o"}
    azure = AzureProvider("az", host.base + "/", transport=transport, api_key=Secret("k"), deployments=names)
    for dialect in (OpenAIChat(), OpenAIResponses(), OpenAIEmbeddings()):
        asked = ask(dialect)
        await azure(asked)
        assert asked.body["model"] == "gpt-4o"  # another provider may be asked after this one
    await azure(ask(OpenAIChat(), "other"))
    assert [path for path, _, _ in host.seen] == [
        *("/openai/v1/chat/completions", "/openai/v1/responses", "/openai/v1/embeddings"),
        "/openai/v1/chat/completions",
    ]
    assert [body for _, _, body in host.seen] == [{"model": name, "kept": [1]} for name in ["our-4o"] * 3 + ["other"]]
    assert host.seen[0][1]["api-key"] == "k" and "authorization" not in host.seen[0][1]


async def test_a_dated_api_has_deployment_and_version_in_the_address(host: Host, transport: Transport) -> None:
    azure = AzureProvider("az", host.base, transport=transport, api_key=Secret("k"), api_version="2024-10-21")
    for dialect in (OpenAIChat(), OpenAIEmbeddings(), OpenAIResponses()):
        await azure(ask(dialect))
    await azure.passthrough("GET", "/v1/files?x=1", {}, b"", ask(OpenAIChat()))
    assert [path for path, _, _ in host.seen] == [
        "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
        "/openai/deployments/gpt-4o/embeddings?api-version=2024-10-21",
        "/openai/responses?api-version=2024-10-21",
        "/openai/files?x=1&api-version=2024-10-21",
    ]


@pytest.mark.parametrize("model", ["a/b", "..", "a?x=1", "a#b", "../../other", "a%2fb"])
async def test_no_model_name_leaves_its_place_in_the_address(model: str, host: Host, transport: Transport) -> None:
    azure = AzureProvider("az", host.base, transport=transport, api_key=Secret("k"), api_version="2024-10-21")
    try:
        await azure(ask(OpenAIChat(), model))
    except UnknownPath:
        assert not host.seen
    else:
        [(path, _, _)] = host.seen
        assert path.startswith("/openai/deployments/") and path.count("/") == 5
        assert path.endswith("/chat/completions?api-version=2024-10-21")


async def test_its_models_are_those_with_a_deployment(host: Host, transport: Transport) -> None:
    azure = AzureProvider("az", host.base, transport=transport, api_key=Secret("k"), deployments={"gpt-4o": "x"})
    assert [model["id"] for model in await azure.models()] == ["gpt-4o"]
    azure = AzureProvider("az", host.base, transport=transport, api_key=Secret("k"), api_version="2024-10-21")
    assert [model["id"] for model in await azure.models()] == ["gpt-4o", "gpt-4.1"]
    assert [path for path, _, _ in host.seen] == ["/openai/v1/models", "/openai/models?api-version=2024-10-21"]
    host.status = 401
    with pytest.raises(UpstreamRefused, match="az refused the credential"):
        await azure.models()


def test_an_endpoint_with_more_than_a_host_is_refused_at_start() -> None:
    for endpoint in ("https://x.openai.azure.com/openai/v1", "https://u:hunter2@x", "x.openai.azure.com"):
        with pytest.raises(ConfigError) as caught:
            AzureProvider("az", endpoint, transport=Transport())
        assert "hunter2" not in str(caught.value)

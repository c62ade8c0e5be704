"""Providers as gate.yaml has them: what cannot work is said at the start, what fails later says whose fault it is."""

import importlib.metadata
import json
import sys
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tidegate.engine.errors import ConfigError
from tidegate.engine.exchange import Exchange, Reply
from tidegate.models.providers import registry
from tidegate.models.providers.azure import AzureProvider
from tidegate.models.providers.bedrock import BedrockProvider
from tidegate.models.providers.openai import OpenAIProvider
from tidegate.models.transport import Transport
from tidegate.serve.commands import checks
from tidegate.serve.config.gate_yaml import Loaded, parse_config
from tidegate.serve.make_provider import make_provider
from tidegate.tests.places import lines_only

CHAT = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}


def parse(providers: str, rest: str = "", folder: Path = Path()) -> Loaded:
    return parse_config(f"version: 1\nproviders:\n{providers}\n{rest}", file="gate.yaml", folder=folder)


def made(section: str, folder: Path = Path()) -> Any:
    loaded = parse(f"  p: {{{section}}}", folder=folder)
    return make_provider("p", loaded.config.providers["p"], loaded, Transport())


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ("kind: grok", 'no kind of provider "grok" (did you mean "groq"?)'),
        ("kind: openia", 'no kind of provider "openia" (did you mean "openai"?)'),
        ("kind: xyzzyxyzzy", "known: openai, azure, anthropic, bedrock, gemini, llama, the presets of"),
        ("kind: 3", "should be a valid string"),
        ("api_key: x", 'the key "kind" is missing'),
        ("kind: groq, api_kee: hunter2", 'did you mean "api_key"?'),
        ("kind: groq, api_key: ''", "is the variable set?"),
        ("kind: groq, api_key: {fill: hunter2}", "{file: PATH}"),
        ("kind: groq, api_key: hunter2, api_keys: [{key: hunter2}]", "exclude each other"),
        ("kind: groq, api_keys: [{key: hunter2, weight: 0}]", "greater than or equal to 1"),
        ("kind: azure", 'the key "endpoint" is missing'),
        ("kind: azure, endpoint: 'https://x', api_version: new", "api_version"),
        ("kind: bedrock, region: 'us-east-1.evil.example'", "region"),
        ("kind: cloudflare, site: 'a/../b'", "site"),
        ("kind: llama, api_key: hunter2", 'unknown key "api_key"'),
        ("kind: openai, token_limit: tokens", "token_limit"),
    ],
)
def test_a_section_that_cannot_work_is_refused_with_its_line(section: str, says: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse(f"  first: {{kind: llama}}\n  p: {{{section}}}")
    assert lines_only(refused.value).startswith("gate.yaml:4: ") and says in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ("kind: cloudflare, api_key: hunter2", "cloudflare needs `site`: the account id"),
        ("kind: groq, site: eu", "has no use for `site`"),
        ("kind: vllm, base_url: 'ftp://x'", "must begin with http"),
        ("kind: azure, endpoint: 'https://x/openai/v1'", "must end with the host"),
        ("kind: groq, api_key: {file: missing.key}", "missing.key cannot be read: No such file"),
        ("kind: groq, api_key: {file: two.key}", "must hold one line"),
        ("kind: groq, api_key: {file: empty.key}", "must hold one line"),
        ("kind: bedrock, region: us-east-1, api_key: hunter2, profile: x", "one of api_key, aws and profile"),
    ],
)
def test_what_the_making_finds_out_has_its_line_too(section: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "two.key").write_text("hunter2\nhunter2\n")
    (tmp_path / "empty.key").write_text(" \n")
    with pytest.raises(ConfigError) as refused:
        made(section, tmp_path)
    assert lines_only(refused.value).startswith("gate.yaml:3: ") and says in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_each_kind_is_made_as_its_section_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.key").write_text("from-file\n")
    monkeypatch.setenv("GATE_TEST_KEY", "from-env")
    ring = made("kind: groq, api_keys: [{key: {file: a.key}, weight: 3}, {key: '${GATE_TEST_KEY}'}]", tmp_path)
    assert isinstance(ring, OpenAIProvider)
    keys = ring._keys  # pyright: ignore[reportPrivateUsage]
    assert keys and [(key.secret.reveal(), key.weight) for key in keys.keys] == [("from-file", 3), ("from-env", 1)]
    assert isinstance(made("kind: azure, endpoint: 'https://x.openai.azure.com', api_key: k"), AzureProvider)
    aws = "aws: {access_key_id: a, secret_access_key: b}"
    assert isinstance(made(f"kind: bedrock, region: us-east-1, {aws}"), BedrockProvider)
    assert isinstance(made("kind: bedrock, region: us-gov-west-1, api_key: k"), BedrockProvider)
    loaded = parse(f"  p: {{kind: bedrock, region: us-east-1, {aws.replace(': a,', ': hunter2,')}}}")
    assert "hunter2" not in repr(loaded) + str(loaded.config.model_dump())


class Acme:
    """What another package would bring."""

    def __init__(self, making: registry.Making) -> None:
        self.name, self.making = making.name, making

    @classmethod
    def from_config(cls, making: registry.Making) -> "Acme":
        if unknown := making.settings.keys() - {"desk"}:
            raise ConfigError(f"acme does not know the setting {min(unknown)}")
        return cls(making)

    async def __call__(self, exchange: Exchange) -> Reply:
        said = {"desk": self.making.settings["desk"], "asked": exchange.body["messages"]}
        return Reply.whole(200, json.dumps(said).encode(), [("content-type", "application/json")])

    async def passthrough(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, exchange: Exchange
    ) -> Reply:
        return await self(exchange)

    async def models(self) -> list[dict[str, object]]:
        return [{"id": "acme-1", "object": "model"}]

    async def ready(self) -> bool:
        return True

    async def start(self) -> None: ...

    async def aclose(self) -> None: ...


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str]]]:
    """Entry points by name and value, as if a package that registers them were installed."""
    points = [("acme", f"{__name__}:Acme")]
    monkeypatch.setitem(sys.modules, __name__, types.SimpleNamespace(Acme=Acme))  # as importable as a package's own

    def entry_points(group: str) -> list[importlib.metadata.EntryPoint]:
        return [importlib.metadata.EntryPoint(name, value, group) for name, value in points]

    monkeypatch.setattr(registry, "entry_points", entry_points)
    registry.names.cache_clear()
    yield points
    registry.names.cache_clear()


async def test_an_installed_kind_is_served_like_any_other(installed: list[tuple[str, str]], support: Any) -> None:
    loaded = parse("  a: {kind: acme, api_key: k, settings: {desk: research}}")
    running = support.Running(support.Gate(loaded).app())
    try:
        reply = httpx2.post(running.url + "/v1/chat/completions", json=CHAT)
        assert reply.json() == {"desk": "research", "asked": CHAT["messages"]}
        assert reply.headers["x-tidegate-provider"] == "a"
        assert httpx2.get(running.url + "/v1/models/acme-1").json()["id"] == "acme-1"
    finally:
        running.stop()


def test_an_installed_kind_s_own_errors_have_their_line(installed: list[tuple[str, str]]) -> None:
    with pytest.raises(ConfigError, match=r"^gate.yaml:3:\d+: acme does not know the setting dusk"):
        made("kind: acme, settings: {dusk: 1}")
    installed[0] = ("acme", "nowhere.to.be.found:Acme")
    registry.names.cache_clear()
    with pytest.raises(ConfigError, match="cannot be imported: ModuleNotFoundError"):
        made("kind: acme")
    installed.append(("acme", "other:Acme"))
    registry.names.cache_clear()
    with pytest.raises(ConfigError, match="two installed packages register a provider"):
        made("kind: acme")


def test_an_installed_kind_takes_no_name_of_ours(installed: list[tuple[str, str]]) -> None:
    installed[:] = [("groq", "x:y"), ("acme", f"{__name__}:Acme")]
    registry.names.cache_clear()
    with pytest.raises(ConfigError, match='registers the kind "groq", which is one of ours'):
        made("kind: acme")


def test_settings_of_an_installed_kind_are_not_shown(installed: list[tuple[str, str]]) -> None:
    assert "hunter2" not in repr(parse("  a: {kind: acme, settings: {desk: hunter2}}"))


def test_a_wrong_key_is_the_operator_s_matter_and_names_the_provider(serve: Any, upstream: Any, support: Any) -> None:
    async def refuse(body: Any, send: Any) -> None:
        await support.reply_json(send, {"error": {"message": "Incorrect API key provided: sk-operator"}}, status=401)

    upstream.script = refuse
    reply = httpx2.post(serve() + "/v1/chat/completions", json=CHAT)
    assert reply.status_code == 502
    told = "up refused the credential that this gate is configured with (it answered 401)."
    assert reply.json()["error"]["message"] == told
    assert reply.headers["x-should-retry"] == "false"  # an SDK would ask twice more, and be refused twice more
    assert "sk-operator" not in reply.text


def test_an_unreachable_host_is_named(support: Any) -> None:
    loaded = parse("  gone: {kind: vllm, base_url: 'http://127.0.0.1:9/v1'}")
    running = support.Running(support.Gate(loaded).app())
    try:
        reply = httpx2.post(running.url + "/v1/chat/completions", json=CHAT)
        assert (reply.status_code, reply.json()["error"]["message"]) == (
            502,
            "gone could not be reached: no connection.",
        )
    finally:
        running.stop()


def test_check_asks_each_provider_and_says_what_it_heard(tmp_path: Path, upstream: Any) -> None:
    (tmp_path / "gate.yaml").write_text(
        "version: 1\nproviders:\n"
        f"  up: {{kind: openai, base_url: '{upstream.url}', api_keys: [{{key: hunter2}}, {{key: hunter3}}]}}\n"
        "  gone: {kind: vllm, base_url: 'http://127.0.0.1:9/v1'}\n"
        "  quiet: {kind: perplexity}\n"
    )
    report = checks.check(tmp_path / "gate.yaml", ask=True)
    summary = report["summary"]
    assert summary["up: asked"] == "answered, 1 models"
    assert summary["gone: asked"] == "gone could not be reached: no connection."
    assert summary["quiet: asked"] == "not asked: it serves no list of models"
    assert report["unreachable"] == ["gone"]
    assert (summary["up: credentials"], summary["gone: credentials"]) == ("2 keys in turn", "none needed")
    assert summary["quiet: credentials"] == "no key: each caller's own credential is passed on"
    assert "hunter" not in json.dumps(report)
    assert "up: asked" not in checks.check(tmp_path / "gate.yaml")["summary"]

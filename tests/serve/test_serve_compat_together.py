"""What holds for the clients of all other gateways, and where several of them are served at once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

Start = Callable[..., str]
LLAMA = "@cf/meta/llama-3.1-8b-instruct"
RULES = "rules: [{id: words.falcon, detect: {keywords: [falcon]}, action: block, when: {model: gpt-*}}]\n"
KEY = "key-of-somebody-known"


@pytest.fixture
def start(support: Any, upstream: Any, tmp_path: Path, run_gate: Any) -> Start:
    """A gate in front of one host that goes by several names; `more` adds to its providers and sections."""

    def go(compat: str, providers: str = "spare: groq", more: str = "") -> str:
        (tmp_path / "rules.yaml").write_text("version: 1\n" + RULES)
        kinds = [each.split(": ") for each in ("main: openai", *providers.split(", "))]
        host = f"base_url: '{upstream.url}', api_key: sk-x"
        named = "".join(f"  {name}: {{kind: {kind}, {host}}}\n" for name, kind in kinds)
        text = f"version: 1\nproviders:\n{named}compat: {compat}\nguardrails: {{files: [rules.yaml]}}\n{more}"
        return run_gate(support.parse_config(text, file="gate.yaml", folder=tmp_path))

    return go


def ask(url: str, model: str = "gpt-test", body: dict[str, Any] | None = None, text: str = "hello", **sent: str) -> Any:
    asked = {"model": model, "messages": [{"role": "user", "content": text}], **(body or {})}
    headers = {name.replace("_", "-"): value for name, value in sent.items()}
    return httpx2.post(url + "/v1/chat/completions", json=asked, headers=headers)


def failing(support: Any, *models: str) -> Any:
    """A host where some models are down."""

    async def answer(body: Any, send: Any) -> None:
        down = body["model"] in models
        said = {"error": {"message": "down"}} if down else support.completion("fine", {})
        await support.reply_json(send, said, status=503 if down else 200)

    return answer


@pytest.mark.parametrize("order", ["[portkey, litellm, bifrost]", "[bifrost, litellm, portkey]"])
def test_what_one_gateways_client_says_does_not_undo_what_anothers_says(
    start: Start, upstream: Any, support: Any, order: str
) -> None:
    url = start(order)
    for asked in (
        ask(url, "spare/m", {"timeout": 30, "num_retries": 0}),
        ask(url, "m", {"num_retries": 1}, x_portkey_provider="spare"),
        ask(url, "@spare/m", {"tags": ["a"]}),
    ):
        assert (asked.headers["x-tidegate-provider"], upstream.requests[-1]["model"]) == ("spare", "m")
    ask(url, "openai/m", x_portkey_provider="spare")
    assert upstream.requests[-1]["model"] == "openai/m", "the provider is chosen; this is its name for the model"
    upstream.script = failing(support, "m")
    for spare in ("spare/n", {"provider": "spare", "model": "n"}):
        upstream.requests.clear()
        asked = ask(url, "m", {"fallbacks": [spare], "num_retries": 0})
        assert (asked.status_code, asked.headers["x-tidegate-provider"]) == (200, "spare")
        assert [body["model"] for body in upstream.requests] == ["m", "n"]


@pytest.mark.parametrize("order", ["[portkey, litellm]", "[litellm, portkey]"])
def test_a_namespace_and_a_choice_keep_answers_apart_in_any_order(start: Start, order: str) -> None:
    url = start(order, more="cache: {mode: exact}\n")
    seen = [
        "; hit" in ask(url, body={"fallbacks": ["other"]}, x_portkey_cache_namespace=name).headers["cache-status"]
        for name in ("a", "b", "a")
    ]
    assert seen == [False, False, True]


@pytest.mark.parametrize("compat", ["litellm", "bifrost"])
def test_a_rule_cannot_be_passed_by_naming_its_model_second(start: Start, upstream: Any, compat: str) -> None:
    url = start(compat)
    assert ask(url, "local", {"fallbacks": ["small"]}, text="a falcon").status_code == 200
    upstream.requests.clear()
    assert ask(url, "local", {"fallbacks": ["gpt-4o"]}, text="a falcon").json()["error"]["param"]
    assert upstream.requests == []


@pytest.mark.parametrize("name", ["workers", "cf"])
def test_cloudflares_own_names_of_models_can_be_asked_for(start: Start, upstream: Any, name: str) -> None:
    cloudflare = f"{name}: cloudflare"
    portkey, litellm, bifrost = (start(each, cloudflare) for each in ("portkey", "litellm", "bifrost"))
    config = f'{{"provider": "workers-ai", "override_params": {{"model": "{LLAMA}"}}}}'
    for reply in (
        ask(portkey, LLAMA, x_portkey_provider="workers-ai"),
        ask(portkey, f"@workers-ai/{LLAMA}"),
        ask(portkey, x_portkey_config=config),
        ask(bifrost, f"{name}/{LLAMA}"),
    ):
        assert (reply.headers["x-tidegate-provider"], upstream.requests[-1]["model"]) == (name, LLAMA)
    ask(bifrost, LLAMA)
    assert upstream.requests[-1]["model"] == LLAMA
    assert ask(litellm, body={"fallbacks": [LLAMA]}).status_code == 200
    other = start("portkey", "hf: groq")
    assert ask(other, "@hf/llama").headers["x-tidegate-provider"] == "hf"
    assert upstream.requests[-1]["model"] == "llama"


@pytest.mark.parametrize(
    ("compat", "body", "headers"),
    [
        ("portkey", {}, {"x_portkey_provider": "nobody"}),
        ("bifrost", {"fallbacks": [{"provider": "nobody", "model": "m"}]}, {}),
        ("litellm", {"guardrails": ["no-such-rule"]}, {}),
    ],
)
def test_a_stranger_is_told_nothing_but_that_a_key_is_needed(
    start: Start, compat: str, body: dict[str, Any], headers: dict[str, str]
) -> None:
    url = start(compat, more=f"keys: {{require: true, known: [{{name: a, key: {KEY}}}]}}\n")
    reply = ask(url, body=body, **headers)
    assert (reply.status_code, reply.json()["error"]["code"]) == (401, "invalid_api_key")
    assert reply.headers["x-should-retry"] == "false"
    assert ask(url, body=body, authorization=f"Bearer {KEY}", **headers).status_code == 400
    theirs = {"portkey": "x_portkey_api_key", "bifrost": "x_bf_vk", "litellm": "x_litellm_api_key"}[compat]
    for written in (KEY, f"Bearer {KEY}", f"bearer  {KEY}"):
        assert ask(url, **{theirs: written}).status_code == 200

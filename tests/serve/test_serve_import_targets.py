"""Whom an imported route asks, and for which model."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tidegate.serve.config.gate_yaml import parse_config
from tidegate.serve.gate import Gate
from tidegate.serve.imports import imported

LITELLM = """
model_list:
  - {model_name: gpt-4o, litellm_params: {model: openai/gpt-4o}}
  - {model_name: gpt-4o-mini, litellm_params: {model: openai/gpt-4o-mini}}
  - {model_name: claude, litellm_params: {model: anthropic/claude-x}}
  - {model_name: mistral-large, litellm_params: {model: mistral/mistral-large}}
  - {model_name: "*", litellm_params: {model: openai/*}}
litellm_settings:
  fallbacks: [{gpt-4o: [gpt-4o-mini, gpt-4o]}, {claude: [mistral-large, o3, "*"]}]
  cache: true
  cache_params: {host: cache, password: os.environ/REDIS_PASSWORD}
"""


def of(folder: Path, text: str) -> Any:
    (folder / "config.yaml").write_text(text)
    return imported(folder / "config.yaml")


def test_litellms_fallbacks_ask_for_the_model_that_they_name(tmp_path: Path) -> None:
    draft = of(tmp_path, LITELLM)
    gate = yaml.safe_load(draft.text())
    spare = {route.get("when", {}).get("model", "*"): route.get("fallback") for route in gate["routes"]}
    assert spare["gpt-4o"] == [{"provider": "openai", "model": "gpt-4o-mini"}], "not the target that failed"
    assert spare["claude"] == [{"provider": "mistral", "model": "mistral-large"}, {"provider": "openai", "model": "o3"}]
    assert [note.path for note in draft.notes if note.left_out] == ["litellm_settings.fallbacks.1"], "a wildcard"


def test_what_a_password_must_look_like_in_an_address_is_said(tmp_path: Path) -> None:
    [said] = [note.text for note in of(tmp_path, LITELLM).notes if note.path.endswith("password")]
    assert "percent-encoded" in said


def test_equal_targets_of_portkeys_weigh_together(tmp_path: Path) -> None:
    def route(*targets: dict[str, Any]) -> Any:
        config = {"strategy": {"mode": "loadbalance"}, "targets": targets}
        return yaml.safe_load(of(tmp_path, json.dumps(config)).text())["routes"][0]

    ours: dict[str, Any] = {"virtual_key": "openai-prod"}
    assert route({**ours, "weight": 0.5}, ours, {"provider": "groq", "weight": 2}) == {
        "to": [{"provider": "openai-prod", "weight": 1.5}, {"provider": "groq", "weight": 2.0}],
        "pick": "weight",
    }
    assert route(ours, ours) == {"to": ["openai-prod"]}


def test_portkeys_models_lose_the_provider_before_them_and_nothing_else(tmp_path: Path) -> None:
    for written, model in (("@router/openai/gpt-4o", "openai/gpt-4o"), ("@cf/meta/llama", "@cf/meta/llama")):
        config = {"provider": "openrouter", "override_params": {"model": written}}
        assert yaml.safe_load(of(tmp_path, json.dumps(config)).text())["routes"][0]["to"][0]["model"] == model


def falling(*targets: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"strategy": {"mode": "fallback", **more}, "targets": list(targets)}


OPENAI, GROQ, ANTHROPIC, GEMINI = ({"provider": name} for name in ("openai", "groq", "anthropic", "gemini"))


def test_groups_of_portkeys_keep_their_own_fallbacks(tmp_path: Path) -> None:
    limited = falling(OPENAI, GROQ, on_status_codes=[429])
    others = ["anthropic", "gemini"]
    draft = of(tmp_path, json.dumps(falling(limited, falling(ANTHROPIC, GEMINI))))
    assert draft.routes == [
        {"to": ["openai"], "fallback": {"limited": ["groq", *others], "refused": others, "silent": others}}
    ]
    draft = of(tmp_path, json.dumps(falling(GEMINI, falling(ANTHROPIC, limited))))
    assert draft.routes == [{"to": ["gemini"], "fallback": ["anthropic", "openai", "groq"]}]
    assert not [note for note in draft.notes if note.left_out]
    [said] = [note for note in draft.notes if "own fallbacks are asked after any failure" in note.text]
    assert said.path == "targets.1.strategy"


def test_a_group_of_portkeys_that_has_no_place_is_said(tmp_path: Path) -> None:
    config = {"strategy": {"mode": "loadbalance"}, "targets": [OPENAI, falling(GROQ, GEMINI)]}
    draft = of(tmp_path, json.dumps(config))
    assert draft.routes == [{"to": ["openai"]}]
    assert [note.path for note in draft.notes if note.left_out] == ["targets.1"]


PRICED = """
model_list:
  - model_name: fast
    litellm_params: {model: openai/gpt-4o-mini}
    model_info: {input_cost_per_token: 0.000001, output_cost_per_token: 0.000002, max_input_tokens: 128000}
  - model_name: cheap
    litellm_params: {model: openai/gpt-4o-mini, api_base: "https://theirs.example/v1"}
    model_info: {input_cost_per_token: 0.000003, output_cost_per_token: 0.000004}
router_settings: {model_group_alias: {fast: fast, quick: fast}}
"""


def test_litellms_prices_are_those_of_the_model_that_is_asked_for(tmp_path: Path) -> None:
    draft = of(tmp_path, PRICED)
    assert draft.rest["models"] == {"gpt-4o-mini": {"input": 1.0, "output": 2.0}, "fast": {"context": 128000}}
    [said] = [note for note in draft.notes if "one price" in note.text]
    assert (said.path, said.left_out) == ("model_list.1.model_info", False)


def test_a_model_that_is_an_alias_of_itself_is_served_as_it_is(tmp_path: Path) -> None:
    draft = of(tmp_path, PRICED)
    assert draft.rest["aliases"] == {"quick": "fast"}
    assert "router_settings.model_group_alias.fast" not in {note.path for note in draft.notes}


@pytest.mark.parametrize(
    ("model", "written", "ours"),
    [
        ("openai/m", "https://h.example/v1", "https://h.example/v1"),
        ("openai/m", "https://h.example/v1/", "https://h.example/v1"),
        ("openai/m", "https://h.example", "https://h.example"),
        ("openai/m", "https://h.example/v1/chat/completions", "https://h.example/v1"),
        ("openai/m", "https://h.example/v1/chat/completions/", "https://h.example/v1"),
        ("openai/m", "https://h.example/v1/responses", "https://h.example/v1"),
        ("openai/m", "https://h.example/messages", "https://h.example/messages"),
        ("deepseek/m", "https://h.example/beta/chat/completions", "https://h.example/beta"),
        ("hosted_vllm/m", "http://127.0.0.1:8000/v1/", "http://127.0.0.1:8000/v1"),
        ("anthropic/m", "https://h.example", "https://h.example/v1"),
        ("anthropic/m", "https://h.example/", "https://h.example/v1"),
        ("anthropic/m", "https://h.example/api", "https://h.example/api/v1"),
        ("anthropic/m", "https://h.example/v1", "https://h.example/v1"),
        ("anthropic/m", "https://h.example/v1/messages", "https://h.example/v1"),
        ("anthropic/m", "https://h.example/x/v1/messages/", "https://h.example/x/v1"),
        ("anthropic/m", "https://h.example/v1/complete", "https://h.example/v1"),
        ("anthropic/m", "https://h.example/messages", "https://h.example/messages/v1"),
        ("mistral/m", "https://h.example", "https://h.example/v1"),
        ("mistral/m", "https://h.example/v1", "https://h.example/v1"),
        ("ollama/m", "http://127.0.0.1:11434/api/generate", "http://127.0.0.1:11434/v1"),
        ("ollama_chat/m", "http://127.0.0.1:11434/", "http://127.0.0.1:11434/v1"),
        ("gemini/m", "https://h.example/v1beta", "https://h.example"),
        ("gemini/m", "https://h.example/google/v1beta/models/m", "https://h.example/google"),
        ("cloudflare/m", "https://h.example/accounts/a/ai/run/", "https://h.example/accounts/a/ai/v1"),
        ("huggingface/m", "https://h.example", "https://h.example/v1"),
        ("snowflake/m", "https://h.example/api/v2/cortex/inference:complete", "https://h.example/api/v2/cortex/v1"),
        ("cohere_chat/m", "https://api.cohere.ai/v1/chat", None),
        ("cohere/m", "https://h.example/compatibility/v1", "https://h.example/compatibility/v1"),
    ],
)
def test_litellms_addresses_are_asked_where_litellm_asks_them(
    tmp_path: Path, model: str, written: str, ours: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = {"model": model, "api_base": written, "api_key": "os.environ/K"}
    draft = of(tmp_path, yaml.safe_dump({"model_list": [{"model_name": "n", "litellm_params": params}]}))
    [section] = yaml.safe_load(draft.text())["providers"].values()
    assert section.get("base_url") == ours
    monkeypatch.setenv("K", "k")
    Gate(parse_config(draft.text(), file="gate.yaml", folder=tmp_path))


@pytest.mark.parametrize(
    ("written", "version", "endpoint", "model", "ours"),
    [
        ("https://r.openai.azure.com/", "2024-10-21", "https://r.openai.azure.com", "d", "2024-10-21"),
        (
            "https://r.openai.azure.com/openai/deployments/e/chat/completions?api-version=2025-01-01-preview",
            None,
            "https://r.openai.azure.com",
            "e",
            "2025-01-01-preview",
        ),
        ("https://openai-eu.example", None, "https://openai-eu.example", "d", None),
        ("https://r.openai.azure.com/openai/v1/", "latest", "https://r.openai.azure.com", "d", None),
        ("https://apim.example/x/openai/deployments/e", "2024-10-21", "https://apim.example/x", "e", "2024-10-21"),
    ],
)
def test_azures_addresses_may_name_more_than_the_host(
    tmp_path: Path, written: str, version: str | None, endpoint: str, model: str, ours: str | None
) -> None:
    params = {"model": "azure/d", "api_base": written, "api_key": "os.environ/K", "api_version": version}
    draft = of(tmp_path, yaml.safe_dump({"model_list": [{"model_name": "n", "litellm_params": params}]}))
    gate = yaml.safe_load(draft.text())
    [section] = gate["providers"].values()
    assert (section["endpoint"], section.get("api_version")) == (endpoint, ours)
    assert gate["routes"][0]["to"] == [{"provider": "azure", "model": model}]


def test_an_address_that_a_variable_holds_is_said_to_get_its_version_here(tmp_path: Path) -> None:
    params = {"model": "anthropic/m", "api_base": "os.environ/BASE"}
    draft = of(tmp_path, yaml.safe_dump({"model_list": [{"model_name": "n", "litellm_params": params}]}))
    assert yaml.safe_load(draft.text())["providers"]["anthropic"]["base_url"] == "${BASE}/v1"
    [said] = [note.text for note in draft.notes if note.path.endswith("api_base")]
    assert "${BASE}" in said


@pytest.mark.parametrize(
    ("model", "asked"),
    [
        ("litellm_proxy/m", "m"),
        ("meta-llama/Llama-3", "meta-llama/Llama-3"),
        ("vertex_ai/m", None),
        ("azure_ai/m", None),
    ],
)
@pytest.mark.parametrize("place", ["api_base", "base_url"])
def test_a_vendor_with_an_address_is_openai_alike_only_where_litellm_says_so(
    tmp_path: Path, model: str, asked: str | None, place: str
) -> None:
    params = {"model": model, place: "https://h.example/v1", "api_key": "os.environ/K"}
    draft = of(tmp_path, yaml.safe_dump({"model_list": [{"model_name": "n", "litellm_params": params}]}))
    routes = yaml.safe_load(draft.text()).get("routes", [])
    assert [route["to"] for route in routes] == ([[{"provider": "openai", "model": asked}]] if asked else [])
    assert [note.path for note in draft.notes if note.left_out] == ([] if asked else ["model_list.0"])


def test_what_names_no_deployment_is_left_out_and_said(tmp_path: Path) -> None:
    params = {"model": "azure/", "api_base": "https://r.openai.azure.com", "api_key": "os.environ/K"}
    draft = of(tmp_path, yaml.safe_dump({"model_list": [{"model_name": "n", "litellm_params": params}]}))
    assert [note.path for note in draft.notes if note.left_out] == ["model_list.0.litellm_params.model"]


@pytest.mark.parametrize(
    ("provider", "host", "ours"),
    [
        ("ollama", "http://127.0.0.1:11434/", "http://127.0.0.1:11434/v1"),
        ("ollama", "http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1"),
        ("openai", "https://h.example/v1/", "https://h.example/v1"),
        ("openai", "https://h.example", "https://h.example"),
    ],
)
def test_portkeys_hosts_are_asked_where_portkey_asks_them(tmp_path: Path, provider: str, host: str, ours: str) -> None:
    config = {"provider": provider, "api_key": "k", "custom_host": host}
    [section] = yaml.safe_load(of(tmp_path, json.dumps(config)).text())["providers"].values()
    assert section["base_url"] == ours


def test_a_wildcard_without_a_vendor_is_left_out_with_what_to_write(tmp_path: Path) -> None:
    draft = of(tmp_path, "model_list:\n  - {model_name: '*', litellm_params: {model: '*'}}\n")
    [note] = [note for note in draft.notes if note.left_out]
    assert "names no vendor" in note.text and "route without `when`" in note.text

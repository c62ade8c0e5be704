"""Other gateways' configurations: what comes of them is a gate.yaml that this gate takes, and the rest is said."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from tidegate.engine.errors import ConfigError
from tidegate.serve.cli import app
from tidegate.serve.config.gate_yaml import parse_config
from tidegate.serve.gate import Gate
from tidegate.serve.imports import imported

LITELLM = """\
model_list:
  - model_name: gpt-4o
    litellm_params: {model: azure/ours-eu, api_base: os.environ/AZURE_BASE, api_key: os.environ/AZURE_KEY,
      api_version: "2024-10-21", rpm: 60}
    model_info: {id: eu, input_cost_per_token: 0.0000025, output_cost_per_token: 0.00001, max_input_tokens: 128000}
  - model_name: gpt-4o
    litellm_params: {model: gpt-4o, api_key: sk-live-secret, rpm: 20, temperature: 0.2}
  - model_name: claude
    litellm_params: {model: anthropic/claude-sonnet-4-5, api_base: "https://api.anthropic.com", timeout: 30}
  - model_name: local
    litellm_params: {model: ollama_chat/llama3, api_base: "http://ollama:11434"}
  - model_name: aws
    litellm_params: {model: bedrock/us.anthropic.claude-3-5-sonnet-20241022-v2:0, aws_region_name: eu-central-1}
  - model_name: vertex
    litellm_params: {model: vertex_ai/gemini-pro, vertex_project: p}
  - model_name: "*"
    litellm_params: {model: "openai/*"}
router_settings:
  routing_strategy: simple-shuffle
  num_retries: 2
  timeout: 60
  allowed_fails: 3
  cooldown_time: 30
  model_group_alias: {fast: local, ghost: nothing}
  redis_host: localhost
litellm_settings:
  fallbacks: [{gpt-4o: [claude]}, {nobody: [claude]}]
  content_policy_fallbacks: [{claude: [gpt-4o]}]
  context_window_fallbacks: [{gpt-4o: [claude]}]
  cache: true
  cache_params: {type: redis, host: cache, port: 6379, password: os.environ/REDIS_PASSWORD, ttl: 600, namespace: x}
  callbacks: [prometheus, langfuse, detect_prompt_injection]
  drop_params: true
  set_verbose: false
guardrails:
  - guardrail_name: pii
    litellm_params: {guardrail: presidio, mode: pre_call}
  - guardrail_name: tone
    litellm_params: {guardrail: aporia, mode: post_call}
general_settings:
  master_key: sk-1234
  database_url: os.environ/DATABASE_URL
  global_max_parallel_requests: 200
environment_variables: {LANGFUSE_KEY: x}
"""

VARIABLES = ("AZURE_BASE", "AZURE_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "REDIS_PASSWORD", "LITELLM_MASTER_KEY")


def of(folder: Path, text: str, name: str = "config.yaml") -> Any:
    (folder / name).write_text(text)
    return imported(folder / name)


def gate_of(draft: Any, monkeypatch: pytest.MonkeyPatch, folder: Path, *variables: str) -> Any:
    """The configuration as the gate reads it, with its variables set."""
    for name in variables:
        monkeypatch.setenv(name, "https://eu.openai.azure.com" if name.endswith("BASE") else "x-" + name)
    loaded = parse_config(draft.text(), file="gate.yaml", folder=folder)
    Gate(loaded)
    return yaml.safe_load(draft.text())


def test_litellms_models_become_routes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = gate_of(of(tmp_path, LITELLM), monkeypatch, tmp_path, *VARIABLES)
    routes = {route.get("when", {}).get("model", "*"): route for route in gate["routes"]}
    assert list(routes) == ["gpt-4o", "claude", "local", "aws", "*"]
    assert routes["gpt-4o"] == {
        "when": {"model": "gpt-4o"},
        "to": [
            {"provider": "azure", "model": "ours-eu", "weight": 60},
            {"provider": "openai", "weight": 20},
        ],
        "pick": "weight",
        "fallback": [{"provider": "anthropic", "model": "claude-sonnet-4-5"}],
        "retries": {"most": 2},
    }
    assert routes["claude"]["fallback"] == {
        "content_filter": [{"provider": "azure", "model": "ours-eu"}, {"provider": "openai", "model": "gpt-4o"}]
    }
    assert routes["local"]["to"] == [{"provider": "ollama", "model": "llama3"}]
    assert routes["*"]["to"] == ["openai"]


def test_litellms_providers_keep_their_hosts_and_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = gate_of(of(tmp_path, LITELLM), monkeypatch, tmp_path, *VARIABLES)
    assert gate["providers"] == {
        "azure": {
            "kind": "azure",
            "endpoint": "${AZURE_BASE}",
            "api_version": "2024-10-21",
            "api_key": "${AZURE_KEY}",
            "timeouts": {"first_byte": "60s", "total": "60s"},
        },
        "openai": {
            "kind": "openai",
            "api_key": "${OPENAI_API_KEY}",
            "timeouts": {"first_byte": "60s", "total": "60s"},
        },
        "anthropic": {
            "kind": "anthropic",
            "base_url": "https://api.anthropic.com/v1",
            "api_key": "${ANTHROPIC_API_KEY}",
            "timeouts": {"first_byte": "30s", "total": "30s"},
        },
        "ollama": {
            "kind": "ollama",
            "base_url": "http://ollama:11434/v1",
            "network": "private",
            "timeouts": {"first_byte": "60s", "total": "60s"},
        },
        "bedrock": {
            "kind": "bedrock",
            "region": "eu-central-1",
            "timeouts": {"first_byte": "60s", "total": "60s"},
        },
    }
    assert gate["models"] == {"ours-eu": {"input": 2.5, "output": 10.0}, "gpt-4o": {"context": 128000}}
    assert gate["aliases"] == {"fast": "local", "ghost": "nothing"}, "model_name: * serves it"
    assert gate["breaker"] == {"failures": 3, "rest": "30s", "longest": "60s"}
    assert gate["cache"] == {"mode": "exact", "store": "redis://:${REDIS_PASSWORD}@cache:6379/0", "ttl": "600s"}
    assert gate["guardrails"] == {"files": ["pack:pii", "pack:injection"]}
    assert (gate["max_in_flight"], gate["compat"]) == (200, "litellm")


def test_litellms_master_key_goes_on_being_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = gate_of(of(tmp_path, LITELLM), monkeypatch, tmp_path, *VARIABLES)
    assert gate["keys"] == {"require": True, "known": [{"name": "master", "key": "${LITELLM_MASTER_KEY}"}]}
    draft = of(tmp_path, LITELLM.replace("sk-1234", "os.environ/OUR_KEY"))
    assert draft.rest["keys"]["known"] == [{"name": "master", "key": "${OUR_KEY}"}]
    assert "keys" not in of(tmp_path, LITELLM.replace("master_key: sk-1234", "master_key: null")).rest


def test_what_litellm_has_and_the_gate_has_not_is_said_with_its_line(tmp_path: Path) -> None:
    notes = [note for note in of(tmp_path, LITELLM).notes if note.left_out]
    lines = LITELLM.splitlines()
    said = {note.path: lines[note.line - 1] for note in notes}
    for path, word in {
        "model_list.1.litellm_params.api_key": "sk-live-secret",
        "model_list.1.litellm_params.temperature": "temperature",
        "model_list.5": "vertex",
        "router_settings.redis_host": "redis_host",
        "litellm_settings.context_window_fallbacks": "context_window",
        "litellm_settings.cache_params.namespace": "namespace",
        "litellm_settings.callbacks.1": "langfuse",
        "litellm_settings.drop_params": "drop_params",
        "guardrails.1": "tone",
        "general_settings.master_key": "master_key",
        "general_settings.database_url": "database_url",
        "environment_variables.LANGFUSE_KEY": "LANGFUSE_KEY",
    }.items():
        assert word in said[path], path
    assert "nobody" in said["litellm_settings.fallbacks.1"]
    assert len(said) == 13


def test_a_price_without_its_other_half_is_said_to_be_left_out(tmp_path: Path) -> None:
    draft = of(tmp_path, LITELLM.replace("output_cost_per_token: 0.00001, ", ""))
    assert draft.rest["models"] == {"gpt-4o": {"context": 128000}}
    assert "model_list.0.model_info.input_cost_per_token" in {note.path for note in draft.notes if note.left_out}


def test_no_secret_is_copied(tmp_path: Path) -> None:
    draft = of(tmp_path, LITELLM)
    everything = draft.text() + "".join(map(str, draft.notes))
    assert "sk-live-secret" not in everything and "sk-1234" not in everything


def test_credentials_that_differ_get_variables_that_differ(tmp_path: Path) -> None:
    entries = "".join(
        f"  - {{model_name: m, litellm_params: {{model: openai/m, api_key: {key}}}}}\n" for key in ("k1", "k2", "k1")
    )
    draft = of(tmp_path, "model_list:\n" + entries + "router_settings: {model_group_alias: {a: [m]}}\n")
    assert [section["api_key"] for section in draft.providers.values()] == ["${OPENAI_API_KEY}", "${OPENAI_API_KEY_2}"]
    assert draft.routes[0]["to"] == ["openai", "openai-2"]
    assert [note.path for note in draft.notes if note.left_out][-1] == "router_settings.model_group_alias.a"


AZURES = "OURS_OPENAI_AZURE_COM_API_KEY"
PORTKEY: dict[str, Any] = {
    "strategy": {"mode": "fallback", "on_status_codes": [429, 503, 401]},
    "retry": {"attempts": 3, "on_status_codes": [429]},
    "cache": {"mode": "semantic", "max_age": 3600},
    "request_timeout": 20000,
    "output_guardrails": ["toxic"],
    "targets": [
        {
            "strategy": {"mode": "loadbalance"},
            "targets": [
                {"provider": "openai", "virtual_key": "open-ai-1", "weight": 3},
                {"provider": "azure-openai", "api_key": "sk-secret", "azure_resource_name": "ours", "weight": 1},
            ],
        },
        {"provider": "@groq-prod", "override_params": {"model": "llama-3", "temperature": 0}},
        {"provider": "stability-ai"},
    ],
}


def test_portkeys_targets_become_a_route(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exact = {**PORTKEY, "cache": {"mode": "simple", "max_age": 3600}}
    draft = of(tmp_path, json.dumps(exact, indent=1), "portkey.json")
    gate = gate_of(draft, monkeypatch, tmp_path, "OPEN_AI_1_API_KEY", "GROQ_PROD_API_KEY", AZURES)
    spare = [{"provider": "groq-prod", "model": "llama-3"}]
    assert gate["routes"] == [
        {
            "to": [{"provider": "open-ai-1", "weight": 3.0}, {"provider": "azure", "weight": 1.0}],
            "pick": "weight",
            "fallback": {"limited": spare, "refused": spare},
            "retries": {"most": 3, "on": ["limited"]},
            "deadline": "20s",
        }
    ]
    assert gate["providers"]["azure"]["endpoint"] == "https://ours.openai.azure.com"
    assert gate["cache"] == {"mode": "exact", "ttl": "3600s"}
    left_out = {note.path for note in draft.notes if note.left_out}
    assert left_out == {
        "output_guardrails",
        "strategy.on_status_codes",
        "targets.0.targets.1.api_key",
        "targets.1.override_params.temperature",
        "targets.2",
    }
    assert "sk-secret" not in draft.text()


def test_portkeys_conditions_become_routes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = {
        "strategy": {
            "mode": "conditional",
            "conditions": [
                {"query": {"metadata.plan": {"$eq": "paid"}, "params.model": {"$in": ["a", "b"]}}, "then": "big"},
                {"query": {"$or": [{"metadata.eu": {"$eq": True}}, {"params.model": {"$ne": "c"}}]}, "then": "small"},
                {"query": {"params.temperature": {"$gt": 0.7}}, "then": "small"},
            ],
            "default": "small",
        },
        "targets": [{"name": "big", "provider": "openai"}, {"name": "small", "provider": "groq"}],
    }
    draft = of(tmp_path, json.dumps(config, indent=1), "portkey.json")
    gate = gate_of(draft, monkeypatch, tmp_path, "OPENAI_API_KEY", "GROQ_API_KEY")
    assert gate["routes"] == [
        {"when": {"metadata": {"plan": ["paid"]}, "model": ["a", "b"]}, "to": ["openai"]},
        {"when": {"any": [{"metadata": {"eu": ["true"]}}, {"not": {"model": ["c"]}}]}, "to": ["groq"]},
        {"to": ["groq"]},
    ]
    [note] = [note for note in draft.notes if note.left_out]
    assert note.path == "strategy.conditions.2.query.params.temperature"


def test_a_condition_of_portkeys_is_carried_over_whole_or_not_at_all(tmp_path: Path) -> None:
    plan: dict[str, Any] = {"$and": [{"$or": [{"metadata.plan": "paid"}, {"metadata.plan": "pro"}]}]}
    region = {"$or": [{"metadata.region": "eu"}, {"metadata.region": "uk"}]}
    config = {
        "strategy": {"mode": "conditional", "conditions": [{"query": plan | region, "then": "a"}], "default": "b"},
        "targets": [{"name": "a", "provider": "openai"}, {"name": "b", "provider": "groq"}],
    }
    draft = of(tmp_path, json.dumps(config), "portkey.json")
    assert draft.routes == [{"to": ["groq"]}]
    assert [note.path for note in draft.notes if note.left_out] == ["strategy.conditions.0.query.$or"]


def test_a_single_provider_is_a_config_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = of(tmp_path, '{"provider": "anthropic", "api_key": "sk-a", "cache": "simple"}', "portkey.json")
    gate = gate_of(draft, monkeypatch, tmp_path, "ANTHROPIC_API_KEY")
    assert gate["routes"] == [{"to": ["anthropic"]}]


def test_portkeys_keys_may_be_in_camel_case(tmp_path: Path) -> None:
    config = '{"virtualKey": "openai-prod",\n "overrideParams": {"model": "gpt-4o"},\n "strictOpenAiCompliance": true}'
    draft = of(tmp_path, config, "portkey.json")
    assert draft.routes == [{"to": [{"provider": "openai-prod", "model": "gpt-4o"}]}]
    said = {note.path: str(note).partition(": ")[0] for note in draft.notes}
    assert said == {"": "line 1", "strict_open_ai_compliance": "line 3"}


def test_the_command_prints_or_writes_and_says_by_its_exit_code_whether_all_is_there(tmp_path: Path) -> None:
    (tmp_path / "whole.json").write_text('{"provider": "ollama"}')
    (tmp_path / "config.yaml").write_text(LITELLM)
    run = CliRunner()
    done = run.invoke(app, ["import", str(tmp_path / "whole.json"), "--out", str(tmp_path / "gate.yaml")])
    assert done.exit_code == 0, done.output
    parse_config((tmp_path / "gate.yaml").read_text(), file="gate.yaml", folder=tmp_path)
    again = run.invoke(app, ["import", str(tmp_path / "whole.json"), "--out", str(tmp_path / "gate.yaml")])
    assert isinstance(again.exception, ConfigError) and "there already" in str(again.exception)
    some = run.invoke(app, ["import", str(tmp_path / "config.yaml"), "--json"])
    report = json.loads(some.stdout)
    assert some.exit_code == 3 and report["left_out"] == sum(note["left_out"] for note in report["notes"]) == 13
    assert report["gate"].startswith("# Not carried over:\n# line ")
    told = run.invoke(app, ["import", str(tmp_path / "config.yaml")])
    assert "left out line" in told.output and "version: 1" in told.output


@pytest.mark.parametrize("text", ["", "a: 1", "[1]", "model_list: &x [1]\n"])
def test_what_is_no_such_file_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError):
        of(tmp_path, text)


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-5, 700), st.text("ab-/*@{}$:.", max_size=6))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                "provider virtual_key targets strategy mode weight override_params model retry attempts cache max_age "
                "on_status_codes conditions query then default model_list model_name litellm_params api_base api_key "
                "router_settings litellm_settings general_settings guardrails fallbacks callbacks".split()
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=14,
)


@given(data=st.dictionaries(st.sampled_from(["model_list", "targets", "provider", "strategy", "retry"]), VALUES))
def test_any_file_is_carried_over_or_refused_in_words(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(data))
    try:
        imported(path)
    except ConfigError as error:
        assert str(error)

"""Whom an imported route asks, and for which model."""

import json
from pathlib import Path
from typing import Any

import yaml

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

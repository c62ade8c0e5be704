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

"""Other gateways' configurations: whose key a variable holds, and how durations are written."""

import json
from pathlib import Path
from typing import Any

import pytest

from tidegate.serve.imports import imported

THEIRS = "https://theirs.example/v1"


def entry(model: str, **params: Any) -> dict[str, Any]:
    return {"model_name": model, "litellm_params": {"model": model, **params}}


def of(folder: Path, config: dict[str, Any]) -> Any:
    (folder / "config.json").write_text(json.dumps(config))
    return imported(folder / "config.json")


WRITTEN = entry("openai/w", api_key="sk-w", api_base=THEIRS)


@pytest.mark.parametrize(
    ("other", "written"),
    [
        (entry("openai/a", api_key="os.environ/OPENAI_API_KEY"), WRITTEN),
        (entry("openai/a", api_key="sk-a"), WRITTEN),
        (entry("openai/a"), WRITTEN),
        (entry("anthropic/a", api_key="os.environ/THEIRS_EXAMPLE_API_KEY"), WRITTEN),
        (entry("groq/a"), entry("openai/w", api_key="sk-w", api_base="http://groq/v1")),
        (entry("azure/a", api_base="https://ours.example"), entry("azure/w", api_key="sk-w", api_base=THEIRS)),
        (entry("openai/a", api_base=THEIRS), entry("openai/w", api_key="sk-w")),
        (entry("groq/a", api_key="os.environ/OPENAI_API_KEY"), entry("openai/w", api_key="sk-w")),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_a_key_that_is_written_out_has_a_variable_that_no_other_host_is_given(
    tmp_path: Path, other: dict[str, Any], written: dict[str, Any], turned: bool
) -> None:
    draft = of(tmp_path, {"model_list": [written, other] if turned else [other, written]})
    keys = [section["api_key"] for section in draft.providers.values()]
    assert len(set(keys)) == 2
    theirs = keys[0 if turned else 1]
    away = "api_base" in written["litellm_params"]
    assert not away or theirs not in ("${OPENAI_API_KEY}", "${GROQ_API_KEY}", "${AZURE_API_KEY}")
    assert any(f"as {theirs[2:-1]}" in note.text for note in draft.notes if note.left_out)


def test_a_key_of_portkeys_is_for_one_host(tmp_path: Path) -> None:
    targets = [
        {"provider": "openai", "virtual_key": "anthropic"},
        {"provider": "groq", "virtual_key": "prod"},
        {"provider": "openai", "virtual_key": "prod", "api_key": "sk-w", "custom_host": THEIRS},
    ]
    draft = of(tmp_path, {"strategy": {"mode": "fallback"}, "targets": targets})
    keys = [section["api_key"] for section in draft.providers.values()]
    assert keys == ["${OPENAI_API_KEY}", "${PROD_API_KEY}", "${THEIRS_EXAMPLE_API_KEY}"]


def test_a_variable_that_the_file_sets_is_not_another_keys(tmp_path: Path) -> None:
    draft = of(
        tmp_path, {"model_list": [entry("openai/w", api_key="k")], "environment_variables": {"OPENAI_API_KEY": "x"}}
    )
    assert draft.providers["openai"]["api_key"] == "${OPENAI_API_KEY_2}"


def test_durations_have_no_exponents(tmp_path: Path) -> None:
    settings = {"cache": True, "cache_params": {"type": "disk", "ttl": 2592000}}
    draft = of(tmp_path, {"model_list": [entry("openai/a", timeout=1234567.5)], "litellm_settings": settings})
    assert draft.rest["cache"]["ttl"] == "2592000s"
    assert draft.providers["openai"]["timeouts"]["total"] == "1234567.5s"
    draft = of(tmp_path, {"provider": "openai", "cache": {"mode": "simple", "max_age": 2592000}})
    assert draft.rest["cache"]["ttl"] == "2592000s"


def test_what_should_be_a_word_may_be_anything(tmp_path: Path) -> None:
    draft = of(tmp_path, {"model_list": [], "litellm_settings": {"callbacks": [{"a": "mapping"}]}})
    assert "litellm_settings.callbacks.0" in {note.path for note in draft.notes if note.left_out}
    retry = {"attempts": 2, "on_status_codes": [[429], {"a": 1}, 429]}
    strategy = {"mode": "fallback", "on_status_codes": [[503], 429]}
    targets = [{"provider": "openai"}, {"provider": "groq"}]
    draft = of(tmp_path, {"strategy": strategy, "retry": retry, "targets": targets})
    [route] = draft.routes
    assert route["retries"] == {"most": 2, "on": ["limited"]} and route["fallback"] == {"limited": ["groq"]}

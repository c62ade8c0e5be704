"""The table of well-known hosts: every row can be used, is documented, and changes names at most."""

import dataclasses
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tidegate
from tidegate.engine.errors import ConfigError
from tidegate.models.providers import registry
from tidegate.models.providers.openai import OpenAIProvider
from tidegate.models.providers.presets import PRESETS, SITE
from tidegate.models.providers.quirks import Quirks
from tidegate.models.transport import Deadlines, Transport
from tidegate.serve.config.gate_yaml import parse_config
from tidegate.serve.config.reference import presets_table
from tidegate.serve.listing import make_catalogue
from tidegate.serve.make_provider import base_url, make_provider

DOCS = Path(tidegate.__file__).parent / "docs"


def test_there_are_presets_for_the_well_known_hosts() -> None:
    wanted = "groq together fireworks mistral deepseek xai openrouter perplexity cerebras sambanova nvidia deepinfra"
    wanted += " hyperbolic novita moonshot zhipu qwen minimax ollama lmstudio vllm llamacpp localai tgi github"
    wanted += " cloudflare databricks cohere ai21 nebius scaleway ovhcloud siliconflow baseten featherless friendli"
    assert set(wanted.split()) <= PRESETS.keys()
    assert len(PRESETS) >= 40


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_whole_provider(name: str) -> None:
    preset = PRESETS[name]
    site = ", site: abc" if preset.site else ""
    text = f"version: 1\nproviders: {{p: {{kind: {name}, api_key: k{site}}}}}\n"
    loaded = parse_config(text, file="gate.yaml", folder=Path())
    made = make_provider("p", loaded.config.providers["p"], loaded, Transport())
    assert isinstance(made, OpenAIProvider) and made.speaks == set(preset.speaks)
    url = urlsplit(base_url(loaded.config.providers["p"]))
    local = url.hostname == "localhost"
    assert url.scheme == ("http" if local else "https") and local is not preset.needs_key
    assert (SITE in preset.base_url) is bool(preset.site)


def test_the_address_with_its_site_tells_whose_prices_apply() -> None:
    text = "version: 1\nproviders:\n  d: {kind: databricks, site: dbc-1.cloud.databricks.com}\n  g: {kind: groq}\n"
    text += "  t: {kind: together}\n  v: {kind: vllm}\n  n: {kind: novita}\n  m: {kind: mistral}\n"
    catalogue = make_catalogue(parse_config(text, file="gate.yaml", folder=Path()))
    catalogue.start()
    assert set("dgtnm") == catalogue.priced()


def test_the_page_shows_the_table_as_it_is() -> None:
    assert presets_table() in (DOCS / "providers.md").read_text("utf-8")


def block(language: str, number: int = 0) -> str:
    return (DOCS / "providers.md").read_text("utf-8").split(f"```{language}\n")[number + 1].split("```")[0]


def test_the_page_s_example_is_a_whole_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = "version: 1\n" + block("yaml").replace("/run/secrets/anthropic", "a.key")
    text = text.replace("  local:  {kind: llama}\n", "")  # its weights are not everywhere
    (tmp_path / "a.key").write_text("k\n")
    for name in re.findall(r"\$\{(\w+)\}", text):
        monkeypatch.setenv(name, "k")
    loaded = parse_config(text, file="gate.yaml", folder=tmp_path)
    made = [make_provider(name, section, loaded, Transport()) for name, section in loaded.config.providers.items()]
    assert len(made) == 6


def test_the_page_s_own_provider_is_one(tmp_path: Path) -> None:
    names: dict[str, Any] = {}
    exec(compile(block("python"), "providers.md", "exec"), names)
    making = registry.Making("acme", Transport(), Deadlines(), None, None, {"desk": "research"}, tmp_path)
    made = names["Acme"].from_config(making)
    assert isinstance(made, OpenAIProvider) and made.name == "acme"
    with pytest.raises(ConfigError, match="does not know the setting dusk"):
        names["Acme"].from_config(dataclasses.replace(making, settings={"dusk": 1}))


def test_names_are_changed_where_the_host_knows_only_one() -> None:
    old = Quirks("max_tokens")
    assert old.applied({"model": "m", "max_completion_tokens": 5, "n": 1}) == {"model": "m", "max_tokens": 5, "n": 1}
    assert Quirks("max_completion_tokens").applied({"max_tokens": 5}) == {"max_completion_tokens": 5}
    both = {"max_tokens": 1, "max_completion_tokens": 2}  # the host's to judge
    assert old.applied(both) == both
    for name, other in (("max_tokens", "max_completion_tokens"), ("max_completion_tokens", "max_tokens")):
        assert old.applied({name: 5, other: None}) == {"max_tokens": 5}
    assert Quirks(stream_options=False).applied({"stream": True, "stream_options": {}}) == {"stream": True}


@given(st.dictionaries(st.text(max_size=8), st.integers(), max_size=5))
def test_a_body_without_the_names_in_question_is_the_very_same(body: dict[str, int]) -> None:
    for quirks in (Quirks(), Quirks("max_tokens", False), Quirks("max_completion_tokens")):
        assert quirks.applied(body) is body

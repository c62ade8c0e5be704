"""Whatever callers write into other gateways' fields is understood or refused, and nothing is passed over."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tidegate
from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import BadRequest, ConfigError
from tidegate.engine.exchange import Exchange, Reply
from tidegate.engine.steering import Choice
from tidegate.serve.compat import make_compat
from tidegate.serve.compat.litellm import LiteLLM
from tidegate.serve.compat.portkey_config import read_config
from tidegate.serve.compat.vendors import Providers, kind_of
from tidegate.serve.config.gate_yaml import parse_config
from tidegate.serve.gate import Gate

OURS = Providers({"main": "openai", "spare": "groq", "also": "groq"})
NAMES = (
    "provider virtual_key targets strategy mode weight override_params model retry attempts cache max_age ttl "
    "onStatusCodes request_timeout no-cache no-store s-maxage namespace use-cache simple fallback loadbalance single "
    "main spare"
).split()
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**400),
    st.floats(allow_nan=False),
    st.sampled_from(NAMES),
    st.text(max_size=5),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)


def exchange(body: dict[str, Any], **headers: str) -> Exchange:
    whole: dict[str, Any] = {"model": "gpt-1", "messages": [{"role": "user", "content": "x"}], **body}
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Exchange(OpenAIChat(), "/v1/chat/completions", sent, whole, str(whole["model"]), False)


@given(config=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4))
def test_any_config_of_portkeys_is_read_or_refused(config: dict[str, Any]) -> None:
    try:
        read_config(json.dumps(config), OURS)
    except BadRequest as error:
        assert error.param and error.param.startswith("x-portkey-config")


FIELDS = "cache guardrails tags num_retries timeout stream_timeout metadata litellm_metadata fallbacks".split()


@given(
    body=st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=3), gateway=st.sampled_from(["litellm", "bifrost"])
)
async def test_any_fields_are_taken_off_or_refused(body: dict[str, Any], gateway: str) -> None:
    stage = make_compat([gateway], OURS.kinds, lambda: ["pii.email"], {})
    assert stage is not None
    asked = exchange(body)

    async def onward(passed: Exchange) -> Reply:
        taken = set(FIELDS) - {"metadata"} if gateway == "litellm" else {"fallbacks"}
        assert not passed.body.keys() & taken
        return Reply.whole(200, b"{}")

    try:
        await stage(asked, onward)
    except BadRequest as error:
        assert error.param


@pytest.mark.parametrize("gateway", ["litellm", "bifrost"])
@pytest.mark.parametrize("own", ["default", [{"model": "claude-1", "speed": "standard"}]])
async def test_anthropics_own_fallbacks_stay_in_its_dialect(gateway: str, own: Any) -> None:
    stage = make_compat([gateway], OURS.kinds, list, {})
    assert stage is not None

    async def onward(passed: Exchange) -> Reply:
        return Reply.whole(200, b"{}")

    asked = replace(exchange({"fallbacks": own}), dialect=AnthropicMessages())
    await stage(asked, onward)
    assert asked.steering is None and asked.body["fallbacks"] == own
    named = replace(exchange({"fallbacks": ["gpt-2"]}), dialect=AnthropicMessages())
    await stage(named, onward)
    assert named.steering and named.steering.choices[1].model == "gpt-2" and "fallbacks" not in named.body
    with pytest.raises(BadRequest):
        await stage(exchange({"fallbacks": own}), onward)


def test_a_choice_by_kind_stands_for_all_of_that_kind() -> None:
    assert OURS.find("groq") == ("spare", "also")
    assert OURS.find("@main") == ("main",)
    assert OURS.find("openai") == ("main",)
    assert OURS.find("llama") == ()


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("azure-openai", "azure"),
        ("together_ai", "together"),
        ("x-ai", "xai"),
        ("Groq", "groq"),
        ("llama", ""),
        ("vertex_ai", ""),
    ],
)
def test_vendors_are_known_by_others_names(theirs: str, ours: str) -> None:
    assert kind_of(theirs) == ours


def test_a_target_is_drawn_in_proportion_to_its_weight() -> None:
    config = json.dumps(
        {
            "strategy": {"mode": "loadbalance"},
            "targets": [{"provider": "main", "weight": 3}, {"provider": "spare"}],
        }
    )
    drawn = [read_config(config, OURS, draw=lambda at=at: at / 8).choices for at in range(8)]
    assert drawn == [(Choice(("main",)),)] * 6 + [(Choice(("spare",)),)] * 2


def test_a_models_name_cannot_end_a_header() -> None:
    asked = exchange({"model": "x\r\nset-cookie: a=b"})
    asked.provider = "main"
    told = dict(LiteLLM(list).tell(asked))
    assert told["x-litellm-model-id"] == "main"


def test_a_similarity_is_told_under_litellms_name() -> None:
    asked = exchange({})
    asked.cache.similarity = 0.98765
    assert dict(LiteLLM(list).tell(asked))["x-litellm-semantic-similarity"] == "0.9877"


def test_the_example_on_the_page_builds(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(tidegate.__file__).parent / "docs" / "compat.md").read_text("utf-8")
    for name in ("OPENAI_API_KEY", "GROQ_API_KEY"):
        monkeypatch.setenv(name, "x")
    text = "version: 1\n" + page.split("```yaml\n")[1].split("```")[0]
    Gate(parse_config(text, file="gate.yaml", folder=Path()))


@pytest.mark.parametrize("wrong", ["kong", "[portkey, portkey]", "{portkey: true}"])
def test_a_gateway_that_is_not_known_is_refused_at_start(wrong: str) -> None:
    with pytest.raises(ConfigError, match=r"gate.yaml:2:9: "):
        parse_config(
            f"version: 1\ncompat: {wrong}\nproviders: {{a: {{kind: openai}}}}\n", file="gate.yaml", folder=Path()
        )

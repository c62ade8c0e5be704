"""Which requests a route's conditions let through."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import BadRequest
from tidegate.engine.exchange import Exchange
from tidegate.models.conditions import ALWAYS, Facts, When, covers


def facts(
    text: Any = "hello", *, model: str = "gpt-4o", stream: bool = False, metadata: Any = None, **headers: str
) -> Facts:
    body = {"model": model, "messages": [{"role": "user", "content": text}], "metadata": metadata}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Facts(Exchange(OpenAIChat(), OpenAIChat.path, named, body, model=model, stream=stream))


def test_all_conditions_of_one_mapping_must_hold() -> None:
    when = When(models=("gpt-*",), stream=True, headers={"x-env": ("staging", "test*")})
    assert when.holds(facts(stream=True, x_env="test-2"))
    assert not when.holds(facts(stream=False, x_env="test-2"))
    assert not when.holds(facts(stream=True, x_env="live"))
    assert not when.holds(facts(stream=True))
    assert not when.holds(facts(stream=True, x_env="staging", model="o3"))


def test_metadata_is_read_from_the_body_and_the_header_wins() -> None:
    when = When(metadata={"tier": ("gold", "2"), "live": ("true",)})
    asked = facts(x_tidegate_metadata='{"tier": 2}')
    asked._exchange.metadata = {"tier": "free", "live": True}
    assert when.holds(asked)
    assert not When(metadata={"tier": ("free",)}).holds(asked)


@pytest.mark.parametrize("sent", ["shop", "[1]", "{"])
def test_metadata_that_is_none_is_refused_where_a_route_asks_for_it(sent: str) -> None:
    with pytest.raises(BadRequest, match="must be a JSON object"):
        When(metadata={"a": ("b",)}).holds(facts(x_tidegate_metadata=sent))
    assert When(models=("gpt-*",)).holds(facts(x_tidegate_metadata=sent))


def test_tokens_are_estimated_from_the_texts_at_four_bytes_each() -> None:
    assert facts("x" * 4000).tokens == pytest.approx(1000, abs=5)
    assert facts("é" * 4000).tokens == pytest.approx(2000, abs=5)
    assert When(over=900, under=1100).holds(facts("x" * 4000))
    assert not When(over=1100).holds(facts("x" * 4000))
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 100_000}}
    assert facts([image]).tokens < 100


def test_keys_and_teams_fit_named_callers_only() -> None:
    asked = [facts(), facts()]
    asked[0].key, asked[0].team = "red-1", "security"
    for when in (When(keys=("red-*",)), When(keys=("*",)), When(teams=("x", "sec*")), When(keys=("*",), teams=("*",))):
        assert [when.holds(each) for each in asked] == [True, False]
    assert [When(unless=When(keys=("*",))).holds(each) for each in asked] == [False, True]
    assert not When(keys=("red-2",)).holds(asked[0])


def test_a_dialect_is_named_by_itself_or_by_its_family() -> None:
    claude = Facts(Exchange(AnthropicMessages(), "/v1/messages", {}, {}, model="c", stream=False))
    assert When(dialects=("anthropic",)).holds(claude) and When(dialects=("anthropic.messages",)).holds(claude)
    assert not When(dialects=("openai", "anthropic.count_tokens")).holds(claude)


def test_any_and_unless() -> None:
    when = When(any=(When(models=("o*",)), When(stream=True)), unless=When(headers={"x-debug": ("*",)}))
    assert when.holds(facts(model="o3")) and when.holds(facts(stream=True))
    assert not when.holds(facts()) and not when.holds(facts(model="o3", x_debug=""))


def test_a_request_that_no_dialect_reads_has_no_model_and_fits_conditions_on_it() -> None:
    unread = Facts(Exchange(OpenAIChat(), "/v1/files", {}, {}, model="", stream=False), unread=True)
    assert When(models=("gpt-*",)).holds(unread)
    assert not When(models=("gpt-*",), headers={"x-env": ("a",)}).holds(unread)


PATTERNS = st.text("ab*?", min_size=1, max_size=4)


@given(
    st.lists(PATTERNS, min_size=1, max_size=3),
    st.lists(PATTERNS, max_size=3),
    st.booleans(),
    st.text("ab", min_size=1, max_size=5),
)
def test_a_route_that_is_called_covered_never_takes_what_the_earlier_one_does_not(
    wide: list[str], narrow: list[str], only_streams: bool, model: str
) -> None:
    earlier, later = When(models=tuple(wide)), When(models=tuple(narrow), stream=True if only_streams else None)
    asked = facts(model=model, stream=True)
    if covers(earlier, later) and later.holds(asked):
        assert earlier.holds(asked)


@pytest.mark.parametrize(
    ("earlier", "later", "covered"),
    [
        (ALWAYS, When(models=("x",)), True),
        (When(models=("gpt-*",)), When(models=("gpt-4*", "gpt-5")), True),
        (When(models=("gpt-*",)), When(models=("gpt-4*",), stream=True), True),
        (When(models=("*",)), ALWAYS, True),
        (When(models=("gpt-*",)), When(models=("gpt-4*", "o3")), False),
        (When(models=("gpt-*",), stream=True), When(models=("gpt-4",)), False),
        (When(stream=True), When(stream=True), True),
        (When(models=("gpt-*",)), ALWAYS, False),
    ],
)
def test_which_routes_cover_which(earlier: When, later: When, covered: bool) -> None:
    assert covers(earlier, later) is covered


def test_values_of_metadata_that_are_no_strings_are_compared_as_json() -> None:
    sent = json.dumps({"n": 1.5, "none": None})
    asked = facts(x_tidegate_metadata=sent)
    assert When(metadata={"n": ("1.5",)}).holds(asked)
    assert not When(metadata={"none": ("*",)}).holds(asked)

"""Prices and context windows: the catalogue's, the operator's over them, and none where none is known."""

from dataclasses import replace

import pytest
from genai_prices import Usage as Counted
from genai_prices import calc_price
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.usage import Usage, usage_of
from tidegate.models.catalogue import Catalogue, Facts

HOSTS = {
    "openai": "https://api.openai.com/v1",
    "claude": "https://api.anthropic.com/v1",
    "aws": "https://bedrock-runtime.eu-west-1.amazonaws.com",
    "az": "https://ours.openai.azure.com",
    "near": "http://localhost:8000/v1",
    "together": "https://api.together.ai/v1",
    "perplexity": "https://api.perplexity.ai",
}


def catalogue(**own: Facts) -> Catalogue:
    made = Catalogue({name.replace("_", "-"): facts for name, facts in own.items()}, HOSTS, {"together": "together"})
    made.start()
    return made


@pytest.fixture(scope="module")
def known() -> Catalogue:
    return catalogue()


def test_a_models_window_and_prices_are_known(known: Catalogue) -> None:
    facts = known.facts("gpt-4o-mini", "openai")
    assert facts == Facts(context=128000, input=0.15, output=0.6, cached=0.075)
    tiered = known.facts("claude-sonnet-4-5", "claude")
    assert tiered is not None and (tiered.context, tiered.input, tiered.output) == (200000, 3.0, 15.0)


def test_a_cost_is_tokens_times_prices(known: Catalogue) -> None:
    usage = Usage(input=1_000_000, output=500_000, cached=200_000)
    assert known.cost("gpt-4o-mini", "gpt-4o-mini-2024-07-18", "openai", usage) == (
        pytest.approx(0.8 * 0.15 + 0.2 * 0.075 + 0.5 * 0.6),
        "gpt-4o-mini",
    )


def test_writing_to_the_providers_cache_costs_what_it_costs(known: Catalogue) -> None:
    usage = Usage(input=10_000, output=0, cached=2_000, written=3_000, written_hour=1_000)
    cost = known.cost("claude-sonnet-4-5", "claude-sonnet-4-5-20250929", "claude", usage)
    assert cost is not None
    assert cost[0] == pytest.approx((5_000 * 3 + 2_000 * 0.3 + 2_000 * 3.75 + 1_000 * 6) / 1e6)


def test_the_service_tier_has_its_own_price(known: Catalogue) -> None:
    plain, fast = (known.cost("gpt-4o-mini", "", "openai", Usage(input=1000, tier=tier)) for tier in ("", "priority"))
    assert plain and fast and fast[0] > plain[0]


def test_a_faster_answer_has_its_own_price(known: Catalogue) -> None:
    usage = usage_of({"usage": {"input_tokens": 1000, "output_tokens": 100, "speed": "fast"}})
    assert usage is not None
    costs = [known.cost("claude-fable-5-2", "", "claude", each) for each in (replace(usage, speed="standard"), usage)]
    assert costs[0] and costs[1] and costs[1][0] == pytest.approx(2 * costs[0][0])


def test_a_request_has_its_own_price_where_it_has_one(known: Catalogue) -> None:
    cost = known.cost("sonar", "sonar", "perplexity", Usage(input=1000, output=1000))
    assert cost is not None and cost[0] == pytest.approx(0.012 + 0.002)


def test_audio_has_its_own_price_where_it_has_one(known: Catalogue) -> None:
    usage = Usage(input=1000, output=1000, heard=400, spoken=1000)
    cost = known.cost("gpt-audio", "", "openai", usage)
    assert cost is not None and cost[0] == pytest.approx((600 * 2.5 + 400 * 32 + 1000 * 64) / 1e6)
    assert known.cost("gpt-4o", "", "openai", usage) == (pytest.approx((1000 * 2.5 + 1000 * 10) / 1e6), "gpt-4o")


def test_audio_beside_cached_tokens_has_a_cost_without_a_word_on_which_are_both(known: Catalogue) -> None:
    told = known.cost("gpt-audio", "", "openai", Usage(input=1000, cached=900, heard=800, heard_cached=700))
    assert told is not None
    assert known.cost("gpt-audio", "", "openai", Usage(input=1000, cached=900, heard=800)) == told


def test_searches_and_deep_research_cost_what_they_cost(known: Catalogue) -> None:
    searched = known.cost("claude-sonnet-4-5", "", "claude", Usage(input=1000, output=500, searches=5))
    assert searched is not None and searched[0] == pytest.approx(0.003 + 0.0075 + 0.05)
    usage = Usage(33, 101_176, reasoning=73_997, cited=20_016, searches=18)
    research = known.cost("sonar-deep-research", "", "perplexity", usage)
    assert research is not None
    assert research[0] == pytest.approx((33 * 2 + 7_163 * 8 + 73_997 * 3 + 20_016 * 2) / 1e6 + 18 * 0.005)
    thought = known.cost("sonar-deep-research", "", "perplexity", Usage(33, 2_000, reasoning=1_000))
    assert thought is not None and thought[0] == pytest.approx((33 * 2 + 1_000 * 8 + 1_000 * 3) / 1e6)


def test_hosts_resell_models_at_their_own_price_or_none(known: Catalogue) -> None:
    usage = Usage(input=1000, output=1000)
    assert known.cost("gpt-4o", "gpt-4o-2024-08-06", "az", usage)
    assert known.cost("claude", "anthropic.claude-sonnet-4-5-20250929-v1:0", "aws", usage)
    assert known.cost("gpt-4o", "gpt-4o", "near", usage) is None
    assert known.cost("gpt-4o", "gpt-4o", "nobody", usage) is None
    assert known.cost("no-such-model", "", "openai", usage) is None
    assert known.facts("no-such-model", "openai") is None and known.facts("", "openai") is None
    assert known.facts("meta-llama/Llama-3.3-70B-Instruct-Turbo", "together")


def test_the_operators_word_wins_field_by_field() -> None:
    made = catalogue(
        gpt_4o_mini=Facts(input=1.0, output=2.0), gpt_4o=Facts(context=5), mine=Facts(8192, 0.1, 0.2, 0.05)
    )
    assert made.facts("gpt-4o-mini", "openai") == Facts(128000, 1.0, 2.0, None)
    window_only = made.facts("gpt-4o", "openai")
    assert window_only is not None and (window_only.context, window_only.input) == (5, 2.5)
    usage = Usage(input=1_000_000, output=1_000_000, cached=500_000)
    assert made.cost("mine", "whatever-it-says", "near", usage) == (pytest.approx(0.05 + 0.025 + 0.2), "mine")
    assert made.cost("gpt-4o-mini", "gpt-4o-mini-2024-07-18", "openai", usage) == (pytest.approx(3.0), "gpt-4o-mini")
    assert made.cost("free", "free", "near", usage) is None


def test_before_it_is_started_it_knows_what_the_operator_said() -> None:
    made = Catalogue({"mine": Facts(input=0.0, output=0.0)}, HOSTS, {})
    assert made.cost("mine", "", "openai", Usage(input=5)) == (0.0, "mine")
    assert made.cost("gpt-4o", "", "openai", Usage(input=5)) is None


def test_names_that_callers_make_up_are_forgotten(known: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidegate.models.catalogue.SEEN", 10)
    for index in range(100):
        known.facts(f"made-up-{index}", "openai")
    assert len(known._seen) <= 10  # pyright: ignore[reportPrivateUsage]


MODELS = [("openai", "gpt-4o-mini"), ("openai", "gpt-4o"), ("openai", "o3"), ("claude", "claude-sonnet-4-5")]
MODELS += [("claude", "claude-haiku-4-5"), ("az", "gpt-4o"), ("together", "meta-llama/Llama-3.3-70B-Instruct-Turbo")]
MODELS += [("perplexity", "sonar"), ("perplexity", "sonar-pro")]


@given(
    where=st.sampled_from(MODELS),
    counts=st.tuples(*[st.integers(0, 300_000)] * 5),
    tier=st.sampled_from(["", "default", "priority", "standard", "unheard-of"]),
)
def test_the_quick_way_to_a_cost_is_the_price_list_s_own(
    known: Catalogue, where: tuple[str, str], counts: tuple[int, ...], tier: str
) -> None:
    plain, output, cached, five_minutes, hour = counts
    written = five_minutes + hour
    usage = Usage(plain + cached + written, output, cached, written, hour, tier=tier)
    provider, model = where
    wanted = calc_price(
        Counted(
            input_tokens=usage.input,
            output_tokens=output,
            cache_read_tokens=cached,
            cache_write_tokens=written,
            cache_write_1h_tokens=hour,
        ),
        model,
        provider_api_url=HOSTS[provider] if provider != "together" else None,
        provider_id="together" if provider == "together" else None,
        price_context={"service_tier": tier} if tier else None,
    )
    found = known.cost(model, "", provider, usage)
    assert found is not None and found[0] == pytest.approx(float(wanted.total_price), abs=1e-12)


def test_counts_that_contradict_each_other_have_no_cost(known: Catalogue) -> None:
    for usage in (Usage(input=5, cached=6), Usage(input=5, written=6), Usage(input=5, written=1, written_hour=2)):
        assert known.cost("gpt-4o", "", "openai", usage) is None
        assert known.cost("claude-sonnet-4-5", "", "claude", usage) is None
    assert catalogue(mine=Facts(input=1.0, output=1.0)).cost("mine", "", "near", Usage(input=5, cached=6)) is None

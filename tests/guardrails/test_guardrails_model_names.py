"""The name of a model, in the body or in the path: looked at as every text, never changed, stopped by no pack."""

from typing import Any

import pytest

from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.errors import Blocked
from tidegate.engine.exchange import Exchange, Reply
from tidegate.engine.headers import outcome
from tidegate.engine.steering import Choice, Steering
from tidegate.guardrails.guard import RequestGuard
from tidegate.guardrails.rules.compile import load_ruleset
from tidegate.guardrails.rules.load import packs
from tidegate.guardrails.rules.ruleset import Ruleset
from tidegate.tests.guardrails.guarded import MAIL, PII, WORDS, exchange, rules, run, whole

ORDINARY = (
    "gpt-4o-2024-08-06",
    "gpt-4-0125-preview",
    "claude-3-5-sonnet-20241022",
    "claude-3-5-haiku@20241022",
    "anthropic.claude-3-5-sonnet-20241022-v2:0",
    "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-3-5-sonnet-20240620-v1:0",
    "meta.llama3-1-70b-instruct-v1:0",
    "accounts/fireworks/models/llama-v3p1-405b-instruct",
    "ft:gpt-4o:org::id",
    "ft:gpt-4o-mini-2024-07-18:acme-corp:support-bot:9xK2LmQ7",
    "gemini-2.5-flash-preview-05-20",
    "projects/my-proj/locations/us-central1/endpoints/1234567890123456789",
    "meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo",
    "hf.co/bartowski/Llama-3.2-1B-Instruct-GGUF:latest",
    "nousresearch/hermes-3-llama-3.1-405b:free",
    "ep-20240612123456-abcde",
    "SmolLM2-135M-Instruct.Q4_K_M.gguf",
)


def asking(model: str, *, in_path: bool = False) -> Exchange:
    if not in_path:
        asked = exchange("hi", model=model)
        asked.model = model
        return asked
    body: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}
    return Exchange(Gemini(), f"/v1beta/models/{model}:generateContent", {}, body, model, False)


async def refused(ruleset: Ruleset, asked: Exchange) -> Blocked:
    with pytest.raises(Blocked) as caught:
        await run(ruleset, asked, lambda _: pytest.fail("the model was asked"))
    return caught.value


@pytest.mark.parametrize("in_path", [False, True])
@pytest.mark.parametrize(("text", "model"), [(PII, MAIL), (WORDS, "project falcon"), (PII, f"ft:{MAIL}")])
async def test_a_model_whose_name_a_rule_would_change_or_block_is_refused(text: str, model: str, in_path: bool) -> None:
    asked = asking(model, in_path=in_path)
    error = await refused(rules(text), asked)
    assert error.param == "model" and model not in str(error)
    assert outcome(asked)[0] == "blocked"
    assert not asked.model_passed, "no log tells its name"


async def test_a_model_that_a_caller_falls_back_to_is_looked_at_too() -> None:
    asked = asking("m")
    asked.steering = Steering((Choice(), Choice((), MAIL)))
    assert (await refused(rules(PII), asked)).param == "model"


async def test_what_a_rule_blocks_elsewhere_has_a_model_that_passed() -> None:
    asked = exchange("tell me about project falcon")
    await refused(rules(WORDS), asked)
    assert asked.model_passed


async def test_dates_and_names_of_people_in_the_name_of_a_model_are_none() -> None:
    ruleset = rules(
        "version: 1\nrules:\n  - {id: people, detect: {pii: all}, action: mask}\n"
        "  - {id: either, detect: {any: [{pii: [PERSON, DATE_TIME]}, {keywords: [project falcon]}]}, action: mask}\n"
    )
    ruleset.start()
    for model in ("claude-sonnet-4-5-20250929", "claude-3-5-haiku-latest", "gpt-4o-2024-08-06", "alice-7b"):
        asked = asking(model)
        await run(ruleset, asked, lambda _: whole("ok"))
        assert asked.body["model"] == model and asked.model_passed
    for model in (MAIL, "project falcon"):
        assert (await refused(ruleset, asking(model))).param == "model"
    said = await run(ruleset, asked := exchange("I am Alice Novak"), lambda _: whole("ok"))
    assert said.status == 200 and "Novak" not in str(asked.body)


@pytest.mark.parametrize("pack", packs())
async def test_names_of_models_are_stopped_and_changed_by_no_pack(pack: str) -> None:
    ruleset = load_ruleset([f"pack:{pack}"])
    for model in ORDINARY:
        asked = asking(model)
        await run(ruleset, asked, lambda _: whole("ok"))
        assert asked.body["model"] == model and asked.model_passed
        assert outcome(asked) == ("pass", []), model


async def test_a_model_that_the_configuration_names_is_blocked_and_never_taken_for_something_else() -> None:
    ruleset = rules(WORDS + "  - {id: dates, detect: {regex: '[0-9]{4}-[0-9]{2}-[0-9]{2}'}, action: redact}\n")
    guard = RequestGuard(lambda: ruleset, named=["gpt-4o-2024-08-06", "project falcon"])

    async def model(exchange: Exchange) -> Reply:
        return whole("ok")

    await guard(named := asking("gpt-4o-2024-08-06"), model)
    assert named.body["model"] == "gpt-4o-2024-08-06"
    for other in ("gpt-4o-2024-05-13", "project falcon"):
        with pytest.raises(Blocked):
            await guard(asking(other), model)

"""Models that a body lists beside its own: rules see them as they see the one that is asked for."""

import pytest

from tidegate.engine.errors import BadRequest, Blocked
from tidegate.engine.steering import LISTED
from tidegate.tests.guardrails.guarded import CARD, PII, WORDS, exchange, rules, run, whole


async def test_a_rule_for_a_model_holds_where_it_is_listed() -> None:
    strict = rules(WORDS.replace("action: block", "when: {model: big}, action: block"))
    for listed, stopped in (([], False), (["big"], True)):
        asked = exchange("what is project falcon?")
        asked.body["models"] = listed
        if stopped:
            with pytest.raises(Blocked):
                await run(strict, asked, lambda _: whole("ok"))
        else:
            await run(strict, asked, lambda _: whole("ok"))


async def test_a_name_is_changed_by_no_rule() -> None:
    asked = exchange("hello")
    asked.body["models"] = [f"m-{CARD}"]
    with pytest.raises(Blocked) as refused:
        await run(rules(PII), asked, lambda _: whole("ok"))
    assert CARD not in str(refused.value)


async def test_none_is_asked_for_behind_more_than_rules_look_at() -> None:
    asked = exchange("hello")
    asked.body["models"] = ["m"] * LISTED
    await run(rules(PII), asked, lambda _: whole("ok"))
    asked.body["models"].append("big")
    with pytest.raises(BadRequest, match="at most"):
        await run(rules(PII), asked, lambda _: whole("ok"))


async def test_what_cannot_be_a_model_s_name_is_text_as_well() -> None:
    people = rules("version: 1\nrules: [{id: people, detect: {pii: [PERSON]}, action: mask}]")
    people.start()
    asked = exchange("hello")
    asked.body["models"] = ["claude-opus", "Mrs. Angela Merkel lives here"]
    await run(people, asked, lambda _: whole("ok"))
    assert asked.body["models"] == ["claude-opus", "Mrs. <PERSON_1> lives here"]

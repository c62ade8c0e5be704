"""Very many short texts are a way to keep the gate busy: there is a bound, told before they are looked at."""

import time
from typing import Any

import pytest

from tidegate.engine.errors import BodyTooLarge
from tidegate.engine.limits import TEXTS
from tidegate.tests.guardrails.guarded import PII, exchange, rules, run, whole

MANY: list[Any] = [
    ["a b"] * (TEXTS + 1),
    {f"k-{number}": 1 for number in range(TEXTS + 1)},
    ["stop"] * (4 * TEXTS),
    [20_000_000 + number for number in range(TEXTS + 1)],
]


@pytest.mark.parametrize("many", MANY, ids=["texts", "names", "words", "numbers"])
async def test_a_request_of_too_many_texts_is_refused_before_they_are_looked_at(many: Any) -> None:
    asked = exchange("hi", x_many=many)
    asked.size = 5_000_000
    begun = time.process_time()
    with pytest.raises(BodyTooLarge, match="100000 texts"):
        await run(rules(PII), asked, lambda _: whole("hi"))
    assert time.process_time() - begun < 3


@pytest.mark.parametrize("many", MANY, ids=["texts", "names", "words", "numbers"])
async def test_a_reply_of_too_many_texts_does_not_leave(many: Any) -> None:
    begun = time.process_time()
    reply = await run(rules(PII), exchange("hi"), lambda _: whole("hi", x_many=many))
    left = await reply.read()
    assert b"hold limit" in left
    assert b"x_many" not in left
    assert time.process_time() - begun < 5


async def test_many_numbers_that_are_no_texts_pass() -> None:
    many = [number / 7 for number in range(4 * TEXTS)]
    reply = await run(rules(PII), exchange("hi"), lambda _: whole("hi", x_many=many))
    assert b"x_many" in await reply.read()

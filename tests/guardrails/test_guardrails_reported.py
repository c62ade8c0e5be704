"""Errors that providers tell inside replies bring no word that a rule forbids."""

from collections.abc import AsyncIterator

import pytest

from tidegate.engine.dialects.between.reported import failed
from tidegate.engine.errors import UpstreamError, UpstreamSilent
from tidegate.engine.exchange import Exchange, Reply
from tidegate.engine.sse import DONE, Event
from tidegate.tests.guardrails.guarded import exchange, rules, run

RULES = rules(
    "version: 1\nrules:\n  - {id: w, scope: output, detect: {keywords: [falcon_error]}, action: block}\n"
    "  - {id: s, scope: output, detect: {secrets: all}, action: redact}\n"
)


@pytest.mark.parametrize(
    ("word", "shown"),
    [("falcon_error", False), ("AKIAIOSFODNN7RXAMPLE", False), ("overloaded_error", True), ("OF_TOMORROW", True)],
)
@pytest.mark.parametrize("streamed", [False, True])
async def test_what_a_provider_calls_its_error_is_looked_at(word: str, shown: bool, streamed: bool) -> None:
    async def breaks() -> AsyncIterator[Event]:
        yield DONE
        raise failed({"type": word})

    def answer(asked: Exchange) -> Reply:
        if streamed:
            return Reply(200, [], breaks(), streamed=True)
        raise failed({"type": word})

    with pytest.raises(UpstreamError) as raised:
        reply = await run(RULES, exchange("hi", stream=streamed), answer)
        await reply.read()
    assert (word in str(raised.value)) == shown
    assert raised.value.words == {word.lower()}, "routes go by it"


async def test_other_errors_are_told_as_they_are() -> None:
    error = UpstreamSilent("The provider sent nothing.")

    def answer(asked: Exchange) -> Reply:
        raise error

    with pytest.raises(UpstreamSilent) as raised:
        await run(RULES, exchange("hi"), answer)
    assert raised.value is error

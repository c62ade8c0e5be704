"""Failures of translated requests are judged as the provider told them, not as the caller's dialect tells them."""

from typing import Any

import pytest

from tidegate.engine.dialects import Dialect
from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.errors import UpstreamError
from tidegate.engine.exchange import Exchange
from tidegate.engine.sse import Event
from tidegate.models.failures import Failure
from tidegate.models.retries import Retries
from tidegate.models.routing import RouteStage
from tidegate.tests.models.scripted import AGAIN, Does, Reply_, Scripted, ask, stage


class Speaker(Scripted):
    """One that speaks only these dialects."""

    def __init__(self, name: str, speaks: str, *does: Does) -> None:
        super().__init__(name, *does)
        self.speaks = frozenset({speaks})


CHAT = {
    "id": "c",
    "object": "chat.completion",
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
}
SPOILT = {"index": 0, "finish_reason": "tool_calls"}
SPOILT |= {"message": {"tool_calls": [{"id": "c", "function": {"name": "f", "arguments": '{"a": 1,}'}}]}}
ASKED: dict[str, tuple[Dialect, dict[str, Any]]] = {
    "chat": (OpenAIChat(), {"messages": [{"role": "user", "content": "hi"}]}),
    "messages": (AnthropicMessages(), {"max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}),
    "responses": (OpenAIResponses(), {"input": "hi"}),
    "gemini": (Gemini(), {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}),
}


def asked(form: str) -> Exchange:
    dialect, body = ASKED[form]
    return Exchange(dialect, dialect.path, {}, {"model": "m", **body}, model="m", stream=False)


def spares() -> dict[Failure, list[Scripted]]:
    return {failure: [Scripted(failure.value)] for failure in Failure}


def routed(a: Scripted) -> RouteStage:
    return stage(a, fallback=spares())


def overloaded(word: str) -> Reply_:
    return Reply_(events=[Event.of({"type": "error", "error": {"type": word, "message": "x"}}, kind="error")])


@pytest.mark.parametrize(
    ("word", "by"), [("overloaded_error", "limited"), ("api_error", "refused"), ("content_filter", "content_filter")]
)
async def test_an_error_at_the_head_of_a_stream_leads_on_by_the_provider_s_word(word: str, by: str) -> None:
    exchange = ask(stream=True)
    await routed(Speaker("a", "anthropic", overloaded(word)))(exchange)
    assert exchange.provider == by


async def test_an_error_that_is_the_caller_s_own_is_asked_of_nobody_else_and_opens_no_breaker() -> None:
    a = Speaker("a", "anthropic", overloaded("invalid_request_error"))
    spare = Scripted("spare")
    route = stage(a, fallback=[spare], retries=AGAIN)
    for tries in range(1, 12):
        with pytest.raises(UpstreamError, match="invalid_request_error"):
            await route(ask(stream=True))
        assert (a.asked, spare.asked) == (tries, 0)


async def test_a_filter_s_error_is_an_answer_unless_a_fallback_is_named_for_it() -> None:
    a, spare = Speaker("a", "anthropic", overloaded("content_filter")), Scripted("spare")
    with pytest.raises(UpstreamError):
        await stage(a, fallback=[spare])(ask(stream=True))
    assert spare.asked == 0


@pytest.mark.parametrize("form", ASKED)
async def test_a_filter_s_400_is_seen_whatever_form_the_caller_reads_it_in(form: str) -> None:
    error = {"code": "content_filter", "message": "x", "innererror": {"code": "ResponsibleAIPolicyViolation"}}
    spare = Speaker("spare", "openai.chat", Reply_(body=CHAT))
    exchange = asked(form)
    await stage(Speaker("a", "openai.chat", Reply_(400, {"error": error})), fallback={Failure.CONTENT_FILTER: [spare]})(
        exchange
    )
    assert exchange.provider == "spare"


@pytest.mark.parametrize("form", ["openai.chat", "anthropic", "openai.responses", "gemini"])
@pytest.mark.parametrize(
    ("error", "by"),
    [
        ({"type": "overloaded_error", "message": "x"}, "limited"),
        ({"code": 502, "message": "the host behind did not answer"}, "refused"),
        ("out of memory", "refused"),
        ({"code": "content_filter", "message": "x"}, "content_filter"),
    ],
)
async def test_a_200_that_holds_an_error_leads_on_by_the_provider_s_word(form: str, error: Any, by: str) -> None:
    exchange = asked("messages" if form == "openai.chat" else "chat")
    body = {"type": "error", "error": error} if form == "anthropic" else {"error": error}
    await routed(Speaker("a", form, Reply_(body=body)))(exchange)
    assert exchange.provider == by


async def test_the_caller_of_another_dialect_is_told_the_word_of_a_200_that_holds_an_error() -> None:
    body = {"error": {"code": "model_not_found", "message": "no such model"}}
    with pytest.raises(UpstreamError, match="model_not_found"):
        await stage(Speaker("a", "openai.chat", Reply_(body=body)))(asked("messages"))


@pytest.mark.parametrize("body", [CHAT | {"choices": [SPOILT]}, {"choices": []}], ids=["no arguments", "no reply"])
async def test_a_reply_that_cannot_be_told_was_made_and_is_not_asked_for_again_unless_told_so(body: Any) -> None:
    a = Speaker("a", "openai.chat", Reply_(body=body), Reply_(body=CHAT))
    with pytest.raises(UpstreamError) as told:
        await stage(a, retries=AGAIN)(asked("messages"))
    assert (a.asked, told.value.unanswered) == (1, True)
    a = Speaker("a", "openai.chat", Reply_(body=body), Reply_(body=CHAT))
    insisting = Retries(most=1, wait=0.0, on=frozenset({Failure.SILENT}))
    assert (await stage(a, retries=insisting)(asked("messages"))).status == 200

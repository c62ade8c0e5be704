"""Bodies of the chat dialect on their way through both guards. Imported as `tidegate.tests.guardrails.guarded`."""

from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

from tidegate.engine import jsonio
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.exchange import Exchange, Reply
from tidegate.engine.sse import DONE, Event
from tidegate.guardrails.guard import ReplyGuard, RequestGuard
from tidegate.guardrails.rules.compile import compile_rules
from tidegate.guardrails.rules.load import load_text
from tidegate.guardrails.rules.ruleset import Ruleset

CARD, MAIL = "4111 1111 1111 1111", "jane@example.org"
PII = "version: 1\nrules:\n  - {id: pii, detect: {pii: structured}, action: mask}\n"
WORDS = PII + "  - {id: words, detect: {keywords: [project falcon]}, action: block, message: Not that one.}\n"


def rules(text: str) -> Ruleset:
    return compile_rules(load_text(text))


def exchange(content: Any, **more: Any) -> Exchange:
    body = {"model": "m", "messages": [{"role": "user", "content": content}], **more}
    return Exchange(OpenAIChat(), "/v1/chat/completions", {}, body, "m", bool(more.get("stream")))


def whole(content: str, **message: Any) -> Reply:
    body = {
        "id": "c",
        "object": "chat.completion",
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content, **message},
                "finish_reason": "stop",
            }
        ],
    }
    return Reply.whole(200, jsonio.dumps(body))


def streamed(pieces: list[str], key: str = "content") -> Reply:
    def delta(piece: str) -> dict[str, Any]:
        if key == "content":
            return {"content": piece}
        return {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}

    async def events() -> AsyncIterator[Event]:
        for piece in pieces:
            choice = {"index": 0, "delta": delta(piece), "finish_reason": None}
            yield Event.of({"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [choice]})
        yield Event.of({"id": "c", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        yield DONE

    return Reply(200, [], events(), streamed=True)


async def run(ruleset: Ruleset, asked: Exchange, answer: Any) -> Reply:
    """Through both guards, in their order, to a model that `answer`s."""

    async def model(exchange: Exchange) -> Reply:
        return answer(exchange)

    async def inner(exchange: Exchange) -> Reply:
        return await ReplyGuard(lambda: ruleset)(exchange, model)

    return await RequestGuard(lambda: ruleset)(asked, inner)


async def said(reply: Reply) -> str:
    """The text that the caller reads, streamed or not."""
    if not reply.streamed:
        return jsonio.loads(await reply.read())["choices"][0]["message"]["content"]
    out = ""
    async for event in reply.events:
        for choice in (event.data or {}).get("choices", []):
            out += choice["delta"].get("content") or ""
            for call in choice["delta"].get("tool_calls") or []:
                out += call["function"]["arguments"]
    return out


async def finish(reply: Reply) -> list[str]:
    events = [event.data or {} async for event in reply.events]
    return [c["finish_reason"] for data in events for c in data.get("choices", []) if c.get("finish_reason")]


def split(text: str, cuts: list[int]) -> list[str]:
    marks = [0, *sorted({min(cut, len(text)) for cut in cuts}), len(text)]
    return [text[a:b] for a, b in pairwise(marks)]

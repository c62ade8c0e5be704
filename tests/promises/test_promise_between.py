"""The official SDKs reach a provider of another dialect: answers, calls, streams and errors arrive in their own, with
guards and memory as ever."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import openai
import pytest

from tidegate.tests.promises.hosts import Chat, Messages, Responses

EMAIL = "ada.lovelace@example.com"
RULES = """
include: [pack:pii]
rules:
  - {id: words.launch, detect: {keywords: [project falcon]}, action: block}
"""
CACHE = "cache: {mode: exact, store: 'memory:'}"
SCHEMA = {"type": "object", "properties": {"to": {"type": "string"}}, "required": ["to"]}
MASKED = '{"to": "<EMAIL_ADDRESS_1>"}'


@pytest.fixture
def gate(upstream: Any, support: Any, tmp_path: Path, run_gate: Any) -> Any:
    """`gate(provider, config, rules)` runs a gate in front of such a provider and returns its address."""

    def start(provider: Chat, config: str = "", rules: str = RULES) -> str:
        async def script(body: dict[str, Any], send: Any) -> None:
            if not body.get("stream"):
                await support.reply_json(send, provider.whole(body))
                return
            await support.start_stream(send)
            for piece in provider.events(body):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

        upstream.script = upstream.script or script
        up = f"{{kind: {provider.kind}, base_url: '{upstream.url}', api_key: sk-operator}}"
        (tmp_path / "rules.yaml").write_text("version: 1\n" + rules)
        text = f"version: 1\nproviders:\n  up: {up}\n{config}\nguardrails: {{files: [rules.yaml]}}\n"
        loaded = support.parse_config(text, file=str(tmp_path / "gate.yaml"), folder=tmp_path)
        return run_gate(loaded)

    return start


def of_anthropic(url: str, words: str, stream: bool, **extra: Any) -> dict[str, Any]:
    """What Anthropic's SDK makes of the answer."""
    client = anthropic.Anthropic(base_url=url, api_key="caller", max_retries=0)
    given: Any = {"model": "m", "max_tokens": 99, "messages": [{"role": "user", "content": words}], **extra}
    if extra.pop("tools", True) is not True:
        given["tools"] = [{"name": "mail", "description": "send", "input_schema": SCHEMA}]
    if not stream:
        reply = client.messages.create(**given)
    else:
        with client.messages.stream(**given) as events:
            reply = events.get_final_message()
    return {
        "text": "".join(block.text for block in reply.content if block.type == "text"),
        "thoughts": "".join(block.thinking for block in reply.content if block.type == "thinking"),
        "calls": [(block.id, block.name, block.input) for block in reply.content if block.type == "tool_use"],
        "stop": reply.stop_reason,
        "usage": (reply.usage.input_tokens, reply.usage.output_tokens),
    }


def of_openai(url: str, words: str, stream: bool, **extra: Any) -> dict[str, Any]:
    """What OpenAI's SDK makes of the answer."""
    client = openai.OpenAI(base_url=url + "/v1", api_key="caller", max_retries=0)
    given: Any = {"model": "m", "messages": [{"role": "user", "content": words}], **extra}
    if extra.pop("tools", True) is not True:
        given["tools"] = [{"type": "function", "function": {"name": "mail", "parameters": SCHEMA}}]
    if not stream:
        reply = client.chat.completions.create(**given)
    else:
        with client.chat.completions.stream(**given, stream_options={"include_usage": True}) as events:
            reply = events.get_final_completion()
    message, usage = reply.choices[0].message, reply.usage
    assert usage is not None
    calls = [call for call in message.tool_calls or () if call.type == "function"]
    return {
        "text": message.content,
        "thoughts": (message.model_extra or {}).get("reasoning_content", ""),
        "calls": [(call.id, call.function.name, json.loads(call.function.arguments)) for call in calls],
        "stop": {"stop": "end_turn", "tool_calls": "tool_use"}.get(reply.choices[0].finish_reason),
        "usage": (usage.prompt_tokens, usage.completion_tokens),
    }


def of_responses(url: str, words: str, stream: bool, **extra: Any) -> dict[str, Any]:
    """The same, asked by way of Responses."""
    client = openai.OpenAI(base_url=url + "/v1", api_key="caller", max_retries=0)
    given: Any = {"model": "m", "input": words, **extra}
    if extra.pop("tools", True) is not True:
        given["tools"] = [{"type": "function", "name": "mail", "parameters": SCHEMA, "strict": False}]
    if not stream:
        reply: Any = client.responses.create(**given)
    else:
        with client.responses.stream(**given) as events:
            *_, last = events
            reply = getattr(last, "response", None)
    items, usage = reply.output, reply.usage
    calls = [(item.call_id, item.name, json.loads(item.arguments)) for item in items if item.type == "function_call"]
    ended = "tool_use" if calls else "end_turn"
    return {
        "text": reply.output_text,
        "thoughts": "".join(part.text for item in items if item.type == "reasoning" for part in item.summary),
        "calls": calls,
        "stop": ended if reply.status == "completed" else None,
        "usage": usage and (usage.input_tokens, usage.output_tokens),
    }


WAYS: dict[str, tuple[Any, type[Chat]]] = {
    "anthropic to chat": (of_anthropic, Chat),
    "chat to anthropic": (of_openai, Messages),
    "responses to chat": (of_responses, Chat),
    "responses to anthropic": (of_responses, Messages),
    "chat to responses": (of_openai, Responses),
    "anthropic to responses": (of_anthropic, Responses),
}
ways = pytest.mark.parametrize(("ask", "kind"), WAYS.values(), ids=WAYS)
HELLO = [{"role": "user", "content": "hello"}]
BODIES: dict[Any, tuple[str, dict[str, Any]]] = {
    of_anthropic: ("/v1/messages", {"messages": HELLO, "max_tokens": 9}),
    of_openai: ("/v1/chat/completions", {"messages": HELLO}),
    of_responses: ("/v1/responses", {"input": HELLO}),
}
streams = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


@ways
@streams
def test_an_answer_arrives_with_the_callers_own_values_and_the_second_from_memory(
    gate: Any, upstream: Any, ask: Any, kind: type[Chat], stream: bool
) -> None:
    url = gate(kind(), CACHE)
    for _ in range(2):
        said = ask(url, f"write to {EMAIL}", stream)
        assert said["text"] == f"You said: write to {EMAIL}"
        assert (said["stop"], said["usage"]) == ("end_turn", (5, 7))
    assert len(upstream.requests) == 1, "the second answer came from memory"
    assert upstream.paths == [kind.path]
    assert EMAIL.encode() not in upstream.raw[0]
    assert b"<EMAIL_ADDRESS_1>" in upstream.raw[0]


@ways
@streams
def test_calls_of_tools_and_reasoning_arrive_and_masks_in_arguments_come_back(
    gate: Any, upstream: Any, ask: Any, kind: type[Chat], stream: bool
) -> None:
    provider = kind()
    provider.calls, provider.thought = (MASKED, MASKED), "they want a mail"
    provider.finish = "tool_calls" if kind is Chat else "tool_use"
    said = ask(gate(provider), f"mail {EMAIL}", stream, tools=1)
    assert said["calls"] == [("call_0", "mail", {"to": EMAIL}), ("call_1", "mail", {"to": EMAIL})]
    assert (said["stop"], said["thoughts"]) == ("tool_use", "they want a mail")
    [asked] = upstream.requests
    tool = asked["tools"][0]
    assert (tool.get("function") or tool)["name"] == "mail"


@ways
@streams
def test_a_forbidden_answer_is_withheld_on_the_way_back(gate: Any, ask: Any, kind: type[Chat], stream: bool) -> None:
    provider = kind()
    provider.words = lambda body: "All about project falcon."  # type: ignore[method-assign]
    url = gate(provider)
    try:
        said = ask(url, "tell me", stream)
    except openai.ContentFilterFinishReasonError:
        return
    assert "falcon" not in str(said)
    assert said["stop"] in ("refusal", None)


@ways
@streams
def test_a_providers_refusal_keeps_its_status_and_words_in_the_callers_envelope(
    gate: Any, upstream: Any, support: Any, ask: Any, kind: type[Chat], stream: bool
) -> None:
    async def script(body: dict[str, Any], send: Any) -> None:
        await support.reply_json(send, kind().error(), 429)

    upstream.script = script
    with pytest.raises((anthropic.RateLimitError, openai.RateLimitError)) as caught:
        ask(gate(kind()), "hello", stream)
    assert "The prompt is too long." in str(caught.value)


@ways
@pytest.mark.parametrize("left", [-2, 2])
def test_a_stream_that_breaks_off_is_an_error_and_no_short_answer(
    gate: Any, upstream: Any, support: Any, ask: Any, kind: type[Chat], left: int
) -> None:
    async def script(body: dict[str, Any], send: Any) -> None:
        await support.start_stream(send)
        pieces = kind().events(body)
        for piece in pieces[: -4 if left < 0 else left]:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    upstream.script = script
    with pytest.raises((anthropic.APIError, openai.APIError)) as caught:
        ask(gate(kind()), "hello", True)
    assert "ended before its end mark" in str(caught.value)


def test_a_conversation_with_results_of_tools_reaches_chat(gate: Any, upstream: Any) -> None:
    provider = Chat()
    provider.words = lambda body: "done"  # type: ignore[method-assign]
    client = anthropic.Anthropic(base_url=gate(provider), api_key="caller", max_retries=0)
    reply = client.messages.create(
        model="m",
        max_tokens=99,
        system="be brief",
        messages=[
            {"role": "user", "content": f"mail {EMAIL}"},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "mail", "input": {"to": EMAIL}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": f"sent to {EMAIL}"}]},
        ],
    )
    assert reply.content[0].type == "text" and reply.content[0].text == "done"
    mask = "<EMAIL_ADDRESS_1>"
    call = {"id": "t", "type": "function", "function": {"name": "mail", "arguments": f'{{"to":"{mask}"}}'}}
    assert upstream.requests[0]["messages"] == [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": f"mail {mask}"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "t", "content": f"sent to {mask}"},
    ]


@ways
def test_a_caller_that_leaves_closes_the_providers_stream(
    gate: Any, upstream: Any, support: Any, ask: Any, kind: type[Chat]
) -> None:
    async def script(body: dict[str, Any], send: Any) -> None:
        await support.start_stream(send)
        for piece in kind().events(body)[:-3]:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.Event().wait()  # and never ends

    upstream.script = script
    url = gate(kind())
    path, body = BODIES[ask]
    with httpx2.stream("POST", url + path, json=body | {"model": "m", "stream": True}) as reply:
        pieces = reply.iter_raw()  # kept: an iterator that is let go of closes the reply
        assert next(pieces)
        assert upstream.closed == 0
    until = time.monotonic() + 20
    while not upstream.closed and time.monotonic() < until:
        time.sleep(0.01)
    assert upstream.closed == 1


def test_what_cannot_be_carried_is_named_and_nothing_is_sent(gate: Any, upstream: Any) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        of_openai(gate(Messages()), "hello", False, seed=7)
    assert (caught.value.param, caught.value.code) == ("seed", "not_carried")
    assert upstream.requests == []


def test_a_tool_runner_that_asks_for_a_held_conversation_goes_on_with_whole_ones(gate: Any, upstream: Any) -> None:
    client = anthropic.Anthropic(base_url=gate(Chat()), api_key="caller", max_retries=0)
    tool = anthropic.beta_tool(lambda to: to, name="mail", description="send", input_schema=SCHEMA)
    asked: Any = {"model": "m", "max_tokens": 99, "messages": [{"role": "user", "content": "hello"}], "tools": [tool]}
    answer = next(iter(client.beta.messages.tool_runner(**asked)))
    assert answer.content and len(upstream.requests) == 1
    with pytest.raises(anthropic.BadRequestError, match="thread_unsupported_request"):
        client.beta.messages.create(**asked | {"tools": [], "thread": {"type": "create"}})


def test_what_has_no_translation_is_refused(gate: Any, upstream: Any) -> None:
    url = gate(Messages())
    for path, body in (("embeddings", {"input": "x"}), ("completions", {"prompt": "x"})):
        refused = httpx2.post(f"{url}/v1/{path}", json={"model": "m", **body})
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "dialect_not_served")
    assert upstream.requests == []


def test_counting_tokens_has_no_translation(gate: Any, upstream: Any) -> None:
    client = anthropic.Anthropic(base_url=gate(Chat()), api_key="caller", max_retries=0)
    with pytest.raises(anthropic.BadRequestError) as caught:
        client.messages.count_tokens(model="m", messages=[{"role": "user", "content": "x"}])
    assert "none there speaks" in str(caught.value)
    assert upstream.requests == []

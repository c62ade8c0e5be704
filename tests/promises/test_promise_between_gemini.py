"""Google's SDK reaches providers of other dialects, and the other SDKs reach Gemini: answers, calls, streams and errors
arrive in the caller's own, with guards and memory as ever."""

from pathlib import Path
from typing import Any

import anthropic
import httpx2
import openai
import pytest

from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.openai_chat import OpenAIChat

genai: Any = pytest.importorskip("google.genai", reason="google-genai is a dependency of the tests: install .[dev]")
EMAIL, MASK = "ada.lovelace@example.com", "<EMAIL_ADDRESS_1>"
RULES = "include: [pack:pii]\nrules:\n  - {id: words.launch, detect: {keywords: [project falcon]}, action: block}\n"
CACHE = "cache: {mode: exact, store: 'memory:'}"
SCHEMA = {"type": "object", "properties": {"to": {"type": "string"}}, "required": ["to"]}
streams = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


class Said:
    """What a provider answers, in any dialect."""

    words = ""
    thought = ""
    mails = 0

    def text(self, question: str) -> str:
        return self.words or f"You said: {question}"


def of_chat(said: Said, body: dict[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": said.text(body["messages"][-1]["content"])}
    message |= {"reasoning_content": said.thought} if said.thought else {}
    function = {"name": "mail", "arguments": f'{{"to": "{MASK}"}}'}
    calls = [{"id": f"call_{n}", "type": "function", "function": function} for n in range(said.mails)]
    choice = {"index": 0, "message": message | ({"tool_calls": calls} if calls else {}), "finish_reason": "stop"}
    head = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    return head | {"usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}}


def of_messages(said: Said, body: dict[str, Any]) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": said.text(body["messages"][-1]["content"])}]
    if said.thought:
        content.insert(0, {"type": "thinking", "thinking": said.thought, "signature": "signed"})
    uses = [{"type": "tool_use", "id": f"call_{n}", "name": "mail", "input": {"to": MASK}} for n in range(said.mails)]
    usage = {"input_tokens": 5, "output_tokens": 7}
    head = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": content + uses}
    return head | {"stop_reason": "tool_use" if uses else "end_turn", "stop_sequence": None, "usage": usage}


def of_gemini(said: Said, body: dict[str, Any]) -> list[dict[str, Any]]:
    """As a stream has it, in small pieces; a whole reply has all their parts."""
    text = said.text(body["contents"][-1]["parts"][0].get("text", ""))
    parts: list[dict[str, Any]] = [{"text": said.thought, "thought": True}] if said.thought else []
    parts += [{"text": text[at : at + 3]} for at in range(0, len(text), 3)]
    call = {"functionCall": {"name": "mail", "args": {"to": MASK}}, "thoughtSignature": "c2lnbmVk"}
    parts += [call] * said.mails
    out: list[dict[str, Any]] = [{"candidates": [{"content": {"role": "model", "parts": [part]}}]} for part in parts]
    out[-1]["candidates"][0]["finishReason"] = "STOP"
    return [{**one, "modelVersion": "m", "responseId": "r-1"} for one in [*out[:-1], out[-1] | USED]]


USED = {"usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 7, "totalTokenCount": 12}}


@pytest.fixture
def gate(upstream: Any, support: Any, tmp_path: Path, run_gate: Any) -> Any:
    """`gate(kind, said, config)` runs a gate in front of a provider of that kind and returns its address."""

    def start(kind: str, said: Said | None = None, config: str = "") -> str:
        async def script(body: dict[str, Any], send: Any) -> None:
            made = said or Said()
            if kind == "gemini":
                events = of_gemini(made, body)
                parts = [part for one in events for part in one["candidates"][0]["content"]["parts"]]
                whole = events[-1] | {"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]}
                raw = b"".join(support.sse(one) for one in events)
            elif kind == "openai":
                whole = of_chat(made, body)
                raw = b"".join(event.raw for event in OpenAIChat().split(whole, body))
            else:
                whole = of_messages(made, body)
                raw = b"".join(event.raw for event in AnthropicMessages().split(whole, body))
            if body.get("stream") or "stream" in upstream.paths[-1]:
                await support.start_stream(send)
                await send({"type": "http.response.body", "body": raw})
            else:
                await support.reply_json(send, whole)

        upstream.script = upstream.script or script
        base = upstream.url.removesuffix("/v1") if kind == "gemini" else upstream.url
        up = f"{{kind: {kind}, base_url: '{base}', api_key: sk-operator}}"
        (tmp_path / "rules.yaml").write_text("version: 1\n" + RULES)
        text = f"version: 1\nproviders:\n  up: {up}\n{config}\nguardrails: {{files: [rules.yaml]}}\n"
        loaded = support.parse_config(text, file=str(tmp_path / "gate.yaml"), folder=tmp_path)
        return run_gate(loaded)

    return start


def by_google(url: str, words: Any, stream: bool, **config: Any) -> dict[str, Any]:
    client = genai.Client(api_key="caller", vertexai=False, http_options={"base_url": url})
    config = {"automatic_function_calling": {"disable": True}, "thinking_config": {"include_thoughts": True}, **config}
    if config.pop("tool", None):
        declared = {"name": "mail", "description": "send", "parameters_json_schema": SCHEMA}
        config["tools"] = [{"function_declarations": [declared]}]
    models, given = client.models, {"model": "m", "contents": words, "config": config}
    replies = list(models.generate_content_stream(**given)) if stream else [models.generate_content(**given)]
    parts = [part for one in replies for part in one.candidates[0].content.parts or []]
    usage = replies[-1].usage_metadata
    return {
        "text": "".join(part.text or "" for part in parts if not part.thought),
        "thoughts": "".join(part.text or "" for part in parts if part.thought),
        "calls": [(part.function_call.name, part.function_call.args) for part in parts if part.function_call],
        "stop": replies[-1].candidates[0].finish_reason.value,
        "usage": usage and (usage.prompt_token_count, usage.candidates_token_count),
    }


def by_openai(url: str, words: str, stream: bool, tool: bool = False) -> dict[str, Any]:
    client = openai.OpenAI(base_url=url + "/v1", api_key="caller", max_retries=0)
    given: Any = {"model": "m", "messages": [{"role": "user", "content": words}]}
    given |= {"tools": [{"type": "function", "function": {"name": "mail", "parameters": SCHEMA}}]} if tool else {}
    if stream:
        with client.chat.completions.stream(**given, stream_options={"include_usage": True}) as events:
            reply: Any = events.get_final_completion()
    else:
        reply = client.chat.completions.create(**given)
    message = reply.choices[0].message
    return {
        "text": message.content,
        "thoughts": (message.model_extra or {}).get("reasoning_content", ""),
        "calls": [(call.function.name, httpx2.Response(200, content=call.function.arguments).json())
                  for call in message.tool_calls or ()],
        "stop": "STOP",
        "usage": (reply.usage.prompt_tokens, reply.usage.completion_tokens),
    }  # fmt: skip


def by_anthropic(url: str, words: str, stream: bool, tool: bool = False) -> dict[str, Any]:
    client = anthropic.Anthropic(base_url=url, api_key="caller", max_retries=0)
    given: Any = {"model": "m", "max_tokens": 99, "messages": [{"role": "user", "content": words}]}
    given |= {"tools": [{"name": "mail", "input_schema": SCHEMA}]} if tool else {}
    if stream:
        with client.messages.stream(**given) as events:
            reply: Any = events.get_final_message()
    else:
        reply = client.messages.create(**given)
    return {
        "text": "".join(block.text for block in reply.content if block.type == "text"),
        "thoughts": "".join(block.thinking for block in reply.content if block.type == "thinking"),
        "calls": [(block.name, block.input) for block in reply.content if block.type == "tool_use"],
        "stop": "STOP",
        "usage": (reply.usage.input_tokens, reply.usage.output_tokens),
    }


PATHS = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages"}
WAYS = [(by_google, "openai"), (by_google, "anthropic"), (by_openai, "gemini"), (by_anthropic, "gemini")]
ways = pytest.mark.parametrize(
    ("ask", "kind"), WAYS, ids=["gemini to chat", "gemini to anthropic", "chat to gemini", "anthropic to gemini"]
)


@ways
@streams
def test_an_answer_arrives_with_the_callers_own_values_and_the_second_from_memory(
    gate: Any, upstream: Any, ask: Any, kind: str, stream: bool
) -> None:
    url = gate(kind, None, CACHE)
    for _ in range(2):
        said = ask(url, f"write to {EMAIL}", stream)
        assert said["text"] == f"You said: write to {EMAIL}"
        assert (said["stop"], said["usage"]) == ("STOP", (5, 7))
    assert len(upstream.requests) == 1, "the second answer came from memory"
    method = "streamGenerateContent?alt=sse" if stream else "generateContent"
    assert upstream.paths == [PATHS.get(kind, f"/v1beta/models/m:{method}")]
    assert EMAIL.encode() not in upstream.raw[0]
    assert MASK.encode() in upstream.raw[0]
    assert "caller" not in str(upstream.headers)


@ways
@streams
def test_calls_of_tools_and_reasoning_arrive_and_masks_in_arguments_come_back(
    gate: Any, upstream: Any, ask: Any, kind: str, stream: bool
) -> None:
    said = Said()
    said.mails, said.thought = 2, "they want a mail"
    found = ask(gate(kind, said), f"mail {EMAIL}", stream, tool=True)
    assert found["calls"] == [("mail", {"to": EMAIL})] * 2
    assert found["thoughts"] == "they want a mail"
    assert b'"mail"' in upstream.raw[0]


@streams
@pytest.mark.parametrize("kind", ["openai", "anthropic"])
def test_a_forbidden_answer_is_withheld_on_the_way_back(gate: Any, kind: str, stream: bool) -> None:
    said = Said()
    said.words = "All about project falcon."
    found = by_google(gate(kind, said), "tell me", stream)
    assert (found["text"], found["stop"]) == ("", "SAFETY")


@streams
def test_a_providers_refusal_keeps_its_status_and_words_in_the_callers_envelope(
    gate: Any, upstream: Any, support: Any, stream: bool
) -> None:
    async def script(body: dict[str, Any], send: Any) -> None:
        error = {"message": "The prompt is too long.", "type": "x", "param": None, "code": "too_long"}
        await support.reply_json(send, {"error": error}, 429)

    upstream.script = script
    with pytest.raises(genai.errors.ClientError) as caught:
        by_google(gate("openai"), "hello", stream)
    error = caught.value.details["error"]
    assert (error["code"], error["status"], error["message"]) == (429, "RESOURCE_EXHAUSTED", "The prompt is too long.")
    assert error["details"][0]["reason"] == "too_long"


def test_googles_sdk_calls_python_functions_for_a_model_of_another_dialect(gate: Any, upstream: Any) -> None:
    """The whole loop: a call, the function's result, and the answer that rests on it."""

    class Mailing(Said):
        def text(self, question: Any) -> str:
            self.mails = 0 if "posted" in str(question) else 1
            return "done" if "posted" in str(question) else "wait"

    def mail(to: str) -> str:
        """Send a mail."""
        return f"posted to {to}"

    url = gate("openai", Mailing())
    client = genai.Client(api_key="caller", vertexai=False, http_options={"base_url": url})
    reply = client.models.generate_content(model="m", contents=f"mail {EMAIL}", config={"tools": [mail]})
    assert reply.text == "done"
    last = upstream.requests[-1]["messages"]
    assert last[1]["tool_calls"][0]["id"] == last[2]["tool_call_id"] == "call_0"
    assert last[2]["content"] == f"posted to {MASK}"


def test_a_translated_stream_can_come_as_an_array(gate: Any) -> None:
    body = {"contents": [{"parts": [{"text": f"write to {EMAIL}"}]}]}
    reply = httpx2.post(gate("openai") + "/v1beta/models/m:streamGenerateContent?key=caller", json=body)
    parts = [part for one in reply.json() for part in one["candidates"][0]["content"]["parts"]]
    assert "".join(part["text"] for part in parts) == f"You said: write to {EMAIL}"


def test_what_cannot_be_carried_is_named_and_nothing_is_sent(gate: Any, upstream: Any) -> None:
    url = gate("openai")
    with pytest.raises(genai.errors.ClientError) as caught:
        by_google(url, "hello", False, tools=[{"google_search": {}}])
    detail = caught.value.details["error"]["details"][0]
    assert (detail["reason"], detail["metadata"]) == ("not_carried", {"param": "tools.0.googleSearch"})
    counted = httpx2.post(url + "/v1beta/models/m:countTokens", json={"contents": [{"parts": [{"text": "x"}]}]})
    assert counted.json()["error"]["details"][0]["reason"] == "dialect_not_served"
    assert upstream.requests == []

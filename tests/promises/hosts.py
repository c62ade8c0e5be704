"""Providers that speak one dialect each, whole or in small pieces. Imported as `tidegate.tests.promises.hosts`."""

import json
from collections.abc import Sequence
from typing import Any

from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.sse import Event

USAGE = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}


class Chat:
    """A provider that speaks OpenAI's chat and nothing else."""

    kind, path = "openai, speaks: [openai.chat]", "/v1/chat/completions"
    finish, calls, thought = "stop", (), ""

    def words(self, body: dict[str, Any]) -> str:
        return "You said: " + body["messages"][-1]["content"]

    def whole(self, body: dict[str, Any]) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": self.words(body), "refusal": None}
        if self.thought:
            message["reasoning_content"] = self.thought
        if self.calls:
            message["tool_calls"] = [
                {"id": f"call_{n}", "type": "function", "function": {"name": "mail", "arguments": source}}
                for n, source in enumerate(self.calls)
            ]
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self.finish}
        head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1700000000, "model": "gpt-test"}
        return {**head, "choices": [choice], "usage": USAGE}

    def events(self, body: dict[str, Any]) -> list[bytes]:
        fields = ("content", "reasoning_content", "arguments")
        return cut([one for event in OpenAIChat().split(self.whole(body), body) for one in apart(event)], fields)

    def error(self) -> dict[str, Any]:
        return {"error": {"message": "The prompt is too long.", "type": "x", "param": None, "code": "too_long"}}


class Messages(Chat):
    """A provider that speaks Anthropic's messages."""

    kind, path = "anthropic", "/v1/messages"
    finish = "end_turn"

    def whole(self, body: dict[str, Any]) -> dict[str, Any]:
        content: list[dict[str, Any]] = [{"type": "text", "text": self.words(body)}]
        if self.thought:
            content.insert(0, {"type": "thinking", "thinking": self.thought, "signature": "signed"})
        content += [
            {"type": "tool_use", "id": f"call_{n}", "name": "mail", "input": json.loads(source)}
            for n, source in enumerate(self.calls)
        ]
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "claude-test",
            "content": content,
            "stop_reason": self.finish,
            "stop_sequence": None,
            "usage": {"input_tokens": 5, "output_tokens": 7},
        }

    def events(self, body: dict[str, Any]) -> list[bytes]:
        events = cut(AnthropicMessages().split(self.whole(body), body), ("text", "thinking", "partial_json"))
        return [events[0], b'event: ping\ndata: {"type": "ping"}\n\n', *events[1:]]

    def error(self) -> dict[str, Any]:
        return {"type": "error", "error": {"type": "x", "message": "The prompt is too long."}}


class Responses(Chat):
    """A provider that speaks OpenAI's Responses."""

    kind, path = "openai, speaks: [openai.responses]", "/v1/responses"

    def words(self, body: dict[str, Any]) -> str:
        return "You said: " + body["input"][-1]["content"]

    def whole(self, body: dict[str, Any]) -> dict[str, Any]:
        part = {"type": "output_text", "text": self.words(body), "annotations": [], "logprobs": []}
        head = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed"}
        output: list[dict[str, Any]] = [{**head, "content": [part]}]
        if self.thought:
            summary = [{"type": "summary_text", "text": self.thought}]
            output.insert(0, {"type": "reasoning", "id": "rs_1", "summary": summary, "encrypted_content": "sealed"})
        output += [
            {"type": "function_call", "id": f"fc_{n}", "call_id": f"call_{n}", "name": "mail", "arguments": source}
            for n, source in enumerate(self.calls)
        ]
        usage = {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12}
        head = {"id": "resp_1", "object": "response", "created_at": 1700000000, "model": "gpt-test"}
        return {**head, "status": "completed", "error": None, "output": output, "usage": usage}

    def events(self, body: dict[str, Any]) -> list[bytes]:
        return cut([one for event in OpenAIResponses().split(self.whole(body), body) for one in grown(event)], ())


def grown(event: Event) -> list[Event]:
    """A call that begins with its arguments as one that gets them, and no summary before it is told."""
    data = event.fresh()
    item = data.get("item", {})
    if data["type"] != "response.output_item.added" or item["type"] == "message":
        return [event]
    source, item["summary"], item["arguments"] = item.get("arguments"), [], ""
    head = {"type": "response.function_call_arguments.delta", "output_index": data["output_index"]}
    return [event.replaced(data), *([Event.of({**head, "delta": source}, kind=head["type"])] if source else [])]


def apart(event: Event) -> list[Event]:
    """A chunk with several calls as one chunk each."""
    delta = event.data["choices"][0]["delta"] if event.data and event.data["choices"] else {}
    if not delta.get("tool_calls"):
        return [event]
    out: list[Event] = []
    for call in delta["tool_calls"]:
        data = event.fresh()
        data["choices"][0]["delta"]["tool_calls"] = [call]
        out.append(Event.of(data))
    return out


def cut(events: Sequence[Event], fields: Sequence[str], step: int = 3) -> list[bytes]:
    """Events as bytes, their running texts in pieces of `step` characters."""
    out: list[bytes] = []
    for event in events:
        if event.data is None:
            out.append(event.raw)
            continue
        at, field = found(event.fresh(), fields)
        running = at[field] if field else ""
        for begin in range(0, max(len(running), 1), step):
            data = event.fresh()
            if field:
                at, _ = found(data, fields)
                at[field] = running[begin : begin + step]
                if begin and "name" in at:  # a call is named once
                    del at["name"]
                    data["choices"][0]["delta"]["tool_calls"][0].pop("id")
            head = f"event: {event.kind}\n" if event.kind else ""
            out.append(f"{head}data: {json.dumps(data)}\n\n".encode())
    return out


def found(data: dict[str, Any], fields: Sequence[str]) -> tuple[dict[str, Any], str]:
    """Where an event has its running text."""
    delta = data["choices"][0]["delta"] if data.get("choices") else data.get("delta", {})
    if isinstance(delta, str):
        return data, "delta"
    holder = delta["tool_calls"][0]["function"] if delta.get("tool_calls") else delta
    return holder, next((field for field in fields if holder.get(field)), "")

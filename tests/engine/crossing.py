"""Requests of chat as messages and of messages as chat, and the types that their SDKs give them.

Imported as `tidegate.tests.engine.crossing`.
"""

from dataclasses import replace
from typing import Any

import anthropic.types as theirs
import openai.types.chat as ours
from pydantic import TypeAdapter

from tidegate.engine.dialects.between.carry import merged
from tidegate.engine.dialects.between.chat_request import read_chat
from tidegate.engine.dialects.between.chat_request_write import write_chat
from tidegate.engine.dialects.between.messages_request import read_messages
from tidegate.engine.dialects.between.messages_request_write import write_messages
from tidegate.engine.dialects.between.seals import open_request
from tidegate.engine.dialects.between.talk import Talk

CHAT: TypeAdapter[Any] = TypeAdapter(ours.completion_create_params.CompletionCreateParamsNonStreaming)
MESSAGES: TypeAdapter[Any] = TypeAdapter(theirs.message_create_params.MessageCreateParamsNonStreaming)


def talk_of_chat(body: dict[str, Any]) -> Talk:
    return open_request(read_chat(body, body["model"], bool(body.get("stream"))))


def talk_of_messages(body: dict[str, Any]) -> Talk:
    return open_request(read_messages(body, body["model"], bool(body.get("stream"))))


def chat_of_messages(body: dict[str, Any]) -> dict[str, Any]:
    return write_chat(talk_of_messages(body))


def messages_of_chat(body: dict[str, Any]) -> dict[str, Any]:
    return write_messages(talk_of_chat(body))


def in_turns(talk: Talk) -> Talk:
    return replace(talk, turns=merged(talk.turns))


def text(said: str) -> dict[str, Any]:
    return {"type": "text", "text": said}


SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": False}

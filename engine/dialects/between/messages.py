"""Anthropic's messages, read and written."""

from .language import Language
from .messages_reply import read_messages_error, read_messages_reply, write_messages_error, write_messages_reply
from .messages_request import read_messages
from .messages_request_write import write_messages
from .messages_stream import MessagesReader, MessagesWriter

MESSAGES = Language(
    dialect="anthropic.messages",
    read_request=read_messages,
    write_request=write_messages,
    path=lambda talk: "/v1/messages",
    read_reply=read_messages_reply,
    write_reply=write_messages_reply,
    read_stream=MessagesReader,
    write_stream=MessagesWriter,
    read_error=read_messages_error,
    write_error=write_messages_error,
)

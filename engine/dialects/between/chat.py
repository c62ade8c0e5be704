"""OpenAI's chat completions, read and written."""

from .chat_reply import read_chat_error, read_chat_reply, write_chat_error, write_chat_reply
from .chat_request import read_chat
from .chat_request_write import write_chat
from .chat_stream import ChatReader, ChatWriter
from .language import Language

CHAT = Language(
    dialect="openai.chat",
    read_request=read_chat,
    write_request=write_chat,
    path=lambda talk: "/v1/chat/completions",
    read_reply=read_chat_reply,
    write_reply=write_chat_reply,
    read_stream=ChatReader,
    write_stream=ChatWriter,
    read_error=read_chat_error,
    write_error=write_chat_error,
)

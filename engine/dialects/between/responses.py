"""OpenAI's Responses, read and written. Their errors are those of chat."""

from .chat_reply import read_chat_error, write_chat_error
from .language import Language
from .responses_reply import read_responses_reply, write_responses_reply
from .responses_request import read_responses
from .responses_request_write import write_responses
from .responses_stream import ResponsesReader
from .responses_stream_write import ResponsesWriter

RESPONSES = Language(
    dialect="openai.responses",
    read_request=read_responses,
    write_request=write_responses,
    path=lambda talk: "/v1/responses",
    read_reply=read_responses_reply,
    write_reply=write_responses_reply,
    read_stream=ResponsesReader,
    write_stream=ResponsesWriter,
    read_error=read_chat_error,
    write_error=write_chat_error,
)

"""Gemini's generateContent and streamGenerateContent, read and written."""

from .gemini_reply import (
    GeminiReader,
    GeminiWriter,
    read_gemini_error,
    read_gemini_reply,
    write_gemini_error,
    write_gemini_reply,
)
from .gemini_request import read_gemini
from .gemini_request_write import gemini_path, write_gemini
from .language import Language

GEMINI = Language(
    dialect="gemini.generate",
    read_request=read_gemini,
    write_request=write_gemini,
    path=gemini_path,
    read_reply=read_gemini_reply,
    write_reply=write_gemini_reply,
    read_stream=GeminiReader,
    write_stream=GeminiWriter,
    read_error=read_gemini_error,
    write_error=write_gemini_error,
)

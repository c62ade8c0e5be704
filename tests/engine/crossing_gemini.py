"""A request of Gemini in the neutral form, its model and the schema of its tools.

Imported as `tidegate.tests.engine.crossing_gemini`.
"""

from typing import Any

from tidegate.engine.dialects.between.gemini import GEMINI
from tidegate.engine.dialects.between.talk import Talk
from tidegate.engine.dialects.gemini import Gemini

MODEL = "gemini-3-test"
SCHEMA = {"type": "object", "properties": {"to": {"type": "string"}}, "required": ["to"]}


def read(body: dict[str, Any]) -> Talk:
    Gemini().check(body)
    return GEMINI.read_request(body, MODEL, False)

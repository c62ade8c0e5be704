"""An error that was no JSON, told anew: in place of a page that something before the model sent."""

from .dialects.gemini import status_word
from .jsonio import dumps


def page_as_json(told: str, status: int) -> bytes:
    """An error in the forms of all providers at once: OpenAI's has `type`, Anthropic's a second one outside, Gemini's a
    number and its word."""
    error = {"message": told, "type": "upstream_error", "code": status, "status": status_word(status)}
    return dumps({"type": "error", "error": error})


def as_json(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The same headers of a body that is JSON now."""
    return [*((name, value) for name, value in headers if name != "content-type"), ("content-type", "application/json")]

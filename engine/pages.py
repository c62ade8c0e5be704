"""An error's JSON: out of what some hosts wrap it in, or told anew in place of a page that something before the model
sent."""

from contextlib import suppress

from .dialects.gemini import status_word
from .errors import UpstreamBroke
from .jsonio import dumps, loads
from .sse import Event, Parser


def error_of(body: bytes) -> bytes:
    """The JSON object of an error that came as the first event of a stream, or in a list of nothing else (Google's
    hosts). Any other body as it is."""
    if Event.whole(body).data is not None:
        return body
    try:
        told = loads(_first_data(body) or body)
    except ValueError:
        return body
    match told:
        case {**found} | [{**found}]:
            return dumps(found)
        case _:
            return body


def _first_data(body: bytes) -> bytes:
    """The data of the first event that has any; empty when `body` is no stream of events."""
    parser = Parser()
    with suppress(UpstreamBroke):
        return next((event.payload for event in (*parser.feed(body), *parser.end()) if event.payload), b"")
    return b""


def page_as_json(told: str, status: int) -> bytes:
    """An error in the forms of all providers at once: OpenAI's has `type`, Anthropic's a second one outside, Gemini's a
    number and its word."""
    error = {"message": told, "type": "upstream_error", "code": status, "status": status_word(status)}
    return dumps({"type": "error", "error": error})


def as_json(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The same headers of a body that is JSON now."""
    return [*((name, value) for name, value in headers if name != "content-type"), ("content-type", "application/json")]

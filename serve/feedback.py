"""`POST /tidegate/feedback`: a user's word on an answer from memory, by the token that came with it."""

from collections.abc import Callable, Mapping
from typing import Any

from ..cache.feedback import HEADER, Feedback
from ..cache.tokens import MOST_CHARS
from ..engine.errors import BadRequest, UnknownExchange, WrongMethod
from ..engine.exchange import Caller
from ..engine.handler import Answer, Endpoint, Request, json_answer, must_be_json
from ..engine.jsonio import parse_request

FEEDBACK = "/tidegate/feedback"


def feedback(caller_of: Callable[[Mapping[str, str]], Caller], tell: Feedback) -> Endpoint:
    """The endpoint: `{"id": x-tidegate-feedback, "correct": false}` from the caller who was given the answer."""

    async def answer(request: Request) -> Answer:
        token, correct = _read(request)
        if not await tell(token, caller_of(request.headers).id, correct):
            message = "No answer from memory that you were given lately came with this x-tidegate-feedback."
            raise UnknownExchange(message, param="id")
        return json_answer({"id": token, "correct": correct})

    return answer


def _read(request: Request) -> tuple[str, bool]:
    if request.method != "POST":
        raise WrongMethod("This endpoint takes POST.")
    must_be_json(request)
    body: dict[str, Any] = parse_request(request.body)
    for name in body:
        if name not in ("id", "correct"):
            raise BadRequest("The body has a field that is neither 'id' nor 'correct'.")
    token, correct = body.get("id"), body.get("correct")
    if not isinstance(token, str) or not 0 < len(token) <= MOST_CHARS:
        raise BadRequest(f"'id' must be the value of a reply's {HEADER}.", param="id")
    if not isinstance(correct, bool):
        raise BadRequest("'correct' must be true or false.", param="correct")
    return token, correct

"""Everything that can go wrong on a request's way, as one tree.

    TidegateError
    ├── BadRequest                400  the caller's request cannot be served as it stands
    │   ├── BodyTooLarge          413
    │   ├── WrongContentType      415
    │   ├── WrongContentCoding    415
    │   ├── UnknownModel          404
    │   ├── UnknownPath           404
    │   ├── UnknownExchange       404
    │   └── WrongMethod           405
    ├── Blocked                   400  a rule refused the text
    ├── NotEvaluated              400  a rule could not run and its on_error says block
    ├── Unauthorized              401
    ├── LimitReached              429
    ├── Overloaded                503
    ├── NotInCache                504  only-if-cached and nothing stored
    ├── StoreSilent               503  the store of answers does not say that it did what was asked
    ├── UpstreamError
    │   ├── UpstreamRefused       502  no connection, or an answer that is no answer
    │   │   └── KeyRefused        502  the provider does not take the operator's key
    │   ├── UpstreamSilent        504  nothing came in time
    │   ├── UpstreamBroke         502  the reply ended too early
    │   └── UpstreamResting       503  it failed too often, and is left alone for a while
    ├── ConfigError               at start: file, line and what to do
    └── InternalError             500  a bug of ours; the text of the bug stays in the log

`str(error)` is always safe to show: no secret, no masked value, no text of a request.
"""

import math
from collections.abc import Sequence


class TidegateError(Exception):
    """Base of all. `status` is the HTTP status, `code` is stable, `retry` tells a client to try again."""

    status: int = 500
    code: str = "internal_error"
    kind: str = "api_error"  # `type` in the OpenAI envelope
    retry: bool = False
    fault: Exception | None = None
    """What an app behind the gate raised before it answered: a mount whose server hears it raises that instead."""

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        if code is not None:
            self.code = code

    @property
    def headers(self) -> dict[str, str]:
        """Extra reply headers that belong to this error."""
        return {}


class BadRequest(TidegateError):
    """The request cannot be served as it stands; `param` names the place."""

    status, code, kind = 400, "invalid_request", "invalid_request_error"


class BodyTooLarge(BadRequest):
    """The body is longer than `limits.BODY_BYTES`."""

    status, code = 413, "body_too_large"


class WrongContentType(BadRequest):
    """The body is not declared as JSON."""

    status, code = 415, "wrong_content_type"


class WrongContentCoding(BadRequest):
    """The body is compressed."""

    status, code = 415, "wrong_content_coding"

    @property
    def headers(self) -> dict[str, str]:
        return {"accept-encoding": "identity"}  # RFC 9110, 15.5.16: a 415 says which would be taken


class UnknownModel(BadRequest):
    """No route serves the model that was asked for."""

    status, code = 404, "model_not_found"


class UnknownPath(BadRequest):
    """No endpoint lives at this path."""

    status, code = 404, "unknown_url"


class UnknownExchange(BadRequest):
    """No hit that this caller may speak about has this id."""

    status, code = 404, "unknown_exchange"


class WrongMethod(BadRequest):
    """The endpoint exists, but not for this HTTP method."""

    status, code = 405, "method_not_allowed"

    @property
    def headers(self) -> dict[str, str]:
        return {"allow": "POST"}  # RFC 9110, 15.5.6: every endpoint of a dialect takes POST and nothing else


class Blocked(TidegateError):
    """A rule refused a text of the request. Names the rule and the address, never the text."""

    status, code, kind = 400, "content_filter", "guardrail_blocked"


class NotEvaluated(TidegateError):
    """A rule could not run on a text, and its `on_error` says to block then."""

    status, code, kind = 400, "not_evaluated", "guardrail_blocked"


class Unauthorized(TidegateError):
    """The credential is missing or unknown."""

    status, code, kind = 401, "invalid_api_key", "authentication_error"

    @property
    def headers(self) -> dict[str, str]:
        return {"www-authenticate": "Bearer"}  # RFC 9110, 15.5.2: a 401 says how to authenticate


class LimitReached(TidegateError):
    """A budget or rate limit of the caller is used up; try again after `after` seconds."""

    status, code, kind, retry = 429, "rate_limit_exceeded", "rate_limit_error", True

    def __init__(self, message: str, *, after: float) -> None:
        super().__init__(message)
        self.after = after

    @property
    def headers(self) -> dict[str, str]:
        return {"retry-after": str(max(1, round(self.after)))}


class Overloaded(TidegateError):
    """Too many requests are under way."""

    status, code, kind, retry = 503, "overloaded", "overloaded_error", True

    @property
    def headers(self) -> dict[str, str]:
        return {"retry-after": "1"}


class NotInCache(TidegateError):
    """`Cache-Control: only-if-cached` was asked for and nothing usable is stored (RFC 9111, 5.2.1.7)."""

    status, code, kind = 504, "not_in_cache", "cache_error"


class StoreSilent(TidegateError):
    """The store of answers does not say that it did what a caller asked for."""

    status, code, kind, retry = 503, "store_silent", "cache_error", True


class UpstreamError(TidegateError):
    """The model's side failed."""

    status, code, kind, retry = 502, "upstream_error", "upstream_error", True
    unanswered: bool = False
    """The request was sent and nothing usable came back: the provider may have worked on it, and may charge for it."""
    words: frozenset[str] | None = None
    """What the provider calls the error that it reported in its reply, in lower case; None: it reported none."""


class UpstreamRefused(UpstreamError):
    """The provider could not be reached, or what it sent is not a reply."""

    code = "upstream_refused"


class KeyRefused(UpstreamRefused):
    """The provider does not take the operator's key: that will be so at the next try."""

    retry = False


class UpstreamSilent(UpstreamError):
    """The provider sent nothing for too long."""

    status, code, unanswered = 504, "upstream_silent", True


class UpstreamBroke(UpstreamError):
    """The provider's reply ended before it was complete."""

    code, unanswered = "upstream_broke", True


class UpstreamResting(UpstreamError):
    """The provider failed too often and is not asked for another `after` seconds; nothing was sent."""

    status, code = 503, "upstream_resting"

    def __init__(self, message: str, *, after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after

    @property
    def headers(self) -> dict[str, str]:
        return {"retry-after": str(max(1, math.ceil(self.after)))}


class InternalError(TidegateError):
    """A fault of ours. The caller learns the exchange's id, the log learns the rest."""


class ConfigError(TidegateError):
    """A configuration or rule file cannot be used; `str()` reads `file:line:column: message (hint)`, a line for each
    of `errors`."""

    code, kind = "config_error", "config_error"

    def __init__(self, message: str, *, file: str = "", line: int = 0, column: int = 0, hint: str = "") -> None:
        numbers = [str(each) for each in (line, column) if each]
        place = ":".join([file, *numbers]) + ": " if file or numbers else ""
        super().__init__(place + message + (f" ({hint})" if hint else ""))
        self.file, self.line, self.column, self.hint = file, line, column, hint
        self.bare = message
        """The message without its place and hint."""
        self.errors: tuple[ConfigError, ...] = (self,)
        """All that is wrong, in the order in which it was found: itself, unless it tells of several."""

    @classmethod
    def together(cls, errors: Sequence["ConfigError"]) -> "ConfigError":
        """Several as one, which has the place of the first."""
        if len(errors) == 1:
            return errors[0]
        first, made = errors[0], cls("\n".join(map(str, errors)))
        made.file, made.line, made.column, made.hint = first.file, first.line, first.column, first.hint
        made.errors = tuple(errors)
        return made

    @classmethod
    def at(cls, place: str, message: str, *, hint: str = "") -> "ConfigError":
        """One at a place that is written `file:line:column`, as rules know theirs."""
        file, line, column = place.rsplit(":", 2)
        return cls(message, file=file, line=int(line), column=int(column), hint=hint)

    def plain(self) -> dict[str, str | int]:
        """For programs: file, line and column (0 where there is none), message and hint."""
        told = {"file": self.file, "line": self.line, "column": self.column}
        return {**told, "message": self.bare, "hint": self.hint}

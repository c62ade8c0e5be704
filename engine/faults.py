"""Bugs of ours, as callers and the log are told of them: never with a message that may hold a text of the request."""

import traceback

from .errors import InternalError, TidegateError
from .exchange import Exchange


def internal(fault: Exception, exchange: Exchange | None) -> TidegateError:
    """An error as it is, and a bug of ours as one that says nothing of it; the fault itself is its cause."""
    if isinstance(fault, TidegateError):
        return fault
    under = f" under {exchange.id}" if exchange else ""
    error = InternalError(f"Something went wrong in the gate; the log has it{under}.")
    error.__cause__ = fault
    return error


def where(fault: BaseException) -> str:
    """A fault's kind and place. Not its message: that may hold a text of the request."""
    return "".join(traceback.format_tb(fault.__traceback__)) + type(fault).__name__

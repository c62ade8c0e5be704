"""Errors that providers tell inside replies whose status says that all is well."""

from collections.abc import Mapping
from typing import Any

from ...errors import UpstreamError
from ..openai_common import dicts
from .carry import mapping, unreadable


def unanswered(body: Mapping[str, Any]) -> UpstreamError:
    """The error for a body that holds no reply: the provider's own, if it holds one, as hosts that ask others send it
    with a status of 200."""
    return failed(mapping(body["error"])) if body.get("error") else unreadable()


def failed(error: Mapping[str, Any]) -> UpstreamError:
    """The error for an error inside a provider's reply. It keeps the provider's words for it, and shows the first that
    is one."""
    words = error_words(error)
    plain = (each for each in words if each.isascii() and each.replace("_", "").isalnum() and not each.isdigit())
    word = next(plain, "")
    told = UpstreamError(f"The provider reported an error in its reply{f' ({word[:64]})' if word else ''}.")
    told.words = frozenset(each.lower() for each in words)
    return told


def error_words(error: Mapping[str, Any]) -> list[str]:
    """What an error calls itself, in any dialect, in Azure's inner form and in this gate's own envelopes; the most
    telling word comes first."""
    details = error.get("details")
    named = [error.get("code"), error.get("type"), error.get("status")]
    named += [mapping(error.get("innererror")).get("code"), mapping(details).get("error_code")]
    named += [detail.get("reason") for detail in dicts(details)]
    return [str(word) for word in named if isinstance(word, str | int) and word]

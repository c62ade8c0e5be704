"""What Google's clients say in a query: their key, and the form in which a stream shall come."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote_plus

from .errors import BadRequest

KEY_HEADER = "x-goog-api-key"
_KEY = re.compile(r"[!-~]{1,4096}")
"""What a header can carry."""


def with_key(headers: Mapping[str, str], query: str) -> tuple[dict[str, str], str]:
    """Headers and query with the query's `key` as a header: so it is a credential like any other, and in no address
    that is sent on. A key that stands in the header already counts for more. The rest of the query stays as it is.

    Raises BadRequest when the key is none that a header can carry.
    """
    fields = query.split("&")
    kept = [field for field in fields if unquote_plus(field.partition("=")[0]) != "key"]
    if len(kept) == len(fields):
        return dict(headers), query
    key = next((value for name, value in parse_qsl(query) if name == "key"), "")
    if key and not _KEY.fullmatch(key):
        raise BadRequest("The key in the query has characters that no key has.", param="key")
    return ({KEY_HEADER: key} if key else {}) | dict(headers), "&".join(kept)


def as_array(query: str) -> bool:
    """Whether a stream shall be one JSON array, as it is unless `alt=sse` asks for events.

    Raises BadRequest for other forms.
    """
    form = next((value for name, value in parse_qsl(query) if name == "alt"), "json")
    if form not in ("json", "sse"):
        raise BadRequest("Streams are served as events (?alt=sse) or as a JSON array (?alt=json).", param="alt")
    return form == "json"

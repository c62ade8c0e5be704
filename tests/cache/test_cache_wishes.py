"""What a request may ask of the cache beside Cache-Control: a shorter life, a stricter eye."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.cache.admission import SIMILARITY_HEADER, TTL_HEADER, Wishes
from tidegate.engine.errors import BadRequest


def test_a_request_that_says_nothing_asks_for_nothing() -> None:
    assert Wishes.of({}) == Wishes.of({"cache-control": "x"}) == Wishes()


@pytest.mark.parametrize(
    ("headers", "ttl", "similarity"),
    [
        ({TTL_HEADER: "60"}, 60, 0),
        ({TTL_HEADER: "0.5", "cache-control": "max-age=3"}, 0.5, 0),
        ({SIMILARITY_HEADER: "0.93"}, math.inf, 0.93),
        ({SIMILARITY_HEADER: "exact"}, math.inf, 2.0),
    ],
)
def test_both_headers_are_read(headers: dict[str, str], ttl: float, similarity: float) -> None:
    wishes = Wishes.of(headers)
    assert (wishes.ttl, wishes.similarity) == (ttl, similarity)


@given(name=st.sampled_from([TTL_HEADER, SIMILARITY_HEADER]), value=st.text(max_size=8))
def test_a_header_that_cannot_be_read_is_refused_and_never_taken_for_another(name: str, value: str) -> None:
    try:
        wishes = Wishes.of({name: value})
    except BadRequest as error:
        assert error.param == name
    else:
        assert value == "exact" or float(value) >= 0
        assert wishes.similarity in (2.0, 0.0) or wishes.similarity <= 1.0


def test_an_entry_lives_no_longer_than_its_request_asked(serve: Any) -> None:
    import httpx2

    url = serve("cache: {mode: exact, ttl: 1h}\n") + "/v1/chat/completions"
    body = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
    httpx2.post(url, json=body, headers={TTL_HEADER: "30"})
    told = httpx2.post(url, json=body).headers["cache-status"]
    assert "hit" in told and int(told.partition("ttl=")[2]) <= 30
    other = {**body, "messages": [{"role": "user", "content": "hello there"}]}
    assert "stored" not in httpx2.post(url, json=other, headers={TTL_HEADER: "0"}).headers["cache-status"]
    refused = httpx2.post(url, json=body, headers={SIMILARITY_HEADER: "high"})
    assert refused.status_code == 400 and refused.json()["error"]["param"] == SIMILARITY_HEADER

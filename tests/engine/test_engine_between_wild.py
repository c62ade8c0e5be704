"""Between dialects: nothing is dropped in silence, and nothing that a caller or a provider sends is a fault of ours."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.dialects.between.carry import assembled
from tidegate.engine.dialects.between.gemini import GEMINI
from tidegate.engine.dialects.between.language import Language
from tidegate.engine.dialects.between.seals import open_reply, open_request
from tidegate.engine.errors import BadRequest, UpstreamError
from tidegate.engine.jsonio import Address, dumps, get, loads, put, strings
from tidegate.engine.sse import Event
from tidegate.tests.engine.crossing_samples import ASKED, DIALECTS, REPLIES

CANARY = "qfmzx"
LEFT_OUT = {
    "detail",  # checked to say nothing
    "display",  # how thinking is shown
    "summary",  # the same, of Responses
    "effort",  # OpenAI has one word for effort and budget
    "name",  # a format's label (of tools it is found)
    "signature",
    "object",
    "role",
    "finish_reason",
    "stop_reason",
    "type",
    "cache_control",
}
"""Fields whose value may go: fixed words, hints and seals, as docs/dialects.md lists them."""

LEFT_OUT |= {"category", "finishReason", "mimeType", "propertyOrdering", "thinkingLevel", "thoughtSignature"}
LEFT_OUT |= {"user", "user_id", "safety_identifier"}  # who asks
SHOWN = {"generationConfig": {"thinkingConfig": {"includeThoughts": True}}}


def left_out(address: Address) -> bool:
    """Items of Responses have ids and states of their own, which nobody else knows: calls go by `call_id`."""
    return not LEFT_OUT.isdisjoint(address[-2:]) or (
        address[0] in ("input", "output") and address[-1] in ("id", "status")
    )


def carried(reads: Language, writes: Language, body: dict[str, Any]) -> dict[str, Any]:
    model = "m" if reads is GEMINI else body["model"] or "m"
    talk = open_request(reads.read_request(body, model, body.get("stream") is True))
    return {"path": writes.path(talk), **writes.write_request(talk)}


def canaried(body: dict[str, Any], address: Address) -> dict[str, Any]:
    copy = loads(dumps(body))
    put(copy, address, get(copy, address).replace("b", CANARY) if address[-1] == "arguments" else CANARY)
    return copy


@pytest.mark.parametrize(
    ("reads", "writes", "body", "address"),
    [(reads, writes, body, address) for reads, writes, body in ASKED for address, _ in strings(body)],
)
def test_every_text_of_a_request_is_carried_or_named(
    reads: Language, writes: Language, body: dict[str, Any], address: Address
) -> None:
    changed = canaried(body, address)
    try:
        DIALECTS[reads.dialect].check(changed)
        said = dumps(carried(reads, writes, changed)).decode()
    except BadRequest as refused:
        assert refused.param
        return
    assert CANARY in said.lower() or left_out(address)


@pytest.mark.parametrize(("reads", "writes", "body"), ASKED)
def test_every_field_that_is_not_known_is_named(reads: Language, writes: Language, body: dict[str, Any]) -> None:
    free = ("schema", "parameters", "input_schema", "input", "cache_control", "stream_options")
    free += ("args", "response", "responseSchema", "parametersJsonSchema")
    for address in [()] + [a for a, node in objects(body) if not any(step in free for step in a)]:
        changed = loads(dumps(body))
        get(changed, address)["x_new"] = 1
        with pytest.raises(BadRequest) as caught:
            carried(reads, writes, changed)
        assert caught.value.param == ".".join(map(str, (*address, "x_new")))


def objects(node: Any, address: Address = ()) -> list[tuple[Address, Any]]:
    """Every object below `node`."""
    found: list[tuple[Address, Any]] = []
    for step, child in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        found += [((*address, step), child)] if isinstance(child, dict) else []
        found += objects(child, (*address, step))
    return found


@pytest.mark.parametrize(
    ("reads", "writes", "body", "address"),
    [(reads, writes, body, address) for reads, writes, body in REPLIES for address, _ in strings(body)],
)
def test_every_text_of_a_reply_is_told_or_an_error(
    reads: Language, writes: Language, body: dict[str, Any], address: Address
) -> None:
    changed = canaried(body, address)
    try:
        said = dumps(writes.write_reply(open_reply(reads.read_reply(changed)), SHOWN)).decode()
    except UpstreamError:
        return
    assert CANARY in said.lower() or left_out(address)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2) | st.sampled_from(["", "x", "auto", "text"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["type", "name", "x"]), inner, max_size=2)
    ),
    max_leaves=3,
)


def places(node: Any, address: Address = ()) -> list[Address]:
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [address] * bool(address) + [place for step, child in steps for place in places(child, (*address, step))]


@given(st.data())
@pytest.mark.parametrize(("reads", "writes", "body"), ASKED)
def test_a_request_of_another_form_is_a_bad_request_and_no_fault(
    reads: Language, writes: Language, body: dict[str, Any], data: st.DataObject
) -> None:
    changed = loads(dumps(body))
    put(changed, data.draw(st.sampled_from(places(body))), data.draw(values))
    try:
        DIALECTS[reads.dialect].check(changed)
        out = carried(reads, writes, changed)
    except BadRequest:
        return
    dumps(out)


@given(st.data())
@pytest.mark.parametrize(("reads", "writes", "body"), REPLIES)
def test_a_reply_of_another_form_is_an_error_of_the_provider_and_no_fault(
    reads: Language, writes: Language, body: dict[str, Any], data: st.DataObject
) -> None:
    changed = loads(dumps(body))
    put(changed, data.draw(st.sampled_from(places(body))), data.draw(values))
    with contextlib.suppress(UpstreamError):
        dumps(writes.write_reply(open_reply(reads.read_reply(changed)), SHOWN))
    reads.read_error(500, changed)


@given(st.data())
@pytest.mark.parametrize(("reads", "writes", "body"), REPLIES)
def test_a_stream_of_another_form_is_an_error_of_the_provider_and_no_fault(
    reads: Language, writes: Language, body: dict[str, Any], data: st.DataObject
) -> None:
    events = DIALECTS[reads.dialect].split(body, {"stream_options": {"include_usage": True}})
    at = data.draw(st.integers(0, len(events) - 1))
    if events[at].data is not None:
        changed = events[at].fresh()
        put(changed, data.draw(st.sampled_from(places(changed))), data.draw(values))
        events[at] = Event.of(changed)
    reader, writer = reads.read_stream(), writes.write_stream(SHOWN)
    with contextlib.suppress(UpstreamError):
        deltas = [delta for event in events for delta in reader.feed(event)] + list(reader.end())
        assembled(deltas)
        assert [event for delta in deltas for event in writer.write(delta)]

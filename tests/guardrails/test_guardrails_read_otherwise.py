"""What stands behind the gate, or in front of it, may read the same bytes otherwise: in capitals, in a charset."""

from typing import Any

import pytest

from tidegate.engine import jsonio
from tidegate.engine.dialects.strange import strange
from tidegate.engine.dialects.text import is_base64
from tidegate.engine.errors import BadRequest, NotEvaluated
from tidegate.engine.exchange import Reply, Scope
from tidegate.tests.guardrails.guarded import WORDS, exchange, rules, run, whole

PICTURE = "data:image/png;base64," + "A" * 80


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"model": "a", "Model": "b"}, "model"),
        ({"model": "a", "messages": [], "MESSAGES": []}, "messages"),
        ({"model": "a", "me\u017f\u017fages": []}, "messages"),
        ({"Input": "x"}, "input"),
        ({"top": 1, "Top": 2}, "Top"),
    ],
)
def test_a_field_of_a_request_is_the_one_that_a_host_in_go_takes(body: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as refused:
        jsonio.parse_request(jsonio.dumps(body))
    assert (refused.value.param, refused.value.code) == (param, "ambiguous_field")
    assert f"send '{param}' once" in str(refused.value)
    assert jsonio.parse_request(b'{"Title":"x","metadata":{"a":1,"A":2}}')


@pytest.mark.parametrize(
    "part",
    [{"Image_url": {"Url": PICTURE}}, {"Image_Url": PICTURE}, {"IMAGE_URL": {"URL": "https://a.example/cat.png"}}],
)
async def test_a_picture_in_other_letters_is_a_picture(part: dict[str, Any]) -> None:
    asked = exchange("hi")
    asked.body["messages"][0]["Content"] = [{"type": "image_url", **part}]
    with pytest.raises(NotEvaluated):
        await run(rules(WORDS), asked, lambda _: whole("no"))


def test_a_key_in_the_place_of_a_fields_name_is_a_text() -> None:
    names = ["AKIAIOSFODNN7EXAMPLQ", "ghp_ab1cD2efG3hiJ4klM5noP6qrS7tuV8wxY9zA", "ab1c2de3fa4bc5de6f"]
    words = ["ephemeral_1h_input_tokens", "b64_json", "base64", "responseMimeType", "topP1"]
    body = {"x": dict.fromkeys([*names, *words], 1)}
    assert [each.text for each in strange(body, (), Scope.OUTPUT)] == names


@pytest.mark.parametrize(
    ("kind", "left"),
    [
        ("application/json; charset=utf-7", "application/json"),
        ("application/problem+json;charset=iso-2022-jp", "application/problem+json"),
        ("application/json; charset=utf-8", "application/json; charset=utf-8"),
    ],
)
async def test_a_reply_names_no_charset_in_which_nobody_has_read_it(kind: str, left: str) -> None:
    def answer(_: Any) -> Reply:
        reply = whole("+AGYAYQBsAGMAbwBu-")
        reply.headers = [("content-type", kind)]
        return reply

    assert (await run(rules(WORDS), exchange("hi"), answer)).headers == [("content-type", left)]


@pytest.mark.parametrize("text", ["jane@example.org\n" * 6, "data:text/plain;base64," + "jane@example.org;" * 6])
async def test_where_files_may_pass_unread_a_text_without_blanks_is_no_file(text: str) -> None:
    asked = exchange(
        [{"type": "file", "file": {"file_data": text}}, {"type": "image_url", "image_url": {"url": PICTURE}}]
    )
    open_to_files = "version: 1\nrules: [{id: pii, detect: {pii: structured}, action: mask, allow_unread: true}]\n"
    await run(rules(open_to_files), asked, lambda _: whole("yes"))
    file, picture = asked.body["messages"][0]["content"]
    assert "jane" not in file["file"]["file_data"] and picture["image_url"]["url"] == PICTURE


@pytest.mark.parametrize("sign", ["\u212a", "\u017f", "é", "@"])
def test_a_files_bytes_are_told_by_the_signs_of_base64_alone(sign: str) -> None:
    plain = "DATA:image/png;base64," + "Ab0-_" * 20
    assert is_base64(plain) and is_base64(plain + "==\r\n")
    assert not is_base64(plain + sign)

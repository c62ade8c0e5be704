"""Schemas between dialects: strict modes get what they take, and are not asked for what they do not."""

from typing import Any

import pytest

from tidegate.engine.dialects.between.chat import CHAT
from tidegate.engine.dialects.between.language import Language
from tidegate.engine.dialects.between.messages import MESSAGES
from tidegate.engine.dialects.between.responses import RESPONSES
from tidegate.engine.dialects.between.schemas import closed, strictly
from tidegate.engine.dialects.between.talk import Format, Talk, Text, Tool, Turn
from tidegate.tests.engine.crossing_gemini import read

TEXT = {"type": "string"}


def holding(properties: dict[str, Any], *required: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), **more}


SHUT = {"additionalProperties": False}
HOME = holding({"street": TEXT}, "street")
CITY = holding({"name": TEXT, "home": HOME}, "name", "home")
CITY_SHUT = holding({"name": TEXT, "home": HOME | SHUT}, "name", "home", **SHUT)


def asked(schema: dict[str, Any], strict: bool | None = True) -> Talk:
    turns = [Turn("user", [Text("x")])]
    return Talk("m", turns, tools=[Tool("f", parameters=schema, strict=strict)], format=Format(schema, strict=strict))


def test_every_object_says_what_it_holds_wherever_it_stands() -> None:
    open_ = {"type": "object", "additionalProperties": HOME}
    schema = {
        "$defs": {"properties": HOME},
        "anyOf": [HOME, {"type": "array", "items": HOME, "default": [{"type": "object"}]}],
        "properties": {"type": {"type": ["object", "null"]}, "more": open_},
    }
    assert closed(schema) == {
        "$defs": {"properties": HOME | SHUT},
        "anyOf": [HOME | SHUT, {"type": "array", "items": HOME | SHUT, "default": [{"type": "object"}]}],
        "properties": {
            "type": {"type": ["object", "null"], **SHUT},
            "more": {"type": "object", "additionalProperties": HOME | SHUT},
        },
        **SHUT,
    }
    assert closed(CITY) == CITY_SHUT


@pytest.mark.parametrize("strict", [None, False, True])
def test_anthropic_gets_answers_closed_and_tools_where_they_are_strict(strict: bool | None) -> None:
    body = MESSAGES.write_request(asked(CITY, strict))
    assert body["output_config"]["format"]["schema"] == CITY_SHUT
    assert body["tools"][0]["input_schema"] == (CITY_SHUT if strict else CITY)
    assert body["tools"][0].get("strict") is strict


A, B = (holding({name: TEXT}, name) for name in ("a", "b"))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "allOf": [A, B]},
        {"allOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}], "$defs": {"A": A, "B": B}},
        {"properties": {"b": TEXT}, "allOf": [{"$ref": "#/definitions/A"}], "definitions": {"A": A}},
    ],
)
def test_what_is_put_together_stays_open_and_is_not_held_to_strictly(schema: dict[str, Any]) -> None:
    assert closed(schema) == schema
    assert strictly({"type": "object", **schema}, True, optional=True) == ({"type": "object", **schema}, None)


def test_a_reference_that_is_wrapped_alone_is_closed() -> None:
    schema = holding({"a": {"allOf": [{"$ref": "#/$defs/A"}], "title": "x"}}, **{"$defs": {"A": A}})
    assert closed(schema) == {**schema, "$defs": {"A": A | SHUT}, **SHUT}


def strict_in(body: dict[str, Any]) -> list[Any]:
    """What a request of chat or of Responses says of its format and of its tool."""
    held = body["response_format"]["json_schema"] if "response_format" in body else body["text"]["format"]
    return [held.get("strict"), body["tools"][0].get("function", body["tools"][0]).get("strict") or None]


@pytest.mark.parametrize("language", [CHAT, RESPONSES], ids=lambda language: language.dialect)
def test_openai_is_asked_to_be_strict_where_it_can_be(language: Language) -> None:
    assert strict_in(language.write_request(asked(CITY))) == [True, True]
    for schema in (
        holding({"name": TEXT, "nick": TEXT}, "name", **SHUT),
        holding({"home": holding({"street": TEXT})}, "home", **SHUT),
        holding({"name": TEXT}, "name", additionalProperties=TEXT),
        {"anyOf": [CITY_SHUT]},
    ):
        body = language.write_request(asked(schema))
        assert strict_in(body) == [None, None]
        assert schema in (body.get("text", {}).get("format") or body["response_format"]["json_schema"]).values()


def test_a_tool_with_fields_that_may_be_missing_can_be_strict_for_anthropic_and_an_open_one_cannot() -> None:
    def written(parameters: dict[str, Any]) -> Any:
        declared = {"functionDeclarations": [{"name": "f", "parametersJsonSchema": parameters}]}
        mode = {"functionCallingConfig": {"mode": "VALIDATED"}}
        body = {"contents": [{"parts": [{"text": "x"}]}], "tools": [declared], "toolConfig": mode}
        return MESSAGES.write_request(read(body))["tools"][0]

    nick = holding({"nick": TEXT})
    assert written(nick) == {"name": "f", "input_schema": nick | SHUT, "strict": True}
    names = {"type": "object", "additionalProperties": TEXT}
    assert written(names) == {"name": "f", "input_schema": names}

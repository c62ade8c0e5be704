"""Gemini's requests to and from the neutral form: as Google's SDK writes them, and as it reads what is written."""

from dataclasses import replace
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.dialects.between.carry import merged
from tidegate.engine.dialects.between.chat import CHAT
from tidegate.engine.dialects.between.gemini import GEMINI
from tidegate.engine.dialects.between.gemini_contents import UNSIGNED, made_id
from tidegate.engine.dialects.between.messages import MESSAGES
from tidegate.engine.dialects.between.seals import open_request
from tidegate.engine.dialects.between.talk import Call, Choice, Format, Media, Result, Talk, Text, Thought, Tool, Turn
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.errors import BadRequest
from tidegate.engine.jsonio import loads

genai: Any = pytest.importorskip("google.genai", reason="google-genai is a dependency of the tests: install .[dev]")
types: Any = genai.types
MODEL = "gemini-3-test"
SCHEMA = {"type": "object", "properties": {"to": {"type": "string"}}, "required": ["to"]}


def read(body: dict[str, Any]) -> Talk:
    Gemini().check(body)
    return GEMINI.read_request(body, MODEL, False)


def asked(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"contents": [{"role": "user", "parts": list(parts or [{"text": "x"}])}], **more}


def configured(**config: Any) -> dict[str, Any]:
    return asked(generationConfig=config)


def by_sdk(contents: Any, **config: Any) -> Talk:
    """What is read of a request that Google's SDK makes."""
    seen: list[dict[str, Any]] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(loads(request.content))
        return httpx2.Response(200, json={"candidates": [{"finishReason": "STOP"}]})

    options = {"base_url": "http://gate", "client_args": {"transport": httpx2.MockTransport(answer)}}
    client = genai.Client(api_key="k", vertexai=False, http_options=options)
    client.models.generate_content(model=MODEL, contents=contents, config=config)
    return read(seen[0])


def test_what_googles_sdk_asks_is_read() -> None:
    def mail(to: str, copies: int = 1) -> str:
        """Send a mail."""
        return to

    image = b"\xff\xfe\xfb\xff\xfe"
    talk = by_sdk(
        [
            types.Content(role="user", parts=[types.Part.from_text(text="look"), image_part(image)]),
            types.Content(role="model", parts=[types.Part.from_function_call(name="mail", args={"to": "ada"})]),
            types.Content(
                role="user", parts=[types.Part.from_function_response(name="mail", response={"result": "sent"})]
            ),
        ],
        system_instruction="be brief",
        temperature=0.5,
        top_k=40,
        max_output_tokens=9,
        stop_sequences=["END"],
        response_mime_type="application/json",
        response_schema={"type": "OBJECT", "properties": {"to": {"type": "STRING"}}, "required": ["to"]},
        thinking_config={"include_thoughts": True, "thinking_budget": 2000},
        tools=[mail],
        tool_config={"function_calling_config": {"mode": "ANY", "allowed_function_names": ["mail"]}},
        automatic_function_calling={"disable": True},
        safety_settings=[{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}],
    )
    id = made_id("mail", 1)
    assert talk.turns == (
        Turn("system", (Text("be brief"),)),
        Turn("user", (Text("look"), Media("image", "image/png", "//77//4="))),
        Turn("assistant", (Call(id, "mail", '{"to":"ada"}'),)),
        Turn("user", (Result(id, (Text("sent"),), "mail"),)),
    )
    [tool] = talk.tools
    assert tool.description == 'Send a mail.\nReturns JSON of this schema: {"type":"string"}'
    assert tool.parameters is not None and tool.parameters["required"] == ["to"]
    assert talk.choice == Choice("must", ("mail",))
    assert talk.format == Format(SCHEMA)
    assert (talk.temperature, talk.top_k, talk.max_tokens, talk.stop) == (0.5, 40, 9, ("END",))
    assert (talk.budget, talk.show_thoughts) == (2000, True)


def image_part(data: bytes) -> Any:
    return types.Part.from_bytes(data=data, mime_type="image/png")


words = st.text(min_size=1, max_size=8)
names = st.from_regex(r"[a-z]{1,6}", fullmatch=True)
medias = st.sampled_from(
    [
        Media("image", "image/png", "AAAA", detail="low"),
        Media("audio", "audio/wav", "AAAA"),
        Media("video", "video/mp4", "AAAA"),
        Media("file", "application/pdf", url="https://example.org/a.pdf"),
    ]
)
texts = words.map(Text)
calls = st.lists(st.tuples(names, names.map(lambda key: f'{{"{key}":1}}')), min_size=1, max_size=2)


def exchange(said: list[Text], called: list[tuple[str, str]], failed: bool, images: list[Media]) -> list[Turn]:
    """An answer that calls tools, and their results."""
    made = [Call(f"c{place}", name, source) for place, (name, source) in enumerate(called)]
    results = [Result(call.id, (*said, *images), call.name, failed and bool(said)) for call in made]
    return [Turn("assistant", (*said, *made)), Turn("user", tuple(results))]


turns = st.lists(
    st.builds(
        lambda ask, answer, more: [Turn("user", tuple(ask)), *(more or [Turn("assistant", (answer,))])],
        st.lists(texts | medias, min_size=1, max_size=3),
        texts,
        st.none()
        | st.builds(
            exchange,
            st.lists(texts, max_size=2),
            calls,
            st.booleans(),
            st.lists(st.just(Media("image", "image/png", "AAAA")), max_size=1),
        ),
    ),
    min_size=1,
    max_size=2,
).map(lambda found: [turn for one in found for turn in one])
tools = st.builds(Tool, names, words | st.just(""), st.none() | st.just(SCHEMA))
talks = st.builds(
    lambda system, turns, tools, choice, **fields: Talk(
        MODEL,
        (*([Turn("system", tuple(system))] if system else []), *turns),
        tools=tuple(tools),
        choice=choice if tools else None,
        **fields,
    ),
    system=st.lists(texts, max_size=2),
    turns=turns,
    tools=st.lists(tools, max_size=2),
    choice=st.none() | st.sampled_from([Choice("auto"), Choice("never"), Choice("must"), Choice("must", ("a", "b"))]),
    format=st.none() | st.just(Format()) | st.just(Format(SCHEMA)),
    temperature=st.none() | st.floats(0, 2),
    top_p=st.none() | st.floats(0, 1),
    top_k=st.none() | st.integers(1, 99),
    max_tokens=st.none() | st.integers(1, 99),
    seed=st.none() | st.integers(0, 99),
    presence_penalty=st.none() | st.floats(-2, 2),
    stop=st.lists(words, max_size=2).map(tuple),
)


@given(talks, st.sampled_from([{}, {"budget": 9}, {"budget": -1}, {"budget": 0}, {"effort": "low"}]), st.booleans())
def test_what_is_written_is_read_again(talk: Talk, thinking: dict[str, Any], shown: bool) -> None:
    if thinking:
        thinking = {**thinking, "show_thoughts": shown and thinking.get("budget") != 0}
    talk = replace(talk, **thinking)
    body = GEMINI.write_request(talk)
    again = open_request(read(body))
    assert replace(again, turns=merged(again.turns)) == replace(talk, turns=merged(talk.turns))
    for content in body["contents"]:
        types.Content.model_validate(content)
    config = body.get("generationConfig", {})
    types.GenerateContentConfig.model_validate(
        config | {"tools": body.get("tools"), "tool_config": body.get("toolConfig")}
    )


@pytest.mark.parametrize("other", [CHAT, MESSAGES], ids=lambda language: language.dialect)
@given(turns)
def test_a_conversation_goes_over_and_comes_back(other: Any, conversation: list[Turn]) -> None:
    """What others have no word for is named; all else comes back."""
    body = GEMINI.write_request(Talk(MODEL, conversation, max_tokens=9))
    try:
        sent = other.write_request(open_request(read(body)))
    except BadRequest as refused:
        assert refused.code == "not_carried"
        return
    back = GEMINI.write_request(open_request(other.read_request(sent, MODEL, False)))
    # That a tool failed chat can only say in words, which stay.
    assert back["contents"] == body["contents"] or (other is CHAT and "'error'" in str(body))


ASKED: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": "x"}]}
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
TOOL = {"type": "function", "function": {"name": "f", "parameters": SCHEMA}}


def of_chat(change: dict[str, Any]) -> dict[str, Any]:
    body = ASKED | change
    return GEMINI.write_request(open_request(CHAT.read_request(body, body["model"], False)))


@pytest.mark.parametrize(
    ("change", "config"),
    [
        ({"reasoning_effort": "none"}, {"thinkingConfig": {"thinkingBudget": 0}}),
        ({"reasoning_effort": "high"}, {"thinkingConfig": {"thinkingLevel": "HIGH"}}),
        ({"model": "gemini-2.5-pro", "reasoning_effort": "low"}, {"thinkingConfig": {"thinkingBudget": 1024}}),
        ({"model": "gemini-2.5-pro", "reasoning_effort": "xhigh"}, {"thinkingConfig": {"thinkingBudget": 24576}}),
        ({"stop": "END", "seed": 3, "max_tokens": 4}, {"stopSequences": ["END"], "seed": 3, "maxOutputTokens": 4}),
        ({"response_format": {"type": "json_object"}}, {"responseMimeType": "application/json"}),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}}},
            {"responseMimeType": "application/json", "responseJsonSchema": SCHEMA},
        ),
        ({"user": "u", "store": False, "parallel_tool_calls": False}, {}),
    ],
)
def test_what_chat_says_has_its_word_in_gemini(change: dict[str, Any], config: dict[str, Any]) -> None:
    assert of_chat(change).get("generationConfig", {}) == config


@pytest.mark.parametrize(
    ("change", "calling"),
    [
        ({}, None),
        ({"tool_choice": "auto"}, {"mode": "AUTO"}),
        ({"tool_choice": "none"}, {"mode": "NONE"}),
        ({"tool_choice": "required"}, {"mode": "ANY"}),
        (
            {"tool_choice": {"type": "function", "function": {"name": "f"}}},
            {"mode": "ANY", "allowedFunctionNames": ["f"]},
        ),
        (
            {"tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [TOOL]}}},
            {"mode": "VALIDATED", "allowedFunctionNames": ["f"]},
        ),
        ({"tools": [{"type": "function", "function": {"name": "f", "strict": True}}]}, {"mode": "VALIDATED"}),
    ],
)
def test_how_tools_are_chosen(change: dict[str, Any], calling: Any) -> None:
    assert of_chat({"tools": [TOOL], **change}).get("toolConfig", {}).get("functionCallingConfig") == calling


def test_a_chat_with_tools_as_gemini_has_it() -> None:
    messages = [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "mail"},
        {"role": "assistant", "tool_calls": [CALL, {**CALL, "id": "d"}]},
        {"role": "tool", "tool_call_id": "c", "content": "one"},
        {"role": "tool", "tool_call_id": "d", "content": "two"},
        {"role": "user", "content": "and?"},
    ]
    body = of_chat({"messages": messages})
    assert body["systemInstruction"] == {"parts": [{"text": "be brief"}]}
    assert body["contents"] == [
        {"role": "user", "parts": [{"text": "mail"}]},
        {
            "role": "model",
            "parts": [
                {"functionCall": {"id": "c", "name": "f", "args": {"a": 1}}, "thoughtSignature": UNSIGNED},
                {"functionCall": {"id": "d", "name": "f", "args": {"a": 1}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"id": "c", "name": "f", "response": {"output": "one"}}},
                {"functionResponse": {"id": "d", "name": "f", "response": {"output": "two"}}},
                {"text": "and?"},
            ],
        },
    ]
    older = of_chat({"messages": messages, "model": "gemini-2.5-flash"})
    assert "thoughtSignature" not in older["contents"][1]["parts"][0]


def test_pictures_in_results_are_carried_as_bytes_and_nothing_more() -> None:
    def written(media: Media) -> Any:
        asked = [Turn("assistant", [Call("c", "f")]), Turn("user", [Result("c", [Text("so"), media])])]
        return GEMINI.write_request(Talk(MODEL, asked))["contents"][1]["parts"][0]["functionResponse"]

    said = written(Media("image", "image/png", "AAAA"))
    assert said["response"] == {"output": "so"}
    assert said["parts"] == [{"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]
    for media in (
        Media("image", url="https://example.org/a.png"),
        Media("image", "image/png", "AAAA", detail="low"),
        Media("file", "application/pdf", "AAAA", name="a.pdf"),
    ):
        with pytest.raises(BadRequest):
            written(media)


def test_files_are_named_before_they_come_and_links_get_their_type() -> None:
    file = {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}
    link = {"url": "https://example.org/a.png?x=1", "detail": "high"}
    content = [{"type": "file", "file": file}, {"type": "image_url", "image_url": link}]
    assert of_chat({"messages": [{"role": "user", "content": content}]})["contents"][0]["parts"] == [
        {"text": "File: a.pdf"},
        {"inlineData": {"mimeType": "application/pdf", "data": "AAAA"}},
        {
            "fileData": {"fileUri": "https://example.org/a.png?x=1", "mimeType": "image/png"},
            "mediaResolution": {"level": "MEDIA_RESOLUTION_HIGH"},
        },
    ]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"tools": [TOOL], "parallel_tool_calls": False}, "parallel_tool_calls"),
        ({"verbosity": "low"}, "verbosity"),
        ({"metadata": {"a": "b"}}, "metadata"),
        ({"store": True}, "store"),
        ({"model": "a/b"}, "model"),
        ({"model": "m?key=1"}, "model"),
        (
            {"messages": [{"role": "user", "content": "x"}, {"role": "system", "content": "y"}]},
            "messages.1.role",
        ),
        ({"messages": [{"role": "system", "content": "y"}]}, "messages.0"),
        (
            {
                "messages": [
                    {"role": "system", "content": [{"type": "image_url", "image_url": {"url": "u"}}]},
                    {"role": "user", "content": "x"},
                ]
            },
            "messages.0.content.0.image_url",
        ),
        ({"messages": [{"role": "tool", "tool_call_id": "c", "content": "x"}]}, "messages.0"),
    ],
)
def test_what_chat_says_and_gemini_cannot_is_named(change: dict[str, Any], place: str) -> None:
    with pytest.raises(BadRequest) as caught:
        GEMINI.path(CHAT.read_request(ASKED | change, (ASKED | change)["model"], False))
        of_chat(change)
    assert (caught.value.param, caught.value.code) == (place, "not_carried")


def model_said(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"contents": [{"role": "model", "parts": list(parts)}]}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (asked(cachedContent="c"), "cachedContent"),
        (asked(labels={"a": "b"}), "labels"),
        (asked(tools=[{"googleSearch": {}}]), "tools.0.googleSearch"),
        (asked(tools=[{"code_execution": {}}]), "tools.0.code_execution"),
        (asked(safetySettings=[{"threshold": "BLOCK_LOW_AND_ABOVE"}]), "safetySettings.0.threshold"),
        (asked(toolConfig={"retrievalConfig": {}}), "toolConfig.retrievalConfig"),
        (
            asked(toolConfig={"functionCallingConfig": {"mode": "SOMETIMES"}}),
            "toolConfig.functionCallingConfig.mode",
        ),
        (configured(candidate_count=2), "generationConfig.candidate_count"),
        (configured(responseModalities=["IMAGE"]), "generationConfig.responseModalities"),
        (configured(responseMimeType="text/x.enum"), "generationConfig.responseMimeType"),
        (configured(responseLogprobs=True), "generationConfig.responseLogprobs"),
        (configured(topK=1.5), "generationConfig.topK"),
        (configured(temperature="hot"), "generationConfig.temperature"),
        (configured(topK=1, top_k=1), "generationConfig.top_k"),
        (configured(speechConfig={}), "generationConfig.speechConfig"),
        (configured(responseSchema={"type": "STRING", "x": 1}), "generationConfig.responseSchema.x"),
        (asked({"executableCode": {"code": "1"}}), "contents.0.parts.0.executableCode"),
        (asked({"text": "x", "inlineData": {}}), "contents.0.parts.0"),
        (asked({}), "contents.0.parts.0"),
        (asked({"text": "x", "videoMetadata": {}}), "contents.0.parts.0.videoMetadata"),
        (asked({"functionCall": {"name": "f"}}), "contents.0.parts.0.functionCall"),
        (asked({"text": "x", "thought": True}), "contents.0.parts.0.thought"),
        (
            asked({"file_data": {"mime_type": "image/png", "file_uri": "gs://b/a"}}),
            "contents.0.parts.0.file_data.file_uri",
        ),
        (
            asked(
                {"fileData": {"mimeType": "a/b", "fileUri": "https://generativelanguage.googleapis.com/v1beta/files/a"}}
            ),
            "contents.0.parts.0.fileData.fileUri",
        ),
        (
            asked({"functionResponse": {"name": "f", "response": {}}}),
            "contents.0.parts.0.functionResponse",
        ),
        ({"contents": [{"role": "system", "parts": []}]}, "contents.0.role"),
        (model_said({"text": "x", "thoughtSignature": "s"}), "contents.0.parts.0.thoughtSignature"),
        (
            model_said({"functionCall": {"name": "f"}, "thought_signature": "s"}),
            "contents.0.parts.0.thought_signature",
        ),
    ],
)
def test_what_gemini_says_and_others_cannot_is_named(body: dict[str, Any], place: str) -> None:
    with pytest.raises(BadRequest) as caught:
        open_request(read(body))
    assert (caught.value.param, caught.value.code) == (place, "not_carried")


def test_results_find_their_calls_with_ids_and_without() -> None:
    def answered(**more: Any) -> dict[str, Any]:
        return {"functionResponse": {"name": "f", "response": {"output": "x"}, **more}}

    def called(name: str, **more: Any) -> dict[str, Any]:
        return {"functionCall": {"name": name, **more}}

    body = {
        "contents": [
            {"role": "model", "parts": [called("f"), called("g"), called("f", id="own"), called("f")]},
            {"role": "function", "parts": [answered(id="own"), answered(), answered(id="theirs")]},
        ]
    }
    ids = [part.id for part in read(body).turns[1].parts if isinstance(part, Result)]
    assert ids == ["own", "call_1_f", "call_4_f"]
    assert len(made_id("x" * 99, 7, "an-id")) == 40
    assert made_id("a.b", 1) == "call_1_a_b"


@pytest.mark.parametrize(
    ("response", "said", "failed"),
    [
        ({"output": "x"}, ["x"], False),
        ({"result": {"a": 1}}, ['{"a":1}'], False),
        ({"error": "no"}, ["no"], True),
        ({"output": ["a", "b"]}, ["a", "b"], False),
        ({"output": "a", "x": 1}, ['{"output":"a","x":1}'], False),
        ({"sky": "blue"}, ['{"sky":"blue"}'], False),
        ({}, [], False),
    ],
)
def test_what_a_function_returned(response: dict[str, Any], said: list[str], failed: bool) -> None:
    body = model_said({"functionCall": {"name": "f"}})
    body["contents"].append({"role": "user", "parts": [{"functionResponse": {"name": "f", "response": response}}]})
    [result] = read(body).turns[1].parts
    assert isinstance(result, Result)
    assert ([part.text for part in result.parts if isinstance(part, Text)], result.failed) == (said, failed)


def test_a_schema_in_geminis_form_is_told_as_json_schema() -> None:
    own = {
        "type": "OBJECT",
        "properties": {
            "a": {"type": "STRING", "format": "enum", "enum": ["x", "y"], "nullable": True},
            "b": {"type": "ARRAY", "items": {"type": "integer", "format": "int32"}, "min_items": "1"},
            "c": {"anyOf": [{"type": "NUMBER"}, {"ref": "#/defs/d"}], "nullable": True},
        },
        "defs": {"d": {"type": "BOOLEAN", "example": True}},
        "required": ["a"],
        "propertyOrdering": ["a", "b", "c"],
    }
    found = read(configured(responseSchema=own)).format
    assert found is not None and found.schema == {
        "type": "object",
        "required": ["a"],
        "properties": {
            "a": {"type": ["string", "null"], "enum": ["x", "y", None]},
            "b": {"type": "array", "minItems": 1, "items": {"type": "integer", "format": "int32"}},
            "c": {"anyOf": [{"anyOf": [{"type": "number"}, {"$ref": "#/$defs/d"}]}, {"type": "null"}]},
        },
        "$defs": {"d": {"type": "boolean", "examples": [True]}},
    }


def test_thoughts_that_nobody_signed_are_left_out() -> None:
    body = model_said({"text": "hm", "thought": True}, {"text": "so"})
    talk = read(body)
    assert talk.turns[0].parts == (Thought("hm"), Text("so"))
    assert open_request(talk).turns[0].parts == (Text("so"),)
    assert GEMINI.write_request(talk)["contents"] == body["contents"]


def test_calls_of_another_model_may_be_marked_as_such() -> None:
    talk = open_request(read(model_said({"functionCall": {"name": "f"}, "thoughtSignature": UNSIGNED})))
    assert talk.turns[0].parts == (Call("call_1_f", "f"),)


def test_who_switches_thinking_on_sees_it() -> None:
    def thinking(**fields: Any) -> Any:
        talk = Talk(MODEL, [Turn("user", [Text("x")])], **fields)
        return GEMINI.write_request(talk).get("generationConfig", {}).get("thinkingConfig")

    assert thinking(think=True) == {"thinkingBudget": -1, "includeThoughts": True}
    assert thinking(budget=9) == {"thinkingBudget": 9, "includeThoughts": True}
    assert thinking(budget=9, show_thoughts=False) == {"thinkingBudget": 9}
    assert thinking(effort="max") == {"thinkingLevel": "XHIGH"}
    assert thinking() is None

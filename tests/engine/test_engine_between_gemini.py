"""Gemini's requests to and from the neutral form: as Google's SDK writes them, and as it reads what is written."""

from dataclasses import replace
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.dialects.between.carry import merged, side_by_side
from tidegate.engine.dialects.between.chat import CHAT
from tidegate.engine.dialects.between.gemini import GEMINI
from tidegate.engine.dialects.between.gemini_contents import made_id
from tidegate.engine.dialects.between.messages import MESSAGES
from tidegate.engine.dialects.between.seals import open_request
from tidegate.engine.dialects.between.talk import Call, Choice, Format, Media, Result, Talk, Text, Tool, Turn
from tidegate.engine.errors import BadRequest
from tidegate.engine.jsonio import loads
from tidegate.tests.engine.crossing_gemini import MODEL, SCHEMA, read

genai: Any = pytest.importorskip("google.genai", reason="google-genai is a dependency of the tests: install .[dev]")
types: Any = genai.types


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


words = st.text(min_size=1, max_size=8).filter(str.strip)  # white space alone is left out towards Anthropic
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
    return [Turn("assistant", (*side_by_side(said), *made)), Turn("user", tuple(results))]


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

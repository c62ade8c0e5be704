"""Requests between Anthropic's messages and OpenAI's chat: what goes over comes back the same."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.between.chat_request import read_chat
from tidegate.engine.dialects.between.chat_request_write import write_chat
from tidegate.engine.dialects.between.messages_request import read_messages
from tidegate.engine.dialects.between.messages_request_write import write_messages
from tidegate.engine.dialects.between.talk import Call, Choice, Format, Media, Result, Talk, Text, Tool, Turn
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.tests.engine.crossing import (
    CHAT,
    MESSAGES,
    SCHEMA,
    chat_of_messages,
    in_turns,
    messages_of_chat,
    talk_of_messages,
    text,
)

words = st.text(min_size=1, max_size=8).filter(str.strip)  # white space alone is left out towards Anthropic
names = st.from_regex(r"[a-z]{1,6}", fullmatch=True)
values = st.recursive(st.none() | st.booleans() | st.integers() | words, lambda inner: st.lists(inner, max_size=2))
objects = st.dictionaries(names, values, max_size=3)

images = st.sampled_from(
    [
        {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
    ]
)
uses = st.builds(lambda i, n, g: {"type": "tool_use", "id": i, "name": n, "input": g}, names, names, objects)
results = st.builds(
    lambda i, c: {"type": "tool_result", "tool_use_id": i, "content": c},
    names,
    words | st.lists(words.map(text), min_size=1, max_size=2),
)
asks = st.builds(
    lambda c: {"role": "user", "content": c}, words | st.lists(words.map(text) | images, min_size=1, max_size=3)
)
answers = st.builds(
    lambda before, calls: {"role": "assistant", "content": [*before, *calls]},
    st.lists(words.map(text), max_size=2),
    st.lists(uses, min_size=1, max_size=2),
) | st.builds(lambda c: {"role": "assistant", "content": c}, words | st.lists(words.map(text), min_size=1, max_size=2))
replies_of_tools = st.builds(lambda r: {"role": "user", "content": r}, st.lists(results, min_size=1, max_size=2))
turns = st.lists(st.tuples(asks | replies_of_tools, answers), min_size=1, max_size=3).map(
    lambda t: [m for p in t for m in p]
)
tools = st.builds(
    lambda n, d, s: {
        "name": n,
        "input_schema": {"type": "object", "properties": s},
        **({"description": d} if d else {}),
    },
    names,
    st.none() | words,
    st.dictionaries(names, st.just({"type": "string"}), max_size=2),
)
requests = st.fixed_dictionaries(
    {
        "model": names,
        "max_tokens": st.integers(1, 9),
        "messages": turns,
        "tools": st.lists(tools, min_size=1, max_size=2),
    },
    optional={
        "system": words | st.lists(words.map(text), min_size=1, max_size=2),
        "stop_sequences": st.lists(words, min_size=1, max_size=2),
        "temperature": st.floats(0, 1),
        "top_p": st.floats(0, 1),
        "metadata": st.builds(lambda u: {"user_id": u}, words),
        "tool_choice": st.sampled_from(
            [{"type": "auto"}, {"type": "any", "disable_parallel_tool_use": True}, {"type": "none"}]
        )
        | names.map(lambda n: {"type": "tool", "name": n}),
    },
)


@given(requests)
def test_a_request_goes_over_and_comes_back_the_same(body: dict[str, Any]) -> None:
    AnthropicMessages().check(body)
    chat = chat_of_messages(body)
    OpenAIChat().check(chat)
    CHAT.validate_python(chat)
    back = messages_of_chat(chat)
    AnthropicMessages().check(back)
    MESSAGES.validate_python(back)
    assert in_turns(talk_of_messages(back)) == in_turns(talk_of_messages(body))


# The neutral form itself

texts = st.builds(Text, words)
media = st.sampled_from(
    [
        Media("image", url="https://example.org/a.png"),
        Media("image", "image/png", "AAAA"),
        Media("file", "application/pdf", "AAAA"),
    ]
)
portable = st.builds(
    Talk,
    names,
    st.lists(
        st.builds(lambda p: Turn("user", tuple(p)), st.lists(texts | media, min_size=1, max_size=3))
        | st.builds(
            lambda p, c: Turn("assistant", (*p, *c)),
            st.lists(texts, max_size=2),
            st.lists(st.builds(Call, names, names, st.just('{"a":1}')), min_size=1, max_size=2),
        )
        | st.builds(
            lambda r: Turn("user", tuple(r)),
            st.lists(
                st.builds(Result, names, st.lists(texts, min_size=1, max_size=2).map(tuple)), min_size=1, max_size=2
            ),
        ),
        min_size=1,
        max_size=4,
    ).map(tuple),
    st.booleans(),
    st.lists(st.builds(Tool, names, words, st.just(SCHEMA), st.none() | st.booleans()), min_size=1, max_size=2).map(
        tuple
    ),
    choice=st.none()
    | st.builds(Choice, st.sampled_from(["auto", "must", "never"]))
    | st.builds(lambda n: Choice("must", (n,)), names),
    format=st.none() | st.just(Format(SCHEMA, strict=True)),
    temperature=st.none() | st.floats(0, 1),
    top_p=st.none() | st.floats(0, 1),
    max_tokens=st.integers(1, 99),
    stop=st.lists(words, max_size=2).map(tuple),
    user=st.none() | words,
)


def words_first(talk: Talk) -> Talk:
    """Chat knows no order between the words and the calls of an answer."""
    return replace(
        talk,
        turns=tuple(
            replace(turn, parts=tuple(sorted(turn.parts, key=lambda p: isinstance(p, Call)))) for turn in talk.turns
        ),
    )


@given(portable)
def test_what_both_can_say_is_read_as_it_was_written(talk: Talk) -> None:
    for read, write, check in (
        (read_chat, write_chat, OpenAIChat().check),
        (read_messages, write_messages, AnthropicMessages().check),
    ):
        body = write(talk)
        check(body)
        back = words_first(in_turns(read(body, talk.model, talk.stream)))
        label = back.format and replace(back.format, name="")
        assert replace(back, format=label) == words_first(in_turns(talk))


@given(
    st.builds(
        Choice, st.sampled_from(["auto", "must"]), st.lists(names, min_size=1, max_size=3, unique=True).map(tuple)
    )
)
def test_a_choice_among_some_tools_is_read_as_it_was_written(choice: Choice) -> None:
    talk = Talk("m", (Turn("user", (Text("x"),)),), tools=(Tool("n"),), choice=choice)
    assert read_chat(write_chat(talk), "m", False) == talk

"""Conversations of very many turns, calls and results are told in another dialect in time that grows as they do."""

import time
from typing import Any

import pytest

from tidegate.engine.dialects.between import LANGUAGES
from tidegate.engine.dialects.between.talk import Call, Result

MANY = 20_000


def calls() -> dict[str, Any]:
    asked = [{"type": "function_call", "call_id": str(at), "name": "f", "arguments": "{}"} for at in range(MANY)]
    return {
        "input": [*asked, *({"type": "function_call_output", "call_id": str(at), "output": "x"} for at in range(MANY))]
    }


def results() -> dict[str, Any]:
    asked = [{"functionCall": {"name": "f", "args": {}}}] * MANY
    came = [{"functionResponse": {"name": "f", "response": {"output": "x"}}}] * MANY
    return {"contents": [{"role": "model", "parts": asked}, {"role": "user", "parts": came}]}


def turns() -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "x"}] * MANY * 4}


@pytest.mark.parametrize(
    ("name", "body"), [("openai.responses", calls()), ("gemini.generate", results()), ("openai.chat", turns())]
)
def test_it_takes_no_longer_for_each_of_many(name: str, body: dict[str, Any]) -> None:
    began = time.process_time()
    talk = LANGUAGES[name].read_request({"model": "m", **body}, "m", False)
    LANGUAGES["anthropic.messages"].write_request(talk)
    assert time.process_time() - began < 4, "each was looked up among all of them, or all joined anew for each"


def test_a_result_in_geminis_form_answers_the_first_open_call_of_its_function() -> None:
    said = [("f", ""), ("f", "b"), ("g", ""), ("f", "a"), ("f", "")]
    asked = [{"functionCall": {"name": name, "args": {}, **({"id": id} if id else {})}} for name, id in said]
    came = [("f", "a"), ("f", "z"), ("f", ""), ("g", "q"), ("f", "")]
    given = [
        {"functionResponse": {"name": name, "response": {"output": "x"}, **({"id": id} if id else {})}}
        for name, id in came
    ]
    body = {"contents": [{"role": "model", "parts": asked}, {"role": "user", "parts": given}]}
    model, user = LANGUAGES["gemini.generate"].read_request(body, "m", False).turns
    ids = [part.id for part in model.parts if isinstance(part, Call)]
    assert [part.id for part in user.parts if isinstance(part, Result)] == [ids[at] for at in (3, 0, 1, 2, 4)]

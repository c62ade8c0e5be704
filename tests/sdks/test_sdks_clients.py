"""Clients in use hold a streamed chat with a tool call through the gate: the host sees masks, the caller's tool and the
caller see the values."""

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import instructor
import llm
import pytest
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI
from llm.default_plugins.openai_models import Chat
from openai import OpenAI
from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider

from tidegate.tests import speaking

EMAIL = "ada.lovelace@example.com"
PROMPT = f"Send a mail to {EMAIL}."
SAID = f"A mail went to {EMAIL}, as you asked."
AI = Path(__file__).parent / "ai"


@dataclass
class Talk:
    """What a client made of the talk: what its tool was called with, and the pieces of the last text."""

    to: str
    pieces: list[str]


class Agentic:
    """A host that calls the tool `mail` with the first address that it reads, then tells what it did."""

    def __init__(self, upstream: Any) -> None:
        self._upstream = upstream
        upstream.script = self

    async def __call__(self, body: dict[str, Any], send: Any) -> None:
        dialect = speaking.dialect_of(self._upstream.paths[-1])
        seen = "<EMAIL_ADDRESS_1>" if "<EMAIL_ADDRESS_1>" in json.dumps(body) else "nobody"
        if speaking.has_result(body):
            whole = speaking.says(dialect, body, SAID.replace(EMAIL, seen))
        else:
            whole = speaking.calls(dialect, body, tool_of(body), {"to": seen})
        await speaking.reply(send, dialect, whole, body, body.get("stream") is True)


def tool_of(body: dict[str, Any]) -> str:
    tool = body["tools"][0]
    return tool.get("function", tool)["name"]


class Mail(BaseModel):
    """A mail to send."""

    to: str


def mail(to: str) -> str:
    """Send a mail."""
    return f"sent to {to}"


def langchain(model: Any) -> Talk:
    bound, talk = model.bind_tools([mail]), [HumanMessage(PROMPT)]
    pieces = list(bound.stream(talk))
    whole = pieces[0]
    for piece in pieces[1:]:
        whole += piece
    [call] = whole.tool_calls
    answers = bound.stream([*talk, whole, ToolMessage(mail(**call["args"]), tool_call_id=call["id"])])
    return Talk(call["args"]["to"], [piece.text for piece in answers if piece.text])


def langchain_openai(url: str) -> Talk:
    return langchain(ChatOpenAI(base_url=url + "/v1", api_key="caller", model="gpt-test", max_retries=0))  # type: ignore[arg-type]


def langchain_anthropic(url: str) -> Talk:
    return langchain(ChatAnthropic(base_url=url, api_key="caller", model="claude-test", max_retries=0))  # type: ignore[call-arg]


def pydantic_ai(model: Any) -> Talk:
    called: list[str] = []
    agent = Agent(model)

    @agent.tool_plain(name="mail")
    def send(to: str) -> str:
        """Send a mail."""
        called.append(to)
        return mail(to)

    streamed = agent.run_stream_sync(PROMPT)
    pieces = list(streamed.stream_text(delta=True, debounce_by=None))
    return Talk(called[0], pieces)


def pydantic_ai_openai(url: str) -> Talk:
    return pydantic_ai(OpenAIChatModel("gpt-test", provider=OpenAIProvider(base_url=url + "/v1", api_key="caller")))


def pydantic_ai_responses(url: str) -> Talk:
    provider = OpenAIProvider(base_url=url + "/v1", api_key="caller")
    return pydantic_ai(OpenAIResponsesModel("gpt-test", provider=provider))


def pydantic_ai_anthropic(url: str) -> Talk:
    return pydantic_ai(AnthropicModel("claude-test", provider=AnthropicProvider(base_url=url, api_key="caller")))


def by_instructor(url: str) -> Talk:
    """A reply of a model class is a call of a tool, which comes in pieces."""
    client = instructor.from_openai(OpenAI(base_url=url + "/v1", api_key="caller", max_retries=0))
    messages: Any = [{"role": "user", "content": PROMPT}]
    partial = list(client.chat.completions.create_partial(model="gpt-test", messages=messages, response_model=Mail))
    assert len({str(each.to) for each in partial}) > 2, "the arguments came in pieces"
    return Talk(partial[-1].to, [SAID[:9], SAID[9:]])


def by_llm(url: str) -> Talk:
    called: list[str] = []

    def mail(to: str) -> str:
        """Send a mail."""
        called.append(to)
        return f"sent to {to}"

    model = Chat("gate", model_name="gpt-test", api_base=url + "/v1", key="caller", supports_tools=True)
    pieces = list(model.chain(PROMPT, tools=[llm.Tool.function(mail)], key="caller"))
    return Talk(called[0], [piece for piece in pieces if piece])


def ai_package(dialect: str) -> Callable[[str], Talk]:
    def ask(url: str) -> Talk:
        if shutil.which("node") is None:
            pytest.skip("node is not installed")
        if not (AI / "node_modules").is_dir():
            pytest.skip("the packages are not installed: npm install in tests/sdks/ai")
        done = subprocess.run(
            ["node", "ask.mjs", url, dialect, PROMPT], cwd=AI, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        return Talk(told["to"], [told["said"], *[""] * (told["pieces"] - 1)])

    return ask


CLIENTS: dict[str, Callable[[str], Talk]] = {
    "langchain-openai": langchain_openai,
    "langchain-anthropic": langchain_anthropic,
    "pydantic-ai, chat": pydantic_ai_openai,
    "pydantic-ai, responses": pydantic_ai_responses,
    "pydantic-ai, messages": pydantic_ai_anthropic,
    "instructor": by_instructor,
    "llm": by_llm,
    "ai, chat": ai_package("chat"),
    "ai, responses": ai_package("responses"),
    "ai, messages": ai_package("messages"),
}


@pytest.fixture
def gate(upstream: Any, support: Any, tmp_path: Path) -> Any:
    """A gate that masks, in front of a host that speaks OpenAI's dialects and Anthropic's."""
    rules = "version: 1\ninclude: [pack:pii]\n"
    (tmp_path / "rules.yaml").write_text(rules)
    provider = f"{{kind: openai, base_url: '{upstream.url}', api_key: sk-operator, speaks: [openai, anthropic]}}"
    text = f"version: 1\nproviders: {{up: {provider}}}\nguardrails: {{files: [rules.yaml]}}\n"
    loaded = support.parse_config(text, file=str(tmp_path / "gate.yaml"), folder=tmp_path)
    running = support.Running(support.Gate(loaded).app())
    yield running.url
    running.stop()


@pytest.mark.parametrize("client", CLIENTS)
def test_a_streamed_chat_with_a_tool_call_works_and_the_host_sees_masks(gate: str, upstream: Any, client: str) -> None:
    Agentic(upstream)
    talk = CLIENTS[client](gate)
    assert talk.to == EMAIL
    assert "".join(talk.pieces) == SAID
    assert len(talk.pieces) > 1, "the answer came in pieces"
    assert b"".join(upstream.raw).count(b"<EMAIL_ADDRESS_1>") >= len(upstream.raw)
    assert EMAIL.encode() not in b"".join(upstream.raw)
    assert all(body["stream"] is True for body in upstream.requests)

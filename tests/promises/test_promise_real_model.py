"""A real model behind the gate: embedded llama.cpp, and llama.cpp's own server as an OpenAI-compatible provider."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from langchain_openai import ChatOpenAI
from openai import OpenAI

RULES = "version: 1\ninclude: [pack:pii, pack:injection]\n"
SYSTEM: Any = {"role": "system", "content": "You are a helpful assistant. Answer in one short sentence."}
FRANCE: Any = [SYSTEM, {"role": "user", "content": "What is the capital of France?"}]


def running(folder: Path, providers: str, support: Any) -> Any:
    (folder / "rules.yaml").write_text(RULES)
    text = f"version: 1\nproviders:\n{providers}\nguardrails: {{files: [rules.yaml]}}\n"
    loaded = support.parse_config(text, file=str(folder / "gate.yaml"), folder=folder)
    return support.Running(support.Gate(loaded).app())


@pytest.fixture(scope="module")
def shared() -> Any:
    """The functions of conftest.py, once for the module."""
    import types

    from tidegate.serve.config.gate_yaml import parse_config
    from tidegate.serve.gate import Gate

    conftest: Any = sys.modules[next(name for name in sys.modules if name.endswith("conftest") and "tests" in name)]
    return types.SimpleNamespace(Running=conftest.Running, Gate=Gate, parse_config=parse_config)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory, shared: Any) -> Iterator[str]:
    server = running(tmp_path_factory.mktemp("embedded"), "  local: {kind: llama, context: 2048}", shared)
    yield server.url
    server.stop()


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory, shared: Any) -> Iterator[str]:
    """llama.cpp's HTTP server as somebody else would run it, behind the provider `openai`."""
    code = (
        "import sys, xllamacpp as x; from tidegate.models.providers.llama import default_weights\n"
        "p = x.CommonParams(); p.model.path = str(default_weights()); p.warmup = False; p.n_ctx = 2048\n"
        "s = x.Server(p); print(s.listening_address, flush=True); sys.stdin.read()"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout
    address = server.stdout.readline().strip()
    provider = f"  theirs: {{kind: openai, base_url: '{address}/v1', api_key: none}}"
    gate = running(tmp_path_factory.mktemp("own"), provider, shared)
    yield gate.url
    gate.stop()
    server.kill()
    server.wait()


@pytest.mark.parametrize("which", ["embedded", "own_server"])
def test_the_official_client_gets_real_answers_streamed_and_not(which: str, request: pytest.FixtureRequest) -> None:
    client = OpenAI(base_url=request.getfixturevalue(which) + "/v1", api_key="any", max_retries=0, timeout=120)
    whole = client.chat.completions.create(model="smollm2", messages=FRANCE, temperature=0, max_tokens=30)
    assert "Paris" in (whole.choices[0].message.content or "")
    assert whole.usage and whole.usage.completion_tokens > 0
    stream = client.chat.completions.create(model="smollm2", messages=FRANCE, temperature=0, max_tokens=30, stream=True)
    pieces = [c.choices[0].delta.content or "" for c in stream if c.choices]
    assert len(pieces) > 2
    assert "Paris" in "".join(pieces)


def test_legacy_completions_work(embedded: str) -> None:
    client = OpenAI(base_url=embedded + "/v1", api_key="any", max_retries=0, timeout=120)
    reply = client.completions.create(model="smollm2", prompt="One, two, three,", max_tokens=8, temperature=0)
    assert reply.choices[0].text
    pieces = [c.choices[0].text for c in client.completions.create(
        model="smollm2", prompt="One, two, three,", max_tokens=8, temperature=0, stream=True
    )]  # fmt: skip
    assert "".join(pieces)


def test_no_path_of_the_machine_is_told(embedded: str) -> None:
    listed = httpx2.get(embedded + "/v1/models").text
    body = {"model": "smollm2", "messages": FRANCE, "max_tokens": 5, "temperature": 0}
    answered = httpx2.post(embedded + "/v1/chat/completions", json=body, timeout=120).text
    for told in (listed, answered):
        assert "site-packages" not in told
        assert ".gguf" not in told


def test_langchain_works(embedded: str) -> None:
    chat = ChatOpenAI(base_url=embedded + "/v1", api_key="any", model="smollm2", temperature=0, max_tokens=30)  # type: ignore[arg-type]
    asked = [("system", SYSTEM["content"]), ("human", "What is the capital of France?")]
    assert "Paris" in str(chat.invoke(asked).content)
    assert "Paris" in "".join(str(piece.content) for piece in chat.stream(asked))


def test_llm_works(embedded: str, tmp_path: Path) -> None:
    (tmp_path / "extra-openai-models.yaml").write_text(
        f"- {{model_id: gate, model_name: smollm2, api_base: {embedded}/v1, api_key_name: gate}}\n"
    )
    environment = {**os.environ, "LLM_USER_PATH": str(tmp_path), "LLM_LOAD_PLUGINS": ""}
    for extra in ([], ["--no-stream"]):
        command = [sys.executable, "-m", "llm", "-m", "gate", "--key", "any", "-s", SYSTEM["content"]]
        command += ["-o", "temperature", "0", "-o", "max_tokens", "30"]
        done = subprocess.run(
            [*command, *extra, "What is the capital of France?"],
            env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "Paris" in done.stdout


def test_the_model_sees_masks_and_the_caller_does_not(embedded: str) -> None:
    client = OpenAI(base_url=embedded + "/v1", api_key="any", max_retries=0, timeout=120)
    messages: Any = [{"role": "user", "content": "Please repeat: my address is ada@example.com"}]
    raw = client.chat.completions.with_raw_response.create(
        model="smollm2", messages=messages, temperature=0, max_tokens=40
    )
    assert raw.headers["x-tidegate-guard"].startswith("masked")
    assert "<EMAIL_ADDRESS_1>" not in (raw.parse().choices[0].message.content or "")

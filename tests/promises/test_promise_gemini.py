"""Google's own SDK through the gate on /v1beta: masks, blocks, redaction, memory, and the model in the path."""

import json
import logging
from pathlib import Path
from typing import Any

import httpx2
import pytest

genai: Any = pytest.importorskip("google.genai", reason="google-genai is a dependency of the tests: install .[dev]")

EMAIL = "ada.lovelace@example.com"
RULES = """
include: [pack:pii]
rules:
  - {id: words.launch, detect: {keywords: [project falcon]}, action: block}
  - {id: words.code, detect: {keywords: [bluebird]}, action: redact}
"""
CONFIG = """
cache: {mode: exact, store: 'sqlite:cache.db'}
log: {store: 'sqlite:log.db', content: masked}
"""
MODEL = "gemini-test"


def reply(*parts: dict[str, Any], finish: str | None = "STOP") -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": list(parts)}, "index": 0}
    whole = {"candidates": [candidate | ({"finishReason": finish} if finish else {})]}
    return whole | {"modelVersion": MODEL, "usageMetadata": {"promptTokenCount": 3, "totalTokenCount": 8}}


def echo(body: dict[str, Any]) -> str:
    return "You said: " + " ".join(part["text"] for part in body["contents"][-1]["parts"])


@pytest.fixture
def replying(upstream: Any, support: Any) -> Any:
    """Makes the upstream speak Gemini's dialect; `replying.parts(body)` is what it says."""

    class Replying:
        step = 3
        stop_after: int | None = None

        def parts(self, body: dict[str, Any]) -> list[dict[str, Any]]:
            return [{"text": echo(body)}]

        def events(self, body: dict[str, Any]) -> bytes:
            out: list[dict[str, Any]] = []
            for part in self.parts(body):
                text = part.get("text")
                cut = [text[at : at + self.step] for at in range(0, len(text), self.step)] if text else []
                out += [reply({**part, "text": piece}, finish=None) for piece in cut] or [reply(part, finish=None)]
            return b"".join(support.sse(data) for data in [*out, reply({"text": ""})])

        async def __call__(self, body: dict[str, Any], send: Any) -> None:
            path = upstream.paths[-1]
            if ":countTokens" in path:
                await support.reply_json(send, {"totalTokens": 7})
            elif ":streamGenerateContent?alt=sse" not in path:
                await support.reply_json(send, reply(*self.parts(body)))
            else:
                await support.start_stream(send)
                raw = self.events(body)[: self.stop_after]
                for begin in range(0, len(raw), 97):
                    await send({"type": "http.response.body", "body": raw[begin : begin + 97], "more_body": True})
                await send({"type": "http.response.body", "body": b""})

    upstream.script = Replying()
    return upstream.script


@pytest.fixture
def gate(upstream: Any, support: Any, tmp_path: Path, run_gate: Any) -> Any:
    """`gate(config, rules)` runs a gate in front of a provider of kind gemini and returns its address."""

    def start(config: str = "", rules: str = "") -> str:
        base = upstream.url.removesuffix("/v1")
        provider = f"{{kind: gemini, base_url: '{base}', api_key: sk-operator}}"
        written = f"version: 1\nproviders:\n  up: {provider}\n{config}"
        if rules:
            (tmp_path / "rules.yaml").write_text("version: 1\n" + rules)
            written += "\nguardrails: {files: [rules.yaml]}\n"
        loaded = support.parse_config(written, file=str(tmp_path / "gate.yaml"), folder=tmp_path)
        return run_gate(loaded)

    return start


def client(url: str) -> Any:
    return genai.Client(api_key="caller-key-77", vertexai=False, http_options={"base_url": url})


def ask(url: str, contents: Any, stream: bool = False, model: str = MODEL, **config: Any) -> tuple[str, list[Any]]:
    """The text and the calls of the reply, asked for in either way."""
    caller = client(url)  # one that is let go of closes its connection
    models = caller.models
    if stream:
        replies = list(models.generate_content_stream(model=model, contents=contents, config=config))
    else:
        replies = [models.generate_content(model=model, contents=contents, config=config)]
    parts = [part for one in replies for part in one.candidates[0].content.parts or []]
    return "".join(part.text or "" for part in parts), [part.function_call for part in parts if part.function_call]


def raw(url: str, text: str) -> httpx2.Response:
    body = {"contents": [{"role": "user", "parts": [{"text": text}]}]}
    return httpx2.post(f"{url}/v1beta/models/{MODEL}:streamGenerateContent?alt=sse", json=body, timeout=30)


@pytest.mark.parametrize("stream", [False, True])
def test_masked_values_reach_no_provider_file_or_log_and_come_back_to_the_caller(
    gate: Any, replying: Any, upstream: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture, stream: bool
) -> None:
    caplog.set_level(logging.DEBUG, logger="tidegate")
    url = gate(CONFIG, RULES)
    contents = [
        {"role": "model", "parts": [{"functionCall": {"name": "find", "args": {"who": [EMAIL]}}}]},
        {"role": "user", "parts": [{"functionResponse": {"name": "find", "response": {"mail": EMAIL}}}]},
        {"role": "user", "parts": [{"text": f"write to {EMAIL}"}]},
    ]
    for _ in range(2):
        said, _calls = ask(url, contents, stream, system_instruction=f"The owner is {EMAIL}.")
        assert said == f"You said: write to {EMAIL}"
    assert len(upstream.requests) == 1, "the second answer came from memory"
    with pytest.raises(genai.errors.ClientError):
        ask(url, f"{EMAIL} works on project falcon", stream)
    seen = b"".join(upstream.raw) + caplog.text.encode() + json.dumps(upstream.headers).encode()
    for file in tmp_path.rglob("*"):
        if file.is_file() and file.name != "rules.yaml":
            seen += file.read_bytes()
    for value in (EMAIL, "caller-key-77"):
        assert value.encode() not in seen, value
    assert b"<EMAIL_ADDRESS_1>" in seen
    assert upstream.headers[0]["x-goog-api-key"] == "sk-operator"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("step", [1, 4, 1000])
def test_a_reply_is_redacted_and_restored_in_text_and_arguments(
    gate: Any, replying: Any, stream: bool, step: int
) -> None:
    replying.step = step
    call = {"functionCall": {"name": "mail", "args": {"to": "<EMAIL_ADDRESS_1>", "code": "bluebird"}}}
    replying.parts = lambda body: [{"text": "<EMAIL_ADDRESS_1>, the code is bluebird."}, call]
    said, calls = ask(gate("", RULES), f"greet {EMAIL}", stream)
    assert said == f"{EMAIL}, the code is [WORDS_CODE]."
    assert [one.args for one in calls] == [{"to": EMAIL, "code": "[WORDS_CODE]"}]


@pytest.mark.parametrize("stream", [False, True])
def test_a_blocked_reply_is_stopped_for_safety(gate: Any, replying: Any, stream: bool) -> None:
    replying.parts = lambda body: [{"text": "This is about project falcon, which flies."}]
    url = gate(CONFIG, RULES)
    caller = client(url)
    models = caller.models
    if stream:
        last = list(models.generate_content_stream(model=MODEL, contents="x"))[-1]
    else:
        last = models.generate_content(model=MODEL, contents="x")
    assert last.candidates[0].finish_reason == "SAFETY"
    assert "words.launch" in raw(url, "x").text
    assert "falcon" not in raw(url, "x").text


def test_a_blocked_request_names_the_rule_and_the_place(gate: Any, replying: Any, upstream: Any) -> None:
    with pytest.raises(genai.errors.ClientError) as caught:
        ask(gate("", RULES), "about Project Falcon")
    error = caught.value.details["error"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    assert error["details"][0]["reason"] == "content_filter"
    assert error["details"][0]["metadata"] == {"param": "contents.0.parts.0.text"}
    assert upstream.requests == []


@pytest.mark.parametrize("first", [False, True])
def test_an_answer_from_memory_is_the_same_streamed_or_not(
    gate: Any, replying: Any, upstream: Any, first: bool
) -> None:
    url = gate(CONFIG, RULES)
    assert [ask(url, "what is red?", stream)[0] for stream in (first, not first)] == ["You said: what is red?"] * 2
    assert len(upstream.requests) == 1
    ask(url, "what is red?", model="gemini-other")
    assert len(upstream.requests) == 2, "another model is another question, though only the path says so"
    assert upstream.paths[-1] == "/v1/models/gemini-other:generateContent"


def test_a_stream_that_no_rule_changed_passes_byte_for_byte(gate: Any, replying: Any) -> None:
    body = {"contents": [{"role": "user", "parts": [{"text": "x"}]}]}
    assert raw(gate("", RULES), "x").content == replying.events(body)


@pytest.mark.parametrize("kept", range(0, 3000, 211))
def test_a_stream_cut_at_any_byte_shows_no_secret_and_is_not_remembered(
    gate: Any, replying: Any, upstream: Any, kept: int
) -> None:
    url = gate(CONFIG, RULES)
    replying.parts = lambda body: [{"text": "the code is bluebird, and project falcon"}]
    replying.stop_after = kept
    for _ in range(2):
        whole = [line[6:] for line in raw(url, "x").text.split("\n") if line.startswith("data: {") and line[-1] == "}"]
        candidates = [json.loads(line).get("candidates", [{}])[0] for line in whole]
        parts = [part for one in candidates for part in one.get("content", {}).get("parts", [])]
        shown = "".join(part.get("text", "") for part in parts)
        assert "bluebird" not in shown
        assert "project falcon" not in shown
    assert len(upstream.requests) == 2


def test_tokens_are_counted_over_masked_texts(gate: Any, replying: Any, upstream: Any) -> None:
    url = gate(CONFIG, RULES)
    caller = client(url)
    assert caller.models.count_tokens(model=MODEL, contents=f"write to {EMAIL}").total_tokens == 7
    assert EMAIL.encode() not in upstream.raw[-1]


def test_paths_that_only_look_like_these_are_not_served(gate: Any, replying: Any, upstream: Any) -> None:
    url = gate()
    body = {"contents": [{"parts": [{"text": "x"}]}]}
    for path in (
        "/v1beta/models/:generateContent",
        "/v1beta/models/a/b:generateContent",
        "/v1beta/models/..%2Fx:generateContent",
        "/v1beta/models/a%3Fkey=1:generateContent",
        "/v1beta/models/m:embedContent",
    ):
        assert httpx2.post(url + path, json=body).status_code == 404
    other = httpx2.post(f"{url}/v1beta/models/{MODEL}:streamGenerateContent?alt=proto", json=body)
    assert (other.status_code, other.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert upstream.requests == []


@pytest.mark.parametrize("query", ["", "?alt=json"])
def test_a_stream_that_is_not_asked_for_as_events_is_one_json_array(gate: Any, replying: Any, query: str) -> None:
    url = gate("", RULES)
    body = {"contents": [{"role": "user", "parts": [{"text": f"greet {EMAIL}"}]}]}
    address = f"{url}/v1beta/models/{MODEL}:streamGenerateContent{query}"
    with httpx2.stream("POST", address, json=body) as reply:
        chunks = list(reply.iter_raw())
    assert reply.headers["content-type"] == "application/json"
    assert len(chunks) > 1
    pieces = json.loads(b"".join(chunks))
    said = "".join(part["text"] for one in pieces for part in one["candidates"][0]["content"]["parts"])
    assert said == f"You said: greet {EMAIL}"
    assert pieces[-1]["candidates"][0]["finishReason"] == "STOP"
    first = replying.events(body).partition(b"\n\n")[0] + b"\n\n"
    replying.stop_after = len(first)
    cut = httpx2.post(address, json=body).json()
    assert cut[-1]["error"]["status"] == "UNAVAILABLE"
    replying.parts = lambda asked: [{"text": "This is about project falcon, which flies."}]
    replying.stop_after = None
    blocked = httpx2.post(address, json=body).json()
    assert blocked[-1]["candidates"][0]["finishReason"] == "SAFETY"


def test_a_key_in_the_query_is_the_callers_and_goes_no_further(
    gate: Any, replying: Any, upstream: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = gate(CONFIG)
    body = {"contents": [{"role": "user", "parts": [{"text": "what is red?"}]}]}

    def hit(key: str, **headers: str) -> bool:
        address = f"{url}/v1beta/models/{MODEL}:generateContent?{key}"
        return "; hit" in httpx2.post(address, json=body, headers=headers).headers["cache-status"]

    assert [hit("key=caller-one"), hit("key=caller-two"), hit("key=caller-one")] == [False, False, True]
    assert hit("", **{"x-goog-api-key": "caller-one"}), "the same key in a header is the same caller"
    assert hit("key=caller-two", **{"x-goog-api-key": "caller-one"}), "a header counts for more"
    assert "caller-" not in json.dumps(upstream.headers) + json.dumps(upstream.paths)
    logged = [record.getMessage() for record in caplog.records if record.name.startswith("tidegate")]
    assert not any("caller-" in line for line in logged)
    passing = gate("routes: [{to: [up], passthrough: true}]")
    httpx2.post(f"{passing}/v1beta/models/{MODEL}:embedContent?key=caller-one&x=1", json=body)
    assert upstream.paths[-1] == f"/v1beta/models/{MODEL}:embedContent?x=1"
    assert upstream.headers[-1]["x-goog-api-key"] == "sk-operator"
    bad = httpx2.post(f"{url}/v1beta/models/{MODEL}:generateContent?key=a%0d%0ax:b", json=body)
    assert (bad.status_code, bad.json()["error"]["details"][0]["metadata"]) == (400, {"param": "key"})


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("stream", [False, True])
def test_log_probabilities_do_not_spell_what_was_redacted(
    gate: Any, upstream: Any, support: Any, stream: bool, late: bool
) -> None:
    tokens = ["the ", "blue", "bird", " flies"]

    def said(some: list[str], shown: list[str]) -> dict[str, Any]:
        whole = reply({"text": "".join(some)}, finish=None)
        chosen = [{"token": token, "logProbability": -1.0} for token in shown]
        whole["candidates"][0]["logprobsResult"] = {
            "chosenCandidates": chosen,
            "topCandidates": [{"candidates": [each]} for each in chosen],
        }
        return whole

    async def spelling(body: dict[str, Any], send: Any) -> None:
        if not stream:
            await support.reply_json(send, said(tokens, tokens))
            return
        await support.start_stream(send)
        for token in tokens:
            await support.push(send, said([token], [] if late else [token]))
        await support.push(send, said([], tokens if late else []))
        await support.push(send, reply({"text": ""}))
        await send({"type": "http.response.body", "body": b""})

    upstream.script = spelling
    kind = "streamGenerateContent?alt=sse" if stream else "generateContent"
    body = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}], "generationConfig": {"responseLogprobs": True}}
    answer = httpx2.post(gate("", RULES) + f"/v1beta/models/{MODEL}:{kind}", json=body, timeout=30)
    assert answer.status_code == 200 and "flies" in answer.text
    assert '"blue"' not in answer.text and '"bird"' not in answer.text

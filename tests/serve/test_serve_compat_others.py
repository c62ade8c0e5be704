"""Clients of LiteLLM's proxy and of Bifrost in front of the gate: the openai SDK with their fields and headers."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openai import BadRequestError, OpenAI

from tidegate.engine.errors import BadRequest, ConfigError
from tidegate.governance.ledger import read
from tidegate.serve.compat.bifrost import duration

Start = Callable[..., str]
RULES = "rules: [{id: words.falcon, detect: {keywords: [falcon]}, action: redact}]\n"


@pytest.fixture
def start(support: Any, upstream: Any, tmp_path: Path, run_gate: Any) -> Start:
    """A gate in front of one host that goes by two names, `main` and `spare`."""

    def go(compat: str, more: str = "cache: {mode: exact}\n") -> str:
        (tmp_path / "rules.yaml").write_text("version: 1\n" + RULES)
        text = (
            "version: 1\nproviders:\n"
            f"  main: {{kind: openai, base_url: '{upstream.url}', api_key: sk-main}}\n"
            f"  spare: {{kind: groq, base_url: '{upstream.url}', api_key: sk-spare}}\n"
            f"guardrails: {{files: [rules.yaml]}}\ncompat: {compat}\n{more}"
        )
        return run_gate(support.parse_config(text, file="gate.yaml", folder=tmp_path))

    return go


def ask(
    url: str, body: dict[str, Any] | None = None, text: str = "hello", model: str = "gpt-test", **headers: str
) -> Any:
    client = OpenAI(base_url=url + "/v1", api_key="sk-caller", max_retries=0)
    return client.chat.completions.with_raw_response.create(
        model=model,
        messages=[{"role": "user", "content": text}],
        extra_body=body,
        extra_headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def refused(url: str, body: dict[str, Any] | None = None, **headers: str) -> str:
    with pytest.raises(BadRequestError) as caught:
        ask(url, body, **headers)
    return caught.value.message


def cache_of(reply: Any) -> str:
    return reply.headers["cache-status"].split("; ")[1]


def test_litellms_cache_field_is_a_cache_control(start: Start, upstream: Any) -> None:
    url = start("litellm")
    assert cache_of(ask(url, {"cache": {"ttl": 30}})) == "fwd=miss"
    hit = ask(url, {"cache": {"s-maxage": 600}})
    assert cache_of(hit) == "hit" and int(hit.headers["cache-status"].partition("ttl=")[2]) <= 30
    assert cache_of(ask(url, {"cache": {"namespace": "mine"}})) == "fwd=miss"
    assert cache_of(ask(url, {"cache": {"no-cache": True}})) == "fwd=request"
    assert cache_of(ask(url, {"cache": {"no-store": True}})) == "fwd=bypass"
    assert not [body for body in upstream.requests if "cache" in body]


def test_replies_tell_it_under_litellms_names(start: Start) -> None:
    url = start("litellm", "cache: {mode: exact}\nmodels: {gpt-test: {input: 1, output: 2}}\n")
    told = ask(url, {"guardrails": ["words"]}, text="a falcon").headers
    assert told["x-litellm-call-id"] == told["x-tidegate-id"]
    assert told["x-litellm-model-id"] == "main/gpt-test"
    assert told["x-litellm-applied-guardrails"] == "words,words.falcon"
    assert float(told["x-litellm-response-cost"]) == pytest.approx(19e-6)
    assert float(told["x-litellm-overhead-duration-ms"]) >= 0
    assert "x-litellm-cache-key" not in told
    hit = ask(url, text="a falcon").headers
    assert len(hit["x-litellm-cache-key"]) == 64 and "x-litellm-response-cost" not in hit


def test_the_model_that_answered_is_told_and_not_the_one_that_failed(
    start: Start, upstream: Any, support: Any, tmp_path: Path
) -> None:
    async def fail(body: Any, send: Any) -> None:
        if body["model"] == "gpt-test":
            await down(send)
        else:
            await support.reply_json(send, support.completion("fine", {}))

    upstream.script = fail
    routes = "routes: [{when: {model: other}, to: [spare]}, {to: [main]}]\n"
    url = start("litellm", routes + "log: {store: 'sqlite:log.db'}\n")
    told = ask(url, {"fallbacks": ["other"]}).headers
    assert told["x-litellm-model-id"] == "spare/other"
    end = time.monotonic() + 30
    while not (rows := read(tmp_path / "log.db", 5)) and time.monotonic() < end:
        time.sleep(0.02)
    assert [(row["model"], row["provider"], row["sent"]) for row in rows] == [("gpt-test", "spare", "other")]


def test_litellms_fields_are_taken_off_before_the_request_goes_on(start: Start, upstream: Any) -> None:
    body = {
        "cache": {"ttl": 5},
        "guardrails": ["words.falcon"],
        "tags": ["a", "b"],
        "num_retries": 1,
        "timeout": 30,
        "litellm_metadata": {"job": 7},
        "metadata": {"tags": ["c"], "depth": 2},
        "fallbacks": ["other"],
        "user": "ada",
    }
    ask(start("litellm"), body, x_litellm_end_user_id="ada", x_litellm_timeout="5")
    assert upstream.requests[-1].keys() == {"model", "messages", "user"}
    assert not [name for name in upstream.headers[-1] if "litellm" in name]


@pytest.mark.parametrize("nothing", [None, []])
def test_litellms_fields_that_say_nothing_are_not_sent(start: Start, upstream: Any, nothing: Any) -> None:
    names = (
        "cache fallbacks guardrails tags timeout num_retries litellm_metadata litellm_session_id api_base mock_response"
    )
    ask(start("litellm"), {**dict.fromkeys(names.split(), nothing), "metadata": {"tags": nothing}})
    assert upstream.requests[-1].keys() == {"model", "messages"}


def test_litellms_ids_and_tries_may_stand_in_the_body(start: Start, upstream: Any) -> None:
    routes = "routes: [{when: {metadata: {session_id: s1, trace_id: t1}}, to: [spare]}, {to: [main]}]\n"
    url = start("litellm", routes)
    ids = {"litellm_session_id": "s1", "litellm_trace_id": "t1", "litellm_call_id": "c1"}
    assert ask(url, ids).headers["x-tidegate-provider"] == "spare"
    assert ask(url, ids, x_litellm_trace_id="t2").headers["x-tidegate-provider"] == "main"
    assert upstream.requests[-1].keys() == {"model", "messages"}
    upstream.script = lambda body, send: down(send)
    upstream.requests.clear()
    with pytest.raises(Exception, match="503"):
        ask(url, {"max_retries": 0})
    assert len(upstream.requests) == 1


def test_litellms_tags_and_end_users_are_metadata(start: Start) -> None:
    routes = "routes: [{when: {metadata: {tags: '*gold*', end_user: ada}}, to: [spare]}, {to: [main]}]\n"
    url = start("litellm", routes)
    assert ask(url, x_litellm_tags="tin, gold", x_litellm_end_user_id="ada").headers["x-tidegate-provider"] == "spare"
    both = ask(url, {"metadata": {"tags": ["gold"], "n": 1}}, x_litellm_customer_id="ada")
    assert both.headers["x-tidegate-provider"] == "spare"
    assert ask(url, x_litellm_tags="tin").headers["x-tidegate-provider"] == "main"


def test_litellms_retries_and_fallbacks_are_made(start: Start, upstream: Any, support: Any) -> None:
    async def fail(body: Any, send: Any) -> None:
        broken = body["model"] == "gpt-test"
        answer = {"error": {"message": "down"}} if broken else support.completion("fine", {})
        await support.reply_json(send, answer, status=503 if broken else 200)

    upstream.script = fail
    routes = "routes: [{when: {model: gpt-test}, to: [main]}, {to: [spare]}]\naliases: {fast: other}\n"
    reply = ask(start("litellm", routes), {"fallbacks": ["fast"]}, x_litellm_num_retries="1")
    assert reply.headers["x-tidegate-provider"] == "spare"
    assert [body["model"] for body in upstream.requests] == ["gpt-test", "gpt-test", "other"]


def test_a_route_may_be_asked_for_fewer_tries_but_a_caller_cannot_ask_for_many(start: Start, upstream: Any) -> None:
    url = start("litellm", "routes: [{to: [main], retries: {most: 3}}]\n")
    assert "num_retries" in refused(url, {"num_retries": 11})
    upstream.script = lambda body, send: down(send)
    with pytest.raises(Exception, match="503"):
        ask(url, {"num_retries": 0})
    assert len(upstream.requests) == 1


async def down(send: Any) -> None:
    await send({"type": "http.response.start", "status": 503, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": b'{"error": {"message": "down"}}'})


LITELLM_REFUSED: list[tuple[dict[str, Any], dict[str, str], str]] = [
    ({"api_base": "http://169.254.169.254"}, {}, "api_base"),
    ({"api_key": "sk-x"}, {}, "api_key"),
    ({"base_url": "http://evil"}, {}, "base_url"),
    ({"user_config": {}}, {}, "user_config"),
    ({"mock_response": "hi"}, {}, "mock_response"),
    ({"mock_timeout": True}, {}, "mock_timeout"),
    ({"aws_secret_access_key": "x"}, {}, "aws_secret_access_key"),
    ({"vertex_credentials": "x"}, {}, "vertex_credentials"),
    ({"langfuse_secret_key": "x"}, {}, "langfuse_secret_key"),
    ({"prompt_id": "x", "prompt_variables": {"a": "b"}}, {}, "prompt_"),
    ({"model_info": {"id": "x"}}, {}, "model_info"),
    ({"litellm_new": "x"}, {}, "litellm_new"),
    ({"guardrails": ["lakera"]}, {}, "guardrails.0"),
    ({"guardrails": [{"words": {"extra_body": {}}}]}, {}, "guardrails.0"),
    ({"cache": {"no-cache": "perhaps"}}, {}, "cache.no-cache"),
    ({"cache": {"tier": "s3"}}, {}, "cache.tier"),
    ({"fallbacks": [{"gpt-test": ["other"]}]}, {}, "fallbacks.0"),
    ({"timeout": -1}, {}, "timeout"),
    ({}, {"x_litellm_enable_message_redaction": "true"}, "x-litellm-enable-message-redaction"),
    ({}, {"x_litellm_new": "1"}, "x-litellm-new"),
]


def test_what_litellm_has_and_the_gate_has_not_is_a_400_that_names_it(start: Start, upstream: Any) -> None:
    url = start("litellm")
    for body, headers, words in LITELLM_REFUSED:
        assert words in refused(url, body, **headers), words
    assert upstream.requests == []


def test_bifrosts_cache_headers(start: Start) -> None:
    url = start("[bifrost, litellm]")
    assert cache_of(ask(url, x_bf_cache_key="k", x_bf_cache_ttl="1m30s", x_bf_cache_threshold="0.9")) == "fwd=miss"
    hit = ask(url, x_bf_cache_key="k", x_bf_cache_type="direct")
    assert cache_of(hit) == "hit" and int(hit.headers["cache-status"].partition("ttl=")[2]) <= 90
    assert cache_of(ask(url, x_bf_cache_key="other")) == "fwd=miss"
    assert cache_of(ask(url, x_bf_cache_key="k", x_bf_cache_no_store="true")) == "fwd=bypass"
    assert hit.headers["x-litellm-call-id"], "several gateways may be served at once"


def test_bifrosts_virtual_key_is_who_asks(start: Start, upstream: Any) -> None:
    url = start("bifrost")
    ask(url, x_bf_vk="sk-bf-a")
    assert cache_of(ask(url, x_bf_vk="sk-bf-b")) == "fwd=miss"
    assert cache_of(ask(url, x_bf_vk="sk-bf-a")) == "hit"
    assert {headers["authorization"] for headers in upstream.headers} == {"Bearer sk-main"}


def test_bifrosts_models_name_their_provider(start: Start, upstream: Any) -> None:
    url = start("bifrost", "")
    assert ask(url, model="spare/llama-3").headers["x-tidegate-provider"] == "spare"
    assert ask(url, model="groq/llama-3").headers["x-tidegate-provider"] == "spare"
    assert ask(url, model="meta/llama-3").headers["x-tidegate-provider"] == "main"
    assert [body["model"] for body in upstream.requests] == ["llama-3", "llama-3", "meta/llama-3"]


def test_every_dialect_and_streams_are_served_alike(start: Start, upstream: Any) -> None:
    import httpx2

    url = start("[bifrost, litellm]", "")
    body = {"model": "spare/m", "max_tokens": 9, "messages": [{"role": "user", "content": "hello"}], "tags": ["a"]}
    whole = httpx2.post(url + "/v1/messages", json=body, headers={"x-api-key": "k", "x-bf-cache-key": "k"})
    assert whole.json()["content"][0]["text"] == "You said: hello"
    assert (whole.headers["x-litellm-model-id"], upstream.requests[-1]["model"]) == ("spare/m", "m")
    assert "tags" not in upstream.requests[-1]
    streamed = httpx2.post(url + "/v1/messages", json={**body, "stream": True}, headers={"x-api-key": "k"})
    assert "message_stop" in streamed.text and streamed.headers["x-litellm-model-id"] == "spare/m"
    refused = httpx2.post(url + "/v1/messages", json={**body, "api_base": "http://evil"}, headers={"x-api-key": "k"})
    assert refused.status_code == 400 and "api_base" in refused.json()["error"]["message"]
    assert refused.headers["x-litellm-call-id"] == refused.headers["x-tidegate-id"]


def test_bifrosts_fallbacks_are_made(start: Start, upstream: Any, support: Any) -> None:
    async def fail(body: Any, send: Any) -> None:
        if body["model"] == "a":
            await down(send)
        else:
            await support.reply_json(send, support.completion("fine", {}))

    upstream.script = fail
    url = start("bifrost")
    for fallbacks in (["groq/b"], [{"provider": "groq", "model": "b"}]):
        reply = ask(url, {"fallbacks": fallbacks}, model="openai/a")
        assert reply.headers["x-tidegate-provider"] == "spare"
    assert upstream.requests[-1].keys() == {"model", "messages"}


def test_what_bifrost_has_and_the_gate_has_not_is_a_400_that_names_it(start: Start) -> None:
    url = start("bifrost")
    for name, value in {
        "x_bf_api_key": "first",
        "x_bf_eh_cookie": "a=b",
        "x_bf_mcp_include_tools": "*",
        "x_bf_cache_threshold": "1.5",
        "x_bf_cache_ttl": "soon",
        "x_bf_cache_type": "magic",
    }.items():
        assert name.replace("_", "-") in refused(url, **{name: value})


@pytest.mark.parametrize(
    ("written", "seconds"), [("90s", 90), ("1h30m", 5400), ("1.5m", 90), ("250ms", 0.25), ("7", 7)]
)
def test_durations_are_read_as_bifrost_reads_them(written: str, seconds: float) -> None:
    assert duration(written, "x") == pytest.approx(seconds)


@pytest.mark.parametrize("written", ["", "-1", "1m-", "m", "1d", "nan", "inf", "1s s"])
def test_what_is_no_duration_is_refused(written: str) -> None:
    with pytest.raises(BadRequest):
        duration(written, "x")


def test_compat_is_refused_where_nothing_could_be_chosen(support: Any) -> None:
    from tidegate.serve.transport import Onward

    loaded = support.parse_config("version: 1\ncompat: portkey\n", file="gate.yaml", folder=Path())
    with pytest.raises(ConfigError, match=r"gate.yaml:2:9: compat needs providers"):
        support.Gate(loaded, upstream=Onward())

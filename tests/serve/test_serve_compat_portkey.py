"""Portkey's clients in front of the gate: real servers, the openai SDK and Portkey's own."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openai import BadRequestError, OpenAI

Start = Callable[..., str]


@pytest.fixture
def second(support: Any) -> Iterator[Any]:
    other = support.Upstream(answer=lambda body: "from the second")
    running = support.Running(other, lifespan="off")
    other.url = running.url + "/v1"
    yield other
    running.stop()


@pytest.fixture
def start(support: Any, upstream: Any, second: Any, tmp_path: Path, run_gate: Any) -> Start:
    """A gate with the providers `main` and `spare`, the first of kind openai, the second of kind groq."""

    def go(more: str = "", compat: str = "compat: portkey\n") -> str:
        text = (
            "version: 1\nproviders:\n"
            f"  main: {{kind: openai, base_url: '{upstream.url}', api_key: sk-main}}\n"
            f"  spare: {{kind: groq, base_url: '{second.url}', api_key: sk-spare}}\n{compat}{more}"
        )
        return run_gate(support.parse_config(text, file="gate.yaml", folder=tmp_path))

    return go


def ask(
    url: str, text: str = "hello", model: str = "gpt-test", body: dict[str, Any] | None = None, **headers: Any
) -> Any:
    """The raw reply of the openai SDK; headers by their names behind x-portkey-, with underscores."""
    sent = {
        "x-portkey-" + name.replace("_", "-"): json.dumps(value) if isinstance(value, dict) else str(value)
        for name, value in headers.items()
    }
    client = OpenAI(base_url=url + "/v1", api_key="sk-caller", max_retries=0)
    return client.chat.completions.with_raw_response.create(
        model=model, messages=[{"role": "user", "content": text}], extra_headers=sent, extra_body=body
    )


def said(reply: Any) -> str:
    return reply.parse().choices[0].message.content


def refused(url: str, **headers: Any) -> str:
    with pytest.raises(BadRequestError) as caught:
        ask(url, **headers)
    return caught.value.message + str(caught.value.param)


def test_replies_tell_it_under_portkeys_names(start: Start) -> None:
    url = start("cache: {mode: exact}\n")
    reply = ask(url, trace_id="trace-7")
    assert reply.headers["x-portkey-trace-id"] == "trace-7"
    assert reply.headers["x-portkey-cache-status"] == "MISS"
    assert reply.headers["x-portkey-retry-attempt-count"] == "0"
    assert reply.headers["x-portkey-provider"] == "main"
    again = ask(url)
    assert again.headers["x-portkey-cache-status"] == "HIT"
    assert again.headers["x-portkey-trace-id"] == again.headers["x-tidegate-id"]
    assert ask(url, cache_force_refresh="true").headers["x-portkey-cache-status"] == "REFRESH"
    assert ask(start()).headers["x-portkey-cache-status"] == "DISABLED"


def test_a_namespace_keeps_answers_apart(start: Start) -> None:
    url = start("cache: {mode: exact}\n")
    ask(url, cache_namespace="a")
    assert ask(url, cache_namespace="b").headers["x-portkey-cache-status"] == "MISS"
    assert ask(url, cache_namespace="a").headers["x-portkey-cache-status"] == "HIT"


@pytest.mark.parametrize("name", ["spare", "@spare", "groq"])
def test_a_provider_is_chosen_by_its_name_or_by_its_kind(start: Start, name: str) -> None:
    assert said(ask(start(), provider=name)) == "from the second"


def test_a_virtual_key_and_the_models_name_choose_as_well(start: Start, second: Any) -> None:
    url = start()
    assert said(ask(url, virtual_key="spare")) == "from the second"
    assert said(ask(url, model="@spare/llama-3")) == "from the second"
    assert second.requests[-1]["model"] == "llama-3"


def test_answers_of_one_provider_are_not_given_to_those_who_ask_for_another(start: Start) -> None:
    url = start("cache: {mode: exact}\n")
    assert said(ask(url)) == "You said: hello"
    assert said(ask(url, provider="spare")) == "from the second"
    assert said(ask(url)) == "You said: hello"


def test_a_provider_that_is_not_on_the_route_stays_out_of_reach(start: Start, second: Any) -> None:
    url = start("routes: [{when: {model: 'gpt-*'}, to: [main]}, {to: [spare]}]\n")
    assert "does not lead to spare" in refused(url, provider="spare")
    config = {"strategy": {"mode": "fallback"}, "targets": [{"provider": "main"}, {"provider": "spare"}]}
    assert "does not lead to spare" in refused(url, config=config)
    assert second.requests == []
    assert said(ask(url, model="other", provider="spare")) == "from the second"


def test_targets_are_fallen_back_to_in_their_order(start: Start, upstream: Any, second: Any, support: Any) -> None:
    async def fail(body: Any, send: Any) -> None:
        await support.reply_json(send, {"error": {"message": "down"}}, status=503)

    upstream.script = fail
    url = start()
    config = {
        "strategy": {"mode": "fallback"},
        "retry": {"attempts": 1},
        "targets": [{"provider": "main"}, {"virtual_key": "spare", "override_params": {"model": "llama-3"}}],
    }
    reply = ask(url, config=config)
    assert said(reply) == "from the second"
    assert second.requests[-1]["model"] == "llama-3"
    assert reply.headers["x-portkey-retry-attempt-count"] == "2"
    assert len(upstream.requests) == 2


def test_a_target_without_a_model_is_asked_for_the_requests_own(
    start: Start, upstream: Any, second: Any, support: Any
) -> None:
    async def fail(body: Any, send: Any) -> None:
        await support.reply_json(send, {"error": {"message": "down"}}, status=503)

    upstream.script = fail
    targets = [{"provider": "main", "override_params": {"model": "gpt-big"}}, {"provider": "spare"}]
    ask(start(), model="llama-3", config={"strategy": {"mode": "fallback"}, "targets": targets})
    assert (upstream.requests[-1]["model"], second.requests[-1]["model"]) == ("gpt-big", "llama-3")


def test_only_the_named_status_codes_lead_on(start: Start, upstream: Any, second: Any, support: Any) -> None:
    async def fail(body: Any, send: Any) -> None:
        await support.reply_json(send, {"error": {"message": "down"}}, status=503)

    upstream.script = fail
    targets = [{"provider": "main"}, {"provider": "spare"}]
    config = {"strategy": {"mode": "fallback", "on_status_codes": [429]}, "targets": targets}
    with pytest.raises(Exception, match="503"):
        ask(start(), config=config)
    assert second.requests == []


def test_weights_draw_among_targets_and_parameters_are_put_over_the_requests(start: Start, second: Any) -> None:
    config = {
        "strategy": {"mode": "loadbalance"},
        "targets": [
            {"provider": "main", "weight": 0},
            {"provider": "spare", "weight": 1, "override_params": {"model": "llama-3", "temperature": 0.5}},
        ],
    }
    assert said(ask(start(), config=config)) == "from the second"
    assert (second.requests[-1]["model"], second.requests[-1]["temperature"]) == ("llama-3", 0.5)


def test_parameters_may_hold_the_schema_of_an_answer(start: Start, upstream: Any) -> None:
    items = {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}}
    schema = {"type": "object", "properties": {"people": items}}
    form = {"type": "json_schema", "json_schema": {"name": "people", "schema": schema}}
    ask(start(), config={"override_params": {"response_format": form}})
    assert upstream.requests[-1]["response_format"] == form
    nested: dict[str, Any] = {}
    for _ in range(64):
        nested = {"properties": nested}
    assert "nested more than 64 levels deep" in refused(start(), config={"override_params": nested})


def test_a_time_limit_leads_on_to_the_next_target(start: Start, upstream: Any) -> None:
    upstream.delay = 30
    config = {
        "strategy": {"mode": "fallback"},
        "request_timeout": 100,
        "targets": [{"provider": "main"}, {"provider": "spare"}],
    }
    assert said(ask(start(), config=config)) == "from the second"
    with pytest.raises(Exception, match="the caller's own time limit"):
        ask(start(), provider="main", request_timeout=100)


def test_an_answer_is_kept_no_longer_than_was_asked(start: Start) -> None:
    url = start("cache: {mode: exact, ttl: 1h}\n")
    ask(url, config={"cache": {"mode": "simple", "max_age": 60}})
    hit = ask(url, config={"cache": {"mode": "simple", "max_age": 60}})
    assert hit.headers["x-portkey-cache-status"] == "HIT"
    assert int(hit.headers["cache-status"].partition("ttl=")[2]) <= 60


def test_metadata_reaches_the_routes_and_nobody_else(start: Start, second: Any) -> None:
    url = start("routes: [{when: {metadata: {tier: gold}}, to: [spare]}, {to: [main]}]\n")
    assert said(ask(url, metadata={"tier": "gold"})) == "from the second"
    assert said(ask(url, metadata={"tier": "tin"})) == "You said: hello"
    assert not [name for name in second.headers[-1] if "portkey" in name or "metadata" in name]


REFUSED = [
    ({"config": "pc-abc-123"}, "tidegate import"),
    ({"config": {"strategy": {"mode": "conditional"}, "targets": [{"provider": "main"}]}}, "strategy.mode"),
    ({"config": {"provider": "main", "api_key": "sk-x"}}, "api_key"),
    ({"config": {"provider": "main", "custom_host": "http://evil"}}, "custom_host"),
    ({"config": {"strategy": {"mode": "fallback"}, "targets": [{"targets": []}, {"provider": "main"}]}}, "targets.0"),
    ({"config": {"retry": {"attempts": 6}}}, "retry.attempts"),
    ({"config": {"retry": {"attempts": 2, "on_status_codes": [401]}}}, "retry.on_status_codes"),
    ({"config": {"cache": {"mode": "magic"}}}, "cache.mode"),
    ({"config": {"cache": {"mode": "simple", "scope": "x"}}}, "cache.scope"),
    ({"config": {"override_params": {"stream": True}}}, "override_params.stream"),
    (
        {
            "config": {
                "strategy": {"mode": "loadbalance"},
                "targets": [{"provider": "main"}, {"provider": "spare", "weight": 0, "api_key": "x"}],
            }
        },
        "targets.1.api_key",
    ),
    ({"config": {"output_guardrails": []}}, "output_guardrails"),
    ({"config": "{not json"}, "must be a JSON object"),
    ({"provider": "nobody"}, "main, spare"),
    ({"virtual_key": "groq-9f"}, "x-portkey-virtual-key"),
    ({"custom_host": "http://169.254.169.254"}, "x-portkey-custom-host"),
    ({"aws_region": "us-east-1"}, "x-portkey-aws-region"),
    ({"forward_headers": "cookie"}, "x-portkey-forward-headers"),
    ({"metadata": "[1]"}, "x-portkey-metadata"),
    ({"request_timeout": "soon"}, "x-portkey-request-timeout"),
    ({"new_feature": "on"}, "x-portkey-new-feature"),
]


def test_what_cannot_be_granted_is_a_400_that_names_it(start: Start, upstream: Any) -> None:
    url = start()
    for headers, words in REFUSED:
        assert words in refused(url, **headers), headers
    assert upstream.requests == []


def test_camel_case_is_read_too(start: Start) -> None:
    config = {"overrideParams": {"model": "llama-3"}, "virtualKey": "spare", "requestTimeout": 5000}
    assert said(ask(start(), config=config)) == "from the second"


def test_without_compat_these_headers_do_nothing_and_go_nowhere(start: Start, upstream: Any) -> None:
    reply = ask(start(compat=""), provider="spare", custom_host="http://evil", config="pc-1")
    assert said(reply) == "You said: hello"
    assert not [name for name in upstream.headers[-1] if "portkey" in name]
    assert not [name for name in reply.headers if "portkey" in name]


def test_portkeys_own_sdk_needs_only_another_base_url(start: Start, upstream: Any) -> None:
    from portkey_ai import Portkey

    url = start("cache: {mode: exact}\n")
    client = Portkey(
        base_url=url + "/v1",
        api_key="pk-caller",
        provider="@spare",
        trace_id="t-1",
        metadata={"_user": "ada"},
        config={"cache": {"mode": "simple"}, "retry": {"attempts": 2}},
    )
    messages = [{"role": "user", "content": "hello"}]
    reply = client.chat.completions.create(model="llama-3", messages=messages)
    assert reply.choices[0].message.content == "from the second"
    assert reply.get_headers()["cache-status"] == "MISS"
    assert client.chat.completions.create(model="llama-3", messages=messages).get_headers()["cache-status"] == "HIT"
    pieces = client.chat.completions.create(model="llama-3", messages=messages, stream=True)
    assert "".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices) == "from the second"
    assert upstream.requests == []


def test_portkeys_key_is_the_callers_and_reaches_no_provider(start: Start, upstream: Any) -> None:
    url = start("cache: {mode: exact}\n")
    ask(url, api_key="pk-a")
    assert ask(url, api_key="pk-b").headers["x-portkey-cache-status"] == "MISS"
    assert ask(url, api_key="pk-a").headers["x-portkey-cache-status"] == "HIT"
    assert [headers["authorization"] for headers in upstream.headers] == ["Bearer sk-main"] * 2


def test_beside_portkeys_key_the_usual_one_is_a_providers(
    start: Start, upstream: Any, support: Any, tmp_path: Path
) -> None:
    text = f"version: 1\ncompat: portkey\nproviders: {{up: {{kind: openai, base_url: '{upstream.url}'}}}}\n"
    running = support.Running(support.Gate(support.parse_config(text, file="g", folder=tmp_path)).app())
    ask(running.url, api_key="pk-a")
    running.stop()
    assert upstream.headers[-1]["authorization"] == "Bearer sk-caller"
    assert "pk-a" not in str(upstream.headers)

"""Routes from the file to the wire: what cannot work is refused at start, what can is seen on real servers."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

import tidegate
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import ConfigError
from tidegate.engine.exchange import Exchange
from tidegate.governance.ledger import read
from tidegate.serve.build import build
from tidegate.serve.config.gate_yaml import parse_config
from tidegate.serve.config.routes import DIALECTS
from tidegate.serve.gate import Gate
from tidegate.tests.places import lines_only

HEAD = """\
version: 1
providers:
  a: {kind: openai}
  b: {kind: openai}
routes:
"""
WHOLE = """
  - when:
      model: gpt-*
      metadata: {tier: [gold, silver]}
      header: {X-Env: staging}
      tokens: {over: 8000, under: 100000}
      stream: true
      dialect: [openai.chat, anthropic]
      any: [{model: gpt-4*}, {header: {x-b: "1"}}]
      not: {metadata: {trial: "true"}}
    to: [{provider: a, weight: 95}, {provider: a, model: gpt-5, weight: 5}]
    pick: sticky
    sticky: metadata.user
    retries: {most: 3, on: [limited, silent], wait: 100ms, longest: 5s}
    fallback: {limited: [b], content_filter: [{provider: b, model: other}]}
    deadline: 30s
    mirror: {to: b, share: 0.05}
  - {to: [a, b], pick: fastest, fallback: []}
breaker: {failures: 3, share: 0.2, least: 5, window: 1m, rest: 1s, longest: 30s, fail_fast: true}
"""


def parse(text: str) -> Any:
    return parse_config(text, file="gate.yaml", folder=Path())


def test_every_setting_is_understood_and_builds() -> None:
    Gate(parse(HEAD + WHOLE))


def test_the_example_on_the_page_builds() -> None:
    page = (Path(tidegate.__file__).parent / "docs" / "routing.md").read_text("utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    names = ("openai", "azure", "azure2", "local", "other")
    Gate(parse("version: 1\nproviders:\n" + "".join(f"  {name}: {{kind: openai}}\n" for name in names) + example))


@pytest.mark.parametrize(
    ("route", "says"),
    [
        ("{to: [{provider: c}]}", '6: there is no provider "c"'),
        ("{to: [a], fallback: {silent: [c]}}", '6: there is no provider "c"'),
        ("{to: [a], mirror: {to: c, share: 0.1}}", '6: there is no provider "c"'),
        ("{to: []}", "at least 1 item"),
        ("{to: [a, a]}", '6: the route leads back to "a" (it stands under `to` on line 6 already)'),
        ("{to: [a], fallback: [b, a]}", 'the route leads back to "a"'),
        ("{to: [a], fallback: {limited: [b, b]}}", 'the route leads back to "b" (it stands under `fallback`'),
        ("{to: [a], fallback: {limited: [{provider: a}]}}", 'the route leads back to "a"'),
        ("{to: [a], fallback: {}}", "this fallback says nothing"),
        ("{to: [c], fallback: {}}", 'there is no provider "c"'),
        ("{to: [a], fallback: {slow: [b]}}", 'unknown key "slow"'),
        ("{to: [a], mirror: {to: a, share: 0.1}}", "the mirror is one of those that answer"),
        ("{to: [a], mirror: {to: b, share: 0}}", "greater than 0"),
        ("{to: [{provider: a, weight: 0}, b], pick: weight}", "greater than or equal to 0.001"),
        ("{to: [{provider: a, weight: 2}, b]}", "this weight does nothing (add pick: weight or pick: sticky)"),
        ("{to: [a], fallback: [{provider: b, weight: 2}]}", "only those of `to` are weighed"),
        ("{to: [a, b], pick: sticky}", "pick: sticky does not say by what"),
        ("{to: [a, b], sticky: caller}", "`sticky` does nothing here (add pick: sticky)"),
        (
            "{to: [a, b], pick: sticky, sticky: user}",
            "is not of the form that is expected (For `pick: sticky`: caller, metadata.NAME or header.NAME)",
        ),
        ("{to: [a, b], pick: sticky, sticky: header.Authorization}", "credentials are taken off first"),
        ("{to: [a, b], pick: sticky, sticky: header.x-bf-vk}\ncompat: bifrost", "begin with x-bf- are taken off"),
        ("{when: {header: {X-Portkey-Api-Key: x}}, to: [a]}\ncompat: [portkey]", "no route sees x-portkey-api-key"),
        ("{to: [a], pick: fastest}", "pick: fastest needs at least two providers"),
        ("{to: [a, b], pick: random}", "should be 'order', 'weight', 'sticky' or 'fastest'"),
        ("{when: {}, to: [a]}", "these conditions say nothing"),
        (
            "{name: x, when: {stream: true}, to: [a]}\n  - {name: x, to: [a]}",
            '7: there are two routes named "x"',
        ),
        ("{when: {model: []}, to: [a]}", "at least 1 item"),
        ("{when: {any: [{}]}, to: [a]}", "these conditions say nothing"),
        ("{when: {header: {}}, to: [a]}", "these conditions say nothing"),
        ("{when: {key: []}, to: [a]}", "at least 1 item"),
        ("{when: {key: a}, to: [a], passthrough: true}\n  - {when: {key: a}, to: [b]}", "7: this route is never"),
        ("{when: {header: {X-Api-Key: x}}, to: [a]}", "credentials are taken off first"),
        ("{when: {tokens: {}}, to: [a]}", "say over, under or both"),
        ("{when: {tokens: {over: 10, under: 11}}, to: [a]}", "no number is over the one and under the other"),
        ("{when: {dialect: [openai.chatt]}, to: [a]}", 'did you mean "openai.chat"?'),
        ("{when: {stream: true}, to: [a], passthrough: true}", "a route with passthrough cannot ask for stream"),
        ("{to: [a], retries: {most: 0}}", "greater than or equal to 1"),
        ("{to: [a], retries: {on: [content_filter]}}", "'refused', 'limited' or 'silent'"),
        ("{to: [a], retries: {wait: 20s}}", "6: the longest pause is shorter than the first (raise longest)"),
        ("{to: [a], deadline: 0}", "greater than 0"),
        (
            "{when: {model: gpt-*}, to: [a]}\n  - {when: {model: gpt-4*, stream: true}, to: [b]}",
            "7: this route is never",
        ),
        ("{when: {stream: true}, to: [a]}\n  - {when: {stream: true}, to: [b]}", "7: this route is never reached"),
        ("{to: [a]}\nbreaker: {rest: 10s, longest: 1s}", "7: the longest rest is shorter than the first"),
    ],
)
def test_a_route_that_cannot_work_is_refused_in_words(route: str, says: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse(HEAD + f"  - {route}\n")
    assert says in lines_only(refused.value)
    assert str(refused.value).startswith("gate.yaml:")


def test_conditions_of_rules_can_name_routes_that_there_are(tmp_path: Path) -> None:
    rule = "version: 1\nrules:\n  - {id: a, detect: {keywords: [x]}, action: block, when: {route: %s}}\n"
    routes = HEAD + "  - {name: fast, when: {model: f*}, to: [a]}\n  - {name: rest, to: [a]}\n"
    for named, says in (("fast", ""), ("r*", ""), ("fsat", 'rules.yaml:3: no route is named "fsat"')):
        (tmp_path / "rules.yaml").write_text(rule % named)
        loaded = parse_config(routes + "guardrails: {files: [rules.yaml]}\n", file="gate.yaml", folder=tmp_path)
        if says:
            with pytest.raises(ConfigError) as refused:
                build(loaded)
            assert says in lines_only(refused.value) and "fast" in str(refused.value)
            continue
        router = build(loaded).router
        assert router is not None
        asked = Exchange(OpenAIChat(), "/v1/chat/completions", {}, {}, "g", False)
        assert [*map(router.names(asked), ("f1", "g"))] == ["fast", "rest"]


def test_routes_can_name_every_dialect_that_is_served() -> None:
    gate = Gate(parse(HEAD + "  - {to: [a]}\n"))
    paths = ("chat/completions", "completions", "embeddings", "responses", "messages", "messages/count_tokens")
    served = [gate.handler.dialect_of(f"/v1/{path}") for path in paths]
    served += [gate.handler.dialect_of(f"/v1beta/models/m:{verb}") for verb in ("generateContent", "countTokens")]
    names = {dialect.name for dialect in served if dialect}
    assert set(DIALECTS.__args__) == names | {name.split(".")[0] for name in names}


@pytest.fixture
def second(support: Any) -> Iterator[Any]:
    upstream = support.Upstream(answer=lambda body: "from the second, as " + body["model"])
    running = support.Running(upstream, lifespan="off")
    upstream.url = running.url + "/v1"
    yield upstream
    running.stop()


def failing(status: int, support: Any, **headers: str) -> Any:
    async def script(body: Any, send: Any) -> None:
        raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        start = {"status": status, "headers": [(b"content-type", b"application/json"), *raw]}
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", "body": b'{"error": {"message": "no", "type": "server_error"}}'})

    return script


def routed(serve: Any, second: Any, routes: str) -> str:
    return serve(f"  two: {{kind: openai, base_url: '{second.url}', api_key: sk-two}}\n{routes}\n")


def post(url: str, **body: Any) -> httpx2.Response:
    asked = {"model": "gpt-test", "messages": [{"role": "user", "content": "hello"}], **body}
    headers = asked.pop("headers", {})
    return httpx2.post(url + "/v1/chat/completions", json=asked, headers=headers, timeout=20)


def said(reply: httpx2.Response) -> str:
    return reply.json()["choices"][0]["message"]["content"]


def test_conditions_decide_between_real_providers(serve: Any, upstream: Any, second: Any) -> None:
    url = routed(
        serve,
        second,
        "routes:\n"
        "  - {when: {metadata: {tier: gold}}, to: [{provider: two, model: big}]}\n"
        "  - {when: {tokens: {over: 1000}}, to: [{provider: two, model: long}]}\n"
        "  - {to: [up]}",
    )
    assert said(post(url)) == "You said: hello"
    assert said(post(url, metadata={"tier": "gold"})) == "from the second, as big"
    assert said(post(url, headers={"x-tidegate-metadata": '{"tier": "gold"}'})) == "from the second, as big"
    assert said(post(url, messages=[{"role": "user", "content": "x" * 5000}])) == "from the second, as long"
    bad = post(url, headers={"x-tidegate-metadata": "gold"})
    assert (bad.status_code, bad.json()["error"]["param"]) == (400, "x-tidegate-metadata")


def test_what_happened_is_told_in_headers_readiness_and_metrics(
    serve: Any, upstream: Any, second: Any, support: Any
) -> None:
    upstream.script = failing(503, support)
    routes = "routes: [{to: [up], fallback: [two], retries: {most: 1, wait: 0}}]\nbreaker: {failures: 4}"
    url = routed(serve, second, routes)
    seen = [post(url).headers for _ in range(3)]
    assert [(h["x-tidegate-provider"], h["x-tidegate-attempts"]) for h in seen] == [("two", "3")] * 2 + [("two", "1")]
    assert len(upstream.requests) == 4, "then it rests"
    ready = httpx2.get(url + "/readyz")
    assert ready.status_code == 200, "one that rests does not make the gate unready"
    assert ready.json()["breakers"]["up"].startswith("open, asked again in ")
    assert ready.json()["breakers"]["two"] == "closed"
    metrics = httpx2.get(url + "/metrics").text
    assert 'tidegate_breaker_state{provider="up"} 2.0' in metrics
    assert 'tidegate_attempts_total{provider="up",result="refused"} 4.0' in metrics
    assert 'tidegate_attempts_total{provider="up",result="rests"} 1.0' in metrics


def test_when_everybody_failed_the_caller_learns_how_many_attempts_there_were(
    serve: Any, upstream: Any, second: Any, support: Any, tmp_path: Path
) -> None:
    config = "  gone: {kind: openai, base_url: 'http://127.0.0.1:9/v1'}\nroutes: [{to: [up, gone]}]\n"
    url = serve(config + "log: {store: 'sqlite:log.db'}")
    upstream.script = failing(500, support)
    reply = post(url)
    assert (reply.status_code, reply.json()["error"]["code"]) == (502, "upstream_refused")
    assert reply.headers["x-tidegate-attempts"] == "2" and "x-tidegate-provider" not in reply.headers
    until = time.monotonic() + 5
    while not (rows := read(tmp_path / "log.db", 1)) and time.monotonic() < until:
        time.sleep(0.02)
    assert [row["provider"] for row in rows] == ["gone"]  # the operator learns who was asked last


def test_a_stream_that_begins_with_an_error_is_answered_by_the_next(
    serve: Any, upstream: Any, second: Any, support: Any
) -> None:
    async def overloaded(body: Any, send: Any) -> None:
        await support.start_stream(send)
        await support.push(send, {"error": {"type": "overloaded_error", "message": "x"}})
        await send({"type": "http.response.body", "body": b""})

    upstream.script = overloaded
    url = routed(serve, second, "routes: [{to: [up], fallback: {limited: [two]}}]")
    reply = post(url, stream=True)
    events = [json.loads(line[6:]) for line in reply.text.splitlines() if line.startswith("data: {")]
    assert "".join(e["choices"][0]["delta"].get("content", "") for e in events) == "from the second, as gpt-test"
    assert reply.text.endswith("data: [DONE]\n\n") and reply.headers["x-tidegate-provider"] == "two"


def test_a_closed_connection_is_not_asked_twice_and_the_next_provider_answers(
    serve: Any, upstream: Any, second: Any, support: Any
) -> None:
    async def cut(body: Any, send: Any) -> None:
        await support.start_stream(send)
        raise ConnectionResetError

    upstream.script = cut
    url = routed(serve, second, "routes: [{to: [up], fallback: [two], retries: {most: 5, wait: 0}}]")
    reply = post(url, stream=True)
    assert reply.headers["x-tidegate-provider"] == "two" and len(upstream.requests) == 1


def test_a_copy_reaches_the_second_model_and_the_reply_is_the_first_s(serve: Any, upstream: Any, second: Any) -> None:
    url = routed(serve, second, "routes: [{to: [up], mirror: {to: {provider: two, model: candidate}, share: 1}}]")
    second.delay = 0.2
    assert said(post(url)) == "You said: hello"
    counted = 'tidegate_mirrored_total{provider="two",result="ok"} 1.0'
    assert any(counted in httpx2.get(url + "/metrics").text for _ in range(2000))
    assert second.requests[0]["model"] == "candidate" and len(upstream.requests) == 1


def test_a_model_that_a_body_lists_needs_a_route_as_its_own_does(serve: Any, upstream: Any) -> None:
    url = serve("routes:\n  - {when: {model: small*}, to: [up]}\naliases: {fast: small-1}\n")
    body = {"model": "small", "messages": [{"role": "user", "content": "x"}]}
    assert httpx2.post(url + "/v1/chat/completions", json={**body, "models": ["fast"]}).status_code == 200
    assert upstream.requests[-1]["models"] == ["small-1"]
    refused = httpx2.post(url + "/v1/chat/completions", json={**body, "models": ["small-2", "big"]})
    assert (refused.status_code, refused.json()["error"]["param"]) == (404, "models.1")
    assert len(upstream.requests) == 1

"""Named keys on real servers: who is known, what goes by it, and that a key is seen nowhere."""

import hashlib
import json
import logging
import socket
import sqlite3
from pathlib import Path
from typing import Any

import httpx2
import pytest
from openai import AuthenticationError, BadRequestError, OpenAI
from typer.testing import CliRunner

import tidegate
from tidegate import Gate, TidegateMiddleware
from tidegate.engine.errors import ConfigError
from tidegate.serve.build import build
from tidegate.serve.cli import app
from tidegate.serve.commands import warm
from tidegate.serve.config.gate_yaml import parse_config
from tidegate.serve.reach import lent_to_anybody
from tidegate.tests.places import lines_only

RED, BLUE, SHOP = "key-of-the-red-team-1", "key-of-the-red-team-2", "key-of-the-shop-0123"
ASKED = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
KEYS = f"""
keys:
  require: false
  known:
    - {{name: redteam-1, key: {RED}, team: security}}
    - {{name: redteam-2, sha256: {hashlib.sha256(BLUE.encode()).hexdigest()}, team: security}}
    - {{name: shop, key: [{SHOP}, {SHOP}-next]}}
"""
REQUIRED = KEYS.replace("require: false", "require: true")
RULES = """
rules:
  - {id: words.launch, detect: {keywords: [falcon]}, action: block}
  - {id: words.shop, detect: {keywords: [heron]}, action: block, when: {key: "*"}}
exceptions:
  - {rules: [words.launch], keys: ["redteam-*"], mode: shadow, reason: they are paid to}
"""


def client(url: str, key: str) -> OpenAI:
    return OpenAI(base_url=url + "/v1", api_key=key, max_retries=0)


def ask(url: str, key: str, text: str = "hello") -> Any:
    said = [{"role": "user", "content": text}]
    return client(url, key).chat.completions.with_raw_response.create(model="gpt-test", messages=said)  # type: ignore[arg-type]


def cached(url: str, key: str, text: str = "hello") -> bool:
    return "; hit" in ask(url, key, text).headers["cache-status"]


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ("{require: true}", "2: no key is known, so nobody would be served (list some as `known`)"),
        ("{known: [{name: a, key: short}]}", "2: keys.known.0.key: a key has at least 16 characters"),
        ("{known: [{name: a, key: a key with spaces in it}]}", "a character that no header carries"),
        ("{known: [{name: a, key: ''}]}", "must be a non-empty string"),
        ("{known: [{name: a, key: 1234567890123456}]}", "must be a non-empty string"),
        ("{known: [{name: a, key: []}]}", "must be a non-empty string"),
        ("{known: [{name: a}]}", "has neither a key nor the sha256 of one"),
        (f"{{known: [{{name: a, sha256: {RED}}}]}}", "must be 64 hex digits"),
        (f"{{known: [{{name: a b, key: {RED}}}]}}", "keys.known.0.name"),
        (f"{{known: [{{name: a, key: {RED}, team: a/b}}]}}", "keys.known.0.team"),
        (f"{{known: [{{name: a, key: {RED}, until: soon}}]}}", "keys.known.0.until: must be a day such as 2027-01-31"),
        (f"{{known: [{{name: a, keys: {RED}}}]}}", "`keys:` stands at the top of the file"),
        (
            f"\n  known:\n    - {{name: a, key: {RED}}}\n    - {{name: a, key: {SHOP}}}",
            '5: the name "a" stands here twice (first on line 4',
        ),
        (
            f"\n  known:\n    - {{name: a, key: {RED}}}\n"
            f"    - {{name: b, sha256: {hashlib.sha256(RED.encode()).hexdigest().upper()}}}",
            '5: this key stands here twice (it is one of "a")',
        ),
        (f"{{known: [{{name: a, key: {RED}}}]}}\ncache: {{mode: exact, share: team}}", "3: no key under `keys.known`"),
        (f"{{known: [{{name: a, key: {RED}}}]}}\nroutes:\n  - {{when: {{key: b*}}, to: [up]}}", "4: no key under"),
        ("{}\nroutes:\n  - {when: {any: [{not: {team: x}}]}, to: [up]}", '4: no team under `keys.known` fits "x"'),
    ],
)
def test_keys_that_cannot_work_are_refused_with_their_line(keys: str, says: str) -> None:
    with pytest.raises(ConfigError) as refused:
        build(parse_config(f"version: 1\nkeys: {keys}\nproviders: {{up: {{kind: openai}}}}\n", file="g", folder=Path()))
    assert says in lines_only(refused.value) and str(refused.value).startswith("g:")
    assert RED not in str(refused.value)


def test_the_example_on_the_page_builds(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REDTEAM_KEY", "BATCH_KEY", "BATCH_KEY_NEXT", "TRIAL_KEY"):
        monkeypatch.setenv(name, f"value-of-{name}")
    page = (Path(tidegate.__file__).parent / "docs" / "keys.md").read_text("utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    build(parse_config("version: 1\n" + example, file="keys.md", folder=Path()))


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        (
            "rules:\n  - {id: a, detect: {length: 9}, action: flag, when: {key: shap}}",
            "3: no key under `keys.known` fits",
        ),
        ("rules:\n  - {id: a, detect: {length: 9}, action: flag, when: {team: [x]}}", "3: no team under `keys.known`"),
        (RULES.replace("redteam-*", "blueteam-*"), '7: no key under `keys.known` fits "blueteam-*"'),
    ],
)
def test_a_rule_for_a_key_that_nobody_has_is_refused_with_its_line(
    support: Any, tmp_path: Path, rules: str, says: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        build(support.gate_config(tmp_path, "http://127.0.0.1:9/v1", KEYS, rules))
    assert f"rules.yaml:{says}" in lines_only(refused.value)


def test_rules_hold_by_the_callers_key(serve: Any) -> None:
    url = serve(KEYS, RULES)
    for key in (RED, BLUE):
        said = ask(url, key, "a falcon")
        assert said.parse().choices[0].message.content == "You said: a falcon", "noted, not blocked"
    for key in (SHOP, "sk-anybody"):
        with pytest.raises(BadRequestError, match=r"words\.launch"):
            ask(url, key, "a falcon")
    with pytest.raises(BadRequestError, match=r"words\.shop"):
        ask(url, SHOP, "a heron")
    assert ask(url, "sk-anybody", "a heron").status_code == 200
    assert 'tidegate_verdicts_total{action="shadow",rule="words.launch"}' in httpx2.get(url + "/metrics").text


def test_a_known_key_reaches_no_provider_and_others_do(serve: Any, upstream: Any) -> None:
    url = serve(KEYS, key=None)
    ask(url, RED)
    assert "authorization" not in upstream.headers[-1]
    ask(url, "sk-own")
    assert upstream.headers[-1]["authorization"] == "Bearer sk-own"
    body = {"model": "gpt-test", "messages": [{"role": "user", "content": "hi"}]}
    both = {"authorization": "Bearer sk-own", "x-api-key": SHOP}
    assert httpx2.post(url + "/v1/chat/completions", json=body, headers=both).status_code == 200
    assert upstream.headers[-1]["authorization"] == "Bearer sk-own"
    assert not any(key in str(upstream.headers) for key in (RED, SHOP))


def test_with_require_only_known_keys_are_served(serve: Any, upstream: Any) -> None:
    url = serve(REQUIRED + "cache: {mode: exact}\nroutes: [{to: [up], passthrough: true}]")
    for key in (RED, BLUE, SHOP, SHOP + "-next"):
        assert ask(url, key).status_code == 200
        assert [model.id for model in client(url, key).models.list()] == ["gpt-test"]
    upstream.raw.clear()
    with pytest.raises(AuthenticationError) as refused:
        ask(url, "sk-unknown")
    assert refused.value.code == "invalid_api_key" and "sk-unknown" not in str(refused.value)
    assert refused.value.response.headers["x-should-retry"] == "false"
    assert refused.value.response.headers["www-authenticate"] == "Bearer"
    with pytest.raises(AuthenticationError):
        client(url, "sk-unknown").models.list()
    with pytest.raises(AuthenticationError):
        client(url, "sk-unknown").files.list()
    told = httpx2.post(url + "/tidegate/feedback", json={"id": "tg_1", "correct": True})
    assert told.status_code == 401
    assert upstream.raw == []
    counted = httpx2.get(url + "/metrics").text.count('status="401"} 1.0')
    assert counted == 2, "the chat, and the path that is let through"
    assert httpx2.get(url + "/healthz").status_code == httpx2.get(url + "/readyz").status_code == 200


@pytest.mark.parametrize("body", [b"", b"{", b'{"model": 1}', b'{"model": "m", "messages": []}'])
def test_with_require_a_stranger_is_not_told_what_is_wrong_with_its_request(serve: Any, body: bytes) -> None:
    url = serve(REQUIRED) + "/v1/messages"
    sent = {"content-type": "application/json", "x-api-key": "somebody-s-own-key"}
    assert httpx2.post(url, content=body, headers=sent).status_code == 401
    assert httpx2.get(url, headers=sent).status_code == 401
    assert httpx2.post(url, content=body, headers=sent | {"x-api-key": RED}).status_code == 400


def test_a_stranger_is_refused_before_its_body_is_read(serve: Any) -> None:
    url = serve(REQUIRED)
    head = b"POST /v1/messages HTTP/1.1\r\nhost: gate\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    for declared in (16_000_000, 17_000_000):
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=20) as stranger:
            stranger.sendall(head % declared)
            assert stranger.recv(65536).startswith(b"HTTP/1.1 401"), "not a byte of the body was sent"
    counted = httpx2.get(url + "/metrics").text
    assert 'tidegate_requests_total{dialect="anthropic.messages",provider="none",status="401"} 2.0' in counted
    assert "tidegate_in_flight 0.0" in counted
    body = b'{"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "' + b"x" * 3_000_000 + b'"}]}'
    sent = {"content-type": "application/json", "x-api-key": "somebody-s-own-key"}
    with httpx2.Client(base_url=url) as one:  # a client that sends its whole body all the same keeps its connection
        assert one.post("/v1/messages", content=body, headers=sent).status_code == 401
        assert one.post("/v1/messages", content=body, headers=sent | {"x-api-key": RED}).status_code != 401


def test_each_dialect_refuses_in_its_own_envelope_and_takes_keys_where_its_clients_put_them(
    serve: Any, upstream: Any
) -> None:
    url = serve(REQUIRED)
    claude = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
    refused = httpx2.post(url + "/v1/messages", json=claude)
    assert (refused.status_code, refused.json()["error"]["type"]) == (401, "authentication_error")
    assert httpx2.post(url + "/v1/messages", json=claude, headers={"x-api-key": RED}).status_code == 200
    path, gemini = "/v1beta/models/m:generateContent", {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}
    refused = httpx2.post(url + path, json=gemini)
    assert (refused.status_code, refused.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
    assert httpx2.post(f"{url}{path}?key={RED}", json=gemini).status_code == 200
    assert httpx2.post(url + path, json=gemini, headers={"x-goog-api-key": SHOP}).status_code == 200
    assert RED not in str(upstream.headers) + str(upstream.paths)


def test_answers_are_shared_within_a_team_and_never_across(serve: Any, upstream: Any) -> None:
    url = serve(KEYS + "cache: {mode: exact, share: team, shared_after: 1}")
    assert not cached(url, RED)
    assert cached(url, BLUE), "of the same team"
    for other in (SHOP, "sk-anybody"):
        assert not cached(url, other), "without a team, alone"
        assert cached(url, other)
    assert cached(url, SHOP + "-next"), "a new key of one name finds what the old one had"
    assert len(upstream.requests) == 3


def test_routes_go_by_key_and_team(serve: Any, upstream: Any) -> None:
    routes = """
routes:
  - {when: {key: shop}, to: [{provider: up, model: for-the-shop}]}
  - {when: {team: sec*}, to: [{provider: up, model: for-security}]}
  - {when: {not: {key: "*"}}, to: [{provider: up, model: for-nobody}]}
"""
    url = serve(KEYS + routes)
    for key, model in ((SHOP, "for-the-shop"), (RED, "for-security"), ("sk-other", "for-nobody")):
        ask(url, key)
        assert upstream.requests[-1]["model"] == model


def test_a_key_is_neither_logged_nor_counted_nor_kept(
    serve: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = serve(REQUIRED + f"log: {{store: 'sqlite:{tmp_path}/log.db'}}")
    seen = [str(ask(url, RED).headers)]
    with pytest.raises(AuthenticationError) as refused:
        ask(url, RED + "-mistyped")
    seen += [str(refused.value), httpx2.get(url + "/metrics").text, caplog.text]
    rows: list[Any] = []
    while len(rows) < 2:
        rows = sqlite3.connect(tmp_path / "log.db").execute("SELECT * FROM requests").fetchall()
    seen += map(str, rows)
    assert RED not in "".join(seen)
    assert [row[2] for row in rows] == ["key:redteam-1", "anonymous"], "the name may be told"


async def test_no_mount_passes_a_known_key_on(support: Any, upstream: Any, tmp_path: Path) -> None:
    loaded = parse_config(f"version: 1\n{KEYS}", file=str(tmp_path / "gate.yaml"), folder=tmp_path)
    body = {"model": "gpt-test", "messages": [{"role": "user", "content": "hi"}]}
    path = "/v1/chat/completions?key=x&api-version=1"
    headers = {"authorization": f"Bearer {RED}", "x-own": "kept"}
    wrapped = TidegateMiddleware(upstream, config=loaded)
    inner = httpx2.ASGITransport(app=wrapped)
    async with httpx2.AsyncClient(transport=inner, base_url="http://app") as client:
        assert (await client.post(path, json=body, headers=headers)).status_code == 200
    async with httpx2.AsyncClient(transport=Gate(loaded).transport()) as client:
        url = upstream.url.removesuffix("/v1")
        assert (await client.post(url + path, json=body, headers=headers)).status_code == 200
        await client.post(url + path, json=body, headers=headers | {"x-api-key": "sk-own"})
        await client.post(url + path, json=body, headers={"authorization": "Bearer sk-own"})
    assert upstream.queries == ["api-version=1"] * 3 + ["key=x&api-version=1"]
    assert [each.get("x-own") for each in upstream.headers] == ["kept"] * 3 + [None]
    assert [each.get("authorization") for each in upstream.headers] == [None] * 3 + ["Bearer sk-own"]
    assert upstream.headers[2]["x-api-key"] == "sk-own"


def test_check_names_keys_and_teams(support: Any, tmp_path: Path) -> None:
    (tmp_path / "gate.yaml").write_text(f"version: 1\nproviders: {{up: {{kind: openai}}}}\n{REQUIRED}")
    done = CliRunner().invoke(app, ["check", "--config", str(tmp_path / "gate.yaml"), "--json"])
    said = json.loads(done.stdout)["summary"]
    assert said["keys"] == "redteam-1 (security), redteam-2 (security), shop; no others are served"
    assert said["up: credentials"].endswith("passed on unless it is a known key")
    assert RED not in done.stdout


def test_the_cache_is_warmed_for_a_name(
    support: Any, upstream: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = "cache: {mode: exact, share: team, store: 'sqlite:c.db'}"
    config, file = tmp_path / "gate.yaml", tmp_path / "w.jsonl"
    config.write_text(f"version: 1\nproviders: {{up: {{kind: openai, base_url: '{upstream.url}'}}}}\n{REQUIRED}{cache}")
    file.write_text('{"prompt": "hello", "answer": "Warm."}')
    with pytest.raises(ConfigError, match="--key ENV"):
        warm.warm(config, file, warm.Plan(model="gpt-test"), lambda _: None)
    monkeypatch.setenv("OURS", RED)
    assert warm.warm(config, file, warm.Plan(model="gpt-test", key="OURS"), lambda _: None)["stored"] == 1
    gate = support.Running(Gate.from_config(config).app())
    try:
        assert ask(gate.url, BLUE).parse().choices[0].message.content == "Warm.", "the operator vouches for it"
        assert not cached(gate.url, SHOP)
    finally:
        gate.stop()


def test_an_expired_key_is_refused_by_name_and_lent_to_no_provider(serve: Any, upstream: Any) -> None:
    url = serve(f"keys: {{known: [{{name: trial, key: {RED}, until: 2020-01-31}}]}}\n", key=None)
    reply = httpx2.post(url + "/v1/chat/completions", json=ASKED, headers={"authorization": f"Bearer {RED}"})
    assert reply.status_code == 401 and "good until 2020-01-31" in reply.json()["error"]["message"]
    assert not upstream.requests
    assert httpx2.post(url + "/v1/chat/completions", json=ASKED, headers={"x-api-key": "sk-own"}).status_code == 200


@pytest.mark.parametrize(
    ("host", "keys", "lent"),
    [
        ("0.0.0.0", "", ["own", "aws"]),
        ("gate.internal", "", ["own", "aws"]),
        ("::1", "", []),
        ("127.0.0.2", "", []),
        ("localhost", "", []),
        ("0.0.0.0", f"keys: {{require: true, known: [{{name: a, key: {RED}}}]}}\n", []),
    ],
)
def test_a_gate_that_lends_its_credentials_to_a_network_says_for_whom(host: str, keys: str, lent: list[str]) -> None:
    ours = f"own: {{kind: openai, api_key: {SHOP}}}, aws: {{kind: bedrock, region: eu-west-1}}"
    providers = f"{{{ours}, theirs: {{kind: openai}}, l: {{kind: llama}}}}"
    loaded = parse_config(f"version: 1\n{keys}providers: {providers}\n", file="g", folder=Path())
    assert lent_to_anybody(loaded, host) == lent

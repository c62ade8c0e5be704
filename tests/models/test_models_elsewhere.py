"""Nothing that a client sends leads its request to another host than the configured one."""

import socket
from typing import Any

import httpx2
import pytest

TRICKS: list[dict[str, str]] = [
    {"host": "evil.example"},
    {"x-forwarded-host": "evil.example", "x-forwarded-for": "127.0.0.1", "forwarded": "host=evil.example"},
    {"x-portkey-custom-host": "http://evil.example/v1", "x-portkey-provider": "openai"},
    {"x-portkey-config": '{"provider":"openai","custom_host":"http://evil.example/v1"}'},
    {"x-litellm-api-base": "http://evil.example/v1", "api-base": "http://evil.example/v1"},
    {
        "x-bf-base-url": "http://evil.example",
        "x-base-url": "http://evil.example",
        "openai-base-url": "http://evil.example",
    },
    {"x-original-url": "http://evil.example/", "x-rewrite-url": "/evil", "x-http-method-override": "GET"},
]
FIELDS = [
    *("api_base", "base_url", "host", "url", "endpoint", "custom_host", "proxy", "model_list", "custom_llm_provider"),
    *("extra_headers", "azure_endpoint", "api_version", "provider", "litellm_params"),
]
TARGETS = [
    *("http://evil.example/v1/chat/completions", "//evil.example/v1/chat/completions", "/v1/..//evil.example/x"),
    *("/v1/@evil.example/", "/v1/%2e%2e/%2e%2e/x", "/v1/..%2f..%2f", "/v1/\\evil.example", "/v1/x#@evil.example/"),
    *("/v1/http://evil.example/", "/v1/%00", "/v1/;@evil.example", "/v1/models/../../x"),
]


@pytest.mark.parametrize("headers", TRICKS, ids=lambda headers: next(iter(headers)))
def test_no_header_of_a_client_changes_where_a_request_goes(serve: Any, upstream: Any, headers: dict[str, str]) -> None:
    url = serve("routes: [{to: [up], passthrough: true}]")
    body = {"model": "gpt-test", "messages": [{"role": "user", "content": "hi"}]}
    body |= dict.fromkeys(FIELDS, "http://evil.example/v1")
    reply = httpx2.post(url + "/v1/chat/completions", json=body, headers=headers)
    assert reply.status_code == 200
    [arrived] = upstream.headers
    assert arrived["host"] == upstream.url.split("/")[2]
    assert not any("evil" in value for value in arrived.values())


def test_no_request_target_changes_where_a_request_goes(serve: Any, upstream: Any) -> None:
    url = serve("routes: [{to: [up], passthrough: true}]")
    port = int(url.rpartition(":")[2])
    body = b'{"model":"m","messages":[{"role":"user","content":"hi"}]}'
    for target in TARGETS:
        for method in ("GET", "POST"):
            head = f"{method} {target} HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n"
            head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.sendall(head.encode() + body)
                client.settimeout(10)
                while client.recv(65536):
                    pass
    own = upstream.url.split("/")[2]
    assert all(arrived["host"] == own for arrived in upstream.headers)
    assert all(path.startswith("/v1/") and ".." not in path for path in upstream.paths)

"""What may stand in a base_url: no odd spelling of a host, no address at which no model is, and no endpoint."""

from pathlib import Path
from typing import Any

import pytest

from tidegate.engine.errors import ConfigError
from tidegate.models.hosts import checked_base_url

ODD = [
    # 127.0.0.1
    *("2130706433", "0x7f000001", "017700000001", "127.1", "127.0.1", "0x7f.1", "0177.0.0.1", "0x7f.0x0.0x0.0x1"),
    *("127.0.0.1.", "127.000.000.001", "127.0.0.0x1", "0", "0.0.0.0", "00.0.0.0", "127.0.0.1.0", "4294967297"),
    *("127.0.0.08", "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "localhost.", "localhost%00", "lo\tcalhost", "127。0。0。1"),
    *("１２７.0.0.1", "①②⑦.0.0.1", "127.0.0.1\\@api.openai.com", "api.openai.com@127.0.0.1", "a:b@127.0.0.1"),
    *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "[0000::1]", "[::]", "[::127.0.0.1]", "[::7f00:1]"),
    *(
        "[64:ff9b::7f00:1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "[::1%25lo]",
        "[::1%lo]",
        "[v1.x]",
        "[127.0.0.1]",
    ),
    *(
        "[2001:0:7f00:1::]",
        "[fe80::1]",
        "[fe80::1%25eth0]",
        "[ff02::1]",
        "[2001:db8::1]",
        "[100::1]",
        "[::FFFF:A9FE:A9FE]",
    ),
    # metadata
    *(
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "169.254.43518",
        "[::ffff:169.254.169.254]",
    ),
    *("[fd00:ec2::254]", "[fd20:ce::254]", "[64:ff9b::a9fe:a9fe]", "169.254.170.2", "100.100.100.200", "192.0.0.192"),
    *("168.63.129.16", "169.254.1.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1"),
    # no host names
    *(
        "a..b",
        ".a",
        "a.",
        "-a.example",
        "a-.example",
        "a b",
        "a$b",
        "x" * 64,
        "a.0x7f",
        "a.1",
        "*.example",
        "a,b",
        "a;b",
    ),
]
"""Spellings that are no usual one, and addresses at which no model is: none may stand in a base_url."""


@pytest.mark.parametrize("host", ODD)
def test_no_odd_spelling_of_a_host_stands_in_a_base_url(host: str) -> None:
    for port in ("", ":8000"):
        with pytest.raises(ConfigError) as caught:
            checked_base_url(f"http://{host}{port}/v1", "p")
        assert "provider p" in str(caught.value)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "[::1]", "10.1.2.3", "192.168.0.7", "ollama", "my_service", "api.openai.com"),
        *(
            "8.8.8.8",
            "[2606:4700::1111]",
            "LOCALHOST",
            "xn--bcher-kva.example",
            "a1.2b",
            "127.0.0.1.nip.io",
            "0x7f.example",
        ),
        "[fd12:3456::1]",
    ],
)
def test_usual_spellings_are_taken(host: str) -> None:
    assert checked_base_url(f"http://{host}:8000/v1/", "p") == f"http://{host}:8000/v1"


@pytest.mark.parametrize(
    "path", ["/v1/chat/completions", "/v1/messages/", "/openai/v1/responses", "/v1beta/openai/chat/completions/"]
)
def test_a_base_url_is_no_endpoint(path: str) -> None:
    with pytest.raises(ConfigError, match="ends with an endpoint"):
        checked_base_url("https://api.openai.com" + path, "p")


@pytest.mark.parametrize("path", ["/embeddings", "/team/messages", "/responses/v1", "/openai/deployments/embeddings"])
def test_a_host_may_be_mounted_at_the_name_of_an_endpoint(path: str) -> None:
    assert checked_base_url("https://llm.example" + path, "p") == "https://llm.example" + path


@pytest.mark.parametrize("url", ["https://api.anthropic.com", "https://api.openai.com/"])
def test_a_host_that_answers_nothing_without_a_version_is_told_with_it(url: str) -> None:
    with pytest.raises(ConfigError, match="including the version") as caught:
        checked_base_url(url, "p")
    assert caught.value.hint == url.rstrip("/") + "/v1"
    assert checked_base_url("https://api.deepseek.com", "p") == "https://api.deepseek.com"


def test_the_configuration_s_error_names_file_and_line(support: Any, tmp_path: Path) -> None:
    text = "version: 1\nproviders:\n  up:\n    kind: openai\n    base_url: http://2130706433/v1\n"
    with pytest.raises(ConfigError, match=r"gate\.yaml:\d+:\d+: .*unusual way"):
        support.Gate(support.parse_config(text, file=str(tmp_path / "gate.yaml"), folder=tmp_path))

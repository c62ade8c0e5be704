"""What tests of `tidegate cache` share: a configuration over the mock provider, files of lines, and a question.

Imported as `tidegate.tests.serve.cache_files`; a test file that asks for `write` takes it from there.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tidegate.serve.commands import warm

Write = Callable[..., Path]
CHAT = "/v1/chat/completions"


@pytest.fixture
def write(tmp_path: Path, upstream: Any) -> Write:
    """Writes gate.yaml, with the same secret wherever it lies."""

    def config(cache: str, name: str = "gate.yaml") -> Path:
        path = tmp_path / name
        path.write_text(
            f"version: 1\nsecret: 0123456789abcdef0123456789abcdef\n"
            f"providers: {{up: {{kind: openai, base_url: '{upstream.url}', api_key: k}}}}\n"
            f"guardrails: {{files: [pack:pii]}}\ncache: {{{cache}}}\n"
        )
        return path

    return config


def lines(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def quiet(_: int) -> None: ...


PLAN = warm.Plan(model="m")


def ask(url: str, text: str, **headers: str) -> httpx2.Response:
    body = {"model": "m", "messages": [{"role": "user", "content": text}]}
    return httpx2.post(url + CHAT, json=body, headers=headers, timeout=30)

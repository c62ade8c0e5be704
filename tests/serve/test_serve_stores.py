"""What the operator sees of the store: damage in the metrics and in `cache stats`, and who cannot verify whom."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tidegate.serve.commands import memory


def ask(url: str, text: str) -> str:
    body = {"model": "gpt-test", "messages": [{"role": "user", "content": text}]}
    return httpx2.post(url + "/v1/chat/completions", json=body, timeout=30).headers["cache-status"]


def test_damage_shows_in_the_metrics_and_in_cache_stats(serve: Any, upstream: Any, tmp_path: Path) -> None:
    config = "cache: {mode: exact, store: 'sqlite:cache.db'}"
    url = serve(config)
    assert "stored" in ask(url, "one?") and "stored" in ask(url, "two?")
    with contextlib.closing(sqlite3.connect(tmp_path / "cache.db")) as link:
        link.execute("UPDATE entries SET expires = expires + 9e9 WHERE key = (SELECT min(key) FROM entries)")
        link.commit()
    said = [ask(url, "one?"), ask(url, "two?")]
    assert sorted("hit" in line for line in said) == [False, True]
    shown = httpx2.get(url + "/metrics").text
    assert 'tidegate_cache_store{what="damaged"} 1.0' in shown and 'tidegate_cache_store{what="entries"}' in shown
    provider = f"providers: {{up: {{kind: openai, base_url: '{upstream.url}', api_key: k}}}}\n"
    (tmp_path / "gate.yaml").write_text("version: 1\n" + provider + config)
    stats = memory.stats(tmp_path / "gate.yaml")
    assert (stats["answers"], stats["damaged_answers"], stats["damaged_files"]) == (2, 1, 0)


@pytest.mark.parametrize("same", [True, False])
def test_gates_share_a_file_when_they_have_one_secret(
    upstream: Any, support: Any, tmp_path: Path, same: bool, caplog: pytest.LogCaptureFixture
) -> None:
    said: list[str] = []
    for secret in ("first", "first" if same else "second"):
        text = f"secret: {secret}\ncache: {{mode: exact, share: all, store: 'sqlite:cache.db'}}"
        running = support.Running(support.Gate(support.gate_config(tmp_path, upstream.url, text)).app())
        said.append(ask(running.url, "what?"))
        running.stop()
    assert ("hit" in said[1]) == same
    assert ("not signed with this gate's secret" in caplog.text) != same

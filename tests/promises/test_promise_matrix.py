"""Every dialect reaches every provider, streamed or not, and every action of a rule does there what it says, on the way
in and on the way back. No cell is left out; each is a line of `build/matrix.txt`."""

import itertools
import json
import re
import time
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tidegate.serve.config.gate_yaml import parse_config
from tidegate.serve.gate import Gate
from tidegate.tests import speaking

DIALECTS = {
    "chat": speaking.CHAT,
    "responses": speaking.RESPONSES,
    "messages": speaking.MESSAGES,
    "gemini": speaking.GEMINI,
}
PROVIDERS = {
    "openai": "{kind: openai, base_url: 'URL/v1', api_key: k}",
    "anthropic": "{kind: anthropic, base_url: 'URL/v1', api_key: k}",
    "gemini": "{kind: gemini, base_url: 'URL', api_key: k}",
    "responses only": "{kind: openai, base_url: 'URL/v1', api_key: k, speaks: [openai.responses]}",
    "chat only": "{kind: openai, base_url: 'URL/v1', api_key: k, speaks: [openai.chat]}",
}
SIDES, ACTIONS = ("asked", "answered"), ("block", "mask", "redact", "replace", "respond", "flag")
WITH = {"replace": ", with: another word", "respond": ", with: Ask at the desk."}


def secret(side: str, action: str) -> str:
    """What the rule of that side and action looks for."""
    return f"{side} {action} zero"


RULES = "version: 1\nrules:\n" + "".join(
    f"  - {{id: {side}.{action}, scope: {'input' if side == 'asked' else 'output'}, "
    f"detect: {{regex: '{secret(side, action)}'}}, action: {action}{WITH.get(action, '')}}}\n"
    for side, action in itertools.product(SIDES, ACTIONS)
)


@dataclass(frozen=True)
class Cell:
    """One way through the gate."""

    provider: str
    dialect: str
    streams: bool
    side: str
    action: str

    def __str__(self) -> str:
        way = "streamed" if self.streams else "whole"
        return f"{self.dialect} -> {self.provider}, {way}, {self.side}, {self.action}"


CELLS = [Cell(*each) for each in itertools.product(PROVIDERS, DIALECTS, (False, True), SIDES, ACTIONS)]


@dataclass
class Host:
    """Says again what it is asked to say, in the dialect that it is asked in."""

    raw: list[bytes] = field(default_factory=list[bytes])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        raw = b""
        while True:
            message = await receive()
            raw += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.raw.append(raw)
        body, path = json.loads(raw), scope["path"]
        dialect = speaking.dialect_of(path)
        streams = body.get("stream") is True or "streamGenerate" in path
        words = dialect.question(body).text.partition("say: ")[2]
        await speaking.reply(send, dialect, speaking.says(dialect, body, words), body, streams)


class Field:
    """A gate for each provider, all with every rule, in front of one host."""

    def __init__(self, running: Callable[..., Any], folder: Path) -> None:
        self._running, self._folder = running, folder
        self.host = Host()
        self._servers = [running(self.host, lifespan="off")]
        self._gates: dict[str, str] = {}
        self.lines: dict[Cell, str] = {}

    def gate(self, provider: str) -> str:
        if provider not in self._gates:
            (self._folder / "rules.yaml").write_text(RULES)
            section = PROVIDERS[provider].replace("URL", self._servers[0].url)
            text = f"version: 1\nproviders: {{it: {section}}}\nguardrails: {{files: [rules.yaml]}}\n"
            loaded = parse_config(text, file="gate.yaml", folder=self._folder)
            self._servers.append(self._running(Gate(loaded).app()))
            self._gates[provider] = self._servers[-1].url
        return self._gates[provider]

    def noted(self, cell: Cell) -> float:
        """How often the gate has noted a verdict of the cell's rule."""
        shown = httpx2.get(self.gate(cell.provider) + "/metrics").text
        name = re.escape(f"{cell.side}.{cell.action}")
        found = re.search(rf'tidegate_verdicts_total{{action="{cell.action}",rule="{name}"}} (.*)', shown)
        return float(found[1]) if found else 0.0

    def stop(self) -> None:
        for server in self._servers:
            server.stop()


@pytest.fixture(scope="module")
def ground(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    conftest: Any = next(p for p in request.config.pluginmanager.get_plugins() if hasattr(p, "Running"))
    assert isinstance(conftest, types.ModuleType)
    made = Field(conftest.Running, tmp_path_factory.mktemp("matrix"))
    yield made
    made.stop()
    report(made.lines, request.config.pluginmanager.getplugin("capturemanager"))


def report(lines: dict[Cell, str], capture: Any) -> None:
    """One line a cell in a file, one line a way in the output."""
    folder = Path(__file__).resolve().parents[2] / "build"
    folder.mkdir(exist_ok=True)
    (folder / "matrix.txt").write_text("".join(f"{cell}: {came}\n" for cell, came in lines.items()))
    with capture.global_and_fixture_disabled():
        print(f"\n{'':40} asked: {' '.join(ACTIONS)} | answered: the same")
        for (provider, dialect, streams), group in itertools.groupby(
            lines.items(), lambda item: (item[0].provider, item[0].dialect, item[0].streams)
        ):
            marks = ["ok" if came == "ok" else "NO" for _, came in group]
            print(f"{dialect:10} -> {provider:15} {'streamed' if streams else 'whole':8}  {' '.join(marks)}")
        print(f"{len(lines)} cells, {sum(came == 'ok' for came in lines.values())} as promised")


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_each_action_does_what_it_says_whoever_asks_and_whoever_answers(cell: Cell, ground: Field) -> None:
    ground.lines[cell] = "failed"
    dialect = DIALECTS[cell.dialect]
    value = secret(cell.side, cell.action)
    text = f"{value}, they said, and then they left."
    path, body = speaking.asks(dialect, f"say: {text}", cell.streams)
    before = ground.noted(cell)
    ground.host.raw.clear()
    reply = httpx2.post(ground.gate(cell.provider) + path, json=body, timeout=60)
    sent = b"".join(ground.host.raw).decode()
    check(cell, reply, text, value, sent, len(ground.host.raw))
    until = time.monotonic() + 10  # a stream is noted once its last byte has left
    while ground.noted(cell) == before and time.monotonic() < until:
        time.sleep(0.01)
    assert ground.noted(cell) > before
    ground.lines[cell] = "ok"


def check(cell: Cell, reply: httpx2.Response, text: str, value: str, sent: str, calls: int) -> None:
    dialect, asked = DIALECTS[cell.dialect], cell.side == "asked"
    if asked and cell.action == "block":
        assert (reply.status_code, calls) == (400, 0), reply.text
        assert "asked.block" in reply.text and value not in reply.text
        return
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"].startswith("text/event-stream" if cell.streams else "application/json")
    whole = speaking.heard(dialect, reply.content, cell.streams)
    words = speaking.words_of(dialect, whole)
    assert calls == (0 if asked and cell.action == "respond" else 1)
    match cell.action:
        case "block":
            assert speaking.is_withheld(dialect, whole) and not words
        case "mask" if asked:
            assert words == text
            assert value not in sent and "<ASKED_MASK_1>" in sent
        case "mask":
            assert words == text.replace(value, "<ANSWERED_MASK_1>")
        case "redact":
            assert words == text.replace(value, f"[{cell.side.upper()}_REDACT]")
        case "replace":
            assert words == text.replace(value, "another word")
        case "respond":
            assert words == "Ask at the desk."
        case _:
            assert words == text
    if cell.action in ("redact", "replace") and asked:
        assert value not in sent
    if cell.action != "flag" and not (asked and cell.action == "mask"):
        assert value not in reply.text
    if asked or not cell.streams:  # the head of a stream leaves before its words are known
        assert f"{cell.side}.{cell.action}" in reply.headers["x-tidegate-guard"]

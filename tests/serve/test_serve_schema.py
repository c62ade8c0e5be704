"""The JSON Schemas for editors take what the gate takes: every example of the docs, and what variables stand for."""

import re
from pathlib import Path
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator

from tidegate.engine.yamlfile import load_yaml
from tidegate.guardrails.rules.load import PACKS, load_text
from tidegate.guardrails.rules.schema import RuleFile, json_schema
from tidegate.serve.config.gate_yaml import Config, schema

ROOT = Path(__file__).parent.parent.parent
GATE, RULES = Draft202012Validator(schema()), Draft202012Validator(json_schema())
KEYS = {*Config.model_fields, *RuleFile.model_fields} - {"version"}
RULE = {"id": "a", "detect": {"keywords": ["x"]}, "action": "block", "when": {}}
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]
EXAMPLES = [
    pytest.param(text, id=f"{page.stem}-{number}")
    for page in PAGES
    for number, text in enumerate(re.findall(r"```yaml\n(.*?)```", page.read_text("utf-8"), re.DOTALL))
]
FILES = [*sorted((ROOT / "serve/example").rglob("*.yaml")), *sorted(PACKS.glob("*.yaml"))]


def refused(text: str) -> list[str]:
    """What the fitting schema says against a file, a part of one, a part of a rule, or providers."""
    data = {"version": 1} | cast("dict[str, Any]", load_yaml(text).data)
    if data.keys() & RULE.keys():
        data = {"version": 1, "rules": [RULE | {key: data[key] for key in data.keys() - {"version"}}]}
    elif not data.keys() & KEYS:
        data = {"version": 1, "providers": {key: data[key] for key in data.keys() - {"version"}}}
    which = RULES if data.keys() & RuleFile.model_fields.keys() - {"version"} else GATE
    return [f"{list(error.absolute_path)}: {error.message[:200]}" for error in which.iter_errors(data)]


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_of_the_docs_fits_its_schema(text: str) -> None:
    assert refused(text) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: cast("Path", file).stem)
def test_a_file_that_ships_fits_its_schema(file: Path) -> None:
    assert refused(file.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "listen: {port: '${PORT}'}",
        "cache: {mode: exact, ttl: 24h, max_bytes: 1.5 gib, max_entry: 2048}",
        "cache: {mode: exact, ttl: '${TTL}', share: '${SHARE}', fallbacks: '${KEEP}'}",
        "compat: litellm",
        "providers: {a: {kind: groq}, b: {kind: llama}, c: {kind: acme, settings: {x: 1}}}",
        "providers: {a: {kind: openai, timeouts: {total: 90s, connect: 1}}}",
        "routes: [{to: [a], deadline: 20s, retries: {wait: 500ms}}]",
        "log: {}",
    ],
)
def test_what_the_gate_takes_fits_its_schema(text: str) -> None:
    assert refused(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "listen: {port: '80'}",
        "cache: {ttl: soon}",
        "cache: {max_bytes: 5 apples}",
        "compat: lite",
        "providers: {a: {kind: groq, settings: {}}}",
        "log:",
    ],
)
def test_what_the_gate_refuses_does_not_fit(text: str) -> None:
    assert refused(text)


@pytest.mark.parametrize(
    "rule",
    [
        {"id": "a b"},
        {"id": ""},
        {"detect": {"length": -1}},
        {"detect": {"regex": ""}},
        {"when": {"time": {"hours": "9-17"}}},
    ],
)
def test_what_no_rule_may_say_does_not_fit(rule: dict[str, Any]) -> None:
    whole = {key: value for key, value in (RULE | rule).items() if value}
    assert [*RULES.iter_errors({"version": 1, "rules": [whole if "id" in whole else whole | {"id": ""}]})]
    assert not [*RULES.iter_errors({"version": 1, "rules": [RULE | {"when": {"time": {"hours": "22:00-06:00"}}}]})]


@pytest.mark.parametrize("detect", ["pii: EMAIL_ADDRESS", "pii: {types: EMAIL_ADDRESS}", "injection: "])
@pytest.mark.parametrize("when", ["model: gpt-*", "route: pub", "key: a, team: [b]", "tool: x", "metadata: {app: x}"])
def test_what_may_be_a_list_in_a_rule_may_be_one_text(detect: str, when: str) -> None:
    text = f"version: 1\nrules: [{{id: a, detect: {{{detect}}}, action: block, when: {{{when}}}}}]\n"
    load_text(text)
    assert refused(text) == []

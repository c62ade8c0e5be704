"""Rule files that would make a check take time without bound, or judge what they cannot judge."""

import json
import time
from datetime import date
from typing import Any

import pytest

from tidegate.engine.errors import ConfigError
from tidegate.engine.exchange import Scope
from tidegate.guardrails.rules.compile import compile_rules
from tidegate.guardrails.rules.load import load_text
from tidegate.guardrails.rules.review import remarks
from tidegate.guardrails.rules.ruleset import Ruleset
from tidegate.guardrails.scan import attempt, scan
from tidegate.tests.places import lines_only

HEAD = "version: 1\nrules:\n"


def rule(detect: dict[str, Any], more: str = "") -> str:
    return f"{HEAD}  - {{id: a, detect: {json.dumps(detect)}, action: block{more}}}\n"


def rules(text: str) -> Ruleset:
    return compile_rules(load_text(text))


def seconds(ruleset: Ruleset, text: str) -> float:
    begun = time.process_time()
    attempt(ruleset, text, Scope.TOOL_ARGS)
    return time.process_time() - begun


def tree(depth: int) -> dict[str, Any]:
    made: dict[str, Any] = {"op": "or", "items": []}
    for _ in range(depth):
        made = {"op": "or", "items": [made]}
    return made


def test_branches_of_a_schema_that_lead_to_one_another_end() -> None:
    kinds = [{"properties": {"items": {"items": {"$ref": "#/$defs/n"}}, "op": {"const": op}}} for op in ("and", "or")]
    form = {"json_schema": {"schema": {"$defs": {"n": {"oneOf": kinds}}, "$ref": "#/$defs/n"}, "invert": True}}
    ruleset = rules(rule(form))
    assert scan(ruleset, json.dumps(tree(4)), Scope.TOOL_ARGS).findings == []
    deep = json.dumps(tree(30))
    assert seconds(ruleset, deep) < 3
    assert attempt(ruleset, deep, Scope.TOOL_ARGS).failed == [("a", "ValueError")]


def test_items_that_must_differ_are_compared_in_linear_time() -> None:
    ruleset = rules(rule({"json_schema": {"schema": {"uniqueItems": True}, "invert": True}}))
    assert seconds(ruleset, json.dumps([{"a": each} for each in range(10_000)])) < 3
    for differ in ("[1, true]", '["a", ["a"]]', "[[1, 2], [2, 1]]", "[{}, []]", '[null, "", 0, false]'):
        assert scan(ruleset, differ, Scope.TOOL_ARGS).findings == []
    for same in ("[1, 1.0]", '[{"a": 1, "b": [2]}, {"b": [2.0], "a": 1}]', "[true, true]"):
        assert scan(ruleset, same, Scope.TOOL_ARGS).text is None


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"properties": {"a": {"$ref": "#/$defs/nope"}}},
        {"items": {"$ref": "#nope"}},
        {"$defs": {"a": {"allOf": [{"$ref": "#/$defs/b"}]}, "b": {"$ref": "#/$defs/a"}}},
    ],
)
def test_a_reference_that_leads_nowhere_or_in_a_circle_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="leads nowhere, in a circle"):
        rules(rule({"json_schema": {"schema": schema}}))


def test_a_path_of_many_depths_is_followed_in_linear_time() -> None:
    text = '{"a": ' * 60 + '"x"' + "}" * 60
    ruleset = rules(rule({"any": [{"regex": {"pattern": "x", "path": "$" + "..a" * 30}}]}))
    assert seconds(ruleset, text) < 3
    assert scan(ruleset, text, Scope.TOOL_ARGS).text is None
    form = {"json_schema": {"schema": {"const": "x"}, "path": "$" + "..a" * 60}}
    assert scan(rules(rule(form)), text, Scope.TOOL_ARGS).text is None
    assert scan(rules(rule({"regex": {"pattern": "x", "path": "$" + "..a" * 61}})), text).findings == []


def test_what_judges_a_whole_text_looks_at_views_only_where_it_says_so() -> None:
    head = "version: 1\ndefaults: {views: all}\nrules:\n"
    form = "detect: {json_schema: {schema: {type: object}, invert: true}}"
    ruleset = rules(
        f"{head}  - {{id: j, scope: tool_args, {form}, action: block}}\n"
        "  - {id: l, scope: output, detect: {any: [{length: {min: 20}}, {length: 90}]}, action: block}\n"
        "  - {id: w, scope: input, detect: {regex: falcon}, action: block}\n"
        f"  - {{id: s, scope: tool_result, {form}, views: normal, action: block}}\n"
    )
    assert {each.id: each.views for each in ruleset.rules} == {"j": "none", "l": "none", "w": "all", "s": "normal"}
    for text in ('{"q": "say \\"hi\\" to café"}', '{"html": "&quot;hello&quot;"}'):
        assert scan(ruleset, text, Scope.TOOL_ARGS).findings == []
    assert scan(ruleset, "SGVsbG8sIHdvcmxkIQ==x", Scope.OUTPUT).findings == []


@pytest.mark.parametrize(
    "second",
    [
        "detect: {regex: falcon}, action: mask, views: all",
        "detect: {regex: falcon}, action: route, to: x, scope: input",
        "detect: {regex: falcon}, action: mask, on_error: block",
        "detect: {regex: falcon}, action: score",
    ],
)
def test_a_rule_that_does_more_or_another_thing_is_not_called_needless(second: str) -> None:
    first = "{id: a, detect: {regex: falcon}, action: redact, on_error: pass}"
    book = load_text(f"{HEAD}  - {first}\n  - {{id: b, {second}}}\n")
    assert not any("never needed" in each.text for each in remarks(book, compile_rules(book), date(2026, 1, 1)))


def test_a_rule_with_exceptions_makes_no_other_needless() -> None:
    text = f"{HEAD}  - {{id: a, detect: {{regex: falcon}}, action: block}}\n"
    text += "  - {id: b, detect: {regex: falcon}, action: mask}\n"
    book = load_text(text)
    assert any("b is never needed" in each.text for each in remarks(book, compile_rules(book), date(2026, 1, 1)))
    book = load_text(f"{text}exceptions: [{{rules: [a], allow_text: [falcon]}}]\n")
    assert not any("never needed" in each.text for each in remarks(book, compile_rules(book), date(2026, 1, 1)))


def test_a_length_is_no_yes_or_no() -> None:
    with pytest.raises(ConfigError, match="expected a mapping"):
        rules(f"{HEAD}  - {{id: a, detect: {{length: true}}, action: block}}\n")


@pytest.mark.parametrize(
    ("detect", "words"),
    [
        ("url:\n        - a.example\n        - http://b.example", "rules.yaml:8: a host is written"),
        ("code:\n        languages:\n          - python\n          - pyton", 'rules.yaml:9: unknown language "pyton"'),
        ("secrets:\n        - github_long\n        - githb", 'rules.yaml:8: unknown format "githb"'),
        ("secrets:\n        without:\n          - githb", 'rules.yaml:8: unknown format "githb"'),
        ("regex:\n        pattern: x\n        path: query", "rules.yaml:8: a path begins with $"),
        ("json_schema:\n        schema: {}\n        path: query", "rules.yaml:8: a path begins with $"),
        ("json_schema:\n        schema:\n          $ref: '#/nope'", "rules.yaml:8: this reference leads nowhere"),
        (
            "json_schema:\n        schema:\n          properties:\n            default: {$ref: '#/nope'}",
            "rules.yaml:9: this reference leads nowhere",
        ),
        (
            "regex:\n        pattern: x\n        path: $.q\n        hold: 9",
            "rules.yaml:9: a stream waits for the whole",
        ),
    ],
)
def test_an_error_names_the_line_of_what_is_wrong(detect: str, words: str) -> None:
    text = f"{HEAD}  - id: a\n    action: block\n    detect:\n      {detect}\n"
    with pytest.raises(ConfigError) as caught:
        compile_rules(load_text(text, file="rules.yaml"))
    assert words in lines_only(caught.value)


_DRAFT = {"$schema": "https://json-schema.org/draft/2020-12/schema", "properties": {"name": {"pattern": "^(a+)+$"}}}


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (_DRAFT | {"items": {"$ref": "#"}}, [{"name": "a" * 30 + "!"}]),
        ({"properties": {"default": _DRAFT}}, {"default": {"name": "a" * 30 + "!"}}),
    ],
)
def test_the_name_of_a_draft_brings_no_patterns_without_bound(form: dict[str, Any], value: Any) -> None:
    ruleset = rules(rule({"json_schema": {"schema": form, "invert": True}}))
    text = json.dumps(value)
    assert seconds(ruleset, text) < 3
    assert scan(ruleset, text, Scope.TOOL_ARGS).text is None


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "examples": [{"$ref": "#/components/x"}]},
        {"$defs": {"a": {}}, "properties": {"$id": {"type": "string"}, "x": {"$ref": "#/$defs/a"}}},
        {
            "$defs": {"a": {"$id": "a.json", "$defs": {"b": {}}, "properties": {"x": {"$ref": "#/$defs/b"}}}},
            "$ref": "#/$defs/a",
        },
    ],
)
def test_a_reference_counts_where_it_stands(schema: dict[str, Any]) -> None:
    ruleset = rules(rule({"json_schema": {"schema": schema, "invert": True}}))
    assert scan(ruleset, '{"x": 1}', Scope.TOOL_ARGS).findings == []


def test_a_field_may_have_any_name_in_a_path() -> None:
    for name in ("*", ".."):
        ruleset = rules(rule({"regex": {"pattern": "x", "path": f"$['{name}']"}}))
        found = scan(ruleset, json.dumps({"b": "x", name: "x"}), Scope.TOOL_ARGS).findings
        assert len(found) == 1 and found[0].start > 8


@pytest.mark.parametrize(("more", "stopped"), [("", False), (", views: all", True)])
def test_beside_others_what_judges_a_whole_text_looks_at_no_views(more: str, stopped: bool) -> None:
    parts = [{"keywords": ["drop table"]}, {"json_schema": {"schema": {"type": "object"}, "invert": True}}]
    ruleset = rules(rule({"any": parts}, more))
    assert (scan(ruleset, '{"q": "say \\"hi\\" to café"}', Scope.TOOL_ARGS).text is None) is stopped
    assert scan(ruleset, '{"q": "ZHJvcCB0YWJsZSB1c2VycyBub3c="}', Scope.TOOL_ARGS).text is None

"""Values of a call's arguments: the name of a field says what stands in it, as it does in the arguments' source."""

import json
from typing import Any

import pytest

from tidegate.engine.dialects.text import arguments
from tidegate.engine.exchange import Scope
from tidegate.guardrails.examine import examine
from tidegate.tests.guardrails.guarded import rules

RULES = rules(
    "version: 1\nrules:\n"
    "  - {id: pii, scope: tool_args, detect: {pii: structured}, action: mask}\n"
    "  - {id: secrets, scope: tool_args, detect: {secrets: all}, action: redact}\n"
    "  - {id: begins, scope: tool_args, detect: {regex: '^(?:four|Tr0ub)'}, action: flag}\n"
)
GROUP = RULES.group(Scope.TOOL_ARGS)


def found(args: Any) -> list[tuple[str, str]]:
    """The rules that find something in a value, and what."""
    out: list[tuple[str, str]] = []
    for segment in arguments(args, (), "", ""):
        text = segment.reading(True)[0]
        out += [(hit.rule.id, text[hit.start : hit.end]) for hit in examine(GROUP, text).hits]
    return [each for each in out if each[0] != "begins"]


@pytest.mark.parametrize("value", ["123456789", 123456789, ["123456789"], {"ssn": [[123456789]]}])
def test_the_name_of_a_field_names_the_number_in_it(value: Any) -> None:
    assert found({"ssn": value}) == [("pii", "123456789")]
    assert found({"count": value}) == ([("pii", "123456789")] if isinstance(value, dict) else [])


@pytest.mark.parametrize("name", ["password", "db_password", "api_key", "client-secret"])
def test_the_name_of_a_field_names_the_secret_in_it(name: str) -> None:
    secret = "Tr0ub4dor&3xKq9vWm2LzPd7"
    assert found({"host": "db1", name: secret}) == [("secrets", secret)]
    source = json.dumps({"host": "db1", name: secret})
    assert [source[hit.start : hit.end] for hit in examine(GROUP, source).hits] == [secret]
    assert not found({"note": secret})


@pytest.mark.parametrize("value", ["db:5432:app:user:Secret123x", "AKIAIOSFODNN7RXTPLEQ", "ada@example.com"])
def test_what_needs_no_name_is_found_in_any_field(value: str) -> None:
    assert [text for _, text in found({"line": value})] == [value.rpartition(":")[2]]


def test_other_rules_see_the_value_alone() -> None:
    (name, value) = arguments({"password": "Tr0ub4dor&3x"}, (), "", "")
    hits = examine(GROUP, value.reading(True)[0]).hits
    assert {hit.rule.id: (hit.start, hit.end) for hit in hits} == {"secrets": (0, 12), "begins": (0, 5)}
    assert not examine(GROUP, name.reading(True)[0]).hits


def test_a_table_stays_as_it_is() -> None:
    table = "name      SSN        rev\nAda       123456789  C\n"
    assert found({"output": table}) == [("pii", "123456789")]
    assert not found({"ssn": "one of these:\n123456789 is the number of a part"})


def test_a_secret_in_a_stream_of_values_waits_until_it_is_whole() -> None:
    for end in range(1, 12):
        (_, value) = arguments({"password": "Tr0ub4dor&3x"[:end]}, (), "", "")
        assert examine(GROUP, value.reading(False)[0], done=False).safe == 0

"""Detectors behind which a model or another library stands: the real ones."""

import pytest

from tidegate.engine.errors import ConfigError
from tidegate.guardrails.detectors.names.detector import CHUNK, chunks
from tidegate.guardrails.detectors.pii.detector import Pii
from tidegate.guardrails.rules.compile import compile_rules
from tidegate.guardrails.rules.load import load_text


def test_names_and_places_are_found_beside_structured_values() -> None:
    ruleset = compile_rules(load_text("version: 1\nrules: [{id: a, detect: {pii: all}, action: mask}]"))
    assert ruleset.rules[0].detector.slow
    ruleset.start()
    assert ruleset.ready
    found = ruleset.rules[0].detector.find("Anna Schmidt lives in Paris.\nHer mail is anna@example.org.")
    assert [(f.label, f.start) for f in found] == [("PERSON", 0), ("LOCATION", 22), ("EMAIL_ADDRESS", 41)]


def test_a_stream_waits_for_the_end_of_a_sentence_before_names_are_final() -> None:
    pii = Pii(["PERSON"])
    assert pii.open_from("It rains. Anna Schm") == 10
    text = "It rains. Anna Schmidt came.\n"
    assert pii.find(text) == pii.find(text, 10)


def test_chunks_cover_the_text_and_are_bounded() -> None:
    text = "word " * 900 + "\n\nShort. And another!  " + "x" * 2_500
    pieces = chunks(text)
    assert "".join(text[a:b] for a, b in pieces) == text
    assert max(b - a for a, b in pieces) <= CHUNK
    assert chunks("") == []


def test_presidios_other_recognisers_run_behind_the_same_rule() -> None:
    pii = Pii(["UK_POSTCODE", "IN_VOTER"], min_score=0.4)
    assert not pii.ready
    pii.start()
    assert pii.ready
    assert [f.label for f in pii.find("my postcode is SW1A 1AA")] == ["UK_POSTCODE"]


def test_models_are_loaded_only_when_a_rule_asks() -> None:
    structured = Pii(["EMAIL_ADDRESS"])
    assert structured.ready
    assert not structured.slow


def test_a_type_that_nobody_knows_is_an_error() -> None:
    from tidegate.engine.yamlfile import Located
    from tidegate.guardrails.detectors.base import Context

    with pytest.raises(ConfigError, match="unknown type"):
        Pii.from_config({"types": ["NONSENSE"]}, Context(Located(None), ()))

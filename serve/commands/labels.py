"""Labels of pairs whose texts lie elsewhere: by digest, in samples, with the weights that they were drawn with."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, cast

from ...cache.measure import Labelled, Scored
from ...cache.rates import wilson
from ...engine.errors import ConfigError
from .jsonlines import numbered, value

T = TypeVar("T")
_HINT = '{"sha256": "...", "same": 1}, perhaps with "sample": {"name": weight}'


@dataclass(frozen=True, slots=True)
class Label:
    """One pair's label."""

    same: bool
    samples: Mapping[str, float]
    """The samples that it belongs to, and for how many pairs it stands there."""


def digest(a: str, b: str) -> str:
    """SHA-256, in hexadecimal, of both texts in UTF-8, the lesser one first, with a zero byte between them."""
    return hashlib.sha256("\0".join(sorted((a, b))).encode("utf-8", "surrogatepass")).hexdigest()


def read_labels(file: Path) -> dict[str, Label]:
    """Labels by digest. Raises ConfigError on a line that is none, and on a digest that stands there twice."""
    labels: dict[str, Label] = {}
    for number, line in numbered(file):
        try:
            row = cast("dict[str, Any]", value(line))
            key, same = row["sha256"], row["same"]
            samples = cast("dict[str, float]", row.get("sample", {"": 1.0}))
            weights = [float(weight) for weight in samples.values()]
            if not isinstance(key, str) or len(key) != 64 or same not in (0, 1) or not weights:
                raise ValueError
            if not all(0 < weight < math.inf for weight in weights):
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ConfigError("not a label", file=str(file), line=number, hint=_HINT) from None
        if key in labels:
            raise ConfigError("this pair has a label already", file=str(file), line=number)
        labels[key] = Label(bool(same), dict(zip(samples, weights, strict=True)))
    return labels


def labelled(pairs: Sequence[Labelled], labels: Mapping[str, Label]) -> list[tuple[Labelled, Label]]:
    """The pairs that have a label, with it in place of their own."""
    found = ((pair, labels.get(digest(pair.a, pair.b))) for pair in pairs)
    return [(replace(pair, same=label.same), label) for pair, label in found if label is not None]


def by_sample(rows: Sequence[T], labels: Sequence[Label]) -> dict[str, list[tuple[T, float]]]:
    """What belongs to each sample, in order of their names, with weights."""
    found: dict[str, list[tuple[T, float]]] = {}
    for one, label in zip(rows, labels, strict=True):
        for name, weight in label.samples.items():
            found.setdefault(name, []).append((one, weight))
    return dict(sorted(found.items()))


def weighed(rows: Sequence[tuple[Scored, float]], threshold: float) -> dict[str, Any]:
    """What passes, each pair counted as often as it stands for."""
    passed = [(one, weight) for one, weight in rows if one.probability >= threshold]
    return {
        "threshold": threshold,
        "hit": _share([(one.probability >= threshold, weight) for one, weight in rows if one.pair.same]),
        "traps": _share([(one.probability >= threshold, weight) for one, weight in rows if not one.pair.same]),
        "precision": _share([(one.pair.same, weight) for one, weight in passed]),
    }


def _share(rows: Sequence[tuple[bool, float]]) -> dict[str, Any]:
    """A share of weights. Its 95 % interval is Wilson's with Kish's effective count of rows, (sum w)²/sum w²."""
    of, count = sum(weight for _, weight in rows), sum(weight for yes, weight in rows if yes)
    rows_worth = of * of / sum(weight * weight for _, weight in rows) if rows else 0.0
    low, high = wilson(count / of * rows_worth if of else 0.0, rows_worth)
    return {"share": count / of if of else None, "low": low, "high": high, "count": round(count, 1), "of": round(of, 1)}

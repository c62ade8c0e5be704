"""The injection detector's files: the weights of n-grams as whole numbers, and the card with thresholds and digest."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from tidegate.guardrails.detectors.injection import Weights, read
from tidegate.guardrails.detectors.ngrams import CHAR_BITS

from .fit import Linear

META, ARRAYS = "injection.json", "injection.npz"


def export(folder: Path, line: Linear, meta: dict[str, Any]) -> None:
    """Write injection.npz and injection.json, which names its digest."""
    folder.mkdir(parents=True, exist_ok=True)
    unit = float(np.abs(line.weights).max()) / 32_000
    whole = np.rint(line.weights / unit).astype(np.int16)
    file = folder / ARRAYS
    np.savez_compressed(file, chars=whole[: 1 << CHAR_BITS], words=whole[1 << CHAR_BITS :])
    write(folder, meta | {"sha256": hashlib.sha256(file.read_bytes()).hexdigest(), "unit": unit, "bias": line.bias})


def write(folder: Path, meta: dict[str, Any]) -> None:
    (folder / META).write_text(json.dumps(meta, indent=1) + "\n", "utf-8")


def begun(folder: Path) -> tuple[dict[str, Any], Weights, Linear]:
    """What `export` wrote, to go on from: the card, the weights as the detector reads them, and as they were fitted."""
    raw = (folder / META).read_bytes()
    meta: dict[str, Any] = json.loads(raw)
    known = read(raw, (folder / ARRAYS).read_bytes())
    whole = np.concatenate([known.ngrams.chars, known.ngrams.words])
    return meta, known, Linear(whole * np.float32(meta["unit"]), meta["bias"])

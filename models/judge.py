"""Whether one answer serves two prompts: a small cross-encoder that reads both at once.

The folder `weights/verifier` holds an ONNX graph (8-bit), the tokenizer, and `verifier.json`: calibration, thresholds
with the counts behind them, what it was trained on, and the sha256 of the other files. `training/verifier.py` makes it.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnxruntime
from tokenizers import Encoding, Tokenizer

from ..engine.errors import ConfigError

FOLDER = Path(__file__).with_name("weights") / "verifier"
MAX_TOKENS = 320
"""Of both prompts and the three marks between them."""
CONTEXT = 24
"""Tokens of a shared beginning or ending that stay when the rest of it is left out."""
BATCH = 16
NEVER = 2.0
"""A threshold that no probability reaches."""
CLS, SEP, UNK = 101, 102, 100
SPARE = range(104, 999)
"""Rows of the vocabulary that BERT left unused: what its word list lacks is read by the character, each at its row."""
HINT = "write the folder anew with `python -m training.verifier`, or install the package again"


@dataclass(frozen=True, slots=True)
class Row:
    """A pair as the network reads it."""

    ids: list[int]
    types: list[int]


def tokens(tokenizer: Tokenizer, text: str) -> list[int]:
    """The text's tokens, without marks. Unknown words become one hashed token a character."""
    encoding: Encoding = tokenizer.encode(text, add_special_tokens=False)
    if UNK not in encoding.ids:
        return encoding.ids
    out: list[int] = []
    for token, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
        if token != UNK:
            out.append(token)
            continue
        out += [SPARE[(ord(char) * 2654435761 >> 7) % len(SPARE)] for char in text[start:end]]
    return out


def join(a: list[int], b: list[int], limit: int = MAX_TOKENS) -> Row | None:
    """[CLS] a [SEP] b [SEP], or None when it is too long.

    What both begin or end with is shortened alike, so nothing that tells them apart is ever left out.
    """
    room = limit - 3
    if len(a) + len(b) > room:
        a, b = _shorten(a, b, room)
    if len(a) + len(b) > room:
        return None
    return Row([CLS, *a, SEP, *b, SEP], [0] * (len(a) + 2) + [1] * (len(b) + 1))


def _shorten(a: list[int], b: list[int], room: int) -> tuple[list[int], list[int]]:
    """Leave out the same tokens on both sides: the inside of a shared beginning, then of a shared ending."""
    for step in (1, -1):
        a, b = a[::step], b[::step]
        shared = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
        drop = min(max(0, shared - 2 * CONTEXT), max(0, (len(a) + len(b) - room + 1) // 2))
        if drop:
            a, b = a[:CONTEXT] + a[CONTEXT + drop :], b[:CONTEXT] + b[CONTEXT + drop :]
        a, b = a[::step], b[::step]
    return a, b


class Judge:
    """The network, its calibration and its thresholds. Thread-safe; one thread a call.

    Raises ConfigError when a file is missing, damaged, or made for another version.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        card = _card(folder)
        self.id = str(card["id"])
        self.slope, self.offset, self.weight = (float(card["calibration"][n]) for n in ("slope", "offset", "cosine"))
        self.limit = int(card["max_tokens"])
        self.table = sorted((float(row["max_wrong_hits"]), float(row["probability"])) for row in card["thresholds"])
        self.tokenizer = Tokenizer.from_str(_checked(folder, card, "tokenizer.json").decode())
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        options = cast(Any, onnxruntime).SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        graph = _checked(folder, card, "model.onnx")
        try:
            self.session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise ConfigError(
                f"onnxruntime cannot load it: {type(error).__name__}", file="model.onnx", hint=HINT
            ) from None

    def scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """The network's raw score of each pair, whichever prompt comes first; -inf when it is too long to read."""
        rows: list[tuple[int, Row]] = []
        for at, pair in enumerate(pairs):
            # One order for both, so that the answer does not depend on who was stored first.
            a, b = sorted(pair)
            row = join(tokens(self.tokenizer, a), tokens(self.tokenizer, b), self.limit)
            if row:
                rows.append((at, row))
        out = [-math.inf] * len(pairs)
        rows.sort(key=lambda item: len(item[1].ids))
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            for (at, _), score in zip(part, self._run([row for _, row in part]), strict=True):
                out[at] = score
        return out

    def probability(self, pairs: Sequence[tuple[str, str]], cosines: Sequence[float]) -> list[float]:
        """For each pair, with the cosine of its sentence vectors, the calibrated probability that one answer serves
        both; 0.0 when it is too long to read."""
        return self.calibrated(self.scores(pairs), cosines)

    def calibrated(self, scores: Sequence[float], cosines: Sequence[float]) -> list[float]:
        """Raw scores as probabilities. The network knows what tells like texts apart, the sentence vectors how near
        two texts are at all: their sum knows more than either."""
        return [
            _sigmoid(self.slope * (bounded(score) + self.weight * cosine) + self.offset) if score > -math.inf else 0.0
            for score, cosine in zip(scores, cosines, strict=True)
        ]

    def threshold(self, max_wrong_hits: float) -> float:
        """The probability from which on to accept; between two rows of the table the stricter counts.

        At 0.01 it is where at most 4 % of hand-written traps passed, of a hand that the network had not seen;
        `verifier.json` has each row's counts. Ordinary traffic holds far fewer traps than those pairs.
        """
        held = [probability for share, probability in self.table if share <= max_wrong_hits + 1e-12]
        return min(held, default=NEVER)

    def _run(self, rows: Sequence[Row]) -> list[float]:
        width = max(len(row.ids) for row in rows)
        ids, types, mask = (np.zeros((len(rows), width), np.int64) for _ in range(3))
        for at, row in enumerate(rows):
            ids[at, : len(row.ids)] = row.ids
            types[at, : len(row.types)] = row.types
            mask[at, : len(row.ids)] = 1
        feed = {"input_ids": ids, "token_type_ids": types, "attention_mask": mask}
        scores = cast("np.ndarray[Any, np.dtype[np.float32]]", self.session.run(["score"], feed)[0])
        return [float(score) for score in scores]


def _card(folder: Path) -> dict[str, Any]:
    path = folder / "verifier.json"
    try:
        card = cast("dict[str, Any]", json.loads(path.read_text("utf-8")))
        if card["format"] != 2:
            raise ConfigError(f"format {card['format']} is not known here", file=path.name, hint=HINT)
        for name in ("id", "calibration", "thresholds", "max_tokens", "files"):
            card[name]
    except OSError:
        raise ConfigError("the verifier's folder lacks this file", file=path.name, hint=HINT) from None
    except (ValueError, KeyError, TypeError):
        raise ConfigError("this file is damaged", file=path.name, hint=HINT) from None
    return card


def _checked(folder: Path, card: dict[str, Any], name: str) -> bytes:
    try:
        data = (folder / name).read_bytes()
    except OSError:
        raise ConfigError("the verifier's folder lacks this file", file=name, hint=HINT) from None
    if hashlib.sha256(data).hexdigest() != card["files"].get(name):
        raise ConfigError("this file is damaged: its sha256 is not the one in verifier.json", file=name, hint=HINT)
    return data


def bounded(score: float) -> float:
    """A raw score, held to where it says something."""
    return max(-8.0, min(8.0, score))


def _sigmoid(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, value))))

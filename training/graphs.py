"""The two graphs of a network in 8 bits, as `models/ladder.py` runs them."""

import hashlib
import logging
import warnings
from pathlib import Path

import torch
from torch import nn

from tidegate.models.ladder import GRAPHS, Row
from tidegate.models.words import Words

from .trunk import padded

ROWS = [Row([0, 100, 2, 101, 102, 2], [0, 0, 0, 1, 1, 1]), Row([0, 100, 2, 101, 2], [0, 0, 0, 1, 1])]


def write(lower: nn.Module, upper: nn.Module, words: Words, out: Path) -> dict[str, str]:
    """Write both graphs; returns the sha256 of each. `lower` gives (score, states), `upper` the score."""
    feed = padded(words, [row.ids for row in ROWS], [row.types for row in ROWS])
    lower.eval()
    upper.eval()
    with torch.no_grad():
        states = lower(**feed)[1]
    _export(lower, feed, ["score", "states"], out / GRAPHS[0])
    _export(upper, {"states": states, "types": feed["types"], "mask": feed["mask"]}, ["score"], out / GRAPHS[1])
    return {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in GRAPHS}


def _export(network: nn.Module, feed: dict[str, torch.Tensor], outputs: list[str], path: Path) -> None:
    """The graph in fp32, opset 17, any number of rows of any length; then its matrices in 8 bits, a scale a column."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    whole = path.with_suffix(".fp32.onnx")
    axes = {name: {0: "rows", 1: "tokens"} for name in (*feed, "states")} | {"score": {0: "rows"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, tuple(feed.values()), str(whole), dynamo=False, opset_version=17,
            input_names=list(feed), output_names=outputs,
            dynamic_axes={name: axes[name] for name in (*feed, *outputs)},
        )  # fmt: skip
    logging.disable(logging.WARNING)
    quantize_dynamic(str(whole), str(path), weight_type=QuantType.QInt8, per_channel=True)
    logging.disable(logging.NOTSET)
    whole.unlink()

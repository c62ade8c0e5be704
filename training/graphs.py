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

ROW = Row([0, 100, 2, 101, 102, 2], [0, 0, 0, 1, 1, 1])


def write(lower: nn.Module, upper: nn.Module, words: Words, out: Path, *, paired: bool) -> dict[str, str]:
    """Write both graphs, which read one row each; returns the sha256 of each. `lower` gives (score, states) for vectors
    and types, `upper` the score for states, and for types where rows are pairs."""
    given = padded(words, [ROW.ids], [ROW.types])
    feed = {name: given[name] for name in ("vectors", "types")}
    lower.eval()
    upper.eval()
    with torch.no_grad():
        states = lower(**feed)[1]
    _export(lower, feed, ["score", "states"], out / GRAPHS[0])
    _export(upper, {"states": states} | ({"types": feed["types"]} if paired else {}), ["score"], out / GRAPHS[1])
    return {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in GRAPHS}


def _export(network: nn.Module, feed: dict[str, torch.Tensor], outputs: list[str], path: Path) -> None:
    """The graph in fp32, opset 17, a row of any length; then its matrices in 8 bits, a scale a column."""
    from onnx import TensorProto
    from onnxruntime.quantization import QuantType, quantize_dynamic

    whole = path.with_suffix(".fp32.onnx")
    long = ("vectors", "types", "states")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, tuple(feed.values()), str(whole), dynamo=False, opset_version=17,
            input_names=list(feed), output_names=outputs,
            dynamic_axes={name: {1: "tokens"} for name in (*feed, *outputs) if name in long},
        )  # fmt: skip
    logging.disable(logging.WARNING)
    quantize_dynamic(
        str(whole), str(path), weight_type=QuantType.QInt8, per_channel=True,
        extra_options={"DefaultTensorType": TensorProto.FLOAT},
    )  # fmt: skip
    logging.disable(logging.NOTSET)
    whole.unlink()

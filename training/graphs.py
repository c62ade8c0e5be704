"""Networks as ONNX graphs in 8 bits, as `models/graph.py` runs them."""

import hashlib
import logging
import warnings
from pathlib import Path

import torch
from torch import nn

from tidegate.models.graph import Row
from tidegate.models.words import Words

ROW = Row([0, 100, 2, 101, 102, 2], [0, 0, 0, 1, 1, 1])


def feed(words: Words) -> dict[str, torch.Tensor]:
    """A short row to trace networks with."""
    return {name: torch.from_numpy(value) for name, value in ROW.feed(words).items()}


def write(network: nn.Module, given: dict[str, torch.Tensor], outputs: list[str], path: Path) -> str:
    """Write a graph that takes `given`, a row of any length; returns its sha256."""
    network.eval()
    _export(network, given, outputs, path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _export(network: nn.Module, given: dict[str, torch.Tensor], outputs: list[str], path: Path) -> None:
    """The graph in fp32, opset 17, a row of any length; then its matrices in 8 bits, a scale a column."""
    from onnx import TensorProto
    from onnxruntime.quantization import QuantType, quantize_dynamic

    whole = path.with_suffix(".fp32.onnx")
    long = ("vectors", "types", "states")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, tuple(given.values()), str(whole), dynamo=False, opset_version=17,
            input_names=list(given), output_names=outputs,
            dynamic_axes={name: {1: "tokens"} for name in (*given, *outputs) if name in long},
        )  # fmt: skip
    logging.disable(logging.WARNING)
    quantize_dynamic(
        str(whole), str(path), weight_type=QuantType.QInt8, per_channel=True,
        extra_options={"DefaultTensorType": TensorProto.FLOAT},
    )  # fmt: skip
    logging.disable(logging.NOTSET)
    whole.unlink()

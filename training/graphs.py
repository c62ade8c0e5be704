"""Networks as ONNX graphs in 8 bits, as `models/graph.py` runs them."""

import hashlib
import logging
import re
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
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


def shipped(paths: Iterable[Path]) -> dict[str, torch.Tensor]:
    """The weights of a network's graphs as `write` left them, by their names in the network: training can go on from
    them. What only training needs, such as a head for kinds, is not in them."""
    import onnx
    from onnx.numpy_helper import to_array

    out: dict[str, torch.Tensor] = {}
    for path in paths:
        graph = onnx.load(str(path)).graph
        held = {each.name: torch.from_numpy(to_array(each).copy()).float() for each in graph.initializer}
        for name in [name for name in held if name.endswith("_quantized")]:
            stem = name.removesuffix("_quantized")
            held[stem] = (held.pop(name) - held.pop(f"{stem}_zero_point")) * held.pop(f"{stem}_scale")
        for node in graph.node:
            if node.op_type == "MatMulInteger" and (found := re.match(r"/(layer\.\d+/\w+)/", node.name)):
                stem = node.input[1].removesuffix("_quantized")
                held[f"network.trunk.{found[1].replace('/', '.')}.weight_Transposed"] = held.pop(stem)
        for name, weight in held.items():
            if name.startswith("network."):
                short = name.removeprefix("network.")
                turned = short.endswith("_Transposed")
                out[short.removesuffix("_Transposed")] = weight.T.contiguous() if turned else weight
    return out


def rewritten(path: Path, weights: Mapping[str, torch.Tensor]) -> bytes:
    """A graph with other weights, by the names that `shipped` gives them; all else as it was. Matrices are in 8 bits, a
    scale a column. Raises ValueError when it has no such weights."""
    import onnx
    from onnx.numpy_helper import from_array, to_array

    made: dict[str, NDArray[Any]] = {}
    for name, weight in weights.items():
        given = weight.numpy()
        if given.ndim == 1:
            made[f"network.{name}"] = given
            continue
        stem, matrix = f"network.{name}_Transposed", given.T
        scale = (np.abs(matrix).max(0) / 127).astype(np.float32)
        made |= {f"{stem}_scale": scale, f"{stem}_quantized": np.rint(matrix / scale).astype(np.int8)}
        made[f"{stem}_zero_point"] = np.zeros(len(scale), np.int8)
    whole = onnx.load(str(path))
    for each in whole.graph.initializer:
        if each.name in made:
            each.CopyFrom(from_array(made.pop(each.name).reshape(to_array(each).shape), each.name))
    if made:
        raise ValueError(f"the graph has no {', '.join(made)}")
    return whole.SerializeToString()


def widened(path: Path, layers: Mapping[str, tuple[torch.Tensor, torch.Tensor]]) -> bytes:
    """A graph whose linear layers of these names have other weights and biases, in fp32; all else as it was. For small
    layers at the end, whose input has some numbers far larger than others. Raises ValueError when it has no such
    layers."""
    import onnx
    from onnx.numpy_helper import from_array

    whole = onnx.load(str(path))
    graph = whole.graph
    made = {f"network.{name}.bias": bias.numpy() for name, (_, bias) in layers.items()}
    for name, (weight, _) in layers.items():
        stem = f"network.{name}.weight_Transposed"
        made[stem] = weight.T.contiguous().numpy()
        _float(graph, stem)
    missing = set(made)
    for each in graph.initializer:
        if each.name in made:
            each.CopyFrom(from_array(made[each.name], each.name))
            missing.discard(each.name)
    if missing:
        raise ValueError(f"the graph has no {', '.join(sorted(missing))}")
    return whole.SerializeToString()


def _float(graph: Any, stem: str) -> None:
    """Make the product in 8 bits with the matrix `stem` one in fp32, with an empty matrix; nothing where it is one."""
    import onnx

    nodes = list(graph.node)
    by, of = {out: node for node in nodes for out in node.output}, {one: node for node in nodes for one in node.input}
    whole = next((node for node in nodes if f"{stem}_quantized" in node.input), None)
    if whole is None:
        return
    rounded, cast = by[whole.input[0]], of[whole.output[0]]
    scaled = of[cast.output[0]]
    scale = next(by[each] for each in scaled.input if each != cast.output[0])
    product = onnx.helper.make_node("MatMul", [rounded.input[0], stem], list(scaled.output), f"{whole.name}_float")
    gone = [id(node) for node in (rounded, scale, whole, cast)]
    kept = [product if node is scaled else node for node in nodes if id(node) not in gone]
    held = [each for each in graph.initializer if not each.name.startswith(f"{stem}_")]
    held.append(onnx.helper.make_tensor(stem, onnx.TensorProto.FLOAT, [0], []))
    for field, values in ((graph.node, kept), (graph.initializer, held)):
        del field[:]
        field.extend(values)


def begun(path: Path) -> dict[str, torch.Tensor]:
    """Weights to go on from: of a file that training kept, of a graph that ships, or of a folder with all of one."""
    if path.is_dir():
        return shipped(sorted(path.glob("*.onnx")))
    return shipped([path]) if path.suffix == ".onnx" else torch.load(path, weights_only=True)


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

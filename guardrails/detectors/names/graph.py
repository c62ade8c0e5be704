"""The dense layers of a spaCy entity recogniser as an ONNX graph: one thread, and one call for a text.

Only the file that ships and tests need this (and the package onnx); network.py runs the graph.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .network import EPSILON, Floats, outside


class _Graph:
    """Nodes and weights, named in order."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def const(self, array: Any) -> str:
        from onnx import numpy_helper

        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, op: str, *inputs: str, outputs: Sequence[str] = (), **attributes: Any) -> str:
        from onnx import helper

        names = list(outputs) or [f"n{len(self.nodes)}"]
        self.nodes.append(helper.make_node(op, list(inputs), names, **attributes))
        return names[0]

    def dense(self, at: str, weight: Any, bias: Any, output: str = "") -> str:
        return self.add(
            "Gemm", at, self.const(rounded(weight)), self.const(rounded(bias)), outputs=[output] * bool(output)
        )

    def largest(self, at: str, pieces: int) -> str:
        """The largest of so many pieces side by side."""
        names = [f"{at}.{piece}" for piece in range(pieces)]
        self.add("Split", at, outputs=names, axis=1, num_outputs=pieces)
        return self.add("Max", *names)

    def layer(self, at: str, dense: Any, norm: Any) -> str:
        """A dense layer whose outputs are the largest of its pieces, and layer normalisation."""
        weight, bias = dense.get_param("W"), dense.get_param("b")
        made = self.dense(at, weight.transpose(2, 1, 0).reshape(weight.shape[2], -1), bias.T.reshape(-1))
        scale, shift = (self.const(rounded(norm.get_param(name))) for name in ("G", "b"))
        best = self.largest(made, weight.shape[1])
        return self.add("LayerNormalization", best, scale, shift, epsilon=EPSILON, axis=1)


def rounded(array: Any) -> Floats:
    """In half precision, which half the file is enough for."""
    return np.asarray(array, np.float16).astype(np.float32)


def graph(encoder: Any, lower: Any, upper: tuple[Floats, Floats]) -> bytes:
    """The graph from the embedded words (`columns`) to what names_network.Network reads of them.

    `order` is the row of `columns` for each row of the padded texts, their number for a row of padding; `inside` is
    where each word stands among the padded rows.
    """
    from onnx import TensorProto, helper

    of: dict[str, list[Any]] = {}
    for node in encoder.walk():
        of.setdefault(node.name, []).append(node)
    layers = list(zip(of["maxout"], of["layernorm"], strict=True))
    # The one that mixes the embeddings is the widest.
    mix = max(layers, key=lambda layer: layer[0].get_param("W").shape[2])
    width = mix[0].get_param("W").shape[0]
    made = _Graph()
    edge = made.const(np.zeros((1, width), np.float32))
    starts = [made.const(np.array([value], np.int64)) for value in (0, 1, -1, 2**31)]
    states = made.add("Gather", made.add("Concat", made.layer("columns", *mix), edge, axis=0), "order", axis=0)
    for dense, norm in layers:
        if dense is not mix[0]:
            left = made.add("Concat", edge, made.add("Slice", states, starts[0], starts[2], starts[0]), axis=0)
            right = made.add("Concat", made.add("Slice", states, starts[1], starts[3], starts[0]), edge, axis=0)
            seen = made.add("Concat", left, states, right, axis=1)
            states = made.add("Add", states, made.layer(seen, dense, norm))
    places, hidden, pieces, inputs = lower.get_param("W").shape
    reduced = made.dense(made.add("Gather", states, "inside", axis=0), *_dense(of["linear"][0]))
    weight = rounded(lower.get_param("W")).transpose(3, 0, 2, 1).reshape(inputs, -1)
    parts = made.add("MatMul", reduced, made.const(weight), outputs=["parts"])
    bias, absent = rounded(lower.get_param("b").T.reshape(-1)), padding(lower)
    stops = [made.const(np.array([value], np.int64)) for value in (0, hidden * pieces, 1)]
    now = made.add("Slice", parts, stops[0], stops[1], stops[2])
    alone = made.largest(made.add("Add", now, made.const(bias + absent[1] + absent[2])), pieces)
    count = (upper[0].shape[1] - 1) // 4
    moves = outside(count)
    made.dense(alone, upper[0][:, moves], upper[1][moves], "scores")
    floats, whole = TensorProto.FLOAT, TensorProto.INT64
    model = helper.make_model(
        helper.make_graph(
            made.nodes,
            "names",
            [
                helper.make_tensor_value_info("columns", floats, ["words", mix[0].get_param("W").shape[2]]),
                helper.make_tensor_value_info("order", whole, ["rows"]),
                helper.make_tensor_value_info("inside", whole, ["words"]),
            ],
            [
                helper.make_tensor_value_info("parts", floats, ["words", places * pieces * hidden]),
                helper.make_tensor_value_info("scores", floats, ["words", 2 * count + 1]),
            ],
            made.weights,
        ),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=9,
    )
    return model.SerializeToString()


def padding(lower: Any) -> Floats:
    """What stands for each of the three words that a state reads where there is none: (3, pieces x hidden)."""
    pad = rounded(lower.get_param("pad"))[0]
    return np.ascontiguousarray(pad.transpose(0, 2, 1).reshape(len(pad), -1))


def _dense(node: Any) -> tuple[Any, Any]:
    return node.get_param("W").T, node.get_param("b")

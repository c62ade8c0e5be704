"""Write the verifier's folder: the graph in 8 bits, the tokenizer, and the card with calibration and thresholds."""

import hashlib
import json
import logging
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from tidegate.models.judge import CLS, MAX_TOKENS, SEP, Row, bounded

from .figures import UNREAD, auc, fit_sigmoid, passed, threshold_at, wilson
from .measure_verifier import cosines
from .network import Network, Scorer, base_folder, batch
from .pairs import Pair

BOUNDS = {0.001: 0.005, 0.002: 0.01, 0.005: 0.02, 0.01: 0.04, 0.02: 0.06, 0.03: 0.08, 0.05: 0.12, 0.1: 0.2, 0.2: 0.35}
"""For each bound on wrong hits the share of held-back hand-written traps that may pass."""


COSINE = 4.0
"""The weight of the sentence vectors' cosine beside the network's score. Chosen on questions of a forum, where other
questions use other words; on our hands it changes little."""


def to_onnx(network: Network, path: Path) -> None:
    """The score's graph in fp32, opset 17, any number of pairs of any length."""
    rows = [
        Row([CLS, 2054, SEP, 2129, 2003, SEP], [0, 0, 0, 1, 1, 1]),
        Row([CLS, 2054, SEP, 2129, SEP], [0, 0, 0, 1, 1]),
    ]
    network.eval()
    names = ["input_ids", "token_type_ids", "attention_mask"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Scorer(network), tuple(batch(rows)[name] for name in names), str(path), dynamo=False, opset_version=17,
            input_names=names, output_names=["score"],
            dynamic_axes={**{name: {0: "pairs", 1: "tokens"} for name in names}, "score": {0: "pairs"}},
        )  # fmt: skip


def shrink(path: Path, small: Path) -> None:
    """8-bit matrices in blocks of 64 (MatMulNBits) and the word table in 8 bits, a scale for each row."""
    from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, MatMulNBitsQuantizer

    config = DefaultWeightOnlyQuantConfig(block_size=64, is_symmetric=True, bits=8, accuracy_level=4)
    quantizer = MatMulNBitsQuantizer(_matmuls(onnx.load(str(path))), algo_config=config)
    logging.getLogger("onnxruntime.quantization.matmul_nbits_quantizer").setLevel(logging.WARNING)
    quantizer.process()
    model = cast(Any, quantizer.model).model
    _small_table(model)
    onnx.save(model, str(small))


def _matmuls(model: onnx.ModelProto) -> onnx.ModelProto:
    """Gemm with a transposed weight becomes MatMul and Add, which the quantizer knows."""
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    nodes: list[onnx.NodeProto] = []
    for node in model.graph.node:
        if node.op_type != "Gemm" or node.input[1] not in weights:
            nodes.append(node)
            continue
        flipped = {a.name: a.i for a in node.attribute}.get("transB", 0)
        value = numpy_helper.to_array(weights[node.input[1]])
        name = f"{node.input[1]}.matmul"
        model.graph.initializer.append(
            numpy_helper.from_array(np.ascontiguousarray(value.T if flipped else value), name)
        )
        nodes.append(
            helper.make_node("MatMul", [node.input[0], name], [f"{node.output[0]}.product"], name=f"{node.name}.matmul")
        )
        nodes.append(
            helper.make_node(
                "Add", [f"{node.output[0]}.product", node.input[2]], [node.output[0]], name=f"{node.name}.add"
            )
        )
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in model.graph.initializer if tensor.name in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    return model


def _small_table(model: onnx.ModelProto) -> None:
    table = max(
        (t for t in model.graph.initializer if t.data_type == TensorProto.FLOAT), key=lambda t: int(np.prod(t.dims))
    )
    gather = next(node for node in model.graph.node if node.op_type == "Gather" and node.input[0] == table.name)
    value = numpy_helper.to_array(table)
    scale = np.maximum(np.abs(value).max(1, keepdims=True) / 127, 1e-8).astype(np.float32)
    for suffix, part in (("int8", np.rint(value / scale).astype(np.int8)), ("scale", scale)):
        model.graph.initializer.append(numpy_helper.from_array(part, f"words.{suffix}"))
    ids, out = gather.input[1], gather.output[0]
    made = [
        helper.make_node("Gather", ["words.int8", ids], ["words.rows"]),
        helper.make_node("Cast", ["words.rows"], ["words.floats"], to=TensorProto.FLOAT),
        helper.make_node("Gather", ["words.scale", ids], ["words.scales"]),
        helper.make_node("Mul", ["words.floats", "words.scales"], [out]),
    ]
    at = list(model.graph.node).index(gather)
    nodes = list(model.graph.node)
    nodes[at : at + 1] = made
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.remove(table)


def thresholds(probabilities: Sequence[float], labels: Sequence[int]) -> list[dict[str, Any]]:
    """For each bound the probability, and what passed there."""
    rows: list[dict[str, Any]] = []
    for bound, traps in BOUNDS.items():
        probability = threshold_at(probabilities, labels, traps)
        hit, good, wrong, bad = passed(probabilities, labels, probability)
        rows.append({
            "max_wrong_hits": bound, "probability": round(probability, 6), "traps_passed": wrong, "traps": bad,
            "traps_interval": [round(x, 4) for x in wilson(wrong, bad)], "paraphrases_hit": hit, "paraphrases": good,
        })  # fmt: skip
    return rows


def export(network: Network, out: Path, scores: Sequence[float], held: Sequence[Pair], data: Sequence[Path]) -> None:
    """Write model.onnx, tokenizer.json and verifier.json. `scores` are those of `held`, which trained nothing."""
    big = out / "fp32.onnx"
    to_onnx(network, big)
    shrink(big, out / "model.onnx")
    big.unlink()
    shutil.copyfile(base_folder() / "tokenizer.json", out / "tokenizer.json")
    write_card(out, scores, held, data)
    sizes = {path.name: path.stat().st_size for path in sorted(out.iterdir())}
    print(f"wrote {out}: {sizes}")


def write_card(out: Path, scores: Sequence[float], held: Sequence[Pair], data: Sequence[Path]) -> None:
    """Write verifier.json for the graph and the tokenizer that lie in `out`."""
    labels = [pair.same for pair in held]
    sums = [bounded(s) + COSINE * c if s > UNREAD else UNREAD for s, c in zip(scores, cosines(held), strict=True)]
    seen = [(s, label) for s, label in zip(sums, labels, strict=True) if s > UNREAD]
    slope, offset = fit_sigmoid([s for s, _ in seen], [label for _, label in seen])
    chances = [float(1 / (1 + np.exp(-(slope * s + offset)))) if s > UNREAD else 0.0 for s in sums]
    files = {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in ("model.onnx", "tokenizer.json")}
    card = {
        "format": 2,
        "id": f"verifier-{files['model.onnx'][:12]}",
        "base": "all-MiniLM-L6-v2 (Apache-2.0)",
        "licence": "Apache-2.0",
        "max_tokens": MAX_TOKENS,
        "calibration": {"slope": slope, "offset": offset, "cosine": COSINE, "pairs": len(scores)},
        "promise": "On hand-written traps by a hand the network had not seen: of each row's traps this many passed. "
        "Ordinary traffic holds far fewer traps; the share of wrong hits depends on how many it holds.",
        "thresholds": thresholds(chances, labels),
        "figures": {
            "held_back_auc": round(auc(chances, labels), 4),
            "held_back_files": sorted({pair.file for pair in held}),
        },
        "data": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in data},
        "files": files,
    }
    (out / "verifier.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")

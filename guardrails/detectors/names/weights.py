"""Where the weights of network.py come from: a spaCy pipeline, or the file that was made of one and ships.

`python -m tidegate.guardrails.detectors.names.weights MODEL` makes the file anew from en_core_web_md (MIT; a folder
or a package that spaCy can load). Weights are in half precision, the word vectors multiplied by their layer.
"""

import sys
from pathlib import Path
from typing import IO, Any

import numpy as np

from .network import FEATURES, KEY_BITS, Floats, Hashed, Vectors, Weights

UNUSED = ["tok2vec", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer"]
"""The entity recogniser of spaCy's English models has a tok2vec of its own."""


def weights(pipeline: Any) -> Weights:
    """The entity recogniser of a spaCy pipeline (version 3, en_core_web_sm or _md). Needs the package onnx."""
    from .graph import graph, rounded

    recogniser = pipeline.get_pipe("ner")
    encoder, lower, upper = (recogniser.model.get_ref(name) for name in ("tok2vec", "lower", "upper"))
    named: dict[str, list[Any]] = {}
    for node in encoder.walk():
        named.setdefault(node.name, []).append(node)
    if tuple(named["extract_features"][0].attrs["columns"]) != FEATURES:
        raise ValueError("the pipeline reads other features of words than network.py does")
    static = named.get("static_vectors")
    labels, order = _moves(recogniser.moves)
    scores = rounded(upper.get_param("W").T[:, order]), rounded(upper.get_param("b")[order])
    return Weights(
        hashed=[Hashed(rounded(node.get_param("E")), node.attrs["seed"]) for node in named["hashembed"]],
        vectors=_vectors(pipeline.vocab.vectors, static[0].get_param("W")) if static else None,
        graph=graph(encoder, lower, scores),
        bias=rounded(lower.get_param("b").T.reshape(-1)),
        upper=scores,
        labels=labels,
    )


def _moves(moves: Any) -> tuple[list[str], list[int]]:
    """The labels, and which of the pipeline's moves are B-, I-, L- and U- with each of them in order, and O."""
    names = [moves.get_class_name(at) for at in range(moves.n_moves)]
    labels = [name[2:] for name in names if name.startswith("B-")]
    return labels, [names.index(name) for name in [f"{move}-{label}" for move in "BILU" for label in labels] + ["O"]]


def _vectors(vectors: Any, weight: Any) -> Vectors:
    keys = np.fromiter(vectors.key2row.keys(), np.uint64) >> np.uint64(64 - KEY_BITS)
    rows = np.fromiter(vectors.key2row.values(), np.uint16)
    order = np.argsort(keys)
    return Vectors(keys[order], rows[order], np.asarray(vectors.data @ weight.T, np.float32))


def save(made: Weights, norms: bytes, file: IO[bytes]) -> None:
    """Write the weights, and spaCy's table of normal forms, which is a feature of words."""
    halves = {f"hashed{at}": hashed.table for at, hashed in enumerate(made.hashed)}
    halves |= {"bias": made.bias, "upper0": made.upper[0], "upper1": made.upper[1]}
    arrays: dict[str, Any] = {
        "norms": np.frombuffer(norms, np.uint8),
        "graph": np.frombuffer(made.graph, np.uint8),
        "labels": np.array(made.labels),
        "seeds": np.array([hashed.seed for hashed in made.hashed]),
    }
    if made.vectors:
        halves["vectors"] = made.vectors.table
        # Differences are small, and compress.
        gaps = np.diff(made.vectors.keys, prepend=np.uint64(0))
        arrays |= {"keys": gaps.astype(np.uint32), "rows": made.vectors.rows}
    arrays |= {name: array.astype(np.float16) for name, array in halves.items()}
    np.savez_compressed(file, **arrays)


def load(file: IO[bytes]) -> tuple[Weights, bytes]:
    """The weights and the table of normal forms that `save` wrote. Raises KeyError, OSError, ValueError, BadZipFile."""
    with np.load(file, allow_pickle=False) as stored:
        data: dict[str, Any] = {name: stored[name] for name in stored.files}

    def get(name: str) -> Floats:
        return data[name].astype(np.float32)

    keys = np.cumsum(data["keys"].astype(np.uint64)) if "keys" in data else None
    return Weights(
        hashed=[Hashed(get(f"hashed{at}"), int(seed)) for at, seed in enumerate(data["seeds"].tolist())],
        vectors=None if keys is None else Vectors(keys, data["rows"], get("vectors")),
        graph=data["graph"].tobytes(),
        bias=get("bias"),
        upper=(get("upper0"), get("upper1")),
        labels=data["labels"].tolist(),
    ), data["norms"].tobytes()


def main() -> None:
    """Make the file that ships."""
    import spacy

    pipeline: Any = spacy.load(sys.argv[1], exclude=UNUSED)
    file = Path(__file__).parents[2] / "weights" / "names.npz"
    with file.open("wb") as out:
        save(weights(pipeline), pipeline.vocab.lookups.to_bytes(), out)
    sys.stdout.write(f"{file}: {file.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()

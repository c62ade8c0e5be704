"""Teach the reader's second opinion more texts by its last two layers alone, over states that stay as they are.

    python -m training.head --near training/data/injection/own_al_near.jsonl --data training/data/injection/*.jsonl
        training/data/semcache/contrast_[a-g].jsonl build/ordinary.jsonl FILE... --out build/reader

Minutes on one processor. Of pieces drawn from --data as the reader learned from them, the new layers must say what the
old ones did; of --near, which are no part of those, they learn the labels. What is written is the folder of a reader
that differs from the old one in these layers only. Its thresholds must be found anew (`training.thresholds`).
"""

import argparse
import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from tidegate.models.graph import Row, session
from tidegate.models.reader import FOLDER, LOWER, UPPER
from tidegate.models.words import Words, words

from .graphs import begun, rewritten
from .pieces import Sample, Source, load, pieces, row
from .reader import follow
from .windows import Text, bags, read, repository

STATES = "/late/Concat_output_0"
"""What the last layers are given, as the graph names it."""
LAYERS = {"0": "late.mix.1", "2": "late.attack"}
"""Their names in the network, by those in a head of their own."""
PARTS = ("weight", "bias")
DRAWN, DRAW = 21_000, 1
"""How many old pieces are drawn, and the seed of that."""
STEPS, RATE, OLD, NEAR = 2000, 8e-4, 256, 96
"""The last two: of each step, how many old pieces and how many of the new texts' windows."""
FAITH, WORTH = 3.0, 4.0
"""What a piece's squared distance from its old score counts, and a new window's loss."""
SMOOTH = 0.06
Examples = tuple[Tensor, Tensor]
"""States, and what is to be said of them."""


class States:
    """Reads pieces with the graphs of a folder, up to the last layers."""

    def __init__(self, folder: Path, table: Words) -> None:
        import onnx

        self._words = table
        self._lower = session((folder / LOWER).read_bytes(), LOWER)
        upper = onnx.load(str(folder / UPPER))
        upper.graph.output.append(onnx.helper.make_tensor_value_info(STATES, onnx.TensorProto.FLOAT, None))
        self._upper = session(upper.SerializeToString(), UPPER)

    def __call__(self, pieces: Sequence[str]) -> Examples:
        """The states of each piece, and the old layers' scores."""
        found = [self._one(piece) for piece in pieces]
        return torch.from_numpy(np.stack([state for state, _ in found])), torch.tensor([score for _, score in found])

    def _one(self, piece: str) -> tuple[NDArray[np.float32], float]:
        ids = row(self._words, piece)
        states = self._lower.run(None, Row(ids, [0] * len(ids)).feed(self._words))[1]
        score, given = self._upper.run(None, {"states": states})
        return given[0], float(score[0])


def labelled(texts: Sequence[Text], states: States) -> Examples:
    """The windows of texts with their labels; of an attack only the one that scores highest."""
    seen = bags(list(texts))
    given, said = states(seen.said)
    which: list[int] = []
    for text, first, end in zip(texts, seen.first[:-1].tolist(), seen.first[1:].tolist(), strict=True):
        which += [first + int(said[first:end].argmax())] if text.label else range(first, end)
    owner = np.repeat([float(text.label) for text in texts], np.diff(seen.first))
    return given[which], torch.from_numpy(owner).float()[which]


def layers(folder: Path) -> nn.Sequential:
    """The last two layers as they ship."""
    state = begun(folder)
    first, last = (state[f"{name}.weight"] for name in LAYERS.values())
    head = nn.Sequential(nn.Linear(first.shape[1], first.shape[0]), nn.GELU(), nn.Linear(last.shape[1], 1))
    head.load_state_dict({f"{at}.{part}": state[f"{name}.{part}"] for at, name in LAYERS.items() for part in PARTS})
    return head


def fit(head: nn.Sequential, old: Examples, near: Examples, seed: int, steps: int = STEPS) -> None:
    """Train in place. `old`: scores that stay; `near`: labels."""
    torch.manual_seed(seed)
    optimizer = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=0.0)
    pace = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    labels = near[1] * (1 - SMOOTH) + SMOOTH / 2
    for _ in range(steps):
        some, new = torch.randint(len(old[0]), (OLD,)), torch.randint(len(near[0]), (NEAR,))
        loss = FAITH * functional.mse_loss(head(old[0][some]).squeeze(-1), old[1][some])
        loss += WORTH * functional.binary_cross_entropy_with_logits(head(near[0][new]).squeeze(-1), labels[new])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        pace.step()


def write(head: nn.Sequential, folder: Path, out: Path, trained: dict[str, int]) -> str:
    """The folder of a reader with these last layers; all else as it was. Returns its id. Raises ValueError when the
    graph has no such layers."""
    state = head.state_dict()
    taught = {f"{name}.{part}": state[f"{at}.{part}"] for at, name in LAYERS.items() for part in PARTS}
    upper = rewritten(folder / UPPER, taught)
    out.mkdir(parents=True, exist_ok=True)
    (out / UPPER).write_bytes(upper)
    return follow(folder, out, {UPPER: hashlib.sha256(upper).hexdigest()}, trained)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--near", type=Path, nargs="+", required=True)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--repository", type=Path, nargs="*", default=[], help="folders of our own code and documents")
    parser.add_argument("--reader", type=Path, default=FOLDER, help="the folder of the reader to go on from")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=2, help="of the fit; old pieces are drawn alike each time")
    options = parser.parse_args()
    torch.set_num_threads(1)
    table = words()
    states = States(options.reader, table)
    new = [text for text in read(options.near) if text.teaches]
    near = labelled(new, states)
    given = load([file for file in options.data if file not in options.near], table)
    given += [Sample(t, None, pieces(table, t.text)) for t in repository(options.repository, DRAW)]
    source = Source([each for each in given if each.text.teaches], DRAW)
    old = states([source.draw()[0] for _ in range(DRAWN)])
    head = layers(options.reader)
    fit(head, old, near, options.seed)
    print(write(head, options.reader, options.out, Counter(text.source for text in new)))


if __name__ == "__main__":
    main()

"""Teach the reader more texts by its upper layers, over lower ones that stay as they are.

    python -m training.further --near training/data/injection/own_b[c-m]_near.jsonl
        --data training/data/injection/*.jsonl training/data/semcache/contrast_[a-g].jsonl build/ordinary.jsonl FILE...
        --minutes 40 --out build/reader

An hour on processors, where the whole takes an accelerator. Of pieces drawn from --data, as the reader learned from
them, it must go on to say what it said; of --near, which are no part of those, it learns the labels. What is written
is the folder of a reader that differs from the old one above the first opinion only. Its thresholds must be found
anew (`training.thresholds`), or the n-grams too (`training.injection`).
"""

import argparse
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from tidegate.models.graph import Row, session
from tidegate.models.reader import FOLDER, LOWER, UPPER
from tidegate.models.words import Words

from . import graphs
from .graphs import begun
from .loop import Pace, Rows, Table, add_options, fit, padded
from .pieces import Sample, Source, load, pieces, row
from .reader import SMOOTH, follow
from .reader_network import EXIT, Network, Upper
from .trunk import shape_of
from .windows import repository

DRAWN, DRAW = 12_000, 1
"""How many old pieces are drawn, and the seed of that."""
OLD, NEAR = 56, 40
"""Of each step: old pieces, and pieces of the new texts."""
FAITH = 0.5
"""What a piece's squared distance from its old score counts, beside the loss of a new one."""
HOSTS = 800
"""Old harmless texts of each sort that new sentences are laid into."""
POOL = 8
Batch = tuple[Rows, Tensor]
"""Pieces, and what is to be said of them."""


def started(folder: Path, base: Path) -> Network:
    """The network of a reader's folder, of which only what is above the first opinion learns."""
    given = begun(folder)
    network = Network(base, shape_of(given))
    network.load_state_dict(given)
    above = ("late.", *(f"trunk.layer.{at}." for at in range(EXIT, len(network.trunk.layer))))
    for name, weight in network.named_parameters():
        weight.requires_grad_(name.startswith(above))
    return network


def drawn(draw: Callable[[], tuple[str, float]], words: Words, size: int, rng: random.Random) -> Iterator[Batch]:
    """Batches of pieces of like length."""
    while True:
        pool = sorted(((row(words, text), said) for text, said in (draw() for _ in range(size * POOL))), key=_length)
        parts = [pool[at : at + size] for at in range(0, len(pool), size)]
        rng.shuffle(parts)
        for part in parts:
            yield padded([ids for ids, _ in part]), torch.tensor([said for _, said in part])


def late_scores(folder: Path, words: Words, texts: Sequence[str]) -> list[float]:
    """What the reader of a folder says of each piece in the end, also where its first opinion would do."""
    lower, upper = (session((folder / name).read_bytes(), name) for name in (LOWER, UPPER))
    out: list[float] = []
    for text in texts:
        ids = row(words, text)
        states = lower.run(None, Row(ids, [0] * len(ids)).feed(words))[1]
        out.append(float(upper.run(None, {"states": states})[0][0]))
    return out


def _length(one: tuple[list[int], float]) -> int:
    return len(one[0])


def teach(network: Network, table: Table, old: Sequence[tuple[str, float]], new: Source, pace: Pace, seed: int) -> None:
    """Train in place. `old`: pieces with scores that stay; `new`: pieces with labels."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    new.seed(seed)

    def loss_of(part: tuple[Batch, Batch]) -> Tensor:
        (same, said), (near, labels) = part
        kept = functional.mse_loss(table.read(network, same)[1].float(), said)
        scored = table.read(network, near)[1].float()
        return FAITH * kept + functional.binary_cross_entropy_with_logits(scored, labels * (1 - SMOOTH) + SMOOTH / 2)

    def untold(_state: Callable[[], dict[str, Tensor]], _at: int) -> None: ...

    olds, news = drawn(partial(rng.choice, old), table.words, OLD, rng), drawn(new.draw, table.words, NEAR, rng)
    fit(network, len(network.trunk.layer), zip(olds, news, strict=True), loss_of, pace, untold)


def write(network: Network, folder: Path, out: Path, trained: dict[str, int]) -> str:
    """The reader of `folder` with the upper layers of `network`. Returns its id."""
    out.mkdir(parents=True, exist_ok=True)
    states = torch.zeros(1, len(graphs.ROW.ids), network.trunk.width)
    upper = graphs.write(Upper(network), {"states": states}, ["score"], out / UPPER)
    return follow(folder, out, {UPPER: upper}, trained)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--near", type=Path, nargs="+", required=True)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--repository", type=Path, nargs="*", default=[], help="folders of our own code and documents")
    parser.add_argument("--reader", type=Path, default=FOLDER, help="the folder of the reader to go on from")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=3e-5)
    parser.add_argument("--seed", type=int, default=1, help="of the training; old pieces are drawn alike each time")
    add_options(parser)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    table = Table(Words(options.base / "words"), options.device)
    words = table.words
    new = [sample for sample in load(options.near, words) if sample.text.teaches]
    data = load([file for file in options.data if file not in options.near], words)
    given = [sample for sample in data if sample.text.teaches]
    given += [Sample(t, None, pieces(words, t.text)) for t in repository(options.repository, DRAW)]
    source = Source(given, DRAW)
    network = started(options.reader, options.base)
    texts = [source.draw()[0] for _ in range(DRAWN)]
    old = list(zip(texts, late_scores(options.reader, words, texts), strict=True))
    calm = [sample for sample in given if not sample.text.label]
    prompts = [sample for sample in calm if sample.text.source.startswith("prompts_")]
    rng = random.Random(DRAW)
    hosts = [*rng.sample(calm, min(HOSTS, len(calm))), *rng.sample(prompts, min(HOSTS, len(prompts)))]
    pace = Pace(options.steps, options.minutes, options.rate)
    teach(network, table, old, Source([*new, *hosts], options.seed), pace, options.seed)
    print(write(network, options.reader, options.out, Counter(sample.text.source for sample in new)))


if __name__ == "__main__":
    main()

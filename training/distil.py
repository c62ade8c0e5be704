"""Train a smaller network of the verifier on what larger ones say: one that reads in a third of their time.

    python -m training.distil --deep build/deep.pt --blend 0.85 --small build/small.pt --out build/narrow.pt \
        --keep-layers 0,3,4,5,7,8,9 --inner 640 --curve training/data/held/contrast_[iqv].jsonl

The student begins as some layers of the deep network, with the inner neurons that do most. Half of what it sees are
pairs whose target is for the most part the teachers' probability (Hinton et al., arXiv 1503.02531), drawn once and
read by them; half are pairs drawn anew, with their labels. The files of --curve say what the teachers' scores are
worth together, three numbers; nothing else is learned from them.
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from tidegate.models.graph import Row
from tidegate.models.judge import join
from tidegate.models.words import Words

from .blend import blend
from .figures import fit_logistic
from .loop import Pace, Rows, Table, add_options, drawn, fit
from .network import Network, batch, score
from .pairs import Pair, Source, read, read_all
from .prune import heard, pruned
from .trunk import Trunk, shape_of
from .verifier import POOL, SMOOTH, opened, report, scores_of

LONGEST = 160
"""Tokens of a pair."""
TRUST = 0.7
"""How much of a target is the teachers' probability; the rest is the label."""
SURE = 9.0
"""Log-odds beyond which the teachers are not believed."""

Target = tuple[Row, float]


def labelled(source: Source, words: Words) -> Iterator[Target]:
    """Pairs without end, and their labels."""
    for example in source:
        if row := join(words.ids(example.a), words.ids(example.b), LONGEST):
            yield row, float(example.same)


def taught(
    given: Sequence[Target], deep: Sequence[float], small: Sequence[float], curve: Sequence[float]
) -> list[Target]:
    """The same rows with targets between the teachers' word and the label."""
    odds = torch.tensor(deep) * curve[0] + torch.tensor(small) * curve[1] + curve[2]
    chances = torch.sigmoid(odds.clamp(-SURE, SURE)).tolist()
    return [(row, TRUST * p + (1 - TRUST) * label) for (row, label), p in zip(given, chances, strict=True)]


def batches(pool: Sequence[Target], fresh: Iterator[Target], seed: int, size: int) -> Iterator[tuple[Rows, Tensor]]:
    """Batches of like length, half of them from the pool, half fresh."""
    rng = random.Random(seed)
    order: list[int] = []
    while True:
        rows: list[Target] = []
        while len(rows) < size * POOL // 2:
            order = order or rng.sample(range(len(pool)), len(pool))
            rows.append(pool[order.pop()])
        rows += [(row, label * (1 - SMOOTH) + SMOOTH / 2) for row, label in islice(fresh, size * POOL // 2)]
        rows.sort(key=lambda item: len(item[0].ids))
        parts = [rows[at : at + size] for at in range(0, len(rows), size)]
        rng.shuffle(parts)
        for part in parts:
            yield batch([row for row, _ in part]), torch.tensor([target for _, target in part])


def teachers(options: argparse.Namespace) -> tuple[Network, Network]:
    """The deep one, blended with its base, and the small one."""
    state = opened(options.deep)
    state = blend([(state, options.blend)], Trunk(options.base, *shape_of(state)).state_dict())
    made: list[Network] = []
    for each in (state, opened(options.small)):
        network = Network(1, options.base, shape_of(each))
        network.load_state_dict(each, strict=False)
        made.append(network.eval())
    return made[0], made[1]


def begin(deep: Network, rows: list[Row], options: argparse.Namespace, table: Table) -> Network:
    """The student before it learns."""
    worth = heard(deep.trunk, lambda: score(deep, table, rows))
    layers = [int(at) for at in options.keep_layers.split(",")]
    student = Network(1, options.base, (len(layers), options.inner))
    kept = {name: value for name, value in deep.state_dict().items() if not name.startswith("kind.")}
    student.load_state_dict(pruned(kept, worth, layers, options.inner), strict=False)
    for part in student.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0  # the teachers' word is enough against learning by heart
    return student


def curve_of(deep: Network, small: Network, table: Table, held: list[Pair]) -> list[float]:
    """What both scores are worth together: two slopes and an offset."""
    texts = [(pair.a, pair.b) for pair in held]
    return fit_logistic([scores_of(each, table, texts) for each in (deep, small)], [pair.same for pair in held])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deep", type=Path, required=True)
    parser.add_argument("--blend", type=float, default=1.0, help="the deep one's share; the rest is the base's")
    parser.add_argument("--small", type=Path, required=True)
    parser.add_argument("--curve", type=Path, nargs="+", required=True, help="files of pairs that trained nothing")
    parser.add_argument("--keep-layers", required=True, help="their numbers in the deep one, from 0, with commas")
    parser.add_argument("--inner", type=int, required=True)
    parser.add_argument("--pool", type=int, default=90_000, help="pairs that the teachers read")
    parser.add_argument("--data", type=Path, default=Path("training/data/semcache"))
    parser.add_argument("--near", type=Path, help="where the prompts' neighbours are kept between runs")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--out", type=Path, required=True)
    add_options(parser)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    table, held = Table(Words(options.base / "words")), [pair for file in options.curve for pair in read(file)]
    fresh = labelled(Source(read_all(options.data), options.seed, near_file=options.near), table.words)
    deep, small = teachers(options)
    given = list(islice(fresh, options.pool))
    rows = [row for row, _ in given]
    pool = taught(given, score(deep, table, rows), score(small, table, rows), curve_of(deep, small, table, held))
    student = begin(deep, rows[:1500], options, table)

    def loss_of(step: tuple[Rows, Tensor]) -> Tensor:
        return functional.binary_cross_entropy_with_logits(table.read(student, step[0])[0].float(), step[1])

    made = drawn(lambda _: batches(pool, fresh, options.seed, options.batch), 0)
    pace = Pace(options.steps, options.minutes, options.rate)
    fit(student.train(), len(student.trunk.layer), made, loss_of, pace, lambda state, at: None)
    torch.save(student.state_dict(), options.out)
    report(student, table, held)


if __name__ == "__main__":
    main()

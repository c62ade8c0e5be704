"""Train the reader of the injection detector: a small network that says whether a piece of text commands a model.

    python -m training.reader --data training/data/injection/*.jsonl training/data/semcache/*.jsonl FILE... --out DIR

It starts from what `training/base.py` wrote and reads pieces of at most PIECE tokens, with a first opinion half way
up. Where a row has `span`, the attack's place, only pieces that hold it are attacks; of others it is the piece that
scores highest, found anew in every --round. Attacks are also laid into harmless texts, and harmless sentences too, so
that a change of subject says nothing. Rows of sources whose licence does not let weights be shipped, and files given to
--watch, are scored and train nothing.
"""

import argparse
import hashlib
import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tidegate.models.reader import CARD, FORMAT, LOWER, UPPER
from tidegate.models.words import Words

from .figures import auc
from .graphs import begun, feed, write
from .loop import Pace, Rows, Table, add_options, drawn, fit, padded
from .pieces import Sample, Source, load, pieces, row
from .reader_network import INNER, LAYERS, Lower, Network, Upper
from .trunk import shape_of
from .windows import repository

LOST = 0.04
"""The share of held-back attacks that the lower layers may turn away by themselves. Most of those would not be found
anyhow."""
CALLED = 0.001
"""The share of held-back harmless pieces that they may call attacks by themselves."""
POOL = 12
SMOOTH = 0.06
EARLY = 0.5
"""What the first opinion's loss counts."""


def scores(network: Network, table: Table, texts: Sequence[str]) -> list[tuple[float, float]]:
    """The early and the late score of each piece."""
    rows = [row(table.words, text) for text in texts]
    order = sorted(range(len(rows)), key=lambda at: len(rows[at]))
    out = [(0.0, 0.0)] * len(rows)
    network.eval()
    with torch.inference_mode():
        for at in range(0, len(order), 64):
            part = order[at : at + 64]
            early, late = table.read(network, padded([rows[i] for i in part]))
            for index, first, second in zip(part, early.float().tolist(), late.float().tolist(), strict=True):
                out[index] = first, second
    network.train()
    return out


def best(network: Network, table: Table, samples: Sequence[Sample]) -> tuple[list[float], list[int]]:
    """The highest score of each text's pieces, and which piece has it."""
    found = [late for _, late in scores(network, table, [s.said(at) for s in samples for at in range(len(s.pieces))])]
    highest: list[float] = []
    where: list[int] = []
    first = 0
    for sample in samples:
        own = found[first : first + len(sample.pieces)]
        first += len(sample.pieces)
        highest.append(max(own))
        where.append(own.index(max(own)))
    return highest, where


def watch(network: Network, table: Table, samples: Sequence[Sample]) -> None:
    """Print how attacks of each source stand beside harmless texts of all."""
    highest, _ = best(network, table, samples)
    harmless = sorted((score for score, s in zip(highest, samples, strict=True) if not s.text.label), reverse=True)
    cut = harmless[int(len(harmless) * 0.01)]
    line = f"AUC {auc(highest, [s.text.label for s in samples]):.3f}; at 1% of {len(harmless)}:"
    for source in sorted({s.text.source for s in samples if s.text.label}):
        own = [score for score, s in zip(highest, samples, strict=True) if s.text.label and s.text.source == source]
        line += f" {source} {sum(score > cut for score in own) / len(own):.2f}"
    print(line, flush=True)


def started(options: argparse.Namespace) -> Network:
    if not options.start:
        return Network(options.base, options.shape or (LAYERS, INNER))
    given = begun(options.start)
    network = Network(options.base, shape_of(given))
    network.load_state_dict(given)
    return network


def batches(source: Source, words: Words, seed: int, size: int) -> Iterator[tuple[Rows, Tensor]]:
    """Pieces of like length with their labels: a pool is sorted, cut, and its batches shuffled."""
    rng = random.Random(seed)
    source.seed(seed)
    while True:
        pool = [(row(words, text), label) for text, label in (source.draw() for _ in range(size * POOL))]
        pool.sort(key=lambda pair: len(pair[0]))
        parts = [pool[at : at + size] for at in range(0, len(pool), size)]
        rng.shuffle(parts)
        for part in parts:
            yield padded([ids for ids, _ in part]), torch.tensor([float(label) for _, label in part])


def train(samples: Sequence[Sample], watched: Sequence[Sample], options: argparse.Namespace, table: Table) -> Network:
    torch.manual_seed(options.seed)
    network = started(options).to(options.device)
    source = Source(samples, options.seed)

    def rounds() -> Iterator[tuple[Rows, Tensor]]:
        for number in count():
            if number and source.unplaced:
                source.places = best(network, table, source.unplaced)[1]

            def make(worker: int, first: int = options.seed + 100 * number) -> Iterator[tuple[Rows, Tensor]]:
                return batches(source, table.words, first + 10_000 * worker, options.batch)

            yield from islice(drawn(make, options.workers), options.round)

    def loss_of(part: tuple[Rows, Tensor]) -> Tensor:
        early, late = table.read(network, part[0])
        labels = part[1].to(options.device) * (1 - SMOOTH) + SMOOTH / 2
        loss = functional.binary_cross_entropy_with_logits(late.float(), labels)
        return loss + EARLY * functional.binary_cross_entropy_with_logits(early.float(), labels)

    def shown(state: Callable[[], dict[str, Tensor]], at: int) -> None:
        if at % options.every == 0:
            torch.save(state(), options.out / "running.pt")
            watch(network, table, watched)

    pace = Pace(options.steps, options.minutes, options.rate)
    fit(network, len(network.trunk.layer), rounds(), loss_of, pace, shown)
    return network


def export(network: Network, table: Table, out: Path, held: Sequence[Sample], trained: Sequence[Sample]) -> None:
    """Write both graphs and reader.json. `held` trained nothing: its attacks say what the lower layers may refuse."""
    given = feed(table.words)
    with torch.no_grad():
        states = Lower(network)(**given)[1]
    files = {
        LOWER: write(Lower(network), given, ["score", "states"], out / LOWER),
        UPPER: write(Upper(network), {"states": states}, ["score"], out / UPPER),
    }
    said = [sample.said(at) for sample, at in zip(held, best(network, table, held)[1], strict=True)]
    given_twice = [(*pair, one.text.label) for pair, one in zip(scores(network, table, said), held, strict=True)]
    doubt, sure = bounds(*([early for early, _, label in given_twice if label == which] for which in (1, 0)))
    late = [late for early, late, label in given_twice if label and early >= sure]
    card = {
        "format": FORMAT,
        "id": "",
        "base": "multilingual-e5-small, its lower eight layers (MIT)",
        "licence": "Apache-2.0",
        "words": table.words.id,
        "doubt": doubt,
        "sure": sure,
        "called": round(float(np.median(late)), 3),
        "trained_on": dict(sorted(Counter(sample.text.source for sample in trained).items())),
        "files": files,
    }
    (out / CARD).write_text(json.dumps(card | {"id": id_of(card)}, indent=1) + "\n", "utf-8")


def bounds(attacks: Sequence[float], harmless: Sequence[float]) -> tuple[float, float]:
    """Between which first opinions a piece is read on, by those on pieces that trained nothing."""
    low, high = sorted(attacks), sorted(harmless, reverse=True)
    return round(low[int(len(low) * LOST)], 3), round(high[int(len(high) * CALLED)], 3)


def id_of(card: Mapping[str, Any]) -> str:
    """A reader's name, by the digests of its graphs and the bounds of the first opinion."""
    said = "".join([*sorted(card["files"].values()), *(f" {card[name]}" for name in ("doubt", "sure", "called"))])
    return f"reader-{hashlib.sha256(said.encode()).hexdigest()[:12]}"


def follow(
    folder: Path,
    out: Path,
    files: Mapping[str, str],
    trained: Mapping[str, int],
    other: Mapping[str, float] | None = None,
) -> str:
    """Make a reader of `out`, where new graphs lie, with their digests in `files`: all else is as in `folder`, and
    on its card stand what this one was trained on too and `other`. Returns its id."""
    if folder.resolve() != out.resolve():
        for name in {LOWER, UPPER} - set(files):
            shutil.copy(folder / name, out / name)
    card: dict[str, Any] = json.loads((folder / CARD).read_text("utf-8"))
    card |= dict(other or {})
    card["files"] |= files
    card["id"] = id_of(card)
    card["trained_on"] = dict(sorted((card["trained_on"] | trained).items()))
    (out / CARD).write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    return str(card["id"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--watch", type=Path, nargs="*", default=[], help="files that are scored on the way")
    parser.add_argument("--repository", type=Path, nargs="*", default=[], help="folders of our own code and documents")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument(
        "--start",
        type=Path,
        help="what to go on from, a network.pt or a folder of graphs; with --steps 0 it is exported",
    )
    parser.add_argument("--round", type=int, default=300, help="steps after which attacks' places are found anew")
    add_options(parser)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    words = Words(options.base / "words")
    table = Table(words, options.device)
    given = load(options.data, words)
    given += [Sample(t, None, pieces(words, t.text)) for t in repository(options.repository, options.seed)]
    trained = [sample for sample in given if sample.text.teaches]
    apart = [sample for sample in given if not sample.text.trains]
    watched = random.Random(1).sample(apart, min(1200, len(apart))) + load(options.watch, words)
    print(f"{len(trained)} texts to train on, {len(watched)} watched", flush=True)
    network = train(trained, watched, options, table) if options.steps else started(options)
    torch.save(network.state_dict(), options.out / "network.pt")
    watch(network, table, watched)
    if shape_of(network.state_dict()) == (LAYERS, INNER):
        export(network.cpu(), Table(words), options.out, watched, trained)


if __name__ == "__main__":
    main()

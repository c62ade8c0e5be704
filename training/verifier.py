"""Train a network of the verifier: whether one answer serves two prompts.

    python -m training.verifier --out build/fold.pt --holdout contrast_f,kind:number,lang:ja --minutes 15
    python -m training.verifier --out build/small.pt --start models/weights/verifier/small.onnx --watch FILE...
    python -m training.verifier --out build/deep.pt --shape 12,1536 --device cuda --batch 256 --workers 4 --rate 2.5e-4
    python -m training.verifier --out build/more.pt --start build/deep.pt --new contrast_bh --batch 64 --way 1

With --holdout, the named files, kinds and languages are kept out and scored: whatever is connected with their prompts
trains nothing, and contrasts of such a kind are not made. A kind that is traps alone is scored beside the paraphrases
that were kept out with it. `training.export` makes of two networks what ships.
"""

import argparse
import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from tidegate.models.graph import Row
from tidegate.models.judge import join
from tidegate.models.words import Words

from .figures import UNREAD, auc, passed, share, threshold_at
from .graphs import begun
from .loop import Pace, Rows, Table, add_options, drawn, fit
from .network import INNER, LAYERS, Network, batch, score
from .pairs import Example, Pair, Source, hold_out, measured, read, read_all
from .trunk import shape_of

POOL = 16
SMOOTH = 0.05


def rows_of(words: Words, pairs: list[tuple[str, str]]) -> list[Row | None]:
    return [join(words.ids(a), words.ids(b)) for a, b in pairs]


@dataclass(frozen=True, slots=True)
class Step:
    rows: Rows
    same: Tensor
    kinds: Tensor


def kinds_of(pairs: list[Pair]) -> dict[str, int]:
    """The kinds common enough to learn, numbered; with the label, since some hands use one name for both."""
    counts = Counter(f"{pair.kind}/{pair.same}" for pair in pairs)
    made = ["word/0", "neighbour/0", "random/0", "frame/1", "polite/1", "case/1", "punctuation/1"]
    names = sorted({name for name, count in counts.items() if count >= 12} | set(made))
    return {name: at for at, name in enumerate(names)}


def steps(source: Source, words: Words, kinds: dict[str, int], seed: int, size: int) -> Iterator[Step]:
    """Batches of pairs of like length: a pool is sorted, cut, and its batches shuffled."""
    rng = random.Random(seed)
    source.rng = random.Random(seed)
    stream = iter(source)
    while True:
        pool: list[tuple[Row, Example]] = []
        while len(pool) < size * POOL:
            example = next(stream)
            row = join(words.ids(example.a), words.ids(example.b), 192)
            if row:
                pool.append((row, example))
        pool.sort(key=lambda item: len(item[0].ids))
        parts = [pool[at : at + size] for at in range(0, len(pool), size)]
        rng.shuffle(parts)
        for part in parts:
            same = torch.tensor([float(e.same) for _, e in part])
            labels = torch.tensor([kinds.get(f"{e.kind}/{e.same}", -1) for _, e in part])
            yield Step(batch([row for row, _ in part]), same, labels)


def train(pairs: list[Pair], held: list[Pair], options: argparse.Namespace, table: Table) -> Network:
    """A network trained for so many steps or minutes of wall time, its weights averaged over the last steps."""
    torch.manual_seed(options.seed)
    words, kinds = table.words, kinds_of(pairs)
    given = opened(options.start) if options.start else {}
    network = Network(len(kinds), options.base, shape_of(given) if given else options.shape or (LAYERS, INNER))
    network.load_state_dict(given, strict=False)
    network.to(options.device)
    if not options.steps:
        return network
    unmade = frozenset(name.removeprefix("kind:") for name in options.holdout if name.startswith("kind:"))
    source = Source(pairs, options.seed, near_file=options.near, unmade=unmade)

    def loss_of(step: Step) -> Tensor:
        scores, guesses = table.read(network, step.rows)
        same, known = step.same.to(options.device), step.kinds.to(options.device)
        loss = functional.binary_cross_entropy_with_logits(scores.float(), same * (1 - SMOOTH) + SMOOTH / 2)
        wrong = functional.cross_entropy(guesses.float(), known, ignore_index=-1, reduction="sum")
        return loss + 0.15 * wrong / (known >= 0).sum().clamp(min=1)

    def watch(state: Callable[[], dict[str, Tensor]], at: int) -> None:
        if at % options.every == 0:
            torch.save(state(), options.out.with_suffix(".running.pt"))
            if held:
                report(network, table, random.Random(1).sample(held, min(400, len(held))))

    def make(worker: int) -> Iterator[Step]:
        return steps(source, words, kinds, options.seed + 1000 * worker, options.batch)

    pace = Pace(options.steps, options.minutes, options.rate)
    fit(network, len(network.trunk.layer), drawn(make, options.workers), loss_of, pace, watch)
    between(network, given, options.way)
    return network


def fewer(pairs: Sequence[Pair], new: Sequence[str], beside: int, seed: int) -> list[Pair]:
    """The pairs of the `new` files, and so many of the others: for a network that knows those."""
    others = [pair for pair in pairs if pair.file not in new]
    return [pair for pair in pairs if pair.file in new] + random.Random(seed).sample(others, min(beside, len(others)))


def opened(path: Path) -> dict[str, Tensor]:
    """The weights of a network to go on from, without its head for kinds, which are others in each training."""
    return {name: value for name, value in begun(path).items() if not name.startswith("kind.")}


def loaded(path: Path, base: Path) -> Network:
    """A network that is only read."""
    state = opened(path)
    network = Network(1, base, shape_of(state))
    network.load_state_dict(state, strict=False)
    return network.eval()


def between(network: Network, start: dict[str, Tensor], way: float) -> None:
    """Go back to `way` of the way from `start`: weights in between often generalise better than either (Wortsman et al.
    2022, arXiv 2109.01903)."""
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if name in start:
                weight.lerp_(start[name].to(weight), 1 - way)


def scores_of(network: Network, table: Table, pairs: list[tuple[str, str]]) -> list[float]:
    """As the judge scores: one order for both; UNREAD for a pair too long to read."""
    rows = rows_of(table.words, [(min(pair), max(pair)) for pair in pairs])
    values = iter(score(network, table, [row for row in rows if row]))
    return [next(values) if row else UNREAD for row in rows]


def report(network: Network, table: Table, held: list[Pair]) -> None:
    scores = scores_of(network, table, [(pair.a, pair.b) for pair in held])
    labels = [pair.same for pair in held]
    if len(set(labels)) < 2:
        print(f"{len(held)} pairs of one label, with nothing to tell them from", flush=True)
        return
    line = f"held back {len(held)}: AUC {auc(scores, labels):.3f}"
    for traps in (0.05, 0.02):
        hit, of, _, _ = passed(scores, labels, threshold_at(scores, labels, traps))
        line += f", hit {share(hit, of)} at traps {traps:.0%}"
    right = sorted((score for score, same in zip(scores, labels, strict=True) if same), reverse=True)
    hit, _, wrong, _ = passed(scores, labels, right[int(0.3 * len(right))])
    print(f"{line}, precision {hit / (hit + wrong):.3f} at hit .30", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("training/data/semcache"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--holdout",
        type=lambda names: names.split(","),
        default=[],
        help="file names without ending, kind:NAME, lang:NAME; separated by commas",
    )
    parser.add_argument("--new", default="", help="names of files whose pairs are all learned, with --beside others")
    parser.add_argument("--beside", type=int, help="how many others, drawn by --seed; 7,000 unless said")
    parser.add_argument("--watch", type=Path, nargs="*", default=[], help="files that are only scored")
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--rate", type=float, default=1.2e-4)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--start", type=Path, help="a file or graph to go on from; with --steps 0 it is measured")
    parser.add_argument("--way", type=float, default=0.7, help="how much of what was learnt since --start is kept")
    parser.add_argument("--near", type=Path, help="where the prompts' neighbours are kept between runs")
    add_options(parser)
    options = parser.parse_args()
    if not (options.base / "words" / "words.npz").exists():
        parser.error(
            f"no base in {options.base}: python -m training.base --out {options.base} --words models/weights/words"
        )
    torch.set_num_threads(options.threads)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    pairs = read_all(options.data)
    if options.new:
        new = options.new.split(",")
        if unknown := set(new) - {pair.file for pair in pairs}:
            parser.error(f"--data has no {', '.join(sorted(unknown))}")
        pairs = fewer(pairs, new, 7000 if options.beside is None else options.beside, options.seed)
    elif options.beside is not None:
        parser.error("--beside goes with --new")
    try:
        pairs, out = hold_out(pairs, options.holdout) if options.holdout else (pairs, [])
    except ValueError as error:
        parser.error(str(error))
    held = {name: measured(out, name) for name in options.holdout}
    print(f"{len(pairs)} pairs to train on, {len(out)} held back", flush=True)
    watched = [pair for file in options.watch for pair in read(file)]
    table = Table(Words(options.base / "words"), options.device)
    network = train(pairs, [*itertools.chain(*held.values()), *watched], options, table)
    torch.save(network.state_dict(), options.out)
    for file in sorted({pair.file for pair in watched}):
        held[file] = [*held.get(file, []), *(pair for pair in watched if pair.file == file)]
    for name, part in held.items():
        print(name, end=": ")
        report(network, table, part)


if __name__ == "__main__":
    main()

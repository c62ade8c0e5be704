"""Train the verifier: whether one answer serves two prompts.

    python -m training.verifier --out build/fold --holdout contrast_f --minutes 15
    python -m training.verifier --out models/weights/verifier --held training/data/held/contrast_i.jsonl

With --holdout, the named files are kept out and scored. Without, the network is trained on everything and exported;
--held names files that train nothing: they calibrate it and set its thresholds.
"""

import argparse
import math
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.nn import functional

from tidegate.models.graph import Row
from tidegate.models.judge import join
from tidegate.models.words import Words

from .figures import UNREAD, auc, passed, share, threshold_at
from .graphs import begun
from .network import Network, batch, score
from .pairs import Example, Pair, Source, hold_out, read, read_all
from .trunk import BASE, parameter_groups

BATCH = 32
POOL = 16
SMOOTH = 0.05
AVERAGE = 0.998
"""How much of the running average of the weights stays at each step."""


def rows_of(words: Words, pairs: list[tuple[str, str]]) -> list[Row | None]:
    return [join(words.ids(a), words.ids(b)) for a, b in pairs]


@dataclass(frozen=True, slots=True)
class Step:
    rows: list[Row]
    same: list[int]
    kinds: list[int]


def kinds_of(pairs: list[Pair]) -> dict[str, int]:
    """The kinds common enough to learn, numbered; with the label, since some hands use one name for both."""
    counts = Counter(f"{pair.kind}/{pair.same}" for pair in pairs)
    made = ["word/0", "neighbour/0", "random/0", "frame/1", "polite/1", "case/1", "punctuation/1"]
    names = sorted({name for name, count in counts.items() if count >= 12} | set(made))
    return {name: at for at, name in enumerate(names)}


def steps(source: Source, words: Words, kinds: dict[str, int], seed: int) -> Iterator[Step]:
    """Batches of pairs of like length: a pool is sorted, cut, and its batches shuffled."""
    rng = random.Random(seed)
    stream = iter(source)
    while True:
        pool: list[tuple[Row, Example]] = []
        while len(pool) < BATCH * POOL:
            example = next(stream)
            row = join(words.ids(example.a), words.ids(example.b), 192)
            if row:
                pool.append((row, example))
        pool.sort(key=lambda item: len(item[0].ids))
        parts = [pool[at : at + BATCH] for at in range(0, len(pool), BATCH)]
        rng.shuffle(parts)
        for part in parts:
            labels = [kinds.get(f"{e.kind}/{e.same}", -1) for _, e in part]
            yield Step([row for row, _ in part], [e.same for _, e in part], labels)


def pace(done: float) -> float:
    """The learning rate's factor: up over the first 6 %, then down along a cosine to 2 %."""
    return done / 0.06 if done < 0.06 else 0.02 + 0.49 * (1 + math.cos(math.pi * (done - 0.06) / 0.94))


def train(pairs: list[Pair], held: list[Pair], options: argparse.Namespace) -> Network:
    """A network trained for so many steps or minutes of wall time, its weights averaged over the last steps."""
    torch.manual_seed(options.seed)
    words, kinds = Words(options.base / "words"), kinds_of(pairs)
    network = Network(len(kinds), options.base)
    given = begun(options.start) if options.start else {}
    given = {name: value for name, value in given.items() if not name.startswith("kind.")}
    network.load_state_dict(given, strict=False)
    if not options.steps:
        return network
    groups = parameter_groups(network, options.rate, len(network.trunk.layer))
    full = [group["lr"] for group in groups]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)
    weights = [p for p in network.parameters() if p.requires_grad]
    average = [p.detach().clone() for p in weights]
    source = Source(pairs, options.seed, near_file=options.near)
    start, losses = time.monotonic(), []
    for at, step in enumerate(steps(source, words, kinds, options.seed)):
        done = max((time.monotonic() - start) / 60 / options.minutes, at / options.steps)
        if done >= 1:
            break
        for group, speed in zip(optimizer.param_groups, full, strict=True):
            group["lr"] = speed * pace(done)
        same = torch.tensor(step.same, dtype=torch.float32)
        with torch.autocast("cpu", torch.bfloat16):
            scores, guesses = network(**batch(words, step.rows))
        loss = functional.binary_cross_entropy_with_logits(scores.float(), same * (1 - SMOOTH) + SMOOTH / 2)
        known = torch.tensor(step.kinds)
        if (known >= 0).any():
            loss = loss + 0.15 * functional.cross_entropy(guesses.float(), known, ignore_index=-1)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        keep = min(AVERAGE, (at + 1) / (at + 10))
        for mean, weight in zip(average, weights, strict=True):
            mean.lerp_(weight.detach(), 1 - keep)
        losses.append(loss.item())
        if at % 50 == 49:
            print(f"{at + 1} steps, {time.monotonic() - start:.0f} s, loss {sum(losses[-50:]) / 50:.3f}", flush=True)
        if at % 250 == 249:
            torch.save(state(network, average), options.out / "running.pt")
            if held:
                report(network, words, random.Random(1).sample(held, min(300, len(held))))
    network.load_state_dict(state(network, average))
    between(network, given, options.way)
    return network


def between(network: Network, start: dict[str, torch.Tensor], way: float) -> None:
    """Go back to `way` of the way from `start`: weights in between often generalise better than either (Wortsman et al.
    2022, arXiv 2109.01903)."""
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if name in start:
                weight.lerp_(start[name], 1 - way)


def state(network: Network, average: list[torch.Tensor]) -> dict[str, torch.Tensor]:
    """The network's state with the averaged weights in their places."""
    names = [name for name, weight in network.named_parameters() if weight.requires_grad]
    return {**network.state_dict(), **dict(zip(names, average, strict=True))}


def scores_of(network: Network, words: Words, pairs: list[tuple[str, str]]) -> list[float]:
    """As the judge scores: one order for both; UNREAD for a pair too long to read."""
    rows = rows_of(words, [(min(pair), max(pair)) for pair in pairs])
    values = iter(score(network, words, [row for row in rows if row]))
    return [next(values) if row else UNREAD for row in rows]


def report(network: Network, words: Words, held: list[Pair]) -> None:
    scores = scores_of(network, words, [(pair.a, pair.b) for pair in held])
    labels = [pair.same for pair in held]
    line = f"held back {len(held)}: AUC {auc(scores, labels):.3f}"
    for traps in (0.05, 0.01):
        hit, of, _, _ = passed(scores, labels, threshold_at(scores, labels, traps))
        line += f", hit {share(hit, of)} at traps {traps:.0%}"
    print(line, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("training/data/semcache"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--holdout", default="", help="file names without ending, separated by commas")
    parser.add_argument("--held", type=Path, nargs="*", default=[], help="files that calibrate and train nothing")
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--rate", type=float, default=1.2e-4)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--start",
        type=Path,
        help="a network.pt or a folder of graphs to go on from; with --steps 0 it is measured or exported",
    )
    parser.add_argument("--way", type=float, default=0.7, help="how much of what was learnt since --start is kept")
    parser.add_argument("--keep", type=Path, help="where to keep the weights, to --start from later")
    parser.add_argument("--near", type=Path, help="where the prompts' neighbours are kept between runs")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--base", type=Path, default=BASE, help="what training/base.py wrote")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    pairs = read_all(options.data)
    held: list[Pair] = []
    if options.holdout:
        pairs, held = hold_out(pairs, options.holdout.split(","))
    print(f"{len(pairs)} pairs to train on, {len(held)} held back", flush=True)
    apart = [pair for file in options.held for pair in read(file)]
    network = train(pairs, held or apart, options)
    words = Words(options.base / "words")
    if held or options.keep:
        torch.save(network.state_dict(), options.keep or options.out / "network.pt")
    if held:
        report(network, words, held)
        return
    from .export import export

    report(network, words, apart)
    export(network, words, options.out, apart, sorted(options.data.glob("*.jsonl")))


if __name__ == "__main__":
    main()

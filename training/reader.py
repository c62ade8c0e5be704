"""Train the reader of the injection detector: a small network that says whether a piece of text commands a model.

    python -m training.reader --data training/data/injection/*.jsonl training/data/semcache/*.jsonl FILE... --out DIR

It starts from what `training/base.py` wrote and reads pieces of at most PIECE tokens, with a first opinion half way
up. Where a row has `span`, the attack's place, only pieces that hold it are attacks; of others it is the piece that
scores highest, found anew every ROUND steps. Attacks are also laid into harmless texts, and harmless sentences too, so
that a change of subject says nothing. Rows of sources whose licence does not let weights be shipped, and files given to
--watch, are scored and train nothing.
"""

import argparse
import hashlib
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from tidegate.guardrails.detectors.ngrams import grams
from tidegate.models.reader import CARD, FORMAT, LOWER, PIECE, UPPER
from tidegate.models.words import END, START, Words

from .figures import auc
from .graphs import begun, feed, write
from .reader_network import Lower, Network, Upper
from .trunk import BASE, padded, parameter_groups, shape_of
from .verifier import pace
from .windows import Text, read, repository

DOUBTS = 0.05, 0.15
"""The shares of held-back attacks that the lower layers, and then all, may turn away by themselves. Nine of ten of
those would not be found anyhow; of harmless pieces they turn away a third, and two thirds."""
DEFENDER = 0.2
"""What the other classifier's score counts beside our own. Chosen on sources that train nothing: more of it finds more
of what public collections hold, and less of what our own hands wrote."""
BATCH, POOL, ROUND = 32, 12, 300
SHORT = 320
"""Characters of a text that is laid into another."""
AVERAGE = 0.998
EARLY = 0.5
"""What the first opinion's loss counts."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A text with the pieces of it that are attacks, as far as is known."""

    text: Text
    span: tuple[int, int] | None
    pieces: tuple[tuple[int, int], ...]

    def said(self, at: int) -> str:
        start, end = self.pieces[at]
        return " ".join(self.text.text[start:end].split())


def pieces(words: Words, text: str) -> tuple[tuple[int, int], ...]:
    """The windows of the n-grams as characters, those of over PIECE tokens in parts of equal length."""
    found = grams(text)
    out: list[tuple[int, int]] = []
    for begin, end in found.spans():
        start, stop = int(found.places[begin]), int(found.places[end])
        parts = max(1, -(-len(words.ids(text[start:stop])) // (PIECE - 2)))
        size = -(-(stop - start) // parts)
        out += [(at, min(stop, at + size)) for at in range(start, stop, size)]
    return tuple(out)


def row(words: Words, text: str) -> list[int]:
    return [START, *words.ids(text)[: PIECE - 2], END]


def scores(network: Network, words: Words, texts: Sequence[str]) -> list[tuple[float, float]]:
    """The early and the late score of each piece."""
    rows = [row(words, text) for text in texts]
    order = sorted(range(len(rows)), key=lambda at: len(rows[at]))
    out = [(0.0, 0.0)] * len(rows)
    network.eval()
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        for at in range(0, len(order), 64):
            part = order[at : at + 64]
            early, late = network(**padded(words, [rows[i] for i in part]))
            for index, first, second in zip(part, early.float().tolist(), late.float().tolist(), strict=True):
                out[index] = first, second
    network.train()
    return out


def best(network: Network, words: Words, samples: Sequence[Sample]) -> tuple[list[float], list[int]]:
    """The highest score of each text's pieces, and which piece has it."""
    found = [late for _, late in scores(network, words, [s.said(at) for s in samples for at in range(len(s.pieces))])]
    highest: list[float] = []
    where: list[int] = []
    first = 0
    for sample in samples:
        own = found[first : first + len(sample.pieces)]
        first += len(sample.pieces)
        highest.append(max(own))
        where.append(own.index(max(own)))
    return highest, where


class Source:
    """Pieces to learn from, drawn without end: four of ten are attacks."""

    def __init__(self, samples: Sequence[Sample], seed: int) -> None:
        self._rng = random.Random(seed)
        self.unplaced = [s for s in samples if s.text.label and not s.span and len(s.pieces) > 1]
        self._placed = [s for s in samples if s.text.label and (s.span or len(s.pieces) == 1)]
        harmless = [s for s in samples if not s.text.label]
        self._ordinary = [s for s in harmless if s.text.source.startswith("prompts_")]
        self._alike = [s for s in harmless if not s.text.source.startswith("prompts_")]
        self._hosts = [s for s in self._alike if len(s.text.text) > SHORT]
        self._orders = [said for s in self._placed if len(said := _attack(s)) <= SHORT]
        self._asides = [s.text.text for s in harmless if len(s.text.text) <= SHORT]
        self.places = [0] * len(self.unplaced)

    def draw(self) -> tuple[str, int]:
        rng, kind = self._rng, self._rng.random()
        if kind < 0.22:
            return self._attacked(rng.choice(self._placed)), 1
        if kind < 0.30 and self.unplaced:
            at = rng.randrange(len(self.unplaced))
            return self.unplaced[at].said(self.places[at]), 1
        if kind < 0.45:
            return self._laid(rng.choice(self._orders)), 1
        if kind < 0.57:
            return self._laid(rng.choice(self._asides)), 0
        if kind < 0.62:
            return self._clean(rng.choice(self._placed)), 0
        sample = rng.choice(self._alike if kind < 0.88 else self._ordinary)
        return sample.said(rng.randrange(len(sample.pieces))), 0

    def _attacked(self, sample: Sample) -> str:
        """A piece that holds most of the attack."""
        if sample.span is None:
            return sample.said(0)
        whole = [at for at, piece in enumerate(sample.pieces) if _shared(piece, sample.span) >= 0.6]
        return sample.said(self._rng.choice(whole)) if whole else _attack(sample)

    def _clean(self, sample: Sample) -> str:
        """A piece of an attacked text that holds none of the attack, else of a harmless one."""
        free = [at for at, piece in enumerate(sample.pieces) if sample.span and not _shared(piece, sample.span)]
        if free:
            return sample.said(self._rng.choice(free))
        host = self._rng.choice(self._hosts)
        return host.said(self._rng.randrange(len(host.pieces)))

    def _laid(self, sentence: str) -> str:
        """A sentence inside a harmless piece, at the end of a sentence or line of it."""
        rng = self._rng
        host = rng.choice(self._hosts)
        start, end = rng.choice(host.pieces)
        room = max(80, 420 - len(sentence))
        cut = host.text.text[start:end][:room]
        ends = [at + 1 for at, char in enumerate(cut) if char in ".!?\n;>" and at > 20] or [len(cut)]
        at = rng.choice([0, len(cut), *ends])
        joint = rng.choice([" ", "\n", "\n\n", " - "])
        return f"{cut[:at]}{joint}{sentence}{joint}{cut[at:]}".strip()


def _attack(sample: Sample) -> str:
    start, end = sample.span or (0, len(sample.text.text))
    return sample.text.text[start:end]


def _shared(piece: tuple[int, int], span: tuple[int, int]) -> float:
    """The share of the span that the piece holds."""
    return max(0, min(piece[1], span[1]) - max(piece[0], span[0])) / max(1, span[1] - span[0])


def load(files: Sequence[Path], words: Words) -> list[Sample]:
    """Texts, each once, with their pieces, and the spans that rows have."""
    spans: dict[str, tuple[int, int]] = {}
    for file in files:
        for line in filter(None, file.read_text("utf-8").split("\n")):
            given = json.loads(line)
            if given.get("span") and given.get("label"):
                spans[given["text"]] = (given["span"][0], given["span"][1])
    return [Sample(text, spans.get(text.text), pieces(words, text.text)) for text in read(files)]


def watch(network: Network, words: Words, samples: Sequence[Sample]) -> None:
    """Print how attacks of each source stand beside harmless texts of all."""
    highest, _ = best(network, words, samples)
    harmless = sorted((score for score, s in zip(highest, samples, strict=True) if not s.text.label), reverse=True)
    cut = harmless[int(len(harmless) * 0.01)]
    line = f"AUC {auc(highest, [s.text.label for s in samples]):.3f}; at 1% of {len(harmless)}:"
    for source in sorted({s.text.source for s in samples if s.text.label}):
        own = [score for score, s in zip(highest, samples, strict=True) if s.text.label and s.text.source == source]
        line += f" {source} {sum(score > cut for score in own) / len(own):.2f}"
    print(line, flush=True)


def started(options: argparse.Namespace) -> Network:
    if not options.start:
        return Network(options.base)
    given = begun(options.start)
    network = Network(options.base, shape_of(given))
    network.load_state_dict(given)
    return network


def train(samples: Sequence[Sample], watched: Sequence[Sample], options: argparse.Namespace) -> Network:
    torch.manual_seed(options.seed)
    words, network = Words(options.base / "words"), started(options)
    source, rng = Source(samples, options.seed), random.Random(options.seed)
    groups = parameter_groups(network, options.rate, len(network.trunk.layer))
    full = [group["lr"] for group in groups]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)
    weights = [p for p in network.parameters() if p.requires_grad]
    average = [p.detach().clone() for p in weights]
    start, losses, ready = time.monotonic(), list[float](), list[list[tuple[list[int], int]]]()
    at = 0
    while (done := max((time.monotonic() - start) / 60 / options.minutes, at / options.steps)) < 1:
        if at % ROUND == 0 and at and source.unplaced:
            source.places = best(network, words, source.unplaced)[1]
        if not ready:
            drawn = [(row(words, text), label) for text, label in (source.draw() for _ in range(BATCH * POOL))]
            drawn.sort(key=lambda pair: len(pair[0]))
            ready = [drawn[i : i + BATCH] for i in range(0, len(drawn), BATCH)]
            rng.shuffle(ready)
        part = ready.pop()
        for group, speed in zip(optimizer.param_groups, full, strict=True):
            group["lr"] = speed * pace(done)
        labels = torch.tensor([float(label) for _, label in part])
        with torch.autocast("cpu", torch.bfloat16):
            early, late = network(**padded(words, [ids for ids, _ in part]))
        loss = functional.binary_cross_entropy_with_logits(late.float(), labels * 0.94 + 0.03)
        loss = loss + EARLY * functional.binary_cross_entropy_with_logits(early.float(), labels * 0.94 + 0.03)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        at += 1
        for mean, weight in zip(average, weights, strict=True):
            mean.lerp_(weight.detach(), 1 - min(AVERAGE, at / (at + 9)))
        losses.append(loss.item())
        if at % 50 == 0:
            print(f"{at} steps, {time.monotonic() - start:.0f} s, loss {sum(losses[-50:]) / 50:.3f}", flush=True)
        if at % 400 == 0:
            torch.save(averaged(network, average), options.out / "running.pt")
            watch(network, words, watched)
    network.load_state_dict(averaged(network, average))
    return network


def averaged(network: Network, average: list[Tensor]) -> dict[str, Tensor]:
    names = [name for name, weight in network.named_parameters() if weight.requires_grad]
    return {**network.state_dict(), **dict(zip(names, average, strict=True))}


def export(network: Network, words: Words, out: Path, held: Sequence[Sample], trained: Sequence[Sample]) -> None:
    """Write both graphs and reader.json. `held` trained nothing: its attacks say what the lower layers may refuse."""
    given = feed(words)
    with torch.no_grad():
        states = Lower(network)(**given)[1]
    files = {
        LOWER: write(Lower(network), given, ["score", "states"], out / LOWER),
        UPPER: write(Upper(network), {"states": states}, ["score"], out / UPPER),
    }
    attacks = [sample for sample in held if sample.text.label]
    said = [sample.said(at) for sample, at in zip(attacks, best(network, words, attacks)[1], strict=True)]
    opinions = scores(network, words, said)
    doubts = [sorted(each[at] for each in opinions)[int(len(opinions) * share)] for at, share in enumerate(DOUBTS)]
    card = {
        "format": FORMAT,
        "id": f"reader-{hashlib.sha256(''.join(sorted(files.values())).encode()).hexdigest()[:12]}",
        "base": "multilingual-e5-small, its lower six layers (MIT)",
        "licence": "Apache-2.0",
        "words": words.id,
        "doubts": [round(doubt, 3) for doubt in doubts],
        "defender": DEFENDER,
        "trained_on": dict(sorted(Counter(sample.text.source for sample in trained).items())),
        "files": files,
    }
    (out / CARD).write_text(json.dumps(card, indent=1) + "\n", "utf-8")


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
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--base", type=Path, default=BASE, help="what training/base.py wrote")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    words = Words(options.base / "words")
    given = load(options.data, words)
    given += [Sample(t, None, pieces(words, t.text)) for t in repository(options.repository, options.seed)]
    trained = [sample for sample in given if sample.text.trains and not sample.text.apart]
    apart = [sample for sample in given if not sample.text.trains]
    watched = random.Random(1).sample(apart, min(1200, len(apart))) + load(options.watch, words)
    print(f"{len(trained)} texts to train on, {len(watched)} watched", flush=True)
    network = train(trained, watched, options) if options.steps else started(options)
    torch.save(network.state_dict(), options.out / "network.pt")
    watch(network, words, watched)
    export(network, words, options.out, watched, trained)


if __name__ == "__main__":
    main()

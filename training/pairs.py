"""Pairs to train and to measure on: reading them, splitting them by prompt, drawing training examples from them.

A pair is (a, b, same, kind, lang). Prompts that occur together in a pair belong to one component; a component is never
split between training and measuring. Within a component, pairs follow from pairs: what equals one of two equals, equals
the other; what differs from one of them differs from both.
"""

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .contrasts import contrast
from .noise import paraphrase


@dataclass(frozen=True, slots=True)
class Pair:
    a: str
    b: str
    same: int
    kind: str = ""
    lang: str = "en"
    file: str = ""


def read(path: Path) -> list[Pair]:
    """The pairs of a JSONL file."""
    pairs: list[Pair] = []
    for line in path.read_text("utf-8").splitlines():
        if line.strip():
            row = json.loads(line)
            kind = row.get("kind") or row.get("source") or ""
            pairs.append(Pair(row["a"], row["b"], int(row["same"]), kind, row.get("lang", "en"), path.stem))
    return pairs


def read_all(folder: Path) -> list[Pair]:
    return [pair for path in sorted(folder.glob("*.jsonl")) for pair in read(path)]


def _root(parent: dict[str, str], key: str) -> str:
    while parent[key] != key:
        parent[key] = parent[parent[key]]
        key = parent[key]
    return key


def classes(pairs: Iterable[Pair]) -> dict[str, str]:
    """For each prompt the one that stands for all that share its answer."""
    return _union(pairs, only_same=True)


def components(pairs: Iterable[Pair]) -> dict[str, str]:
    """For each prompt the one that stands for all that it is connected with, by equality or by contrast."""
    return _union(pairs, only_same=False)


def _key(text: str) -> str:
    return " ".join(text.lower().split())


def _union(pairs: Iterable[Pair], only_same: bool) -> dict[str, str]:
    parent: dict[str, str] = {}
    for pair in pairs:
        a, b = _key(pair.a), _key(pair.b)
        parent.setdefault(a, a)
        parent.setdefault(b, b)
        if pair.same or not only_same:
            parent[_root(parent, a)] = _root(parent, b)
    return {key: _root(parent, key) for key in parent}


def is_of(pair: Pair, name: str) -> bool:
    """Whether a pair is of a file (its name without ending), of `kind:NAME`, or of `lang:NAME`."""
    return name in (pair.file, f"kind:{pair.kind}", f"lang:{pair.lang}")


def hold_out(pairs: Sequence[Pair], names: Sequence[str]) -> tuple[list[Pair], list[Pair]]:
    """(training pairs, all others): what `names` say, and whatever is connected with its prompts. See `is_of`.

    Raises ValueError on a name that no pair is of.
    """
    if unknown := [name for name in names if not any(is_of(pair, name) for pair in pairs)]:
        raise ValueError(f"no pair is of {', '.join(unknown)}")
    group = components(pairs)
    held = {group[_key(pair.a)] for pair in pairs if any(is_of(pair, name) for name in names)}
    train = [pair for pair in pairs if group[_key(pair.a)] not in held]
    return train, [pair for pair in pairs if group[_key(pair.a)] in held]


def measured(out: Sequence[Pair], name: str) -> list[Pair]:
    """What was held back under a name. Where that is of one label alone, as most kinds are, also those of the
    other label that were kept out with them."""
    own = [pair for pair in out if is_of(pair, name)]
    labels = {pair.same for pair in own}
    return own if len(labels) != 1 else [*own, *(pair for pair in out if pair.same not in labels)]


@dataclass(frozen=True, slots=True)
class Example:
    """What the network learns from: a pair, its label and its kind; `kind` is "" where the label alone is known."""

    a: str
    b: str
    same: int
    kind: str


@dataclass
class Source:
    """An endless stream of training examples, the same for the same seed.

    Half of them come from the pairs as written or as they follow from one another, the rest is made from their prompts.
    As written, like words mostly mean another answer and unlike words the same one. Pairs that follow, contrasts made
    of paraphrases, and neighbours from other components break that rule, or it would be all that is learned.
    """

    pairs: Sequence[Pair]
    seed: int = 7
    written: float = 0.55
    near_file: Path | None = None
    """Where neighbours are kept between runs; it belongs to one set of pairs, and others' prompts are left out."""
    unmade: frozenset[str] = frozenset()
    """Kinds of contrasts that are not made: those that are held back."""
    groups: list[dict[str, list[str]]] = field(init=False)
    """For each component its classes, each a list of prompts that share an answer."""

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        klass, group = classes(self.pairs), components(self.pairs)
        texts = {_key(text): text for pair in self.pairs for text in (pair.a, pair.b)}
        tree: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for key, text in texts.items():
            tree[group[key]][klass[key]].append(text)
        self.groups = [dict(part) for _, part in sorted(tree.items())]
        self.texts = sorted(texts.values())
        self.home = {_key(text): at for at, part in enumerate(self.groups) for same in part.values() for text in same}
        if self.near_file and self.near_file.exists():
            known: dict[str, list[str]] = json.loads(self.near_file.read_text("utf-8"))
            ours = {text: [near for near in nears if _key(near) in self.home] for text, nears in known.items()}
            self.near = {text: nears for text, nears in ours.items() if nears}
        else:
            self.near = neighbours(self.texts, self.home)
            if self.near_file:
                self.near_file.write_text(json.dumps(self.near), "utf-8")

    def __iter__(self) -> Iterator[Example]:
        order: list[Pair] = []
        while True:
            if self.rng.random() < self.written:
                if not order:
                    order = list(self.pairs)
                    self.rng.shuffle(order)
                example = self._from_pair(order.pop())
            else:
                example = self._made()
            if example:
                yield example if self.rng.random() < 0.5 else Example(example.b, example.a, example.same, example.kind)

    def _from_pair(self, pair: Pair) -> Example:
        a, b, same, kind = pair.a, pair.b, pair.same, pair.kind
        if self.rng.random() < 0.45:
            derived = self._derived(self.groups[self.home[_key(pair.a)]], same)
            if derived:
                (a, b), kind = derived, ""
        return Example(self._noisy(a, 0.15), self._noisy(b, 0.15), same, kind)

    def _derived(self, group: dict[str, list[str]], same: int) -> tuple[str, str] | None:
        """A pair that follows from others in its component."""
        rng = self.rng
        if same:
            wide = [part for part in group.values() if len(part) > 1]
            return tuple(rng.sample(rng.choice(wide), 2)) if wide else None  # pyright: ignore[reportReturnType]
        if len(group) < 2:
            return None
        x, y = rng.sample(sorted(group), 2)
        return rng.choice(group[x]), rng.choice(group[y])

    def _made(self) -> Example | None:
        rng = self.rng
        choice = rng.random()
        base = rng.choice(self.texts)
        group = self.groups[self.home[_key(base)]]
        twin = rng.choice(next(part for part in group.values() if base in part)) if rng.random() < 0.6 else base
        if choice < 0.30:
            b, kind = paraphrase(twin, rng, rng.choice([1, 2, 2, 3, 4]))
            return Example(base, b, 1, kind if twin == base else "")
        if choice < 0.68:
            made = contrast(twin, rng, self.texts)
            if not made or made[1] in self.unmade:
                return None
            return Example(self._noisy(base, 0.25), self._noisy(made[0], 0.35), 0, made[1])
        if choice < 0.92:
            near = self.near.get(twin)
            return Example(self._noisy(base, 0.2), self._noisy(rng.choice(near), 0.2), 0, "neighbour") if near else None
        if choice < 0.95:
            other = rng.choice(self.texts)
            return Example(base, other, 0, "random") if self.home[_key(other)] != self.home[_key(base)] else None
        return self._joined()

    def _joined(self) -> Example | None:
        """Two pairs, one after the other: the whole is the same only when both parts are."""
        x, y = self.rng.sample(self.pairs, 2)
        if max(map(len, (x.a, x.b, y.a, y.b))) > 220:
            return None
        gap = self.rng.choice([" ", "\n", " And: ", ". Then: "])
        if self.rng.random() < 0.5:
            return Example(f"{x.a}{gap}{y.a}", f"{x.b}{gap}{y.a}", x.same, x.kind)
        return Example(f"{x.a}{gap}{y.a}", f"{x.b}{gap}{y.b}", x.same & y.same, "")

    def _noisy(self, text: str, share: float) -> str:
        return paraphrase(text, self.rng, self.rng.choice([1, 1, 2]))[0] if self.rng.random() < share else text


def neighbours(texts: Sequence[str], home: dict[str, int], count: int = 10) -> dict[str, list[str]]:
    """For each prompt those of other components that the sentence encoder puts near it, near twins left out."""
    import numpy as np

    from .network import encode

    vectors = encode(texts)
    out: dict[str, list[str]] = {}
    for start in range(0, len(texts), 500):
        block = vectors[start : start + 500] @ vectors.T
        for offset, row in enumerate(block):
            text = str(texts[start + offset])
            own = home[_key(text)]
            few = np.argpartition(-row, min(count + 24, len(row) - 1))[: count + 24]
            best = few[np.argsort(-row[few])]
            found = [texts[i] for i in best if home[_key(texts[i])] != own and 0.35 < row[i] < 0.85]
            if found:
                out[text] = found[:count]
    return out


def generated(pairs: Sequence[Pair], count: int, seed: int) -> list[Pair]:
    """`count` made pairs to measure on, half contrasts, half paraphrases, each from one prompt of `pairs` and in its
    language."""
    rng = random.Random(seed)
    langs = {text: pair.lang for pair in pairs for text in (pair.a, pair.b)}
    texts = sorted(langs)
    out: list[Pair] = []
    while len(out) < count:
        base = rng.choice(texts)
        if len(out) % 2:
            b, kind = paraphrase(base, rng, rng.choice([1, 2, 3]))
            if kind and _key(b) != _key(base):
                out.append(Pair(base, b, 1, kind, langs[base], "generated"))
        elif made := contrast(base, rng, texts):
            out.append(Pair(base, made[0], 0, made[1], langs[base], "generated"))
    return out

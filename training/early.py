"""Teach the reader's first opinion anew by its last two layers, over lower layers that stay as they are.

    python -m training.early --data training/data/injection/*.jsonl --others training/data/semcache/*.jsonl
        build/ordinary.jsonl --repository engine cache models governance serve docs
        --fresh own_b[a-gjklm]_near own_bp_near own_bq own_bu own_bv own_bz_near own_ca_near --out build/reader

Minutes on one processor. For when upper layers learned what the first opinion did not see (`training.further`), so that
it ends too little, and ends attacks that the second would find. Hands of --fresh are those that the lower layers never
saw: read by heads that did not learn from them, they say from where to where the first opinion is in doubt. What is
written is the folder of a reader that differs from the old one in these layers and bounds only.
"""

import argparse
import fnmatch
import hashlib
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from tidegate.guardrails.detectors.injection import weights
from tidegate.guardrails.scramble import boards
from tidegate.models.graph import Row, session
from tidegate.models.reader import FOLDER, FORMAT, LOWER
from tidegate.models.words import words

from .graphs import widened
from .head import States
from .pieces import row
from .reader import bounds as bounds_of
from .reader import follow
from .trunk import DROPOUT
from .windows import Text, read, repository, said

STATES = "/early/Concat_output_0"
"""What the last layers are given, as the graph names it."""
LAYERS = {"0": "early.mix.1", "2": "early.attack"}
"""Their names in the network, by those in a head of their own. They ship in fp32: in 8 bits they lose what they
learned, for some states are far larger than others."""
INNER = 192
EPOCHS, BATCH, RATE, DECAY = 5, 256, 1e-3, 0.05
SMOOTH = 0.06
FOLDS = 3
PROMPTS, ORDINARY, CODE = 3000, 1500, 700
"""How many are drawn: prompts and other texts of --others, and pieces of --repository."""
FAR = -6.0
"""Windows that n-grams give less are never read, and teach nothing."""
Numbers = NDArray[np.float32]


def pieces_of(texts: Sequence[Text]) -> list[tuple[Text, str]]:
    """What is learned of each text: of an attack the window that n-grams find most like one, of others two."""
    out: list[tuple[Text, str]] = []
    for text in texts:
        seen = boards(text.text)
        windows = sorted(weights().ngrams.windows(seen), key=lambda window: -window.score)[: 1 if text.label else 2]
        out += [(text, said(seen, each.start, each.end)) for each in windows if each.score >= FAR]
    return out


def states_of(pieces: Sequence[str], folder: Path, kept: Path | None) -> Numbers:
    """What the lower layers make of each piece. `kept`: a file in which they lie between runs."""
    known: dict[str, NDArray[np.float16]] = {}
    if kept and kept.exists():
        with np.load(kept) as file:
            known = dict(zip(file["names"].tolist(), file["states"], strict=True))
    graph = onnx.load(str(folder / LOWER))
    graph.graph.output.append(onnx.helper.make_tensor_value_info(STATES, onnx.TensorProto.FLOAT, None))
    lower, table = session(graph.SerializeToString(), LOWER), words()
    names = [hashlib.sha256(piece.encode("utf-8", "replace")).hexdigest()[:20] for piece in pieces]
    for name, piece in zip(names, pieces, strict=True):
        if name not in known:
            ids = row(table, piece)
            known[name] = lower.run([STATES], Row(ids, [0] * len(ids)).feed(table))[0][0].astype(np.float16)
    if kept:
        np.savez(kept, names=np.array(list(known)), states=np.stack(list(known.values())))
    return np.stack([known[name] for name in names]).astype(np.float32)


def fit(states: Numbers, labels: Numbers, seed: int, epochs: int = EPOCHS) -> nn.Sequential:
    """The last two layers, for states as they come."""
    torch.manual_seed(seed)
    middle, spread = states.mean(0), states.std(0) + 1e-3
    first, last = nn.Linear(states.shape[1], INNER), nn.Linear(INNER, 1)
    taught = nn.Sequential(nn.Dropout(2 * DROPOUT), first, nn.GELU(), nn.Dropout(2 * DROPOUT), last)
    optimizer = torch.optim.AdamW(taught.parameters(), lr=RATE, weight_decay=DECAY)
    steps = epochs * -(-len(states) // BATCH)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    given = torch.from_numpy((states - middle) / spread)
    wanted = torch.from_numpy(labels) * (1 - SMOOTH) + SMOOTH / 2
    for _ in range(epochs):
        for part in torch.randperm(len(given)).split(BATCH):
            loss = functional.binary_cross_entropy_with_logits(taught(given[part]).squeeze(-1), wanted[part])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            pace.step()
    with torch.no_grad():  # what the states were scaled by becomes part of the layer
        first.weight /= torch.from_numpy(spread)
        first.bias -= first.weight @ torch.from_numpy(middle)
    return nn.Sequential(first, nn.GELU(), last).eval()


def scores(head: nn.Sequential, states: Numbers) -> Numbers:
    with torch.inference_mode():
        return head(torch.from_numpy(states)).squeeze(-1).numpy()


def unseen(states: Numbers, labels: Numbers, hands: Sequence[str], seed: int) -> Numbers:
    """Each piece's score by a head that learned from other hands."""
    names = sorted(set(hands))
    random.Random(seed).shuffle(names)
    fold = np.array([names.index(hand) % FOLDS for hand in hands])
    out = np.zeros(len(states), np.float32)
    for number in range(FOLDS):
        out[fold == number] = scores(fit(states[fold != number], labels[fold != number], seed), states[fold == number])
    return out


def write(
    head: nn.Sequential, folder: Path, out: Path, bounds: tuple[float, float, float], trained: dict[str, int]
) -> str:
    """The reader of `folder` with this first opinion. `bounds`: from where to where it is in doubt, and what is said of
    a piece above. Returns the reader's id. Raises ValueError when the graph has no such layers."""
    state = head.state_dict()
    lower = widened(folder / LOWER, {name: (state[f"{at}.weight"], state[f"{at}.bias"]) for at, name in LAYERS.items()})
    out.mkdir(parents=True, exist_ok=True)
    (out / LOWER).write_bytes(lower)
    files = {LOWER: hashlib.sha256(lower).hexdigest()}
    card = {"format": FORMAT, **dict(zip(("doubt", "sure", "called"), bounds, strict=True))}
    return follow(folder, out, files, trained, card)


def drawn(options: argparse.Namespace) -> list[Text]:
    """What is learned from."""
    rng = random.Random(options.seed)
    others = [text for text in read(options.others) if text.teaches]
    prompts = [text for text in others if text.source.startswith("prompts_")]
    ordinary = [text for text in others if not text.source.startswith("prompts_")]
    texts = read(options.data)
    for some, most in ((prompts, PROMPTS), (ordinary, ORDINARY), (repository(options.repository, options.seed), CODE)):
        texts += rng.sample(some, min(most, len(some)))
    return [text for text in texts if text.teaches]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="texts with labels: all of them")
    parser.add_argument("--others", type=Path, nargs="*", default=[], help="harmless texts, of which some are drawn")
    parser.add_argument("--repository", type=Path, nargs="*", default=[], help="folders of our own code and documents")
    parser.add_argument(
        "--fresh", nargs="+", required=True, help="sources, by pattern, that the lower layers never saw"
    )
    parser.add_argument("--reader", type=Path, default=FOLDER, help="the folder of the reader to go on from")
    parser.add_argument("--kept", type=Path, help="where what the lower layers say is kept between runs")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    pieces = pieces_of(drawn(options))
    states = states_of([piece for _, piece in pieces], options.reader, options.kept)
    labels = np.array([text.label for text, _ in pieces], np.float32)
    hands = [text.source for text, _ in pieces]
    fresh = np.array([any(fnmatch.fnmatch(hand, each) for each in options.fresh) for hand in hands])
    found = unseen(states, labels, hands, options.seed)
    doubt, sure = bounds_of(found[fresh & (labels > 0)].tolist(), found[fresh & (labels == 0)].tolist())
    above = [piece for (_, piece), yes in zip(pieces, fresh & (labels > 0) & (found >= sure), strict=True) if yes]
    called = round(States(options.reader, words())(above)[1].median().item(), 3)
    head = fit(states, labels, options.seed)
    trained = Counter(text.source for text in {text.text: text for text, _ in pieces}.values())
    name = write(head, options.reader, options.out, (doubt, sure, called), trained)
    print(name, len(pieces), "pieces,", int(fresh.sum()), "of fresh hands; in doubt from", doubt, "to", sure)


if __name__ == "__main__":
    main()

"""Make a network smaller: fewer layers, and in each the inner neurons that do most.

    python -m training.prune verifier --start build/network.pt --keep-layers 0,1,2,4 --inner 768 --out build/pruned.pt

What a neuron does is measured on texts: how strongly it speaks, times how much of it the layer hears. Training goes on
from the file with `--start`.
"""

import argparse
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from tidegate.models.words import Words

from .graphs import begun
from .loop import Table
from .network import Network, score
from .pairs import read_all
from .reader import scores
from .reader_network import Network as Reader
from .trunk import BASE, Trunk, keep_neurons, shape_of
from .verifier import rows_of


def heard(trunk: Trunk, read: Callable[[], object]) -> list[Tensor]:
    """For each layer what each inner neuron gives to the layer's output, while `read` has texts read."""
    sums: list[Tensor] = []

    def listen(into: Tensor):
        def hook(_: nn.Module, __: tuple[Tensor, ...], out: Tensor) -> None:
            into.add_(functional.gelu(out.float()).abs().sum((0, 1)))

        return hook

    for layer in trunk.layers():
        sums.append(torch.zeros(layer.inner.out_features))
        layer.inner.register_forward_hook(listen(sums[-1]))
    read()
    return [each * layer.outer.weight.norm(dim=0) for each, layer in zip(sums, trunk.layers(), strict=True)]


def pruned(state: dict[str, Tensor], worth: list[Tensor], layers: list[int], inner: int) -> dict[str, Tensor]:
    """The weights of these layers alone, each with `inner` neurons."""
    out = {name: value for name, value in state.items() if ".layer." not in name}
    for new, old in enumerate(layers):
        start, begin = f"trunk.layer.{old}.", f"trunk.layer.{new}."
        out |= {begin + name.removeprefix(start): value for name, value in state.items() if name.startswith(start)}
        keep_neurons(out, begin, worth[old], inner)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", choices=["verifier", "reader"])
    parser.add_argument("--start", type=Path, required=True, help="a network.pt or a folder of graphs")
    parser.add_argument("--keep-layers", required=True, help="their numbers, from 0, with commas")
    parser.add_argument("--inner", type=int, required=True)
    parser.add_argument("--data", type=Path, default=Path("training/data/semcache"), help="pairs to listen to")
    parser.add_argument("--base", type=Path, default=BASE)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    given = {name: value for name, value in begun(options.start).items() if not name.startswith("kind.")}
    words, shape = Words(options.base / "words"), shape_of(given)
    pairs = [(pair.a, pair.b) for pair in random.Random(1).sample(read_all(options.data), 2000)]
    if options.which == "reader":
        network = Reader(options.base, shape)
        read = partial(scores, network, Table(words), [text for pair in pairs for text in pair])
    else:
        network = Network(1, options.base, shape)
        read = partial(score, network, Table(words), [row for row in rows_of(words, pairs) if row])
    network.load_state_dict(given, strict=False)
    worth = heard(network.trunk, read)
    torch.save(pruned(given, worth, [int(at) for at in options.keep_layers.split(",")], options.inner), options.out)


if __name__ == "__main__":
    main()

"""Blend trained networks with each other and with the base that they were trained from, weight by weight.

    python -m training.blend deep.pt=0.8 --out build/deep.pt
    python -m training.blend early.pt=0.4 late.pt=0.4 --out build/reader.pt

What the shares leave of 1 is the base's own. A network that has been trained long knows our hands' texts best, and has
forgotten some of what the base knows of everybody's; between the two lies one that does better on both (Wortsman et
al., arXiv 2109.01903 and 2203.05482). It costs no time, neither here nor when it reads.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from .graphs import begun
from .trunk import BASE, Trunk, shape_of

State = dict[str, Tensor]


def blend(parts: Sequence[tuple[State, float]], base: State) -> State:
    """The sum of the networks' weights by their shares, in the layers the rest from `base`; the heads, of which the
    base has none, are of the networks alone. Raises ValueError unless the shares lie above 0 and end at 1 at most."""
    whole = sum(share for _, share in parts)
    if whole > 1 + 1e-9 or any(share <= 0 for _, share in parts):
        raise ValueError("shares lie above 0, and their sum is 1 at most")
    out: State = {}
    for name in parts[0][0]:
        mixed = sum(share * state[name].float() for state, share in parts)
        assert isinstance(mixed, Tensor)
        inside = name.removeprefix("trunk.")
        out[name] = mixed + (1 - whole) * base[inside] if name != inside else mixed / whole
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="+", help="FILE=SHARE, of networks of one shape")
    parser.add_argument("--base", type=Path, default=BASE, help="what training/base.py wrote")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    parts = [(begun(Path(file)), float(share)) for file, share in (part.rsplit("=", 1) for part in options.parts)]
    torch.save(blend(parts, Trunk(options.base, *shape_of(parts[0][0])).state_dict()), options.out)


if __name__ == "__main__":
    main()

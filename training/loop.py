"""The loop in which the small networks learn, on processors or on an accelerator."""

import argparse
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from tidegate.models.words import Words

from .trunk import BASE, parameter_groups, shape

T = TypeVar("T")
AVERAGE = 0.998
"""How much of the running average of the weights stays at each step."""
AHEAD = 16
"""Batches that each process keeps ready."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of pieces, padded to the longest: numbers of pieces, which text they belong to, and 1 at each."""

    ids: Tensor
    types: Tensor
    mask: Tensor


def padded(rows: Sequence[Sequence[int]], types: Sequence[Sequence[int]] | None = None) -> Rows:
    width = max(map(len, rows))
    ids, kinds, mask = (np.zeros((len(rows), width), np.int64) for _ in range(3))
    for at, row in enumerate(rows):
        ids[at, : len(row)] = row
        mask[at, : len(row)] = 1
        if types is not None:
            kinds[at, : len(row)] = types[at]
    return Rows(torch.from_numpy(ids), torch.from_numpy(kinds), torch.from_numpy(mask))


class Table:
    """The words' vectors on a device. They are not trained."""

    def __init__(self, words: Words, device: str = "cpu") -> None:
        self.words, self.device = words, device
        self._vectors = torch.from_numpy(words.vectors(np.arange(len(words)))).to(device)

    def feed(self, rows: Rows) -> dict[str, Tensor]:
        """What the networks take."""
        ids, types, mask = (each.to(self.device, non_blocking=True) for each in (rows.ids, rows.types, rows.mask))
        return {"vectors": functional.embedding(ids, self._vectors), "types": types, "mask": mask}

    def read(self, network: nn.Module, rows: Rows) -> Any:
        """The network's outputs, in bf16 where that is enough."""
        with torch.autocast(self.device, torch.bfloat16):
            return network(**self.feed(rows))


@dataclass(frozen=True, slots=True)
class Pace:
    """How far and how fast to go: the first of `steps` and `minutes` ends it; `rate` is that of the upper layer."""

    steps: int
    minutes: float
    rate: float


def factor(done: float) -> float:
    """The learning rate's: up over the first 6 %, then down along a cosine to 2 %."""
    return done / 0.06 if done < 0.06 else 0.02 + 0.49 * (1 + math.cos(math.pi * (done - 0.06) / 0.94))


class _Stream(IterableDataset[Any]):
    def __init__(self, make: Callable[[int], Iterator[Any]]) -> None:
        self._make = make

    def __iter__(self) -> Iterator[Any]:
        info = get_worker_info()
        return self._make(info.id if info else 0)


def drawn(make: Callable[[int], Iterator[T]], workers: int) -> Iterator[T]:
    """What `make(0)` yields; or, by turns, what `make` yields of 0, 1, ... in so many processes."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    context = "fork" if workers else None
    ahead = AHEAD if workers else None
    yield from DataLoader(
        _Stream(make), batch_size=None, num_workers=workers, prefetch_factor=ahead, multiprocessing_context=context
    )


def fit(
    network: nn.Module,
    layers: int,
    given: Iterator[T],
    loss_of: Callable[[T], Tensor],
    pace: Pace,
    watch: Callable[[Callable[[], dict[str, Tensor]], int], None],
) -> None:
    """Train in place; what stays is the average of the weights over the last steps. `watch` may ask for
    that state after each step, whose number it is given, before the next batch is drawn."""
    groups = parameter_groups(network, pace.rate, layers)
    full = [group["lr"] for group in groups]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)
    names = [name for name, weight in network.named_parameters() if weight.requires_grad]
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    average = [weight.detach().clone() for weight in weights]

    def state() -> dict[str, Tensor]:
        return {**network.state_dict(), **dict(zip(names, average, strict=True))}

    start, losses = time.monotonic(), list[Tensor]()
    for at, part in enumerate(given, 1):
        done = max((time.monotonic() - start) / 60 / pace.minutes, (at - 1) / pace.steps)
        if done >= 1:
            break
        for group, speed in zip(optimizer.param_groups, full, strict=True):
            group["lr"] = speed * factor(done)
        loss = loss_of(part)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        torch._foreach_lerp_(average, [w.detach() for w in weights], 1 - min(AVERAGE, at / (at + 9)))
        losses.append(loss.detach())
        if at % 50 == 0:
            mean = torch.stack(losses).mean().item()
            losses.clear()
            print(f"{at} steps, {time.monotonic() - start:.0f} s, loss {mean:.3f}", flush=True)
        watch(state, at)
    network.load_state_dict(state())


def add_options(parser: argparse.ArgumentParser) -> None:
    """What both trainings may be told."""
    parser.add_argument(
        "--shape", type=shape, help="layers and inner neurons of each, as 4,768, where there is no --start"
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu", help="cuda, for one")
    parser.add_argument("--workers", type=int, default=0, help="processes that make batches; 0 for this one")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--every", type=int, default=300, help="steps between two reports")
    parser.add_argument("--base", type=Path, default=BASE, help="what training/base.py wrote")

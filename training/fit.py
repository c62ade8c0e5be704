"""The two models of the injection detector: a linear one over n-grams, a small network over sentence vectors."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from torch.nn import functional

from .windows import Bags

Numbers = NDArray[np.float64]
ROUNDS = 3
HIDDEN = 64


@dataclass(frozen=True, slots=True)
class Linear:
    weights: NDArray[np.float32]
    bias: float

    def scores(self, bags: Bags) -> Numbers:
        return np.asarray(bags.matrix @ self.weights, np.float64) + self.bias


def linear(bags: Bags, which: NDArray[np.int64], penalty: float, steps: int = 30) -> Linear:
    """Logistic regression over windows. Of an attack, only the window that scores highest is one; which, is found anew
    in every round (multi-instance learning, Andrews et al. 2003); in the first, all of them share the label."""
    labels = np.array([bags.texts[i].label for i in which])
    rows = bags.rows(which)
    matrix = bags.matrix[rows]
    used = np.flatnonzero(np.bincount(matrix.indices, minlength=matrix.shape[1]) >= 2)
    matrix = matrix[:, used].tocsr()
    turned = matrix.T.tocsr()
    first = np.concatenate([[0], np.cumsum([bags.first[i + 1] - bags.first[i] for i in which])]).astype(np.int64)
    owner = np.repeat(np.arange(len(which)), np.diff(first))
    targets = labels[owner].astype(float)
    weight = np.where(targets > 0, 1 / np.diff(first)[owner], 1.0)
    x = np.zeros(len(used) + 1)
    for round in range(ROUNDS):
        if round:
            scores = matrix @ x[:-1]
            picked = np.zeros(len(rows), bool)
            for bag in np.flatnonzero(labels):
                picked[first[bag] + int(np.argmax(scores[first[bag] : first[bag + 1]]))] = True
            weight = np.where(targets > 0, picked.astype(float), 1.0)
        balance = np.where(targets > 0, weight[targets == 0].sum() / max(weight[targets > 0].sum(), 1) * 0.5, 1.0)
        cost = weight * balance
        cost /= cost.sum()

        def loss(x: Numbers, cost: Numbers = cost) -> tuple[float, Numbers]:
            margin = matrix @ x[:-1] + x[-1]
            sign = 2 * targets - 1
            value = float(cost @ np.logaddexp(0, -sign * margin)) + penalty / 2 * float(x[:-1] @ x[:-1])
            slope = -cost * sign * expit(-sign * margin)
            return value, np.append(turned @ slope + penalty * x[:-1], slope.sum())

        x = minimize(loss, x, jac=True, method="L-BFGS-B", options={"maxiter": steps, "maxcor": 8}).x
    weights = np.zeros(bags.matrix.shape[1], np.float32)
    weights[used] = x[:-1]
    return Linear(weights, float(x[-1]))


@dataclass(frozen=True, slots=True)
class Head:
    """One hidden layer over a vector: (dim, HIDDEN), (HIDDEN,), (HIDDEN,), and a bias."""

    inner: NDArray[np.float32]
    shift: NDArray[np.float32]
    outer: NDArray[np.float32]
    bias: float

    def scores(self, vectors: NDArray[np.float32]) -> Numbers:
        hidden = np.maximum(vectors @ self.inner + self.shift, 0)
        return np.asarray(hidden @ self.outer, np.float64) + self.bias


def head(
    bags: Bags, vectors: NDArray[np.float32], which: NDArray[np.int64], seed: int, epochs: int = 12, decay: float = 0.02
) -> Head:
    """Trained on the highest window of each attack and on all windows of harmless texts."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    layers = torch.nn.Sequential(
        torch.nn.Linear(vectors.shape[1], HIDDEN), torch.nn.ReLU(), torch.nn.Dropout(0.3), torch.nn.Linear(HIDDEN, 1)
    )
    optimizer = torch.optim.AdamW(layers.parameters(), lr=3e-3, weight_decay=decay)
    labels = np.array([bags.texts[i].label for i in which])
    attacks, calm = which[labels == 1], bags.rows(which[labels == 0])
    data = torch.from_numpy(vectors * np.float32(8))
    total = epochs * (len(calm) // 256 + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=total)
    for _ in range(epochs):
        layers.eval()
        with torch.inference_mode():
            scores = layers(data).squeeze(1).numpy()
        rows = np.array([bags.first[i] + int(np.argmax(scores[bags.first[i] : bags.first[i + 1]])) for i in attacks])
        layers.train()
        order = rng.permutation(calm)
        for at in range(0, len(order), 256):
            some = rng.choice(rows, 128)
            batch = torch.from_numpy(np.concatenate([order[at : at + 256], some]))
            target = torch.cat([torch.zeros(len(batch) - 128), torch.ones(128)])
            out: Any = layers(data[batch]).squeeze(1)
            cost = functional.binary_cross_entropy_with_logits(out, target * 0.96 + 0.02)
            optimizer.zero_grad()
            cost.backward()
            optimizer.step()
            schedule.step()
    values = {name: value.detach().numpy() for name, value in layers.state_dict().items()}
    return Head(
        values["0.weight"].T.copy() * np.float32(8), values["0.bias"], values["3.weight"][0], float(values["3.bias"][0])
    )

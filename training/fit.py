"""The linear model over n-grams of the injection detector."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from .windows import Bags

Numbers = NDArray[np.float64]
ROUNDS = 3


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

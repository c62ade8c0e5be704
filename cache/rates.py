"""What a few observations say: intervals, evidence against a bound, and the probability that an entry must reach."""

import math
from collections.abc import Sequence

Z = 1.959964
"""Of a 95 % interval."""
ALARM = 5.0
"""Evidence at which the bound counts as broken. A tier whose true share is the bound itself gets there with probability
1/5 at most, ever; one well within it hardly ever. Being off by mistake costs model calls, being on costs wrong answers.
"""
SPREAD = 1.5
"""Standard deviation, in log-odds, of what an entry adds to the verifier's score: how far entries differ."""
CLIP = 7.0
"""Log-odds beyond which a score says nothing more: no verifier is surer than one in a thousand."""


def wilson(wrong: float, total: float) -> tuple[float, float]:
    """The 95 % interval of a share. (0, 1) when nothing was seen. Source: Wilson 1927."""
    if total <= 0:
        return 0.0, 1.0
    share, square = wrong / total, Z * Z
    middle = share + square / (2 * total)
    spread = Z * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    scale = 1 + square / total
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def evidence(wrong: float, total: float, bound: float) -> float:
    """How many times likelier a share above `bound` makes these counts than `bound` itself does, over six such shares.

    It may be looked at after every observation: while the true share is within the bound it exceeds ALARM at any time
    with probability 1/ALARM at most. Source: Ville 1939; Robbins 1970 (mixture likelihood ratios).
    """
    shares = [min(0.99, bound * 2**step) for step in range(1, 7) if bound * 2 ** (step - 1) < 0.99]
    right = total - wrong
    ratios = [
        math.exp(min(700.0, wrong * math.log(share / bound) + right * math.log((1 - share) / (1 - bound))))
        for share in shares
    ]
    return sum(ratios) / len(ratios)


def log_odds(probability: float) -> float:
    """ln(p / (1 - p)), at most CLIP either way."""
    if probability <= 0.0 or probability >= 1.0:
        return math.copysign(CLIP, probability - 0.5)
    return max(-CLIP, min(CLIP, math.log(probability / (1 - probability))))


def sigmoid(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-value))


def offset(seen: Sequence[tuple[float, bool]]) -> float:
    """What an entry's own record adds to the verifier's log-odds: 0.0 when it has none.

    The mode of a logistic model with the verifier's score fixed as prior knowledge, `seen` its (probability, correct),
    and a normal prior of SPREAD on the one free number. Source: the per-entry curve of vCache (arXiv 2502.03771), which
    starts from nothing where this starts from the score.
    """
    if not seen:
        return 0.0
    scores = [(log_odds(probability), float(correct)) for probability, correct in seen]
    low, high = -2 * CLIP, 2 * CLIP
    for _ in range(40):
        middle = (low + high) / 2
        slope = sum(correct - sigmoid(score + middle) for score, correct in scores) - middle / SPREAD**2
        low, high = (middle, high) if slope > 0 else (low, middle)
    return (low + high) / 2

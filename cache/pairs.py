"""Pairs to fit the verifier on: read from files, grouped by connected prompts, and made from their prompts."""

import json
import math
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from .rules.opposites import OPPOSITES
from .rules.reading import read, spell, weak
from .rules.words import STOP


@dataclass(frozen=True, slots=True)
class Pair:
    """Two prompts, whether one answer serves both, and where they come from."""

    a: str
    b: str
    same: bool
    source: str
    cosine: float = math.nan
    group: int = 0


def load_pairs(paths: Iterable[Path]) -> list[Pair]:
    """The rows of JSON-lines files. Raises OSError, ValueError, KeyError."""
    pairs: list[Pair] = []
    for path in paths:
        for line in path.read_text("utf-8").splitlines():
            row = cast("dict[str, Any]", json.loads(line))
            pairs.append(Pair(row["a"], row["b"], bool(row["same"]), path.stem, row.get("cosine", math.nan)))
    return pairs


def grouped(pairs: Sequence[Pair]) -> list[Pair]:
    """Each pair with the number of its connected component: prompts that occur together in any pair share one."""
    parent: dict[str, str] = {}

    def root(text: str) -> str:
        parent.setdefault(text, text)
        while parent[text] != text:
            parent[text] = parent[parent[text]]
            text = parent[text]
        return text

    for pair in pairs:
        parent[root(pair.a)] = root(pair.b)
    numbers: dict[str, int] = {}
    return [replace(pair, group=numbers.setdefault(root(pair.a), len(numbers))) for pair in pairs]


# Pairs made from prompts

_FRAMES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"(?i)^how (?:do|can) i (.+?)\?$", ("How can I {}?", "How do I {}?", "how to {}", "What is the best way to {}?")),
    (r"(?i)^what (?:is|are) (.+?)\?$", ("Tell me {}.", "{}?", "Please explain {}.", "Could you tell me {}?")),
    (r"(?i)^what's (.+?)\?$", ("What is {}?", "Tell me {}.", "{}")),
    (r"(?i)^explain (.+?)\.?$", ("Please explain {}.", "Can you explain {}?", "explain {}")),
    (
        r"(?i)^((?:write|list|give|summari[sz]e|translate|create|plan|suggest) .+)$",
        ("Please {}", "Could you {} Thanks!"),
    ),
)


def rewordings(prompt: str, rng: random.Random) -> list[str]:
    """Everyday other ways to ask the same."""
    found = [prompt.lower().rstrip("?. ") if prompt.isascii() and len(prompt) < 200 else prompt.rstrip("?. ")]
    for pattern, frames in _FRAMES:
        if match := re.match(pattern, prompt):
            rest = match[1][0].lower() + match[1][1:] if match[1][1:2].islower() else match[1]
            found += [frame.format(rest) for frame in frames]
    found += ["Hi! " + prompt + " Thanks", "Please: " + prompt] if prompt.isascii() else []
    rng.shuffle(found)
    return [text for text in found if text != prompt][:2]


def contrasts(prompt: str, others: Sequence[str], rng: random.Random) -> list[str]:
    """The same prompt with one detail changed: a number, an opposite, a negation, a swap, a word, a demand."""
    words = prompt.split()
    found: list[str] = []
    if numbers := list(re.finditer(r"\d+", prompt)):
        at = rng.choice(numbers)
        found.append(f"{prompt[: at.start()]}{int(at[0][:9]) + rng.choice((1, 2, 5, 10))}{prompt[at.end() :]}")
    for pair in sorted(map(sorted, OPPOSITES)):
        left, right = pair
        if len(left + right) < 7:  # in and out, up and down: seldom opposites where they stand
            continue
        for old, new in ((left, right), (right, left)):
            if f" {old} " in prompt:
                found.append(prompt.replace(f" {old} ", f" {new} ", 1))
    match = re.search(r"\b(\w+) (to|from|before|after|than|in|into) (\w+)\b", prompt)
    if match and _says(match[1]) and _says(match[3]) and match[1].lower() != match[3].lower():
        swapped = f"{match[3]} {match[2]} {match[1]}"
        found.append(prompt[: match.start()] + swapped + prompt[match.end() :])
    long = [i for i, word in enumerate(words) if _says(word)]
    donors = [word for word in rng.choice(others).split() if _says(word) and spell(word) not in read(prompt).counts]
    if long and donors:
        at_word = rng.choice(long)
        found.append(" ".join([*words[:at_word], rng.choice(donors).lower(), *words[at_word + 1 :]]))
        found.append(" ".join(words[:at_word] + words[at_word + 1 :]))
    found.append(
        prompt.rstrip("?. ") + rng.choice((" in two sentences.", " for beginners?", " without tools?", " today?"))
    )
    rng.shuffle(found)
    same = read(prompt).content
    return [text for text in found if text != prompt and (text.lower(), same) != (prompt.lower(), same)][:2]


def _says(word: str) -> bool:
    """Whether a word carries content."""
    return (
        len(word) > 4
        and word.isalpha()
        and word.lower() not in STOP
        and not weak(spell(word))
        and bool(read(word).content)
    )


def made(pairs: Sequence[Pair], rng: random.Random) -> list[Pair]:
    """Everyday rewordings and a one-detail contrast of every prompt, and the prompt most like it of another group.

    Call it for each side of a split alone: the neighbour comes from the same pairs.
    """
    groups = {text: pair.group for pair in pairs for text in (pair.a, pair.b)}
    prompts = sorted(groups)
    by_word: dict[str, list[str]] = {}
    for prompt in prompts:
        for word in sorted(read(prompt).counts):
            by_word.setdefault(word, []).append(prompt)
    out: list[Pair] = []
    for prompt in prompts:
        group = groups[prompt]
        out += [Pair(prompt, text, True, "made", group=group) for text in rewordings(prompt, rng)]
        out += [Pair(prompt, text, False, "made", group=group) for text in contrasts(prompt, prompts, rng)[:1]]
        near = [other for word in read(prompt).counts for other in by_word[word][:200] if groups[other] != group]
        if near:
            best = max(sorted(set(near)), key=lambda other: _overlap(prompt, other))
            out.append(Pair(prompt, best, False, "made", group=group))
    return out


def _overlap(a: str, b: str) -> float:
    left, right = read(a).counts.keys(), read(b).counts.keys()
    return len(left & right) / max(1, len(left | right))


# Fitting

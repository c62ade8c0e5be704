"""The word lists of `lists.yaml`, from which pairs are made."""

from pathlib import Path
from typing import Any

import yaml

_raw: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))

GROUPS: dict[str, list[str]] = _raw["groups"]
OPPOSITES: list[tuple[str, str]] = [(a, b) for a, b in (pair.split("/") for pair in _raw["opposites"])]
ADDED: list[str] = _raw["added"]
TAILS: list[str] = _raw["tails"]
BEFORE: list[str] = _raw["before"]
AFTER: list[str] = _raw["after"]
SAME: list[tuple[str, ...]] = [tuple(group.split("/")) for group in _raw["same"]]
CONTRACTIONS: dict[str, str] = _raw["contractions"]
NUMBERS: dict[int, str] = dict(enumerate(_raw["numbers"]))
FRAMES: list[tuple[str, list[str]]] = [(frame["pattern"], frame["ways"]) for frame in _raw["frames"]]
ALIKE: list[set[str]] = [set(group) for group in _raw["alike"]]
COMMON: frozenset[str] = frozenset(_raw["common"].split())

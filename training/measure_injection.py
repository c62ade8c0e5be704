"""Measure the injection detector, with and without the reader, beside the pack's patterns, and the pack as a whole.

    python -m training.measure_injection --data FILE...   the shipped weights
    python -m training.measure_injection --scores FILE    the scores that the trainer left, each source held back

Rows are {text, label, source, kind?, lang?}. Shares carry counts and 95 % intervals (Wilson). On texts that trained the
weights, only --scores says what carries over.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tidegate.engine.ports import Finding
from tidegate.guardrails.detectors.base import sharing
from tidegate.guardrails.detectors.injection import Injection
from tidegate.guardrails.examine import examine
from tidegate.guardrails.normalize import views
from tidegate.guardrails.rules.compile import compile_rules
from tidegate.guardrails.rules.load import load_rules, load_text
from tidegate.guardrails.rules.ruleset import Group
from tidegate.models.reader import reader

from .figures import auc, share
from .windows import Text, read

LEARNED = ("ngrams", "reader")
WAYS = ("patterns", *LEARNED, "pack, ngrams", "pack, reader")


@dataclass(frozen=True, slots=True)
class Judged:
    text: Text
    found: dict[str, bool]
    score: dict[str, float]


class Said:
    """In the place of what the learned rule within others finds: what a model said of the text at hand."""

    yes = False

    def find(self, text: str, start: int = 0) -> list[Finding]:
        return [Finding(0, len(text), "X")] if self.yes else []


class Pack:
    """The pack's patterns, and what it makes of them and of the learned rules together."""

    def __init__(self) -> None:
        rules = compile_rules(load_rules(["pack:injection"], Path())).rules
        self._group = Group(tuple(rule for rule in rules if rule.detector.kind != "injection"))
        self._said = Said()
        self.likely = 1.0
        """The rate at which they ask the learned rule in longer texts."""
        waiting = [rule.detector for rule in self._group.rules]
        while waiting:
            part = waiting.pop()
            if isinstance(part, Injection):
                # The part stays, for its company keeps lists of its own; only what it finds is another's.
                self.likely, part.find = part.false_alarms, self._said.find
            waiting += getattr(part, "parts", [])

    def judged(self, text: Text, found: dict[str, bool], likely: dict[str, bool], score: dict[str, float]) -> Judged:
        """`found` and `likely`: what each learned way says, at the rate asked for and at that of the patterns."""
        for way in ("patterns", *LEARNED):
            self._said.yes = likely.get(way, False)
            hit = bool(examine(self._group, text.text).hits)
            found |= {"patterns": hit} if way == "patterns" else {f"pack, {way}": hit or found[way]}
        return Judged(text, found, score)


def learned(way: str, rate: float) -> tuple[Group, Injection]:
    """The learned rule as packs have it, in the views that they have looked at, and its detector."""
    rule = f"{{id: a, detect: {{injection: {{false_alarms: {rate}}}}}, action: block}}"
    (rule,) = compile_rules(load_text(f"version: 1\ndefaults: {{views: all}}\nrules: [{rule}]")).rules
    if not isinstance(rule.detector, Injection):
        raise TypeError(rule.detector.kind)
    if way == "reader":
        rule.detector.use_reader(reader())
    return Group((rule,)), rule.detector


def shipped(texts: Sequence[Text], rate: float) -> list[Judged]:
    """What the weights that ship say."""
    pack, out = Pack(), list[Judged]()
    rates = rate, pack.likely
    rules = {(way, at): learned(way, at) for way in LEARNED for at in rates}
    for text in texts:
        with sharing():
            found = {key: bool(examine(rule, text.text).hits) for key, (rule, _) in rules.items()}
            seen = [text.text, *(view.text for view in views(text.text))]
            score = {way: max(rules[way, rate][1].score(one) for one in seen) for way in LEARNED}
        found, likely = ({way: found[way, at] for way in LEARNED} for at in rates)
        out.append(pack.judged(text, found, likely, score))
    return out


def kept(file: Path, rate: float) -> list[Judged]:
    """What the trainer's scores say."""
    pack, out = Pack(), list[Judged]()
    for line in filter(None, file.read_text("utf-8").split("\n")):
        row = json.loads(line)
        text = Text(row["text"], row["label"], row["source"], row["kind"], row["lang"])
        found, likely = ({way: bool(row["found"][way][f"{at:g}"]) for way in LEARNED} for at in (rate, pack.likely))
        out.append(pack.judged(text, found, likely, {way: float(row[way]) for way in LEARNED}))
    return out


def line(name: str, judged: Sequence[Judged]) -> None:
    cells = (f"{share(sum(each.found[way] for each in judged), len(judged)):<30}" for way in WAYS)
    print(f"{name:<38}" + "".join(cells))


def by(title: str, judged: Sequence[Judged], key: Callable[[Judged], str], least: int = 8) -> None:
    groups: dict[str, list[Judged]] = defaultdict(list)
    for each in judged:
        groups[key(each)].append(each)
    print(f"\n{title:<38}" + "".join(f"{way:<30}" for way in WAYS))
    for name, some in sorted(groups.items()):
        if len(some) >= least:
            line(name, some)
    line("all", judged)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--data", type=Path, nargs="+")
    given.add_argument("--scores", type=Path)
    parser.add_argument("--false-alarms", type=float, default=0.005)
    options = parser.parse_args()
    judged = kept(options.scores, options.false_alarms) if options.scores else shipped(
        read(options.data), options.false_alarms
    )  # fmt: skip
    attacks = [each for each in judged if each.text.label]
    ordinary = [each for each in judged if each.text.ordinary]
    alike = [each for each in judged if not each.text.label and not each.text.ordinary]
    by("attacks caught, by source", attacks, lambda each: each.text.source)
    by("alarms on ordinary texts, by source", ordinary, lambda each: each.text.source)
    by("alarms on look-alikes, by source", alike, lambda each: each.text.source)
    by("attacks caught, by kind", attacks, lambda each: each.text.kind)
    by("alarms on look-alikes, by kind", alike, lambda each: each.text.kind)
    by("attacks caught, by language", attacks, lambda each: each.text.lang)
    by("alarms by length of harmless texts", ordinary + alike, lambda each: f"{10 ** len(str(len(each.text.text))):>7}")
    print("\nAUC within a source")
    for name in sorted({each.text.source for each in judged}):
        some = [each for each in judged if each.text.source == name]
        labels = [each.text.label for each in some]
        if len(set(labels)) == 2:
            values = (auc([each.score[way] for each in some], labels) for way in LEARNED)
            print(f"{name:<30}" + "  ".join(f"{value:.3f}" for value in values))


if __name__ == "__main__":
    main()

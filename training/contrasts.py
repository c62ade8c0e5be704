"""Contrasts: a prompt changed in one place so that it asks for another answer.

Each maker takes a text, a source of chance and the prompts it may borrow from, and gives the changed text, or None
where it finds nothing to change. They are meant for training and for measuring, never for serving.
"""

import random
import re
from collections.abc import Callable, Sequence

from .lists import ADDED, ALIKE, COMMON, GROUPS, NUMBERS, OPPOSITES, TAILS

Maker = Callable[[str, random.Random, Sequence[str]], str | None]
ENDS = re.compile(r"(?<=[.!?])\s+")
NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)?(?![\w])")
QUOTED = re.compile(r"(?<=[\"“»\n`])[^\"”«`]{60,}")
WORDS = re.compile(r"[A-Za-zÀ-ÿ]{4,}")
WORD_NUMBER = re.compile(r"\b(" + "|".join(NUMBERS[n] for n in range(2, 21)) + r")\b", re.I)


def _boundary(word: str) -> str:
    return (
        rf"(?<!\w){re.escape(word)}(?!\w)"
        if word.isascii() or (word[0].isalpha() and ord(word[0]) < 0x2000)
        else re.escape(word)
    )


_MEMBERS = {name: re.compile("|".join(_boundary(m) for m in sorted(members, key=len, reverse=True)), re.I)
            for name, members in GROUPS.items()}  # fmt: skip
_PAIRS = [(x, y) for a, b in OPPOSITES for x, y in ((a, b), (b, a))]
_OPPOSITES = [(re.compile(_boundary(a), re.I), b) for a, b in _PAIRS]


def cased(new: str, old: str) -> str:
    """`new` with the case of `old`'s first letter."""
    return new[:1].upper() + new[1:] if old[:1].isupper() else new


def replace(text: str, match: re.Match[str], new: str) -> str:
    return text[: match.start()] + cased(new, match.group()) + text[match.end() :]


def fill(template: str, rng: random.Random) -> str:
    """A template with its braces filled from the groups."""
    return re.sub(r"\{(\w+)\}", lambda m: _value(m.group(1), rng), template)


def _value(name: str, rng: random.Random) -> str:
    return (
        str(rng.choice([2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 50, 100, 200])) if name == "n" else rng.choice(GROUPS[name])
    )


def number(text: str, rng: random.Random, _: Sequence[str]) -> str | None:
    found = list(NUMBER.finditer(text))
    if found:
        match = rng.choice(found)
        old = match.group()
        if "." in old or "," in old:
            digits = [i for i, char in enumerate(old) if char.isdigit()]
            at = rng.choice(digits)
            new = old[:at] + rng.choice([d for d in "123456789" if d != old[at]]) + old[at + 1 :]
        else:
            value = int(old)
            near = [value + step for step in (-1, 1, 2, 5, 10)] + [value * 2, value * 10, value // 2]
            new = str(rng.choice([n for n in near if n != value and n > 0]))
        return text[: match.start()] + new + text[match.end() :]
    found = list(WORD_NUMBER.finditer(text))
    if not found:
        return None
    match = rng.choice(found)
    return replace(text, match, NUMBERS[rng.choice([n for n in range(2, 21) if NUMBERS[n] != match.group().lower()])])


_UNITS = [name for name in GROUPS if name.endswith("_unit")] + ["money", "de_zeit", "fr_temps", "es_tiempo", "zh_time"]
_DATES = ["month", "day", "time", "span", "season", "de_tag", "ordinal"]
_STYLES = ["size", "sizes", "shape", "tone", "audience", "reader", "tongue", "wire", "task", "de_form"]
_MODES = ["modal", "quantity"]
_STYLE_ONLY = {"size", "sizes", "shape", "tone"}
_THINGS = [name for name in GROUPS if name not in {*_UNITS, *_DATES, *_MODES, *_STYLE_ONLY}]


def swapper(names: list[str]) -> Maker:
    """A maker that swaps a member of one of these groups for another."""
    return lambda text, rng, _: _swap(text, rng, names)


def _swap(text: str, rng: random.Random, names: list[str]) -> str | None:
    found = [(name, match) for name in names for match in _MEMBERS[name].finditer(text)]
    # "go", "may" and the like are common words: they count as names only when written as one.
    found = [(n, m) for n, m in found if m.group() in GROUPS[n] or len(m.group()) > 4 or m.start() == 0]
    if not found:
        return None
    name, match = rng.choice(found)
    others = [member for member in GROUPS[name] if not _alike(member, match.group())]
    return replace(text, match, rng.choice(others)) if others else None


def _alike(a: str, b: str) -> bool:
    a, b = a.lower(), b.lower()
    return a == b or a in b or b in a or any(a in group and b in group for group in ALIKE)


def opposite(text: str, rng: random.Random, _: Sequence[str]) -> str | None:
    found = [(match, new) for pattern, new in _OPPOSITES for match in pattern.finditer(text)]
    # "Isn't it" asks what "is it" asks: a verb that opens the text is not negated.
    found = [
        (m, new)
        for m, new in found
        if not (m.start() == 0 and new.endswith("n't")) and m.group().lower() not in ("or",)
    ]
    if not found:
        return None
    match, new = rng.choice(found)
    return replace(text, match, new)


NEGATE = re.compile(r"\b(can|could|should|would|does|do|did|is|are|was|were|will|has|have|must|may) (?!not\b)(?=[a-z])")


def negation(text: str, rng: random.Random, _: Sequence[str]) -> str | None:
    drop = list(re.finditer(r"\b(not|never|without|no|nicht|kein|keine|ne pas|sin|non|não|niet|не)\s+", text))
    if drop and rng.random() < 0.7:
        match = rng.choice(drop)
        return text[: match.start()] + text[match.end() :]
    match = re.match(
        r"(why|when|where|who|which \w+|what \w+) (can|does|do|did|is|are|should|will|would) (\w+) ", text, re.I
    )
    if match and rng.random() < 0.6:
        return text[: match.end()] + "not " + text[match.end() :]
    match = re.match(r"(how (?:do|can|should) (?:i|you|we)) ", text, re.I)
    if match and rng.random() < 0.5:
        return (
            text[: match.end()]
            + rng.choice(["avoid having to ", "not ", "stop someone else who wants to "])
            + text[match.end() :]
        )
    found = [m for m in NEGATE.finditer(text) if m.start() > 0]
    if not found:
        return None
    match = rng.choice(found)
    return text[: match.end()] + "not " + text[match.end() :]


_END = r"(?=[,.?!:;\n]|$)"
_PART = r"([^,.?!:;\n]{2,40}?)"
SIDES = [
    re.compile(pattern, re.I)
    for pattern in (
        rf"\b(from) (.{{2,40}}?) (to|into) {_PART}(?=[,.?!:;\n]|$| in | for | with | using | without )",
        rf"\b(convert|translate|migrate|move|switch|change|turn|compare|port) (.{{2,40}}?) (to|into) {_PART}{_END}",
        rf"\b(is|are|does|do|was) (.{{2,40}}?) ((?:\w+er|more \w+|less \w+|better|worse) than) {_PART}{_END}",
        rf"\b(does|can|do|did|will|should) (.{{2,30}}?) (cause|affect|depend on|beat|replace|follow) {_PART}{_END}",
        rf"\b(does|can|do|did|will|should) (.{{2,30}}?) (call|pay|owe|invite|report to|before|after) {_PART}{_END}",
        r"(.)\b(\w+) (before|after|instead of|rather than|over) (\w+)\b",
        rf"\b(von) (.{{2,40}}?) (nach|zu|in) {_PART}{_END}",
        rf"\b(de) (.{{2,30}}?) (à|a|en|para) {_PART}{_END}",
    )
]


def direction(text: str, rng: random.Random, _: Sequence[str]) -> str | None:
    found = [match for pattern in SIDES for match in pattern.finditer(text)]
    found = [match for match in found if match.group(2).lower() != match.group(4).lower()]
    if not found:
        return None
    m = rng.choice(found)
    middle = text[m.end(2) : m.start(4)]
    return text[: m.start(2)] + m.group(4) + middle + m.group(2) + text[m.end(4) :]


def added(text: str, rng: random.Random, _: Sequence[str]) -> str | None:
    pasted = "\n" in text or len(text) > 400
    if not pasted and rng.random() < 0.5:
        body, end = (text[:-1], text[-1]) if text[-1:] in ".?!" else (text, "")
        return f"{body} {fill(rng.choice(TAILS), rng)}{end}"
    demand = fill(rng.choice(ADDED), rng)
    if rng.random() < 0.3:
        return f"{demand}{rng.choice([' ', chr(10)])}{text}"
    return f"{text if text[-1:] in '.?!:' else text + rng.choice(['.', ',', ' -', ''])} {demand}"


CLAUSE = re.compile(
    r"[,;]? (?:but|and|using|without|with|if|when|except|unless|only|assuming|while|for|in|on|under|before|after|by|"
    r"mit|ohne|wenn|pour|sans|avec|con|sin|para) [^,.;?!\n]{6,60}(?=[.?!,;]|$)"
)


def dropped(text: str, rng: random.Random, _: Sequence[str]) -> str | None:
    """A sentence or a clause less. Not for thanks and greetings, which change nothing."""
    sentences = [s for s in ENDS.split(text) if s]
    firm = [
        i
        for i, s in enumerate(sentences)
        if len(s) > 18 and not re.search(r"thank|pleas|hi\b|hello|sorry|cheers|dank|merci|gracias", s, re.I)
    ]
    if len(sentences) > 1 and firm and "\n" not in text and rng.random() < 0.5:
        at = rng.choice(firm)
        return " ".join(sentences[:at] + sentences[at + 1 :])
    found = [m for m in CLAUSE.finditer(text) if m.start() > 12 and not re.search(r"pleas|thank|help", m.group(), re.I)]
    if not found:
        return None
    match = rng.choice(found)
    return text[: match.start()] + text[match.end() :]


def word(text: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """One longer word of the text becomes a word of another prompt."""
    mine = list(WORDS.finditer(text))
    theirs = WORDS.findall(rng.choice(others))
    theirs = [w for w in theirs if w.lower() not in text.lower() and w.lower() not in COMMON]
    mine = [m for m in mine if m.group().lower() not in COMMON]
    if mine and theirs:
        match = rng.choice(mine)
        same_case = [w for w in theirs if w[0].isupper() == match.group()[0].isupper()] or theirs
        return replace(text, match, rng.choice(same_case))
    wide = [i for i, char in enumerate(text[:-1]) if ord(char) > 0x2E00 and ord(text[i + 1]) > 0x2E00]
    other = [c for c in rng.choice(others) if ord(c) > 0x2E00 and c not in text]
    if not wide or len(other) < 2:
        return None
    at, start = rng.choice(wide), rng.randrange(len(other) - 1)
    return text[:at] + "".join(other[start : start + 2]) + text[at + 2 :]


def pasted(text: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """The same request over another text."""
    mine = list(QUOTED.finditer(text))
    if not mine:
        return None
    pool = [m.group() for other in rng.sample(others, min(60, len(others))) for m in QUOTED.finditer(other)]
    pool = [other for other in pool if other[:30] != mine[-1].group()[:30]]
    return text[: mine[-1].start()] + rng.choice(pool) + text[mine[-1].end() :] if pool else None


MAKERS: dict[str, tuple[Maker, float]] = {
    "number": (number, 3),
    "unit": (swapper(_UNITS), 1.5),
    "date": (swapper(_DATES), 1),
    "entity": (swapper(_THINGS), 3),
    "format": (swapper(_STYLES), 2),
    "modality": (swapper(_MODES), 1),
    "antonym": (opposite, 4),
    "negation": (negation, 1.5),
    "direction": (direction, 2),
    "added_instruction": (added, 1.6),
    "dropped_instruction": (dropped, 1.6),
    "word": (word, 2),
    "pasted_text": (pasted, 1),
}
"""Each with its weight."""


def contrast(text: str, rng: random.Random, others: Sequence[str]) -> tuple[str, str] | None:
    """(changed text, kind); None when nothing could be changed."""
    left = dict(MAKERS)
    while left:
        kind = rng.choices(list(left), [weight for _, weight in left.values()])[0]
        made = left.pop(kind)[0](text, rng, others)
        if made and made.strip().lower() != text.strip().lower():
            return re.sub(r"  +", " ", made), kind
    return None

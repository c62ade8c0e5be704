"""Paraphrases: a prompt said in another way, so that the same answer serves."""

import random
import re
from collections.abc import Callable

from .contrasts import cased
from .lists import AFTER, BEFORE, CONTRACTIONS, FRAMES, NUMBERS, SAME

Maker = Callable[[str, random.Random], str | None]
_SAME = [
    (
        re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", 0 if word.isupper() else re.I),
        [other for other in group if other != word],
    )
    for group in SAME
    for word in group
    if word[0] not in "%&"
]
_FRAMES = [(re.compile(pattern, re.I), ways) for pattern, ways in FRAMES]
_SHORT = [(re.compile(rf"\b{long}\b", re.I), short) for long, short in CONTRACTIONS.items()]
_LONG = [
    (re.compile(rf"\b{short}\b", re.I), long) for long, short in CONTRACTIONS.items() if short not in ("that's", "it's")
]
_WORDS = {word: str(number) for number, word in NUMBERS.items() if number > 1}


def pasted(text: str) -> bool:
    """Whether the text carries something quoted or pasted, where small changes may matter."""
    return "\n" in text or "`" in text or len(text) > 400


def polite(text: str, rng: random.Random) -> str | None:
    if rng.random() < 0.5:
        start = rng.choice(BEFORE)
        keep = re.match(r"I\b|[A-Z]{2}|[A-Z][a-z]+ [A-Z]", text)
        return start + (text if keep or rng.random() < 0.4 else text[0].lower() + text[1:])
    return (text.rstrip("?.! ") if rng.random() < 0.3 else text) + rng.choice(AFTER)


def case(text: str, rng: random.Random) -> str | None:
    if pasted(text):
        return None
    return text.lower() if rng.random() < 0.6 else text.upper() if rng.random() < 0.3 else text[0].swapcase() + text[1:]


def marks(text: str, rng: random.Random) -> str | None:
    if pasted(text):
        return text.rstrip("?.! ") + rng.choice(["", "\n", " "])
    choice = rng.random()
    if choice < 0.5:
        return text.rstrip("?.!。？ ") + rng.choice(["", "", ".", "?", "??", " ?", "!"])
    if choice < 0.8:
        return re.sub(r"(?<!\d)[,;](?!\d)", "", text).replace("'", rng.choice(["'", "’", ""]))
    return re.sub(r" ", lambda m: "  " if rng.random() < 0.2 else " ", text)


def typo(text: str, rng: random.Random) -> str | None:
    found = list(re.finditer(r"(?<![\w./@-])[a-zà-ÿа-я]{5,}(?![\w/@])", text[:300]))
    if not found:
        return None
    for match in sorted(rng.sample(found, min(len(found), rng.choice([1, 1, 2]))), key=lambda m: -m.start()):
        word = match.group()
        at = rng.randrange(1, len(word) - 1)
        kind = rng.random()
        if kind < 0.35:
            new = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        elif kind < 0.65:
            new = word[:at] + word[at + 1 :]
        elif kind < 0.85:
            new = word[: at + 1] + word[at:]
        else:
            new = word[:at] + rng.choice("aeiorstn") + word[at + 1 :]
        text = text[: match.start()] + new + text[match.end() :]
    return text


def contraction(text: str, rng: random.Random) -> str | None:
    table = _SHORT if rng.random() < 0.6 else _LONG
    found = [(match, new) for pattern, new in table for match in pattern.finditer(text)]
    if not found:
        return None
    match, new = rng.choice(found)
    return text[: match.start()] + cased(new, match.group()) + text[match.end() :]


def frame(text: str, rng: random.Random) -> str | None:
    if pasted(text):
        return None
    found = [(match, ways) for pattern, ways in _FRAMES if (match := pattern.fullmatch(text.strip()))]
    if not found:
        return None
    match, ways = rng.choice(found)
    parts = [part or "" for part in match.groups()]
    new = rng.choice(ways).format(*parts)
    return new[0].upper() + new[1:] if rng.random() < 0.6 else new


def synonym(text: str, rng: random.Random) -> str | None:
    found = [(match, others) for pattern, others in _SAME for match in pattern.finditer(text)]
    if not found:
        return None
    match, others = rng.choice(found)
    return text[: match.start()] + cased(rng.choice(others), match.group()) + text[match.end() :]


def numeral(text: str, rng: random.Random) -> str | None:
    """10,000 for 10000, ten for 10, 5kg for 5 kg."""
    found = list(re.finditer(r"(?<![\w.,:/-])\d+(?![\w.,:/%-])", text))
    if found and rng.random() < 0.6:
        match = rng.choice(found)
        value = int(match.group())
        new = NUMBERS.get(value) if value > 1 else None
        if value >= 10_000 and len(match.group()) < 10:
            new = f"{value:,}" if rng.random() < 0.6 else f"{value:,}".replace(",", " ")
        if new:
            return text[: match.start()] + new + text[match.end() :]
    words = [m for m in re.finditer(r"\b[a-z]+\b", text) if m.group() in _WORDS]
    if words:
        match = rng.choice(words)
        return text[: match.start()] + _WORDS[match.group()] + text[match.end() :]
    new = re.sub(r"(?<=\d) (?=(?:kg|km|cm|mm|mg|ml|GB|MB|mph|°C|°F|%)\b)", "", text)
    return new if new != text else re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)


MAKERS: dict[str, tuple[Maker, float]] = {
    "polite": (polite, 2), "case": (case, 1), "punctuation": (marks, 1.5), "typo": (typo, 1.5),
    "contraction": (contraction, 1.2), "frame": (frame, 3), "synonym": (synonym, 2.5), "number_format": (numeral, 1),
}  # fmt: skip


def paraphrase(text: str, rng: random.Random, steps: int) -> tuple[str, str]:
    """(the text said otherwise, kind of the last change); unchanged and "" where nothing applies."""
    kind = ""
    for _ in range(steps):
        name = rng.choices(list(MAKERS), [weight for _, weight in MAKERS.values()])[0]
        made = MAKERS[name][0](text, rng)
        if made and made.strip() and made != text:
            text, kind = made, name
    return text, kind

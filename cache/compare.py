"""Whether two answers to one question say the same: rules for what they contradict, cosine for the rest.

Three outcomes. Two models, or one model twice, word and choose differently, so much is `unclear`: it counts neither
for nor against a hit. Thresholds and shares of error: `python -m benchmarks.answers`.
"""

import re
from collections import Counter
from functools import lru_cache

from ..engine.dialects import Dialect
from ..engine.jsonio import Address, strings
from ..engine.ports import Embedder
from .answer import Answer, whole_body
from .bound import Outcome
from .judged import in_common
from .rules.reading import Reading, fresh
from .rules.veto import OPPOSED, misspelt, veto
from .rules.words import CLASSES
from .worker import Worker

CHARS = 1200
"""Of an answer that are compared: encoders read no more, and what is wrong mostly shows at once."""
SHORT = 16
"""Words up to which an answer is a fact: each name and number in it is part of it."""
SAME = 0.77
"""Cosine from which on two answers that contradict each other nowhere say the same."""
OTHER = 0.45
"""Cosine below which they do not."""
_MARKER = re.compile(r"(?m)^\s*(?:\d{1,2}[.)]|[-*•#>]+)\s+")
_SIGNS = re.compile(r"[*_`#\"“”«»]+|[.!?,;:]+(?=\W|$)")
CLOSE = 0.7
"""Share of words in common from which on any difference that word rules know is one of substance."""
_WORD = re.compile(r"\w+")
_ADDRESS = re.compile(r"https?://\S+|\bwww\.\S+|\S+@\S+\.\w+")
_SUBSTANCE = frozenset(
    "number unit language programming opposite negation time name word code quotation direction order relation "
    "agent limit amount contrary".split()
)
_YES = frozenset("yes yeah yep ja oui sí si sim da да evet correct true right certainly absolutely".split())
_NO = frozenset("no nope nein non não net нет hayır incorrect false wrong nay".split())


class Comparer:
    """Compares answers on a thread of its own, so that lookups never wait for it."""

    def __init__(self, embedder: Embedder | None) -> None:
        """Without an encoder only what the rules decide is decided."""
        self._embedder = embedder
        self._worker = Worker("tidegate-compare")

    async def __call__(self, dialect: Dialect, first: Answer, second: Answer) -> Outcome:
        """Compare two stored answers of one dialect. What cannot be read is `unclear`."""
        return await self._worker.do(self._answers, dialect, first, second)

    def _answers(self, dialect: Dialect, first: Answer, second: Answer) -> Outcome:
        one, two = words_of(dialect, first), words_of(dialect, second)
        return self.texts(one, two) if one and two else "unclear"

    def texts(self, first: str, second: str) -> Outcome:
        """Compare two texts. Blocking, some 5 to 40 ms where the encoder is asked."""
        first, second = unmarked(first), unmarked(second)
        if bare(first) == bare(second):
            return "same"
        a, b = fresh(first), fresh(second)
        said = by_rules(first, second, a, b)
        if said in ("same", "different"):
            return said
        if self._embedder is None:
            return "unclear"
        one, two = self._embedder.embed([first, second])
        cosine = float(one @ two)
        if cosine >= SAME and not said:
            return "same"
        # The encoder knows English: that it finds two texts far apart in another language says little.
        return "different" if cosine < OTHER and a.english and b.english else "unclear"

    def close(self) -> None:
        self._worker.close()


def by_rules(first: str, second: str, a: Reading, b: Reading) -> str:
    """`same`, `different`, `against` (a contradiction that may be one of detail), or empty."""
    yes, no = _polarity(first), _polarity(second)
    if yes and no and yes != no:
        return "different"
    if set(_ADDRESS.findall(first)) != set(_ADDRESS.findall(second)):
        return "against"  # one of them may lead where somebody wants users to go
    if _within(first, second) or _within(second, first):
        return "same"
    if in_common(first, second) >= CLOSE and veto(a, b) in _SUBSTANCE:
        return "different"
    short = _short(first) and _short(second)
    against = "different" if short else "against"
    mine, yours = _only(a.counts, b.counts), _only(b.counts, a.counts)
    if any(frozenset((one, two)) in OPPOSED for one in mine for two in yours):
        return against
    lost, found = a.numbers.keys() - b.numbers.keys(), b.numbers.keys() - a.numbers.keys()
    if (lost and found) or _apart(a.quoted, b.quoted):
        return against
    agreed = a.numbers.keys() & b.numbers.keys()
    if not agreed and a.names and b.names and not (a.names & b.counts.keys() or b.names & a.counts.keys()):
        return against
    if not short:
        return ""
    if not agreed and any(word in a.names for word in mine) and any(word in b.names for word in yours):
        return "different"
    if (a.classes.get("negation") is None) != (b.classes.get("negation") is None) and not (yes and no):
        return "against"
    if (a.content or a.numbers) and (b.content or b.numbers) and not (mine and yours):
        return "same"  # one says all that the other says
    return "" if a.english and b.english else "against"


def _short(text: str) -> bool:
    return len(_WORD.findall(text)) <= SHORT


def _within(part: str, whole: str) -> bool:
    """Whether a short answer stands word for word in another: "Paris." and "The capital of France is Paris."."""
    if not _short(whole):
        return False
    part, rest = f" {bare(part)} ", f" {bare(whole)} "
    at = rest.find(part)
    return at >= 0 and CLASSES["negation"].isdisjoint((rest[:at] + " " + rest[at + len(part) :]).split())


def _apart(a: frozenset[str], b: frozenset[str]) -> bool:
    return bool(a - b and b - a)


def _polarity(text: str) -> str:
    word = next(iter(_WORD.findall(text.casefold())), "")
    return "yes" if word in _YES else "no" if word in _NO else ""


def tells(dialect: Dialect, *answers: Answer) -> bool:
    """Whether each answer says more than yes or no. Two that say no more agree by chance, whatever was asked."""
    texts = [words_of(dialect, answer) for answer in answers]
    return all(not _polarity(text) or len(_WORD.findall(text)) > 1 for text in texts)


def _only(mine: Counter[str], yours: Counter[str]) -> list[str]:
    return [word for word in mine if word not in yours and not any(misspelt(word, other) for other in yours)]


def unmarked(text: str) -> str:
    """The beginning of a text, without the marks of lists: their numbers are none of the answer's."""
    return _MARKER.sub("", text[:CHARS]).replace("*", "")


def bare(text: str) -> str:
    """A text without capitals, punctuation and emphasis."""
    return " ".join(_SIGNS.sub("", text).casefold().split())


def words_of(dialect: Dialect, answer: Answer) -> str:
    """What the model says in a stored answer; empty when it cannot be read."""
    try:
        whole = whole_body(dialect, answer.events(), answer.streamed)
    except (ValueError, KeyError, TypeError, IndexError):
        return ""
    where = _places(dialect)
    found = [text for address, text in strings(whole or {}) if _any_index(address) in where]
    return "\n".join(found)


@lru_cache(maxsize=32)
def _places(dialect: Dialect) -> frozenset[Address]:
    """Where in a reply of this dialect a model's words stand: where a reply that we write ourselves has them."""
    marker = "\ufdd0words"
    body = dialect.canned({}, marker) or {}
    return frozenset(_any_index(address) for address, text in strings(body) if text == marker)


def _any_index(address: Address) -> Address:
    return tuple(0 if isinstance(step, int) else step for step in address)

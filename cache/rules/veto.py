"""Near is not equal: reasons why two questions need two answers, whatever their vectors say. Pure Python.

The rules know numbers, units, negation, opposites, names, code, direction, words that add a demand, and what only the
letters as they are written tell apart. They are made to separate: a paraphrase lost costs a model call, a trap let
through costs a wrong answer.
"""

import re
from collections import Counter
from unicodedata import normalize

from .cases import recast
from .contrary import contrary, other_kind
from .differing import differing
from .letters import apart
from .limits import opposed
from .opposites import OPPOSITES
from .reading import ENDED, Reading, spell, stem, weak
from .slips import BOTH_WORDS
from .spelt import recounted
from .turned import other_agent, other_subject
from .words import CLASSES, NUMBERS, UNSURE

LONG = 300
"""Characters above which a text is taken for pasted, and every word of it counts."""
FAR = 2_000
"""Words that only one side has, times those of the other: two texts so far apart are not looked at word by word."""
LISTED = 8
"""How many places a word may move within a list: "eggs, flour and milk"."""
WORDING = frozenset(("", "word", "added", "count"))
"""What `_words` says of differences in wording alone."""
_ACCENT = re.compile(r"(?<=[a-zα-ω])[\u0300-\u036f]+|\u093c")
"""Also the dot under letters of Hindi."""
_TAKE_ES = ("o", "s", "x", "z", "ch", "sh")
"""Ends of words whose plural has an "e" of its own: tomatoes."""
_BOTH_WORDS = frozenset(frozenset(map(spell, pair)) for pair in BOTH_WORDS)
_CONVERSE = frozenset((frozenset(("better", "worse")),))
"""What is better than the other is what the other is worse than: `contrary` sees these where nothing else differs."""
OPPOSED = OPPOSITES | {
    frozenset(map(stem, pair)) for pair in OPPOSITES - _CONVERSE if all(spell(word) == stem(word) for word in pair)
}
"""Also as they are spelt for comparing ("increas", "clos"), but for those that count as another word: write, create."""
_NONE = frozenset[str]()
CLOSED = frozenset[str]().union(*CLASSES.values())


def veto(a: Reading, b: Reading) -> str:
    """The first reason to refuse, empty when there is none."""
    reason = by_words(a, b)
    # Two texts that differ in wording alone may hold `-D` and `-d` all the same.
    return (apart(a.written, b.written) or reason) if reason in WORDING else reason


def by_words(a: Reading, b: Reading) -> str:
    """The same, but for what letters alone tell apart."""
    # The same ones in other parts: a mail to the first from the second. Who is who no judge is asked.
    if a.placeholders != b.placeholders or a.roles != b.roles:
        return "placeholder"
    if other_agent(a, b) or other_subject(a, b) or recast(a, b):
        return "agent"
    if a.numbers.keys() & b.numbers.keys() and opposed(a.plain, b.plain):
        return "limit"
    if recounted(a.plain, b.plain):
        return "amount"
    if contrary(a, b) or other_kind(a, b):
        return "contrary"
    if reason := differing(a, b):
        return reason
    unsure = a.numbers != b.numbers
    if a.symbols != b.symbols or (unsure and _sure(a, b)):
        return "number"
    if a.scripts != b.scripts:
        return "script"
    if any(part not in b.plain for part in a.code) or any(part not in a.plain for part in b.code):
        return "code"
    if a.code and b.code and a.marks != b.marks:
        return "code"
    if any(part not in b.plain for part in a.quoted) or any(part not in a.plain for part in b.quoted):
        return "quotation"
    for name in CLASSES:
        mine, yours = a.classes.get(name), b.classes.get(name)
        if mine != yours:
            if not (mine or _NONE) ^ (yours or _NONE) <= UNSURE:
                return name
            unsure = True
    reason = _grammar(a, b) or _direction(a, b) or _words(a, b)
    return "unsure" if unsure and reason in WORDING else reason


def _sure(a: Reading, b: Reading) -> bool:
    """Whether the numbers differ in more than words on one side that need not be numbers. Where nothing else differs
    they are: "give me six tips" in Italian."""
    mine, yours = a.numbers - b.numbers, b.numbers - a.numbers
    if (mine and yours) or a.surface ^ b.surface <= UNSURE:
        return True
    unsure = {NUMBERS[word] for word in (a.surface | b.surface) & UNSURE if word in NUMBERS}
    return not (mine + yours).keys() <= unsure


def _grammar(a: Reading, b: Reading) -> str:
    # Why, how, when, where and who are different questions; what and which are open, and may hide any of them.
    if a.questions and b.questions and a.questions != b.questions:
        return "question"
    if a.form and b.form and a.form != b.form:
        return "question"
    # "What is Quantico?" and "Where is Quantico?"; how and what often ask the same.
    if a.form == b.form == "open" and a.questions != b.questions and "how" not in a.questions | b.questions:
        return "question"
    if a.english and b.english and a.tenses and b.tenses and a.tenses.isdisjoint(b.tenses):
        return "tense"
    if a.persons != b.persons and Counter(a.persons) == Counter(b.persons):
        return "person"
    if (a.ones != b.ones or max(a.length, b.length) > LONG) and (_plural(a, b) or _plural(b, a)):
        return "plural"
    return ""


def _plural(a: Reading, b: Reading) -> bool:
    """Whether `b` writes a word of `a` in the plural."""
    return any(word + "s" in b.surface for word in a.surface - b.surface if len(word) > 2)


def _direction(a: Reading, b: Reading) -> str:
    for left, link, right in a.pairs:
        if left != right and (right, link, left) in b.pairs:
            return "direction"
    if a.sequence == b.sequence:
        return ""
    if Counter(a.sequence) == Counter(b.sequence):
        return "" if _reordered(a.sequence, b.sequence, a, b) else "order"
    # Otherwise numbers, names and closed words must keep their order at least.
    firm = a.names | b.names | a.numbers.keys() | CLOSED
    mine = tuple(word for word in a.sequence if word in firm and word in b.sequence)
    yours = tuple(word for word in b.sequence if word in firm and word in a.sequence)
    return "" if mine == yours or _reordered(mine, yours, a, b) else "order"


def _reordered(mine: tuple[str, ...], yours: tuple[str, ...], a: Reading, b: Reading) -> bool:
    """Whether the same words stand in another order that means the same."""
    joined = a.joined | b.joined
    left, right = _settled(mine, joined), _settled(yours, joined)
    if left == right or _rotated(mine, yours) or _rotated(left, right):
        return True
    owned = {frozenset(pair) for pair in a.owned if (pair[1], pair[0]) in b.compound}
    owned |= {frozenset(pair) for pair in b.owned if (pair[1], pair[0]) in a.compound}
    return _settled(mine, joined | owned) == _settled(yours, joined | owned)


def _settled(words: tuple[str, ...], joined: frozenset[frozenset[str]]) -> tuple[str, ...]:
    """Neighbours that an "and" or an "of" lets change places, in one order."""
    out = list(words)
    for _ in range(LISTED):
        before = tuple(out)
        for i in range(len(out) - 1):
            if out[i] > out[i + 1] and frozenset(out[i : i + 2]) in joined:
                out[i], out[i + 1] = out[i + 1], out[i]
        if before == tuple(out):
            break
    return tuple(out)


def _rotated(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Whether `b` is `a` with a part moved from its end to its beginning: "in Python, ..." and "... in Python"."""
    doubled = a + a
    return len(a) == len(b) > 2 and any(doubled[i : i + len(b)] == b for i in range(1, len(a)))


def _words(a: Reading, b: Reading) -> str:
    """Content words that only one side has."""
    mine, yours = unmatched(a, b)
    if not a.content or not b.content:
        return "added" if mine or yours else ""
    if len(mine) * len(yours) > FAR:
        return "word"
    for word in mine:
        for other in yours:
            if frozenset((word, other)) in OPPOSED:
                return "opposite"
    for only, other in ((mine, b), (yours, a)):
        if any(frozenset((word, known)) in OPPOSED for word in only for known in other.counts):
            return "opposite"
    if any(word in a.names for word in mine) or any(word in b.names for word in yours):
        return "name"
    if (mine or yours) and (not (a.english and b.english) or max(a.length, b.length) > LONG or a.ands != b.ands):
        return "added"
    if any(not weak(word) for word in (*mine, *yours)):
        return "word" if mine and yours else "added"
    if _mute(a, b) or _mute(b, a):
        return "word"
    if not (mine or yours) and _uneven(a, b):
        return "count"
    return "added" if max(a.length, b.length) > 4 * min(a.length, b.length) + 60 else ""


def _mute(a: Reading, b: Reading) -> bool:
    """Whether `b` has a word of `a` with an "e" behind it: plans, planes. For comparing they are one."""
    if not (a.english and b.english):
        return False
    bases = [word.removesuffix("s") for word in a.surface - b.surface]
    bases = [base for base in bases if len(base) > 3 and not base.endswith(_TAKE_ES)]
    return any(base + end in b.surface for base in bases for end in ("e", "es"))


def _uneven(a: Reading, b: Reading) -> bool:
    """Whether a word stands more often on one side. Words matched as misspelt are left out."""
    return any(a.counts[word] != b.counts[word] for word in a.counts.keys() & b.counts.keys() if not weak(word))


def unmatched(a: Reading, b: Reading) -> tuple[list[str], list[str]]:
    """Content words of each side that the other lacks; accents make none of another, nor do misspellings in English. In
    other languages one letter more is as often another word: включить, выключить."""
    mine = list((a.counts - b.counts).elements())
    yours = list((b.counts - a.counts).elements())
    there, here = _known(b), _known(a)
    mine = [word for word in mine if word not in there and _unaccented(word) not in there]
    yours = [word for word in yours if word not in here and _unaccented(word) not in here]
    if len(mine) * len(yours) > FAR or not (a.english and b.english):
        return mine, yours
    for word in list(mine):
        for other in yours:
            if word not in a.names and other not in b.names and misspelt(word, other):
                mine.remove(word)
                yours.remove(other)
                break
    return mine, yours


def _known(side: Reading) -> set[str]:
    """Its content words, and any with accents as it is without them: São Paulo is Sao Paulo. Nor do all who write
    Turkish set the apostrophe of names."""
    return {*side.counts, *(_unaccented(word) for word in side.surface if not word.isascii() or "'" in word)}


def _unaccented(word: str) -> str:
    """A word of Latin or Greek letters as it is written by who leaves accents out; `apart` knows when they count."""
    word = stem(word.replace("'", "").replace("’", "")) if ENDED.fullmatch(word) else word
    return word if word.isascii() else stem(_ACCENT.sub("", normalize("NFD", word.casefold())).replace("ँ", "ं"))


def bared(a: Reading, b: Reading) -> bool:
    """Whether a content word of one side is the other's only once that has lost its accents: zählen and zahlen."""
    return _bared(a, b) or _bared(b, a)


def _bared(a: Reading, b: Reading) -> bool:
    there = {_unaccented(word) for word in b.surface if not word.isascii()}
    return any(word.isascii() and word in there for word in a.counts.keys() - b.counts.keys())


def misspelt(a: str, b: str) -> bool:
    """Whether two long words differ by one slip: a letter doubled or dropped, or two neighbours swapped.

    A letter replaced by another is taken for another word (adsorb, absorb), and so is what is known for one (hostel,
    hotel).
    """
    if abs(len(a) - len(b)) > 1 or min(len(a), len(b)) < 5 or a[0] != b[0] or frozenset((a, b)) in _BOTH_WORDS:
        return False
    if len(a) == len(b):
        diff = [i for i in range(len(a)) if a[i] != b[i]]
        return len(diff) == 2 and diff[1] == diff[0] + 1 and a[diff[0]] == b[diff[1]] and a[diff[1]] == b[diff[0]]
    long, short = (a, b) if len(a) > len(b) else (b, a)
    i = next((i for i in range(len(short)) if long[i] != short[i]), len(short))
    # At the end it is an inflection that tells apart; inside it is a slip.
    return 0 < i < len(short) and long[i + 1 :] == short[i:]

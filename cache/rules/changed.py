"""Small words that turn a sum round: increase by 5, increase to 5; divided by a half, divided in half. Pure Python."""

import re

from .place import Place
from .words import NUMBERS

_ROWS = tuple(
    (frozenset(by.split()), frozenset(to.split()), re.compile(verbs).search)
    for by, to, verbs in (
        (
            "by",
            "to from",
            r"\b(?:increas|decreas|reduc|rais|lower|cut|drop|fall|fell|grow|grew|ris|rose|extend|shorten|expand|shr[iau]nk"
            r"|went|go(?:es)? (?:up|down)|going|climb|declin|improv|scal|chang|multipl|discount)",
        ),
        ("um", "auf", r"erhöh|senk|steig|stieg|reduzier|verringer|verkürz|verlänger|fiel|fall|sank|sink|kürz|wachs"),
        ("de", "à", r"augment|rédui|baiss|diminu|relev|hauss|pass|mont|chut|grimp"),
        ("en un", "a al", r"aument|reduc|reduz|reduj|baj|sub|disminu|incremen|rebaj|cay|crec"),
        ("em", "para", r"aument|reduz|baix|subi|diminu|cai|cresc"),
        ("del", "al", r"aument|ridu|rido|scend|sal|diminu|cal|abbass|alz|cresc"),
        ("met", "tot", r"verhoog|verlaag|stijg|steeg|daal|vermind|groei|verkort|verleng"),
        (
            "med",
            "till til",
            r"öka|höj|sänk|minska|steg|sjönk|øge|øke|hæv|sænk|heve|senk|stige|falde|falt|redus|reducer",
        ),
        (
            "o",
            "do na",
            r"zwięks|zmniejsz|podn|obniż|wzros|spad|skró|wydłuż|zvýš|zvyš|sníž|sniž|klesl|vzrost|stoup|zkrát",
        ),
        ("на", "до", r"увелич|уменьш|сниз|повы|подн|вырос|упал|сокра|збільш|зменш|підви|зрос|впал|скоро"),
    )
)
"""Before a number: what says by how much, what says to where, and what in the text says that something changes."""
_BY_HALF = frozenset((("by", "a"), ("by", "one")))
_IN_HALF = frozenset((("in",), ("into",)))
_HALF = frozenset(("half", "½", "1/2"))
_PERCENT = frozenset(("%", "percent", "cent"))
_PERCENTS = frozenset(("of", "off"))
_INTO = frozenset((("into",), ("in", "to")))
_OUT = ("out", "of")


def changed(at: Place) -> bool:
    """Whether the place holds another of these small words."""
    mine, yours = at.mine, at.yours
    if not at.behind or max(len(mine), len(yours)) > 2 or not mine or not yours:
        return False
    if len(mine) == len(yours) == 1 and _numeric(at.behind[0]):
        text = " ".join((*at.before, *at.behind))
        if any(_faces(mine[0], yours[0], by, to) and says(text) for by, to, says in _ROWS):
            return True
        if at.before and frozenset((mine[0], yours[0])) == _PERCENTS and at.before[-1] in _PERCENT:
            return True
    sides = (mine, yours), (yours, mine)
    if any(one in _INTO and other == _OUT for one, other in sides):
        return True
    halved = at.behind[0] in _HALF and any(word.startswith("divi") for word in at.before)
    return halved and any(one in _BY_HALF and other in _IN_HALF for one, other in sides)


def _faces(one: str, other: str, by: frozenset[str], to: frozenset[str]) -> bool:
    return (one in by and other in to) or (one in to and other in by)


def _numeric(word: str) -> bool:
    return word[0].isdecimal() or word in _HALF or word in ("a", "$", "€", "£") or word in NUMBERS

"""Who does what to whom: questions of the same words in which two have changed places. Pure Python.

"Can my landlord sue me?" and "Can I sue my landlord?" are near in every vector, and a network that reads both is not
always sure that they are two questions.
"""

import re

from .reading import Reading
from .written import SIGNS

_words = re.compile(rf"[\w{SIGNS}]+(?:['’](?!s\b)\w+)?").findall
"""Also "can't" and "l'eau"; "landlord's" is the landlord."""
_ARTICLES = frozenset(("a", "an", "the", "s"))
_JOINERS = frozenset(
    "and or nor vs versus und oder et ou y o u e ed of en и или або та і ve veya ile mi mı i lub czy a nebo eller och "
    "og tai vai ja vagy és sau și ή και atau dan hoặc và hay na au या और".split()
)
"""What stands between two things that may change places, in any of these languages."""
_VERBS = "can|could|may|might|must|should|shall|will|would|do|does|did"
_ME = re.compile(rf"\b(?:{_VERBS}|if|have) (?:i|we)\b")
_OTHERS = re.compile(rf"\b(?:{_VERBS}|if|have|has|when|because|that|whether) (?:my|our|the) ([a-z-]+)")
_PASSIVE = re.compile(r"\b(?:be|been|being|get|gets|got|getting|by|(?:is|are|was|were) (?:\w+ )?\w+(?:ed|en))\b")
_I = re.compile(r"\b(?:i|we)\b")


def swapped(a: str, b: str) -> bool:
    """Whether two words have changed places, no "or" joins them, and all else but articles is the same. Of labelled
    pairs of which it is so, and between which word rules see a difference, 248 have different answers and 15 the same.
    """
    mine, yours = ([word for word in _words(text.casefold()) if word not in _ARTICLES] for text in (a, b))
    if len(mine) != len(yours):
        return False
    unlike = [at for at, (one, other) in enumerate(zip(mine, yours, strict=True)) if one != other]
    if len(unlike) != 2:
        return False
    first, last = unlike
    between = mine[first + 1 : last]
    # "White bread or brown bread": what is joined may end alike.
    joined = between and between[-1] in _JOINERS and between[:-1] == mine[last + 1 : last + len(between)]
    return not joined and mine[first] == yours[last] and mine[last] == yours[first]


def other_agent(a: Reading, b: Reading) -> bool:
    """Whether "I" do in one what somebody of mine does in the other, and the rest is the same: in English alone, and
    where neither says so in the passive. Of labelled pairs of which it is so, 13 have different answers and none the
    same."""
    if not (a.english and b.english) or a.counts != b.counts:
        return False
    if bool(_I.search(a.plain)) is bool(_I.search(b.plain)) or _PASSIVE.search(a.plain) or _PASSIVE.search(b.plain):
        return False
    mine, other = (a.plain, b.plain) if _I.search(a.plain) else (b.plain, a.plain)
    agents = _OTHERS.findall(mine)
    return _ME.search(mine) is not None and any(
        who not in agents and re.search(rf"\b(?:my|our|the) {who}\b", mine) for who in _OTHERS.findall(other)
    )

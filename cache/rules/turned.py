"""Who does what to whom: questions of the same words in which two have changed places. Pure Python.

"Can my landlord sue me?" and "Can I sue my landlord?" are near in every vector, and a network that reads both is not
always sure that they are two questions.
"""

import re

from .reading import Reading, read
from .written import SIGNS

LONG, SHORT = 300, 120
"""Characters above which a text says too much for one "I", or one "does", to tell who does what."""
_words = re.compile(rf"[\w{SIGNS}]+(?:['’](?!s\b)\w+)?").findall
"""Also "can't" and "l'eau"; "landlord's" is the landlord."""
_ARTICLES = frozenset(("a", "an", "the", "s"))
_JOINERS = frozenset(
    "and or nor vs versus und oder bzw sowie et ou y o e ed и или або та і ve veya ile mi mı i lub czy nebo "
    "eller och og tai vai ja vagy és sau și ή και atau dan hoặc và hay या और و أو 和 与 與 跟 及 或 と か 와 과".split()
)
"""What stands between two things that may change places. What is "to" in another language is left out: en, na, u."""
_BETWEEN = frozenset(
    "between entre zwischen tra między pomiędzy mezi medzi между між tussen mellom mellan mellem بين".split()
)
"""What stands before two such things: whatever joins them then, and "a" is "and" in Polish and Czech."""
_CASED = re.compile("[а-яіїєґђјљњћ]|[řěůčšžďťňľĺąęłńśźżćđőűėįųūðþığş]|mitä|miten|kenet|mida")
"""Letters and words of languages whose endings say who is who, wherever a word stands."""
_VERBS = "can|could|may|might|must|should|shall|will|would|do|does|did"
_ME = re.compile(rf"\b(?:{_VERBS}|if|have) (?:i|we)\b")
_OTHERS = re.compile(rf"\b(?:{_VERBS}|if|have|has|when|because|that|whether) (?:my|our|the) ([a-z-]+)")
_OBJECT = re.compile(r"\b(?:me|us)\b")
_PASSIVE = re.compile(r"\b(?:be|been|being|get|gets|got|getting|by|(?:is|are|was|were) (?:\w+ )?\w+(?:ed|en))\b")
_I = re.compile(r"\b(?:i|we)\b")
_DONE = re.compile(r"\b(?:who|what|which)(?: \w+){0,2}? (?:do|does|did) (.+)")
_DOES = re.compile(r"\b(?:who|what|which)(?: \w+){0,2}? (?!do\b|does\b|did\b)(.+)")
_HELPS = re.compile(rf"\b(?:{_VERBS}|is|are|was|were|been|being|has|have|had)\b")


def swapped(a: str, b: str) -> bool:
    """Whether two words have changed places, no "or" joins them, and all else but articles is the same. Neighbours may:
    "better chess", "chess better". Of labelled pairs of which it is so, and between which word rules see a difference,
    431 have different answers and 15 the same.
    """
    mine, yours = ([word for word in _words(text.casefold()) if word not in _ARTICLES] for text in (a, b))
    if len(mine) != len(yours):
        return False
    unlike = [at for at, (one, other) in enumerate(zip(mine, yours, strict=True)) if one != other]
    if len(unlike) != 2:
        return False
    first, last = unlike
    if mine[first] != yours[last] or mine[last] != yours[first] or f"{mine[first]} {mine[last]}" in a.casefold():
        return False
    # "Psa boi się kot", "kot boi się psa": only behind prepositions, or as numbers, do they change their parts.
    if _CASED.search(a.casefold()) and not (mine[first].isdigit() or len(mine[last - 1]) <= 2):
        return False
    between, size = mine[first + 1 : last], last - first - 2
    # What is joined may end or begin alike: "white bread or brown bread", "docker kill and docker stop".
    ends = between and between[-1] in _JOINERS and between[:-1] == mine[last + 1 : last + 1 + size]
    begins = between and between[0] in _JOINERS and between[1:] == mine[max(0, first - size) : first]
    return not (ends or begins or _BETWEEN.intersection(mine[max(0, first - 3) : first]))


def other_agent(a: Reading, b: Reading) -> bool:
    """Whether "I" do in one what somebody of mine does in the other, to me or mine, and the rest is the same: in short
    English alone, and where neither says so in the passive. What I make a thing do it does itself ("Can I connect my
    phone?", "Can my phone connect?"). Of labelled pairs of which it is so, 22 have different answers and none has
    the same.
    """
    if not (a.english and b.english) or a.counts != b.counts or max(a.length, b.length) > LONG:
        return False
    if bool(_I.search(a.plain)) is bool(_I.search(b.plain)) or _PASSIVE.search(a.plain) or _PASSIVE.search(b.plain):
        return False
    mine, other = (a.plain, b.plain) if _I.search(a.plain) else (b.plain, a.plain)
    if not _ME.search(mine):
        return False
    to_me = _OBJECT.search(other) and not _OBJECT.search(mine)
    who_is = r"(?:my|our|the) {0}\b"
    done_to = rf"\b{who_is}" if to_me else rf"\b(?:to|about|at) {who_is}|\b{who_is}['’]s\b"
    agents = _OTHERS.findall(mine)
    return any(who not in agents and re.search(done_to.format(who), mine) for who in _OTHERS.findall(other))


def other_subject(a: Reading, b: Reading) -> bool:
    """Whether one asks what a thing does to something, and the other what does it to that thing: "What do bees eat?",
    "What eats bees?". In short English alone; in "What does cause inflation?" nothing has changed places. Of labelled
    pairs of which it is so, 12 have different answers and none the same.
    """
    if not (a.english and b.english) or a.counts != b.counts or a.content == b.content:
        return False
    if max(a.length, b.length) > SHORT:
        return False
    mine, other = (a, b) if _DONE.search(a.plain) else (b, a)
    done, does = _DONE.search(mine.plain), _DOES.search(other.plain)
    if not done or not does or _HELPS.search(other.plain) or len(_HELPS.findall(mine.plain)) > 1:
        return False
    asked, doing = read(done[1]).content, read(does[1]).content
    if not asked or asked[0] not in doing:
        return False
    # What is done stands before whom it is done to, where it stood behind who does it.
    at = doing.index(asked[0])
    return at > 0 and doing[at - 1] in asked[1:]

"""Who does what to whom where endings and particles say it: "Kedi köpekten", "Köpek kediden". Pure Python.

Outside English the same words make another question once two of them have exchanged their cases, and networks that read
both texts hardly see it. The rule speaks only where nothing else differs: a passive, a converse verb or any other word,
and it is silent.
"""

import re
from dataclasses import dataclass
from itertools import combinations

from .reading import Reading
from .written import key_of

LONG = 300
"""Characters above which a text says too much for two endings to tell what it asks."""
MOST = 4
"""Words that may differ."""
ENDING = 3
"""Letters that a case has at most, where two words change theirs in ways of their own; those of verbs are longer."""
_ENGLISH = frozenset("the what how does did are which my where when why is can you of should has have your and".split())
"""A text with one of them is English, whatever else it holds, and there -s is no case."""
_FORMS = tuple(
    frozenset(group.split())
    for group in (
        "wer wen wem|der den dem|ein einen einem|mein meinen meinem|ich mich mir|er ihn ihm"
        "|kto kogo komu kim|kdo koho komu kým|tko koga komu kome|кто кого кому кем|хто кого кому ким|ko koga kome"
        "|ко кога коме|kas ką kam|ποιος ποιον|ο τον του|η την της τη|οι τους|я меня мне|я мене мені|ja mnie mi"
        "|já mě mne mi|ki kit kinek|kuka kenet ketä kenelle|kes keda kellele|kim kimi kime kimden|ben beni bana benden"
        "|किसने किसे किससे किसको|welcher welchen welchem|który którego któremu|který kterého kterému|kuris kurį kuriam"
        "|ktorý ktorého ktorému|मैंने मुझे मुझको मुझसे|ने को से|hver hvern hverjum"
    ).split("|")
)
"""Words of grammar by their cases."""
_CASES = frozenset[str]().union(*_FORMS)
_BY = frozenset("кем ким kým kim".split())
"""For whom a passive names: by whom was it built, who built it."""
_DOERS = frozenset("der wer welcher ο ποιος kto kdo tko кто хто ко kas hver ki kuka kes किसने".split())
"""Who does it: with another of their forms in their place somebody else does."""
_WITH = frozenset(
    "and und et y o u e и или та або ve veya ile mi mı mu mü i lub czy nebo eller och og tai vai ja vagy és sau și ή"
    " και või arba ir ili albo и و".split()
)
"""What may join two words that change places."""
_ALIKE = re.compile(
    "różn|rozdíl|liší|lišia|rozdiel|разни|разлик|отлич|різн|fark|karşılaştır|erot|eroaa|skirt|διαφ|razlik|különb|erine"
    "|odległ|расстоян|відстан|mesafe|távol|vzdál|между|між|mezi|medzi|między|arası|차이|거리|비교|사이"
    "|poślub|ożeni|ožen|vdal|жени|одруж|друж|evlen|nainut|házas|결혼|같이|함께"
)
"""What asks of both alike: a difference, a distance, a marriage."""
_JOINED = tuple(map(key_of, ("랑", "하고", "와", "과")))
_NEAR = str.maketrans("tpkçdbgтпкфс", "ddggdbgдбгвз")
"""Endings change with the word they stand behind: köpekten, kediden."""
_VOWELS = re.compile("[aeıiouöüyąęėįųūäаеёиоуыэюяєії]")
_PLURAL = frozenset(("", "s", "es"))
_LOCATIVE = frozenset(("da", "de", "ta", "te"))
"""What Turkish sets behind the apostrophe of a name where something is: no part that another word takes over."""


@dataclass(frozen=True, slots=True)
class _Change:
    """A word that stands in another form on the other side: both ends, behind what they share."""

    word: str
    form: str
    shared: int
    grammar: bool
    """A word of grammar, whose forms are known."""

    @property
    def ends(self) -> tuple[str, str]:
        return self.word[self.shared :], self.form[self.shared :]


def recast(a: Reading, b: Reading) -> bool:
    """Whether the words are the same but for their cases, and these make another one the doer, the owner or the goal.
    Of labelled pairs of which it is so, 161 have different answers and none the same. Microseconds."""
    if len(a.written.parts) != len(b.written.parts) or max(a.length, b.length) > LONG or a.numbers != b.numbers:
        return False
    if not _ENGLISH.isdisjoint(a.surface):
        return False
    mine, yours = (_keys(a, b), _keys(b, a)) if "hangul" in a.scripts else (_only(a, b), _only(b, a))
    if len(mine) != len(yours) or not 0 < len(mine) <= MOST:
        return False
    changes = _changes(mine, yours)
    if changes and all(change.grammar and _DOERS & {change.word, change.form} for change in changes):
        return True
    if len(changes) < 2 or _ALIKE.search(a.plain) or not _WITH.isdisjoint(a.surface | b.surface):
        return False
    return any(_exchange(one, two) for one, two in combinations(changes, 2))


def _keys(a: Reading, b: Reading) -> set[str]:
    return set(a.written.forms.keys() - b.written.forms.keys())


def _only(a: Reading, b: Reading) -> set[str]:
    return {word for word in a.surface - b.surface if word[0].isalpha()}


def _changes(mine: set[str], yours: set[str]) -> list[_Change]:
    """How each word changes; none at all where one is no form of any on the other side."""
    out: list[_Change] = []
    left = set(yours)
    for word in sorted(mine):
        shared, form = max((_shared(word, other), other) for other in left)
        if not shared:
            return []
        left.remove(form)
        if key_of(word) != key_of(form):
            out.append(_Change(word, form, shared, _grammar(word, form)))
    return out


def _shared(a: str, b: str) -> int:
    """How many letters two forms of one word share, 0 where they are none."""
    if a in _CASES and b in _CASES:
        return LONG if _grammar(a, b) else 0
    size = next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return size if size >= 3 and 2 * size >= max(len(a), len(b)) else 0


def _grammar(a: str, b: str) -> bool:
    return any(a in group and b in group for group in _FORMS)


def _exchange(one: _Change, two: _Change) -> bool:
    """Whether two words have exchanged their cases: each ends as the other did, or one loses what the other gains."""
    if one.grammar or two.grammar:
        by = _BY & {one.word, one.form, two.word, two.form}
        noun = two if one.grammar else one
        return not by or not all(noun.ends)
    (end, other), (start, then) = one.ends, two.ends
    ends = {end, other, start, then}
    if ends <= _PLURAL or any(each.endswith(_JOINED) for each in ends):
        return False
    if _alike(end, then) and _alike(other, start):
        return True
    opposite = (len(other) - len(end)) * (len(then) - len(start)) < 0
    return opposite and len(max(ends, key=len)) <= ENDING and _LOCATIVE.isdisjoint(each[1:] for each in ends)


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    bare = [_VOWELS.sub("", end.translate(_NEAR)) for end in (one, other)]
    return bool(one and other and bare[0]) and bare[0] == bare[1]

"""One thing ordered, or several: "Give me a fact", "Give me facts". Pure Python.

A question may be asked either way ("Can a dog eat grapes?", "Can dogs eat grapes?"): of labelled pairs that differ so,
25 have the same answer. Who orders something made gets one or several.
"""

from .place import Place, kin
from .renumbered import totals

_POLITE = frozenset(
    "please kindly can could would will you hi hello hey now just bitte kannst du mir s'il te plaît por favor per"
    " favore kun je alsjeblieft kan".split()
)
_VERBS = frozenset(
    """
    give write tell suggest name list create make generate recommend compose provide invent draft design propose
    quote think come produce
    nenne nenn gib schreib schreibe erzähl erzähle empfiehl erfinde erstelle dichte verfasse zitiere
    donne donnez écris écrivez raconte racontez cite citez nomme propose suggère recommande invente crée rédige
    dame deme dime escribe escríbeme cuéntame cuenta menciona nombra recomienda recomiéndame sugiere sugiéreme inventa
    crea cita propón da
    dammi dimmi scrivi scrivimi racconta raccontami suggerisci suggeriscimi consiglia consigliami proponi nomina
    dê dá diga escreva escreve conte conta sugira recomende invente crie
    geef schrijf noem vertel verzin bedenk maak stel
    ge skriv nämn berätta föreslå giv nævn fortæl foreslå gi nevn fortell
    scrie spune numește recomandă propune adj írj mondj mesélj nevezz ajánlj javasolj δώσε γράψε πες πρότεινε
    """.split()
)
"""Orders to make or to name something."""
_WHOM = frozenset("me us mir uns moi nous me nos mi ci mij me ons mig oss meg os mi nekem μου of up with vor".split())
_ONE = frozenset(
    "a an one single ein eine einen einem un une una uno um uma een één en ett et ei o egy ένα έναν μία μια".split()
)
_SEVERAL = frozenset(
    "some several few multiple various many more all every einige mehrere viele alle des plusieurs quelques"
    " unos unas varios varias algunos algunas muchos dei degli delle alcuni alcune diversi uns umas alguns"
    " algumas vários várias enkele wat meerdere verschillende några flera nogle flere noen niște câteva câțiva mai"
    " multe néhány több μερικά μερικούς μερικές".split()
)
_LOTS = frozenset("few couple lot bunch number handful series".split())
"""Behind an "a" they are several."""
_ALIKE = frozenset(
    "instruction direction guideline lyric note detail comment test way method solution step idea thought greeting wish"
    " congratulation word hint code advice information spec doc requirement condition term picture".split()
)
"""Things of which several say what one does, or may."""
_IRREGULAR = frozenset(
    frozenset(pair.split("/"))
    for pair in "man/men woman/women person/people child/children mouse/mice tooth/teeth foot/feet goose/geese".split()
)
LENGTH = 3
"""Words that name what is ordered, with what describes it."""


def several(at: Place) -> bool:
    """Whether one orders one of what the other orders several of."""
    if not at.mine or not at.yours or not _ordering(at.before):
        return False
    mine, things = _quantity(at.mine)
    yours, others = _quantity(at.yours)
    if 1 not in (mine, yours) or mine == yours or len(things) != len(others) or not 0 < len(things) <= LENGTH:
        return False
    one, other = (things[-1], others[-1]) if mine == 1 else (others[-1], things[-1])
    if one in _ALIKE or not all(kin(x, y) or _irregular(x, y) for x, y in zip(things, others, strict=True)):
        return False
    # Without an article and in the same form it need not be several: "write a code", "write code".
    return 0 not in (mine, yours) or (one != other and len(other) >= len(one)) or _irregular(one, other)


def _ordering(before: tuple[str, ...]) -> bool:
    rest = [word for word in before if word not in _POLITE]
    return 0 < len(rest) <= 4 and rest[0] in _VERBS and all(word in _WHOM or word in _VERBS for word in rest[1:])


def _quantity(words: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    """How many: 1, 2 for several or any larger number, 0 where nothing says it; and of what."""
    first, rest = words[0], words[1:]
    if first in _ONE and rest and rest[0] in _LOTS:
        return 2, rest[2:] if rest[1:2] == ("of",) else rest[1:]
    if first in _ONE:
        return 1, rest
    if first in _SEVERAL:
        return 2, rest[1:] if rest[:1] in (("the",), ("more",)) else rest
    numbers = set(totals((first,)).values())
    if numbers == {1}:
        return 1, rest
    return (2, rest) if numbers and 1 not in numbers else (0, words)


def _irregular(one: str, other: str) -> bool:
    return frozenset((one, other)) in _IRREGULAR

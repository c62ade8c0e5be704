"""E-mail addresses as people tell them, or write them so that no program finds them: `dana dot w at gmail dot com`.

Misses: a name of one word, `dana at whitfield dot example`, unless a word for mail stands before it or the host is one
where people have their mail; hosts of rarer ends than those below, in words.
"""

import re

from ..regex import Locator
from ..search.places import Places
from .kinds import Matches

_ATS = r"arroba|arobase|chiocciola|snabel-?a|apenstaartje|kukac|zavin.c|ma.pa|(?:ä|\?)t"
"""Words for the sign that mean nothing else: Spanish, Portuguese, French, Italian, Danish, Dutch, Hungarian, Czech,
Polish, German; where they are looked for, a letter beyond ASCII is a question mark."""
_DOT = "dot|punto|ponto|point|punkt|punt|kropka|te.ka|pont"
_ENDS = (
    "com|org|net|edu|gov|info|biz|io|ai|app|dev|me|eu|uk|ie|us|ca|mx|br|ar|cl|pe|au|nz|in|sg|za|jp|tw|de|at|ch|fr|be|nl"
    "|lu|es|pt|it|dk|se|no|fi|pl|cz|sk|hu|ro|gr|tr|ru|ua"
)
_HOSTS = (
    "gmail|googlemail|yahoo|ymail|hotmail|outlook|live|msn|icloud|aol|proton(?:mail)?|gmx|web|fastmail|orange|laposte"
    "|libero|t-online|rediffmail|yandex"
)
"""Where people have their mail."""
_BRACKETED = rf" ?[(\[{{<] ?(?:at|@|{_ATS}) ?[)\]}}>] ?"
_SAID = rf" (?:at(?: the rate(?: of)?)?|{_ATS}) "
_POINT = rf"(?: (?:{_DOT}) | ?[(\[{{<] ?(?:{_DOT}|\.) ?[)\]}}>] ?)"
GATE = (
    rf"(?:(?:{_BRACKETED})[\w-]+(?:(?:\.|{_POINT})[\w-]+)*?(?:\.|{_POINT})"
    rf"|(?:{_SAID}| ?@ ?)[\w-]+(?:{_POINT}[\w-]+)*?{_POINT}"
    rf"|(?: at |_at_| @ )(?:{_HOSTS}) ?\. ?| (?:{_ATS}) [\w-]+(?:\.[\w-]+)*\.)(?:{_ENDS})\b"
)
_PLACE = Locator(f"(?i){GATE}")
_DOMAIN = re.compile(
    rf"(?P<bracketed>{_BRACKETED})[\w-]{{1,63}}(?:(?:\.|{_POINT})[\w-]{{1,63}}){{0,2}}(?:\.|{_POINT})(?:{_ENDS})(?!\w)"
    rf"|(?:(?P<at> at )|{_SAID}| ?@ ?)[\w-]{{1,63}}(?:{_POINT}[\w-]{{1,63}}){{0,2}}{_POINT}(?:{_ENDS})(?!\w)"
    rf"| (?:{_ATS}) [\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,2}}\.(?:{_ENDS})(?!\w)"
    rf"|(?:(?P<plain> at )|_at_| @ )(?:{_HOSTS}) ?\. ?(?:{_ENDS})(?!\w)",
    re.IGNORECASE,
)
_LETTERED = r"(?:\w ){2,24}\w"
_WORDED = rf"[\w+-]{{1,64}}(?:(?:\.|{_POINT}| (?:underscore|dash|hyphen) )[\w+-]{{1,64}}){{0,4}}"
_LOCAL = re.compile(rf"(?<![\w.@'’-])(?:{_LETTERED}|{_WORDED})$", re.IGNORECASE)
_FAR = 160
"""Characters that a local part, told, has at most."""
_HOST = re.compile(rf"\W(?:{_HOSTS})\W", re.IGNORECASE)
_MAIL = re.compile(
    r"(?<![^\W_])(?:e-?mail|mail|correo|courriel|reach|write|contact|address|adresse|posta)\w*", re.IGNORECASE
)
_NOUN = re.compile(r"\b(?:the|an?|our|der|die|das|den|el|la|le|les|une?)\s$", re.IGNORECASE)
_PHRASE = re.compile(r" point | at (?:the|this|that|some|any|an?|one) ", re.IGNORECASE)
"""In what is said of a time or a place: `at this point in the year`, `at the dot com`."""
_NO_NAME = frozenset(
    "me us you him her them it this that is are was were be been look looks looked looking find found see check shop "
    "visit meet met stay stayed arrive arrived sold bought started stopped left joined ended "
    "more here live online up in out now available hosted account accounts work works worked working address mail "
    "email page site website and or team people employees someone anyone log sign go located info".split()
)
"""What stands before `at` and is no local part."""


def told(text: str, start: int, places: Places) -> Matches:
    """An address whose `@`, or each of whose points, is a word or stands in brackets."""
    for at, _ in _PLACE.spans(places.raw, start):
        domain = _DOMAIN.match(text, at)
        local = _LOCAL.search(text, max(start, at - _FAR), at) if domain else None
        if domain and local and (score := _sure(text, local, domain)):
            yield local.start(), domain.end(), score


def _sure(text: str, local: re.Match[str], domain: re.Match[str]) -> float:
    """How sure its words are an address; 0 for none."""
    if domain["bracketed"] or not (domain["at"] or domain["plain"]):
        return 0.8
    if (
        local[0].lower() in _NO_NAME
        or local[0][0].isdigit()
        or _NOUN.search(text, max(0, local.start() - 6), local.start())
    ):
        return 0.0
    # Two words, a number, or a sign in capitals: no ordinary word before an ordinary `at`.
    parted = not local[0].replace("-", "").isalpha() or (" AT " in domain[0] and not local[0].isupper())
    named = _MAIL.search(text, max(0, local.start() - 60), local.start()) is not None
    hosted = _HOST.search(f"{domain[0]} ") is not None
    if domain["at"] and not hosted and _PHRASE.search(domain[0]):
        return 0.0
    if domain["plain"]:
        return 0.7 if parted or named else 0.0
    return 0.8 if parted else 0.6 if named or hosted else 0.0


_JOINTS = frozenset(
    "at @ . arroba arobase chiocciola snabel-a snabela apenstaartje kukac zavináč małpa ät dot punto ponto point punkt "
    "punt kropka tečka pont underscore dash hyphen".split()
)
_BEGUN = frozenset(joint[:size] for joint in (*_JOINTS, "the", "rate", "of") for size in range(len(joint) + 1))
"""A word that may become one of them; the last may be empty."""
_RATE = {"the": "at", "rate": "at the", "of": "at the rate"}
"""Words that join behind others."""
_OPENING, _CLOSING = frozenset("([{<"), frozenset(")]}>")


def told_from(text: str, at: int) -> int:
    """Where an address may begin that is not told to its end, when the last word begins at `at`."""
    rest, _, word = text[max(0, len(text) - _FAR - 100) :].rpartition("\n")[2].rpartition(" ")
    size, joint = len(word), word.lower() in _BEGUN or _joins(word, rest)
    while rest:
        before, _, last = rest.rpartition(" ")
        joined = _joins(last, before)
        if not (joint or joined or len(word) == len(last) == 1):
            break
        size += 1 + len(last)
        word, rest, joint = last, before, joined
    return min(at, len(text) - size)


def _joins(word: str, before: str) -> bool:
    """Whether a word joins what stands around it in an address that is told."""
    word = word.lower()
    if word in _JOINTS or word[:1] in _OPENING or word[-1:] in _CLOSING:
        return True
    return word in _RATE and before.lower().endswith(_RATE[word])

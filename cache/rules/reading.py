"""A question read for comparing: its words in one spelling, its numbers, names and quotations. Pure Python."""

import re
from collections import Counter
from dataclasses import dataclass

from .remembered import remembered
from .words import (
    CLASSES,
    CONNECTORS,
    FOREIGN,
    IRREGULAR,
    JOINERS,
    NUMBERS,
    PHRASES,
    QUESTIONS,
    STOP,
    SYNONYMS,
    TENSES,
    WEAK,
)
from .written import SIGNS, Written, small, written

TOKEN = re.compile(
    r"<[A-Z][A-Z_]*_\d+>"  # placeholders
    r"|--?[A-Za-z][\w-]*"  # flags
    r"|(?<!\w)[A-Za-z_]\w*(?:(?:\.|::|->)\w+)+"  # identifiers with dots
    r"|\d+(?:[.,:]\d+)*"
    r"|[぀-ヿ㐀-鿿가-힣]"  # without spaces: each character is a word
    rf"|[^\W\d_][\w'’{SIGNS}]*(?:\+\+|\#)?"
    r"|[%$€£¥+*=<>^/&|~→,-]"
)
_QUOTED = re.compile(r"\"([^\"]{1,400})\"|“([^”]{1,400})”|«([^»]{1,400})»|`([^`]{1,400})`|(?<!\w)'([^']{2,400})'(?!\w)")
_PHRASES = tuple((re.compile(pattern), text) for pattern, text in PHRASES)
_PLACEHOLDER = re.compile(r"<[A-Z][A-Z0-9_]*_\d+>")
_LAST_WORD = re.compile(r"(\w+)\W*$")
_CODE = re.compile(r"[_\\{}\[\]=;]|\w\(|::|->|--\w|\w\.\w+\(|[a-z][A-Z]|#\w")
ENDED = re.compile(r"[^\W\d_]{2,}(?<!qu)['’](?:n?[ıiuü]n|[dt][ae]n?|y?[aeıiuü]|n[ae]|yl[ae]|l[ıiuü]|ki)")
"""A name of Turkish with an ending, which the apostrophe sets apart: İzmir'de."""
_ACCENTED = re.compile(r"[à-öø-ÿąćęłńśźżğışœ]")
_LATIN = frozenset(("latin",))
_OTHER = re.compile(r"[\u0370-\u1cff]{2}")
"""Letters of scripts from Greek to Khmer, two of them: one alone may stand in a formula."""
_ANDS = frozenset(("and", "&", "plus", "also", "und", "et", "y", "e", "и"))
_PERSONS = {"i": "i", "me": "i", "my": "i", "you": "you", "your": "you"}
_YES_NO = frozenset[str]().union(  # as first words
    ("is", "are", "am", "was", "were", "do", "does", "did", "can", "could"),
    ("should", "will", "would", "has", "have", "must", "may"),
)
_LOOSE = frozenset(("of", "for", "in", "about"))
_OPERATORS = frozenset("+*=<>^")
_SCRIPTS = (
    ("latin", re.compile(r"[A-Za-zÀ-ɏ]")),
    ("cyrillic", re.compile(r"[Ѐ-ӿ]")),
    ("arabic", re.compile(r"[؀-ۿ]")),
    ("devanagari", re.compile(r"[ऀ-ॿ]")),
    ("kana", re.compile(r"[぀-ヿ]")),
    ("hangul", re.compile(r"[가-힣]")),
    ("han", re.compile(r"[㐀-鿿]")),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What two questions are compared by."""

    content: tuple[str, ...]
    """Content words in order, in one spelling."""
    sequence: tuple[str, ...]
    """The same with numbers and the words of closed classes, without those that say little: what order is judged by."""
    counts: Counter[str]
    names: frozenset[str]
    """Content words that look like names: capitals inside a sentence, or digits and letters."""
    numbers: Counter[str]
    symbols: Counter[str]
    placeholders: Counter[str]
    roles: frozenset[tuple[str, str]]
    """(from, <PERSON_1>): the word before each placeholder, which tells what part it has in the question."""
    quoted: frozenset[str]
    code: frozenset[str]
    classes: dict[str, frozenset[str]]
    questions: frozenset[str]
    form: str
    """`yes-no` when it asks for yes or no, `open` when it holds a question word, else empty."""
    pairs: frozenset[tuple[str, str, str]]
    """(word, connector, word): what stands on either side of a directed connector."""
    joined: frozenset[frozenset[str]]
    """Words on either side of a connector that has no direction."""
    owned: frozenset[tuple[str, str]]
    """(symptom, flu) of "symptoms of the flu"."""
    compound: frozenset[tuple[str, str]]
    """(flu, symptom) of "flu symptoms", and any other neighbours."""
    ands: int
    ones: int
    """How often "one" or "single" is said: seldom a number, but beside a plural it is."""
    persons: tuple[str, ...]
    """I and you, in order."""
    marks: Counter[str]
    """Signs that bear meaning in code."""
    surface: frozenset[str]
    """The words as they are written."""
    tenses: frozenset[str]
    scripts: frozenset[str]
    english: bool
    """No word or letter says otherwise."""
    plain: str
    written: Written
    length: int


def fresh(text: str) -> Reading:
    """Read a text. About 40 microseconds for 12 words."""
    lowered = small(text)
    plain = " ".join(lowered.split())
    for pattern, replacement in _PHRASES:
        lowered = pattern.sub(replacement, lowered)
    placeholders = Counter(_PLACEHOLDER.findall(text))
    named = _names(text)
    words: list[str] = []  # content, connectors, joiners, in order
    content: list[str] = []
    numbers: Counter[str] = Counter()
    symbols: Counter[str] = Counter()
    seen: set[str] = set()
    tokens: list[str] = TOKEN.findall(lowered)
    for token in tokens:
        if token[0].isdigit():
            numbers[_number(token)] += 1
            words.append(_number(token))
            continue
        word = spell(token)
        seen.add(word)
        if value := NUMBERS.get(token):
            if value != "1":  # "one" is seldom a number
                numbers[value] += 1
                words.append(value)
            continue
        if token in _OPERATORS:
            symbols[token] += 1
        elif token in CONNECTORS or token in JOINERS:
            words.append(token)
        elif token not in STOP and token not in QUESTIONS and word not in _CLOSED:
            words.append(word)
            content.append(word)
        elif word in _CLOSED:
            words.append(word)
    pairs, joined, owned, compound = _pairs(words)
    counts = Counter(content)
    scripts = frozenset(name for name, pattern in _SCRIPTS if pattern.search(text))
    return Reading(
        content=tuple(content),
        sequence=tuple(word for word in words if word not in CONNECTORS and word not in JOINERS and not weak(word)),
        counts=counts,
        names=frozenset(spell(name) for name in named) & counts.keys(),
        numbers=numbers,
        symbols=symbols,
        placeholders=placeholders,
        roles=_roles(text) if len(placeholders) > 1 else frozenset(),
        # Both are cut out of `plain`, in which they are looked for: small letters depend on their neighbours.
        quoted=frozenset("".join(found) for found in _QUOTED.findall(plain)),
        code=frozenset(
            small.strip(".,;:!?")
            for part, small in zip(text.split(), plain.split(), strict=True)
            if _CODE.search(part) and not _PLACEHOLDER.search(part)
        ),
        classes={name: members & seen for name, members in CLASSES.items() if members & seen},
        questions=frozenset(QUESTIONS[word] for word in tokens if word in QUESTIONS),
        form=_form(tokens),
        pairs=pairs,
        joined=joined,
        owned=owned,
        compound=compound,
        ones=sum(token in ("one", "single") for token in tokens),
        persons=tuple(_PERSONS[token] for token in tokens if token in _PERSONS),
        marks=Counter(char for char in text if char in "/*-%&|~"),
        surface=frozenset(tokens),
        ands=sum(token in _ANDS for token in tokens),
        tenses=frozenset(TENSES[token] for token in tokens if token in TENSES),
        scripts=scripts,
        english=scripts <= _LATIN
        and not (_ACCENTED.search(lowered) or _OTHER.search(lowered))
        and FOREIGN.isdisjoint(tokens),
        plain=plain,
        written=written(text),
        length=len(text),
    )


read = remembered(fresh)
"""The same, remembered: for questions, which are compared again."""


def _roles(text: str) -> frozenset[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for each in _PLACEHOLDER.finditer(text):
        before = _LAST_WORD.search(text, max(0, each.start() - 60), each.start())
        found.add((before[1].lower() if before else "", each[0]))
    return frozenset(found)


def _form(tokens: list[str]) -> str:
    if tokens and tokens[0] in _YES_NO:
        return "yes-no"
    return "open" if any(token in QUESTIONS or token in ("what", "which") for token in tokens) else ""


_CLOSED = frozenset[str]().union(*CLASSES.values())


def spell(word: str) -> str:
    """A word in its one spelling: synonym, irregular form, or English stem."""
    word = word.lower().replace("’", "'").removesuffix("'s").rstrip("'")
    if word in _SYNONYMS:
        return _SYNONYMS[word]
    if word in _CLOSED:
        return word
    word = IRREGULAR.get(word) or stem(word)
    return _SYNONYMS.get(word, word)


def stem(word: str) -> str:
    """Plural, -ing and -ed taken off, ASCII words alone. Small on purpose: what it misses only tells apart."""
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for end in ("ing", "ed"):
        if word.endswith(end) and len(word) - len(end) >= 3 and any(v in word[: -len(end)] for v in "aeiouy"):
            base = word[: -len(end)]
            return base[:-1] if len(base) > 3 and base[-1] == base[-2] and base[-1] not in "lsz" else base.rstrip("e")
    return word[:-1] if word.endswith("e") and len(word) > 4 else word


_SYNONYMS = (
    {stem(word): head for word, head in SYNONYMS.items()}
    | {stem(head): head for head in SYNONYMS.values()}
    | SYNONYMS
    | {head: head for head in SYNONYMS.values()}
)


def weak(word: str) -> bool:
    """Whether a content word says little."""
    return word in _WEAK


_WEAK = WEAK | {stem(word) for word in WEAK} | frozenset(",/&→")


def _number(token: str) -> str:
    """Digits without thousands separators and trailing zeros."""
    plain = token.replace(",", "") if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", token) else token
    if plain.count(".") == 1 and plain.replace(".", "").isdigit() and plain.endswith("0") and ".0" in plain:
        return plain  # 3.10 is a version as often as a decimal
    return plain.lstrip("0") or "0"


def _names(text: str) -> set[str]:
    """Words with capitals that do not begin a sentence, and words of letters with digits."""
    found: set[str] = set()
    begins = True
    for token in text.split():
        word = token.strip(".,;:!?\"'()[]«»“”¿¡")
        inside = word[1:]
        begun = begins and not ENDED.fullmatch(word)
        capital = bool(word) and ((word[0].isupper() and not begun and word != "I") or any(map(str.isupper, inside)))
        if capital or (any(map(str.isdigit, word)) and any(map(str.isalpha, word))):
            found.add(small(word))
        begins = token[-1] in ".!?:"
    return found


def _pairs(
    words: list[str],
) -> tuple[
    frozenset[tuple[str, str, str]], frozenset[frozenset[str]], frozenset[tuple[str, str]], frozenset[tuple[str, str]]
]:
    """Words and what links them: directed, joined, owned, and side by side."""
    pairs: set[tuple[str, str, str]] = set()
    joined: set[frozenset[str]] = set()
    owned: set[tuple[str, str]] = set()
    compound: set[tuple[str, str]] = set()
    last = link = ""
    for word in words:
        if word in CONNECTORS or word in JOINERS:
            link = word
            continue
        if last and not link:
            compound.add((last, word))
        elif last and link in JOINERS:
            joined.add(frozenset((last, word)))
        elif last:
            pairs.add((last, link, word))
            if link in _LOOSE:
                owned.add((last, word))
        last, link = word, ""
    return frozenset(pairs), frozenset(joined), frozenset(owned), frozenset(compound)

"""Words in quotation marks: "pitää jostakin" is not "pitää jotakin", whatever the letter between them. Pure Python."""

import re
from unicodedata import combining, normalize

from .remembered import remembered
from .written import SIGNS

MOST = 3
"""Words of a quotation that is a word or a name; in a longer one a slip of the pen says nothing."""
_quoted = re.compile(
    "|".join(
        f"{begin}([^{but}\\n]{{1,80}}){end}"
        for begin, but, end in (
            ('"', '"', '"'),
            ("“", "“”", "[“”]"),
            ("”", "”", "”"),
            ("„", '“”„"', '[“”"]'),
            ("«", "«»", "»"),
            ("»", "«»", "«"),
            ("「", "「」", "」"),
            ("『", "『』", "』"),
            ("‚", "‘’‚", "[‘’]"),
            ("(?<!\\w)‘", "‘’", "’(?!\\w)"),
            ("`", "`", "`"),
            ("(?<!\\w)'", "'", "'(?!\\w)"),
        )
    )
)
_MARKS = frozenset("\"“”„«»「『‘‚`'")
_words = re.compile(rf"[\w{SIGNS}+#']+").findall
_HYPHENS = str.maketrans({"-": "", "‐": "", "’": "'", "ʼ": "'", "ı": "i"})
"""An e-mail is an email; "its" is not "it's". Turkish loses its dots in capitals."""
_ARTICLES = frozenset(
    "a an the to der die das den ein eine zu le la les l un une el los las lo il i gli o os as um uma het een"
    " en ett et".split()
)
"""A phrase is quoted with them and without: "to touch base"."""
_HERE = " \0 "


def mentioned(a: str, b: str) -> bool:
    """Whether two texts, in small letters, quote other short words and say the same of them. Accents are left to
    `letters`. Of labelled pairs of which it is so, 144 have different answers and none the same."""
    if _MARKS.isdisjoint(a) or _MARKS.isdisjoint(b):
        return False
    (mine, around), (yours, other) = _quotations(a), _quotations(b)
    if not mine or len(mine) != len(yours) or around != other:
        return False
    one, other = (
        sorted(" ".join(word for word in words if word not in _ARTICLES) for words in side) for side in (mine, yours)
    )
    return one != other and all(one) and all(other) and max(map(len, (*mine, *yours))) <= MOST


@remembered
def _quotations(text: str) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """The words of each quotation, and those around, without accents. Remembered: a question is compared with all that
    is near."""
    found: list[tuple[str, ...]] = []

    def keep(match: re.Match[str]) -> str:
        found.append(tuple(_words(_bare(next(filter(None, match.groups())).translate(_HYPHENS)))))
        return _HERE

    around = _quoted.sub(keep, text)
    return tuple(found), _around(around)


def _around(text: str) -> tuple[str, ...]:
    return tuple(word for part in _bare(text).split(_HERE) for word in (*_words(part), "\0"))


def _bare(text: str) -> str:
    if text.isascii():
        return text
    return "".join(char for char in normalize("NFD", text) if char in SIGNS or not combining(char))

"""Telephone numbers, by shape: how they are grouped and where they begin, and not what else is written like that.

Misses: numbers without separators unless a word such as "call" is near them, extensions spelt out, numbers of under
seven digits.
"""

import re
from collections.abc import Sequence

from .checksums import digits, weighted
from .kinds import SPACED

_LETTER = f"{SPACED}\u0e00-\u0eff"
"""Also of Thai and Lao, which put none between words: of others (Chinese, Japanese, Korean) any may touch a number."""
LABELS = "tel|tél|tlf|mob|fax|fon|тел|моб|ph|cell|phone|handy|mobile"
_LABELLED = "|".join(rf"(?<=(?i:{label})[.#-].)(?<![\w./-](?i:{label})..)" for label in LABELS.split("|"))
"""Words that may touch a number but for one character."""
_DAY = r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)"
"""A date, which no number goes on with: `0 2020-01-01` in a table, `12.0.0 - 2025-04-01` in a list of changes."""
_ABROAD = r"extn\.?|wew\.|kl\.|dahili|ramal|anexo|доб\.|вн\."
"""What names an extension elsewhere."""
CANDIDATE = re.compile(
    rf"(?:[+(\d](?:(?<![{_LETTER}\d_.+@/$€£#-].)|{_LABELLED})(?<![\d_]:.)(?<![^\w.\"')\]]:.)(?<![$€£] .))"
    r"(?:(?<=\+)(?:\(\d{1,15}\)|\d{1,15})|(?<=\()(?:\+?\d{1,5}|06-\d\d?)\)|(?<=\d)\d{0,14})"
    rf"(?:(?:[ .\-/–]{{1,2}}| / | – | - |(?<=\))|(?=\())(?!{_DAY})(?:\(\d{{1,5}}\)|\d{{1,11}})){{0,7}}"
    rf"(?:[ ,;]{{0,2}}(?:x|ext\.?|{_ABROAD}) ?\d{{1,6}})?"
    rf"(?![{_LETTER}\d_@])(?![.:/-]\d)(?!,(?<!\d{{9}},)(?<!-\d{{4}},)(?<! \d\d \d\d \d\d,)(?<! \d{{4}} \d{{6}},)\d)"
    r"(?!:(?:[a-fA-F][\da-fA-F]{0,3}:|:[\da-fA-F]))(?!\s?%)"
)
"""A run of groups, in brackets or not, that is not the end of something longer."""
GROUP = re.compile(r"\+?\(?\d+\)?")
_NORTH_AMERICA = re.compile(
    r"(?:(?:\+|00)?1[ .-]?)?(?:\([2-9]\d\d\) ?|[2-9]\d\d(?:[ .-]|/(?=\d{3}-)))[2-9]\d\d[ .-]\d{4}"
    r"(?:[ ,;]{0,2}(?:x|ext\.?) ?\d{1,6})?"
)
_BRAZIL = re.compile(r"(?:\+?55 ?)?\([1-9]\d\) ?(?:9?\d{4}[- ]\d{4}|9\d{8})")
_RUSSIA = re.compile(r"8[ -]?\([3-9]\d{2,4}\)[ -]?\d{1,3}[ -]?\d\d[ -]?\d\d")
_STAMP = re.compile(r"20[0-4]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{5,7}")
"""A day and what was counted on it."""
_STAND_IN = "0123456789"
"""What forms show in the place of one."""
_BOUNDS = frozenset(("2147483647", "2147483648", "4294967295", "4294967296"))
"""The largest numbers of 32 bits, and what comes next."""
_NO_PHONE = re.compile(
    r"(?:19|20)\d\d[-./ ]\d{1,2}[-./ ]\d{1,2}(?: \d{1,2})?"  # dates
    r"|(?:19|20)\d\d(?:/\d{2,7}|-(?:\d{3}|\d{5,7})|([-/])\d{1,2}\1\d{3,6})|(?:00|[1-9])\d{0,5}/(?:19|20)\d\d"  # by year
    r"|(?:19|20)\d\d ?[-–] ?(?:19|20)\d\d"  # from a year to another
    r"|(?:850|[6-9]00|1[5-9]00|2[1-6]00)(?:/(?:850|[6-9]00|1[5-9]00|2[1-6]00))+"  # bands, in MHz
    r"|\+[01]\d[0-5]\d (?:19|20)\d\d|\d+ \((?:19|20)\d\d\)"  # an offset from UTC, a page; and a year
    r"|252\.2\d\d-7\d{3}"  # clauses of purchases for defence; source: 48 CFR 252
    r"|\d{1,2}(?:\.\d{1,2}){2}(?: \d{1,2}(?:\.\d{1,2}){2})+"  # versions
    r"|\d+(?:-\d+)*-\d{3,}-\d\d|\d{7,}-\d\d?"  # drugs, parts, copies
    r"|[1-9]\d*(?: \d+){5,}"  # rows of numbers
    r"|0 [1-79]\d\d \d{3} \d{3}"  # parts of Bosch's; freephone numbers of France begin with 0 8
    r"|\d{1,2}[-./]\d{1,2}[-./](?:19|20)?\d\d"
    r"|\d{3}([- ])\d{2}\2\d{4}"  # social security
    r"|[1-9]\d{0,2}(?:\.\d{3})*\.000|\d\d \d{4,6}/(?:19|20)\d\d"  # amounts, meters by year
    r"|(?!3[2-9]\d\.\d{7}$)\d+\.\d+|\d{1,3}\.\d{3,}[ -]{1,2}\d{1,3}\.\d{3,}"  # decimals, places
    r"|\d{1,3}(?:\.\d{1,3}){3}(?:/\d\d?)?"  # IP addresses and networks
)
_EXTENSION = re.compile(rf"[x,;]|ext|{_ABROAD}")
_EXTENDED = re.compile(rf"\d[ ,;]{{0,2}}(?:ext\.?|{_ABROAD}) ?\d{{1,6}}$")
_DOTTED = re.compile(r"\d\.\d")
_POINTED = re.compile(
    r"0[1-9](?:\.\d\d){4}|04\d\d(?:\.\d\d){3}|0[35789]\d\d(?:\.\d{3}){2}|02[346]\d\.\d{3}\.\d{3}"
    r"|02\d{1,2}\.\d{3,4}\.\d{4}"
)
"""As in France, Belgium, Romania and Vietnam."""
_ISBN = re.compile(r"97[89][- ]\d{1,5}[- ]\d{1,7}[- ]\d{1,7}[- ]\d")


def score(text: str) -> float:
    """How much `text`, a match of CANDIDATE, looks like a telephone number; 0 when it is none.

    0.8: it begins with a plus. 0.7: North American, Brazilian or Russian. 0.55: groups after a leading zero. 0.3:
    only the number of digits is right, so that it takes a word near it.
    """
    if text.isdecimal() and text.isascii():
        odd = text.count(text[0]) == len(text) or text[:3] == "000" or text in _BOUNDS or _STAMP.fullmatch(text)
        # North America's and Russia's have eleven digits with their code, and no country's code begins so.
        odd = odd or (text[0] in "17" and len(text) > 11)
        return 0.3 if 7 <= len(text) <= 15 and not (odd or _round(text)) else 0.0
    text = text.replace(" / ", "/").replace(" - ", "-")
    extended = text != text.upper()  # small letters are those of an extension
    bare = _EXTENSION.split(text, maxsplit=1)[0].strip() if extended else text
    number = digits(bare)
    if not 7 <= len(number) <= 15 or number.count(number[0]) == len(number) or number == _STAND_IN:
        return 0.0
    if _NO_PHONE.fullmatch(bare):
        return 0.0
    if bare[:2] == "(+" or bare[0] == "+":
        return 0.8 if len(number) >= 8 else 0.3
    if (number[:2] == "00" and len(number) < 9) or (
        number[:2] == "97" and _ISBN.fullmatch(bare) and weighted(number, (1, 3) * 6 + (1,)) % 10 == 0
    ):
        return 0.0
    if (len(number) >= 10 and _NORTH_AMERICA.fullmatch(text)) or (
        "(" in bare and (_BRAZIL.fullmatch(text) or (_RUSSIA.fullmatch(bare) and len(number) == 11))
    ):
        return 0.7
    if extended and len(number) >= 9 and _EXTENDED.search(text):
        return 0.6
    dotted = "." in bare and _DOTTED.search(bare) is not None
    if number[0] == "0" and (_national(number, GROUP.findall(bare)) if not dotted else _POINTED.fullmatch(bare)):
        return 0.55
    # Dots between groups are more often a version or an amount.
    return 0.2 if dotted else 0.3


def _round(text: str) -> bool:
    """Whether a number of up to nine digits is a power of two, or millions, some times."""
    if len(text) > 9 or text[0] == "0":
        return False
    return int(text) % _QUANTUM == 0 or text.endswith("000000")


_QUANTUM = 2**18
"""A quarter of a mebibyte: of numbers at random four in a million are multiples."""


def _national(number: str, groups: Sequence[str]) -> bool:
    """Whether groups after a leading zero may be a number within a country, or one with a country's code after two."""
    pairs = max(map(len, groups)) == 2 and number[1] != "0"
    if len(groups) < 2 or groups[0] == groups[1] or len(groups[-1]) < 2 or (pairs and len(groups) != 5):
        return False
    return 9 <= len(number) <= 12 if number[1] != "0" else len(number) >= 11 and number[2] != "0"

"""Numbers of people that are certain by the word right before them, whatever their form: two wide kinds for all states.

A form that a check digit, or groups that nothing else has, makes surer counts where the word stands further away.
"""

import re

from ..regex import Locator
from ..search.blocks import matches
from ..search.places import SHORT, Places, loosened
from . import checksums_named as check
from .kinds import FAINT, NEAR, REACH, Kind, Matches, Search, kind, shape
from .named_words import FILL, HEALTH, NATIONAL, TAX, beside

GROUPED = r"\d{1,10}(?:[ ./-]\d{1,13}){1,6}(?:-X)?"
"""Digits in groups. One form for all kinds: what kinds have in common is looked for once."""
_LETTERS_BEHIND = (
    r"\d{7,10}-?(?-i:[A-Z]{1,2}(?:\d{3}[A-Z]{2}\d)?)|\d{8} \d ?(?-i:[A-Z]{2})\d"
    r"|\d{4}[ -]\d{3}[ -]\d{3}[ -]?(?-i:[A-Z]{2})"
    r"|\d{3}-\d{6}-\d{4}(?-i:[A-Z])"
)
_CODE = r"[A-Z]{1,4}[ -]?\d{4,14}(?:-\d)?(?:[ -]?[A-Z]{1,2}\d?)?(?![\w-])"
_CODE_GROUPED = r"[A-Z]{1,4}[ -]?\d{1,4}(?:[ .-]\d{1,9}){1,4}(?:-?[A-Z])?(?![\w-])"
CODES = (
    shape(_CODE, FAINT, check.coded, left="_-"),
    shape(_CODE_GROUPED, FAINT, check.coded, left="_-"),
)
"""Capitals and digits, in groups or not."""
NAMED = (
    shape(r"\d{7,20}", FAINT, number=True),
    shape(GROUPED, FAINT, check.named, number=True),
    shape(_LETTERS_BEHIND, FAINT, number=True),
    *CODES,
)
"""What an identifier may look like."""
_SERIES = re.compile(
    r"(?<![^\W_])(?:[Α-Ω]{1,2}|[А-ЯІЇЄ]{2,3})[ -]{0,2}(?:№ ?)?\d{6,7}(?![\w-])|(?<!\d)\d\d ?[А-Я]{2} ?\d{6}(?!\w)"
    r"|(?<![^\W_])(?:\d\d ?\d\d|[A-Z]{2}),? (?:номер|№|N|nr\.?|numărul) ?\d{6}(?!\w)"
)


def _series(text: str, start: int, places: Places) -> Matches:
    """Greek or Cyrillic letters and six digits."""
    for found in matches(_SERIES, text, start, REACH):
        yield *found.span(), FAINT


SERIES = Search(
    _series,
    r"[\x{391}-\x{3A9}\x{410}-\x{42F}ІЇЄ][ -]{0,2}(?:№ ?)?[0-9]{6}"
    r"|(?:[0-9]{2}|[A-Z]{2}),? (?:номер|№|N|nr\.?|numărul) ?[0-9]{6}",
    FAINT,
)
"""What documents of Greece and of the east of Europe have."""


_SHORT = re.compile(r"\d{5,6}(?:-\d)?(?![\w/-])(?![.,]\d)", re.ASCII)
_BEFORE = 320
"""Characters before a short number in which its word begins: FILL is shorter."""


def short(words: str) -> Search:
    """Numbers too short for a form of their own, right behind one of `words`, without which they are not looked for."""
    named = re.compile(rf"(?<![^\W_]){beside(words)}", re.IGNORECASE)
    gate = Locator(rf"(?i)(?:{loosened(words)})")

    def find(text: str, start: int, places: Places) -> Matches:
        # Most texts have no such word at all.
        for at in places.shorts if places.first(gate, 0, places.size) >= 0 else ():
            first = places.first(gate, max(0, at - _BEFORE), at)
            if first >= 0 and (found := _SHORT.match(text, at)) and named.search(text, first, at):
                yield at, found.end(), FAINT

    return Search(find, SHORT, FAINT)


_BOLIVIAN = re.compile(r"(?<![^\W_])C\.?I\.? (\d{1,2}\.\d{3}\.\d{3}(?:-\d)?)(?![\w.,])")


def _bolivian(text: str, start: int, places: Places) -> Matches:
    """Two letters that stand for much, and thousands with points, as Bolivia and Paraguay write their cards."""
    for found in matches(_BOLIVIAN, text, max(0, start - NEAR), REACH):
        if found.start(1) >= start:
            yield *found.span(1), 0.55


_SORTED = re.compile(
    r"(?<![^\W_])sort(?:ing)?[ _-]?code(?: is|[:=])?[ \"':]{1,3}(\d\d-\d\d-\d\d|\d\d \d\d \d\d)(?![\w-])", re.IGNORECASE
)


def _sorted(text: str, start: int, places: Places) -> Matches:
    """A sort code that is called so."""
    for found in _SORTED.finditer(text, max(0, start - REACH)):
        if found.start(1) >= start:
            yield *found.span(1), 0.6


_MEMBER = re.compile(
    r"(?<![^\W_])(?:member|subscriber|policy ?holder|enroll?ee|medicaid|medi-cal|insured(?:['’]?s)?|insurance)"
    r"(?:['’]s)?[ _-]?(?:id|no|nr|num(?:ber)?|#)\.?(?: is| was)?[ :=#\"'.]{1,5}"
    r"((?-i:[A-Z]{1,3})[ -]?\d{4,12}(?:[ -]\d{2,9}){0,2}(?-i:[A-Z])?|\d{8,12}(?:-\d\d)?)(?![\w-])",
    re.IGNORECASE | re.ASCII,
)
_INSURED = re.compile(
    r"insur|health|medic|clinic|hospital|patient|co-?pay|payer|aetna|cigna|humana|anthem|blue ?cross|bcbs|kaiser",
    re.IGNORECASE,
)
_INSURER = 120
"""Characters before a number of digits only in which something says that it is an insurer's: clubs have members too."""


def _member(text: str, start: int, places: Places) -> Matches:
    """The number that a health insurer knows somebody by."""
    for found in _MEMBER.finditer(text, max(0, start - REACH)):
        begin, end = found.span(1)
        plain = text[begin].isdigit()
        if begin >= start and (not plain or _INSURED.search(text, max(0, begin - _INSURER), begin)):
            yield begin, end, 0.6


MEMBER = Search(
    _member,
    r"(?i)(?:member|subscriber|holder|enroll?ee|medicaid|medi-cal|insured(?:['’]?s)?|insurance)(?:['’]s)?[ _-]?(?:id"
    r"|n|#)",
    0.6,
)

SORT = Search(_sorted, r"(?i)sort(?:ing)?[ _-]?code(?: is|[:=])?[ \"':]{1,3}[0-9]{2}[ -][0-9]", 0.6)
"""A sort code of Britain's, which is too short for a number."""

NAMED_KINDS: tuple[Kind, ...] = (
    kind(
        "NATIONAL_ID",
        r"\d{7}",
        [
            # The Emirates, Pakistan, Brazil's social insurance, and the voters of Mexico, Belarus, Ghana.
            shape(r"784-\d{4}-\d{7}-\d", 0.7, check.emirates, number=True),
            shape(r"[1-7]\d{4}-\d{7}-\d", 0.5, number=True),
            shape(r"\d{3}\.\d{5}\.\d{2}-\d", 0.7, check.pis, number=True),
            shape(r"[A-Z]{6}\d{8}[HM]\d{3}(?!\w)", 0.7, left="_-"),
            shape(r"[1-6]\d{6}[ABCEHKM]\d{3}(?:PB|BA|BI)\d", 0.7, number=True),
            shape(r"GHA-\d{9}-\d", 0.7),
            # By a day of birth and check digits.
            shape(r"\d{15}", 0.3, check.emirates, number=True),
            shape(r"[23]\d{13}", 0.3, check.egyptian, number=True),
            shape(r"\d{12}", 0.3, lambda text: check.kazakh(text) or check.kuwaiti(text), number=True),
            shape(r"\d{11}", 0.3, lambda text: check.pis(text) or check.amka(text), number=True),
            shape(r"\d{10}", 0.3, lambda text: check.iranian(text) or check.ecuadorian(text), number=True),
            shape(r"[12]\d{9}", 0.3, check.saudi, number=True),
            shape(r"\d{2}[ /-]?\d{8}[ /-]?\d{2}", 0.3, check.affiliate, number=True),
            shape(r"\d{3}-\d{7}-\d", 0.3, check.dominican, number=True),
            # By groups: Sri Lanka, the Philippines, Chile, Guatemala, El Salvador, India's.
            shape(r"\d{9}[VX]|\d{2}-\d{7}-\d|\d{2}-\d{9}-\d|\d{4}-\d{7}-\d|\d{2}-\d{4}-\d{4}-\d{4}", 0.1, number=True),
            shape(r"[A-HJ-NP-Z]{3}(?:\d{4}|\d{2}[A-HJ-NP-Z]{2})(?![\w-])", FAINT, left="_-"),
            *NAMED,
            MEMBER,
            Search(_bolivian, r"\bC\.?I\.? [0-9]{1,2}\.[0-9]{3}\.[0-9]{3}", 0.55),
            short(r"(?-i:C\.?E\.?)|c[ée]dula(?: de extranjer[íi]a)?"),
        ],
        rf"(?:{NATIONAL}|{HEALTH}){FILL}",
        weak=False,
        after=False,
        strict=True,
    ),
    kind(
        "TAX_ID",
        r"\d{7}",
        [
            shape(r"\d{2}\.\d{3}\.\d{3}\.\d-\d{3}\.\d{3}", 0.8, number=True),  # Indonesia's, of fifteen digits
            shape(r"\d{3}-\d{3}-\d{2}-\d{2}|\d{3}-\d{2}-\d{2}-\d{3}", 0.5, check.nip, number=True),
            shape(r"\d{10}", 0.3, check.nip, number=True),
            shape(r"\d{5} ?\d{5}", 0.3, check.unique_reference, number=True),
            shape(r"\d{3}\.?\d{3}\.?\d{3}-\d", 0.3, check.nit, number=True),
            shape(r"\d{11}", 0.3, check.peruvian, number=True),
            shape(r"\d{12}", 0.3, check.kazakh, number=True),
            shape(r"[AP]\d{9}[A-Z](?!\w)", 0.2, left="_-"),
            shape(r"\d{3}-\d{3}-\d{3}(?:-\d{3}|-\d{5})?", 0.1, number=True),
            *NAMED,
        ],
        rf"(?:{TAX}){FILL}",
        weak=False,
        after=False,
        strict=True,
    ),
)

"""Alike in small letters, and another question: capitals, accents, signs and indents that tell two texts apart.

Networks that read two questions hardly see these. Whoever writes without capitals, or without accents, is not taken at
their word: "what is html" asks what "What is HTML?" asks, and "cafe" is "café". Pure Python.
"""

import re
from dataclasses import dataclass
from itertools import product
from unicodedata import combining, normalize

_QUOTES = {'"': '"', "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "'": "'", "‘": "'", "’": "'", "`": "`"}
_EDGES = "".join(_QUOTES) + "().,;:!?…"
_LEADING = "".join(_QUOTES) + "(¿¡"
TOKEN = 12
"""Characters from which on a word with capitals inside is generated, and no name that everybody writes otherwise."""
MANY = 64
"""Pairs of forms that are compared; texts with more are taken for two, unread."""
_NO_WORD = re.compile(r"\W+")
_NO_LETTER = re.compile(r"[^\w\u0300-\u036f]+")
_SPAN = re.compile(r"`([^`]+)`")
_PROSE = frozenset(_EDGES + "-–—―•·*#¿¡")
"""Signs that stand in prose as well."""
_DASHES = frozenset("-–—―•·*#")
_NUMBER = re.compile(r"[-−+~#$€£¥]{0,2}\d[\d.,:'’/–−-]*[^\W\d_]{0,5}[%°$€£¥]?")
_CODED = re.compile(r"[\\\[\]{}=;()<>|^~$%_:!*`\"♯♭]|^[-/+&]|\w\+\w|--$")
"""What a word does not hold: a flag, an escape, a pattern, a call, a name with underscores."""
_CODE_LINE = re.compile(r"[\\\[\]{}=;_]|\w\(|->|::")
_UNIT = re.compile(r"\d\s?([A-Za-z]{1,4})\b")
_UNITS = {
    each: each
    for each in (
        "m M mm Mm mg Mg ms mS Ms mA MA Ma mV MV mW MW mJ MJ mN MN mPa MPa meV MeV nm Nm Pa pA "
        "kb kB Mb MB Gb GB Tb TB kbps kBps Mbps MBps Gbps GBps"
    ).split()
} | {"Kb": "kb", "KB": "kB", "Kbps": "kbps", "KBps": "kBps"}
"""Units that have another beside them in the same letters; "5 mb" and "600 MG" are none, and may mean either."""
_ACRONYMS = frozenset("aids add can fat ice it nice pet sad who".split())
"""Words that in capitals are another. Of those that everybody writes small as well (ram, led, us) there are none."""
_SYMBOLS = frozenset("bi co cs hf nb ni no np os pb po sc si sn".split())
"""Elements that in capitals are a formula, or something else."""
_OF_CASE = frozenset(
    "ascii unicode uppercase lowercase capitalization capitalisation capitalize capitalise camel snake "
    "hash checksum md5 sha1 sha256 sha512 crc32 base64 encode encoded decode decoded encrypt decrypt cipher".split()
)
"""What a question about letters as they are written holds."""
_OF_WORDS = frozenset(
    "word words mean means meaning pronounce pronounced pronunciation spell spelled spelling accent accents type "
    "palabra significa significado mot signifie wort bedeutet heisst parola palavra слово значит пишется".split()
)
"""What a question about a word holds."""
_LITTLE = frozenset("a aun como cual cuando da de donde du e el esta la mas mi ou que quien se si solo tu".split())
"""Words of grammar that stand with an accent and without: they are there in any case."""
_OPERAND = re.compile(r"(?:\bof|:)\s+\W?(\w+)")
_SUPERS = re.compile(r"[²³¹⁰-₟½⅓¼¾⅐-⅞]")


@dataclass(frozen=True, slots=True)
class Written:
    """How a text is written, by what it would be in small letters without accents and signs."""

    text: str
    parts: tuple[str, ...]
    """What stands between blanks."""
    forms: dict[str, tuple[str, ...]]
    """From letters and digits to the forms that stand for them, a quoted one behind its quotation mark."""
    signs: frozenset[str]
    """Parts without letters and digits that are none of prose."""
    units: frozenset[str]
    """Those beside a number that have another in the same letters."""
    spans: frozenset[str]
    """What stands in backticks."""
    lines: tuple[tuple[str, int], ...]
    """Of a text of several lines: each line, and how far it is indented."""


def written(text: str) -> Written:
    """Read a text; what it costs: docs/cache.md."""
    parts = tuple(text.split())
    forms: dict[str, tuple[str, ...]] = {}
    signs: set[str] = set()
    for part in dict.fromkeys(parts):
        plain = part.isalnum() and part.isascii()
        form = part if plain else _form(part)
        if key := part.lower() if plain else _key(form):
            known = forms.get(key, ())
            if form not in known:
                forms[key] = (*known, form)
        elif not _PROSE.issuperset(part):
            signs.add(part)
    units = frozenset(_UNITS[unit] for unit in _UNIT.findall(text) if unit in _UNITS)
    spans = frozenset(_SPAN.findall(text)) if "`" in text else frozenset[str]()
    return Written(text, parts, forms, frozenset(signs), units, spans, _lines(text) if "\n" in text else ())


def _form(part: str) -> str:
    """A part without the signs of the prose around it, behind its quotation mark if it is quoted by itself."""
    core = part.lstrip(_LEADING).rstrip(_EDGES)
    if not core:
        return ""
    before, _, after = part.partition(core)
    if core.endswith("(s"):
        return core[:-2] + "s"
    if after.startswith("!") and _CODED.search(core):
        core += "!"  # :q!
    return _QUOTES.get(before[-1:], "") + core if after[:1] in _QUOTES else core


def _key(form: str) -> str:
    if not form.isascii():
        form = "".join(char for char in normalize("NFD", form) if not combining(char)).casefold()
    return _NO_WORD.sub("", form.lower())


def _lines(text: str) -> tuple[tuple[str, int], ...]:
    found = [line.expandtabs(4) for line in text.splitlines() if line.strip()]
    return tuple((" ".join(line.split()), len(line) - len(line.lstrip())) for line in found)


def apart(a: Written, b: Written) -> str:
    """Why two texts are two questions however alike their words: `case`, `accent`, `sign`, `indent`, or empty."""
    left = MANY
    for key in a.forms.keys() & b.forms.keys():
        mine, yours = a.forms[key], b.forms[key]
        if mine != yours:
            mine, yours = set(mine).difference(yours), set(yours).difference(mine)
            left -= len(mine) * len(yours)
            if left < 0:
                return "case"
            for one, other in product(mine, yours):
                if reason := _forms(one, other, a, b):
                    return reason
    if _clash(a.units, b.units) or _clash(a.spans, b.spans):
        return "case"
    if _other_signs(a, b):
        return "sign"
    return _code(a, b) if a.lines and b.lines else ""


def _clash(mine: frozenset[str], yours: frozenset[str]) -> bool:
    """Whether one has in capitals what the other has in small letters."""
    return bool(mine and yours) and not {unit.lower() for unit in mine - yours}.isdisjoint(
        unit.lower() for unit in yours - mine
    )


def _forms(one: str, other: str, a: Written, b: Written) -> str:
    """Why two forms of the same letters are two things."""
    if one.isalpha() and other.isalpha() and one.isascii() and other.isascii():
        return "case" if _cases(one, other, False, a, b) else ""
    quoted = one[0] in _QUOTES and other[0] in _QUOTES
    x, y = one.lstrip("\"'`"), other.lstrip("\"'`")
    coded = _CODED.search(x) or _CODED.search(y)
    if x == y:  # '$x' and "$x"
        return "sign" if quoted and one[0] != other[0] and coded and {"\\", "$"} & set(x) else ""
    if (numbers := (_NUMBER.fullmatch(x), _NUMBER.fullmatch(y))) != (None, None):
        return "sign" if all(numbers) and _digits(x) != _digits(y) else ""
    small, other_small = _small(x), _small(y)
    if coded and small == other_small:
        return "case"
    if coded:
        return "" if small.lstrip("-*") == other_small.lstrip("-*") else "sign"
    small, other_small = _NO_LETTER.sub("", small), _NO_LETTER.sub("", other_small)
    if small != other_small:
        return _accents((x, small, a), (y, other_small, b), quoted)
    x, y = _NO_WORD.sub("", x), _NO_WORD.sub("", y)
    return "case" if x != y and _cases(x, y, quoted, a, b) else ""


def _small(form: str) -> str:
    return form.lower() if form.isascii() else normalize("NFC", form.lower().replace("i\u0307", "i"))


def _digits(number: str) -> str:
    """A number with what is reckoned: 7-5 is not 7/5, 1,000 is 1000, and $5 is 5$."""
    return re.sub(r"[^\d/:-]", "", re.sub("[–−]", "-", number)).rstrip("-")


def _cases(x: str, y: str, quoted: bool, a: Written, b: Written) -> bool:
    """Whether capitals make two things of one word."""
    camels = _camel(x) and _camel(y) and x[1:] != y[1:]
    if quoted or (camels and (len(x) >= TOKEN or any(map(str.isdigit, x)))):
        return True
    small = x.lower()
    if (small in _ACRONYMS or small in _SYMBOLS) and _mixed(a.text) and _mixed(b.text):
        other = small if small in _ACRONYMS else small.title()
        if {x, y} == {small.upper(), other}:
            return True
    letter = len(x) == 1 and small not in "ai"
    if (letter or camels) and _holds_code(a) and _holds_code(b):
        return True
    if _OF_CASE.isdisjoint(a.forms) and _OF_CASE.isdisjoint(b.forms):
        return False
    return letter or (x in _OPERAND.findall(a.text) and y in _OPERAND.findall(b.text))


def _camel(word: str) -> bool:
    return word[1:] != word[1:].lower() and not word.isupper()


def _holds_code(text: Written) -> bool:
    return any(_CODED.search(form) for forms in text.forms.values() for form in forms)


def _mixed(text: str) -> bool:
    """Whether a text has both small letters and capitals."""
    return text != text.lower() and text != text.upper()


def _accents(one: tuple[str, str, Written], other: tuple[str, str, Written], quoted: bool) -> str:
    """`accent` where a word and the same without accents, or with others, are two words."""
    if _bare(other[1]):
        if _bare(one[1]):
            return ""  # ligatures
        one, other = other, one
    (raw, small, by), (form, _, where) = one, other
    if quoted or _asked(raw, by) or _asked(form, where):
        return "accent"
    if _bare(small):
        return "" if len(small) > 1 or small in _LITTLE else "accent"
    # In some languages every other word is another's but for its accents: they tell where all else is the same.
    return "accent" if len(small) == 1 or by.forms.keys() == where.forms.keys() else ""


def _asked(word: str, text: Written) -> bool:
    """Whether a text asks about a word: it stands beside "word", "mean" or the like."""
    if _OF_WORDS.isdisjoint(text.forms):
        return False
    keys = [_key(part) for part in text.parts]
    at = keys.index(_key(word)) if _key(word) in keys else len(keys)
    return not _OF_WORDS.isdisjoint(keys[max(0, at - 2) : at + 3])


def _bare(text: str) -> bool:
    return text.isascii() or ("ß" not in text and not any(map(combining, normalize("NFD", text))))


def _other_signs(a: Written, b: Written) -> bool:
    """Whether a sign stands where the other text has another."""
    for one in a.signs - b.signs:
        for other in b.signs - a.signs:
            if one.rstrip(".?!,") != other and other.rstrip(".?!,") != one:
                return True
    if not (a.text.isascii() and b.text.isascii()):
        mine, yours = sorted(_SUPERS.findall(a.text)), sorted(_SUPERS.findall(b.text))
        if mine and yours and mine != yours:
            return True
    if len(a.parts) != len(b.parts):
        return False
    # Signs of prose by themselves, where all else is the same: "What does ; do?"
    unlike = [pair for pair in zip(a.parts[:-1], b.parts[:-1], strict=True) if pair[0].lower() != pair[1].lower()]
    return len(unlike) == 1 and all(_PROSE.issuperset(part) and _DASHES.isdisjoint(part) for part in unlike[0])


def _code(a: Written, b: Written) -> str:
    """What differs between lines of code: a capital, or how they are indented."""
    below, other = (frozenset(line for line, _ in side.lines[1:]) for side in (a, b))
    coded = any(indent or _CODE_LINE.search(line) for line, indent in a.lines + b.lines)
    if coded and _clash(below, other):
        return "case"
    mine, yours = ({line for line, _ in side.lines} for side in (a, b))
    left, right = ([each for each in side.lines if each[0] in mine & yours] for side in (a, b))
    if [line for line, _ in left] != [line for line, _ in right]:
        return ""
    return "" if _depths(left) == _depths(right) else "indent"


def _depths(lines: list[tuple[str, int]]) -> list[int]:
    """How deep each line lies, whether by two blanks, four or a tab."""
    open_: list[int] = []
    depths: list[int] = []
    for _, indent in lines:
        while open_ and open_[-1] > indent:
            open_.pop()
        if not open_ or open_[-1] < indent:
            open_.append(indent)
        depths.append(len(open_))
    return depths

"""How a text is written: words as they stand, signs, units and indents. `letters` compares them. Pure Python."""

import re
from dataclasses import dataclass
from unicodedata import category, combining, normalize

QUOTES = dict.fromkeys('"“”„«»', '"') | dict.fromkeys("'‘’", "'") | {"`": "`"}
_EDGES = "".join(QUOTES) + "().,;:!?…。、，．：；！？（）「」『』"
_LEADING = "".join(QUOTES) + "(（「『¿¡"
PROSE = frozenset(_EDGES + "-–—―•·*#¿¡・～【】《》")
"""Signs that stand in prose as well."""
SIGNS = "".join(
    chr(code) for code in (*range(0x900, 0x10A0), *range(0x1780, 0x1800)) if category(chr(code)) in ("Mn", "Mc")
)
"""Vowels and tones of Indic scripts, Thai, Lao, Burmese and Khmer: parts of a word that regular expressions take for
none. पूल is not पुल."""
_UNSPACED = re.compile(
    r"([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff]+"
    r"|[×÷\u2190-\u2211\u2213-\u23ff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d\U0001f000-\U0001faff]+)"
)
"""Runs without blanks around them: of scripts that have none, Korean with its particles, and of symbols and emoji."""
_DEGREES = re.compile(r"(?<=\d)\s+(?=[℃℉])")
_NO_WORD = re.compile(r"\W+")
_SPAN = re.compile(r"`([^`]+)`")
CODED = re.compile(r"[\\\[\]{}=;()<>|^~%_:*`\"♯♭]|(?<![A-Za-z])[$!]|[$!](?![a-z])|^[-/+&]|^\.+/|\w\+\w|--$")
"""What a word does not hold: a flag, an escape, a pattern, a call, a path, a name with underscores. Ke$ha is a word."""
_FACTORIAL = re.compile(r"(?<![^\s(])(?:\d+|[a-z])!(?=[?.,;:)]|\s+[a-z\d+*/=^-])")
"""A `!` that ends no sentence: another mark follows, or the sentence goes on."""
_UNIT = re.compile(r"\d\s?([A-Za-z]{1,4})\b")
_UNITS = {
    each: each
    for each in (
        "m M mm Mm mg Mg ms mS Ms mA MA Ma mV MV mW MW mJ MJ mN MN mPa MPa meV MeV nm Nm Pa pA "
        "kb kB Mb MB Gb GB Tb TB kbps kBps Mbps MBps Gbps GBps"
    ).split()
} | {"Kb": "kb", "KB": "kB", "Kbps": "kbps", "KBps": "kBps"}
"""Units that have another beside them in the same letters; "5 mb" and "600 MG" are none, and may mean either."""


@dataclass(frozen=True, slots=True)
class Written:
    """How a text is written, by what it would be in small letters without accents and signs."""

    text: str
    """With blanks around what has none."""
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


def small(text: str) -> str:
    """In small letters; the capital İ of Turkish leaves no dot of its own, which would end the word."""
    return text.lower().replace("i\u0307", "i")


def written(text: str) -> Written:
    """Read a text; what it costs: docs/cache.md."""
    spaced = text if text.isascii() else _UNSPACED.sub(r" \1 ", _DEGREES.sub("", text))
    parts = tuple(spaced.split())
    factorials = frozenset(_FACTORIAL.findall(text)) if "!" in text else frozenset[str]()
    forms: dict[str, tuple[str, ...]] = {}
    signs: set[str] = set()
    for part in dict.fromkeys(parts):
        plain = part.isalnum() and part.isascii()
        form = part if plain else _form(part, factorials)
        if key := part.lower() if plain else key_of(form):
            known = forms.get(key, ())
            if form not in known:
                forms[key] = (*known, form)
        elif not PROSE.issuperset(part):
            signs.add(part.rstrip(",") or part)
    if parts and parts[-1] in signs:  # the sentence ends behind it: "€ or $?"
        signs.remove(parts[-1])
        signs.add(re.sub(r"(?<=.)[.?!]$", "", parts[-1]))
    units = frozenset(_UNITS[unit] for unit in _UNIT.findall(spaced) if unit in _UNITS)
    spans = frozenset(_SPAN.findall(text)) if "`" in text else frozenset[str]()
    return Written(spaced, parts, forms, frozenset(signs), units, spans, _lines(text) if "\n" in text else ())


def _form(part: str, factorials: frozenset[str]) -> str:
    """A part without the signs of the prose around it, behind its quotation mark if it is quoted by itself."""
    core = part.lstrip(_LEADING).rstrip(_EDGES)
    if not core:
        return ""
    before, _, after = part.partition(core)
    if core.endswith("(s"):
        return core[:-2] + "s"
    if after.startswith("!") and (CODED.search(core) or core + "!" in factorials):
        core += "!"  # :q!
    return QUOTES.get(before[-1:], "") + core if after[:1] in QUOTES else core


def key_of(form: str) -> str:
    """Letters and digits, small and without accents."""
    if not form.isascii():
        form = "".join(char for char in normalize("NFD", form) if not combining(char)).casefold()
    return _NO_WORD.sub("", form.lower())


def _lines(text: str) -> tuple[tuple[str, int], ...]:
    found = [line.expandtabs(4) for line in text.splitlines() if line.strip()]
    return tuple((" ".join(line.split()), len(line) - len(line.lstrip())) for line in found)

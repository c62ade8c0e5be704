"""Alike in small letters, and another question: capitals, accents, signs and indents that tell two texts apart.

Networks that read two questions hardly see these. Whoever writes without capitals, or without accents, is not taken at
their word: "what is html" asks what "What is HTML?" asks, and "cafe" is "café". Pure Python.
"""

import re
from functools import lru_cache
from itertools import product
from unicodedata import combining, normalize

from .written import CODED, PROSE, QUOTES, SIGNS, Written, key_of, small

TOKEN = 12
"""Characters from which on a word with capitals inside is generated, and no name that everybody writes otherwise."""
MANY = 64
"""Pairs of forms that are compared; texts with more are taken for two, unread."""
_NO_WORD = re.compile(r"\W+")
_NO_LETTER = re.compile(rf"[^\w\u0300-\u036f{SIGNS}]+")
_SIGN = re.compile(f"[{SIGNS}]")
_ENDINGS = "".join(sign for sign in SIGNS if sign < "\u0e00")
"""Signs of Indic scripts, whose words take endings. Those of Thai, Lao, Burmese and Khmer take none."""
_DASHES = frozenset("-–—―•·")
"""One stands for another where a sentence is broken."""
_POINTS = _DASHES | {"*", "#"}
"""And these before the points of a list."""
_NUMBER = re.compile(r"[-−+~#$€£¥]{0,2}\d[\d.,:'’/–−-]*[^\W\d_]{0,5}[%‰°℃℉$€£¥]?!?")
_MEASURES = frozenset("%‰°℃℉$€£¥")
_CODE_LINE = re.compile(r"[\\\[\]{}=;_]|\w\(|->|::")
_ACRONYMS = frozenset("aids add can fat ice nice pet sad who".split())
"""Words that in capitals are another. Of those that everybody writes small as well (ram, led, it) there are none."""
_SYMBOLS = frozenset("bi co cs hf nb ni no np os pb po sc si sn".split())
"""Elements that in capitals are a formula, or something else."""
_OF_CASE = frozenset(
    "ascii unicode uppercase lowercase capitalization capitalisation capitalize capitalise "
    "hash checksum md5 sha1 sha256 sha512 crc32 base64 encode encoded decode decoded encrypt decrypt cipher".split()
)
"""What a question about letters as they are written holds."""
_SCHEME = r"(?:ascii|unicode|md5|sha-?\d+|crc-?32|base-?\d\d|hash|checksum|cipher|(?:upper|lower)\s?case)"
_OPERAND = re.compile(
    rf"\b{_SCHEME}(?:\s+(?:hash|checksum|sum|digest|value|code|point|number|encoding))*\s+(?:of|for|from)"
    r"\s+(?:the\s+)?(?:(?:letter|character|word|string)\s+)?\W?(\w+)"
    rf"|(?:^{_SCHEME}\s+(?:encode|decode|encrypt|decrypt)|:)\s+\W?(\w+)"
    rf"|\b(\w+)\W?\s+(?:in|to|into|as|with|using)\s+{_SCHEME}\b",
    re.IGNORECASE,
)
"""What it asks of: the MD5 for Admin, base64 encode Hello, Hello in base64."""
_KINDS = frozenset(
    "json xml html css csv yaml png jpg jpeg gif svg pdf url jwt php sql java javascript python image images "
    "file files string strings text password passwords data characters".split()
)
"""What stands there for whatever is of its kind."""
_OF_WORDS = frozenset(
    "word words mean means meaning pronounce pronounced pronunciation spell spelled spelling accent accents "
    "palabra significa significado mot signifie wort bedeutet heisst parola palavra слово значит пишется".split()
)
"""What stands beside a word that is asked about."""
_OF_LETTERS = _OF_WORDS | frozenset("type write letter character symbol sound".split())
"""What stands beside a letter that is asked about."""
_BETWEEN = frozenset("a an the of de di von la el le un una".split())
_LITTLE = frozenset(
    "a aun como cual cuando da de donde du e el esta la mas mi o ou que quien se si solo te tu η".split()
)
"""Words of grammar that stand with an accent and without: they are there in any case."""
_ACUTE = str.maketrans("è", "é")
"""Written for one another by many: perché, évènement."""
_ENDS = ".?!…。？！"
_CLOSING = frozenset("thanks thank thx please pls i merci svp danke gracias".split())
"""What follows the end of a question."""
_SUPERS = re.compile(r"[²³¹⁰-₟½⅓¼¾⅐-⅞]")
_POWER = re.compile(r"(?<!\d)(\d+)([⁰¹²³⁴-⁹]+)(?!\d)")
_TONE = re.compile("([\u0300\u0301\u0303\u0309\u0323])(?:(?<=o.)([ae])|(?<=u.)(y))")
"""In Vietnamese on either of two vowels: hòa, hoà."""


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
    quoted = one[0] in QUOTES and other[0] in QUOTES
    x, y = one.lstrip("\"'`"), other.lstrip("\"'`")
    coded = CODED.search(x) or CODED.search(y)
    if x == y:  # '$x' and "$x"
        return "sign" if quoted and one[0] != other[0] and coded and {"\\", "$"} & set(x) else ""
    if (numbers := (_NUMBER.fullmatch(x), _NUMBER.fullmatch(y))) != (None, None):
        return "sign" if all(numbers) and _other_number(x, y) else ""
    small, other_small = _small(x), _small(y)
    if coded and small == other_small:
        return "case"
    if coded:
        return "" if small.lstrip("-*") == other_small.lstrip("-*") else "sign"
    small, other_small = (_NO_LETTER.sub("", each).replace("ß", "ss") for each in (small, other_small))
    if small != other_small:
        return _accents((x, small, a), (y, other_small, b), quoted)
    x, y = _NO_WORD.sub("", x), _NO_WORD.sub("", y)
    return "case" if x != y and _cases(x, y, quoted, a, b) else ""


def _small(form: str) -> str:
    return form.lower() if form.isascii() else normalize("NFC", small(form))


def _other_number(x: str, y: str) -> bool:
    mine, yours = _MEASURES.intersection(x), _MEASURES.intersection(y)
    return _digits(x) != _digits(y) or bool(mine and yours and mine != yours)


def _digits(number: str) -> str:
    """A number with what is reckoned: 7-5 is not 7/5, 5! not 5, 1,000 is 1000, and $5 is 5$."""
    return re.sub(r"[^\d/:!-]", "", re.sub("[–−]", "-", number)).rstrip("-")


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
    if letter and {"ascii", "unicode"} & (a.forms.keys() | b.forms.keys()):
        return True
    return small not in _KINDS and x in _operands(a.text) and y in _operands(b.text)


@lru_cache(maxsize=4)
def _operands(text: str) -> frozenset[str]:
    return frozenset(word for found in _OPERAND.findall(text) for word in found)


def _camel(word: str) -> bool:
    return word[1:] != word[1:].lower() and not word.isupper()


def _holds_code(text: Written) -> bool:
    return any(CODED.search(form) for forms in text.forms.values() for form in forms)


def _mixed(text: str) -> bool:
    """Whether a text has both small letters and capitals."""
    return text != text.lower() and text != text.upper()


def _accents(one: tuple[str, str, Written], other: tuple[str, str, Written], quoted: bool) -> str:
    """`accent` where a word and the same without accents, or with others, are two words."""
    if _SIGN.search(one[1]) or _SIGN.search(other[1]):
        return "accent" if _root(one[1]) != _root(other[1]) and one[2].forms.keys() == other[2].forms.keys() else ""
    if _bare(other[1]):
        if _bare(one[1]):
            return ""  # ligatures
        one, other = other, one
    (raw, small, by), (other_raw, form, where) = one, other
    if quoted or _asked(raw, by) or _asked(other_raw, where):
        return "accent"
    if len(small) > 1 and _tones(small) == _tones(form):
        return ""
    if _bare(small):
        return "" if len(small) > 1 or small in _LITTLE else "accent"
    # In some languages every other word is another's but for its accents: they tell where all else is the same.
    return "accent" if len(small) == 1 or by.forms.keys() == where.forms.keys() else ""


def _root(word: str) -> str:
    """A word of a script with signs for vowels, which nobody leaves out but for dots in Hindi. At its end they are its
    ending: सकता is a man's, सकती a woman's."""
    return normalize("NFD", word).replace("\u093c", "").replace("ँ", "ं").rstrip(_ENDINGS)


def _tones(word: str) -> str:
    """With those accents moved that many write in another place, or another way."""
    return normalize("NFC", _TONE.sub(r"\2\3\1", normalize("NFD", word.translate(_ACUTE))))


def _asked(word: str, text: Written) -> bool:
    """Whether a text asks about a word: "mean" or the like stands beside it, or before it with an "of" between."""
    key = key_of(word)
    about = _OF_LETTERS if len(key) == 1 else _OF_WORDS
    if about.isdisjoint(text.forms) or (len(key) > 1 and (key in _LITTLE or key in _OF_WORDS)):
        return False
    keys = ["", "", *map(key_of, text.parts), ""]
    if key not in keys:
        return False
    at = keys.index(key)
    before = keys[at - 2] if keys[at - 1] in _BETWEEN else keys[at - 1]
    return before in about or keys[at + 1] in about


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
        if mine != yours if mine and yours else _flat(a.text, b.text) or _flat(b.text, a.text):
            return True
    return len(a.parts) == len(b.parts) and _other_mark(a, b)


def _flat(a: str, b: str) -> bool:
    """Whether a power in `a` is a number of as many digits in `b`: 10⁵ is not 105."""
    powers = {base + normalize("NFKC", exponent) for base, exponent in _POWER.findall(a)}
    return bool(powers) and not powers.isdisjoint(re.findall(r"\d+", b))


def _other_mark(a: Written, b: Written) -> bool:
    """Whether a sign of prose by itself is all that differs: "What does ; do?" """
    pairs = zip(a.parts[:-1], b.parts[:-1], strict=True)
    unlike = [at for at, (one, other) in enumerate(pairs) if one.lower() != other.lower()]
    if not unlike:
        return _other_end(a.parts[-1:], b.parts[-1:])
    at = unlike[0]
    one, other = a.parts[at], b.parts[at]
    if len(unlike) > 1 or not PROSE.issuperset(one + other):
        return False
    points = a.lines or b.lines
    if (_POINTS if points else _DASHES).issuperset(one + other) and (points or "-" in one + other):
        return False
    after = a.parts[at + 1], b.parts[at + 1]
    if at == 1 and any(part[0].isupper() for part in after):
        return False  # "Hi :) What"
    thanks = not _CLOSING.isdisjoint(map(key_of, after))
    return not (thanks and {*one} == {*other} <= {*"?!"})  # "html ?? thanks"


def _other_end(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether the last words are signs of prose, and the sentence ends behind them: "When do I use –?" """
    cores = [part.rstrip(_ENDS) for part in (*one, *other) if part[-1] in _ENDS]
    return len(cores) == 2 and all(cores) and cores[0] != cores[1] and PROSE.issuperset("".join(cores))


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

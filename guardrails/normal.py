"""The normal view: compatibility forms, accents, look-alikes of other scripts and invisible characters made plain.

Most of it maps one character to one, at the speed of `str.translate`. Only where characters vanish (zero width,
combining marks) or speak (tag characters, variation selectors used as bytes) is the text rebuilt with offsets.
Sources: Unicode UAX 15 (NFKC), UTS 39 (confusables; the pairs here are those that fonts hardly tell apart), and the
blocks Tags (U+E0000) and Variation Selectors (U+FE00, U+E0100).
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from .piece import Piece

_FOREIGN = {
    "а": "a", "в": "b", "г": "r", "е": "e", "ё": "e", "ѕ": "s", "і": "i", "ї": "i", "ј": "j", "к": "k", "м": "m",
    "н": "h", "о": "o", "п": "n", "р": "p", "с": "c", "т": "t", "у": "y", "х": "x", "ь": "b", "ԁ": "d", "ԛ": "q",
    "ԝ": "w", "һ": "h", "ѵ": "v", "ӏ": "l", "А": "A", "В": "B", "Е": "E", "Ѕ": "S", "І": "I", "Ј": "J", "К": "K",
    "М": "M", "Н": "H", "О": "O", "Р": "P", "С": "C", "Т": "T", "У": "Y", "Х": "X", "Ԛ": "Q", "Ԝ": "W", "Ӏ": "l",
    "α": "a", "β": "b", "γ": "y", "ε": "e", "η": "n", "ι": "i", "κ": "k", "μ": "u", "ν": "v", "ο": "o", "ρ": "p",
    "σ": "o", "τ": "t", "υ": "u", "χ": "x", "ω": "w", "ϲ": "c", "ϳ": "j", "Α": "A", "Β": "B", "Ε": "E", "Ζ": "Z",
    "Η": "H", "Ι": "I", "Κ": "K", "Μ": "M", "Ν": "N", "Ο": "O", "Ρ": "P", "Τ": "T", "Υ": "Y", "Χ": "X", "օ": "o",
    "ս": "u", "հ": "h", "ո": "n", "ց": "g", "զ": "q", "լ": "l", "Ꭰ": "D", "Ꭱ": "R", "Ꭲ": "T", "Ꭵ": "i", "Ꭺ": "A",
    "Ꭻ": "J", "Ꭼ": "E", "Ꮃ": "W", "Ꮇ": "M", "Ꮋ": "H", "Ꮐ": "G", "Ꮓ": "Z", "Ꮪ": "S", "Ꮩ": "V", "Ꮮ": "L", "Ꮯ": "C",
    "Ꮲ": "P", "Ꮶ": "K",
}  # fmt: skip
_LATIN = "ᴀaʙbᴄcᴅdᴇeꜰfɢgʜhɪiᴊjᴋkʟlᴍmɴnᴏoᴘpǫqʀrꜱsᴛtᴜuᴠvᴡwʏyᴢzıiłlŁLøoØOđdĐDħhĦHŧtŦTƒfɑaɡgɩiɐaɔcǝeɟfɥhᴉiɾjʞkɯmɹrʇtʌvʍwʎy"
HYPHENS = "\u2010\u2011\u2012"
"""The dashes that stand for hyphens; sentences have the longer ones."""
_RANGES = (
    (0xA0, 0x250), (0x2B0, 0x300), (0x1D00, 0x1DC0), (0x1E00, 0x1F00), (0x2000, 0x2010), (0x2028, 0x2060),
    (0x2070, 0x20A0), (0x2100, 0x2190), (0x2460, 0x2500), (0x3000, 0x3001), (0xFF01, 0xFF5F), (0x1D400, 0x1D800),
    (0x1F100, 0x1F1AD),
)  # fmt: skip
_OTHER = re.compile("[\u0370-\u058f\u13a0-\u13ff]")
_MIXED = re.compile(
    "[A-Za-z][\u0370-\u058f\u13a0-\u13ff]|[\u0370-\u058f\u13a0-\u13ff][A-Za-z]|[аеорсухіѕјԁһԛԝӏѵАЕОРСХІЅЈορνα]{5,}"
)
"""Words of two scripts, or of nothing but the closest look-alikes. Other Cyrillic and Greek text is left alone."""
_FOREIGN_RUN = re.compile("[^\x00-\x7f]+")
_EMOJI = re.compile("[©®‼⁉™ℹ\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]")
_FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]+")
_REGIONS = frozenset(
    (
        "ACADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCPCRCUCV"
        "CWCXCYCZDEDGDJDKDMDODZEAECEEEGEHERESETEUFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUICIDIE"
        "ILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMW"
        "MXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSV"
        "SXSYSZTATCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUNUSUYUZVAVCVEVGVIVNVUWFWSXKYEYTZAZMZW"
    )[at : at + 2]
    for at in range(0, 516, 2)
)
"""Pairs of letters that have a flag: ISO 3166-1 and the few more of Unicode's."""
_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\f\r"))
IGNORED = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Unicode's Default_Ignorable_Code_Point, as a class of expressions has it: what is not shown."""
_ODD = re.compile(
    rf"[{IGNORED}\0-\b\v\x0e-\x1f\x7f-\x84\x86-\x9f\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
    "\ufb00-\ufb06\ufff9-\ufffb]+"
)
"""What vanishes, speaks in a hidden way, or becomes several letters: that, controls that break no line, marks of
annotation, combining marks, ligatures."""
_ENDS_ODD = re.compile(f"(?:{_ODD.pattern}|{_FLAGS.pattern})++")


def is_plain(text: str) -> bool:
    """Whether a text is ASCII without control characters: there is nothing to make plainer."""
    return text.isascii() and len(raw := text.encode()) == len(raw.translate(None, _CONTROLS))


def mixes(text: str) -> bool:
    """Whether some word is of two scripts, or of nothing but look-alikes: then all such letters are made plain."""
    return bool(_OTHER.search(text) and _MIXED.search(text))


def may_mix(text: str) -> bool:
    """Whether there are letters that would be others if it did."""
    return _OTHER.search(text) is not None


def ends_odd(text: str) -> int:
    """From where on a text reads otherwise with what may come: a run of odd characters, or of flags, at its end."""
    found = _ENDS_ODD.match(text[::-1])
    return len(text) - (found.end() if found else 0)


def normal(text: str, mixed: bool = False) -> Piece | None:
    """The text made plain; None when it already is. `mixed`: what stood before it mixes."""
    if is_plain(text):
        return None
    table = _both() if may_mix(text) and (mixed or _MIXED.search(text)) else _latin()
    made = _FOREIGN_RUN.sub(lambda found: found[0].translate(table), text)
    made = _FLAGS.sub(_spelled, made)
    odd = [found for found in _ODD.finditer(made) if not _of_emoji(made, found)]
    if not odd:
        return Piece(made) if made != text else None
    return _rebuilt(made, odd)


def composed(text: str) -> Piece | None:
    """The text with its accents, each letter one character (NFC), without what is invisible; None when that is what it
    is. Words with accents are found in it, which the normal view does not have."""
    if is_plain(text):
        return None
    odds = [found for found in _ODD.finditer(text) if not _of_emoji(text, found)]
    if not odds:
        return None
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for odd in (*odds, None):
        stop = odd.start() - 1 if odd and odd.start() else len(text) if odd is None else 0
        out.append(text[at:stop])
        starts.extend(range(at, stop))
        ends.extend(range(at + 1, stop + 1))
        if odd:
            begin = max(at, stop)
            marks = "".join(char for char in odd[0] if unicodedata.combining(char))
            made = unicodedata.normalize("NFC", text[begin : odd.start()] + marks)
            out.append(made)
            starts += [begin] * len(made)
            ends += [odd.end()] * len(made)
            at = odd.end()
    made = "".join(out)
    return Piece(made, starts, ends) if made != text else None


def _of_emoji(text: str, odd: re.Match[str]) -> bool:
    """Whether it joins emoji to one, or says that one is meant in colours (UTS 51): ordinary, so it stays."""
    before, after = text[max(0, odd.start() - 1) : odd.start()], text[odd.end() : odd.end() + 1]
    if odd[0] in ("\ufe0f\u20e3", "\u20e3"):
        return bool(before) and before in "0123456789#*"
    joins = odd[0] in ("\u200d", "\ufe0f\u200d") and _EMOJI.match(after)
    return bool((joins or odd[0] == "\ufe0f") and _EMOJI.match(before))


def _spelled(found: re.Match[str]) -> str:
    """Flags as they are; the same signs in any other order are letters."""
    letters = "".join(chr(ord(sign) - 0x1F1E6 + 65) for sign in found[0])
    return found[0] if all(letters[at : at + 2] in _REGIONS for at in range(0, len(letters), 2)) else letters


def _rebuilt(text: str, odds: Sequence[re.Match[str]]) -> Piece:
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for odd in (*odds, None):
        stop = odd.start() if odd else len(text)
        out.append(text[at:stop])
        starts.extend(range(at, stop))
        ends.extend(range(at + 1, stop + 1))
        if odd:
            hidden = _hidden(odd[0])
            out.append(hidden)
            starts += [odd.start()] * len(hidden)
            ends += [odd.end()] * len(hidden)
            at = odd.end()
    return Piece("".join(out), starts, ends)


def _hidden(run: str) -> str:
    """What a run of such characters says: tag characters spell ASCII, variation selectors bytes, most say nothing."""
    codes = [ord(char) for char in run.removeprefix("\ufe0f")]  # that one belongs to an emoji, or says nothing
    tags = "".join(chr(code - 0xE0000) for code in codes if 0xE0020 <= code < 0xE007F)
    if tags:
        return f" {tags} "
    selectors = [code - 0xFE00 if code < 0xFE10 else code - 0xE0100 + 16 for code in codes if _selects(code)]
    if len(selectors) > 3:
        said = bytes(selectors).decode("utf-8", "replace")
        return f" {said} " if said.isprintable() else ""
    return "".join(unicodedata.normalize("NFKC", char) for char in run if "\ufb00" <= char <= "\ufb06")


def _selects(code: int) -> bool:
    return 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF


@cache
def _latin() -> dict[int, str]:
    """One character for one: compatibility forms and accented letters of the Latin alphabet, small capitals, spaces."""
    table: dict[int, str] = {}
    for code in (code for first, last in _RANGES for code in range(first, last)):
        plain = unicodedata.normalize("NFKD", chr(code))
        base = "".join(char for char in plain if not unicodedata.combining(char))
        if len(base) == 3 and base[0] == "(":  # a letter in brackets
            base = base[1]
        if len(base) == 1 and base.isascii() and base != chr(code):
            table[code] = base
    table[0x2800] = " "  # Braille's blank
    table |= dict.fromkeys(map(ord, HYPHENS), "-")
    for first in (0x1F150, 0x1F170):  # in black circles, in black squares
        table |= {first + index: chr(65 + index) for index in range(26)}
    table |= {ord(odd): plain for odd, plain in zip(_LATIN[::2], _LATIN[1::2], strict=True)}
    return table


@cache
def _both() -> dict[int, str]:
    return _latin() | {ord(odd): plain for odd, plain in _FOREIGN.items()}

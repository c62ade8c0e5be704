"""Texts that are scrambled as a whole: leetspeak, letters set apart, ROT13, backwards."""

import codecs
import re

from .detectors.regex import Locator, utf8
from .detectors.search.blocks import BLOCK
from .piece import Piece, Run, rewritten

_LEET = str.maketrans("01345789@$!|+", "oieastbgasilt")
_LEET_WORD = re.compile(r"(?<![\w@$!|%+])(?=[\w@$!|+]*[A-Za-z])(?=[\w@$!|+]*[013457@$!|])[\w@$!|+]{2,40}(?![\w@$])")
_HEX = re.compile("[0-9A-Fa-f]{4,}")
_ADDRESS = re.compile(r"[A-Za-z_+]+[0-9]*@[A-Za-z][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)*?\.[A-Za-z]{2,24}(?![\w@$|+-])")
"""An address for e-mail from its last word on, in which no digit stands for a letter: its `@` does not either."""
_LEET_NUMBER = re.compile(r"(?<![\w.,=%-])[013457]{1,3}(?![\w.,%-])")
_SPACED = re.compile(
    r"(?<![^\W_])[^\W_]([ .\-_*|/·•,~]|, )(?:\s\1|\1\1?|\s)?(?:[^\W_]\1(?:\s\1|\1\1?|\s)?){3,}[^\W_](?![^\W_])"
)
_CELLS = re.compile(
    r"(?<![^\s,;|])(?:[^\s,;|][\s,;|]++){9,}[^\s,;|](?![^\s,;|])|^(?:[^\w\n]{5,}+\n){2,}[^\w\n]{5,}+$", re.MULTILINE
)
"""Ten signs or more that stand apart, and three lines or more without a letter."""
_BLANKS = "".join(rf"\x{{{code:x}}}" for code in range(0x3001) if chr(code).isspace())
_CELLED = Locator(rf"(?:[^\s,;|][{_BLANKS},;|]+){{9}}[^\s,;|]|[^\w\n]{{5}}\n[^\w\n]{{5}}")
"""Without which there are no cells: few texts have it, and RE2 tells in a sixth of the time."""
ALPHABET = 4
"""Different signs of which a board, a picture or a sequence is made at most; a sentence has more."""
APART = 128
"""Characters at the end of a text that are read as letters set apart, of which more may come."""
_APART_BACKWARDS = re.compile(r"(?:[^\W_](?![^\W_]))?(?:[\s.\-_*|/·•,~]{1,5}[^\W_](?![^\W_]))*")
_GAP = re.compile(r"([^\W_])([^\w]|_)+")
_WORD = re.compile(r"([.,;:!?]{0,8})([^\W\d_]{2,})([.,;:!?]{0,8})")


def leet(text: str) -> Piece | None:
    """Digits and signs in words as the letters they stand for. `1` is an i, or an l behind another l or an a."""
    if not _LEET_WORD.search(text):
        return None
    text = boards(text)
    words = sum(not _identifier(found) for found in _LEET_WORD.finditer(text))
    if not words:
        return None
    made = _LEET_WORD.sub(lambda found: found[0] if _identifier(found) else _read(found[0]), text)
    if words >= 3:  # then short numbers between such words are words too
        made = _LEET_NUMBER.sub(lambda found: _read(found[0]), made)
    return Piece(made) if made != text else None


def _identifier(found: re.Match[str]) -> bool:
    """Whether a word is rather a piece of a UUID or digest: nothing but hexadecimal digits, half of them 0 to 9, or one
    of the pieces that hyphens join; or of an address for e-mail."""
    word = found[0]
    if "@" in word and _ADDRESS.match(found.string, found.start()):
        return True
    if not _HEX.fullmatch(word):
        return False
    joined = "-" in (found.string[found.start() - 1 : found.start()], found.string[found.end() : found.end() + 1])
    return joined or len(word) >= 8 or 2 * sum(map(str.isdigit, word)) >= len(word)


def _read(word: str) -> str:
    tail = len(word.rstrip("!"))  # an exclamation mark at the end is one
    made = word[:tail].translate(_LEET) + word[tail:]
    return re.sub("(?i)ali(?![a-z])", "all", made) if "1" in word else made


def boards(text: str) -> str:
    """The text with blanks in place of boards, pictures and sequences: signs that stand apart, and are few different
    ones. To what was learned from sentences whose letters were set apart, the game of noughts and crosses is one."""
    raw = utf8(text)
    if _CELLED.match(raw, 0, len(raw))[0][0] < 0:
        return text
    blocks = (text[at : at + BLOCK] for at in range(0, len(text), BLOCK))  # nothing else runs while one is searched
    return "".join(_CELLS.sub(_blank, each) for each in blocks)


def _blank(cells: re.Match[str]) -> str:
    signs = len(set(re.sub(r"[\s,;|()\[\]{}]", "", cells[0]).casefold()))
    # One sign over and over, or brackets, are no board: attackers push what stood before far away with such.
    return " " * len(cells[0]) if 1 < signs <= ALPHABET else cells[0]


def spaced(text: str, begin: int = 0) -> Piece | None:
    """Letters that are set apart, joined: `i g n o r e   i t` and `i.g.n.o.r.e. .i.t` are `ignore it`. Not boards. What
    stands before `begin` stays."""
    if not _SPACED.search(text, begin):
        return None
    runs: list[Run] = []
    for found in _SPACED.finditer(boards(text[begin:])):
        for gap in _GAP.finditer(found[0]):
            between = begin + found.start() + gap.start() + 1
            runs.append(Run(between, begin + found.start() + gap.end(), " " if len(gap[0]) > 2 else ""))
    return rewritten(text, [run for run in runs if run.end > run.start])


def set_apart(text: str, start: int) -> bool:
    """Whether letters are set apart somewhere from `start` on."""
    return _SPACED.search(text, start) is not None


def apart_from(text: str) -> int:
    """Where letters begin that are set apart at the end of a text, be it one: there may be more."""
    found = _APART_BACKWARDS.match(text[: -APART - 1 : -1])
    return len(text) - (found.end() if found else 0)


def rot13(text: str) -> Piece | None:
    """Every letter moved by thirteen."""
    return Piece(codecs.encode(text, "rot13"))


def reverse(text: str) -> Piece | None:
    """The text from its end."""
    size = len(text)
    return Piece(text[::-1], list(range(size - 1, -1, -1)), list(range(size, 0, -1)))


def words_reversed(text: str) -> Piece | None:
    """Each word from its end, the words in order, punctuation behind them."""
    runs = (Run(found.start(), found.end(), found[2][::-1] + found[1] + found[3]) for found in _WORD.finditer(text))
    return rewritten(text, list(runs))

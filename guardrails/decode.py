"""Encodings inside a text: base64, base32, hex, binary, character codes, URL, HTML, escapes, quoted-printable, Morse,
and words that a line's end breaks.

A run is taken for an encoded one when what comes out reads like text. Everything around it stays as it is.
"""

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterator

from .piece import Piece, Run, rewritten

LONGEST_RUN = 64 * 1024
"""Characters of one run that are decoded; a longer one is a file."""
_PROBE = 64
"""Characters of a run that are decoded first: of what is no text, the rest is not."""

_SURE = 16
"""Bytes from which it is no chance that all of them are printable: of random ones 1 in 7 million are."""

_ALPHABET = re.compile(r"[A-Za-z0-9+/_-]{12,}(?:\r?\n[A-Za-z0-9+/_-]{12,})*={0,6}")
_HEX = re.compile(r"(?:(?:\\x|0x|%|=)?[0-9A-Fa-f]{2}(?:,?\r?\n|, |[ ,:;-])?){6,}")
_BINARY = re.compile(r"(?:[01]{8}[ ,\r\n]{0,3}){4,}")
_CODES = re.compile(r"(?<!\d)\d{1,3}(?:[ ,;]{1,2}\d{1,3}){5,}(?!\d)")
_BYTES = re.compile(r"(?:%[0-9A-Fa-f]{2})+|(?:=[0-9A-Fa-f]{2})+")
_FIELD = re.compile(r"[?&]\w{1,40}$")
"""Before a sign of equality that stands in a URL, and encodes nothing."""
_PLUSES = re.compile(r"(?<![\w+%.,!'-])[\w%.,!'-]+(?:\++[\w%.,!'-]+){2,}")
_QUERY = re.compile(r"[?&][\w.-]{1,40}=([^\s&#\"'<>+]{0,200}(?:\+[^\s&#\"'<>+]*)+)")
"""A value of a URL's query, in which one plus is enough to be a blank."""
_ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,31};|(?:#0*\d{1,7}|#[xX]0*[0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});?)")
_ESCAPE = re.compile(
    r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|([0-7]{3})|[nrt](?=[^\W_]))"
)
"""Of white space only those that begin a word, and are none of its letters."""
_BROKEN = re.compile(r"(?<=([^\W\d_]))-\r?\n[ \t]{0,20}(?=([^\W\d_]))|(?<=[^=\n])=\r?\n(?=\w)")
"""A hyphen within a word at a line's end, as typesetters have it, and the soft line break of quoted-printable."""
_MORSE = re.compile(r"[.\-]{1,5}(?:[ /|]{1,3}[.\-]{1,5}){5,}")
_MORSE_LETTERS = dict(
    zip(
        [
            ".-",
            "-...",
            "-.-.",
            "-..",
            ".",
            "..-.",
            "--.",
            "....",
            "..",
            ".---",
            "-.-",
            ".-..",
            "--",
            "-.",
            "---",
            ".--.",
            "--.-",
            ".-.",
            "...",
            "-",
            "..-",
            "...-",
            ".--",
            "-..-",
            "-.--",
            "--..",
            "-----",
            ".----",
            "..---",
            "...--",
            "....-",
            ".....",
            "-....",
            "--...",
            "---..",
            "----.",
        ],
        "abcdefghijklmnopqrstuvwxyz0123456789",
        strict=True,
    )
)


def decode(text: str) -> Piece | None:
    """The text with every encoded run in it decoded; None when there is none."""
    return rewritten(text, [run for find in _FINDERS for run in find(text)])


def _readable(raw: bytes, *, shown: bool = False) -> str:
    """What bytes say, if it reads like text; else empty. `shown`: from _SURE bytes on, text is
    what is all printable ASCII."""
    try:
        said = raw.decode()
    except UnicodeDecodeError:
        return ""
    letters = sum(char.isalpha() or char == " " for char in said)
    # Digits may stand for letters, or be all that was encoded: then there is nothing to read.
    if shown and len(raw) >= _SURE and said.isascii() and said.isprintable() and any(map(str.isalpha, said)):
        return said
    words = letters + sum(map(str.isdigit, said))
    good = sum(map(_shown, said))
    return said if good == len(said) and words * 10 >= 6 * len(said) and letters * 10 >= 3 * len(said) else ""


def _shown(char: str) -> bool:
    return char.isprintable() or char in "\r\n\t"


def _base(found: str) -> str:
    """A run of the base64 alphabet: hex, base32 or base64."""
    run = re.sub(r"[\r\n=]", "", found)
    for alphabet, decoder in _BASES:
        if alphabet.fullmatch(run):
            try:
                if len(run) > _PROBE and not _prefix(decoder(run[:_PROBE])):
                    continue
                if said := _readable(decoder(run), shown=True):
                    return said
            except (ValueError, binascii.Error):
                continue
    return ""


def _prefix(raw: bytes) -> str:
    """The same for bytes that may be cut inside a character."""
    return next((said for cut in range(4) if (said := _readable(raw[: len(raw) - cut], shown=True))), "")


def _b64(run: str) -> bytes:
    run = run.replace("-", "+").replace("_", "/")
    return base64.b64decode(run[: len(run) - (len(run) % 4 == 1)] + "=" * (-len(run) % 4 % 3))


def _b32(run: str) -> bytes:
    return base64.b32decode(run + "=" * (-len(run) % 8))


_BASES: tuple[tuple[re.Pattern[str], Callable[[str], bytes]], ...] = (
    (re.compile("(?:[0-9A-Fa-f]{2})+"), bytes.fromhex),
    (re.compile("[A-Z2-7]+"), _b32),
    (re.compile(r"[A-Za-z0-9+/_-]+"), _b64),
)


def _bases(text: str) -> Iterator[Run]:
    for found in _ALPHABET.finditer(text):
        if len(found[0]) <= LONGEST_RUN and (said := _base(found[0])):
            yield Run(found.start(), found.end(), said)


def _hexes(text: str) -> Iterator[Run]:
    for found in _HEX.finditer(text):
        pairs = re.sub(r"\\x|0x|[%=,\s:;-]", "", found[0])
        if len(pairs) % 2 == 0 and (said := _readable(bytes.fromhex(pairs))):
            yield Run(found.start(), found.end(), said)


def _binaries(text: str) -> Iterator[Run]:
    for found in _BINARY.finditer(text):
        bits = re.sub("[^01]", "", found[0])
        if said := _readable(int(bits, 2).to_bytes(len(bits) // 8, "big"), shown=True):
            yield Run(found.start(), found.end(), said)


def _codes(text: str) -> Iterator[Run]:
    for found in _CODES.finditer(text):
        numbers = [int(each) for each in re.findall(r"\d+", found[0])]
        if all(8 < number < 256 for number in numbers) and (said := _readable(bytes(numbers))):
            yield Run(found.start(), found.end(), said)


def _bytes(text: str) -> Iterator[Run]:
    for found in _BYTES.finditer(text):
        start = found.start()
        if found[0][0] == "=" and _FIELD.search(text, max(0, start - 41), start):
            start += 3  # that one encodes nothing
        said = bytes.fromhex(re.sub("[%=]", "", text[start : found.end()])).decode("utf-8", "replace")
        if said and all(map(_shown, said)) and "\ufffd" not in said:
            yield Run(start, found.end(), said)


def _pluses(text: str) -> Iterator[Run]:
    for found in (*_PLUSES.finditer(text), *_QUERY.finditer(text)):
        begin, end = found.span(found.lastindex or 0)
        for at in range(begin, end):
            if text[at] == "+":
                yield Run(at, at + 1, " ")


def _entities(text: str) -> Iterator[Run]:
    for found in _ENTITY.finditer(text):
        said = html.unescape(found[0])
        if said != found[0]:
            yield Run(found.start(), found.end(), said)


def _escapes(text: str) -> Iterator[Run]:
    for found in _ESCAPE.finditer(text):
        digits = next((group for group in found.groups() if group), "")
        if not digits:
            yield Run(found.start(), found.end(), " ")
            continue
        code = int(digits, 8 if found[5] else 16)
        if code < 0x110000 and not 0xD800 <= code < 0xE000:
            yield Run(found.start(), found.end(), chr(code))


def _broken(text: str) -> Iterator[Run]:
    for found in _BROKEN.finditer(text):
        before, after = found.groups()
        if before is None or before.islower() == after.islower():  # else a name begins there: `non-German`
            yield Run(found.start(), found.end(), "")


def _morse(text: str) -> Iterator[Run]:
    for found in _MORSE.finditer(text):
        words = [
            [_MORSE_LETTERS.get(letter, "") for letter in re.split(" +", word)]
            for word in re.split(r" ?[/|] ?| {3}", found[0])
        ]
        if all(letter for word in words for letter in word):
            yield Run(found.start(), found.end(), " ".join("".join(word) for word in words))


_FINDERS = (_bases, _hexes, _binaries, _codes, _bytes, _pluses, _entities, _escapes, _broken, _morse)

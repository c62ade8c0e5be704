"""E-mail addresses, as they are and as they are spelt so that programs do not find them; and addresses of payees."""

import re

from ..regex import Locator
from ..search.blocks import matches
from ..search.places import Places
from .kinds import REACH, Matches


def email(text: str, start: int, places: Places) -> Matches:
    """From each @ to the left over what a local part has in practice, to the right over a domain. In the lines of a
    log an address is one of a URL, and on pages written so that programs do not find it.

    Source: RFC 5321, 4.1.2, less the characters that in running text belong to something else (`user=a@b.example`).
    """
    for at, behind in _AT.spans(places.raw, start):
        domain = _DOMAIN.match(text, behind)
        begin = at - _local(text, start, at) if domain else at
        if domain and (
            (text[begin:at] in _NOT_PEOPLE and text[domain.end() : domain.end() + 1] == ":")
            or _FILE.search(domain[0])
            or _CALLED.match(text, domain.end())
            or (domain[0].lower() in _CIPHERS and _CIPHER.search(text, begin, at))
            or _ACCOUNT.search(text, max(0, begin - 90), begin)
            or (_PROJECT.fullmatch(text, begin, at) and text[begin - 2 : begin] == "//")
        ):
            domain = None
        if text[at] == "%":
            begin = max((each.end() for each in _ESCAPED.finditer(text, begin, at)), default=begin)
        if touched := _TOUCHED.search(text, begin, at):
            begin = touched.end()
        while begin < at and not text[begin].isalnum() and text[begin] != "_":
            begin += 1
        if domain and begin < at <= begin + 64 and text[at - 1] != ".":
            yield begin, domain.end(), 0.9


def _local(text: str, start: int, at: int) -> int:
    """How many characters before `at` can be a local part; one more than it may have is enough."""
    found = _LOCAL.match(text[max(start, at - 65) : at][::-1])
    return found.end() if found else 0


AT = re.compile(r"@|%40|&#(?:0?64|[xX]40);")
_AT = Locator(AT.pattern)
_ESCAPED = re.compile(r"%(?:0[AD]|2[0236CF]|3[A-F])", re.IGNORECASE)
"""What ends a word, in a URL."""
_LOCAL = re.compile(r"[\w.!#$%&'*+~-]*")
_NOT_PEOPLE = frozenset(("git", "hg", "svn"))
"""Accounts in `git@host.example:path`."""
_CIPHERS = frozenset(("openssh.com", "libssh.org"))
_CIPHER = re.compile(r"[\d-]|(?<![\w.])zlib$|(?<![\w.])ping$|(?<![\w.])keepalive$")
"""In what these hosts' names for algorithms and messages have before the @. Source: RFC 4251, section 6."""
_CALLED = re.compile(r"\((?:\)|\w{1,20}=)|(?<!\.\w\w)(?<!\.(?:com|org|net|edu|gov|int))(?<!\.example)\(-?\d{1,3}[,)]")
"""Behind what is called in a program: `A@B.mean(axis=0)` multiplies two matrices. A number in brackets behind a usual
domain is the mark of a note."""
_FILE = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|bmp|ico|css|js|json|html?|xml|ya?ml|pdf|txt|log"
    r"|service|socket|timer|target|mount|slice|scope|path)$",
    re.IGNORECASE,
)
"""Ends of files and of systemd's units that are no domains: `logo@2x.png`, `tunnel@8443.service`."""
_ACCOUNT = re.compile(r"://[^\s/@:]{0,64}:$")
"""Before the password in a URL, which is none of a mail address."""
_PROJECT = re.compile("[0-9a-f]{32}")
"""In a URL, by what a service that gathers errors knows a program."""
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ud7ff"
"""Letters of scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, Chinese, Japanese; and of Korean,
whose particles touch what they follow. Beside letters of ASCII they are of another word: `メールはa@b.exampleまで`."""
_TOUCHED = re.compile(rf".*[{_UNSPACED}](?=[!-~])", re.DOTALL)
_DOMAIN = re.compile(
    r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}"
    rf"(?:[A-Za-z]{{2,24}}(?=[{_UNSPACED}])|(?:[^\W\d_]{{2,24}}|xn--[a-z0-9-]{{2,59}})(?![^\W_]|[@-]))"
)


def spelt_email(text: str, start: int, places: Places) -> Matches:
    """An address that was written so that programs do not find it, in one word: `a(at)b.example`, `a[at]b[dot]c`."""
    for found in matches(_SPELT, text, start, REACH):
        begin = found.start() - _local(text, start, found.start())
        if begin < found.start() <= begin + 64:
            yield begin, found.end(), 0.8


_SPELT = re.compile(
    r"(?:\(at\)|\[at\]|\{at\})[\w-]{1,63}(?:(?:\.|\(dot\)|\[dot\]|\{dot\})[\w-]{1,63}){1,4}", re.IGNORECASE
)


def payee(text: str, start: int, places: Places) -> Matches:
    """An address to pay to in India, of a person's name or number and a bank's: `dana.w@okicici`. Source: NPCI, UPI
    procedural guidelines; its list of handles of third-party apps."""
    for at, behind in _AT.spans(places.raw, start):
        bank = _BANK.match(text, behind)
        begin = at - _local(text, start, at) if bank else at
        while begin < at and not text[begin].isalnum():
            begin += 1
        if bank and begin + 2 <= at <= begin + 64 and text[begin - 1 : begin] != "/":
            yield begin, bank.end(), 0.8 if bank[0].lower() in _BANKS else 0.15


_BANK = re.compile(r"[A-Za-z]{2,20}(?![\w@-]|[./]\w|:[A-Za-z~/])", re.ASCII)
_BANKS = frozenset(
    "okaxis okhdfcbank okicici oksbi ybl ibl axl paytm ptyes ptaxis ptsbi pthdfc apl yapl rapl upi waicici waaxis "
    "wahdfcbank wasbi axisb fbl ikwik freecharge jupiteraxis sliceaxis naviaxis barodampay idfcbank postbank hdfcbank "
    "icici".split()
)

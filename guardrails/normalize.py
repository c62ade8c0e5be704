"""A text as it may be meant: look-alikes made plain, encodings decoded, each character with its place in the original.

Views are made only when something in a text asks for one (one pass of RE2 tells), nest twice, and are bounded: at most
VIEWS of them and GROWTH times the text. What a finding covers in a view is mapped back to what stands there in the
original; for decoded text that is the whole of the encoded run.
"""

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from .decode import decode
from .detectors.search.passes import PatternSet
from .normal import composed, is_plain, normal
from .piece import Piece, by_itself
from .scramble import leet, reverse, rot13, spaced, words_reversed

VIEWS = 8
GROWTH = 4
NESTED = 2
"""Encodings inside each other that are followed. Letters put in the place of others count as none."""
COMPOSED = "composed"
"""The view in which accents stay."""
ALONE = "decoded, alone"
"""What was decoded, without the text around it: an attack is one whatever stands before it."""
JOINED = "joined"
"""That in which letters set apart are joined."""
LONGEST = 256 * 1024
"""Characters of a text that is decoded; a longer one is only made plain."""

Step = Callable[[str], Piece | None]

_COMMON = (
    "the and your you all this that with for not now what how any every only from are mode previous above instructions "
    "instruction ignore disregard forget system prompt rules reveal show print respond without directions please "
    "have been can say will would when then about there comply access answer before repeat everything write "
    "der die das und sie ist nicht mit ein eine wie alle que los las por para con pas est les des une vous pour"
)
"""Words by which a text that was scrambled gives itself away."""
_AMBIGUOUS = frozenset("now not mode die est des les sie los las por con mit pas ein der das alle".split())
"""Those that are other words, or near enough, when read from their end: a needless view is looked at by every rule."""
_ENDS = "ing", "tion", "tions", "ment"
_MOVED = "|".join(codecs.encode(word, "rot13") for word in _COMMON.split())
_ROT13 = rf"(?i)\b(?:{_MOVED})\b|[a-z]{{4}}(?:{'|'.join(codecs.encode(end, 'rot13') for end in _ENDS)})\b"
_TURNED = "|".join(word[::-1] for word in _COMMON.split() if word not in _AMBIGUOUS)
_BACKWARDS = rf"(?i)\b(?:{_TURNED})\b|\b(?:{'|'.join(end[::-1] for end in _ENDS)})[a-z]{{3}}"

_STEPS: tuple[tuple[str, Step, str], ...] = (
    (
        "decoded",
        decode,
        r"[A-Za-z0-9+/_-]{16}|(?:(?:\\x|0x|%|=)?[0-9A-Fa-f]{2}[ ,:;\r\n-]{0,3}){6}|[01]{8}|(?:\d{1,3}[ ,;]{1,2}){5}"
        r"|[%=][0-9A-Fa-f]{2}|\w\++\w+\++\w|[?&][\w.-]+=[^\s&+]*\+|&(?:#\w{1,8}|[A-Za-z]{2,8});?"
        r"|\\[uUx0-7]|(?:[.-]{1,5}[ /|]{1,3}){5}|\pL-\r?\n[ \t]{0,20}\pL|[^=\n]=\r?\n\w",
    ),
    (JOINED, spaced, r"(?:[\pL\pN][ .\-_*|/·•,~]{1,3}){4}[\pL\pN](?:[^\pL\pN]|\z)"),
    ("leet", leet, r"[A-Za-z][0134578@$!|][A-Za-z]|(?:^|[^\w])[013457@$][A-Za-z]{2}"),
    ("rot13", rot13, _ROT13),
    ("reversed", reverse, _BACKWARDS),
    ("words reversed", words_reversed, _BACKWARDS),
)


@dataclass(frozen=True, slots=True)
class View:
    """One way to read a text. `how` names the steps, such as `decoded, rot13`."""

    text: str
    how: str
    starts: list[int] | None = None
    ends: list[int] | None = None

    @property
    def plain(self) -> bool:
        """Whether only look-alikes were made plain, and nothing was decoded."""
        return self.how in ("normal", COMPOSED)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where characters `start` to `end` of the view stand in the original. A reversed text runs backwards."""
        if self.starts is None or self.ends is None or end <= start:
            return start, end
        return min(self.starts[start:end]), max(self.ends[start:end])

    def through(self, piece: Piece, step: str) -> "View":
        """The view that `piece` is, which was made of this one."""
        how = f"{self.how}, {step}" if self.how else step
        if piece.starts is None or piece.ends is None:
            return View(piece.text, how, self.starts, self.ends)
        if self.starts is None or self.ends is None:
            return View(piece.text, how, piece.starts, piece.ends)
        # What was made of one character began where it began; of several, the last one's end counts.
        starts = [self.starts[at] if at < len(self.starts) else self.starts[-1] for at in piece.starts]
        ends = [self.ends[at - 1] for at in piece.ends]
        return View(piece.text, how, starts, ends)


def in_streams(how: str) -> bool:
    """Whether a view goes character by character, so that a stream is judged by it while it comes (dressed.py)."""
    return how in ("", "normal", COMPOSED, JOINED, f"normal, {JOINED}", f"{COMPOSED}, {JOINED}")


@cache
def _signs() -> PatternSet:
    return PatternSet([sign for _, _, sign in _STEPS])


def views(text: str, decode: bool = True) -> Iterator[View]:
    """The views of `text`, the text itself not among them. Without `decode`, at most the normal one."""
    if not (decode and len(text) <= LONGEST) and is_plain(text):
        return
    seen = {text}
    left = max(GROWTH * len(text), 4096)
    queue: list[tuple[View, int]] = [(View(text, ""), 0)]
    made = 0
    if piece := composed(text):
        seen.add(piece.text)
        made, left = 1, left - len(piece.text)
        yield View(text, "").through(piece, COMPOSED)
    while queue:
        view, depth = queue.pop(0)
        if piece := normal(view.text):
            if piece.text not in seen:
                view = view.through(piece, "normal")
                seen.add(piece.text)
                made, left = made + 1, left - len(piece.text)
                yield view
            elif depth:
                continue  # it was, or will be, read where it was seen first
            else:  # the composed view reads the same: it is decoded here
                view = view.through(piece, "normal")
        if not decode or len(text) > LONGEST:
            continue
        signs = _signs().matching(view.text)
        for index, (name, step, _) in enumerate(_STEPS):
            if depth >= NESTED and name != "leet":
                continue
            if index not in signs or not (piece := step(view.text)):
                continue
            alone = by_itself(piece) if name == "decoded" else None
            for how, each in ((name, piece), (ALONE, alone)):
                if each is None or each.text in seen:
                    continue
                if made >= VIEWS or len(each.text) > left:
                    return
                seen.add(each.text)
                made, left = made + 1, left - len(each.text)
                following = view.through(each, how)
                yield following
                queue.append((following, depth + (name != "leet")))

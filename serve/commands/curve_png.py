"""The picture of `curve.py` as PNG, pixel by pixel: lines with soft edges, letters of 5 by 8 dots.

Source: PNG (ISO/IEC 15948): signature, IHDR, IDAT (zlib over rows led by filter 0), IEND, each chunk with its CRC-32.
"""

import itertools
import struct
import zlib
from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from .curve import BOTTOM, HEIGHT, LEFT, MOST_POINTS, RIGHT, TOP, WIDTH, Series, bottom_for

SCALE = 2
"""Pixels for each unit of the SVG."""
ROWS = 8
GLYPHS = {
    character: bytes.fromhex(columns)
    for character, columns in zip(
        "0123456789abcdefghijklmnopqrstuvwxyz.,:;-_+/()%",
        (
            "3e5149453e 00427f4000 6251494946 2241494936 18147f1010 2745454539 3e49494932 0161190503 3649494936 "
            "264949493e 2054545478 7f48444438 3844444428 384444487f 3854545418 087e090902 18a4a4a47c 7f08040478 "
            "00447d4000 4080847d00 7f10284400 00417f4000 7c0418047c 7c08040478 3844444438 fc24242418 18242424fc "
            "7c08040408 4854545424 043f444020 3c40403c40 1c2040201c 3c4030403c 4428102844 1ca0a0a07c 4464544c44 "
            "0060600000 0050300000 0036360000 0056360000 0808080808 4040404040 08083e0808 2010080402 001c224100 "
            "0041221c00 2313086462"
        ).split(),
        strict=True,
    )
}
"""Five columns each, the lowest bit on top."""
INK, LINES = (0, 0, 0), (221, 221, 221)

Colour = tuple[int, int, int]


class Canvas:
    """White paper in units of the SVG."""

    def __init__(self) -> None:
        self.pixels: NDArray[np.float32] = np.full((HEIGHT * SCALE, WIDTH * SCALE, 3), 255, np.float32)
        self._y, self._x = np.mgrid[0 : HEIGHT * SCALE, 0 : WIDTH * SCALE].astype(np.float32) / SCALE

    def line(self, points: Sequence[tuple[float, float]], colour: Colour, width: float) -> None:
        """A line through the points."""
        cover = np.zeros(self._x.shape, np.float32)
        for (x, y), (to_x, to_y) in itertools.pairwise(points):
            box = self._box(min(x, to_x) - width, min(y, to_y) - width, max(x, to_x) + width, max(y, to_y) + width)
            across, down = to_x - x, to_y - y
            length = across * across + down * down
            along = ((self._x[box] - x) * across + (self._y[box] - y) * down) / (length or 1.0)
            along = np.clip(along, 0.0, 1.0)
            away = np.hypot(self._x[box] - x - along * across, self._y[box] - y - along * down)
            cover[box] = np.maximum(cover[box], np.clip((width / 2 - away) * SCALE + 0.5, 0.0, 1.0))
        self._lay(cover, colour)

    def dot(self, x: float, y: float, radius: float, colour: Colour) -> None:
        self._lay(np.clip((radius - np.hypot(self._x - x, self._y - y)) * SCALE + 0.5, 0.0, 1.0), colour)

    def band(self, x: Sequence[float], upper: Sequence[float], lower: Sequence[float], colour: Colour) -> None:
        """A pale area between two lines over the same, rising x."""
        top = cast("NDArray[np.float64]", np.interp(self._x[0], x, upper))
        bottom = cast("NDArray[np.float64]", np.interp(self._x[0], x, lower))
        within = (self._y >= top) & (self._y <= bottom) & (self._x >= x[0]) & (self._x <= x[-1])
        self._lay(within * np.float32(0.15), colour)

    def text(self, x: float, y: float, said: str, *, align: float = 0.0, upright: bool = False) -> None:
        """Letters whose middle line is at `y`; `align` is the share of them left of `x`. Unknown ones are blank."""
        dots = np.zeros((ROWS, 6 * len(said)), np.float32)
        for at, character in enumerate(said.lower()):
            for column, bits in enumerate(GLYPHS.get(character, b"")):
                dots[:, 6 * at + column] = [bits >> row & 1 for row in range(ROWS)]
        if upright:
            dots = np.rot90(dots)
        dots = dots.repeat(SCALE, 0).repeat(SCALE, 1)
        high, wide = dots.shape
        top = int(y * SCALE - (high * align if upright else high / 2))
        left = int(x * SCALE - (wide / 2 if upright else wide * align))
        cover = np.zeros(self._x.shape, np.float32)
        part = cover[max(0, top) : top + high, max(0, left) : left + wide]
        part[:] = dots[: part.shape[0], : part.shape[1]]
        self._lay(cover, INK)

    def png(self) -> bytes:
        rows = self.pixels.round().astype(np.uint8).reshape(HEIGHT * SCALE, -1)
        led = np.pad(rows, ((0, 0), (1, 0)))
        head = struct.pack(">IIBBBBB", WIDTH * SCALE, HEIGHT * SCALE, 8, 2, 0, 0, 0)
        parts = ((b"IHDR", head), (b"IDAT", zlib.compress(led.tobytes(), 9)), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)

    def _box(self, left: float, top: float, right: float, bottom: float) -> tuple[slice, slice]:
        rows = slice(max(0, int(top * SCALE) - 1), int(bottom * SCALE) + 2)
        return rows, slice(max(0, int(left * SCALE) - 1), int(right * SCALE) + 2)

    def _lay(self, cover: NDArray[np.float32], colour: Colour) -> None:
        self.pixels += cover[..., None] * (np.array(colour, np.float32) - self.pixels)


def png(title: str, series: Sequence[Series], marks: Sequence[tuple[str, float, float]], floor: float) -> bytes:
    """As `curve.picture`."""
    low, canvas = bottom_for(floor), Canvas()
    left, right, top, bottom = LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM

    def at(across: float, up: float) -> tuple[float, float]:
        return left + across * (right - left), top + (1 - max(low, up)) / (1 - low) * (bottom - top)

    canvas.text(left, 16, title)
    for step in range(6):
        x, y = at(step / 5, low + (1 - low) * step / 5)
        canvas.line([(x, top), (x, bottom)], LINES, 1)
        canvas.line([(left, y), (right, y)], LINES, 1)
        canvas.text(x, bottom + 12, f"{step / 5:.1f}", align=0.5)
        canvas.text(left - 6, y, f"{low + (1 - low) * step / 5:.2f}", align=1.0)
    canvas.text((left + right) / 2, HEIGHT - 18, "share of the paraphrases that hit", align=0.5)
    canvas.text(14, (top + bottom) / 2, "precision of the hits", align=0.5, upright=True)
    for nth, one in enumerate(series):
        points = one.points[:: max(1, len(one.points) // MOST_POINTS)]
        colour = _colour(one.colour)
        if one.band and points:
            high, deep = [at(p[0], p[3])[1] for p in points], [at(p[0], p[2])[1] for p in points]
            canvas.band([at(p[0], 0)[0] for p in points], high, deep, colour)
        canvas.line([at(p[0], p[1]) for p in points], colour, 2)
        y = bottom - 14 - 16 * nth
        canvas.line([(left + 8, y), (left + 28, y)], colour, 2)
        canvas.text(left + 34, y, one.name)
    for name, across, up in marks:
        x, y = at(across, up)
        canvas.dot(x, y, 4, INK)
        canvas.text(x - 6, y + 14, name, align=1.0)
    return canvas.png()


def _colour(short: str) -> Colour:
    """`#0b6` as three bytes."""
    red, green, blue = (17 * int(digit, 16) for digit in short[1:])
    return red, green, blue


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

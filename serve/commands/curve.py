"""A curve of precision against hits as a picture: SVG, written by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 420, 64, 52, 36, 20
MOST_POINTS = 400


@dataclass(frozen=True, slots=True)
class Series:
    """One line: points (x, y, low, high), all shares from 0 to 1, by rising x."""

    name: str
    colour: str
    points: Sequence[tuple[float, float, float, float]]
    band: bool = False
    """Shade the interval."""


BOTTOMS = (0.95, 0.9, 0.75, 0.5)
"""Where the axis of precision may begin, so that each of its five steps is a round number."""


def bottom_for(floor: float) -> float:
    """The highest of these, or 0, under which nothing lies."""
    return next((each for each in BOTTOMS if each <= floor), 0.0)


def picture(title: str, series: Sequence[Series], marks: Sequence[tuple[str, float, float]], floor: float) -> str:
    """The SVG. `marks` are labelled points; y runs from `bottom_for(floor)` to 1."""
    low = bottom_for(floor)

    def x(value: float) -> float:
        return round(LEFT + value * (WIDTH - LEFT - RIGHT), 1)

    def y(value: float) -> float:
        return round(TOP + (1 - max(low, value)) / (1 - low) * (HEIGHT - TOP - BOTTOM), 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"',
        'font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-size="14">{escape(title)}</text>',
    ]
    for step in range(6):
        across, up = step / 5, low + (1 - low) * step / 5
        parts.append(f'<path d="M{x(across)} {TOP}V{HEIGHT - BOTTOM}M{LEFT} {y(up)}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{x(across)}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{across:.1f}</text>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(up) + 4}" text-anchor="end">{up:.2f}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 14}" text-anchor="middle">share of the paraphrases that hit</text>')
    parts.append(f'<text x="14" y="{TOP + 4}" transform="rotate(-90 14 {TOP + 150})">precision of the hits</text>')
    for at, line in enumerate(series):
        points = line.points[:: max(1, len(line.points) // MOST_POINTS)]
        if line.band and points:
            edge = [(x(p[0]), y(p[3])) for p in points] + [(x(p[0]), y(p[2])) for p in reversed(points)]
            parts.append(f'<polygon points="{_joined(edge)}" fill="{line.colour}" opacity="0.15"/>')
        path = _joined([(x(p[0]), y(p[1])) for p in points])
        parts.append(f'<polyline points="{path}" fill="none" stroke="{line.colour}" stroke-width="2"/>')
        parts.append(
            f'<text x="{LEFT + 8}" y="{HEIGHT - BOTTOM - 10 - 16 * at}" fill="{line.colour}">{escape(line.name)}</text>'
        )
    for name, across, up in marks:
        parts.append(f'<circle cx="{x(across)}" cy="{y(up)}" r="4" fill="black"/>')
        parts.append(f'<text x="{x(across) - 6}" y="{y(up) + 18}" text-anchor="end">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>\n"])


def _joined(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)

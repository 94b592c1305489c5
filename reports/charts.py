"""Charts as shapes: computed here, drawn by one template, each with the table of its numbers.

Widths and places across are per cents, heights are pixels, so that a chart fills its column on a phone as
on a desk without its words becoming small.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

ROW, BAR = 50, 18
COLUMN_HEIGHT = 190


@dataclass(frozen=True)
class Point:
    """One value under its label; no value means hidden or not known."""

    label: str
    value: float | None
    shown: str


@dataclass(frozen=True)
class Mark:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float
    css: str


@dataclass(frozen=True)
class Dot:
    """A point on a line."""

    x: float
    y: float
    css: str


@dataclass(frozen=True)
class Stroke:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    css: str


@dataclass(frozen=True)
class Words:
    """A text in the chart; `shift` moves it by pixels."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    shift: int = 0
    css: str = ""


@dataclass(frozen=True)
class Ribbon:
    """A band between two places across; its path lies in a box 100 wide and as high as the chart."""

    x: float
    width: float
    path: str
    css: str


@dataclass
class Chart:
    """A chart ready to be drawn, with its name, its description and the numbers behind it."""

    id: str
    title: str
    description: str
    height: int
    header: list[str]
    rows: list[list[str]]
    marks: list[Mark] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    ribbons: list[Ribbon] = field(default_factory=list)
    legend: list[tuple[str, str]] = field(default_factory=list)
    over: list[Stroke] = field(default_factory=list)
    note: str = ""


def lines(identity: str, title: str, unit: str, series: Sequence[tuple[str, Sequence[Point]]]) -> Chart:
    """Return a chart of lines over the same labels; a hidden value leaves a gap."""
    every = [point for _, points in series for point in points]
    labels = [point.label for point in series[0][1]] if series else []
    chart = _chart("Line chart", identity, title, unit, every, height=COLUMN_HEIGHT + 44)
    chart.header = ["", *[name for name, _ in series]]
    chart.rows = [
        [label, *[points[place].shown for _, points in series]] for place, label in enumerate(labels)
    ]
    top = _round_top(_most(every))
    _scale(chart, top)
    step = 100 / max(1, len(labels))
    for place, label in enumerate(labels):
        chart.words += _two_lines(label, step * (place + 0.5), place)
    for number, (name, points) in enumerate(series):
        chart.legend.append((f"s{number % 8}", name))
        _draw_line(chart, points, top, step, f"s{number % 8}")
    return chart


def stacked(identity: str, title: str, unit: str, rows: Sequence[tuple[str, dict[str, float]]]) -> Chart:
    """Return lying bars, each split into the same named parts."""
    parts = list(dict.fromkeys(part for _, values in rows for part in values))
    totals = [Point(label, sum(values.values()), f"{sum(values.values()):,.1f}") for label, values in rows]
    chart = _chart("Stacked bar chart", identity, title, unit, totals, height=ROW * len(rows) + 4)
    chart.header = ["", *parts, "total"]
    chart.rows = [
        [label, *[f"{values.get(part, 0):,.1f}" for part in parts], f"{sum(values.values()):,.1f}"]
        for label, values in rows
    ]
    chart.legend = [(f"s{number % 8}", part) for number, part in enumerate(parts)]
    most = _most(totals)
    for place, (label, values) in enumerate(rows):
        left = 0.0
        chart.words.append(Words(0, place * ROW + 17, f"{label} · {totals[place].shown} {unit}"))
        for number, part in enumerate(parts):
            width = 100 * values.get(part, 0) / most
            chart.marks.append(Mark(left, place * ROW + 25, width, BAR, f"s{number % 8}"))
            left += width
    return chart


def _chart(kind: str, identity: str, title: str, unit: str, points: Sequence[Point], *, height: int) -> Chart:
    known = [point.value for point in points if point.value is not None]
    span = f"from {min(known):,.0f} to {max(known):,.0f} {unit}" if known else "all hidden or not known"
    return Chart(
        id=identity,
        title=title,
        height=height,
        header=["", unit],
        description=f"{kind} of {len(points)} values, {span}. The numbers are in the table that follows.",
        rows=[[point.label, point.shown] for point in points],
    )


def _draw_line(chart: Chart, points: Sequence[Point], top: float, step: float, css: str) -> None:
    before: tuple[float, float] | None = None
    for place, point in enumerate(points):
        if point.value is None:
            before = None
            continue
        here = (step * (place + 0.5), COLUMN_HEIGHT - (COLUMN_HEIGHT - 20) * point.value / top)
        if before:
            chart.strokes.append(Stroke(*before, *here, f"line {css}"))
        chart.dots.append(Dot(*here, css))
        before = here


def _scale(chart: Chart, top: float) -> None:
    for part in (0.0, 0.5, 1.0):
        y = COLUMN_HEIGHT - (COLUMN_HEIGHT - 20) * part
        chart.strokes.append(Stroke(0, y, 100, y, "axis" if part == 0 else "grid"))
        if part:
            chart.words.append(Words(0, y - 5, f"{top * part:,.0f}", css="tick"))


def _two_lines(label: str, middle: float, place: int) -> list[Words]:
    """Return a label such as "Apr 2022" with its year below, where the year is news."""
    first, _, rest = label.partition(" ")
    words = [Words(middle, COLUMN_HEIGHT + 19, first, "middle")]
    if rest and (place == 0 or first == "Jan" or not rest.isdigit()):
        words.append(Words(middle, COLUMN_HEIGHT + 37, rest, "middle", css="tick"))
    return words


def _most(points: Sequence[Point]) -> float:
    return max((point.value or 0 for point in points), default=0) or 1


def _round_top(most: float) -> float:
    """Return the next round number at or over the largest value."""
    size = 10.0 ** (len(str(int(most))) - 1)
    return next(size * step for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if size * step >= most)

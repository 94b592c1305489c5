"""What is looked at: pictures of published numbers, each with its words and the table behind it.

A picture of bars is made of words and of one small drawing a row, so that long labels break on a phone. The
others are charts. Series are told apart by pattern, dashes and words, never by colour alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from feed.periods import parse
from reports.charts import Chart, Mark, Stroke, Words
from reports.release.readings import Reading, month_name

COLUMNS_HEIGHT = 118
MOST_BARS = 12
MOST_VALUES = 9
"""So many columns have their value over them; of more, only the first, the highest and the last."""
HIDDEN_STUB = 14
HEADER = ("", "Number", "Of", "How shown")
Rows = list[list[str]]


@dataclass(frozen=True)
class Part:
    """One drawn length of a bar: its style, its width in per cent, and what it says."""

    css: str
    width: float
    text: str
    hidden: bool = False


@dataclass(frozen=True)
class Bar:
    """One row of bars under one label."""

    label: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Picture:
    """A picture with its title, what to see in it, and the numbers behind it.

    sentence: the one thing that a reader in a hurry should see.
    rule:     how it is counted, and where the definition comes from.
    quality:  what stands beside the figure about the data it rests on.
    more:     how many categories stand in the numbers only.
    wide:     whether it takes the whole width of the page.
    """

    id: str
    title: str
    header: tuple[str, ...]
    rows: Rows
    sentence: str = ""
    bars: tuple[Bar, ...] = ()
    legend: tuple[tuple[str, str], ...] = ()
    chart: Chart | None = None
    rule: tuple[str, ...] = ()
    quality: tuple[str, ...] = ()
    more: int = 0
    wide: bool = False

    @property
    def hides(self) -> bool:
        """Return whether any of its bars is hidden."""
        return any(part.hidden for bar in self.bars for part in bar.parts)


@dataclass(frozen=True)
class Series:
    """Numbers of one kind over the categories of a picture, drawn in one style."""

    name: str
    css: str
    readings: Sequence[Reading]
    texts: Sequence[str] = field(default=())

    def text(self, place: int) -> str:
        """Return what stands beside a bar."""
        return self.texts[place] if self.texts else self.readings[place].text


def bars(identity: str, title: str, readings: Sequence[Reading], *, largest_first: bool = False) -> Picture:
    """Return lying bars, one for each category; what has the most is named."""
    ordered = _largest_first(readings) if largest_first else list(readings)
    shown = ordered[:MOST_BARS] if largest_first else ordered
    texts = [f"{each.text} ({each.numerator:,})" if _share(each) else each.text for each in shown]
    picture = grouped(identity, title, [Series("", "s0", shown, texts)])
    return replace(
        picture,
        rows=table_of(ordered),
        header=HEADER,
        sentence=_most(readings),
        more=len(ordered) - len(shown),
    )


def grouped(identity: str, title: str, series: Sequence[Series]) -> Picture:
    """Return lying bars, under each label one for each series; every series has its own scale."""
    tops = [max((each.value or 0 for each in one.readings), default=0) or 1 for one in series]
    made = [
        Bar(
            readings[0].label,
            tuple(_part(one.css, readings[at], tops[at], one.text(place)) for at, one in enumerate(series)),
        )
        for place, readings in enumerate(zip(*(one.readings for one in series), strict=True))
    ]
    return Picture(
        identity,
        title,
        ("", *(one.name or "Number" for one in series)),
        [[bar.label, *(part.text for part in bar.parts)] for bar in made],
        bars=tuple(made),
        legend=tuple((one.css, one.name) for one in series if one.name),
    )


def columns(identity: str, title: str, readings: Sequence[Reading]) -> Picture:
    """Return standing columns, one for each month, over their names."""
    values = [each.value or 0 for each in readings]
    chart = Chart(identity, title, _described(title, readings), COLUMNS_HEIGHT + 40, [], [])
    chart.strokes.append(Stroke(0, COLUMNS_HEIGHT, 100, COLUMNS_HEIGHT, "axis"))
    most, step = max(values, default=0) or 1, 100 / max(1, len(readings))
    told = _told(values)
    for place, each in enumerate(readings):
        height = HIDDEN_STUB if each.value is None else (COLUMNS_HEIGHT - 24) * each.value / most
        middle, top = step * (place + 0.5), COLUMNS_HEIGHT - height
        css = "hidden" if each.value is None else "s0"
        chart.marks.append(Mark(step * (place + 0.14), top, step * 0.72, height, css))
        if place in told:
            chart.words.append(Words(middle, top - 6, each.text, "middle", css="value"))
        chart.words += _month(each, middle, place)
    rows = table_of(readings, [month_name(parse(each.period).start) for each in readings])
    return Picture(identity, title, HEADER, rows, chart=chart, sentence=_course(readings))


def table_of(readings: Sequence[Reading], labels: Sequence[str] = ()) -> Rows:
    """Return the numbers as the rows of a table whose columns are HEADER."""
    names = labels or [each.label for each in readings]
    return [
        [name, each.measured if each.value is not None else "*", each.of, each.how]
        for name, each in zip(names, readings, strict=True)
    ]


def _part(css: str, reading: Reading, top: float, text: str) -> Part:
    if reading.value is None:
        return Part("hidden", 0, reading.words, hidden=True)
    return Part(css, max(0.0, 100 * reading.value / top), text)


def _share(reading: Reading) -> bool:
    return reading.value is not None and reading.statistic == "percent" and reading.numerator is not None


def _largest_first(readings: Sequence[Reading]) -> list[Reading]:
    """Return the numbers by size; what is hidden, then what is not known, last."""

    def place(each: Reading) -> tuple[bool, bool, float]:
        return each.category in {"unknown", "borough_only"}, each.value is None, -(each.value or 0)

    return sorted(readings, key=place)


def _most(readings: Sequence[Reading]) -> str:
    """Return which category has the most, in words; nothing where it is not known which one."""
    known = [each for each in readings if each.value and each.category not in {"unknown", "borough_only"}]
    first = max(known, key=lambda each: each.value or 0, default=None)
    if first is None or sum(each.value == first.value for each in known) > 1:
        return ""
    of = f", {first.of}" if first.of else ""
    return f"Most: {first.label} ({first.text}{of})."


def _course(readings: Sequence[Reading]) -> str:
    """Return where a series began, was highest and ended, in words."""
    known = [each for each in readings if each.value is not None]
    if len(known) < 2:
        return ""
    high = max(known, key=lambda each: each.value or 0)
    first, last = known[0], known[-1]
    told = f"{first.text} in {_spoken(first)}, {last.text} in {_spoken(last)}"
    return f"{told}." if high in (first, last) else f"{told}; most in {_spoken(high)}, {high.text}."


def _described(title: str, readings: Sequence[Reading]) -> str:
    hidden = sum(each.value is None for each in readings)
    said = f" {hidden} of {len(readings)} are hidden." if hidden else ""
    return f"Column chart: {title}. {_course(readings)}{said} The numbers are in the table that follows."


def _spoken(reading: Reading) -> str:
    return f"{parse(reading.period).start:%B %Y}"


def _month(reading: Reading, middle: float, place: int) -> list[Words]:
    """Return the name of a month, its year below where it is news."""
    start = parse(reading.period).start
    name = Words(middle, COLUMNS_HEIGHT + 18, f"{start:%b}", "middle", css="tick")
    if place and start.month != 1:
        return [name]
    return [name, Words(middle, COLUMNS_HEIGHT + 34, f"{start:%Y}", "middle", css="tick")]


def _told(values: Sequence[float]) -> set[int]:
    """Return which columns have their value over them."""
    places = range(len(values))
    if len(values) <= MOST_VALUES:
        return set(places)
    return {0, len(values) - 1, max(places, key=lambda place: values[place])}

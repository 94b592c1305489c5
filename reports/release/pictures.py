"""What is looked at: pictures of published numbers, each with its words and the table behind it.

A picture of bars is made of words and of one small drawing a row, so that long labels break on a phone. The
others are charts. Series are told apart by solid and hollow and by words, never by colour alone.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from reports.charts import Chart
from reports.release.readings import LAST, MEANS, Reading

MOST_BARS = 8
ALIKE = {
    "exact": "Every number shown is exact.",
    "rounded": "Every number shown is rounded.",
    "from rounded": "Every number shown is worked out from rounded counts.",
}
"""What is said once where all numbers of a table are shown in one way."""
SOLID, HOLLOW = "s0", "s1"


@dataclass(frozen=True)
class Numbers:
    """The table behind a picture: its first column has no name. `note` is what holds of every number."""

    header: tuple[str, ...]
    rows: list[list[str]]
    note: str = ""


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
    kpis:     the figures in it.
    wide:     whether it takes the whole width of the page.
    means:    what a word or a sign in it means that stands in the place of a number.
    """

    id: str
    title: str
    numbers: Numbers
    sentence: str = ""
    bars: tuple[Bar, ...] = ()
    legend: tuple[tuple[str, str], ...] = ()
    chart: Chart | None = None
    rule: tuple[str, ...] = ()
    quality: tuple[str, ...] = ()
    more: int = 0
    kpis: tuple[str, ...] = ()
    wide: bool = False
    means: tuple[str, ...] = ()


@dataclass(frozen=True)
class Series:
    """Numbers of one kind over the categories of a picture, drawn in one style."""

    name: str
    css: str
    readings: Sequence[Reading]
    text: Callable[[Reading], str] = field(default=lambda reading: reading.text)


def bars(identity: str, title: str, readings: Sequence[Reading], *, largest_first: bool = False) -> Picture:
    """Return lying bars, one for each category; what has the most is named."""
    ordered = _largest_first(readings) if largest_first else list(readings)
    known = [each for each in ordered if each.category not in LAST]
    shown = [*known[:MOST_BARS], *ordered[len(known) :]] if largest_first else ordered
    picture = grouped(identity, title, [Series("", SOLID, shown, with_count)])
    told = replace(picture, numbers=numbers_of(ordered), sentence=_most(readings))
    return replace(told, more=len(ordered) - len(shown), means=meanings(ordered))


def grouped(identity: str, title: str, series: Sequence[Series]) -> Picture:
    """Return lying bars on one scale, under each label one for each series."""
    top = max((each.value or 0 for one in series for each in one.readings), default=0) or 1
    names = _short([each.label for each in series[0].readings])
    made = tuple(
        Bar(
            name,
            tuple(_part(one, each, top) for one, each in zip(series, readings, strict=True)),
        )
        for name, *readings in zip(names, *(one.readings for one in series), strict=True)
    )
    table = Numbers(
        ("", *(one.name or "Number" for one in series)),
        [[bar.label, *(part.text for part in bar.parts)] for bar in made],
    )
    legend = tuple((one.css, one.name) for one in series if one.name)
    means = meanings(each for one in series for each in one.readings)
    return Picture(identity, title, table, bars=made, legend=legend, means=means)


def meanings(readings: Iterable[Reading]) -> tuple[str, ...]:
    """Return what the words mean that stand in the place of these numbers, each once."""
    return tuple(dict.fromkeys(MEANS[each.words] for each in readings if each.words in MEANS))


def with_count(reading: Reading) -> str:
    """Return a percentage with the count it is of, or the number as it is."""
    if reading.statistic != "percent" or reading.numerator is None:
        return reading.text
    return f"{reading.text} ({reading.numerator:,})"


def numbers_of(readings: Sequence[Reading], labels: Sequence[str] = ()) -> Numbers:
    """Return the numbers as a table, with what they are of and their intervals where there are any."""
    columns = {
        "Number": [each.measured for each in readings],
        "Of": [each.of for each in readings],
        "95% interval": [each.interval for each in readings],
        "How shown": [each.how for each in readings],
    }
    ways = set(filter(None, columns["How shown"]))
    alike = ways.pop() if len(ways) == 1 else ""
    told = {
        name: cells for name, cells in columns.items() if any(cells) and not (alike and name == "How shown")
    }
    names = labels or [each.label for each in readings]
    rows = [list(row) for row in zip(names, *told.values(), strict=True)]
    return Numbers(("", *told), rows, ALIKE.get(alike, ""))


def _part(series: Series, reading: Reading, top: float) -> Part:
    if reading.value is None:
        return Part("hidden", 0, reading.words, hidden=True)
    return Part(series.css, max(0.0, 100 * reading.value / top), series.text(reading))


def _largest_first(readings: Sequence[Reading]) -> list[Reading]:
    """Return the numbers by size; what is hidden, then what is not known, last."""

    def place(each: Reading) -> tuple[bool, bool, float]:
        return each.category in LAST, each.value is None, -(each.value or 0)

    return sorted(readings, key=place)


def _most(readings: Sequence[Reading]) -> str:
    """Return which category has the most, in words; nothing where it is not one alone.

    What is hidden may be more than what is shown, where it is hidden for the sake of another.
    """
    named = [each for each in readings if each.category not in LAST]
    known = [each for each in named if each.value]
    first = max(known, key=lambda each: each.value or 0, default=None)
    if first is None or len(known) < 2 or sum(each.value == first.value for each in known) > 1:
        return ""
    of = f" ({first.of})" if first.of else ""
    among = "Most of those shown" if any(each.value is None for each in named) else "Most"
    return f"{among}: {first.short}, {first.text}{of}."


def _short(labels: Sequence[str]) -> list[str]:
    """Return the labels without what stands in brackets, where they stay different; tables have all of it."""
    short = [label.partition(" (")[0] for label in labels]
    return [each if short.count(each) == 1 else label for each, label in zip(short, labels, strict=True)]

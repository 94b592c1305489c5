"""Numbers month by month, as standing columns."""

from collections.abc import Sequence

from feed.periods import parse
from reports.charts import Chart, Mark, Stroke, Words
from reports.release.pictures import SOLID, Picture, numbers_of
from reports.release.readings import Reading, month_name

HEIGHT, HEAD, HIDDEN_STUB = 118, 24, 14
MOST_VALUES = 9
"""So many columns have their value over them; of more, only the first, the highest and the last."""


def columns(identity: str, title: str, readings: Sequence[Reading]) -> Picture:
    """Return standing columns, one for each month, over their names."""
    values = [each.value or 0 for each in readings]
    chart = Chart(identity, title, _described(title, readings), HEIGHT + 40, [], [])
    chart.strokes.append(Stroke(0, HEIGHT, 100, HEIGHT, "axis"))
    most, step = max(values, default=0) or 1, 100 / max(1, len(readings))
    told = _told(values)
    for place, each in enumerate(readings):
        height = HIDDEN_STUB if each.value is None else (HEIGHT - HEAD) * each.value / most
        middle, top = step * (place + 0.5), HEIGHT - height
        css = "hidden" if each.value is None else SOLID
        chart.marks.append(Mark(step * (place + 0.14), top, step * 0.72, height, css))
        if place in told:
            chart.words.append(Words(middle, top - 6, each.text, "middle", css="value"))
        chart.words += _month(each, middle, place)
    table = numbers_of(readings, [month_name(parse(each.period).start) for each in readings])
    return Picture(identity, title, table, chart=chart, sentence=_course(readings))


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
    name = Words(middle, HEIGHT + 18, f"{start:%b}", "middle", css="tick")
    if place and start.month != 1:
        return [name]
    return [name, Words(middle, HEIGHT + 34, f"{start:%Y}", "middle", css="tick")]


def _told(values: Sequence[float]) -> set[int]:
    """Return which columns have their value over them."""
    places = range(len(values))
    if len(values) <= MOST_VALUES:
        return set(places)
    return {0, len(values) - 1, max(places, key=lambda place: values[place])}

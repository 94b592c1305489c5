"""Numbers month by month, or quarter by quarter, as standing columns."""

from collections.abc import Sequence
from dataclasses import dataclass

from feed.periods import parse
from reports.charts import Chart, Mark, Stroke, Words
from reports.release.pictures import SOLID, Picture, numbers_of
from reports.release.readings import MEANS, Reading

HEIGHT, HEAD, HIDDEN_STUB = 104, 24, 14
MOST_LETTERS = 32
"""Columns have their values over them where these are so short together, with a gap after each; else only the
first, the highest and the last of them have."""


@dataclass(frozen=True)
class Level:
    """A broken line across the columns, and what it stands for."""

    value: float
    words: str


def columns(identity: str, title: str, readings: Sequence[Reading], level: Level | None = None) -> Picture:
    """Return standing columns, one for each month or quarter, over their names."""
    values = [each.value or 0 for each in readings]
    chart = Chart(identity, title, _described(title, readings), HEIGHT + 40, [], [])
    chart.strokes.append(Stroke(0, HEIGHT, 100, HEIGHT, "axis"))
    most, step = max([*values, level.value if level else 0]) or 1, 100 / max(1, len(readings))
    told = _told(readings)
    for place, each in enumerate(readings):
        height = HIDDEN_STUB if each.value is None else (HEIGHT - HEAD) * each.value / most
        middle, top = step * (place + 0.5), HEIGHT - height
        css = "hidden" if each.value is None else SOLID
        chart.marks.append(Mark(step * (place + 0.14), top, step * 0.72, height, css))
        if place in told:
            chart.words.append(Words(middle, top - 6, each.brief, "middle", css="value"))
        chart.words += _under(each, middle, place)
    if level:
        y = HEIGHT - (HEIGHT - HEAD) * level.value / most
        chart.over += [Stroke(0, y, 100, y, css) for css in ("level-under", "level")]
    table = numbers_of(readings, [spoken_period(each) for each in readings])
    sentence = f"{_course(readings)}{_line(level)}".strip()
    gone = dict.fromkeys(each.words for each in readings if each.value is None)
    means = tuple(f"* {_small(MEANS.get(words, f'{words}.'))}" for words in gone)
    return Picture(identity, title, table, chart=chart, sentence=sentence, means=means)


def _course(readings: Sequence[Reading]) -> str:
    """Return where a series began, was highest and ended, in words."""
    known = [each for each in readings if each.value is not None]
    if len(known) < 2:
        return ""
    high = max(known, key=lambda each: each.value or 0)
    first, last = known[0], known[-1]
    if len({each.text for each in readings}) == 1:
        return f"{first.text[0].upper()}{first.text[1:]} all along."
    told = f"{first.text} in {spoken_period(first)}, {last.text} in {spoken_period(last)}"
    if high in (first, last):
        return f"{told}."
    among = "most" if len(known) == len(readings) else "most of those shown"
    return f"{told}; {among} in {spoken_period(high)}, {high.text}."


def _line(level: Level | None) -> str:
    return f" {level.words} (broken line)." if level else ""


def _described(title: str, readings: Sequence[Reading]) -> str:
    hidden = sum(each.value is None for each in readings)
    said = f" {hidden} of {len(readings)} are hidden." if hidden else ""
    return f"Column chart: {title}. {_course(readings)}{said} The numbers are in the table that follows."


def spoken_period(reading: Reading) -> str:
    """Return the period of a number in words: April 2022, or Q2 of 2022-23."""
    period = parse(reading.period)
    if len(period.months) == 1:
        return f"{period.start:%B %Y}"
    year, _, quarter = period.label.rpartition("-")
    return f"{quarter} of {year}" if year else period.label


def _under(reading: Reading, middle: float, place: int) -> list[Words]:
    """Return the name of a month or quarter, its year below where it is news."""
    period = parse(reading.period)
    is_month = len(period.months) == 1
    year, _, quarter = period.label.rpartition("-")
    name = f"{period.start:%b}" if is_month else quarter
    words = [Words(middle, HEIGHT + 18, name, "middle", css="tick")]
    if place == 0 or period.start.month == (1 if is_month else 4):
        below = f"{period.start:%Y}" if is_month else year
        words.append(Words(middle, HEIGHT + 34, below, "middle", css="tick"))
    return words


def _told(readings: Sequence[Reading]) -> set[int]:
    """Return which columns have their value over them."""
    places = range(len(readings))
    if sum(len(each.brief) + 1 for each in readings) <= MOST_LETTERS:
        return set(places)
    hidden = {place for place in places if readings[place].value is None}
    return hidden | {0, len(readings) - 1, max(places, key=lambda place: readings[place].value or 0)}


def _small(words: str) -> str:
    return f"{words[0].lower()}{words[1:]}"

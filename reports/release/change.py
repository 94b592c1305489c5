"""A mean change with its interval, as a dot and a line over a scale that has no change in its middle."""

from reports.charts import Chart, Dot, Stroke, Words
from reports.release.pictures import Picture, numbers_of
from reports.release.readings import MEANS, Reading

HEIGHT, LINE = 74, 36
ROOM = 1.15
"""The scale reaches a little beyond the interval."""


def change(identity: str, title: str, reading: Reading) -> Picture:
    """Return the picture of one mean change; where it is hidden, only its words and its table."""
    table = numbers_of([reading], [title])
    if reading.value is None:
        why = MEANS.get(reading.words, f"{reading.words.capitalize()}.")
        return Picture(identity, title, table, sentence=why)
    ends = tuple(reading.value if end is None else end for end in (reading.lower, reading.upper))
    reach = (max(abs(end) for end in (*ends, reading.value)) or 1) * ROOM
    chart = Chart(identity, title, f"{title}: {sentence_of(reading)}", HEIGHT, [], [])

    def across(value: float) -> float:
        return 50 + 46 * value / reach

    chart.strokes += [
        Stroke(0, LINE, 100, LINE, "grid"),
        Stroke(50, LINE - 16, 50, LINE + 16, "axis"),
        Stroke(across(ends[0]), LINE, across(ends[1]), LINE, "whisker"),
        *(Stroke(across(end), LINE - 7, across(end), LINE + 7, "whisker") for end in ends),
    ]
    chart.dots.append(Dot(across(reading.value), LINE, "s0"))
    chart.words += [
        Words(across(reading.value), LINE - 14, f"{reading.value:+g}", "middle", css="value"),
        Words(50, LINE + 32, "no change", "middle", css="tick"),
        Words(0, LINE + 32, "worse", css="tick"),
        Words(100, LINE + 32, "better", "end", css="tick"),
    ]
    return Picture(identity, title, table, chart=chart, sentence=sentence_of(reading))


def sentence_of(reading: Reading) -> str:
    """Return a mean change in words, its interval and how many stand behind it."""
    many = f", of {reading.denominator:,} episodes with both forms" if reading.denominator else ""
    within = f" (95% interval {reading.interval})" if reading.interval else ""
    way = "higher" if (reading.value or 0) > 0 else "lower" if (reading.value or 0) < 0 else "different"
    points = f"{abs(reading.value or 0):g} {reading.unit}"
    return f"On average {points} {way} at the end than at the start{within}{many}."

"""The flow from one service to others: ribbons as thick as what passed, on any width."""

from collections.abc import Sequence
from dataclasses import replace

from reports.charts import Chart, Mark, Ribbon, Words
from reports.release.pictures import SOLID, Picture, meanings, numbers_of
from reports.release.readings import Reading

LABEL, ALL_RIBBONS, LEAST = 21, 120, 2.0
HALF, TURNED = 16, 32
"""Where a ribbon is half turned, and turned, on its way across."""
NODE = 2.0
"""How wide the ends are, in per cent."""


def flow(identity: str, title: str, start: str, readings: Sequence[Reading]) -> Picture:
    """Return what passed from one service to each of the others, the most first.

    Given: counts; what is hidden is drawn as a broken line of no thickness.
    """
    ordered = sorted(readings, key=lambda each: (each.value is None, -(each.value or 0)))
    total = sum(each.value or 0 for each in ordered) or 1
    heights = [max(LEAST, ALL_RIBBONS * (each.value or 0) / total) for each in ordered]
    chart = Chart(
        identity, title, _described(start, ordered), int(sum(heights)) + LABEL * len(ordered) + 6, [], []
    )
    left = top_left = (chart.height - sum(heights)) / 2
    right = 0.0
    for each, height in zip(ordered, heights, strict=True):
        right += LABEL
        _draw(chart, each, left, right, height)
        left, right = left + height, right + height
    chart.marks.append(Mark(0, top_left, NODE, sum(heights), SOLID))
    chart.words.append(Words(0, top_left - 8, start, css="value"))
    picture = Picture(identity, title, numbers_of(ordered), chart=chart, wide=True, means=meanings(ordered))
    return replace(picture, sentence=_sentence(ordered))


def _draw(chart: Chart, reading: Reading, left: float, right: float, height: float) -> None:
    css = "hidden" if reading.value is None else "flow"
    chart.ribbons.append(Ribbon(NODE, 100 - 2 * NODE, _path(left, right, height), css))
    chart.marks.append(Mark(100 - NODE, right, NODE, height, "hidden" if reading.value is None else SOLID))
    chart.words.append(Words(100, right - 6, f"{reading.short}: {reading.words}", "end"))


def _path(left: float, right: float, height: float) -> str:
    """Return a band that leaves one side level, and soon is level with the other: words stand between."""
    return (
        f"M0 {left:.1f}C{HALF} {left:.1f} {HALF} {right:.1f} {TURNED} {right:.1f}H100V{right + height:.1f}"
        f"H{TURNED}C{HALF} {right + height:.1f} {HALF} {left + height:.1f} 0 {left + height:.1f}Z"
    )


def _described(start: str, ordered: Sequence[Reading]) -> str:
    told = ", ".join(f"{each.short} {each.words}" for each in ordered)
    return f"Ribbons from {start}, as thick as what passed: {told}."


def _sentence(ordered: Sequence[Reading]) -> str:
    services = [each for each in ordered if each.category != "unknown"]
    if not services or not services[0].value:
        return ""
    shown = " that are shown" if any(each.value is None for each in services) else ""
    return f"Of the commissioned services{shown}, {services[0].short} got most: {services[0].text}."

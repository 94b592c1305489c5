"""A chart shows what its table says, on any width."""

from feed.model import Breakdown, Cell
from reports import charts

POINTS = [
    charts.Point("Apr 2022", 50, "50"),
    charts.Point("May 2022", 100, "100"),
    charts.Point("Jun 2022", None, "*"),
]


def test_the_longest_bar_has_twice_the_length_of_half_its_value() -> None:
    """Lengths are in proportion, and leave room for the value beside the bar."""
    chart = charts.bars("id", "title", "things", POINTS)
    assert chart.marks[1].width == 2 * chart.marks[0].width
    assert max(mark.width for mark in chart.marks) < 80


def test_a_hidden_value_has_a_star_and_no_bar() -> None:
    """What is hidden is neither drawn nor described."""
    chart = charts.columns("id", "title", "things", POINTS)
    assert chart.marks[2].height == 0
    assert chart.rows[2] == ["Jun 2022", "*"]
    assert "from 50 to 100" in chart.description


def test_a_hidden_value_breaks_a_line() -> None:
    """A line is not drawn across a month that is hidden."""
    points = [*POINTS, charts.Point("Jul 2022", 80, "80")]
    chart = charts.lines("id", "title", "things", [("a", points)])
    assert len([stroke for stroke in chart.strokes if stroke.css.startswith("line")]) == 1
    assert len(chart.dots) == 3


def test_shares_fill_the_bar() -> None:
    """The parts of a whole are as wide together as the whole."""
    cells = [Cell(label=str(n), count=n, share=n) for n in (61, 21, 10, 6, 2)]
    chart = charts.of_breakdown("id", Breakdown(id="b", title="t", unit="u", kind="share", cells=cells))
    assert abs(sum(mark.width for mark in chart.marks) - 100) < 1e-9
    assert chart.legend[0][1] == "61: 61% (61)"


def test_a_long_series_lies_down() -> None:
    """Thirteen months and more are drawn as lying bars, whose labels never meet."""
    cells = [Cell(label=f"M{n}", count=n) for n in range(24)]
    chart = charts.of_breakdown("id", Breakdown(id="b", title="t", unit="u", kind="columns", cells=cells))
    assert chart.description.startswith("Bar chart")


def test_a_chart_of_nothing_is_drawn() -> None:
    """No values, or only zeros, divide by nothing."""
    assert charts.bars("id", "t", "u", []).rows == []
    assert charts.share("id", "t", "u", [charts.Point("a", 0, "0")]).marks[0].width == 0
    assert charts.lines("id", "t", "u", []).rows == []
    assert "all hidden" in charts.columns("id", "t", "u", POINTS[2:]).description


def test_stacked_parts_add_to_the_longest_bar() -> None:
    """Stages of a run lie end to end; the longest run fills the width."""
    chart = charts.stacked("id", "t", "seconds", [("a", {"pull": 1.0, "map": 3.0}), ("b", {"pull": 2.0})])
    assert sum(mark.width for mark in chart.marks[:2]) == 100
    assert chart.rows[1] == ["b", "2.0", "0.0", "2.0"]

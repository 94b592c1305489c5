"""A chart shows what its table says, on any width."""

from reports import charts

POINTS = [
    charts.Point("Apr 2022", 50, "50"),
    charts.Point("May 2022", 100, "100"),
    charts.Point("Jun 2022", None, "*"),
]


def test_a_hidden_value_breaks_a_line() -> None:
    """A line is not drawn across a month that is hidden."""
    points = [*POINTS, charts.Point("Jul 2022", 80, "80")]
    chart = charts.lines("id", "title", "things", [("a", points)])
    assert len([stroke for stroke in chart.strokes if stroke.css.startswith("line")]) == 1
    assert len(chart.dots) == 3


def test_a_chart_of_nothing_is_drawn() -> None:
    """No values, or only zeros, divide by nothing."""
    assert charts.lines("id", "t", "u", []).rows == []
    assert "all hidden" in charts.lines("id", "t", "u", [("a", POINTS[2:])]).description


def test_stacked_parts_add_to_the_longest_bar() -> None:
    """Stages of a run lie end to end; the longest run fills the width."""
    chart = charts.stacked("id", "t", "seconds", [("a", {"pull": 1.0, "map": 3.0}), ("b", {"pull": 2.0})])
    assert sum(mark.width for mark in chart.marks[:2]) == 100
    assert chart.rows[1] == ["b", "2.0", "0.0", "2.0"]

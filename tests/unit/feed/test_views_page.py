"""The page about the views is made from their declaration, which both databases are held to."""

import re
from pathlib import Path

import pytest

from feed.views.declared import views
from feed.views.page import PAGE, page

HOW_TO = Path(__file__).parents[3] / "docs" / "how_to" / "connect_power_bi.md"


def test_the_page_is_what_the_views_say_today() -> None:
    """Change a view, and its page says so."""
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("name", re.findall(r"published\.(\w+)", HOW_TO.read_text(encoding="utf-8")))
def test_every_view_that_the_how_to_names_is_there(name: str) -> None:
    """Nobody is sent to a view that does not exist."""
    assert name in {view.name for view in views()}


def test_every_column_of_the_measure_is_one_of_the_view() -> None:
    """The measure of the page works on the view as it is."""
    (figures,) = (view for view in views() if view.name == "figures")
    used = set(re.findall(r"figures\[(\w+)\]", HOW_TO.read_text(encoding="utf-8")))
    assert used == {"kpi", "statistic", "period", "breakdown", "category", "value"}
    assert used <= {column.name for column in figures.columns}

"""Council side: build the commissioner's figures from the warehouse."""

from datetime import date, timedelta
from typing import Annotated

import typer

from commands import say
from commands.options import JsonOption, SiteOption, day, opened, site_folder
from common import clock


def feed(
    context: typer.Context,
    period: Annotated[
        str | None, typer.Option(help="FIRST..LAST day, both included (YYYY-MM-DD..YYYY-MM-DD).")
    ] = None,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Council side: build the figures of a period.

    Without --period: the financial year up to yesterday.
    """
    from commands.pages import build_feed, build_pages

    first, last = _period(period) if period else financial_year(clock.today())
    place = opened(site_folder(context, site))
    figures = build_feed(place, first, last)
    build_pages(place)
    if json:
        say.as_json(figures.model_dump(mode="json"))
    else:
        say.table(
            f"Figures, {figures.period.words}",
            ("figure", "value", "unit"),
            (
                (figure.name, "hidden" if figure.value is None else f"{figure.value:,}", figure.unit)
                for figure in figures.figures
            ),
        )
    return 0


def financial_year(today: date) -> tuple[date, date]:
    """Return the first day of the financial year that yesterday lies in, and yesterday."""
    last = today - timedelta(days=1)
    return date(last.year if (last.month, last.day) >= (4, 1) else last.year - 1, 4, 1), last


def _period(words: str) -> tuple[date, date]:
    first, dots, last = words.partition("..")
    if not dots or day(first) > day(last):
        raise typer.BadParameter("write the period as FIRST..LAST, each YYYY-MM-DD")
    return day(first), day(last)

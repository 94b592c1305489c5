"""The commissioner's page of a release: figures for people who would rather look than read."""

import polars as pl

from feed.declared import Declarations, declarations
from feed.release.contents import Contents
from reports.pages import render
from reports.release.plan import headlines, sections
from reports.release.questions import answered
from reports.release.readings import Readings
from reports.release.told import Told

NAME = "index.html"
SHEETS = ("govuk-frontend.css", "worklist.css", "release.css")


def release_page(
    contents: Contents, edition: int, revisions: pl.DataFrame, declared: Declarations | None = None
) -> bytes:
    """Return the page; the same bytes for the same release, whenever it is made.

    Given: what the release tells, which edition it is, and every revision of its period.
    """
    declared = declared or declarations()
    told = Told(Readings(contents.observations, contents.period), declared)
    return render(
        "release.html",
        sheets=SHEETS,
        site=contents.publisher.name,
        sample=contents.sample,
        contents=contents,
        period=told.readings.period,
        edition=edition,
        revised=len(revisions.filter(pl.col("edition") == edition)) if edition > 1 else 0,
        control=contents.control,
        headlines=headlines(told),
        sections=sections(told, contents),
        tables=answered(told, contents),
    )

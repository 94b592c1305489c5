"""The front page: who reads what, and how last night went."""

from dataclasses import dataclass

from reports.exit_codes import meaning_of
from reports.pages import render
from reports.readings import RunSummary

DATA_QUALITY = "data_quality"
"""The folder of the data team's page and tables."""


@dataclass(frozen=True)
class Contents:
    """What was written, as links relative to the front page."""

    governance: list[tuple[str, str]]
    providers: list[tuple[str, str, int]]
    commissioner: list[tuple[str, str]]
    data_quality: bool = False


def front_page(site: str, latest: RunSummary | None, contents: Contents) -> bytes:
    """Return the front page of a site's reports."""
    return render(
        "front.html",
        site=site,
        sample=bool(latest and latest.sample),
        run=latest,
        exit=meaning_of(latest.exit_code, latest.errors) if latest else None,
        contents=contents,
    )

"""The front page: who reads what, and how last night went."""

from dataclasses import dataclass

from reports.exit_codes import meaning_of
from reports.pages import render
from reports.readings import RunSummary

DATA_QUALITY = "data_quality"
"""The folder of the data team's page and tables."""


@dataclass(frozen=True)
class Published:
    """Where pages of published figures lie from the front page.

    releases:   the page of each release, and its period in words.
    monitoring: the page of each provider's contract, its name, and the quarter in words.
    """

    releases: tuple[tuple[str, str], ...] = ()
    monitoring: tuple[tuple[str, str, str], ...] = ()


NOTHING = Published()


@dataclass(frozen=True)
class Contents:
    """What was written, as links relative to the front page."""

    governance: list[tuple[str, str]]
    providers: list[tuple[str, str, int]]
    published: Published
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

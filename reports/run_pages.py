"""The pages made from runs, log and state, each with the same numbers as JSON beside it."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from common.files import write_atomic
from reports.assessment_pages import as_json
from reports.documents import FOLDER, FROM_THE_RUNS, Document
from reports.governance import reason_words
from reports.pages import render
from reports.state_words import brake_words


def write_run_pages(
    out: Path,
    site: str,
    readings: Mapping[str, Mapping[str, Any]],
    *,
    sample: bool,
    checks: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write each page that there is a reading for, and return every file; for their owner's eyes alone.

    Given: the folder of reports; readings by page name, as `sync.governance` makes them, with exact
           counts, also where they are small; what each check says, by its id.
    """
    found: list[Path] = []
    for document in FROM_THE_RUNS:
        if document.name in readings:
            page = out / FOLDER / f"{document.name}.html"
            write_atomic(
                page, run_page(document, site, readings[document.name], sample=sample, checks=checks)
            )
            write_atomic(page.with_suffix(".json"), as_json(readings[document.name]))
            found += [page, page.with_suffix(".json")]
    return found


def run_page(
    document: Document,
    site: str,
    said: Mapping[str, Any],
    *,
    sample: bool,
    checks: Mapping[str, str] | None = None,
) -> bytes:
    """Return one page. Given: its reading, and what each check says, by its id."""
    return render(
        f"{document.name}.html",
        site=site,
        sample=sample,
        document=document,
        told=said,
        reason_words=partial(reason_words, checks=checks),
        brake_words=brake_words,
        at=_instant,
        on=_day,
    )


def _instant(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None

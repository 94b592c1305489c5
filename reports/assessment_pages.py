"""The pages made from the assessment and the day alone, each with the same numbers as JSON beside it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.files import write_atomic
from reports.documents import FROM_THE_ASSESSMENT, Document
from reports.governance import treatment_words
from reports.pages import render


@dataclass(frozen=True)
class Beside:
    """Where documents are written: the folder, the site's name, whether its other pages stand about it."""

    folder: Path
    site: str
    sample: bool
    linked: bool


def write_documents(beside: Beside, readings: Mapping[str, Mapping[str, Any]]) -> list[Path]:
    """Write each document that there is a reading for, as a page and as JSON, and remove the others.

    Given:   readings by document name, as `sharing.telling` makes them; a register that is not published is
             written for nobody.
    Returns: every file that stands.
    """
    found: list[Path] = []
    for document in FROM_THE_ASSESSMENT:
        page = beside.folder / f"{document.name}.html"
        said = readings.get(document.name)
        if said is None or said.get("published") is False:
            page.unlink(missing_ok=True)
            page.with_suffix(".json").unlink(missing_ok=True)
            continue
        write_atomic(page, _page(document, said, beside), private=False)
        write_atomic(page.with_suffix(".json"), as_json(said), private=False)
        found += [page, page.with_suffix(".json")]
    return found


def _page(document: Document, said: Mapping[str, Any], beside: Beside) -> bytes:
    return render(
        f"{document.name}.html",
        site=beside.site,
        sample=beside.sample,
        linked=beside.linked,
        document=document,
        told=said,
        a=said["assessment"],
        treatment_words=treatment_words,
    )


def as_json(said: Mapping[str, Any]) -> bytes:
    """Return a reading as JSON, days as YYYY-MM-DD."""
    return (json.dumps(said, indent=2, ensure_ascii=False, default=str) + "\n").encode()

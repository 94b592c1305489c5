"""What the checks of a whole provider are asked about: the sources that were read whole, and lost rows."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import polars as pl

import quality
from common.errors import ViaductError
from connectors.errors import HalfExport, RowCountDiffers
from quality.tallies import added_up
from sync.gather import Gathering
from sync.place import Workplace
from sync.summary import SourceSummary, Summary

LOST = (HalfExport, RowCountDiffers)
NAMED = re.compile(r"\bexport ([a-z0-9_]+)")


def judge_submissions(
    gathered: Mapping[str, Gathering],
    tallies: list[pl.DataFrame],
    facts: quality.Facts,
    place: Workplace,
    summary: Summary,
) -> tuple[quality.Inspected, list[tuple[str, str, str]]]:
    """Return what the checks of a whole provider say of tonight's sources, and since when each is judged.

    A source that was read in part, or not at all, has no months to judge: what was found of it stays.
    """
    complete = [name for name, part in gathered.items() if part.complete]
    whole = {name: at for name, at in facts.extracted_at.items() if name in complete}
    rows = [row for told in summary.sources for row in _exports(told, list(place.mappings[told.source]))]
    exports = pl.DataFrame(rows, schema=quality.EXPORTS, orient="row")
    counts = added_up(tallies).filter(pl.col("source").is_in(list(whole)))
    of = quality.Submitted(counts, replace(facts, extracted_at=whole), exports)
    return quality.judge(of), quality.judged_from(of)


def _exports(told: SourceSummary, names: list[str]) -> Iterator[tuple[str, str, bool | None]]:
    """Yield of each export whether rows of it were lost; null where it was not read for another reason."""
    losing = _named(told.error) if isinstance(told.error, LOST) else set()
    read = told.error is None or bool(told.exports)
    for name in names:
        yield told.source, name, True if name in losing else (False if read else None)


def _named(error: ViaductError) -> set[str]:
    return set(NAMED.findall(error.where))

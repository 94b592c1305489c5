"""What stands between a provider's figures and the truth: fields left empty, and findings not yet mended.

Counts only, under the profile of the release: few are not told, the rest is rounded.
"""

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from feed.release.quality import rounded
from quality.effects import effects
from reports.monitoring.reading import Monitored
from reports.pages import spoken
from reports.release.pictures import Numbers, Picture, bars
from reports.release.plainly import capital, field_words
from reports.release.readings import Reading

MOST_FIELDS, FEWEST = 8, 10
WAYS = {"missing": "Left out", "twice": "Perhaps counted twice", "doubtful": "Perhaps counted wrongly"}


def completeness(monitored: Monitored) -> Iterator[Picture]:
    """Yield the fields filled in least among the quarter's records, of those that a figure reads."""
    table = monitored.completeness
    if table is None or table.is_empty():
        return
    read = pl.concat_str("entity", pl.lit("."), "field").is_in(list(effects().fields))
    within = pl.col("month").is_between(monitored.quarter.start, monitored.quarter.end)
    answered = pl.sum_horizontal("refused", "not_known", "invalid", "valid")
    summed = (
        table.filter(read, within)
        .group_by("entity", "field")
        .agg(pl.col("applies").sum(), answered=answered.sum())
        .filter(pl.col("applies") >= FEWEST, pl.col("answered") < pl.col("applies"))
        .with_columns(share=pl.col("answered") * 100 // pl.col("applies"))
        .sort("share", "entity", "field")
    )
    least = [_share(*row) for row in summed.select("entity", "field", "share").head(MOST_FIELDS).iter_rows()]
    if least:
        rule = "Of the quarter’s records to which the field applies, how many have an answer: refusals count."
        yield replace(bars("own-completeness", "What is recorded least", least), sentence="", rule=(rule,))


def gaps(monitored: Monitored) -> Numbers | None:
    """Return how many records with an open finding would change each figure once mended."""
    table = monitored.gaps
    if table is None or table.is_empty():
        return None
    summed = table.group_by("figure", "figure_words", "way").agg(pl.col("records").sum())
    whole = pl.col("records").sum().over("figure")
    ordered = summed.sort(whole, "figure", descending=[True, False])
    found: dict[str, dict[str, int]] = {}
    for words, way, records in ordered.select("figure_words", "way", "records").iter_rows():
        found.setdefault(capital(words), {})[way] = records
    rows = [
        [words, *(_protected(ways.get(way, 0), monitored) for way in WAYS)] for words, ways in found.items()
    ]
    return Numbers(("", *WAYS.values()), rows)


def _protected(count: int, by: Monitored) -> str:
    if count == 0:
        return "–"
    return f"1 to {by.suppress_to}" if count <= by.suppress_to else f"{rounded(count, by.round_to):,}"


def _share(entity: str, field: str, share: int) -> Reading:
    label = capital(f"{field_words(field)} ({spoken(entity)})")
    return Reading("", "percent", "", field, label, float(share), "%", None, None, None, None, "rounded", "")

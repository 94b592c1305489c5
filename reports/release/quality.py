"""How good the data behind the figures are: what is filled in, how fresh it is, what was kept out."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import polars as pl

from feed.release.sheet import Sheet
from feed.release.words import Break
from reports.pages import day, spoken
from reports.release.draws import pairs
from reports.release.pictures import Picture, bars
from reports.release.plainly import capital
from reports.release.readings import Reading
from reports.release.told import Section, Told

LEAST_COMPLETE = 6
MOST_KINDS = 4
Cells = dict[tuple[str, str], Reading]


def quality(told: Told, sheet: Sheet, breaks: Iterable[Break]) -> Section:
    """Return the part about the data. Given: the quality sheet as it is published."""
    rows = sheet.rows
    return Section(
        "quality",
        "How good the data are",
        pictures=(*_completeness(told), *_freshness(rows), *_kept_out(rows)),
        missing=tuple(map(_broken, breaks)),
    )


def _broken(each: Break) -> str:
    return f"Not comparable before {day(each.before)}: {each.of}, because {each.because}"


def _completeness(told: Told) -> Iterator[Picture]:
    """Yield the fields that are filled in least, of those that a figure rests on."""
    found: dict[str, Reading] = {}
    for kpi in told.declared.kpis:
        reading, field = told.readings.completeness(kpi), told.field(kpi)
        if reading and field and (field not in found or (reading.value or 0) < (found[field].value or 0)):
            found[field] = replace(reading, label=capital(field))
    least = sorted(found.values(), key=lambda each: (each.value is None, each.value or 0))[:LEAST_COMPLETE]
    if least:
        picture = bars("completeness", "What is recorded least", least)
        rule = "In how many of the rows that a figure counts the field is recorded that it rests on."
        yield replace(picture, sentence="", rule=(rule,))


def _freshness(rows: pl.DataFrame) -> Iterator[Picture]:
    """Yield how long ago the last change of each provider came."""
    days = rows.filter(pl.col("part") == "freshness", pl.col("item") == "days since")
    read = [
        _reading(row["subject"], row["value"], row["shown"], "days") for row in days.iter_rows(named=True)
    ]
    if read:
        picture = bars("freshness", "Days since a provider’s last change came", read)
        rule = "Counted to the day of the last batch; a provider without a change has nothing to send."
        yield replace(picture, sentence="", rule=(rule,))


def _kept_out(rows: pl.DataFrame) -> Iterator[Picture]:
    """Yield how many records of each kind were withheld or held back, those with most first."""
    told = rows.filter(pl.col("part").is_in(["withheld", "held"]), pl.col("shown") != "not_told")
    cells = {
        (row["part"], row["subject"]): _reading(row["subject"], row["value"], row["shown"])
        for row in told.iter_rows(named=True)
    }
    kinds = sorted({kind for _, kind in cells}, key=lambda kind: (-_size(cells, kind), kind))
    kinds = [kind for kind in kinds if _size(cells, kind)][:MOST_KINDS]
    if kinds:
        withheld, held = ([cells[part, kind] for kind in kinds] for part in ("withheld", "held"))
        both = (("Withheld by rule", withheld), ("Held to be mended", held))
        picture = pairs("kept-out", "Records that did not come", *both)
        rule = "Of the last run that changed anything: what no rule lets out, and what waits to be mended."
        yield replace(picture, rule=(rule,))


def _size(cells: Cells, kind: str) -> float:
    """Return how many records of a kind did not come; a hidden count is one at least."""
    both = (cells[part, kind].value for part in ("withheld", "held"))
    return sum(1 if value is None else value for value in both)


def _reading(label: str, value: float | None, shown: str, unit: str = "records") -> Reading:
    statistic = "count" if unit == "records" else "days"
    return Reading(
        "", statistic, "", label, capital(spoken(label)), value, unit, None, None, None, None, shown, ""
    )

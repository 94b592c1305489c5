"""What a release says, before it is bytes: figures, what they mean, how good they are, who publishes them."""

import json
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from common import clock
from feed.release.dictionary import dictionary_sheet
from feed.release.files import parquet_of, sha256
from feed.release.observed import observed
from feed.release.quality import Quality, quality_sheet
from feed.release.sheet import Sheet
from feed.release.words import AsOf, Break, Definition, Publisher, Table, not_over


@dataclass(frozen=True)
class Contents:
    """Everything that a release of a period tells, its revisions aside."""

    period: str
    start: date
    end: date
    title: str
    tables: tuple[Table, ...]
    definitions: tuple[Definition, ...]
    observations: pl.DataFrame = field(repr=False)
    quality: Quality
    publisher: Publisher
    as_of: AsOf
    breaks: tuple[Break, ...] = ()
    sample: bool = False
    control: str = ""
    """What a reader is told of numbers that are hidden or rounded."""

    def figures(self) -> list[Sheet]:
        """Return the tables of figures that have rows, in the order in which they are declared."""
        sheets = [observed(each.name, each.title, each.meaning, self.observations) for each in self.tables]
        return [sheet for sheet in sheets if len(sheet.rows)]

    def dictionary(self) -> Sheet:
        """Return the dictionary of the figures."""
        return dictionary_sheet(self.definitions)

    def quality_sheet(self) -> Sheet:
        """Return the quality sheet, as of the day of the last batch."""
        as_of = clock.day_of(self.as_of.released_at)
        return quality_sheet(self.observations, self.period, self.quality, self.breaks, as_of)

    @property
    def unfinished(self) -> str:
        """Return that the period was not over when it was counted; nothing where it was."""
        return not_over(self.end, clock.day_of(self.as_of.released_at))

    def definitions_sha256(self) -> str:
        """Return the digest of what the figures mean: another one makes another edition.

        Breaks are part of it, and whether the period was over.
        """
        breaks = json.dumps([(str(each.before), each.of, each.because) for each in self.breaks])
        until = "not over" if self.unfinished else ""
        return sha256(parquet_of(self.dictionary()) + breaks.encode() + until.encode())

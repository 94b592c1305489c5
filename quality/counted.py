"""What the checks counted in a source's last whole night, and a line for each week; kept for the pages."""

import io
import json
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from pathlib import Path

import polars as pl

from common.files import write_atomic
from config.site import Site
from quality.answers import ANSWERS
from quality.causes import Cause
from quality.field_counts import FIELD_COUNTS
from quality.weeks import WEEKS, line_of_week, with_line


class CountStore:
    """A folder with the counts of each source; it holds no record, and may be deleted at any time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def of(cls, site: Site) -> "CountStore":
        """Return the site's counts."""
        return cls(site.var / "quality")

    def keep_causes(self, source: str, causes: Sequence[Cause]) -> None:
        """Write the source's causes in place of the last ones. Errors: OSError."""
        told = [asdict(cause) for cause in causes]
        write_atomic(self._causes(source), json.dumps(told, indent=1).encode() + b"\n", private=True)

    def keep_only(self, sources: Collection[str]) -> None:
        """Remove the counts of every other source. Errors: OSError."""
        for path in self._folder.iterdir() if self._folder.exists() else ():
            if path.name.partition(".")[0] not in sources:
                path.unlink()

    def causes(self, sources: Collection[str]) -> list[Cause]:
        """Return the causes of the sources; none of a source whose file is absent or cannot be read."""
        found: list[Cause] = []
        for source in sorted(sources):
            with suppress(OSError, ValueError, TypeError):
                told = json.loads(self._causes(source).read_bytes())
                found += [cause for cause in (Cause(**one) for one in told) if cause.is_known]
        return found

    def keep_counts(self, source: str, fields: pl.DataFrame, answers: pl.DataFrame) -> None:
        """Write the source's counts by field and by check in place of the last ones. Errors: OSError."""
        for name, table in (("fields", fields), ("answers", answers)):
            self._write(source, name, table)

    def keep_week(
        self, source: str, fields: pl.DataFrame, answers: pl.DataFrame, day: date, oldest: date
    ) -> None:
        """Write the source's totals of the day's week beside those of earlier weeks. Errors: OSError.

        Given: oldest: lines counted before this day go.
        """
        weeks = with_line(self.weeks([source]), line_of_week(source, fields, answers, day), oldest)
        self._write(source, "weeks", weeks)

    def weeks(self, sources: Collection[str]) -> pl.DataFrame:
        """Return WEEKS of the sources; nothing of one whose file is absent or cannot be read."""
        return self._tables(sources, "weeks", WEEKS)

    def fields(self, sources: Collection[str]) -> pl.DataFrame:
        """Return FIELD_COUNTS of the sources; nothing of one whose file is absent or cannot be read."""
        return self._tables(sources, "fields", FIELD_COUNTS)

    def answers(self, sources: Collection[str]) -> pl.DataFrame:
        """Return ANSWERS of the sources; nothing of one whose file is absent or cannot be read."""
        return self._tables(sources, "answers", ANSWERS)

    def _tables(self, sources: Collection[str], name: str, shape: pl.Schema) -> pl.DataFrame:
        found = [shape.to_frame()]
        for source in sorted(sources):
            with suppress(OSError, pl.exceptions.PolarsError):
                table = pl.read_parquet((self._folder / f"{source}.{name}.parquet").read_bytes())
                found += [table] if table.schema == shape else []
        return pl.concat(found)

    def _write(self, source: str, name: str, table: pl.DataFrame) -> None:
        content = io.BytesIO()
        table.write_parquet(content, statistics=False)
        write_atomic(self._folder / f"{source}.{name}.parquet", content.getvalue(), private=True)

    def _causes(self, source: str) -> Path:
        return self._folder / f"{source}.causes.json"

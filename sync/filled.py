"""Which columns of a batch hold a value: said in its leaf, so that what was sent need not be believed.

It is worked out from the released rows alone, after every rule: what was withheld or emptied has no part.
Of an entity that goes out about few people nothing is said, or a column would tell of one of them.
"""

from collections import Counter
from dataclasses import dataclass, field

import polars as pl

from sharing import Released
from sharing.flow import SOURCE_COLUMN

FEWEST = 10
"""People of whom a batch must have rows of an entity, before its columns are spoken of."""


@dataclass
class Filled:
    """The columns that hold a value in what one batch sends, and of how many people the rows are."""

    _people: Counter[str] = field(default_factory=Counter)
    _columns: dict[str, set[str]] = field(default_factory=dict)

    def note_people(self, entity: str, who: pl.Series) -> None:
        """Count whom rows of one partition are about; a row about nobody counts for one.

        Given: per row the digest of its person or null; nobody is in two partitions.
        """
        self._people[entity] += who.drop_nulls().n_unique() + who.null_count()

    def note(self, released: Released) -> None:
        """Take in the columns of these rows in which not every cell is empty."""
        empty = released.empty_cells()
        found = {name for name, cells in empty.items() if cells < len(released) and name != SOURCE_COLUMN}
        self._columns.setdefault(released.entity, set()).update(found)

    def said(self) -> dict[str, list[str]]:
        """Return the columns with a value, by entity, in the order of their names; no numbers."""
        return {
            entity: sorted(columns)
            for entity, columns in sorted(self._columns.items())
            if self._people[entity] >= FEWEST
        }

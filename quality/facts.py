"""What a check may know that the records of one partition cannot say of themselves."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

INSTANT = pl.Datetime("us", "UTC")


@dataclass(frozen=True)
class Facts:
    """What the records of one partition cannot say of themselves.

    extracted_at:    the instant of each source's pull.
    test_ranges:     first digits of the NHS numbers that this site takes for test numbers.
    postcode_lookup: whether the site has a look-up of postcodes.
    district:        the local authority district whose people the services are for, where the site says so.
    filled:          per source and entity the fields its mappings fill; None: every column of the tables.
    partial:         per source the entities of which some exports are not there: whether a record exists, and
                     what records that are not there say, is unknown.
    whole:           small tables that every partition may look into (organisations, services).
    percents:        per source and check a threshold of its own.
    """

    extracted_at: Mapping[str, datetime] = field(default_factory=dict)
    test_ranges: tuple[str, ...] = ()
    postcode_lookup: bool = False
    district: str | None = None
    filled: Mapping[str, Mapping[str, Collection[str]]] | None = None
    partial: Mapping[str, Collection[str]] = field(default_factory=dict)
    whole: Mapping[str, pl.DataFrame] = field(default_factory=dict, repr=False)
    percents: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def fills(self, source: str, entity: str, name: str) -> bool:
        """Return whether the source gives the field at all."""
        if self.filled is None or name.startswith("_"):
            return True
        names = self.filled.get(source, {}).get(entity, ())
        return bool(names) if name == "*" else name in names

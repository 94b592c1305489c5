"""Who is linked to whom on one night, and what of it is remembered."""

from dataclasses import dataclass, field

import polars as pl

TABLE = pl.Schema(
    {
        "person": pl.Binary(),
        "source": pl.String(),
        "link": pl.Binary(),
        "was": pl.Binary(),
        "founded": pl.UInt32(),
        "since": pl.UInt32(),
    }
)
"""person, link, was: keyed digests; founded: the night of the link, since: that of the person's joining."""
PEOPLE = pl.Schema({"person": pl.UInt64(), "linked": pl.String()})


@dataclass(frozen=True)
class Linked:
    """What linking told tonight.

    people: DataFrame[person, linked]: per digest of a person the link they are known by; of every person of
            the linked sources, the only one of their link included.
    table:  what is remembered after tonight, by keyed digests.
    """

    people: pl.DataFrame = field(default_factory=PEOPLE.to_frame, repr=False)
    table: pl.DataFrame = field(default_factory=TABLE.to_frame, repr=False)

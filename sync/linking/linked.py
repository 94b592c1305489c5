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
ALONE = pl.Schema({"person": pl.UInt64(), "number": pl.UInt64(), "label": pl.UInt64()})
LIKELY = pl.Schema({"first": pl.UInt64(), "second": pl.UInt64()})


@dataclass(frozen=True)
class Within:
    """Who is one person within a source, by what that source's own records say and no other's.

    alone:  DataFrame[person, number, label]: equal labels are one person, number what proves them so.
    likely: DataFrame[first, second]: pairs that are weighed as one person's and have not two numbers.
    stated: DataFrame[lost, person]: records that the source itself says are merged.
    """

    alone: pl.DataFrame = field(default_factory=ALONE.to_frame, repr=False)
    likely: pl.DataFrame = field(default_factory=LIKELY.to_frame, repr=False)
    stated: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema={"lost": pl.UInt64, "person": pl.UInt64}), repr=False
    )


@dataclass(frozen=True)
class Elsewhere:
    """What the providers of these sources learn of a link; none of any other source learns anything.

    people: DataFrame[person, known]: whoever is linked to somebody of another source; `known` is null where a
            record of the link was not read tonight, so that nothing new is told and nothing taken back.
    """

    sources: tuple[str, ...] = ()
    people: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema={"person": pl.UInt64, "known": pl.Boolean}), repr=False
    )

    def tell(self, persons: pl.DataFrame, mark: pl.Expr) -> pl.DataFrame:
        """Return the people with `_learns`, whether their provider is told, and `_elsewhere`, what."""
        marked = persons.with_columns(mark.alias("_mark"))
        listed = self.people.with_columns(_listed=pl.lit(value=True)).rename({"known": "_known"})
        met = marked.join(listed, left_on="_mark", right_on="person", how="left", maintain_order="left")
        said = pl.when(pl.col("_listed").is_null()).then(pl.lit(value=False)).otherwise("_known")
        learns = pl.col("_source").is_in(list(self.sources))
        return met.with_columns(_learns=learns, _elsewhere=said).drop("_mark", "_listed", "_known")


@dataclass(frozen=True)
class Linked:
    """What linking told tonight.

    people: DataFrame[person, linked]: per digest of a person the link they are known by; of every person of
            the linked sources, the only one of their link included.
    table:  what is remembered after tonight, by keyed digests.
    within: who is one person within a source; `elsewhere`: of whom a provider learns.
    counts: how many records were compared, and how many links were made, weighed and refused.
    """

    people: pl.DataFrame = field(default_factory=PEOPLE.to_frame, repr=False)
    table: pl.DataFrame = field(default_factory=TABLE.to_frame, repr=False)
    within: Within = field(default_factory=Within, repr=False)
    elsewhere: Elsewhere = field(default_factory=Elsewhere, repr=False)
    counts: dict[str, int] = field(default_factory=dict)

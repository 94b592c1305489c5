"""Of whom a provider may be told that another service of this site helps them too, and of whom never."""

from collections.abc import Collection

import polars as pl

from sharing.document import SamePerson
from sharing.vocabulary import WhoLearns
from sync.cases import NONE
from sync.linking.linked import Elsewhere, Linked


def learned(said: SamePerson | None, linked: Linked, barred: pl.Series, *, nobody: bool) -> Elsewhere:
    """Return of whom each provider learns, and of whom not.

    Given: digests of people of whom nothing is told: in danger, anonymised, or with a choice that stands.
           One of them bars the whole link, at every provider; `nobody`, that it is not known who they are.
    """
    if said is None or said.who_learns is WhoLearns.NOBODY:
        return Elsewhere()
    here = linked.people.with_columns(barred=pl.col("person").is_in(barred.implode()))
    tonight = here.group_by("linked").agg(here=pl.len(), barred=pl.col("barred").any())
    whole = linked.table.group_by(linked=pl.col("link").bin.encode("hex")).agg(
        sources=pl.col("source").n_unique(), many=pl.len()
    )
    both = whole.filter(pl.col("sources") > 1).join(tonight, on="linked").filter(~pl.col("barred"))
    read = pl.when(pl.col("many") == pl.col("here")).then(pl.lit(value=True))
    people = here.select("person", "linked").join(both.select("linked", known=read), on="linked")
    people = people.select("person", known=pl.lit(None, pl.Boolean) if nobody else pl.col("known"))
    return Elsewhere(tuple(said.sources), people)


def together(parts: Collection[pl.Series]) -> pl.Series:
    """Return everybody of these."""
    return pl.concat([NONE.alias("person"), *(part.alias("person") for part in parts)]).unique()

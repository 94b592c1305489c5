"""Which records agree in all that one of the declared rules asks for, and contradict each other in nothing.

A false link tells one person's life as another's; a missed one counts somebody twice. So whatever is in doubt
is kept apart: records under one number that differ in the day of birth, people of one home, name and day who
have two numbers, and every chain of links that ends in somebody else.
"""

from collections.abc import Collection

import polars as pl

from sync.components import components
from sync.linking.notes import PLACES, WHO

EDGES = {"person": pl.UInt64, "mark": pl.UInt64}
NUMBER_RULE = frozenset({"person.nhs_number"})
PROVES = ("number", "born")
"""In what two records of one person can never differ, unless one of them was weighed."""
MOST_RECORDS = 12
"""So many records of one person are a chain of likenesses, not a person."""


def one_each(who: pl.DataFrame) -> pl.DataFrame:
    """Return one row a person; of somebody told of in two ways nothing is known but that they are there."""
    told = who.unique()
    twice = pl.col("person").is_duplicated()
    known = [pl.when(~twice).then(name).alias(name) for name in WHO if name != "person"]
    return told.with_columns(known).unique("person")


def groups(
    who: pl.DataFrame,
    places: pl.DataFrame,
    rules: Collection[frozenset[str]],
    stated: pl.DataFrame,
    remembered: pl.DataFrame,
    *,
    proves: Collection[str] = PROVES,
) -> tuple[pl.DataFrame, int]:
    """Return DataFrame[person, label]: equal labels are one person; who is linked to nobody is absent.

    Beside it, how many records agree with others in a chain that contradicts itself.

    Given: `who` with one row a person and their source; `rules` as sets of fields; `stated` DataFrame[person,
           mark] of records that their own source says are one person's; `remembered` DataFrame[person, mark]
           of people linked before, some of whose mates are not read tonight; `proves`, in what two
           records of one person can never differ.
    """
    by_number = _by_number(who) if NUMBER_RULE in rules else _none()
    by_details = _by_details(who, places) if set(rules) - {NUMBER_RULE} else _none()
    by_details = _not_into(by_details, remembered)
    sure = pl.concat([by_number, stated.select(list(EDGES))])
    weak = pl.concat([by_details, remembered.select(list(EDGES))])
    found = components(pl.concat([sure, weak]))
    torn = _contradicted(found, who, proves)
    if torn.is_empty():
        return found, 0
    kept = weak.filter(~pl.col("person").is_in(torn.implode()))
    return components(pl.concat([sure, kept])), torn.len()


def _none() -> pl.DataFrame:
    return pl.DataFrame(schema=EDGES)


def _by_number(who: pl.DataFrame) -> pl.DataFrame:
    """Return links of people under one number, as far as day of birth and name leave no doubt."""
    shared = who.filter(pl.col("number").is_not_null() & pl.col("number").is_duplicated())
    days = pl.col("born").drop_nulls().n_unique().over("number")
    unborn = pl.col("born").is_null().any().over("number")
    names = pl.max_horizontal(_different(name).over("number") for name in ("family", "given"))
    beside = (pl.struct("number", "source").is_duplicated()) & pl.col("given").is_not_null()
    twins = pl.when(beside.any().over("number")).then(_different("given").over("number")).otherwise(1) > 1
    by_day = (days > 1) | (unborn & (names > 1))
    mark = (
        pl.when(twins)
        .then(_joined("number", "born", "given"))
        .when(by_day)
        .then(_joined("number", "born"))
        .otherwise(_joined("number"))
    )
    return shared.select("person", mark=mark ^ pl.lit(1, pl.UInt64)).drop_nulls()


def _different(column: str) -> pl.Expr:
    return pl.col(column).drop_nulls().n_unique()


def _by_details(who: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Return links of people of one name, day of birth and postcode who have not two numbers."""
    known = who.drop_nulls(["born", "family", "given"])
    met = known.join(places.select(list(PLACES)).unique(), on="person", how="inner")
    met = met.with_columns(mark=_joined("born", "family", "given", "place"))
    met = met.filter(pl.col("mark").is_duplicated())
    numbers = pl.col("number").drop_nulls().n_unique().over("mark")
    mark = pl.when(numbers > 1).then(_joined("mark", "number")).otherwise("mark")
    return met.select("person", mark=mark ^ pl.lit(2, pl.UInt64)).drop_nulls()


def _joined(*columns: str) -> pl.Expr:
    """Return one digest of digests; null where any of them is null."""
    whole = pl.all_horizontal(pl.col(name).is_not_null() for name in columns)
    return pl.when(whole).then(pl.struct(*columns).hash(seed=7))


def _not_into(details: pl.DataFrame, remembered: pl.DataFrame) -> pl.DataFrame:
    """Return the links without those that would bring somebody new to people whose mates are not all read.

    What the missing record knows may contradict the new one; it is asked when it is read again.
    """
    if remembered.is_empty():
        return details
    frozen = details.join(
        remembered.rename({"mark": "frozen"}).unique("person"), on="person", how="left", maintain_order="left"
    )
    mixed = (pl.col("frozen").n_unique() > 1) & pl.col("frozen").is_not_null().any()
    return frozen.filter(~mixed.over("mark")).select(list(EDGES))


def _contradicted(found: pl.DataFrame, who: pl.DataFrame, proves: Collection[str]) -> pl.Series:
    """Return everybody of a group in which two people differ in what one person cannot differ in."""
    met = found.join(who, on="person", how="left")
    apart = [pl.col(name).drop_nulls().n_unique().over("label") > 1 for name in proves]
    return met.filter(pl.any_horizontal(apart))["person"]


def with_weighed(labelled: pl.DataFrame, pairs: pl.DataFrame, frozen: pl.Series) -> pl.DataFrame:
    """Return everybody with groups put together that a pair weighed as one person's joins.

    Given:   `labelled` DataFrame[person, label, number, born ..]; DataFrame[first, second]; people whose
             mates are not all read, who are joined to nobody. Groups that would hold two numbers, or three
             days of birth, or more than MOST_RECORDS, stay apart.
    """
    free = ~pl.col("first").is_in(frozen.implode()) & ~pl.col("second").is_in(frozen.implode())
    label = labelled.select("person", "label")
    met = pairs.filter(free).select("first", "second", mark=pl.struct("first", "second").hash(seed=17))
    ends = [
        met.join(label, left_on=end, right_on="person").select("mark", person="label")
        for end in ("first", "second")
    ]
    joined = components(pl.concat(ends).unique()).rename({"person": "label", "label": "wider"})
    wide = labelled.join(joined, on="label", how="left").with_columns(
        pl.coalesce("wider", "label").alias("wider")
    )
    numbers, days = (pl.col(name).drop_nulls().n_unique().over("wider") for name in PROVES)
    doubt = (numbers > 1) | (days > 2) | (pl.len().over("wider") > MOST_RECORDS)
    return wide.with_columns(label=pl.when(doubt).then("label").otherwise("wider")).drop("wider")

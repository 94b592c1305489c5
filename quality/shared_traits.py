"""How many of the records that were asked, and of those that failed, have each trait; counts only.

A record's trait is a number of 64 bits: which trait, and what its value is. What a number stands for is
looked up once, after counting, so that a partition is counted with few queries.
"""

from collections.abc import Iterator, Mapping

import polars as pl

from canonical import codes
from quality.asking import Asking
from quality.records import Records
from quality.traits import Trait, TraitKind, traits

EVERYBODY = "everybody"
TRAIT_COUNTS = pl.Schema(
    {
        "source": pl.String(),
        "entity": pl.String(),
        "check": pl.String(),
        "field": pl.String(),
        "trait": pl.String(),
        "value": pl.String(),
        "asked": pl.UInt32(),
        "failed": pl.UInt32(),
    }
)
NAMED = TRAIT_COUNTS.names()[:6]
WORDS = pl.Schema({"mark": pl.UInt64(), "trait": pl.String(), "value": pl.String()})
FIRST_DAY = 1 << 31
_SPARED = " spared"
_MARKS, _WORDS = "traits of ", "words of traits of "


class TraitCounting:
    """Counts, entity by entity, how many records were asked and how many failed, by every trait.

    What a trait's number stands for is the same for all entities of a partition, and looked up once.
    """

    def __init__(self) -> None:
        self._counted: list[pl.DataFrame] = []
        self._words: dict[str, pl.DataFrame] = {}

    def take(self, records: Records, asking: Asking, failing: pl.DataFrame) -> None:
        """Count one entity's records.

        Given: failing: `check`, `field` and `record` of each failure, and its place in the table (`_at`).
        """
        source = records.table["_source"].alias("source").cast(pl.Categorical)
        everybody = pl.zeros(len(source), pl.UInt64, eager=True).alias(EVERYBODY)
        marks = pl.DataFrame([source, everybody, *marks_of(records).get_columns()])
        counted = (
            [_asked(marks, asking)]
            if failing.is_empty()
            else [_asked(marks, asking), _failed(marks, failing)]
        )
        self._counted.append(
            pl.concat(counted).select(pl.lit(records.entity).alias("entity"), pl.all()).collect()
        )
        self._words |= {name: words for name, words in records.worked_out.items() if name.startswith(_WORDS)}

    def counts(self) -> pl.DataFrame:
        """Return TRAIT_COUNTS: `field` is empty where a row counts who was asked, `trait` where everybody."""
        if not self._counted:
            return TRAIT_COUNTS.to_frame()
        words = pl.concat([WORDS.to_frame(), *self._words.values()])
        said = pl.concat(self._counted).lazy().join(words.lazy(), on="mark", how="left")
        text = said.with_columns(pl.col("trait", "value").fill_null(""), pl.col("source").cast(pl.String))
        return text.select(pl.col(name).cast(dtype) for name, dtype in TRAIT_COUNTS.items()).collect()


def sum_of_traits(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Return the counts of several partitions as one, in a settled order."""
    stacked = pl.concat([TRAIT_COUNTS.to_frame(), *parts])
    return stacked.group_by(NAMED).agg(pl.col("asked", "failed").sum()).sort(NAMED)


def marks_of(records: Records) -> pl.DataFrame:
    """Return a column of numbers for each trait known of the records; null where nothing is known.

    A record's own trait comes first, then its referral's, else its person's. A referral that stands on
    several rows gives none, and a person has what all the referrals agree on.
    """
    own = _own(records, records.entity)
    if records.entity == "referral":
        return own
    if "referral_id" in records.table.columns:
        return _filled_up(own, _own(records, "referral"), records.to("referral_id", "referral").row)
    if records.entity == "person":
        return _of_people(records)
    if "_person" in records.table.columns:
        return _filled_up(own, _of_people(records), records.to("_person", "person").row)
    return own


def _own(records: Records, entity: str) -> pl.DataFrame:
    """Return the entity's own traits; found once for a partition, with the words that go with them."""
    table = records.table if entity == records.entity else records.other(entity)
    return records.once(_MARKS + entity, lambda: _marked(records, entity, table))


def _marked(records: Records, entity: str, table: pl.DataFrame) -> pl.DataFrame:
    marks, words = [], [WORDS.to_frame()]
    for number, trait in _declared(entity):
        column = trait.of[entity]
        if column in table.columns:
            mark, word = _coded(trait, table[column])
            mark = (mark + (number << 32)).cast(pl.UInt64).alias(trait.name)
            named = pl.DataFrame({"mark": mark, "value": word}).unique("mark").drop_nulls()
            marks.append(mark)
            words.append(
                named.select("mark", pl.lit(trait.name).alias("trait"), pl.col("value").cast(pl.String))
            )
    records.once(_WORDS + entity, lambda: pl.concat(words))
    return pl.DataFrame(marks)


def _declared(entity: str) -> Iterator[tuple[int, Trait]]:
    """Yield the entity's traits, each with a number that no trait of another entity has."""
    every = [(trait, owner) for trait in traits() for owner in trait.of]
    yield from ((number, trait) for number, (trait, owner) in enumerate(every, start=1) if owner == entity)


def _coded(trait: Trait, values: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return the values as numbers and as words; a word that is no code of the list is nothing."""
    if trait.kind is TraitKind.WEEK:
        begins = values.dt.truncate("1w")
        return begins.cast(pl.Int32).cast(pl.Int64) + FIRST_DAY, begins
    if trait.kind is TraitKind.CODE:
        known: Mapping[str, int] = {code: at for at, code in enumerate(codes(trait.list))}
        return values.replace_strict(known, default=None, return_dtype=pl.Int64), values
    marked = values.cast(pl.Categorical)
    return marked.to_physical().cast(pl.Int64), marked


def _of_people(records: Records) -> pl.DataFrame:
    """Return the traits of each row of people on which all their referrals agree; found once."""
    return records.once("traits of people", lambda: _agreed(records))


def _agreed(records: Records) -> pl.DataFrame:
    referrals = _own(records, "referral")
    names, people = (
        referrals.columns,
        records.table if records.entity == "person" else records.other("person"),
    )
    rows = records.along("referral", "_person", "person").row
    told = (
        referrals.with_columns(row=rows).drop_nulls("row").group_by("row").agg(_alike(name) for name in names)
    )
    place = pl.int_range(people.height, dtype=pl.UInt32, eager=True).alias("row").to_frame()
    return place.join(told, on="row", how="left", maintain_order="left").select(names)


def _alike(name: str) -> pl.Expr:
    mark = pl.col(name)
    return pl.when(mark.min() == mark.max(), mark.null_count() == 0).then(mark.min()).alias(name)


def _filled_up(own: pl.DataFrame, others: pl.DataFrame, row: pl.Series) -> pl.DataFrame:
    """Return the own traits, and the others' where there is no own of that name."""
    added = others.select(name for name in others.columns if name not in own.columns)
    return pl.DataFrame([*own.get_columns(), *_gathered(added, row)])


def _asked(marks: pl.DataFrame, asking: Asking) -> pl.LazyFrame:
    """Return how many records each check was asked of, by source and mark."""
    spared = asking.spared.select(pl.all().name.suffix(_SPARED)) if asking.spared.width else asking.spared
    some = [
        check.name
        for check in asking.verdicts.get_columns()
        if check.name in asking.spared.columns or check.null_count()
    ]
    apart = {
        name: pl.col(name).is_not_null() & ~pl.col(f"{name}{_SPARED}").fill_null(value=False)
        if name in asking.spared.columns
        else pl.col(name).is_not_null()
        for name in some
    }
    told = [*marks.get_columns(), *asking.verdicts.select(some).get_columns(), *spared.get_columns()]
    stacked = _stacked(pl.DataFrame(told).lazy().with_columns(**apart), marks.columns, some)
    every = [name for name in asking.verdicts.columns if name not in some]
    counts = stacked.group_by("source", "mark").agg(pl.len(), pl.col(some).sum())
    wide = counts.with_columns(pl.col("len").alias(name) for name in every).drop("len")
    long = wide.unpivot(index=["source", "mark"], variable_name="check", value_name="asked")
    kept = long.filter(pl.col("asked") > 0).with_columns(pl.col("asked").cast(pl.UInt32))
    return kept.select("source", "mark", "check", "asked", field=pl.lit(""), failed=pl.lit(0, pl.UInt32))


def _failed(marks: pl.DataFrame, failing: pl.DataFrame) -> pl.LazyFrame:
    """Return how many records failed each check in each field, by source and mark."""
    rows = failing.lazy().select("check", "field", "record", *_gathered(marks, failing["_at"]))
    by = ["source", "mark", "check", "field"]
    stacked = _stacked(rows, marks.columns, ["check", "field", "record"])
    counts = stacked.group_by(by).agg(failed=pl.col("record").n_unique())
    return counts.select("source", "mark", "check", pl.lit(0, pl.UInt32).alias("asked"), "field", "failed")


def _stacked(marks: pl.LazyFrame, columns: list[str], beside: list[str]) -> pl.LazyFrame:
    """Return a row for every trait of every record, with the columns named."""
    names = [EVERYBODY, *(trait.name for trait in traits() if trait.name in columns)]
    return pl.concat(marks.select("source", *beside, mark=pl.col(name)) for name in names).drop_nulls("mark")


def _gathered(frame: pl.DataFrame, rows: pl.Series) -> list[pl.Series]:
    """Return the frame's columns as the rows say; nothing where a row is not known."""
    return frame.select(pl.all().gather(pl.lit(rows))).get_columns() if frame.width else []

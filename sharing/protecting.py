"""Counts made fit to leave: small ones hidden, the others rounded, before anything is written down."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations

import polars as pl

from canonical import COUNTED
from sharing.document import Aggregate
from sharing.errors import ReleaseRefused

ROUNDED, SUPPRESSED, EXACT = "rounded", "suppressed", "exact"
ANSWERS = "answers"


def protected(cells: pl.DataFrame, said: Aggregate) -> pl.DataFrame:
    """Return the cells with what a recipient may see of each in place of its sums.

    Given:   DataFrame with `count_id`, `start`, `unit`, all cells of each quarter, and the sums `records` and
             `people`, which are taken away.
    Returns: `value`: null where fewer than `suppress_below` records or people stand behind it, none included,
             or where it and another number would tell of so few; else the nearest multiple of `round_to`,
             halves up. `shown`, and by which rule. A number of answers, each given by so many people at
             least, is shown as it is.
    """
    is_answers = pl.col("unit") == ANSWERS
    number = pl.when(pl.col("unit") == "people").then("people").otherwise("records")
    enough = pl.min_horizontal("records", "people").fill_null(0) >= said.suppress_below
    rounded = (2 * number + said.round_to) // (2 * said.round_to) * said.round_to
    safe = pl.when(enough).then(pl.when(is_answers).then("answers").otherwise(rounded))
    alone = cells.with_columns(value=safe.cast(pl.Int32)).drop("records", "people", "answers")
    together = shown_together(alone, said)
    value = pl.when(is_answers | pl.struct("count_id", "start").is_in(together.implode())).then("value")
    how = pl.when(is_answers).then(pl.lit(EXACT)).otherwise(pl.lit(ROUNDED))
    return alone.with_columns(value=value).with_columns(
        shown=pl.when(pl.col("value").is_null()).then(pl.lit(SUPPRESSED)).otherwise(how),
        suppressed_below=pl.lit(said.suppress_below, pl.Int32),
        rounded_to=pl.when(is_answers).then(pl.lit(1)).otherwise(pl.lit(said.round_to)).cast(pl.Int32),
    )


@dataclass(frozen=True)
class Number:
    """A rounded number that is shown, of the records of one entity."""

    entity: str
    value: int


def shown_together(cells: pl.DataFrame, said: Aggregate) -> pl.Series:
    """Return struct[count_id, start] of the cells whose numbers may stand beside each other.

    Given: cells with `value`, null where the number is small by itself. Counts are taken in the order in
           which they are declared: the earlier one stays. Answers are no records, and no part of any.
    """
    entities = {count.id: count.entity for count in said.counts if count.unit != ANSWERS}
    values = {
        (name, start): value for name, start, value in cells.select("count_id", "start", "value").rows()
    }
    kept: list[tuple[str, date]] = []
    for start in cells["start"].unique().sort():
        shown: list[Number] = []
        for name, entity in entities.items():
            value = values.get((name, start))
            if value is not None and not _tells_of_few(Number(entity, value), shown, said):
                shown.append(Number(entity, value))
                kept.append((name, start))
    schema = pl.Schema({"count_id": pl.String(), "start": pl.Date()})
    return pl.DataFrame(kept, schema, orient="row").to_struct()


def _tells_of_few(new: Number, shown: list[Number], said: Aggregate) -> bool:
    """Return whether a number beside those shown would tell how many of a whole are none of its parts.

    Counts of one entity share no record, so any of them together may be parts of a count of another.
    """
    return any(_small(whole, parts, said) for whole, parts in _wholes(new, shown))


def _wholes(new: Number, shown: list[Number]) -> Iterator[tuple[Number, tuple[Number, ...]]]:
    """Yield each number with some that may be its parts, of those among which the new one is."""
    for entity in {one.entity for one in shown} - {new.entity}:
        for parts in _some([one for one in shown if one.entity == entity]):
            yield new, parts
    beside = [(), *_some([one for one in shown if one.entity == new.entity])]
    for whole in (one for one in shown if one.entity != new.entity):
        for parts in beside:
            yield whole, (new, *parts)


def _some(numbers: list[Number]) -> Iterator[tuple[Number, ...]]:
    for size in range(1, len(numbers) + 1):
        yield from combinations(numbers, size)


def _small(whole: Number, parts: Iterable[Number], said: Aggregate) -> bool:
    """Return whether what is left of the whole may be few, or none; each number is within half a step."""
    below, above = said.round_to // 2, (said.round_to - 1) // 2
    least = whole.value - below - sum(part.value + above for part in parts)
    most = whole.value + above - sum(part.value - below for part in parts)
    return most >= 0 and least < said.suppress_below


def require_protected(flow: str, said: Aggregate, rows: pl.DataFrame) -> None:
    """Look at counts that are about to leave once more, knowing nothing of how they came about.

    Errors: ReleaseRefused, without a number, where one is small, is not rounded, is of a count or a day that
            the assessment does not name, or is about somebody.
    """
    value, start = pl.col("value"), pl.col("period_start")
    is_answers = pl.col("count_id").is_in([count.id for count in said.counts if count.unit == ANSWERS])
    step = pl.when(is_answers).then(pl.lit(1)).otherwise(pl.lit(said.round_to))
    hidden = (pl.col("shown") == SUPPRESSED) & value.is_null()
    small = value.is_null() | (value < said.suppress_below) | (value % said.round_to != 0)
    some = is_answers & (pl.col("shown") == EXACT) & (value > 0)
    fits = hidden | some | (~is_answers & (pl.col("shown") == ROUNDED) & ~small)
    named = pl.col("count_id").is_in([count.id for count in said.counts])
    last = start.dt.offset_by("3mo").dt.offset_by("-1d")
    whole = (start == start.dt.truncate("1q")) & (pl.col("period_end") == last)
    ours = (pl.col("suppressed_below") == said.suppress_below) & (pl.col("rounded_to") == step)
    fits_unit = (pl.col("unit") == ANSWERS) == is_answers
    nobody = pl.col("_person").is_null()
    good = pl.all_horizontal(fits, fits_unit, named, whole, ours, nobody).fill_null(value=False)
    if not rows.filter(~good).is_empty():
        raise ReleaseRefused(f"flow {flow}, {COUNTED}: a number that may not leave was handed over.")

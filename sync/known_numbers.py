"""By which NHS numbers an opt-out finds people whose source is not read tonight.

Kept of whoever a recipient has anything of, while the opt-out is asked for: the digest of the person and that
of the number, as the register keeps it under its own key. No number stands here, and of nobody else anything.
What a source tells tonight replaces what was kept of that person; one that no longer tells a usable number
does not take it away, so that a column that goes missing unsays no opt-out.
"""

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from common.files import write_atomic
from sync.cases import as_parquet
from sync.errors import StateUnreadable
from sync.memory import Memory
from sync.numbers import NUMBERED
from sync.place import Workplace
from sync.resting import resting_boxes, resting_flows


def numbers_path(state: Path) -> Path:
    """Return where the numbers are kept."""
    return state / "numbers.parquet"


def read_numbers(state: Path) -> pl.DataFrame:
    """Return DataFrame[person, number] as it was last kept. Errors: StateUnreadable."""
    path = numbers_path(state)
    if not path.exists():
        return NUMBERED
    try:
        kept = pl.read_parquet(path)
        return kept.select(pl.col(name).cast(kind) for name, kind in NUMBERED.schema.items())
    except (pl.exceptions.PolarsError, OSError):
        pass
    raise StateUnreadable(f"state/{path.name}")


def with_kept(tonight: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """Return what is told tonight, and what was kept of whoever has no usable number in it.

    Given: DataFrame[person, number] each; tonight's is null where somebody has no usable number.
    """
    told = tonight.filter(pl.col("number").is_not_null())
    return pl.concat([tonight, kept.join(told, on="person", how="anti")])


def keep_numbers(state: Path, numbered: pl.DataFrame, there: pl.Series) -> None:
    """Write down the numbers of these people, and of nobody else. Errors: StateUnreadable."""
    usable = numbered.drop_nulls().filter(pl.col("person").is_in(there.implode()))
    _write(state, usable.unique().sort("person", "number"))


def drop_numbers(state: Path, person: int) -> None:
    """Keep no number of somebody any more who is forgotten. Errors: StateUnreadable."""
    if numbers_path(state).exists():
        _write(state, read_numbers(state).filter(pl.col("person") != person))


def people_at_recipients(place: Workplace, drafts: Iterable[Path]) -> pl.Series:
    """Return the digests of the people of whom a recipient has anything, or will by a batch that is sealed.

    Given: where the memories of tonight's batches lie, which are still to be sealed. Errors: StateUnreadable.
    """
    boxes = [*place.outboxes.values(), *resting_boxes(place)]
    sealed = [batch.memory for outbox in boxes for batch in outbox.waiting() if batch.memory.exists()]
    paths = [*(outbox.memory_path for outbox in place.outboxes.values()), *sealed, *drafts]
    resting = [one.people for one in resting_flows(place.state, place.dpia)]
    there = [Memory(path).people_there() for path in paths]
    return pl.concat([NUMBERED["person"], *there, *resting]).unique()


def _write(state: Path, now: pl.DataFrame) -> None:
    if not numbers_path(state).exists() or not now.equals(read_numbers(state)):
        write_atomic(numbers_path(state), as_parquet(now))

"""What a register in doubt took back may come again without a person's word, and no more than that."""

import polars as pl

from sync.brakes import Brake
from sync.taken import Taken


def withdrawn(**reasons: list[str]) -> pl.DataFrame:
    """Return withdrawals by source."""
    rows = [(source, reason) for source, many in reasons.items() for reason in many]
    return pl.DataFrame(rows, schema={"source": pl.String, "reason": pl.String}, orient="row")


def test_only_what_a_register_took_is_counted_and_only_until_its_source_is_whole_again() -> None:
    """A choice, a vanished record and a rule's no are no register's; nights add up."""
    took = withdrawn(hub=["register:court_order"] * 3 + ["choice:court_order", "vanished", "withheld"])
    first = Taken().with_withdrawn(took)
    assert first.rows == {"hub": 3}
    more = first.with_withdrawn(withdrawn(hub=["cohort"], other=["register:court_order"]))
    assert (more.rows, more.total) == ({"hub": 3, "other": 1}, 4)
    assert more.without(["hub"]).rows == {"other": 1}
    assert more.without(["hub", "other"]).total == 0


def test_as_many_rows_as_were_taken_are_no_growth_and_one_of_the_unusual_more_is() -> None:
    """The recipient may have what it had and the usual beside it: the brake's measure is what there was."""
    brake, taken = Brake(), Taken({"hub": 900, "other": 100})
    assert brake.grows(*taken.beside(20, 1_000)) is False
    assert brake.grows(*taken.beside(20, 1_510)) is False
    assert brake.grows(*taken.beside(20, 1_511)) is True
    assert brake.grows(*Taken().beside(20, 1_000)) is True

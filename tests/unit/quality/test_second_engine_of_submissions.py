"""The checks of a whole provider a second time in SQL: counts from invented records, then each verdict."""

import random
from collections.abc import Iterator
from datetime import date

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from quality import catalogue, gather, inspect, judge
from quality.checks import SUBMISSION
from quality.expressions.submission import SUBMITTED
from quality.submitted import EXPORTS, Submitted
from quality.tallies import ETHNICITY, EVENTS, TALLIES
from tests.reliability.places import in_turn
from tests.unit.quality.records import FACTS, WHOLE, made, part_of
from tests.unit.quality.sql import unread
from tests.unit.quality.sql_submissions import CLIENTS, SQL
from tests.unit.quality.sql_submissions import TALLIES as EVENTS_IN_SQL

SEEDS = range(12)
PULLED = {"hub": date(2022, 12, 1), "far": date(2022, 11, 1)}


@pytest.mark.parametrize("seed", range(2))
def test_both_engines_count_the_same_events_and_clients(seed: int) -> None:
    """From records dirty in every way: months of events, and what is known of the clients of a quarter."""
    tables = made(seed, 400, repeated=True)
    ours = inspect(tables, FACTS).tallies
    asked = CLIENTS.format(unread=unread("characteristics", "ethnicity_2021", row="c"))
    with duckdb.connect() as engine:
        for name, table in tables.items():
            engine.register(name, table.to_arrow())
        rows = [row for query in (EVENTS_IN_SQL, asked) for row in engine.execute(query).fetchall()]
    theirs = pl.DataFrame(rows, schema=TALLIES, orient="row").sort("source", "kind", "month")
    assert {*EVENTS, *ETHNICITY} <= set(theirs["kind"])
    assert_frame_equal(ours, theirs)


@pytest.mark.parametrize("parts", in_turn("2", "9"))
def test_counts_of_partitions_add_up_to_those_of_one(parts: str) -> None:
    """However people are divided, the same is counted: each client once in a quarter."""
    tables, count = made(5, 300), int(parts)
    cut = gather([inspect(part_of(tables, number, count), FACTS) for number in range(count)])
    whole = inspect({name: table for name, table in tables.items() if name not in WHOLE}, FACTS)
    assert_frame_equal(cut.tallies, whole.tallies)


def drawn(seed: int) -> pl.DataFrame:
    """Return counts of two providers over a year and a half, on both sides of every threshold."""
    return pl.DataFrame(list(_drawn(random.Random(seed))), schema=TALLIES, orient="row")


def _drawn(draw: random.Random) -> Iterator[tuple[str, str, date, int]]:
    for source in PULLED:
        usual = draw.choice((4, 22, 100))
        kinds = draw.sample(list(EVENTS), draw.choice((1, 2, 4, 7)))
        for at in range(20):
            month = date(2021 + (4 + at) // 12, (4 + at) % 12 + 1, 1)
            for kind in sorted({*kinds, "referral"}) if draw.random() < 0.9 else ["referral"]:
                if draw.random() < 0.95:
                    yield (
                        source,
                        kind,
                        month,
                        max(1, round(usual * draw.choice((1, 1, 1, 1.3, 1.5, 0.5, 0.01)))),
                    )
            if month.month % 3 == 1:
                clients = draw.choice((5, 20, 60))
                answered = round(clients * draw.choice((1, 0.9, 0.89, 0.5)))
                told = (clients, answered, round(answered * draw.choice((0, 0.5, 0.6))))
                yield from ((source, kind, month, n) for kind, n in zip(ETHNICITY, told, strict=True) if n)


@pytest.mark.parametrize("check", list(SQL))
def test_both_engines_judge_a_provider_alike(check: str) -> None:
    """For each month or quarter: asked or not, failed, passed or unknown; each answer occurs."""
    seen: set[str] = set()
    for seed in SEEDS:
        tallies = drawn(seed)
        told = SUBMITTED[check](Submitted(tallies, FACTS))
        verdict = pl.col("applies") & pl.col("fails")
        ours = told.select("source", "record", "applies", failed=verdict).rows()
        pulled = pl.DataFrame(
            list(PULLED.items()), schema={"source": pl.String, "now": pl.Date}, orient="row"
        )
        with duckdb.connect() as engine:
            engine.register("tallies", tallies.to_arrow())
            engine.register("pulled", pulled.to_arrow())
            rows = engine.execute(SQL[check]).fetchall()
        theirs = [(s, r, applies, fails if applies else False) for s, r, applies, fails in rows]
        assert sorted(ours) == sorted(theirs)
        seen |= {"spared" if not row[2] else str(row[3]) for row in ours}
    assert {"True", "False", "spared"} <= seen


def test_every_check_of_a_provider_is_written_a_second_time() -> None:
    """But for SUB-04, which only hands on what the reading of an export found."""
    assert (
        {*SQL, "SUB-04"} == {check.id for check in catalogue() if check.entity == SUBMISSION} == {*SUBMITTED}
    )


def test_what_is_judged_has_the_shape_of_what_is_found_in_records() -> None:
    """A finding names month, quarter or export; what could not be told is unknown; answers are counted."""
    exports = pl.DataFrame(
        [("hub", "referrals", True), ("far", "people", None)], schema=EXPORTS, orient="row"
    )
    judged = judge(Submitted(drawn(1), FACTS, exports))
    lost = judged.findings.filter(check="SUB-04").drop("row")
    assert lost.rows()[0][:6] == ("hub", "submission", "referrals", "SUB-04", "rows", "error")
    assert judged.undecided.filter(check="SUB-04").rows() == [("far", "submission", "people", "SUB-04")]
    failed = judged.findings.group_by("source", "check").len("failed").sort("source", "check")
    counted = judged.answers.filter(pl.col("failed") > 0).select("source", "check", "failed")
    assert_frame_equal(failed, counted.sort("source", "check"), check_dtypes=False)

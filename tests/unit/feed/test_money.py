"""A sum of money is told only where it gives nobody's award away, nor does anything else that is told."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canonical import spec
from feed.counting import count_all
from feed.declared import Declarations, declarations
from feed.dominance import NOT_QUARTERS, told_sums
from feed.facts import facts_of
from feed.model import Area
from feed.observations import observe
from feed.periods import parse
from feed.record_facts import TELLS_NOTHING
from feed.sums import SUMS
from mappings.answered import CODES
from tests.feed_rows import write_rows
from tests.feed_wellbeing_made import WellbeingMaker
from tests.independent.feed_kpis import Counter, rows_of
from tests.independent.feed_money import figures, may_be_told
from tests.today import SEED

TABLES = ("money", "records", "single_services")
WITH_THEM = {*TABLES, "people", "referrals", "sources", "triage"}
HALF_YEAR = parse("2022-04..2022-09")
QUARTERS = ("2022-23-Q1", "2022-23-Q2")
PROVIDERS = ("hub", "other")


def told_by_the_feed(warehouse: Path, label: str) -> pl.DataFrame:
    declared = Declarations(topics=tuple(t for t in declarations().topics if t.topic in WITH_THEM))
    with facts_of(warehouse, Area()) as facts:
        raw = count_all(facts, parse(label), declared)
    shown = raw.counts.select(
        "count_id", "period", "breakdown", "category", value="count", shown=pl.lit("exact")
    )
    return observe(shown, raw, declared).filter(pl.col("table").is_in(TABLES))


@pytest.mark.parametrize(
    ("turn", "referrals", "label"),
    [(0, 150, "2022-04..2022-11"), (1, 90, "2022-23-Q1"), (2, 400, "2022-04..2022-09")],
)
def test_every_figure_of_money_and_records_is_worked_out_twice_and_is_the_same(
    tmp_path: Path, turn: int, referrals: int, label: str
) -> None:
    """Cell by cell: fortunes, corrections, awards of nobody, records that answer nothing."""
    warehouse = write_rows(tmp_path / "w.duckdb", WellbeingMaker(SEED * 10 + turn, referrals).tables())
    period = parse(label)
    rows = told_by_the_feed(warehouse, label).filter(pl.col("shown") != "not_available")
    ours = {tuple(row[:5]): tuple(row[5:]) for row in rows.select(
        "kpi", "statistic", "period", "breakdown", "category", "value", "numerator", "denominator"
    ).iter_rows()}  # fmt: skip
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        first, last = ((day.year, day.month) for day in (period.start, period.end))
        told = figures(Counter(rows_of(connection), first, last, label))
    assert ours == {key: value for key, value in told.items() if value != (None, 0, 0)}


def sums_of(awards: list[dict[str, Any]], label: str, tmp_path: Path) -> dict[tuple[str, str], Any]:
    """Return what is told of the borough's and the providers' sums, by period and category."""
    tables = {"outcome": awards, "person": []}
    rows = told_by_the_feed(write_rows(tmp_path / "w.duckdb", tables), label)
    mine = rows.filter((pl.col("kpi") == "K36") & (pl.col("statistic") == "sum"))
    return {
        (period, category): value if shown in {"exact", "rounded"} else shown
        for period, category, value, shown in mine.select("period", "category", "value", "shown").iter_rows()
    }


def award(person: str | None, amount: int, month: int = 5, source: str = "hub") -> dict[str, Any]:
    return {"person_id": person, "money_gained_gbp": Decimal(amount), "awarded_on": date(2022, month, 9),
            "source_system": source}  # fmt: skip


@pytest.mark.parametrize(
    ("amounts", "told"),
    [
        ([("p", 2000), *((f"p{at}", 1000) for at in range(7))], 9000.0),
        ([(f"p{at}", 1000) for at in range(7)], "suppressed"),
        ([("p0", 1000), *((f"p{at}", 1000) for at in range(7))], "suppressed"),
        ([("p", 7001), *((f"p{at}", 1000) for at in range(7))], "suppressed"),
        ([("p", 7000), *((f"p{at}", 1000) for at in range(7))], 14000.0),
        ([("p", 5000), ("q", 5000), *((f"p{at}", 100) for at in range(8))], "suppressed"),
        ([(None, 1000) for _ in range(20)], "suppressed"),
        ([(None, 500), (None, 500), *((f"p{at}", 1000) for at in range(7))], 8000.0),
        ([], 0.0),
    ],
    ids=[
        "eight",
        "seven",
        "seven of eight",
        "more than half",
        "half",
        "two",
        "unnamed",
        "unnamed is one",
        "none",
    ],
)
def test_a_sum_is_told_of_eight_people_none_of_whom_makes_most_of_it(
    tmp_path: Path, amounts: list[tuple[str | None, int]], told: float | str
) -> None:
    """Not of seven, not where one has more than half or two have nine tenths; the unnamed count as one."""
    found = sums_of([award(*each) for each in amounts], "2022-23-Q1", tmp_path)
    assert found["2022-23-Q1", "all"] == told


def test_a_sum_is_told_of_quarters_alone(tmp_path: Path) -> None:
    """Eight months less their two quarters would be two months: the whole is not told, and says why."""
    awards = [award(f"p{at}", 1000, month) for at in range(9) for month in (5, 8, 10)]
    found = sums_of(awards, "2022-04..2022-11", tmp_path)
    assert found == {
        ("2022-04..2022-11", "all"): "secondary", ("2022-04..2022-11", "hub"): "secondary",
        **{(quarter, category): 9000.0 for quarter in QUARTERS for category in ("all", "hub")},
    }  # fmt: skip
    assert "difference could be what one person" in NOT_QUARTERS


def test_a_sum_is_hidden_where_one_of_its_parts_has_to_be(tmp_path: Path) -> None:
    """A half-year less its safe quarter is the unsafe one; a quarter less a safe provider the other one."""
    safe = [award(f"p{at}", 1000) for at in range(9)]
    later = sums_of([*safe, award("p1", 1000, 8)], "2022-04..2022-09", tmp_path)
    assert later["2022-23-Q1", "all"] == 9000.0
    assert later["2022-23-Q2", "all"] == later["2022-04..2022-09", "all"] == "suppressed"
    (tmp_path / "w.duckdb").unlink()
    beside = sums_of([*safe, award("p1", 1000, 5, "other")], "2022-23-Q1", tmp_path)
    assert beside == {
        ("2022-23-Q1", "all"): 10000.0,
        ("2022-23-Q1", "hub"): "suppressed",
        ("2022-23-Q1", "other"): "suppressed",
    }


AWARDS = st.lists(
    st.tuples(
        st.sampled_from(QUARTERS),
        st.sampled_from(PROVIDERS),
        st.integers(0, 11),
        st.sampled_from([1, 1, 2, 9]),
    ),
    max_size=80,
)
CELLS = [*product((HALF_YEAR.label, *QUARTERS), ("borough", "provider"), ("all", *PROVIDERS))]


def holds(cell: tuple[str, str, str], quarter: str, provider: str) -> bool:
    period, breakdown, category = cell
    of_all = category == "all"
    return (breakdown == "borough") == of_all and period in {HALF_YEAR.label, quarter} and (
        of_all or category == provider
    )  # fmt: skip


@given(awards=AWARDS)
@settings(max_examples=80, deadline=None)
def test_no_sum_that_is_hidden_can_be_worked_out_of_those_told(
    awards: list[tuple[str, str, int, int]],
) -> None:
    """Told sums are equations in the parts; none of the hidden ones lies in what they span."""
    groups: dict[tuple[str, str, str], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    rows: dict[tuple[str, str, str], int] = defaultdict(int)
    for quarter, provider, person, amount in awards:
        for cell in (cell for cell in CELLS if holds(cell, quarter, provider)):
            groups[cell][person] += amount
            rows[cell] += 1
    frame = pl.DataFrame(
        [("K36", *cell, rows[cell], len(each), sum(each.values()), *sorted([*each.values(), 0])[:-3:-1])
         for cell, each in groups.items()],
        schema=SUMS, orient="row",
    )  # fmt: skip
    told: dict[tuple[str, str, str], bool] = {}
    for breakdown in ("borough", "provider"):
        mine = [
            cell for cell in CELLS if cell[1] == breakdown and (breakdown == "borough") == (cell[2] == "all")
        ]
        cells = pl.DataFrame(mine, schema=["period", "breakdown", "category"], orient="row").with_columns(
            value=pl.lit(0), shown=pl.lit("exact")
        )
        shown = told_sums(frame, cells, HALF_YEAR)
        told |= {row[:3]: row[3] is not None for row in shown.iter_rows()}
    atoms = [*product(QUARTERS, PROVIDERS)]
    vectors = {cell: [float(holds(cell, *atom)) for atom in atoms] for cell in told}
    known = [vectors[cell] for cell, open_ in told.items() if open_]
    rank = np.linalg.matrix_rank(np.array(known)) if known else 0
    for cell in told:
        alone = may_be_told((person, Decimal(amount)) for person, amount in groups[cell].items())
        if not alone and cell[1] != "borough":
            spans = np.linalg.matrix_rank(np.array([*known, vectors[cell]]))
            assert spans > rank, cell


def test_answers_that_tell_nothing_are_those_of_the_mappings() -> None:
    """The council's side reads the same codes as answers without content as the providers' side does."""
    lists = {name: spec("characteristics").fields[name].codes or "" for name in TELLS_NOTHING}
    assert {name: set(TELLS_NOTHING[name]) for name in lists} == {
        name: {code for code in CODES[told] if code} for name, told in lists.items()
    }


def test_a_lot_that_nobody_sends_is_not_told_as_zero(tmp_path: Path) -> None:
    """Without any work of carers support the figure says why there is none; with some it is counted."""
    other = {"service_episode": [{"started_on": date(2022, 5, 1), "lot_code": "L4-CS", "person_id": "p"}]}
    carers = {"service_episode": [{"started_on": date(2020, 5, 1), "lot_code": "L7-CAR", "person_id": "p"}]}
    found = []
    for name, tables in (("a", other), ("b", carers)):
        rows = told_by_the_feed(write_rows(tmp_path / f"{name}.duckdb", tables), "2022-23-Q1")
        row = rows.filter((pl.col("kpi") == "K39") & (pl.col("period") == "2022-23-Q1")).row(0, named=True)
        found.append((row["shown"], row["value"], row["note"].startswith("Not available: no provider")))
    assert found == [("not_available", None, True), ("exact", 0.0, False)]

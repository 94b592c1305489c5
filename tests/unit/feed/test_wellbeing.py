"""Which forms make a pair, which scores count, and that every figure equals what another way gives."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feed.counting import RawCounts, count_all
from feed.declared import Declarations, declarations
from feed.disclosure.door import OpenOnce
from feed.disclosure.plan import planned, shown_of
from feed.disclosure.profile import Profile
from feed.disclosure.shapes import structure_of
from feed.facts import Facts, facts_of
from feed.intervals import percent_ends
from feed.model import Area
from feed.observations import observe
from feed.periods import parse
from feed.wellbeing_bands import BETTER, THRESHOLDS, WORSE
from feed.wellbeing_facts import FORM_VIEW, PAIR_VIEW
from tests.feed_rows import write_rows
from tests.feed_wellbeing_made import WellbeingMaker
from tests.independent.feed_kpis import Counter, rows_of
from tests.independent.feed_wellbeing import changes, figures
from tests.today import SEED

Protect = Callable[[Facts, RawCounts], pl.DataFrame]
TABLES = ("wellbeing", "wellbeing_thresholds")
DAY = date(2022, 6, 1)


def as_counted(_: Facts, raw: RawCounts) -> pl.DataFrame:
    """Return the counts as though nobody had to be protected."""
    return raw.counts.select(
        "count_id", "period", "breakdown", "category", value="count", shown=pl.lit("exact")
    )


def one_by_one(facts: Facts, raw: RawCounts) -> pl.DataFrame:
    """Return the counts as each is shown by itself, before anybody asks what they give away together."""
    cells = planned(raw.counts, structure_of(facts, raw.period), Profile())
    return shown_of(cells, Profile()).with_columns(pl.col("shown").replace("secondary", "suppressed"))


def told_by_the_feed(warehouse: Path, label: str, protect: Protect = as_counted) -> pl.DataFrame:
    wanted = {"movement", "triage", "referrals", *TABLES}
    declared = Declarations(topics=tuple(t for t in declarations().topics if t.topic in wanted))
    with facts_of(warehouse, Area()) as facts:
        raw = count_all(facts, parse(label), declared)
        published = protect(facts, raw)
    return observe(published, raw, declared).filter(pl.col("table").is_in(TABLES))


@pytest.mark.parametrize(
    ("turn", "referrals", "label"), [(0, 200, "2022-04..2022-11"), (1, 40, "2022-23-Q1")]
)
def test_every_figure_of_wellbeing_is_worked_out_twice_and_is_the_same(
    tmp_path: Path, turn: int, referrals: int, label: str
) -> None:
    """Cell by cell, with the ends of its interval; repeated, contradicting and misplaced forms among them."""
    warehouse = write_rows(tmp_path / "w.duckdb", WellbeingMaker(SEED * 10 + turn, referrals).tables())
    period = parse(label)
    rows = told_by_the_feed(warehouse, label).filter(pl.col("shown") != "not_available")
    ours = {tuple(row[:5]): row[5:] for row in rows.select(
        "kpi", "statistic", "period", "breakdown", "category",
        "value", "numerator", "denominator", "lower", "upper").iter_rows()}  # fmt: skip
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        first, last = ((day.year, day.month) for day in (period.start, period.end))
        told, ends = figures(Counter(rows_of(connection), first, last, label))
    none = {key for key, value in told.items() if value == (None, 0, 0)}
    assert ours == {
        key: (*value, *ends.get(key, (None, None))) for key, value in told.items() if key not in none
    }


ONE_FORM = st.fixed_dictionaries(
    {
        "episode_id": st.sampled_from(["a", "b", None]),
        "tool": st.sampled_from(["WEMWBS", "SWEMWBS", "other"]),
        "timepoint": st.sampled_from(["baseline", "exit", "review", "follow_up", None]),
        "completed_on": st.one_of(st.none(), st.integers(0, 6).map(lambda days: DAY + timedelta(days))),
        "raw_total": st.one_of(st.none(), st.integers(12, 72)),
        "metric_score": st.one_of(
            st.none(), st.sampled_from(["6.99", "7.00", "19.25", "22.35", "35.00", "35.01"])
        ),
    }
)
ORDER = ("episode_id", "tool", "timepoint", "completed_on", "raw_total", "metric_score")
COLUMNS = """episode_id VARCHAR, tool VARCHAR, timepoint VARCHAR, completed_on DATE, raw_total INTEGER,
    metric_score DECIMAL(12, 2)"""


def pairs_of(forms: list[dict[str, Any]]) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Return what the views make of the forms."""
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE all_outcome_measure ({COLUMNS})")
        rows = [[form[name] for name in ORDER] for form in forms]
        if rows:
            connection.executemany("INSERT INTO all_outcome_measure VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.execute(f"CREATE VIEW feed_form AS {FORM_VIEW}")
        found = connection.execute(f"{PAIR_VIEW} HAVING first_on IS NOT NULL").fetchall()
    return {(row[0], row[1]): row[2:] for row in found}


@given(forms=st.lists(ONE_FORM, max_size=14), order=st.randoms())
@settings(max_examples=40, deadline=None)
def test_a_pair_is_the_first_start_and_the_last_exit_in_whatever_order_they_came(
    forms: list[dict[str, Any]], order: Any
) -> None:
    """Of one episode and one tool; the same as found in plain Python; a form told twice changes nothing."""
    for form in forms:
        form["metric_score"] = form["metric_score"] and Decimal(form["metric_score"])
    mixed = [*forms, *forms[:3]]
    order.shuffle(mixed)
    told = {
        key: (change.first, change.first_on, change.last, change.last_on)
        for key, change in changes(forms).items()
    }
    assert pairs_of(mixed) == told


def test_raw_and_metric_scores_are_never_mixed() -> None:
    """A raw total of SWEMWBS makes no pair, nor do a WEMWBS at the start and a SWEMWBS at the exit."""
    start = {"episode_id": "a", "timepoint": "baseline", "completed_on": DAY, "raw_total": 20}
    exit_ = {"episode_id": "a", "timepoint": "exit", "completed_on": DAY + timedelta(9), "raw_total": 30}

    def form(**fields: Any) -> dict[str, Any]:
        return {name: fields.get(name) for name in ORDER}

    assert pairs_of([form(**start, tool="SWEMWBS"), form(**exit_, tool="SWEMWBS")]) == {}
    mixed = pairs_of(
        [form(**start, tool="WEMWBS"), form(**exit_, tool="SWEMWBS", metric_score=Decimal("25.03"))]
    )
    assert mixed == {("a", "WEMWBS"): (20, DAY, None, None)}


def pairs(path: Path, name: str, *groups: tuple[int, date, str]) -> Path:
    """Return a warehouse of so many pairs that ended on a day at a provider; changes of -1 to 3 points."""
    made = [(ended, source) for many, ended, source in groups for _ in range(many)]
    episodes = [
        {"episode_id": f"e{at}", "person_id": f"p{at}", "lot_code": "L4-CS", "ended_on": ended,
         "source_system": source}
        for at, (ended, source) in enumerate(made)
    ]  # fmt: skip
    forms = [
        {"episode_id": f"e{at}", "tool": "WEMWBS", "timepoint": point, "completed_on": day,
         "raw_total": 40 + score}
        for at, (ended, _) in enumerate(made)
        for point, day, score in (("baseline", date(2022, 4, 2), 0), ("exit", ended, at % 5 - 1))
    ]  # fmt: skip
    tables = {"service_episode": episodes, "outcome_measure": forms}
    return write_rows(path / f"{name}.duckdb", tables)


def shown(rows: pl.DataFrame, *kpis: str, breakdown: str = "borough") -> dict[tuple[str, str, str], Any]:
    """Return the value by figure, period and category; why not, where there is none."""
    mine = rows.filter(pl.col("kpi").is_in(kpis or ("K31.wemwbs",)) & (pl.col("breakdown") == breakdown))
    return {
        (row["kpi"], row["period"], row["category"]): row["shown"] if row["value"] is None else row["value"]
        for row in mine.iter_rows(named=True)
    }


MAY, AUGUST, OCTOBER = date(2022, 5, 20), date(2022, 8, 1), date(2022, 10, 3)
WHOLE = "2022-04..2022-11"


@pytest.mark.parametrize(("many", "told"), [(29, ["few"] * 3), (30, [1.0, 20.0, 0.0])])
def test_fewer_than_thirty_pairs_tell_no_change(tmp_path: Path, many: int, told: list[Any]) -> None:
    """Neither a mean nor a threshold is told of 29; of 30 all are, better beside worse."""
    rows = told_by_the_feed(pairs(tmp_path, "w", (many, AUGUST, "hub")), WHOLE)
    kpis = ("K31.wemwbs", "K32", "K34.wemwbs3")
    found = shown(rows, *kpis)
    assert [found[kpi, WHOLE, "all"] for kpi in kpis] == told


@pytest.mark.parametrize(("many", "told"), [(32, "few"), (33, 1.0)])
def test_a_rounded_number_counts_for_what_it_is_at_least(
    tmp_path: Path, many: int, told: float | str
) -> None:
    """32 pairs are published as 30, which may be 28; whether a mean stands tells no more than the number."""
    warehouse = pairs(tmp_path, "w", (many, AUGUST, "hub"))
    found = shown(told_by_the_feed(warehouse, WHOLE, OpenOnce().let_out), breakdown="provider")
    assert found["K31.wemwbs", WHOLE, "hub"] == told


def test_a_mean_is_not_told_where_it_leaves_a_handful_of_people(tmp_path: Path) -> None:
    """40 in one quarter and three after it: the quarter's mean is told, and not that of all 43."""
    few = shown(told_by_the_feed(pairs(tmp_path, "a", (40, MAY, "hub"), (3, OCTOBER, "hub")), WHOLE))
    assert few["K31.wemwbs", WHOLE, "all"] == "secondary"
    assert few["K31.wemwbs", "2022-23-Q1", "all"] == 1.0
    enough = told_by_the_feed(pairs(tmp_path, "b", (40, MAY, "hub"), (8, OCTOBER, "hub")), WHOLE)
    assert shown(enough)["K31.wemwbs", WHOLE, "all"] == 1.0
    assert set(enough.filter(pl.col("statistic") == "mean")["period"]) == {WHOLE, "2022-23-Q1"}


def test_no_provider_has_a_mean_where_another_is_a_handful(tmp_path: Path) -> None:
    """The borough's 43 less the hub's 40 are the other's three."""
    rows = told_by_the_feed(pairs(tmp_path, "a", (40, MAY, "hub"), (3, MAY, "other")), "2022-23-Q1")
    by_provider = {key[2]: value for key, value in shown(rows, breakdown="provider").items()}
    assert by_provider == {"hub": "secondary", "other": "few"}
    assert shown(rows)["K31.wemwbs", "2022-23-Q1", "all"] == 1.0


def test_a_published_interval_is_worked_out_of_the_two_numbers_beside_it(tmp_path: Path) -> None:
    """Of rounded numbers where they are rounded, and of none that is hidden: it tells nothing more."""
    warehouse = write_rows(tmp_path / "w.duckdb", WellbeingMaker(SEED, 150).tables())
    rows = told_by_the_feed(warehouse, WHOLE, one_by_one).filter(pl.col("statistic") == "percent")
    lower, upper = percent_ends(pl.col("numerator"), pl.col("denominator"))
    again = rows.select(lower=lower, upper=upper)
    assert again.equals(rows.select("lower", "upper"))
    assert rows.filter(pl.col("numerator").is_null() & pl.col("lower").is_not_null()).is_empty()
    rounded = rows.filter((pl.col("shown") == "rounded") & (pl.col("breakdown") != "borough"))
    assert not rounded.is_empty()
    assert (rounded["numerator"] % 5 == 0).all()


def test_every_improvement_stands_beside_its_opposite() -> None:
    """Each threshold is published both ways, of the same count, and says that it is one of several."""
    kpis = declarations().kpis
    for threshold in THRESHOLDS:
        both = [kpi for kpi in kpis.values() if kpi.breakdown == threshold.dimension]
        assert sorted(kpi.category or "" for kpi in both) == [BETTER, WORSE]
        assert {kpi.numerator for kpi in both} == {f"{threshold.scale.name}_pairs"}
        assert all(kpi.note.startswith("Sensitivity table") and kpi.fewest == 30 for kpi in both)

"""Counts that came as counts, in the figures: as they came, and nothing of what was hidden."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from canonical import COUNTED, duckdb_sql, spec
from feed.declared import declarations
from feed.facts import facts_of
from feed.model import Area
from feed.observations import OBSERVATIONS
from feed.periods import parse
from feed.protected_counts import protected_counts
from tests.feed_rows import key, write_rows

FLOW = "counted_flow"


def row(count: str, first: date, last: date, value: int | None, shown: str = "rounded") -> dict[str, Any]:
    """Return one count as the loader writes it."""
    return {
        "aggregate_count_id": key(f"{count} {first}"),
        "count_id": count,
        "label": f"The {count}",
        "unit": "people",
        "period": f"2022-23-Q{first.month // 3}",
        "period_start": first,
        "period_end": last,
        "value": value,
        "shown": shown,
        "suppressed_below": 10,
        "rounded_to": 5,
        "source_system": "viaduct",
        "batch_sequence": 1,
        "run_id": "RUN",
        "released_at": "2022-12-01 06:00:00+00",
    }


Q1 = (date(2022, 4, 1), date(2022, 6, 30))
Q2 = (date(2022, 7, 1), date(2022, 9, 30))
Q3 = (date(2022, 10, 1), date(2022, 12, 31))


def told(path: Path, label: str, *rows: dict[str, Any]) -> pl.DataFrame:
    """Return the figures of the period from a warehouse that holds these counts."""
    warehouse = write_rows(path / "w.duckdb", {"referral": []})
    if rows:
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(f"CREATE SCHEMA {FLOW}")
            connection.execute(duckdb_sql(COUNTED, tuple(spec(COUNTED).fields), FLOW))
            for each in rows:
                marks = ", ".join("?" for _ in each)
                connection.execute(
                    f"INSERT INTO {FLOW}.{COUNTED} ({', '.join(each)}) VALUES ({marks})", list(each.values())
                )
    with facts_of(warehouse, Area()) as facts:
        return protected_counts(facts, parse(label), declarations())


def test_the_quarters_within_the_period_are_told_as_they_came(tmp_path: Path) -> None:
    """Of eight months two quarters are whole; the third is not told, though it has come."""
    rows = [row("people_affected", *quarter, value) for quarter, value in ((Q1, 30), (Q2, 35), (Q3, 40))]
    every = told(tmp_path, "2022-04..2022-11", *rows)
    assert every.schema == OBSERVATIONS
    found = every.filter(pl.col("shown") != "not_available")
    assert found.select("table", "kpi", "period", "value", "unit", "shown").rows() == [
        ("domestic_abuse", "K40.affected", "2022-23-Q1", 30.0, "people", "rounded"),
        ("domestic_abuse", "K40.affected", "2022-23-Q2", 35.0, "people", "rounded"),
    ]
    assert set(found["note"].str.contains("below 10")) == {True}
    assert set(found["note"].str.contains("nearest 5")) == {True}


def test_a_hidden_count_is_told_as_hidden_and_why(tmp_path: Path) -> None:
    """No value, and words by which rule; how few they were nobody here knows."""
    rows = told(tmp_path, "2022-23-Q1", row("people_worried_about_own_behaviour", *Q1, None, "suppressed"))
    (found,) = rows.filter(pl.col("kpi") == "K40.worried").to_dicts()
    assert (found["value"], found["shown"]) == (None, "suppressed")
    assert "below 10" in found["note"]


def test_a_number_that_should_not_have_come_is_not_shown(tmp_path: Path) -> None:
    """Whoever writes into the warehouse past the loader gets no small number published, nor one unnamed."""
    rows = [
        row("people_affected", *Q1, 4),
        row("people_helped_by_lot_8", *Q1, 25, "suppressed"),
        row("people_of_one_street", *Q1, 25),
    ]
    found = told(tmp_path, "2022-23-Q1", *rows)
    assert found["value"].to_list() == [None] * 11
    assert "street" not in str(found.to_dicts())


def test_where_no_counts_have_come_that_is_told(tmp_path: Path) -> None:
    """A period without them, and a warehouse without the flow: each figure says so in a row of its own."""
    for rows in ([row("people_affected", *Q1, 30)], []):
        folder = tmp_path / str(len(rows))
        folder.mkdir()
        found = told(folder, "2022-23-Q2", *rows)
        assert found["kpi"].to_list() == [
            "K40.affected",
            "K40.helped",
            "K40.onward",
            "K40.referred",
            "K40.worried",
            "K37.given",
            "K37.not_asked",
            "K37.other_basis",
            "K37.refused",
            "K37.withdrawn",
            "K03b",
        ]
        assert set(found["shown"]) == {"not_available"}
        assert found["value"].null_count() == 11


@pytest.mark.parametrize(
    ("unit", "shown", "value", "seen"),
    [
        ("answers", "exact", 6, (6.0, "exact")),
        ("answers", "exact", 0, (None, "suppressed")),
        ("answers", "rounded", 15, (None, "suppressed")),
        ("people", "exact", 15, (None, "suppressed")),
        ("answers", "suppressed", None, (None, "suppressed")),
    ],
)
def test_a_number_of_answers_is_no_number_of_people(
    tmp_path: Path, unit: str, shown: str, value: int | None, seen: tuple[float | None, str]
) -> None:
    """It stands as it came, below ten as well; a number of people that says it is exact is not told."""
    came = row("ways_of_hearing", *Q1, value, shown) | {"unit": unit, "rounded_to": 1}
    every = told(tmp_path, "2022-23-Q1", came).filter(pl.col("kpi") == "K03b")
    assert every.select("value", "shown").rows() == [seen]
    assert every["unit"].to_list() == ["ways of hearing"]

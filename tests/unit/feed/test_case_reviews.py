"""Whose case review is due is read from the flow that names people, and names nobody."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from feed.case_reviews import NEEDED, reviews_due
from feed.errors import WarehouseNotThere

DAY = date(2022, 11, 30)
TYPES = {"started_on": "DATE", "ended_on": "DATE", "case_review_on": "DATE", "death_date": "DATE"}
Episode = tuple[str, int | None, int | None, int | None]
"""Of whom, and how many days ago it began, ended, and was reviewed."""


def ago(days: int | None) -> date | None:
    return None if days is None else DAY - timedelta(days=days)


def warehouse(path: Path, episodes: list[Episode], without: str = "") -> Path:
    file = path / "w.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE SCHEMA early_help")
        for table, columns in NEEDED.items():
            told = [f"{name} {TYPES.get(name, 'VARCHAR')}" for name in columns if name != without]
            connection.execute(f"CREATE TABLE early_help.{table} ({', '.join(told)}, source_system VARCHAR)")
        if without:
            return file
        connection.execute(
            "INSERT INTO early_help.service VALUES ('S1', 'Community Support', 'community_support')"
        )
        people = [("dead", DAY), *((name, None) for name, *_ in episodes if name != "dead")]
        connection.executemany("INSERT INTO early_help.person VALUES (?, ?, 'hub')", people)
        rows: list[tuple[Any, ...]] = [
            (f"E{at}", name, "S1", ago(began), ago(ended), ago(reviewed), "community_support")
            for at, (name, began, ended, reviewed) in enumerate(episodes)
        ]
        connection.executemany("INSERT INTO early_help.service_episode VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    return file


def test_open_for_more_than_90_days_and_not_reviewed_for_31_is_due(tmp_path: Path) -> None:
    """Longest without a review first; ended, reviewed, short and withheld ones are not there, nor dead."""
    episodes: list[Episode] = [
        ("never", 91, None, None), ("long ago", 400, None, 32), ("oldest", 500, None, 300),
        ("ends tomorrow", 200, -1, None),
        ("short", 90, None, None), ("reviewed", 400, None, 31), ("ended", 400, 0, None),
        ("withheld", None, None, None), ("dead", 400, None, None),
    ]  # fmt: skip
    found = reviews_due(warehouse(tmp_path, episodes), DAY)
    assert found["person"].to_list() == ["oldest", "ends tomorrow", "never", "long ago"]
    assert found.row(0, named=True) == {
        "person": "oldest", "episode": "E2", "service": "Community Support", "provider": "community_support",
        "since": ago(500), "days_open": 500, "last_review": ago(300), "days_since_review": 300,
    }  # fmt: skip


@pytest.mark.parametrize("gone", ["case_review_on", "death_date"])
def test_a_flow_that_does_not_release_what_is_needed_gives_no_list(gone: str, tmp_path: Path) -> None:
    """A list without that column would be wrong, and silence would look like nobody being due."""
    with pytest.raises(WarehouseNotThere) as refused:
        reviews_due(warehouse(tmp_path, [], without=gone), DAY)
    assert gone in str(refused.value)


def test_a_warehouse_that_was_never_loaded_gives_no_list(tmp_path: Path) -> None:
    """Neither does one that is not there."""
    with pytest.raises(WarehouseNotThere):
        reviews_due(tmp_path / "w.duckdb", DAY)

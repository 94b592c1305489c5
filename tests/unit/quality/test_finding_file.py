"""The store of format 1 is brought to today's: nothing of it is thrown away."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from quality import FINDINGS, FindingStore, State

FORMAT_ONE = """
CREATE TABLE finding (
    number INTEGER PRIMARY KEY,
    source TEXT NOT NULL, entity TEXT NOT NULL, record TEXT NOT NULL, check_id TEXT NOT NULL,
    field TEXT NOT NULL, severity TEXT NOT NULL, effect TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    first_seen TEXT NOT NULL, first_run TEXT NOT NULL, last_seen TEXT NOT NULL, last_run TEXT NOT NULL,
    closed_at TEXT, closed_run TEXT
) STRICT;
CREATE UNIQUE INDEX one_open ON finding (source, entity, record, check_id, field) WHERE state = 'open';
CREATE TABLE swept (
    source TEXT NOT NULL, check_id TEXT NOT NULL, findings INTEGER NOT NULL, PRIMARY KEY (source, check_id)
) STRICT;
PRAGMA user_version = 1;
"""
DAYS = [f"2022-12-{day:02d}T05:00:00Z" for day in range(1, 10)]
SPELLS = [
    ("P1", "closed", 0, 1, 2),
    ("P2", "open", 0, 8, None),
    ("P1", "closed", 3, 4, 5),
    ("P3", "closed", 5, 6, 7),
    ("P1", "open", 6, 8, None),
]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a file as format 1 wrote it: one record mended twice and found again each time."""
    path = tmp_path / "findings.sqlite"
    with closing(sqlite3.connect(path)) as store:
        store.executescript(FORMAT_ONE)
        for record, state, first, last, closed in SPELLS:
            ended = (None, None) if closed is None else (DAYS[closed], f"run-{closed}")
            seen = (DAYS[first], f"run-{first}", DAYS[last], f"run-{last}")
            names = ("hub", "person", record, "PER-05", "nhs_number", "error", "blank_field", state)
            store.execute(
                "INSERT INTO finding (source, entity, record, check_id, field, severity, effect, state,"
                " first_seen, first_run, last_seen, last_run, closed_at, closed_run)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*names, *seen, *ended),
            )
        store.execute("INSERT INTO swept VALUES ('hub', 'PER-05', 7)")
        store.commit()
    return path


def test_every_spell_of_a_finding_becomes_its_history(old: Path) -> None:
    """One row for each finding, as its last spell left it; an event for each time it opened or closed."""
    store = FindingStore(old)
    told = {f.record: f for f in store.open()}
    assert {name: (f.times_opened, f.first_seen, f.opened) for name, f in told.items()} == {
        "P1": (3, DAYS[0], DAYS[6]),
        "P2": (1, DAYS[0], DAYS[0]),
    }
    assert [(e.at, e.run_id, e.from_state, e.to_state) for e in store.history(told["P1"].code)] == [
        (DAYS[0], "run-0", "", "open"),
        (DAYS[2], "run-2", "open", "closed"),
        (DAYS[3], "run-3", "closed", "open"),
        (DAYS[5], "run-5", "open", "closed"),
        (DAYS[6], "run-6", "closed", "open"),
    ]
    [closed] = store.frame({State.CLOSED}).iter_rows(named=True)
    assert (closed["record"], closed["reason"]) == ("P3", "before_delivery_was_verified")


def test_what_was_there_on_the_first_night_is_the_baseline(old: Path) -> None:
    """The first night of a source in the file is the night on which it went live."""
    every = FindingStore(old).frame(set(State))
    assert dict(every.select("record", "baseline").iter_rows()) == {"P1": True, "P2": True, "P3": False}


def test_a_night_after_the_change_goes_on_where_the_last_ended(old: Path) -> None:
    """Found again it is the same finding, due from this night on; what was closed is still closed."""
    store = FindingStore(old)
    row = ("hub", "person", "P1", 7, "PER-05", "nhs_number", "error", "blank_field", "")
    found = pl.DataFrame([row], schema=FINDINGS, orient="row")
    counts = store.record(found, "run-9", ["hub"], datetime(2022, 12, 10, 5, tzinfo=UTC))
    assert (counts["error"], counts["mended"], counts["new"], counts["reopened"]) == (1, 1, 0, 0)
    assert [(f.record, f.state, f.due) for f in store.open()] == [
        ("P1", "open", "2022-12-24"),
        ("P2", "mended", ""),
    ]


def test_a_kill_while_the_file_is_changed_leaves_the_old_file(old: Path) -> None:
    """One transaction: the next to open it begins anew and loses nothing."""
    before = old.read_bytes()
    with closing(sqlite3.connect(old, isolation_level=None)) as torn:
        torn.execute("BEGIN IMMEDIATE")
        torn.execute("DROP INDEX one_open")
        torn.execute("ALTER TABLE finding RENAME TO spell")
    assert old.read_bytes() == before
    assert len(FindingStore(old).open()) == 2


def test_what_was_swept_is_still_counted(old: Path) -> None:
    """The numbers of what went in earlier years stay, and new ones are added to them."""
    store = FindingStore(old)
    assert store.sweep(datetime(2023, 1, 1, tzinfo=UTC)) == 1
    with closing(sqlite3.connect(old)) as read:
        assert read.execute("SELECT * FROM swept").fetchall() == [("hub", "PER-05", 8)]
        assert read.execute(
            "SELECT count(*) FROM event WHERE finding NOT IN (SELECT number FROM finding)"
        ).fetchone() == (0,)

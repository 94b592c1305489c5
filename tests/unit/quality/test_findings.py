"""The life of a finding: opened, kept, closed, and never closed by a night that could not look."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from quality import FINDINGS, GONE, UNDECIDED, FindingStore, FindingsUnreadable, Night, State

FIRST_NIGHT = datetime(2022, 12, 1, 5, tzinfo=UTC)
Row = tuple[str | None, str]


def found(*rows: Row, source: str = "hub", severity: str = "error") -> pl.DataFrame:
    """Return findings of the source: (reference, check) each."""
    told = ("nhs_number", severity, "blank_field", "")
    read = [(source, "person", reference, 7, check, *told) for reference, check in rows]
    return pl.DataFrame(read, schema=FINDINGS, orient="row")


def undecided(record: str | None, check: str) -> pl.DataFrame:
    """Return one record, or all, for which the check could not be answered."""
    return pl.DataFrame([("hub", "person", record, check)], schema=UNDECIDED, orient="row")


@pytest.fixture
def store(tmp_path: Path) -> FindingStore:
    """Return a store of its own for each test."""
    return FindingStore(tmp_path / "state" / "findings.sqlite")


def night(number: int) -> datetime:
    """Return the time of the night's run."""
    return FIRST_NIGHT + timedelta(days=number)


def open_now(store: FindingStore) -> list[tuple[str, str]]:
    """Return the open findings as (record, check)."""
    return [(finding.record, finding.check) for finding in store.open()]


def close(store: FindingStore, run_id: str, at: datetime) -> int:
    """Return how many findings the run closed, every record that passed being delivered."""
    verified = store.passed(run_id).with_columns(why=pl.lit("delivered"))
    return store.delivered(run_id, at, verified)["closed"]


def test_a_finding_keeps_the_night_it_was_first_seen(store: FindingStore) -> None:
    """Seen again is not new."""
    assert store.record(found(("P1", "PER-05")), "run-0", ["hub"], night(0))["new"] == 1
    counts = store.record(found(("P1", "PER-05")), "run-1", ["hub"], night(1))
    assert counts == dict.fromkeys(counts, 0) | {"error": 1}
    assert [(f.first_seen, f.last_run) for f in store.open()] == [("2022-12-01T05:00:00Z", "run-1")]


@pytest.mark.parametrize("told", [("anonymised", "forgotten"), ("forgotten", "anonymised")])
def test_of_several_reasons_why_a_record_is_gone_the_one_that_says_most_stands(
    store: FindingStore, told: tuple[str, str]
) -> None:
    """Of somebody who is forgotten too nothing is asked, in whichever order a night tells of it."""
    store.record(found(("P1", "PER-05")), "run-0", ["hub"], night(0))
    gone = pl.DataFrame([("hub", "person", "P1", why) for why in told], schema=GONE, orient="row")
    store.record_night(Night("run-1", night(1), found(("P1", "PER-20")), ["hub"], gone=gone))
    ended = store.frame([State.WITHDRAWN])
    assert ended.select("record", "check", "reason").rows() == [("P1", "PER-05", "forgotten")]
    assert store.open() == []


def test_what_passes_is_mended_and_closes_once_it_is_delivered(store: FindingStore) -> None:
    """What a complete pull no longer shows waits for its delivery, and only that closes."""
    store.record(found(("P1", "PER-05"), ("P2", "PER-05")), "run-0", ["hub"], night(0))
    counts = store.record(found(("P2", "PER-05")), "run-1", ["hub"], night(1))
    assert (counts["mended"], counts["closed"], counts["error"]) == (1, 0, 1)
    assert [(f.record, f.state) for f in store.open()] == [("P1", "mended"), ("P2", "open")]
    assert close(store, "run-1", night(1)) == 1
    assert open_now(store) == [("P2", "PER-05")]


def test_a_source_that_was_not_pulled_whole_mends_nothing(store: FindingStore) -> None:
    """Not seen in half an export is not mended; other sources go on as usual."""
    store.record(found(("P1", "PER-05")), "run-0", ["hub", "other"], night(0))
    store.record(found(("C1", "PER-05"), source="other"), "run-1", [], night(1))
    counts = store.record(found(), "run-2", ["other"], night(2))
    assert counts["mended"] == 1
    assert [(f.record, f.state) for f in store.open()] == [("P1", "open"), ("C1", "mended")]


@pytest.mark.parametrize(("record", "mended"), [("P1", 0), (None, 0), ("P9", 1)])
def test_a_check_that_could_not_be_answered_mends_nothing(
    store: FindingStore, record: str | None, mended: int
) -> None:
    """Unknown tonight, for this record or for every record of the source, leaves the finding open."""
    store.record(found(("P1", "PER-07")), "run-0", ["hub"], night(0))
    counts = store.record(found(), "run-1", ["hub"], night(1), undecided(record, "PER-07"))
    assert counts["mended"] == mended


def test_a_finding_that_comes_back_keeps_its_history(store: FindingStore) -> None:
    """It is the same finding, with a new spell: its age and its due day count from the night it came back."""
    store.record(found(("P1", "PER-05")), "run-0", ["hub"], night(0))
    [first] = store.open()
    store.record(found(), "run-1", ["hub"], night(1))
    close(store, "run-1", night(1))
    counts = store.record(found(("P1", "PER-05")), "run-2", ["hub"], night(2))
    assert (counts["new"], counts["reopened"]) == (0, 1)
    [again] = store.open()
    assert (again.code, again.times_opened) == (first.code, 2)
    assert (again.first_seen, again.opened) == ("2022-12-01T05:00:00Z", "2022-12-03T05:00:00Z")
    assert (first.due, again.due) == ("2022-12-15", "2022-12-17")
    assert [(e.at[:10], e.from_state, e.to_state, e.reason) for e in store.history(first.code)] == [
        ("2022-12-01", "", "open", ""),
        ("2022-12-02", "open", "mended", "passes"),
        ("2022-12-02", "mended", "closed", "delivered"),
        ("2022-12-03", "closed", "open", "found_again"),
    ]


def test_recording_a_run_again_changes_nothing(store: FindingStore) -> None:
    """A run that is finished after a kill counts what it counted before."""
    store.record(found(("P1", "PER-05"), ("P2", "PER-05")), "run-0", ["hub"], night(0))
    once = store.record(found(("P2", "PER-05"), ("P3", "PER-05")), "run-1", ["hub"], night(1))
    told = store.events()
    assert store.record(found(("P2", "PER-05"), ("P3", "PER-05")), "run-1", ["hub"], night(1)) == once
    assert store.events().equals(told)
    assert (once["new"], once["mended"]) == (1, 1)


def test_one_record_found_twice_is_one_finding(store: FindingStore) -> None:
    """Two rows of one reference are one thing to mend; rows without a reference are told apart by row."""
    rows = found(("P1", "PER-12"), ("P1", "PER-12"), (None, "PER-05"))
    counts = store.record(rows, "run-0", ["hub"], night(0))
    assert counts["error"] == 2
    assert open_now(store) == [("row 7", "PER-05"), ("P1", "PER-12")]


def test_a_dry_run_counts_and_keeps_nothing(store: FindingStore, tmp_path: Path) -> None:
    """Without a file there is still none; with one it is unchanged."""
    assert store.record(found(("P1", "PER-05")), "dry", ["hub"], night(0), keep=False)["new"] == 1
    assert not list(tmp_path.rglob("*.sqlite"))
    store.record(found(("P1", "PER-05")), "run-0", ["hub"], night(0))
    assert store.record(found(), "dry", ["hub"], night(1), keep=False)["mended"] == 1
    assert open_now(store) == [("P1", "PER-05")]


def test_the_worklist_of_a_source_is_its_own_gravest_first(store: FindingStore) -> None:
    """A provider sees nothing of another's records."""
    store.record(found(("P2", "PER-06"), severity="warning"), "run-0", [], night(0))
    store.record(found(("P1", "PER-05")), "run-1", [], night(0))
    store.record(found(("C1", "PER-05"), source="other"), "run-2", [], night(0))
    assert [f.record for f in store.open("hub")] == ["P1", "P2"]
    assert [f.record for f in store.open("other")] == ["C1"]


def test_a_site_that_has_never_run_has_no_findings(store: FindingStore, tmp_path: Path) -> None:
    """Looking makes no file."""
    assert store.open() == []
    assert not list(tmp_path.iterdir())


def test_a_damaged_or_foreign_file_is_refused_without_its_content(tmp_path: Path) -> None:
    """The error names the file and says what to do, and repeats nothing of what SQLite said."""
    path = tmp_path / "findings.sqlite"
    path.write_bytes(b"CANARYWORD" * 1000)
    with pytest.raises(FindingsUnreadable) as refused:
        FindingStore(path).open()
    assert "CANARYWORD" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(FindingsUnreadable):
        FindingStore(other).record(found(), "run-0", [], night(0))


def test_a_kill_in_the_middle_leaves_the_night_before(store: FindingStore, tmp_path: Path) -> None:
    """A transaction that was never committed is not there."""
    store.record(found(("P1", "PER-05")), "run-0", ["hub"], night(0))
    path = tmp_path / "state" / "findings.sqlite"
    torn = sqlite3.connect(path, isolation_level=None)
    torn.execute("BEGIN IMMEDIATE")
    torn.execute("UPDATE finding SET state = 'closed'")
    torn.close()
    assert open_now(store) == [("P1", "PER-05")]

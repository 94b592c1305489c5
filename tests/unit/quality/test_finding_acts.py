"""What people do to findings: acknowledge, accept until a day, dispute, and answer a dispute."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from quality import FINDINGS, ActionRefused, FindingStore, Outcome

FIRST_NIGHT = datetime(2022, 12, 1, 5, tzinfo=UTC)
WHO = "A. N. Other (hub)"


def found(*records: str) -> pl.DataFrame:
    """Return a finding of each of these records."""
    told = ("PER-05", "nhs_number", "error", "blank_field", "")
    return pl.DataFrame(
        [("hub", "person", name, 7, *told) for name in records], schema=FINDINGS, orient="row"
    )


def night(number: int) -> datetime:
    """Return the time of the night's run."""
    return FIRST_NIGHT + timedelta(days=number)


@pytest.fixture
def store(tmp_path: Path) -> FindingStore:
    """Return a store with one finding."""
    store = FindingStore(tmp_path / "state" / "findings.sqlite")
    store.record(found("P1"), "run-0", ["hub"], night(0))
    return store


def code(store: FindingStore) -> str:
    """Return the code of its only living finding."""
    [only] = store.open()
    return only.code


def stands(store: FindingStore) -> tuple[str, str, str, str]:
    """Return how the only living finding stands: state, reason, due day, last day of an acceptance."""
    [only] = store.open()
    return only.state, only.reason, only.due, only.until


def test_an_acknowledged_finding_is_due_when_it_was(store: FindingStore) -> None:
    """Who says that they have seen it gains no day by it, and found again it stays acknowledged."""
    told = store.acted([code(store)], "acknowledge", WHO, "", night(3))
    assert list(told.values()) == [Outcome.CHANGED]
    store.record(found("P1"), "run-4", ["hub"], night(4))
    assert stands(store) == ("acknowledged", "", "2022-12-15", "")
    assert store.history(code(store))[-1].by == WHO


def test_an_acceptance_ends_with_its_day(store: FindingStore) -> None:
    """Through its last day nobody is asked; the night after it is open again, with a due day anew."""
    store.acted([code(store)], "accept", WHO, "asked_unknown", night(1), until="2022-12-10")
    store.record(found("P1"), "run-9", ["hub"], night(9))
    assert stands(store) == ("accepted", "asked_unknown", "2022-12-15", "2022-12-10")
    store.record(found("P1"), "run-10", [], night(10))
    assert stands(store) == ("open", "expired", "2022-12-25", "")
    assert store.open()[0].times_opened == 1


def test_a_dispute_is_the_data_teams_to_answer(store: FindingStore) -> None:
    """Rejected it is wanted again, due anew; upheld it is accepted until the check is put right."""
    mine = code(store)
    store.acted([mine], "dispute", WHO, "check_is_wrong", night(1))
    assert stands(store)[:2] == ("disputed", "check_is_wrong")
    store.acted([mine], "reject", "data team", "", night(5))
    assert stands(store)[:3] == ("open", "dispute_rejected", "2022-12-20")
    store.acted([mine], "dispute", WHO, "correct_as_is", night(6))
    store.acted([mine], "uphold", "data team", "", night(7), until="2023-03-01")
    assert stands(store) == ("accepted", "check_is_wrong", "2022-12-20", "2023-03-01")


def test_what_cannot_be_done_is_said_for_each_code(store: FindingStore) -> None:
    """A code that nobody knows, one that stands so already, and one that the action does not lead from."""
    mine = code(store)
    other = "Faaaaaaaaaaaaaaaa"
    assert store.acted([mine, other, "x'; --"], "uphold", "data team", "", night(1), until="2023-01-01") == {
        mine: Outcome.NOT_FROM_HERE,
        other: Outcome.UNKNOWN,
        "x'; --": Outcome.UNKNOWN,
    }
    store.acted([mine], "acknowledge", WHO, "", night(1))
    assert store.acted([mine, mine], "acknowledge", WHO, "", night(2)) == {mine: Outcome.ALREADY}
    assert len(store.history(mine)) == 2


@pytest.mark.parametrize(
    ("action", "by", "reason", "until"),
    [
        ("accept", WHO, "asked_unknown", None),
        ("accept", WHO, "asked_unknown", "2022-11-30"),
        ("accept", WHO, "asked_unknown", "2030-01-01"),
        ("accept", WHO, "asked_unknown", "SECRETWORD"),
        ("accept", WHO, "", "2022-12-10"),
        ("accept", WHO, "SECRETWORD was out when we rang", "2022-12-10"),
        ("accept", WHO, "expired", "2022-12-10"),
        ("acknowledge", WHO, "SECRETWORD", None),
        ("acknowledge", WHO, "", "2022-12-10"),
        ("acknowledge", "", "", None),
        ("acknowledge", "SECRETWORD\x1b[2J", "", None),
        ("acknowledge", "SECRETWORD" * 9, "", None),
        ("SECRETWORD", WHO, "", None),
    ],
)
def test_an_answer_out_of_order_changes_nothing_and_is_not_repeated(
    store: FindingStore, action: str, by: str, reason: str, until: str | None, tmp_path: Path
) -> None:
    """Reasons are words of a closed list: whatever somebody types about a person is kept nowhere."""
    with pytest.raises(ActionRefused) as refused:
        store.acted([code(store)], action, by, reason, night(1), until=until)
    assert "SECRETWORD" not in str(refused.value)
    assert stands(store)[0] == "open"
    assert b"SECRETWORD" not in (tmp_path / "state" / "findings.sqlite").read_bytes()


@pytest.mark.parametrize(
    ("check", "severity", "effect"), [("SG-05", "error", "none"), ("PER-07", "error", "hold_record")]
)
def test_where_safety_hangs_on_it_or_the_record_is_held_only_a_right_record_is_accepted(
    tmp_path: Path, check: str, severity: str, effect: str
) -> None:
    """That somebody was not asked or did not say leaves them where they are, so it is no answer."""
    store = FindingStore(tmp_path / "state" / "findings.sqlite")
    row = ("hub", "person", "P1", 7, check, "nhs_number", severity, effect, "")
    store.record(pl.DataFrame([row], schema=FINDINGS, orient="row"), "run-0", ["hub"], night(0))
    for reason in ("asked_unknown", "refused", "no_place_for_it"):
        told = store.acted([code(store)], "accept", WHO, reason, night(1), until="2022-12-10")
        assert list(told.values()) == [Outcome.NOT_FOR_THIS_REASON]
        assert stands(store)[0] == "open"
    store.acted([code(store)], "accept", WHO, "correct_as_is", night(1), until="2022-12-10")
    assert stands(store)[:2] == ("accepted", "correct_as_is")


def test_a_mended_finding_is_past_answering(store: FindingStore) -> None:
    """What passes waits for its delivery alone."""
    store.record(found(), "run-1", ["hub"], night(1))
    assert list(store.acted([code(store)], "dispute", WHO, "check_is_wrong", night(1)).values()) == [
        Outcome.NOT_FROM_HERE
    ]


def test_a_record_mended_at_the_source_needs_no_acceptance(store: FindingStore) -> None:
    """Whatever was answered, a record that passes is mended; found again, it is open with a new spell."""
    store.acted([code(store)], "accept", WHO, "refused", night(0), until="2022-12-31")
    store.record(found(), "run-1", ["hub"], night(1))
    assert stands(store)[0] == "mended"
    store.record(found("P1"), "run-2", ["hub"], night(2))
    assert stands(store) == ("open", "found_again", "2022-12-17", "")


def test_looking_for_codes_where_nothing_was_ever_found_makes_no_file(tmp_path: Path) -> None:
    """An answer to a site that has never run is an answer to nothing."""
    store = FindingStore(tmp_path / "state" / "findings.sqlite")
    assert store.acted(["Faaaaaaaaaaaaaaaa"], "acknowledge", WHO, "", night(0)) == {
        "Faaaaaaaaaaaaaaaa": Outcome.UNKNOWN
    }
    assert store.history("Faaaaaaaaaaaaaaaa") == []
    assert not list(tmp_path.iterdir())

"""The tripwires of an assessment: what is counted, from where on it stops, and who lets it through."""

from collections.abc import Iterator
from datetime import UTC, datetime

import polars as pl
import pytest

from common import clock
from sharing.document.flows import Schedule
from sync.errors import TripwireMet
from sync.outbox import Chain
from sync.summary import FlowSummary
from sync.tripwires import Tripwires

KNOWN = pl.Series("person", [1, 2, 3], dtype=pl.UInt64)
TODAY = "2026-12-01"
NOBODY = pl.Series("person", [], dtype=pl.UInt64)


def about(*people: int | None) -> pl.DataFrame:
    """Return rows about these people; None for a row about nobody."""
    return pl.DataFrame({"_who": pl.Series(people, dtype=pl.UInt64)})


def asked(schedule: dict[str, object], sent: list[dict[str, pl.DataFrame]], **given: object) -> FlowSummary:
    """Return the flow's summary after these partitions. Errors: TripwireMet."""
    agreed = Schedule.model_validate({"frequency": "P1D", **schedule})
    wires = Tripwires("f", agreed, given.get("by"))  # type: ignore[arg-type]
    for part in sent:
        wires.note(part)
    wires.resent = int(given.get("resent", 0))  # type: ignore[call-overload]
    summary = FlowSummary("f", {})
    chain = Chain(sent_on=given.get("sent_on"), day=given.get("day"))  # type: ignore[arg-type]
    wires.require(lambda: given.get("known", KNOWN), chain, summary)  # type: ignore[arg-type,return-value]
    return summary


def day_after(
    wires: Tripwires, day: dict[str, object] | None, *operations: str, at: str = f"{TODAY}T21:00:00Z"
) -> dict[str, object]:
    """Return the day once a batch of such files is sealed."""
    return wires.day_after(Chain(day=day), at, [{"operation": one} for one in operations])


def passed(
    schedule: dict[str, object], rows: int, by: str | None = None, day: dict[str, object] | None = None
) -> Tripwires:
    """Return the tripwires once so many rows, each about a person nobody knows, have passed them."""
    wires = Tripwires("f", Schedule.model_validate({"frequency": "P1D", **schedule}), by)
    wires.note({"person": about(*range(100, 100 + rows))})
    wires.require(lambda: KNOWN, Chain(day=day), FlowSummary("f", {}))
    return wires


def test_rows_are_counted_over_all_partitions_and_the_limit_itself_may_be_sent() -> None:
    """Three rows of three allowed go; the fourth stops all of them."""
    three = [{"person": about(1, 2)}, {"referral": about(1)}]
    assert asked({"maxRows": 3}, three).volume_accepted == {}
    with pytest.raises(TripwireMet, match=r"4 rows, and the assessment allows 3 a night") as met:
        asked({"maxRows": 3}, [*three, {"organisation": about(None)}])
    assert met.value.exit_code == 23
    assert met.value.lines()[2].strip() == "Nothing of flow f was sent."


def test_rows_that_only_change_their_key_are_no_volume() -> None:
    """A rotation sends every row again, as the assessment itself agreed; what is new still counts."""
    sent = [{"person": about(1, 2, 3, 3)}]
    asked({"maxRows": 1}, sent, resent=3)
    with pytest.raises(TripwireMet):
        asked({"maxRows": 1}, sent, resent=2)


def test_first_seen_people_are_those_of_whom_nothing_is_remembered() -> None:
    """A person in two partitions counts once; whom the recipient knows, and rows about nobody, do not."""
    sent = [{"person": about(1, 9)}, {"referral": about(9, None), "contact": about(8)}]
    assert asked({"maxFirstSeenSubjects": 2}, sent).volume_accepted == {}
    with pytest.raises(TripwireMet, match="2 people of whom nothing was sent before"):
        asked({"maxFirstSeenSubjects": 1}, sent)
    with pytest.raises(TripwireMet, match="3 people"):
        asked({"maxFirstSeenSubjects": 2}, sent, known=NOBODY)


@pytest.mark.parametrize(
    ("frequency", "sent_on", "stops"),
    [
        ("P1D", "2026-11-30", False),
        ("P1D", "2026-12-01", False),
        ("P7D", "2026-11-30", True),
        ("P7D", "2026-11-24", False),
        ("P7D", "2026-12-01", False),
        ("P1M", "2026-11-02", True),
        ("P1M", "2026-11-01", False),
        ("P7D", None, False),
    ],
)
def test_a_flow_sends_no_sooner_than_its_frequency(frequency: str, sent_on: str | None, stops: bool) -> None:
    """Days are counted on the calendar; the runs of one day are one sending; withdrawals do not wait."""
    with clock.frozen(datetime(2026, 12, 1, 9, tzinfo=UTC)):
        if stops:
            with pytest.raises(TripwireMet, match="sends next on"):
                asked({"frequency": frequency}, [{"person": about(1)}], sent_on=sent_on)
        else:
            asked({"frequency": frequency}, [{"person": about(1)}], sent_on=sent_on)
        assert asked({"frequency": frequency}, [], sent_on=sent_on).volume_accepted == {}


def test_a_person_lets_it_through_by_name_and_the_summary_says_what() -> None:
    """Who, when, and each thing that was met; where nothing was met, nobody let anything through."""
    sent = [{"person": about(7, 8, 9)}]
    told = asked({"maxRows": 2, "maxFirstSeenSubjects": 2}, sent, by="A. Example, DPO").volume_accepted
    assert told["by"] == "A. Example, DPO"
    assert [words.split(",")[0] for words in told["met"]] == [
        "3 rows",
        "3 people of whom nothing was sent before",
    ]
    assert asked({"maxRows": 3}, sent, by="A. Example, DPO").volume_accepted == {}


@pytest.fixture
def noon() -> Iterator[None]:
    """Hold the clock at noon of TODAY."""
    with clock.frozen(datetime.fromisoformat(f"{TODAY}T12:00:00Z")):
        yield


@pytest.mark.usefixtures("noon")
def test_what_earlier_runs_of_the_day_sent_is_added_and_said() -> None:
    """Two rows after two of three allowed stop; yesterday's are over; nothing added, nothing stopped."""
    day = {"on": TODAY, "rows": 2, "people": 2}
    two = [{"person": about(8, 9)}]
    with pytest.raises(TripwireMet, match=r"2 rows, 4 with the 2 of earlier runs this day, and .* 3 a night"):
        asked({"maxRows": 3}, two, day=day)
    with pytest.raises(TripwireMet, match=r"before, 4 with the 2 of earlier runs this day, and it allows 3"):
        asked({"maxFirstSeenSubjects": 3}, two, day=day)
    over = day | {"on": "2026-11-30"}
    assert asked({"maxRows": 3, "maxFirstSeenSubjects": 3}, two, day=over).volume_accepted == {}
    full = {"on": TODAY, "rows": 9, "people": 9}
    assert asked({"maxRows": 3}, two, day=full, resent=2).volume_accepted == {}
    assert asked({"maxFirstSeenSubjects": 3}, [{"person": about(1, 2)}], day=full).volume_accepted == {}


@pytest.mark.usefixtures("noon")
def test_a_clock_that_has_gone_back_gives_no_second_day() -> None:
    """What was sent on what the clock then called tomorrow still counts, and goes on being counted there."""
    ahead = {"on": "2026-12-02", "rows": 2, "people": 0}
    with pytest.raises(TripwireMet, match="4 with the 2 of earlier runs"):
        asked({"maxRows": 3}, [{"person": about(8, 9)}], day=ahead)
    wires = passed({"maxRows": 3}, 1, day=ahead)
    assert day_after(wires, ahead, "upsert") == {"on": "2026-12-02", "rows": 3, "people": 0}


@pytest.mark.usefixtures("noon")
def test_a_batch_leaves_the_day_s_total_to_the_next_run() -> None:
    """Rows and people are added; a batch of withdrawals alone adds nothing; a new day begins at nought."""
    both, day = {"maxRows": 9, "maxFirstSeenSubjects": 9}, {"on": TODAY, "rows": 4, "people": 1}
    wires = passed(both, 3, day=day)
    assert day_after(wires, day, "upsert", "withdraw") == {"on": TODAY, "rows": 7, "people": 4}
    assert day_after(wires, day, "withdraw") == day
    assert day_after(wires, None, "upsert") == {"on": TODAY, "rows": 3, "people": 3}
    tomorrow = day_after(wires, day, "upsert", at="2026-12-02T00:10:00Z")
    assert tomorrow == {"on": "2026-12-02", "rows": 3, "people": 3}


def test_the_day_is_london_s() -> None:
    """Half past eleven at night by universal time in July is the next day in London."""
    assert day_after(Tripwires("f"), None, at="2026-07-01T23:30:00Z")["on"] == "2026-07-02"


@pytest.mark.usefixtures("noon")
def test_what_was_let_through_by_name_is_set_apart_from_the_day() -> None:
    """Without a name no more than the limit leaves in a day; an accepted run neither uses nor renews it.

    Only what was met is set apart: a name for too many rows is none for the people in them.
    """
    day = {"on": TODAY, "rows": 2, "people": 1}
    wires = passed({"maxRows": 3, "maxFirstSeenSubjects": 50}, 40, "A. Example, DPO", day=day)
    after = day_after(wires, day, "upsert")
    assert after == {"on": TODAY, "rows": 2, "people": 41}
    with pytest.raises(TripwireMet, match="2 rows, 4 with the 2"):
        passed({"maxRows": 3}, 2, day=after)
    assert day_after(passed({"maxRows": 3}, 1, "A. Example, DPO", day=after), after, "upsert")["rows"] == 3

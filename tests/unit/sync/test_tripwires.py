"""The tripwires of an assessment: what is counted, from where on it stops, and who lets it through."""

from datetime import UTC, datetime

import polars as pl
import pytest

from common import clock
from sharing.document.flows import Schedule
from sync.errors import TripwireMet
from sync.summary import FlowSummary
from sync.tripwires import Tripwires

KNOWN = pl.Series("person", [1, 2, 3], dtype=pl.UInt64)
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
    summary = FlowSummary("f", {})
    wires.require(
        lambda: given.get("known", KNOWN),  # type: ignore[arg-type,return-value]
        int(given.get("resent", 0)),  # type: ignore[call-overload]
        given.get("sent_on"),  # type: ignore[arg-type]
        summary,
    )
    return summary


def test_rows_are_counted_over_all_partitions_and_the_limit_itself_may_be_sent() -> None:
    """Three rows of three allowed go; the fourth stops all of them."""
    three = [{"person": about(1, 2)}, {"referral": about(1)}]
    assert asked({"maxRows": 3}, three).volume_accepted == {}
    with pytest.raises(TripwireMet, match=r"4 rows, and the assessment allows 3 a night") as met:
        asked({"maxRows": 3}, [*three, {"organisation": about(None)}])
    assert met.value.exit_code == 23


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

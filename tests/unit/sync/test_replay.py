"""What a replay counts, on a handful of rows: each change once, its people once, who is in danger."""

from typing import Any

import polars as pl
import pytest

from sharing import load_dpia
from sync.replay import sentences, to_json
from sync.replay.both import Replay
from sync.replay.counting import WITHIN, Change, Tally, Who
from sync.replay.side import Way
from sync.replay.telling import STOPS
from sync.summary import Summary
from tests.unit.sharing.records import EXAMPLE

COUNCIL = "Stockport Metropolitan Borough Council"
PERMITTED, HELD, WITHHELD = 0, 1, 2
WHO = Who(
    {"need": pl.Series("who", [1, 1, 2, 3, None], dtype=pl.UInt64)}, pl.Series("who", [2], dtype=pl.UInt64)
)


def needs(fates: list[int], codes: list[str | None], **more: list[Any]) -> dict[str, pl.DataFrame]:
    """Return a decided table of five needs: two of person 1, one of 2 and 3 each, one of nobody."""
    shown = [code if fate == PERMITTED else None for fate, code in zip(fates, codes, strict=True)]
    return {"need": pl.DataFrame({"_fate": pl.Series(fates, dtype=pl.UInt8), "need_code": shown, **more})}


def tallied(before: dict[str, pl.DataFrame], after: dict[str, pl.DataFrame]) -> Tally:
    tally = Tally()
    tally.take(before, after, WHO)
    return tally


def numbers(tally: Tally) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Return rows, people and flagged people by change and field, where there are any."""
    return {
        (change.value, name): (count.rows, count.people, count.flagged)
        for (_, change, name), count in tally.cells.items()
    }


@pytest.mark.parametrize("comes", [True, False])
def test_records_that_come_or_go_are_counted_with_what_they_hold(comes: bool) -> None:
    """Two rows of one person are one person; a record of nobody is a row of nobody."""
    shared = needs([PERMITTED] * 5, ["A", None, "C", "D", "E"])
    hidden = needs([WITHHELD, WITHHELD, WITHHELD, PERMITTED, WITHHELD], ["A", None, "C", "D", "E"])
    tally = tallied(hidden, shared) if comes else tallied(shared, hidden)
    change = (Change.NEWLY if comes else Change.GONE).value
    assert numbers(tally) == {(change, ""): (4, 2, 1), (change, f"{WITHIN}need_code"): (3, 2, 1)}
    told = {each.value: (count.people, count.flagged) for each, count in tally.people.items()}
    assert told == {change: (2, 1), **{other: (0, 0) for other in told if other != change}}


def test_a_field_that_changes_is_counted_as_changed_and_not_as_new() -> None:
    """Another value, and a value in place of its pseudonym; one that is gone, and one that is new."""
    before = needs([PERMITTED] * 5, ["A", "B", None, "D", "E"], key=[b"1", b"2", b"3", b"4", b"5"])
    after = needs([PERMITTED] * 5, ["A", "X", "C", None, "E"], key=["1", "2", "3", "4", "5"])
    assert numbers(tallied(before, after)) == {
        ("changed", "need_code"): (1, 1, 0),
        ("newly_disclosed", "need_code"): (1, 1, 1),
        ("no_longer_disclosed", "need_code"): (1, 1, 0),
        ("changed", "key"): (5, 3, 1),
    }


def test_a_record_that_is_held_is_not_withdrawn() -> None:
    """What a register in doubt holds stays at the recipient as it was, so it is told apart."""
    before = needs([PERMITTED] * 5, ["A"] * 5)
    after = needs([PERMITTED, PERMITTED, HELD, HELD, WITHHELD], ["A"] * 5)
    found = numbers(tallied(before, after))
    assert found[("held_back", "")] == (2, 2, 1)
    assert found[("no_longer_disclosed", "")] == (1, 0, 0)


def test_another_recipient_of_the_same_flow_is_another_way_and_is_told_by_name() -> None:
    """All of it is new to one and withdrawn from the other; the new schedule would stop the first night."""
    old = load_dpia(EXAMPLE)
    early, other = old.flows
    few = early.schedule.model_copy(update={"max_first_seen_subjects": 2, "max_rows": 5})
    moved = early.model_copy(update={"to": early.to.model_copy(update={"party": "hub"}), "schedule": few})
    new = old.model_copy(update={"flows": [moved, other]})
    both = needs([PERMITTED] * 5, ["A"] * 5)
    from common import clock

    told = Replay(old, new, Summary("run", clock.now(), sample=True, dry_run=True))
    told.tallies = {Way("early_help", "smbc"): tallied(both, {}), Way("early_help", "hub"): tallied({}, both)}
    said = list(sentences(told))
    whom, rows = "3 people, 1 of them under the safety flag", "(5 rows: need_code)"
    stops = f"{STOPS}: 3 people never told of, maxFirstSeenSubjects is 2"
    assert said == [
        f"early_help, to {COUNCIL}: no longer runs",
        f"  {COUNCIL} would no longer be told of {whom}",
        f"  would withdraw need of {whom}, from {COUNCIL} {rows}",
        "early_help, to Support Hub (invented): a new flow",
        f"  {stops}",
        f"  Support Hub (invented) would newly be told of {whom}",
        f"  would newly disclose need of {whom}, to Support Hub (invented) {rows}",
    ]
    flows = to_json(told)["flows"]
    assert [flow["first_night_stops"] for flow in flows] == [[], [stops]]
    assert [(flow["recipient"]["name"], flow["runs"]) for flow in flows] == [
        (COUNCIL, {"before": True, "after": False}),
        ("Support Hub (invented)", {"before": False, "after": True}),
    ]

"""What a replay counts, on a handful of rows: each change once, its people once, who is in danger."""

from typing import Any

import polars as pl
import pytest

from common import clock
from sharing import Dpia, load_dpia
from sync.replay import sentences, to_json
from sync.replay.both import Replay
from sync.replay.counting import WITHIN, Change, Count, Tally, Who
from sync.replay.side import Way
from sync.replay.telling import STOPS, UNTOLD
from sync.summary import Summary
from tests.unit.sharing.records import EXAMPLE

COUNCIL = "Stockport Metropolitan Borough Council"
PERMITTED, HELD, WITHHELD = 0, 1, 2
NEWLY = Change.NEWLY.value
FEWER = ((0, 0), (1, 0), (1, 1), (7, 3), (7, 7))
HIDDEN = {"rows": 8, "people": 8, "flagged": None, "fewer_than": 8}
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


def test_what_a_register_in_doubt_held_and_would_now_take_back_is_told_as_withdrawn() -> None:
    """From HOLD to WITHHOLD on a night on which the register is too old; what a check held was never said."""
    because = ["register:court_order", "register:court_order", "check:PER-01", "", "register:court_order"]
    held = needs([HELD, HELD, HELD, PERMITTED, HELD], ["A"] * 5, _reason=because)
    withheld = needs([WITHHELD] * 3 + [PERMITTED, WITHHELD], ["A"] * 5, _reason=because)
    tally = tallied(held, withheld)
    assert numbers(tally) == {("no_longer_disclosed", ""): (3, 1, 0)}
    assert (tally.people[Change.GONE].people, tally.people[Change.NEWLY].people) == (1, 0)
    still = tallied(held, held)
    assert (numbers(still), still.people[Change.GONE].people) == ({}, 0)
    assert numbers(tallied(withheld, held)) == {}, "what was not sent cannot stay"


def test_another_recipient_of_the_same_flow_is_another_way_and_is_told_by_name() -> None:
    """All of it is new to one and withdrawn from the other; the new schedule would stop the first night."""
    old = load_dpia(EXAMPLE)
    early, *others = old.flows
    few = early.schedule.model_copy(update={"max_first_seen_subjects": 2, "max_rows": 5})
    moved = early.model_copy(update={"to": early.to.model_copy(update={"party": "hub"}), "schedule": few})
    new = old.model_copy(update={"flows": [moved, *others]})
    told = replayed(old, new, {Way("early_help", "smbc"): (20, 9), Way("early_help", "hub"): (-20, 9)})
    said = list(sentences(told))
    whom, rows = "20 people, 9 of them under the safety flag", "(20 rows: need_code)"
    stops = f"{STOPS}: 20 people never told of, maxFirstSeenSubjects is 2"
    assert said == [
        f"early_help, to {COUNCIL}: no longer runs",
        f"  {COUNCIL} would no longer be told of {whom}",
        f"  would withdraw need of {whom}, from {COUNCIL} {rows}",
        "early_help, to Support Hub (invented): a new flow",
        f"  {STOPS}: 20 rows, maxRows is 5",
        f"  {stops}",
        f"  Support Hub (invented) would newly be told of {whom}",
        f"  would newly disclose need of {whom}, to Support Hub (invented) {rows}",
    ]
    flows = to_json(told)["flows"]
    assert [flow["first_night_stops"] for flow in flows] == [
        [],
        [f"{STOPS}: 20 rows, maxRows is 5", stops],
    ]
    assert [(flow["recipient"]["name"], flow["runs"]) for flow in flows] == [
        (COUNCIL, {"before": True, "after": False}),
        ("Support Hub (invented)", {"before": False, "after": True}),
    ]


def replayed(old: Dpia, new: Dpia, ways: dict[Way, tuple[int, int]]) -> Replay:
    """Return a replay: per way how many people's needs come (less than 0) or go, how many flagged."""
    told = Replay(old, new, Summary("run", clock.now(), sample=True, dry_run=True), flagged=(40, 41))
    for way, (people, flagged) in ways.items():
        number = abs(people)
        whose = pl.Series("who", range(number), dtype=pl.UInt64)
        table = pl.DataFrame(
            {"_fate": [PERMITTED] * number, "need_code": ["A"] * number},
            schema={"_fate": pl.UInt8, "need_code": pl.String},
        )
        sides = ({"need": table}, {}) if people > 0 else ({}, {"need": table})
        told.tallies[way] = Tally()
        told.tallies[way].take(*sides, Who({"need": whose}, whose.head(flagged)))
    return told


@pytest.mark.parametrize("newly", [True, False])
def test_a_guess_about_one_person_is_answered_alike_whether_they_are_there_or_not(newly: bool) -> None:
    """Of 0 to 7 people the same is said, in words and as JSON, flagged or not, and by no tripwire either."""
    old = load_dpia(EXAMPLE)
    early, *others = old.flows
    none = early.schedule.model_copy(update={"max_first_seen_subjects": 0, "max_rows": 0})
    new = old.model_copy(update={"flows": [early.model_copy(update={"schedule": none}), *others]})
    way, sign = Way("early_help", "smbc"), -1 if newly else 1
    told = [replayed(old, new, {way: (sign * people, flagged)}) for people, flagged in FEWER]
    party = next(one.name for one in old.parties if one.id == "smbc")
    nothing = (f"early_help, to {party}", f"  {UNTOLD}")
    assert {tuple(sentences(one)) for one in told} == {nothing}
    same = to_json(told[0])
    assert all(to_json(one) == same for one in told)
    assert same["flagged"] == {"before": 40, "after": None, "fewer_than": 8}
    assert same["flows"][0]["people"][NEWLY] == {"people": None, "flagged": None, "fewer_than": 8}
    enough = replayed(old, new, {way: (sign * 8, 0)})
    assert any("8 people, fewer than 8 of them under the safety flag" in line for line in sentences(enough))
    (counts,) = (count for count in to_json(enough)["flows"][0]["entities"]["need"]["records"].values())
    assert {name: counts[name] for name in HIDDEN} == HIDDEN


def test_fewer_people_under_the_flag_than_eight_are_not_counted_out() -> None:
    """None, one and seven of twenty read alike; of eight the number stands."""
    old, way = load_dpia(EXAMPLE), Way("early_help", "smbc")
    said = [list(sentences(replayed(old, old, {way: (20, flagged)}))) for flagged in (0, 1, 7, 8)]
    assert said[0] == said[1] == said[2] != said[3]
    assert said[0]
    assert not [line for line in said[0] if "7" in line or "1 of" in line]


def test_rows_about_nobody_are_counted_however_few() -> None:
    """An organisation is no person: its rows stand with their number, and its people are none."""
    old, way = load_dpia(EXAMPLE), Way("early_help", "smbc")
    told = replayed(old, old, {way: (1, 1)})
    cells = told.tallies[way].cells
    told.tallies[way].cells = {
        ("organisation", *cell[1:]): Count(count.rows) for cell, count in cells.items()
    }
    (line,) = (line for line in sentences(told) if "organisation" in line)
    assert "nobody in particular" in line
    assert "(1 row: need_code)" in line
    (count,) = to_json(told)["flows"][0]["entities"]["organisation"]["records"].values()
    assert (count["rows"], count["people"], count["flagged"]) == (1, 0, 0)

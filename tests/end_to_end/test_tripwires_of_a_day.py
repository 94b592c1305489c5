"""A tripwire that is not walked around: not by several runs of one day, not behind a change of keys."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from common import clock
from sealing import rotation
from sync.council import load_council_side
from sync.summary import FlowSummary, Summary
from tests.nights import NightSite

FLOW = "early_help"
AGREED = "{frequency: P1D, maxRows: 200000, maxFirstSeenSubjects: 20000}"
EARLY = date(2022, 6, 1)
NAMES = "preferred_name:           {action: disclose"
"""A field of every person; without it each of them is another row to the recipient."""


def agree(night: NightSite, most: int) -> None:
    """Let the assessment allow so many rows a night, and share less of every person."""
    night.edit_dpia(AGREED, AGREED.replace("200000", str(most)))
    night.edit_dpia(NAMES, NAMES.replace("disclose", "drop"))


def flow_of(summary: Summary) -> FlowSummary:
    """Return what the run says of the flow."""
    return next(flow for flow in summary.flows if flow.flow == FLOW)


def released(summary: Summary) -> int:
    """Return how many rows of the flow the run sent, or would have."""
    flow = flow_of(summary)
    return sum(counts["released"] for counts in flow.entities.values())


def words(summary: Summary) -> str:
    """Return in one line why the flow stopped; nothing, if it did not."""
    error = flow_of(summary).error
    return " ".join(str(error).split()) if error else ""


def day(night: NightSite) -> dict[str, Any]:
    """Return what the flow's chain says of the day."""
    path = night.site.var / "state" / "chain" / f"{FLOW}.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))["day"])


@pytest.fixture
def next_day() -> Iterator[None]:
    """Hold the clock at the day after the first load, whose rows are a day's of their own."""
    with clock.frozen(clock.now() + timedelta(days=1)):
        yield


pytestmark = pytest.mark.usefixtures("next_day")


def by_size(night: NightSite) -> list[tuple[str, int]]:
    """Return the sources and of how many people each has told the recipient, the fewest first."""
    counted = "select source_system, count(*) from early_help.person group by all order by 2, 1"
    return [(str(source), int(number)) for source, number in night.query(counted)]


def test_sources_taken_one_by_one_are_one_night_to_the_tripwire(night: NightSite) -> None:
    """What would stop as a whole stops in parts, by what each run adds; a name lets one run through.

    What the name let through is set apart: it does not use up what the limit leaves of the day.
    """
    (least, few), *_, (most, many) = by_size(night)
    assert 1 < few < many
    agree(night, many)
    assert words(night.night(sources=(least,))) == ""
    assert day(night) == {"on": str(clock.today()), "rows": few, "people": 0}
    said = f"{many} rows, {few + many} with the {few} of earlier runs this day, and the assessment"
    assert f"{said} allows {many} a night (maxRows)" in words(night.night(sources=(most,)))
    assert words(night.night(sources=(most,), accept_volume="Jane Example, DPO")) == ""
    assert day(night)["rows"] == few, "a name answers for what it let through"


def test_records_taken_by_their_dates_are_one_night_to_the_tripwire(night: NightSite) -> None:
    """Windows of days are added up like sources: the rest no longer goes on the day of the first."""
    agree(night, 199999)
    assert words(night.night(since=EARLY)) == ""
    number = day(night)["rows"]
    night.edit_dpia("maxRows: 199999,", f"maxRows: {number},")
    met = re.search(r"(\d+) rows, \d+ with the (\d+) of", words(night.night(until=EARLY - timedelta(days=1))))
    assert met
    assert 0 < int(met[1]) <= number == int(met[2])


def test_a_change_of_keys_hides_no_other_change(night: NightSite) -> None:
    """The night that changes every key and shares otherwise counts every row that shows something else.

    Where a new assessment shows of every row what the last one did, the change of keys counts nothing.
    """
    agree(night, 1)
    changed = sum(number for _, number in by_size(night))
    rotation.rotate(f"pseudonym-{FLOW}", night.site.keys.private)
    assert f"{changed} rows, and the assessment allows 1 a night (maxRows)" in words(night.night())
    night.edit_dpia(NAMES.replace("disclose", "drop"), NAMES)
    alone = night.night()
    assert (words(alone), flow_of(alone).rekeyed["to"]) == ("", 2)
    assert released(alone) > changed
    assert day(night) == {"on": str(clock.today()), "rows": 0, "people": 0}


def test_a_batch_that_waits_for_its_receipt_counts_once_it_has_it(night: NightSite) -> None:
    """The day's total is sealed with the batch: the run that collects the receipt adds to it."""
    settings = night.folder / "site.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("council_side: embedded", "council_side: elsewhere"), encoding="utf-8")
    (least, few), *_, (most, _) = by_size(night)
    agree(night, few)
    assert flow_of(night.night(sources=(least,))).state == "delivered"
    load_council_side(night.site)
    assert f"with the {few} of earlier runs this day" in words(night.night(sources=(most,)))

"""A lot that one provider has alone, and a change beyond a high threshold, are known to lie in another."""

from datetime import date
from pathlib import Path

from feed.disclosure.shapes import structure_of
from feed.facts import facts_of
from feed.model import Area
from feed.periods import parse
from tests.feed_rows import write_rows

DAY, LATER = date(2022, 5, 2), date(2022, 6, 9)


def test_what_lies_in_what_is_seen_in_the_rows(tmp_path: Path) -> None:
    """Lot 4 is one provider's and lot 6 is two's; better by nine points is better by three."""
    episodes = [
        {
            "episode_id": "a",
            "lot_code": "L4-CS",
            "source_system": "one",
            "started_on": DAY,
            "ended_on": LATER,
        },
        {
            "episode_id": "b",
            "lot_code": "L6-HS",
            "source_system": "one",
            "started_on": DAY,
            "ended_on": LATER,
        },
        {
            "episode_id": "c",
            "lot_code": "L6-HS",
            "source_system": "two",
            "started_on": DAY,
            "ended_on": LATER,
        },
    ]
    forms = [
        {"episode_id": episode, "tool": "WEMWBS", "timepoint": point, "completed_on": day, "raw_total": score}
        for episode, change in (("a", 12), ("b", 4), ("c", -1))
        for point, day, score in (("baseline", DAY, 40), ("exit", LATER, 40 + change))
    ]
    warehouse = write_rows(tmp_path / "w.duckdb", {"service_episode": episodes, "outcome_measure": forms})
    with facts_of(warehouse, Area()) as facts:
        nested = structure_of(facts, parse("2022-23-Q1")).nested
    found = set(nested.select("child_breakdown", "child", "parent").iter_rows())
    assert ("lot", "L4-CS", "one") in found
    assert ("lot", "L6-HS", "one") not in found
    assert ("wemwbs_by_9", "better", "better") in found
    assert ("wemwbs_by_9", "between", "between") not in found

"""The known flaws of references: on two rows that differ, or on none. They sit on extra rows."""

from dataclasses import replace

from demo.flaws.extra import (
    AFTER,
    Ground,
    any_received,
    extra_person,
    extra_referral,
    late_referral,
    met_once,
)
from demo.flaws.planting import HOLD, PERSON, Flaw, Planter
from demo.people import Row

HUB, COMMUNITY, ABUSE = "hub", "community_support", "domestic_abuse_support"


def plant_repeated(ground: Ground) -> None:
    """Plant what is exported twice with different content, and rows without a reference."""
    for source, count in ((HUB, 2), (COMMUNITY, 1)):
        for _ in range(count):
            _person_twice(ground, ground.planters[source])
            _referral_twice(ground, ground.planters[source])
    for source, count in ((HUB, 2), (COMMUNITY, 1), (ABUSE, 1)):
        for _ in range(count):
            _need_twice(ground, ground.planters[source])
    for source in (HUB, COMMUNITY):
        _row_without_reference(ground, ground.planters[source])


def _again(planter: Planter, export: str, row: Row, cells: Row) -> None:
    """Add the row a second time, with other content."""
    planter.book.tables[export].append(row | cells)


def _person_twice(ground: Ground, planter: Planter) -> None:
    received = any_received(planter)
    identity = replace(ground.stranger(), nhs_number="", number_status="")
    row = planter.person(extra_person(planter, identity, received))
    _again(planter, "people", row, {"Known As": "", "Main Language": "Welsh"})
    planter.note("person", row[PERSON], "PER-12", "person_id", HOLD)


def _referral_twice(ground: Ground, planter: Planter) -> None:
    received = any_received(planter)
    person = extra_person(planter, ground.stranger(), received)
    referral = extra_referral(planter, person, received)
    met_once(planter, referral, received)
    _again(planter, "referrals", referral, {"Priority": "Urgent"})
    planter.note("referral", referral["Diary Reference Number"], "REF-02", "referral_id", HOLD)


def _need_twice(ground: Ground, planter: Planter) -> None:
    row = planter.book.need(late_referral(ground, planter), "HW.WGT", AFTER, primary=False)
    _again(planter, "needs", row, {"Need": "HW.SMK"})
    planter.note("need", row["Need ID"], "ENT-01", "need_id", HOLD)


def _row_without_reference(ground: Ground, planter: Planter) -> None:
    """Plant MAP-02: the row is named by its place in the export, which the last step fills in."""
    received = any_received(planter)
    person = extra_person(planter, ground.stranger(), received)
    row = planter.book.risk(person, "Lone working", received.day)
    row["Risk ID"] = ""
    place = planter.book.tables["risks"].index(row) + 1
    planter.flaws.append(Flaw(planter.book.source, "risk", f"row {place}", "MAP-02", "reference", HOLD))

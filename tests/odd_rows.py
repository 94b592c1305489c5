"""Rows of which much hangs on the wrong thing: work of other people, links across people, any parents."""

from datetime import timedelta
from random import Random
from typing import Any

from tests.feed_wellbeing_made import WellbeingMaker


def odd_tables(seed: int, referrals: int) -> dict[str, list[dict[str, Any]]]:
    """Return made-up tables by entity; one in seven keys leads elsewhere, to nobody, or to a stranger."""
    made = WellbeingMaker(seed, referrals).tables()
    tables = {entity: [dict(row) for row in rows] for entity, rows in made.items()}
    draw = Random(seed)
    people = [row["person_id"] for row in tables["person"]]
    cases = [row["referral_id"] for row in tables["referral"] if row.get("referral_id")]
    tables["contact"] = [_contact(draw, row) for row in tables["referral"] for _ in range(draw.randrange(3))]
    for entity in sorted(set(tables) - {"person"}):
        strangers = [f"stranger {number}" for number in range(len(people) // 8)]
        _lead_elsewhere(draw, tables[entity], "person_id", [None, *people, *strangers])
        if entity != "referral":
            _lead_elsewhere(draw, tables[entity], "referral_id", [None, *cases])
    for row in tables["outcome_measure"]:
        if draw.random() < 0.3:
            row["person_id"], row["referral_id"] = None, None
    for row in tables["person"]:
        if draw.random() < 0.2:
            row["linked_person_id"] = draw.choice(people)
    tables["person"] += [{**row, "linked_person_id": draw.choice(people)} for row in tables["person"][::9]]
    for row in tables["referral"]:
        if draw.random() < 0.2:
            row["parent_referral_id"] = draw.choice(cases)
    return tables


def _lead_elsewhere(draw: Random, rows: list[dict[str, Any]], key: str, others: list[str | None]) -> None:
    for row in rows:
        if key in row and draw.random() < 0.15:
            row[key] = draw.choice(others)


def _contact(draw: Random, referral: dict[str, Any]) -> dict[str, Any]:
    came = referral["received_on"]
    return {
        "referral_id": referral.get("referral_id"),
        "contact_on": came and came + timedelta(draw.randrange(40)),
        "is_administrative": draw.choice([False, False, True]),
        "attendance": draw.choice(["5", "5", "7", None]),
    }

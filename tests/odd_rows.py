"""Rows of which much hangs on the wrong thing: work of other people, links across people, any parents."""

from random import Random
from typing import Any

from tests.feed_made import Maker


def odd_tables(seed: int, referrals: int) -> dict[str, list[dict[str, Any]]]:
    """Return made-up tables by entity; one in seven keys leads elsewhere, to nobody, or to a stranger."""
    tables = Maker(seed, referrals).tables()
    draw = Random(seed)
    people = [row["person_id"] for row in tables["person"]]
    cases = [row["referral_id"] for row in tables["referral"] if row.get("referral_id")]
    for entity, rows in tables.items():
        for row in rows:
            if "person_id" in row and entity != "person" and draw.random() < 0.15:
                row["person_id"] = draw.choice([None, *people, f"stranger {draw.randrange(9)}"])
            if "referral_id" in row and entity != "referral" and draw.random() < 0.15:
                row["referral_id"] = draw.choice([None, *cases])
    for row in tables["person"]:
        if draw.random() < 0.2:
            row["linked_person_id"] = draw.choice(people)
    for row in tables["referral"]:
        if draw.random() < 0.2:
            row["parent_referral_id"] = draw.choice(cases)
    return tables

"""Money that people gained with a service's help, as facts: an outcome on the day the money was awarded."""

from feed.fact import PERSON, Fact
from feed.hub_facts import of_work, splits_of_work

GAINED = "u.money_gained_gbp > 0"
ARREARS = "u.arrears_obtained_gbp > 0"

AWARD_FACTS = [
    Fact(
        "award",
        "Outcomes with money gained or arrears obtained for somebody, on the day they were awarded.",
        rows=of_work("all_outcome", "u"),
        where=f"({GAINED} OR {ARREARS})",
        day="u.awarded_on",
        person=PERSON.format(of="u"),
        splits=splits_of_work("u"),
        told_by={"provider": "outcome.source_system"},
        values={
            "gained_gbp": f"CASE WHEN {GAINED} THEN u.money_gained_gbp END",
            "arrears_gbp": f"CASE WHEN {ARREARS} THEN u.arrears_obtained_gbp END",
        },
        uses={"outcome": ("awarded_on", "money_gained_gbp", "arrears_obtained_gbp")},
    ),
]

"""The hub's referrals stand in the tables of all services too: by its lot, and by its name as a provider."""

from collections.abc import Iterable, Iterator

from feed.declared import Count
from feed.disclosure.structure import CellOf
from feed.fact import LOTS
from feed.facts import FACTS, Facts
from feed.periods import Period

HUB = "hub_referral"
WIDER = ("case", "service_referral")
"""Facts whose rows are referrals too, the hub's among them; r is the referral in each."""
PROVIDER = f"r.source_system = '{{}}' AND NOT coalesce(list_contains({LOTS}, r.lot_code), false)"
LOT = "r.lot_code = '{}'"


def cells_of_hub(facts: Facts, period: Period, counts: Iterable[Count]) -> dict[str, tuple[CellOf, ...]]:
    """Return by count of the hub's referrals the cells that its total is too, in tables of all services.

    Only where the rows of the period say so: all of the cell's rows are the hub's, and all of the hub's its.
    """
    every = list(counts)
    same = list(_same_rows(facts, period))
    return {
        mine.id: tuple(
            CellOf(other.id, breakdown, category)
            for fact, breakdown, category in same
            for other in every
            if other.fact == fact and breakdown in other.breakdowns and _alike(mine, other)
        )
        for mine in every
        if mine.fact == HUB and not mine.organisations
    }


def _alike(one: Count, other: Count) -> bool:
    return (one.of, one.where.split()) == (other.of, other.where.split())


def _same_rows(facts: Facts, period: Period) -> Iterator[tuple[str, str, str]]:
    """Yield fact, breakdown and category of the cells whose rows are the hub's and no others."""
    cells = [("lot", lot, LOT) for lot in facts.area.hub_lots]
    cells.append(("provider", facts.area.hub_source, PROVIDER))
    for fact in WIDER:
        for breakdown, category, condition in cells:
            cell = condition.format(category.replace("'", "''"))
            theirs = f"coalesce(({FACTS[fact].where}) AND {cell}, false)"
            ((others,),) = facts.rows(
                f"SELECT count(*) FROM every_referral r WHERE r.received_on BETWEEN DATE '{period.start}' "
                f"AND DATE '{period.end}' AND coalesce(({FACTS[HUB].where}), false) <> {theirs}"
            )
            if others == 0:
                yield fact, breakdown, category

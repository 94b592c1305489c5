"""The structure of what is declared: which counts are the same, part of one another, or add up."""

from collections.abc import Iterator

import polars as pl

from feed.availability import KNOWN_SUFFIX, with_completeness
from feed.declared import Count, Declarations, declarations
from feed.disclosure.structure import CellOf, CountShape, Structure, nested_areas
from feed.facts import FACTS, Facts
from feed.periods import Period

WITHIN = (
    ("lsoa21", "ward"),
    ("lsoa21", "neighbourhood"),
    ("lsoa21", "imd_decile"),
    ("lsoa21", "area_kind"),
    ("ward", "neighbourhood"),
    ("ward", "area_kind"),
    ("neighbourhood", "area_kind"),
    ("imd_decile", "area_kind"),
    ("closure_reason", "cld_outcome"),
    ("closure_reason", "escalation"),
    ("lot", "provider"),
    ("wemwbs_by_9", "wemwbs_by_3"),
    ("swemwbs_by_3", "swemwbs_by_2"),
    ("swemwbs_by_2", "swemwbs_by_1"),
)
"""Which areas may lie in which, reasons in outcomes, lots in providers, and changes beyond a threshold in
those beyond a lower one; whether each does, the rows tell."""


def structure_of(facts: Facts, period: Period, declared: Declarations | None = None) -> Structure:
    """Return how the counts of a period hang together, as they are declared and as the rows lie in areas."""
    counts = with_completeness(declared or declarations())
    return Structure(
        tuple(shape_of(count, counts) for count in counts.values()),
        nested_areas(_seen_in(facts, period)),
        tuple(_at_most(list(counts.values()))),
    )


def shape_of(count: Count, counts: dict[str, Count]) -> CountShape:
    """Return the shape of a count. It is without its part only where both count the same kind of thing."""
    whole = counts.get(count.part_of or "")
    return CountShape(
        id=count.id,
        additive=count.additive,
        at_the_end=FACTS[count.fact].is_state,
        part_of=whole.id if whole and whole.of == count.of else None,
        is_cell=CellOf(**count.is_cell.model_dump()) if count.is_cell else None,
        without_cell=CellOf(**count.without_cell.model_dump()) if count.without_cell else None,
        same_as="\x1f".join((count.fact, " ".join(count.where.split()), count.of)),
        sensitive=count.sensitive,
        organisations=count.organisations,
        supports=KNOWN_SUFFIX in count.id,
    )


def _at_most(counts: list[Count]) -> Iterator[tuple[str, str]]:
    """Yield the counts of different things with the count of the rows they are counted among."""
    for few in counts:
        if few.of != "rows" and not few.organisations:
            for many in counts:
                if many.of == "rows" and (many.fact, many.where) == (few.fact, few.where):
                    yield few.id, many.id


def _seen_in(facts: Facts, period: Period) -> Iterator[pl.DataFrame]:
    """Yield which areas the rows of the period lie in together."""
    for fact in FACTS.values():
        for child, parent in WITHIN:
            if child in fact.splits and parent in fact.splits:
                yield facts.frame(
                    f"SELECT DISTINCT '{child}' AS child_breakdown, {child}::VARCHAR AS child, "
                    f"'{parent}' AS parent_breakdown, {parent}::VARCHAR AS parent FROM fact_{fact.name} "
                    f"WHERE day BETWEEN DATE '{period.start}' AND DATE '{period.end}'"
                )

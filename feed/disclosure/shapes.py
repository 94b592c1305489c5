"""The structure of what is declared: which counts are the same, part of one another, or add up."""

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from feed.availability import KNOWN_SUFFIX, with_completeness
from feed.declared import Count, Declarations, declarations
from feed.dimensions import dimension
from feed.disclosure.hub import cells_of_hub
from feed.disclosure.structure import CellOf, CountShape, Structure, nested_areas
from feed.facts import FACTS, Facts
from feed.periods import Period
from feed.together import together_in


def structure_of(
    facts: Facts,
    period: Period,
    declared: Declarations | None = None,
    together: pl.DataFrame | None = None,
) -> Structure:
    """Return how the counts of a period hang together, as they are declared and as the rows lie in areas.

    Given: which categories the rows have together, where that was seen already.
    """
    declared = declared or declarations()
    counts = with_completeness(declared)
    also = cells_of_hub(facts, period, counts.values())
    return Structure(
        tuple(replace(shape_of(count, counts), is_also=also.get(count.id, ())) for count in counts.values()),
        nested_areas(_seen_in(facts, period) if together is None else [together]),
        tuple(_at_most(list(counts.values()))),
        tuple(_always(declared)),
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


def _always(declared: Declarations) -> Iterator[CellOf]:
    """Yield the categories that are told of though nothing be in them."""
    for (name, breakdown), named in declared.named_categories.items():
        yield from (CellOf(name, breakdown, category) for category in sorted(named))
    for count in declared.counts.values():
        for breakdown in count.breakdowns:
            yield from (CellOf(count.id, breakdown, each) for each in sorted(dimension(breakdown).always))


def _seen_in(facts: Facts, period: Period) -> Iterator[pl.DataFrame]:
    """Yield which areas the rows of the period lie in together."""
    for _ in facts.each_part():
        for fact in FACTS.values():
            yield together_in(facts, fact, period)

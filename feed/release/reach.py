"""Which kinds of record can move a published number: those it is counted from, and those it is told with.

A kind of record is put into a period by one day of its own. Where a figure goes by another of its days, as of
a referral that was closed long after it came, records of any day can move it.
"""

import re
from collections.abc import Iterator

from canonical import ENTITIES
from feed.declared import Declarations
from feed.fact import Fact
from feed.facts import FACTS, SHARED
from feed.release.changes import DAY_OF, of_any_day
from feed.release.revisions import MovedBy

PEOPLE = "person"


def reach_of(declared: Declarations) -> MovedBy:
    """Return what tells of a figure and a breakdown which kinds of record can have moved it.

    First those that it is counted and split by; what else its facts are told with is to be asked where none
    of these was touched.
    """
    kpis = {kpi.id: kpi for topic in declared.topics for kpi in topic.kpis}

    def moved_by(figure: str, breakdown: str) -> tuple[frozenset[str], ...]:
        if figure not in kpis:
            return ()
        kpi = kpis[figure]
        counts = [declared.counts[name] for name in kpi.counts]
        facts = [FACTS[count.fact] for count in counts]
        first = {kind for fact in facts for kind in (*_counted(fact), *_split_by(fact, breakdown))}
        first |= {PEOPLE for count in counts if count.of == PEOPLE}
        first |= {of_any_day(entity) for entity in kpi.needs if entity not in first}
        return frozenset(first), frozenset(of_any_day(entity) for fact in facts for entity in _read_by(fact))

    return moved_by


def every_kind() -> tuple[str, ...]:
    """Return every kind of record that can move a figure, of the period's own days and of any day."""
    read = {entity for fact in FACTS.values() for entity in (*_read_by(fact), *fact.uses)}
    return tuple(sorted({*read, *map(of_any_day, read)}))


def _counted(fact: Fact) -> Iterator[str]:
    """Yield the kinds that a fact is counted from, of any day, where it goes by another."""
    for entity in fact.uses:
        yield entity if fact.day.endswith(f".{DAY_OF.get(entity)}") else of_any_day(entity)


def _split_by(fact: Fact, breakdown: str) -> Iterator[str]:
    """Yield the kind that a category is read from, unless it is counted. Whose row it is stays."""
    if breakdown in fact.splits and breakdown != "provider":
        entity = fact.field_of(breakdown).partition(".")[0]
        if entity not in fact.uses:
            yield of_any_day(entity)


def _read_by(fact: Fact) -> frozenset[str]:
    """Return every kind of record that a fact reads, in views that it is told with too."""
    words, told = _words(fact.select()), set[str]()
    while views := (words & SHARED.keys()) - told:
        told |= views
        words |= {word for view in views for word in _words(SHARED[view])}
    return frozenset(entity for entity in ENTITIES if f"all_{entity}" in words)


def _words(sql: str) -> set[str]:
    return set(re.findall(r"\w+", sql))

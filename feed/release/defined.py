"""What the declarations say of figures, tables and records, as a release tells it."""

from feed.declared import Count, Declarations, Kpi, Topic
from feed.dimensions import BOROUGH
from feed.facts import FACTS
from feed.release.words import Definition, Table

GIVEN = {
    "count": ("count",),
    "share": ("percent",),
    "ratio": ("ratio",),
    "distribution": ("count", "percent"),
    "sum": ("sum",),
    "received": ("count",),
    "none": (),
}
"""Which numbers a figure has that declares none of its own."""
OF = {"rows": "rows", "person": "different people"}


def tables_of(declared: Declarations) -> tuple[Table, ...]:
    """Return the tables of figures, in the order in which they are declared."""
    return tuple(Table(topic.topic, topic.title, topic.words) for topic in declared.topics)


def definitions_of(declared: Declarations) -> tuple[Definition, ...]:
    """Return the definition of every figure."""
    return tuple(_definition(declared, topic, kpi) for topic in declared.topics for kpi in topic.kpis)


def entities_of(declared: Declarations) -> dict[str, tuple[str, ...]]:
    """Return the kinds of record that each figure is counted from."""
    return {each.id: each.entities for each in definitions_of(declared)}


def _definition(declared: Declarations, topic: Topic, kpi: Kpi) -> Definition:
    counts = declared.counts
    above, below = (counts[name] if name else None for name in (kpi.numerator or kpi.of, kpi.denominator))
    return Definition(
        id=kpi.id,
        name=kpi.name,
        table=topic.topic,
        kind=kpi.kind,
        unit=kpi.unit,
        rule=" ".join(filter(None, (kpi.rule, kpi.note, kpi.because and f"Not available: {kpi.because}"))),
        numerator=_counted(above) if above else kpi.received or "",
        denominator=_counted(below) if below else "",
        statistics=numbers_of(kpi),
        breakdowns=tuple(name for name in kpi.all_breakdowns if name != BOROUGH),
        rounding=kpi.rounding if kpi.rounding != "none" else "",
        source=kpi.source,
        entities=_entities(declared, kpi),
    )


def numbers_of(kpi: Kpi) -> tuple[str, ...]:
    """Return which numbers a figure has."""
    return kpi.statistics or (("percent",) if kpi.category else GIVEN[kpi.kind])


def _counted(count: Count) -> str:
    """Return what is counted, by the very condition that counts it."""
    what = OF.get(count.of, f"different {count.of}")
    where = f", where {count.where}" if count.where != "true" else ""
    return f"{what} of {count.fact}{where} ({FACTS[count.fact].words.rstrip('.')})"


def _entities(declared: Declarations, kpi: Kpi) -> tuple[str, ...]:
    facts = (FACTS[declared.counts[name].fact].uses for name in kpi.counts)
    return tuple(sorted({entity for needs in (*facts, kpi.needs) for entity in needs}))

"""Which figures the flow allows, and in how much of what they count the field they rest on is known."""

from feed.declared import Cell, Count, Declarations, Kpi
from feed.dimensions import UNKNOWN
from feed.facts import FACTS, Facts

KNOWN_SUFFIX = "__with__"


def missing_fields(facts: Facts, declared: Declarations) -> dict[str, list[str]]:
    """Return by figure the fields that it or its facts need and the flow does not release."""
    found = {}
    for kpi in declared.kpis.values():
        used = [FACTS[declared.counts[name].fact].uses for name in kpi.counts]
        gone = [field for needs in (*used, kpi.needs) for field in facts.missing(needs)]
        if gone:
            found[kpi.id] = list(dict.fromkeys(gone))
    return found


class EmptyFigures:
    """Figures that tell nothing where no row of any day is of them; `found`: those of which none was seen."""

    def __init__(self, declared: Declarations) -> None:
        self.found = {kpi.id: kpi.empty for kpi in declared.kpis.values() if kpi.empty}
        self._declared = declared

    def look(self, facts: Facts) -> None:
        """Look for rows in the part at hand."""
        for name in list(self.found):
            counts = self._declared.kpis[name].counts
            if any(_is_there(facts, self._declared.counts[count]) for count in counts):
                del self.found[name]


def _is_there(facts: Facts, count: Count) -> bool:
    return bool(facts.rows(f"SELECT 1 FROM fact_{count.fact} WHERE {count.where} LIMIT 1"))


def untold_splits(facts: Facts) -> dict[tuple[str, str], str]:
    """Return by fact and split the field that it is read from, where the flow does not release it."""
    return {
        (fact.name, split): fact.field_of(split)
        for fact in FACTS.values()
        for split in fact.splits
        if not facts.tells(fact, split)
    }


def with_completeness(declared: Declarations) -> dict[str, Count]:
    """Return every count that is taken by its id, those included of the rows in which a field is known."""
    found = declared.counts
    for kpi in declared.kpis.values():
        if kpi.completeness:
            known = completeness_count(kpi, declared)
            found.setdefault(known.id, known)
    return found


def completeness_count(kpi: Kpi, declared: Declarations) -> Count:
    """Return the count of the rows in which the figure's field is known. Errors: KeyError without one."""
    if kpi.completeness is None:
        raise KeyError(kpi.id)
    whole = declared.counts[kpi.completeness.of]
    name = kpi.completeness.field
    known = f"{name} <> '{UNKNOWN}'" if name in FACTS[whole.fact].splits else f"{name} IS NOT NULL"
    is_broken_down = whole.of == "rows" and name in whole.breakdowns
    return Count(
        id=f"{whole.id}{KNOWN_SUFFIX}{name}",
        fact=whole.fact,
        where=known if whole.where == "true" else f"({whole.where}) AND {known}",
        part_of=whole.id if whole.of == "rows" else None,
        without_cell=Cell(count=whole.id, breakdown=name, category=UNKNOWN) if is_broken_down else None,
        unit=whole.unit,
        by_month=whole.by_month,
    )

"""What can be wrong with declarations beyond their form: names that lead nowhere, and ids given twice."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from canonical import ENTITIES, spec
from config.problems import Place, Problem, suggest
from feed.facts import FACTS

if TYPE_CHECKING:
    from feed.declared import Count, Kpi, Topic

Read = Sequence[tuple["Topic", Place]]
Counts = dict[str, "Count"]


def problems_of(read: Read) -> Iterator[Problem]:
    """Yield every name of the files that leads nowhere, with its place."""
    counts = {count.id: count for topic, _ in read for count in topic.counts}
    yield from _repeated(read)
    for topic, place in read:
        if topic.topic != place.file.stem:
            yield place.problem(f"topic: the file of this topic is {topic.topic}.yaml.", "topic")
        for at, count in enumerate(topic.counts):
            yield from _of_count(count, counts, place, ("counts", at))
        for at, kpi in enumerate(topic.kpis):
            yield from _of_kpi(kpi, counts, place, ("kpis", at))


def _repeated(read: Read) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for topic, place in read:
        named = [("counts", at, count.id) for at, count in enumerate(topic.counts)]
        named += [("kpis", at, kpi.id) for at, kpi in enumerate(topic.kpis)]
        for kind, at, identity in named:
            if identity in seen:
                yield place.problem(
                    f"id: {identity} is given twice, first in {seen[identity]}.", kind, at, "id"
                )
            seen.setdefault(identity, place.file.name)


def _of_count(count: "Count", counts: Counts, place: Place, at: tuple[str, int]) -> Iterator[Problem]:
    if count.fact not in FACTS:
        yield _nowhere(place, count.fact, FACTS, (*at, "fact"))
        return
    fact = FACTS[count.fact]
    for position, name in enumerate(count.breakdowns):
        if name not in fact.splits:
            yield _nowhere(place, name, fact.splits, (*at, "breakdowns", position))
    known = {"rows", "person", *fact.splits, *fact.values}
    if count.of not in known:
        yield _nowhere(place, count.of, known, (*at, "of"))
    if count.part_of is not None:
        yield from _of_part(count, counts, place, at)
    for part, cell in (("is_cell", count.is_cell), ("without_cell", count.without_cell)):
        whole = counts.get(cell.count) if cell else None
        if cell and (whole is None or cell.breakdown not in whole.breakdowns):
            yield place.problem(f"{part}: no such count, or it has no such breakdown.", *at, part)


def _of_part(count: "Count", counts: Counts, place: Place, at: tuple[str, int]) -> Iterator[Problem]:
    whole = counts.get(count.part_of or "")
    if whole is None or whole.id == count.id:
        yield _nowhere(place, count.part_of or "", counts, (*at, "part_of"))
    elif whole.of != count.of:
        yield place.problem("part_of: a part counts the same as its whole.", *at, "part_of")


def _of_kpi(kpi: "Kpi", counts: Counts, place: Place, at: tuple[str, int]) -> Iterator[Problem]:
    named = {part: getattr(kpi, part) for part in ("numerator", "denominator", "of") if getattr(kpi, part)}
    for part, name in named.items():
        if name not in counts:
            yield _nowhere(place, name, counts, (*at, part))
    used = [counts[name] for name in named.values() if name in counts]
    wanted: list[tuple[tuple[str | int, ...], str]] = [
        (("breakdowns", position), name) for position, name in enumerate(kpi.breakdowns)
    ]
    wanted += [(("breakdown",), kpi.breakdown)] if kpi.breakdown else []
    for path, name in wanted:
        for count in (count for count in used if name not in count.breakdowns):
            yield place.problem(f"{path[0]}: {count.id} has no {name}.", *at, *path)
    if kpi.completeness:
        yield from _of_completeness(kpi, counts, place, at)
    yield from _of_needs(kpi, place, at)


def _of_completeness(kpi: "Kpi", counts: Counts, place: Place, at: tuple[str, int]) -> Iterator[Problem]:
    if kpi.completeness is None or kpi.completeness.of not in counts:
        yield _nowhere(
            place, kpi.completeness.of if kpi.completeness else "", counts, (*at, "completeness", "of")
        )
        return
    fact = FACTS.get(counts[kpi.completeness.of].fact)
    known = {*fact.splits, *fact.values, "person"} if fact else set()
    if fact and kpi.completeness.field not in known:
        yield _nowhere(place, kpi.completeness.field, known, (*at, "completeness", "field"))


def _of_needs(kpi: "Kpi", place: Place, at: tuple[str, int]) -> Iterator[Problem]:
    for entity, fields in kpi.needs.items():
        if entity not in ENTITIES:
            yield _nowhere(place, entity, ENTITIES, (*at, "needs", entity))
            continue
        for position, name in enumerate(fields):
            if name not in spec(entity).fields:
                yield _nowhere(place, name, spec(entity).fields, (*at, "needs", entity, position))


def _nowhere(place: Place, name: str, known: Iterable[str], path: tuple[str | int, ...]) -> Problem:
    key = next(step for step in reversed(path) if isinstance(step, str))
    return place.problem(f"{key}: there is no {name}.{suggest(name, known)}", *path)

"""One content under two names: a portal that repeats a file, or a hand that dropped it twice."""

from collections.abc import Iterable

from canonical import spec
from connectors.source import Export

LONGEST_LINE = 1 << 20


def told_twice(exports: Iterable[Export], entities: dict[str, dict[str, list[str]]]) -> dict[str, str]:
    """Return, per source, where the content of one of its exports stands a second time.

    Given:   every export of the run, and which entities each gives, by source and export.
    Returns: nothing of exports without rows; two sources may share a directory of organisations or services,
             but never rows about people.
    """
    alike: dict[str, list[Export]] = {}
    for export in exports:
        alike.setdefault(export.sha256, []).append(export)
    found: dict[str, str] = {}
    for same in alike.values():
        for export in same:
            others = [other for other in same if other is not export and _may_not_be(export, other, entities)]
            if others and _has_rows(export):
                found[export.source] = f"{export.place}: the same as {others[0].place}."
    return found


def _may_not_be(export: Export, other: Export, entities: dict[str, dict[str, list[str]]]) -> bool:
    given = entities[export.source][export.name]
    return export.source == other.source or any(_about_people(entity) for entity in given)


def _about_people(entity: str) -> bool:
    return entity == "person" or spec(entity).person_field is not None


def _has_rows(export: Export) -> bool:
    with export.open() as stream:
        stream.readline(LONGEST_LINE)
        return bool(stream.read(LONGEST_LINE).strip())

"""What would change, as sentences and as JSON: counts, recipients by name, never a value or a reference.

A change to fewer than FEW people reads like a change to nobody: whoever writes NEW may ask about one person.
"""

from collections.abc import Iterator
from typing import Any

from canonical import ABOUT_NOBODY
from sharing import Dpia
from sync.digests import COUNTED_AS
from sync.replay.both import Replay
from sync.replay.counting import WITHIN, Cell, Change, Count, Tally
from sync.replay.side import Way

FEW = 8
"""Fewer people than this, nobody included, are not counted out: their number would answer a guess."""
UNTOLD = f"nothing that leaves tonight would change for {FEW} people or more; whether for fewer is not told"
ORDER = list(Change)
VERBS = {
    Change.NEWLY: "would newly disclose {what} of {whom} to {party} ({rows})",
    Change.CHANGED: "would change {what} of {whom} for {party} ({rows})",
    Change.HELD: "would hold back {what} of {whom}; what {party} has of it stays ({rows})",
    Change.GONE: "would withdraw {what} of {whom} from {party} ({rows})",
}
STOPS = "the first night would stop until somebody lets it through"
Line = tuple[tuple[Any, ...], str]
Alike = tuple[str, Change, bool, int, int, int]
"""Entity, change, whether records change and not fields, and the three numbers."""


def sentences(told: Replay) -> Iterator[str]:
    """Yield what would change, a line each: per flow, those that touch people under the safety flag first.

    A flow of which nothing is told is named all the same: that, and nothing else, is said of it.
    """
    for way, tally in told.tallies.items():
        lines = sorted([*_about_people(told, way, tally), *_about_fields(told, way, tally)])
        yield f"{way.flow}, to {_party(told, way)}{_comes_or_goes(told, way)}"
        nothing = [] if lines else [UNTOLD]
        told_first = [*_tripwires(told, way, tally), *nothing]
        yield from (f"  {line}" for line in [*told_first, *(line for _, line in lines)])


def _tripwires(told: Replay, way: Way, tally: Tally) -> Iterator[str]:
    """Yield what the new assessment's own schedule would stop the first night for, at the least."""
    if not _runs(told.after, way):
        return
    said = told.after.flow(way.flow).schedule
    rows = sum(
        count.rows for (_, change, name), count in _told(tally).items() if change is Change.NEWLY and not name
    )
    people = tally.people.get(Change.NEWLY, Count()).people
    for number, most, what, word in (
        (rows, said.max_rows, "rows", "maxRows"),
        (people, said.max_first_seen_subjects, "people never told of", "maxFirstSeenSubjects"),
    ):
        if most is not None and number > most and number >= FEW:
            yield f"{STOPS}: {number:,} {what}, {word} is {most:,}"


def _about_people(told: Replay, way: Way, tally: Tally) -> Iterator[Line]:
    for change, count in tally.people.items():
        if count.people >= FEW:
            word = "newly be told of" if change is Change.NEWLY else "no longer be told of"
            rank = (0, -_ranked(count), ORDER.index(change))
            yield rank, f"{_party(told, way)} would {word} {_people(count).removesuffix(',')}"


def _about_fields(told: Replay, way: Way, tally: Tally) -> Iterator[Line]:
    """Yield a line for records that come or go, and for fields of the others; those alike in one."""
    alike: dict[Alike, list[str]] = {}
    for (entity, change, name), count in _told(tally).items():
        if not name.startswith(WITHIN):
            numbers = (count.rows, count.people, _ranked(count))
            alike.setdefault((entity, change, not name, *numbers), []).append(name)
    for (entity, change, of_records, *counted), names in alike.items():
        count = Count(*counted)
        rows = f"{count.rows:,} row{'' if count.rows == 1 else 's'}"
        what = entity if of_records else ", ".join(f"{entity}.{name}" for name in sorted(names))
        held = _fields(tally, entity, change) if of_records else ""
        whom = _people(count) if count.people else "nobody in particular"
        line = VERBS[change].format(what=what, whom=whom, party=_party(told, way), rows=f"{rows}{held}")
        yield (1, -_ranked(count), ORDER.index(change), entity, what), line


def _told(tally: Tally) -> dict[Cell, Count]:
    """Return the counts that may be told: of enough people, or of what is about nobody at all."""
    return {
        cell: count
        for cell, count in tally.cells.items()
        if count.people >= FEW or (cell[0] in ABOUT_NOBODY and not count.people)
    }


def _ranked(count: Count) -> int:
    """Return how many are under the flag, as far as it is told."""
    return count.flagged if count.flagged >= FEW else 0


def _people(count: Count) -> str:
    people = f"{count.people:,} people"
    if count.flagged < FEW:
        return f"{people}, fewer than {FEW} of them under the safety flag,"
    some = "" if count.flagged == count.people else f"{count.flagged:,} of them "
    return f"{people}, {some}under the safety flag,"


def _fields(tally: Tally, entity: str, change: Change) -> str:
    """Return the fields that these records hold, the fullest first."""
    held = {
        name.removeprefix(WITHIN): count.rows
        for (of, how, name), count in _told(tally).items()
        if (of, how) == (entity, change) and name.startswith(WITHIN)
    }
    names = sorted(held, key=lambda name: (-held[name], name))
    return f": {', '.join(names)}" if names else ""


def to_json(told: Replay) -> dict[str, Any]:
    """Return the replay as one JSON object."""
    return {
        "sources": [
            {
                "source": one.source,
                "outcome": one.outcome,
                "extracted_at": one.extracted_at.isoformat() if one.extracted_at else None,
            }
            for one in told.summary.sources
        ],
        "people": told.people,
        "counted_as": COUNTED_AS,
        "flagged": _flagged(*told.flagged),
        "flows": [_flow(told, way, tally) for way, tally in told.tallies.items()],
        "errors": [error.lines() for error in told.errors],
    }


def _flow(told: Replay, way: Way, tally: Tally) -> dict[str, Any]:
    people = {change.value: _counted(count) for change, count in tally.people.items()}
    return {
        "flow": way.flow,
        "recipient": {"party": way.party, "name": _party(told, way)},
        "runs": {"before": _runs(told.before, way), "after": _runs(told.after, way)},
        "people": {change: {n: c[n] for n in c if n != "rows"} for change, c in people.items()},
        "first_night_stops": list(_tripwires(told, way, tally)),
        "entities": _entities(tally),
    }


def _entities(tally: Tally) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for (entity, change, name), count in sorted(_told(tally).items()):
        own = found.setdefault(entity, {"records": {}, "fields": {}})
        if not name:
            own["records"].setdefault(change.value, {}).update(_counted(count))
        elif name.startswith(WITHIN):
            records = own["records"].setdefault(change.value, {})
            records.setdefault("fields", {})[name.removeprefix(WITHIN)] = _counted(count)
        else:
            own["fields"].setdefault(name, {})[change.value] = _counted(count)
    return found


def _counted(count: Count) -> dict[str, int | None]:
    """Return the numbers; null, with the bound beside it, for one that is not told."""
    said: dict[str, int | None] = dict(count.to_json())
    of_nobody = count.rows and not count.people
    hidden = {name: None for name in ("people", "flagged") if said[name] in range(FEW) and not of_nobody}
    return said | hidden | ({"fewer_than": FEW} if hidden else {})


def _flagged(before: int, after: int) -> dict[str, int | None]:
    """Return how many are under the flag before and after; null after, if fewer than FEW lie between."""
    apart = abs(after - before) < FEW
    said = {"before": before if before >= FEW else None, "after": None if apart or after < FEW else after}
    return said | ({"fewer_than": FEW} if None in said.values() else {})


def _runs(dpia: Dpia, way: Way) -> bool:
    return way.flow in dpia.active_flows and dpia.flow(way.flow).to.party == way.party


def _comes_or_goes(told: Replay, way: Way) -> str:
    before, after = _runs(told.before, way), _runs(told.after, way)
    return "" if before and after else ": a new flow" if after else ": no longer runs"


def _party(told: Replay, way: Way) -> str:
    dpia = told.after if _runs(told.after, way) else told.before
    return next(party.name for party in dpia.parties if party.id == way.party)

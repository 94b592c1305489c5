"""Counts that came as counts: of a service whose records never enter the rows that are counted here."""

from collections.abc import Iterator
from dataclasses import replace

from reports.release.columns import spoken_period
from reports.release.pictures import Picture, bars, numbers_of
from reports.release.readings import Reading
from reports.release.told import Told

TABLE = "domestic_abuse"
TITLE = "Domestic abuse support"
CAUTION = "Of the whole borough; counted, and small numbers hidden, before it left the provider."


def counted_apart(told: Told) -> Iterator[Picture]:
    """Yield the counts of the last quarter that came; the table behind has every quarter."""
    came = [each for each in _named(told) if each.shown != "not_available"]
    if came:
        last = max(came, key=lambda each: each.period).period
        now = [each for each in came if each.period == last]
        picture = bars("domestic-abuse", f"{TITLE}, {spoken_period(now[0])}", now)
        table = numbers_of(came, [f"{each.label}, {spoken_period(each)}" for each in came])
        kpis = tuple(dict.fromkeys(each.kpi for each in came))
        rules = tuple(dict.fromkeys(each.note for each in came))
        yield replace(picture, numbers=table, sentence=CAUTION, rule=rules, kpis=kpis, wide=True)


def lacking_apart(told: Told) -> tuple[str, ...]:
    """Return why no such count is there; nothing where one is, or none was ever asked for."""
    rows = told.readings.table(TABLE)
    notes = dict.fromkeys(each.note for each in rows if each.shown == "not_available")
    return tuple(f"{TITLE}: {note[0].lower()}{note[1:]}" for note in notes)


def _named(told: Told) -> Iterator[Reading]:
    """Yield every number of the table under the name of its figure."""
    for each in told.readings.table(TABLE):
        kpi = told.kpi(each.kpi)
        yield replace(each, label=kpi.name if kpi else each.label)

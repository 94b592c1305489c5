"""Counts that came as counts: of a service whose records never enter the commissioners' rows."""

from collections.abc import Iterator
from dataclasses import replace

from reports.release.columns import spoken_period
from reports.release.draws import named as identified
from reports.release.pictures import Picture, bars
from reports.release.readings import Reading
from reports.release.told import Section, Told

TABLE = "domestic_abuse"
TITLE = "Domestic abuse support"
LEAD = (
    "No record of this service is among the rows that the other figures are counted from. These were "
    "counted, and small numbers hidden, before they left the provider: of the whole borough, by quarter."
)


def apart(told: Told) -> Section:
    """Return the part about domestic abuse support; empty where no such count was ever asked for."""
    rows = told.readings.table(TABLE)
    here = [each for each in rows if each.shown != "not_available"]
    why = dict.fromkeys(each.note for each in rows if each not in here)
    lacking = tuple(f"{TITLE}: {note[0].lower()}{note[1:]}" for note in why)
    pictures = tuple(_counts(here))
    return Section("apart", TITLE, LEAD if here else "", pictures=pictures, missing=lacking)


def _counts(readings: list[Reading]) -> Iterator[Picture]:
    """Yield each count by quarter."""
    for kpi in dict.fromkeys(each.kpi for each in readings):
        mine = [each for each in readings if each.kpi == kpi]
        named = [replace(each, label=spoken_period(each)) for each in mine]
        picture = bars(identified(kpi, "quarters"), mine[0].label, named)
        notes = tuple(dict.fromkeys(each.note for each in mine))
        yield replace(picture, sentence="", rule=notes, kpis=(kpi,))

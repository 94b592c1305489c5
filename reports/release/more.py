"""Money gained, how far people's records tell who they are, single services, and what came as counts."""

from collections.abc import Iterator
from dataclasses import replace

from feed.dimensions import ALL, BOROUGH
from reports.release.apart import counted_apart, lacking_apart
from reports.release.columns import spoken_period
from reports.release.draws import tiles
from reports.release.pictures import Picture, bars
from reports.release.told import Section, Told

OF_PEOPLE = ("age", "place", "gender", "employment", "carer", "ethnicity", "disability")
EQUALITY = tuple(f"K28.{name}" for name in OF_PEOPLE)
HEADS = ("K36.people", "K36.awards", "K39.all", "K42")
ELSEWHERE = ("K36.pension_credit", "K37.given", "K38", "K39", "K41", "K42.steps")


def more(told: Told) -> Section:
    """Return the part about money, equality and single services."""
    return Section(
        "more",
        "Money, equality, single services",
        tiles=tiles(map(told.tile, HEADS)),
        pictures=(*_money(told), *_equality(told), *counted_apart(told)),
        missing=(*told.missing(*EQUALITY, *ELSEWHERE), *lacking_apart(told)),
    )


def _money(told: Told) -> Iterator[Picture]:
    """Yield what was gained in each quarter: sums are told of whole quarters alone."""
    readings = told.readings.over(told.readings.period.quarters, "K36", "sum", BOROUGH, ALL)
    if readings:
        named = [replace(each, label=spoken_period(each)) for each in readings]
        yield told.explained(bars("money", "Money gained for people, £", named), "K36")


def _equality(told: Told) -> Iterator[Picture]:
    """Yield for how many people each of their characteristics is recorded."""
    found = [(kpi, told.readings.one(kpi, "percent")) for kpi in EQUALITY]
    there = {kpi: each for kpi, each in found if each and each.shown != "not_available"}
    if there:
        named = [
            replace(
                each, label=kpi.name.rpartition(": ")[2].removeprefix("Whether they have an ").capitalize()
            )
            for name, each in there.items()
            if (kpi := told.kpi(name))
        ]
        picture = bars("equality", "What is recorded of people", named)
        yield replace(told.explained(picture, *there), sentence="", quality=())

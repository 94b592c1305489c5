"""What the commissioner's page shows, part by part: which figure as which picture."""

from collections.abc import Iterator
from dataclasses import replace

from feed.release.contents import Contents
from reports.release.draws import drawn, monthly, split, tiles
from reports.release.more import more
from reports.release.pictures import Picture, bars
from reports.release.quality import quality
from reports.release.rest import rest
from reports.release.services import services
from reports.release.told import Section, Tile, Told
from reports.release.waiting import waits
from reports.release.wellbeing import wellbeing

HEADLINES = ("K01", "K05", "K04", "K08", "K10", "K12")
OF_ORGANISATIONS = {"K08": "K09", "K10": "K11"}
MONTHLY = {
    "K01": "Referrals received",
    "K04": "Advice given",
    "K08": "Signpostings",
    "K10": "Onward referrals",
}
ADVICE = ("K07.econ", "K07.heal", "K07.hous", "K07.soci", "K07.educ")


def sections(told: Told, contents: Contents) -> list[Section]:
    """Return the parts of the page that have anything to tell."""
    data = quality(told, contents.quality_sheet(), contents.breaks)
    parts = [build(told) for build in (_sources, _help, services, wellbeing, waits, _places, more)]
    made = [_months(told), data, *parts]
    return [each for each in (*made, rest(told, made)) if not each.is_empty]


def headlines(told: Told) -> list[Tile]:
    """Return the figures that stand first on the page."""
    return [tile for tile in (_headline(told, name) for name in HEADLINES) if tile]


def _headline(told: Told, kpi: str) -> Tile | None:
    tile, organisations = told.tile(kpi), told.readings.one(OF_ORGANISATIONS.get(kpi, ""))
    if tile is None or organisations is None or organisations.value is None:
        return tile
    return replace(tile, of=f"to {organisations.text} organisations")


def _months(told: Told) -> Section:
    pictures = drawn(told, *(monthly(kpi, title) for kpi, title in MONTHLY.items()))
    lead = "Each has a scale of its own." if len(pictures) > 1 else ""
    return Section("months", "Month by month", lead, pictures=pictures)


def _sources(told: Told) -> Section:
    return Section(
        "sources",
        "Where referrals come from",
        "“Sources” can mean more than one thing, so each meaning is told apart.",
        tiles((told.tile("K03a"), told.tile("K03"), told.tile("K03b", though_missing=True))),
        drawn(
            told,
            split("K27", "source_type", "Referrals by kind of source", largest_first=True),
            split("K02", "age_band", "People referred to the hub, by age"),
            split("K02", "gender", "People referred to the hub, by gender", largest_first=True),
        ),
        tuple(told.missing("K03a", "K03b", "K03c", "K27")),
    )


def _help(told: Told) -> Section:
    """Return what people asked and what they were told."""
    return Section(
        "help",
        "What people need, and what they were advised",
        tiles=tiles((told.tile("K06"), told.tile("K13"), told.tile("K14.soon"))),
        pictures=(
            *drawn(told, split("K26", "need", "What people asked help with", largest_first=True)),
            *_advice(told),
            *drawn(told, split("K19", "triage_outcome", "What triage decided", largest_first=True)),
        ),
        missing=tuple(told.missing("K26", "K07", "K13", "K14")),
    )


def _advice(told: Told) -> Iterator[Picture]:
    shares = told.readings.split("K07", "advice_category", "percent")
    single = [
        replace(found, label=kpi.name.removeprefix("Advice: "))
        for name in ADVICE
        if (found := told.readings.one(name, "percent")) and (kpi := told.kpi(name))
    ]
    if readings := single or shares:
        picture = bars("advice-split", "Advice by category", readings)
        yield told.explained(picture, *(ADVICE[:1] if single else ("K07",)))


def _places(told: Told) -> Section:
    return Section(
        "places",
        "Where people live",
        pictures=drawn(
            told,
            split("K29", "ward", "Referrals by ward", largest_first=True),
            split("K29", "neighbourhood", "Referrals by neighbourhood", largest_first=True),
            split("K29", "imd_decile", "Referrals by tenth of deprivation, 1 the most"),
        ),
        missing=tuple(told.missing("K29")),
    )

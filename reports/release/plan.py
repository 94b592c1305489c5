"""What the commissioner's page shows, part by part: which figure as which picture."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from reports.release.flow import flow
from reports.release.pictures import Picture, bars, columns
from reports.release.told import Section, Tile, Told

Draw = Callable[[Told], Picture | None]
HEADLINES = ("K01", "K05", "K04", "K08", "K10", "K12")
OF_ORGANISATIONS = {"K08": "K09", "K10": "K11"}
MONTHLY = {
    "K01": "Referrals received",
    "K04": "Advice given",
    "K08": "Signpostings",
    "K10": "Onward referrals",
}
ADVICE = ("K07.econ", "K07.heal", "K07.hous", "K07.soci", "K07.educ")


def sections(told: Told) -> list[Section]:
    """Return the parts of the page that have anything to tell."""
    made = (build(told) for build in (_months, _sources, _help, _onward, _places))
    return [section for section in made if not section.is_empty]


def headlines(told: Told) -> list[Tile]:
    """Return the figures that stand first on the page."""
    return [tile for tile in (_headline(told, name) for name in HEADLINES) if tile]


def _headline(told: Told, kpi: str) -> Tile | None:
    tile, organisations = told.tile(kpi), told.readings.one(OF_ORGANISATIONS.get(kpi, ""))
    if tile is None or organisations is None or organisations.value is None:
        return tile
    return replace(tile, of=f"to {organisations.text} organisations")


def split(
    kpi: str, breakdown: str, title: str, statistic: str = "count", *, largest_first: bool = False
) -> Draw:
    """Return what draws a figure over the categories of a breakdown as bars."""

    def draw(told: Told) -> Picture | None:
        readings = told.readings.split(kpi, breakdown, statistic)
        if not readings:
            return None
        picture = bars(
            f"{kpi}-{breakdown}".lower().replace(".", "-"), title, readings, largest_first=largest_first
        )
        return told.explained(picture, kpi)

    return draw


def monthly(kpi: str, title: str, statistic: str = "count") -> Draw:
    """Return what draws a figure month by month as columns."""

    def draw(told: Told) -> Picture | None:
        readings = told.readings.series(kpi, statistic)
        made = columns(f"{kpi}-months".lower(), title, readings) if len(readings) > 1 else None
        return told.explained(made, kpi) if made else None

    return draw


def _drawn(told: Told, *draws: Draw) -> tuple[Picture, ...]:
    return tuple(picture for draw in draws if (picture := draw(told)))


def _tiles(tiles: Iterable[Tile | None]) -> tuple[Tile, ...]:
    return tuple(tile for tile in tiles if tile)


def _months(told: Told) -> Section:
    pictures = _drawn(told, *(monthly(kpi, title) for kpi, title in MONTHLY.items()))
    lead = "Each has a scale of its own." if len(pictures) > 1 else ""
    return Section("months", "Month by month", lead, pictures=pictures)


def _sources(told: Told) -> Section:
    return Section(
        "sources",
        "Where referrals come from",
        "“Sources” can mean two things, so both are told.",
        _tiles((told.tile("K03a"), told.tile("K03b"))),
        _drawn(
            told,
            split("K27", "source_type", "Referrals by kind of source", largest_first=True),
            split("K02", "age_band", "People referred to the hub, by age"),
        ),
        tuple(told.missing("K03a", "K03b", "K27")),
    )


def _help(told: Told) -> Section:
    """Return what people asked and what they were told."""
    return Section(
        "help",
        "What people need, and what they were advised",
        tiles=_tiles((told.tile("K06"), told.tile("K13"), told.tile("K14.soon"))),
        pictures=(
            *_drawn(told, split("K26", "need", "What people asked help with", largest_first=True)),
            *_advice_pictures(told),
        ),
        missing=tuple(told.missing("K26", "K07", "K13", "K14")),
    )


def _advice_pictures(told: Told) -> Iterator[Picture]:
    shares = told.readings.split("K07", "advice_category", "percent")
    single = [
        replace(found, label=kpi.name.removeprefix("Advice: "))
        for name in ADVICE
        if (found := told.readings.one(name, "percent")) and (kpi := told.kpi(name))
    ]
    if readings := shares or single:
        yield told.explained(
            bars("advice-split", "Advice by category", readings), "K07" if shares else ADVICE[0]
        )


def _onward(told: Told) -> Section:
    passed = told.readings.split("K12b", "to_lot")
    pictures = (
        (
            told.explained(
                flow("flow", "Onward referrals from the hub to the services", "Hub", passed), "K12b"
            ),
        )
        if passed
        else ()
    )
    return Section(
        "onward", "From the hub to the services", pictures=pictures, missing=tuple(told.missing("K12b"))
    )


def _places(told: Told) -> Section:
    return Section(
        "places",
        "Where people live",
        pictures=_drawn(
            told,
            split("K29", "ward", "Referrals by ward", largest_first=True),
            split("K29", "neighbourhood", "Referrals by neighbourhood", largest_first=True),
            split("K29", "imd_decile", "Referrals by deprivation (tenths of England, 1 most deprived)"),
        ),
        missing=tuple(told.missing("K29")),
    )

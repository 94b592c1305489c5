"""How long people waited, and who waits still: waits that are over beside those that are not."""

from collections.abc import Iterator

from reports.release.draws import drawn, named, pairs, split, tiles
from reports.release.pictures import Picture
from reports.release.told import Section, Told

CLOCKS = {
    "K15": "First response, the service’s clock",
    "K15.hub": "First response, the hub’s clock",
    "K16": "First service, the service’s clock",
    "K16.hub": "First service, the hub’s clock",
}
HALF, MOST = "Half waited at most", "Nine in ten waited at most"
LEAD = "Waits that are over tell nothing of those who wait still: both stand here, in calendar days."
STILL = "Who waits still on the last day, by days waited so far"
HEADS = ("K15.within30", "K16.within30", "K16.eight", "K17")


def waits(told: Told) -> Section:
    """Return the part about waiting."""
    still = drawn(told, split("K17.bands", "wait_band", STILL))
    return Section(
        "waits",
        "How long people wait",
        LEAD,
        tiles(map(told.tile, HEADS)),
        (*_clocks(told), *still, *_services(told)),
        tuple(told.missing("K15", "K16", "K17", "K17.bands")),
    )


def _clocks(told: Told) -> Iterator[Picture]:
    """Yield the waits of the whole borough by both clocks."""
    both = [[told.labelled(kpi, name, words) for name in ("median", "p90")] for kpi, words in CLOCKS.items()]
    known = [(half, most) for half, most in both if half and most]
    if known:
        half, most = (list(each) for each in zip(*known, strict=True))
        picture = pairs("waits-over", "Waits that ended in the period", (HALF, half), (MOST, most))
        yield told.explained(picture, *CLOCKS)


def _services(told: Told) -> Iterator[Picture]:
    half, most = (told.readings.split("K16", "lot", name) for name in ("median", "p90"))
    places = {each.category for each in half} & {each.category for each in most}
    if len(places) > 1:
        both = ([each for each in readings if each.category in places] for readings in (half, most))
        picture = pairs(
            named("K16", "lot"), "Days to first service, by service", (HALF, next(both)), (MOST, next(both))
        )
        yield told.explained(picture, "K16")

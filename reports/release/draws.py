"""How a figure becomes a picture or a headline: what the parts of the page are put together from."""

from collections.abc import Callable, Iterable, Iterator

from feed.dimensions import ALL
from reports.release.columns import columns
from reports.release.pictures import HOLLOW, SOLID, Picture, Series, bars, grouped, with_count
from reports.release.readings import LAST, Reading
from reports.release.told import Tile, Told

Draw = Callable[[Told], Picture | None]


def split(
    kpi: str, breakdown: str, title: str, statistic: str = "count", *, largest_first: bool = False
) -> Draw:
    """Return what draws a figure over the categories of a breakdown as bars."""

    def draw(told: Told) -> Picture | None:
        readings = told.readings.split(kpi, breakdown, statistic)
        if all(each.category in (*LAST, ALL) for each in readings):
            return None
        picture = bars(named(kpi, breakdown), title, readings, largest_first=largest_first)
        return told.explained(picture, kpi)

    return draw


def unrecorded(told: Told, kpi: str, breakdown: str, title: str) -> Iterator[str]:
    """Yield that a picture is missing because nobody records what it splits by."""
    readings = told.readings.split(kpi, breakdown)
    if readings and all(each.category in LAST for each in readings):
        yield f"{title}: not recorded yet."


def monthly(kpi: str, title: str, statistic: str = "count") -> Draw:
    """Return what draws a figure month by month as columns."""

    def draw(told: Told) -> Picture | None:
        readings = told.readings.series(kpi, statistic)
        if len(readings) < 2:
            return None
        return told.explained(columns(named(kpi, "months"), title, readings), kpi)

    return draw


def pairs(
    identity: str, title: str, solid: tuple[str, list[Reading]], hollow: tuple[str, list[Reading]]
) -> Picture:
    """Return bars of two kinds under each label, on one scale."""
    both = ((SOLID, *solid), (HOLLOW, *hollow))
    return grouped(identity, title, [Series(name, css, readings, _plain) for css, name, readings in both])


def _plain(reading: Reading) -> str:
    return with_count(reading) if reading.statistic == "percent" else reading.measured


def drawn(told: Told, *draws: Draw) -> tuple[Picture, ...]:
    """Return the pictures of what is published."""
    return tuple(picture for draw in draws if (picture := draw(told)))


def tiles(made: Iterable[Tile | None]) -> tuple[Tile, ...]:
    """Return the headlines of what is published."""
    return tuple(tile for tile in made if tile)


def named(kpi: str, of: str) -> str:
    """Return the name of a picture within its page."""
    return f"{kpi}-{of}".lower().replace(".", "-").replace("_", "-")

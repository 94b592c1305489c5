"""A provider's page of contract monitoring: own figures, what was agreed, and what would change them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from feed.periods import Period, month_of, quarter_of
from reports.monitoring.gaps import completeness, gaps
from reports.monitoring.lines import ONE_DAY, Line, lines, unknown_targets
from reports.monitoring.reading import PROVIDER, Monitored
from reports.pages import render
from reports.release.columns import Level, columns
from reports.release.draws import named
from reports.release.page import SHEETS
from reports.release.pictures import Numbers, Picture
from reports.release.readings import Readings
from reports.release.told import Tile, Told

HEADS = ("K01.services", "K15.within30", "K16.within30", "K17")
ALWAYS = ("K01.services", "K21", "K17")
QUARTERS, MONTHS = 8, 12
AGREED = ("", "This quarter", "Agreed", "Result")
HEADER = ("", "This quarter", "Quarter before", "All services")


@dataclass(frozen=True)
class OfSource:
    """What one of the provider's systems told: a provider has more than one only where it says so."""

    name: str
    tiles: tuple[Tile, ...]
    agreed: Numbers
    tables: tuple[tuple[str, Numbers], ...]
    untold: tuple[str, ...]
    pictures: tuple[Picture, ...]
    met: int
    judged: int
    unknown: tuple[str, ...]


def monitoring_page(monitored: Monitored) -> bytes:
    """Return the page of one provider and quarter."""
    sources = [_of_source(monitored, source) for source in monitored.sources]
    return render(
        "monitoring.html",
        sheets=SHEETS,
        site=monitored.site,
        sample=monitored.sample,
        monitored=monitored,
        sources=[each for each in sources if each.tables],
        completeness=list(completeness(monitored)),
        gaps=gaps(monitored),
        header=HEADER,
    )


def _of_source(monitored: Monitored, source: str) -> OfSource:
    own = lines(monitored, source)
    judged = [line.is_met for line in own if line.is_met is not None]
    return OfSource(
        source,
        tuple(_tile(line) for line in own if line.kpi in HEADS),
        Numbers(
            AGREED,
            [[line.name, line.now.measured, line.agreed, line.verdict] for line in own if line.target],
        ),
        tuple(_tables(own)),
        tuple(line.name for line in own if not line.is_told),
        tuple(_courses(monitored, source, own)),
        sum(judged),
        len(judged),
        tuple(unknown_targets(monitored, own)),
    )


def _tables(own: list[Line]) -> Iterator[tuple[str, Numbers]]:
    """Yield the numbers of each published table under its title."""
    told = [line for line in own if line.is_told]
    for title in dict.fromkeys(line.table for line in told):
        yield title, Numbers(HEADER, [line.cells() for line in told if line.table == title])


def _tile(line: Line) -> Tile:
    return Tile(line.kpi, line.name, line.now.measured, line.now.value is None, of=line.now.of)


def _courses(monitored: Monitored, source: str, own: list[Line]) -> Iterator[Picture]:
    """Yield how each figure with a target, and how many came and wait, went from quarter to quarter."""
    told = Readings(monitored.figures, monitored.quarter.label)
    for line in own:
        if line.target is None and line.kpi not in ALWAYS:
            continue
        months = told.over(_months(monitored.quarter), line.kpi, line.statistic, PROVIDER, source)
        quarters = told.over(_quarters(monitored.quarter), line.kpi, line.statistic, PROVIDER, source)
        readings = months if sum(each.value is not None for each in months) > 1 else quarters
        level = Level(line.target.bound, f"Agreed: {line.agreed}") if line.target else None
        picture = columns(named(f"{source}-{line.kpi}", line.statistic), line.name, readings, level)
        yield replace(Told(told, monitored.declared).explained(picture, line.kpi), quality=())


def _quarters(last: Period) -> list[Period]:
    found = [last]
    while len(found) < QUARTERS:
        found.append(quarter_of(found[-1].start - ONE_DAY))
    return found[::-1]


def _months(last: Period) -> list[Period]:
    found = [month_of(last.end)]
    while len(found) < MONTHS:
        found.append(month_of(found[-1].start - ONE_DAY))
    return found[::-1]

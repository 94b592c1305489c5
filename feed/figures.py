"""Build the figures of one period from the warehouse file, which is all that this side knows."""

from datetime import date

from common import clock
from feed import advice, onward, people, referrals, waits
from feed.measure import Measure
from feed.model import Area, Figures, Period
from feed.released import Opened, released
from feed.suppression import STATEMENT

MEASURES: list[Measure] = [
    *referrals.MEASURES,
    *advice.MEASURES,
    *onward.MEASURES,
    *waits.MEASURES,
    *people.MEASURES,
]


def build_figures(
    warehouse: Opened, period_start: date, period_end: date, area: Area | None = None
) -> Figures:
    """Return every figure of the period, small counts already hidden.

    Given:   a warehouse file that the loader has published, opened for reading only; or a copy in memory.
    Errors:  WarehouseNotThere.
    """
    area = area or Area()
    period = Period(start=period_start, end=period_end)
    with released(warehouse, period, area) as tables:
        return Figures(
            area=area.name,
            sample=area.sample,
            period=period,
            generated_at=clock.stamp(clock.now()),
            freshness=tables.freshness(),
            disclosure_control=STATEMENT,
            figures=[measure.figure(tables) for measure in MEASURES],
        )

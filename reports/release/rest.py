"""Published tables without a picture of their own: their whole-borough figures, so that none is left out."""

from collections.abc import Sequence

from reports.release.draws import tiles
from reports.release.told import Section, Told

MOST = 6


def rest(told: Told, made: Sequence[Section]) -> Section:
    """Return the part with the figures of the tables of which no other part shows anything."""
    shown = {kpi for section in made for kpi in section.kpis}
    left = [
        kpi.id
        for topic in told.declared.topics
        if not shown & {kpi.id for kpi in topic.kpis}
        for kpi in topic.kpis[:MOST]
    ]
    return Section("other", "Also published", tiles=tiles(told.tile(kpi) for kpi in left))

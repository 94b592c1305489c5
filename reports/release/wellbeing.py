"""Whether people feel better: how many were asked, the mean change, and how much hangs on thresholds."""

from collections.abc import Iterator
from dataclasses import replace

from reports.release.change import change
from reports.release.draws import drawn, named, pairs, split, tiles
from reports.release.pictures import Picture
from reports.release.told import Section, Told

FORMS = {
    "K31.wemwbs": "Mean change of WEMWBS (raw total)",
    "K31.swemwbs": "Mean change of SWEMWBS (metric score)",
}
THRESHOLDS = {
    "WEMWBS": {"3 points or more": ("K32", "K34.wemwbs3"), "9 points or more": ("K33", "K34.wemwbs9")},
    "SWEMWBS": {
        "1 point or more": ("K32.swemwbs1", "K34.swemwbs1"),
        "2 points or more": ("K32.swemwbs2", "K34.swemwbs2"),
        "3 points or more": ("K33.swemwbs", "K34.swemwbs3"),
    },
}
CAUTION = "Sensitivity, not a result: these thresholds were set for others."
LEAD = "Read first how many were asked at both ends: the change is that of those who were."


def wellbeing(told: Told) -> Section:
    """Return the part about wellbeing."""
    return Section(
        "wellbeing",
        "Whether people feel better",
        LEAD,
        tiles(map(told.tile, ("K30", "K30.start"))),
        (
            *_changes(told),
            *(picture for form in THRESHOLDS for picture in _thresholds(told, form)),
            *drawn(told, split("K35", "wemwbs_at_start", "First forms filled in, by score of WEMWBS")),
        ),
        tuple(told.missing("K30", "K31.wemwbs", "K31.swemwbs")),
    )


def _changes(told: Told) -> Iterator[Picture]:
    for kpi, title in FORMS.items():
        found = told.readings.one(kpi, "mean")
        if found and found.shown != "not_available":
            yield told.explained(change(named(kpi, "change"), title, found), kpi)


def _thresholds(told: Told, form: str) -> Iterator[Picture]:
    """Yield better and worse side by side, of one form; raw totals and metric scores are never mixed."""
    rows = THRESHOLDS[form]
    both = [[told.labelled(kpi, "percent", words) for kpi in names] for words, names in rows.items()]
    known = [(better, worse) for better, worse in both if better and worse]
    if known:
        better, worse = (list(each) for each in zip(*known, strict=True))
        title = f"{form}: better and worse"
        picture = pairs(named(form, "thresholds"), title, ("Better by", better), ("Worse by", worse))
        names = [name for pair in rows.values() for name in pair]
        yield replace(told.explained(picture, *names), sentence=CAUTION)

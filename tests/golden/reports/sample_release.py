"""An invented release: figures of every kind that the commissioner's page draws, some of them hidden."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from feed.about import About
from feed.declared import Count, Declarations, Kpi, Topic
from feed.facts import FACTS
from feed.observations import OBSERVATIONS, category_label
from feed.periods import parse
from feed.release.contents import Contents
from feed.release.quality import Fate, Fresh, Quality
from feed.release.revisions import none_yet
from feed.release.words import AsOf, Break, Publisher
from reports.release import release_page

PERIOD = "2022-04..2022-11"
HIDDEN = "suppressed"
MONTHS = {
    "K01": (400, 464, 433, 450, 477, 493, 473, 473),
    "K04": (260, 337, 307, 271, 247, 234, 268, 243),
    "K08": (136, 173, 149, 166, 173, 145, 177, 164),
    "K10": (112, 165, 133, 150, 161, 164, 151, None),
}
SOURCES = {"01": 840, "02": 685, "03": 530, "10": 340, "11": 15, "12": HIDDEN, "unknown": 480}
AGES = {
    "0-17": 10,
    "18-24": 195,
    "25-44": 665,
    "45-64": 690,
    "65-74": 360,
    "75-84": "secondary",
    "95+": HIDDEN,
}
ADVICE = {"ECON": (61, 1320), "HW": (21, 455), "HOUS": (10, 215), "SOC": (6, 130), "EST": (2, 45)}
LOTS = {"L4-CS": 430, "L6-HS": 125, "L5-CT": 120, "L7-UC": HIDDEN, "unknown": 325}
WARDS = {"E05000780": 65, "E05000781": 40, "E05000782": 0, "E05000783": "borough_only", "unknown": 20}
QUALITY = Quality(
    (Fresh("hub", 3, date(2022, 12, 1)), Fresh("community_support", 3, date(2022, 11, 20))),
    (Fate("person", 300, 3), Fate("referral", 214, 12), Fate("contact", 0, 0)),
)
ABOUT = About(
    who="Commissioners of early help, and the providers themselves.",
    used_for="To see whether people come, and from where.",
    useful="It counts events, so one person may be in it twice.",
    missing="Who came without any referral is not counted.",
)
WAITS = {"K15": (0, 6), "K15.hub": (14, 24), "K16": (8, 16), "K16.hub": (14, 24)}
BANDS = {"00-07": 55, "08-14": 10, "15-28": HIDDEN, "57+": 0}
CHANGES = {"K31.wemwbs": (12.1, 11.1, 13.1, 333), "K31.swemwbs": (None, None, None, None)}
THRESHOLDS = {"K32": (84, 280), "K34.wemwbs3": (3, 10), "K33": (66, 220), "K34.wemwbs9": HIDDEN}
Row = dict[str, Any]


def row(kpi: str, value: float | str | None, **more: Any) -> Row:
    """Return one observation; words in the place of a number say why it is hidden."""
    period = parse(more.get("period", PERIOD))
    breakdown, category = more.get("breakdown", "borough"), more.get("category", "all")
    hidden = isinstance(value, str) or value is None
    return {
        "table": "referrals",
        "kpi": kpi,
        "statistic": "count",
        "period": period.label,
        "period_start": period.start,
        "period_end": period.end,
        "breakdown": breakdown,
        "category": category,
        "label": category_label(breakdown, category),
        "value": None if hidden else float(value or 0),
        "unit": "referrals",
        "numerator": None,
        "denominator": None,
        "lower": None,
        "upper": None,
        "shown": (value or HIDDEN) if hidden else "exact" if breakdown == "borough" else "rounded",
        "note": "",
    } | more


def by(kpi: str, breakdown: str, values: Mapping[str, float | str], **more: Any) -> Iterator[Row]:
    """Yield a number for each category of a breakdown."""
    for category, value in values.items():
        yield row(kpi, value, breakdown=breakdown, category=category, **more)


def rows() -> Iterator[Row]:
    """Yield every observation."""
    heads = {
        "K01": 3663,
        "K04": 2167,
        "K05": 1106,
        "K08": 1283,
        "K09": 172,
        "K10": 1194,
        "K11": 66,
        "K12": 429,
    }
    for kpi, value in {**heads, "K02": 2683, "K03": 120, "K03a": 118}.items():
        yield row(kpi, value)
    for quarter in parse(PERIOD).quarters:
        yield row("K03b", 6, unit="ways of hearing", period=quarter.label)
    for kpi, values in MONTHS.items():
        for month, value in zip(parse(PERIOD).months, values, strict=True):
            yield row(kpi, value, period=month.label)
    yield row("K05", 99, statistic="completeness", unit="%", numerator=2145, denominator=2167)
    yield row("K13", 97, statistic="percent", unit="%", numerator=3553, denominator=3663)
    yield row("K27", 86, statistic="completeness", unit="%", numerator=3181, denominator=3663)
    yield from by("K27", "source_type", SOURCES)
    yield from by("K02", "age_band", AGES, unit="people")
    for category, (share, many) in ADVICE.items():
        yield row(
            "K07", share, statistic="percent", unit="%", breakdown="advice_category", category=category,
            numerator=many, denominator=2167, table="advice",
        )  # fmt: skip
    yield from by("K12b", "to_lot", LOTS, table="onward")
    yield from by("K23.moves", "move", {"L4-CS>L6-HS": 25, "L6-HS>L4-CS": HIDDEN}, table="onward")
    yield from waits()
    yield from wellbeing()
    yield from by("K29", "ward", WARDS)
    yield from counted_apart()


def counted_apart() -> Iterator[Row]:
    """Yield a count that came as a count, shown in one quarter and hidden in the next."""
    said: dict[str, Any] = {
        "table": "domestic_abuse",
        "unit": "people",
        "label": "People affected by domestic abuse",
        "note": "Counted and protected before it left the provider's side.",
    }
    yield row("K40.affected", 45, period="2022-23-Q1", **(said | {"shown": "rounded"}))
    yield row("K40.affected", HIDDEN, period="2022-23-Q2", **said)


def waits() -> Iterator[Row]:
    """Yield waits that are over, by both clocks and two services, and who waits still."""
    for kpi, (half, most) in WAITS.items():
        yield row(kpi, half, statistic="median", unit="days", table="waits")
        yield row(kpi, most, statistic="p90", unit="days", table="waits")
    for statistic, values in {
        "median": {"L3-HUB": 7, "L4-CS": 12},
        "p90": {"L3-HUB": 13, "L4-CS": 20},
    }.items():
        yield from by("K16", "lot", values, statistic=statistic, unit="days", table="waits")
    yield row("K17", 70, table="waits")
    yield from by("K17.bands", "wait_band", BANDS, table="waits")


def wellbeing() -> Iterator[Row]:
    """Yield coverage, a mean change that may be told and one of too few, and thresholds both ways."""
    more: dict[str, Any] = {"table": "wellbeing"}
    yield row("K30", 28, statistic="percent", unit="%", numerator=366, denominator=1302, **more)
    for kpi, (mean, lower, upper, many) in CHANGES.items():
        ends = {"lower": lower, "upper": upper, "denominator": many}
        yield row(kpi, "few" if mean is None else mean, statistic="mean", unit="points", **ends, **more)
    for kpi, told in THRESHOLDS.items():
        share, count = (told, None) if isinstance(told, str) else told
        of = {"numerator": count, "denominator": 335 if count else None}
        yield row(kpi, share, statistic="percent", unit="%", **of, **more)


NAMES = {
    "K01": "Referrals received by the hub",
    "K02": "People referred to the hub",
    "K03": "Referral sources, people themselves and carers as one each",
    "K03a": "Organisations that referred",
    "K03b": "Ways in which people heard of the hub",
    "K04": "Pieces of advice given",
    "K05": "People given advice",
    "K07": "Advice by category",
    "K08": "Signpostings made",
    "K09": "Organisations signposted to",
    "K10": "Onward referrals made",
    "K11": "Organisations referred to",
    "K12": "Onward referrals to Community Support",
    "K12b": "Onward referrals by lot",
    "K13": "Triaged on the same day",
    "K15": "Days to first response",
    "K15.hub": "Days from the hub to first response",
    "K16": "Days to first service",
    "K16.hub": "Days from the hub to first service",
    "K17": "Waiting on the last day",
    "K17.bands": "Waiting on the last day, by days waited so far",
    "K23.moves": "Steps from one service to another",
    "K27": "Referrals by kind of source",
    "K29": "Referrals received, by where the person lives",
    "K30": "Wellbeing forms at the start and at the end",
    "K31.wemwbs": "Mean change of WEMWBS",
    "K31.swemwbs": "Mean change of SWEMWBS",
    "K32": "WEMWBS: better by 3 points or more",
    "K33": "WEMWBS: better by 9 points or more",
    "K34.wemwbs3": "WEMWBS: worse by 3 points or more",
    "K34.wemwbs9": "WEMWBS: worse by 9 points or more",
}
COUNTED = {"kind": "count", "numerator": "c"}
COMPLETE = {"K05": {"field": "person", "of": "c"}, "K27": {"field": "source_type", "of": "c"}}


def declared() -> Declarations:
    """Return what is declared of the invented figures: two tables, of which one has its answers."""
    kpis = {identity: _kpi(identity, name) for identity, name in NAMES.items()}
    waiting = [kpi for name, kpi in kpis.items() if name[:3] in {"K15", "K16", "K17"}]
    feeling = [kpi for name, kpi in kpis.items() if name[:3] in {"K30", "K31", "K32", "K33", "K34"}]
    onward = [kpis["K12b"], kpis["K23.moves"]]
    elsewhere = {kpi.id for kpi in (kpis["K07"], *onward, *waiting, *feeling)}
    return Declarations(
        topics=(
            _topic("referrals", [kpi for kpi in kpis.values() if kpi.id not in elsewhere], about=ABOUT),
            _topic("advice", [kpis["K07"]]),
            _topic("onward", onward),
            _topic("waits", waiting),
            _topic("wellbeing", feeling),
        )
    )


def _topic(name: str, kpis: Sequence[Kpi], about: About | None = None) -> Topic:
    counts = (Count(id="c", fact=next(iter(FACTS)), unit="referrals"),) if about else ()
    title = name.capitalize()
    return Topic(topic=name, title=title, words="How many.", about=about, counts=counts, kpis=tuple(kpis))


def _kpi(identity: str, name: str) -> Kpi:
    counted = {"kind": "received", "received": "ways"} if identity == "K03b" else COUNTED
    return Kpi(
        id=identity, name=name, unit="referrals", rule=f"{name}, in the period.",
        source="this sample", completeness=COMPLETE.get(identity), **counted,
    )  # fmt: skip


def contents(period: str = PERIOD, **more: Any) -> Contents:
    """Return the invented release."""
    told: dict[str, Any] = {
        "period": period,
        "start": parse(period).start,
        "end": parse(period).end,
        "title": "Early help in Stockport",
        "tables": (),
        "definitions": (),
        "observations": pl.DataFrame(list(rows()), schema=OBSERVATIONS),
        "quality": QUALITY,
        "breaks": (Break(date(2023, 5, 4), "breakdown by ward", "every ward was drawn anew on that day."),),
        "publisher": Publisher("Stockport Council (invented)", feedback="feed@stockport.example"),
        "as_of": AsOf(3, "2022-12-01T02:00:00Z"),
        "sample": True,
        "control": "Counts of 1 to 7 are hidden, others of a breakdown are rounded to the nearest 5.",
    }
    return Contents(**(told | more))


def page(**more: Any) -> bytes:
    """Return the page of the invented release."""
    return release_page(contents(**more), 1, none_yet(), declared())

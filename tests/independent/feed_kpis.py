"""The figures of the feed counted a second time, in plain Python over rows, from the proposed KPI set alone.

Nothing here is read from the feed: not its declarations, its facts, its calendar or its rounding.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import duckdb

from canonical.lists import code_rows, codes

Row = dict[str, Any]
Key = tuple[str, str, str, str, str]
"""Figure, statistic, period, breakdown, category."""
Told = tuple[float | None, int | None, int | None]
"""Value, numerator, denominator."""
Behind = tuple[int, int, int | None, int | None]
"""Rows and people behind a number, and behind the one below the line; who is not named is one person."""
TOPICS = ("referrals", "sources", "advice", "signposting", "onward", "people", "needs", "triage")
"""The published tables whose figures are counted here."""
LISTS = {
    "lot": "stockport_lots",
    "to_lot": "stockport_lots",
    "source_type": "dd_source_of_referral_community",
    "age_band": "age_bands",
    "gender": "dd_person_stated_gender",
    "advice_category": "advice_category",
    "status": "referral_status",
    "triage_outcome": "triage_outcome",
    "closure_reason": "closure_reason",
    "need": "presenting_need",
}
WARDS = {row["code"]: row for row in code_rows("stockport_wards")}
ALWAYS = {"borough": {"all"}, "advice_category": set(codes("advice_category"))}
"""Categories that a figure is told of though nothing be there."""
SHORT = {"ECON": "econ", "HW": "heal", "HOUS": "hous", "SOC": "soci", "EST": "educ"}


def rows_of(connection: duckdb.DuckDBPyConnection, schema: str = "commissioning") -> dict[str, list[Row]]:
    """Return every row of the schema's tables."""
    found = connection.execute(
        "SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = ?", [schema]
    ).fetchall()
    tables = {}
    for (name,) in found:
        answer = connection.execute(f'SELECT * FROM {schema}."{name}"')
        names = [column[0] for column in answer.description or []]
        tables[name] = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    return tables


@dataclass(frozen=True)
class Thing:
    """One row that is counted."""

    day: date | None
    person: Any
    row: Row
    splits: Mapping[str, str]


@dataclass
class Counter:
    """All figures of one period, worked out thing by thing."""

    tables: dict[str, list[Row]]
    first: tuple[int, int]
    last: tuple[int, int]
    label: str
    hub: str = "hub"
    hub_lots: tuple[str, ...] = ("L3-SSH",)
    borough_only: tuple[str, ...] = ()
    told: dict[Key, Told] = field(default_factory=dict)
    behind: dict[Key, Behind] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.linked = {
            row["person_id"]: row["linked_person_id"]
            for row in self.tables.get("person", [])
            if row.get("linked_person_id") is not None
        }
        self.places = {row["person_id"]: row for row in with_names(self.tables.get("address", []))}
        self.genders = {row["person_id"]: row["gender"] for row in self.tables.get("characteristics", [])}
        self.cases = {row["referral_id"]: row for row in self.tables.get("referral", [])}

    # ---- what is counted

    def who(self, row: Row) -> Any:
        person = row.get("person_id")
        return self.linked.get(person, person)

    def thing(self, row: Row, day: date | None, referral: Row, **more: Any) -> Thing:
        place = self.places.get(row.get("person_id"), {})
        splits = {
            "area_kind": _area_kind(place),
            "lot": _coded("lot", referral.get("lot_code")),
            "source_type": _coded("source_type", referral.get("referrer_type")),
            "age_band": _coded("age_band", referral.get("age_band")),
            "gender": _coded("gender", self.genders.get(row.get("person_id"))),
        }
        apart = referral.get("lot_code") in self.borough_only
        inside = {
            "ward": _ward(place, day),
            **{name: place.get(name) for name in ("neighbourhood", "imd_decile", "lsoa21")},
        }
        for name, area in inside.items():
            splits[name] = "borough_only" if apart else _area(place, area)
        splits["provider"] = "borough_only" if apart else row["source_system"]
        splits |= {name: _coded(name, value) for name, value in more.items()}
        return Thing(day, self.who(row), row, splits)

    def work(self, entity: str, day: str, **more: str) -> list[Thing]:
        """Return the hub's rows of an entity."""
        return [
            self.thing(
                row,
                row.get(day),
                self.cases.get(row.get("referral_id"), {}),
                **{name: row.get(column) for name, column in more.items()},
            )
            for row in self.tables.get(entity, [])
            if row["source_system"] == self.hub
        ]

    def referrals(self, day: str = "received_on") -> list[Thing]:
        """Return every referral that is no duplicate."""
        return [
            self.thing(
                row,
                row.get(day),
                row,
                status=row.get("status"),
                triage_outcome=row.get("triage_outcome"),
                closure_reason=row.get("closure_reason"),
            )
            for row in self.tables.get("referral", [])
            if row.get("status") != "duplicate"
        ]

    # ---- the periods

    def periods(self, *, months: bool) -> Iterator[tuple[str, set[tuple[int, int]]]]:
        whole = list(_months(self.first, self.last))
        yield self.label, set(whole)
        for at, (year, month) in enumerate(whole):
            quarter = whole[at : at + 3]
            if month % 3 == 1 and len(quarter) == 3:
                start = year if month >= 4 else year - 1
                number = {4: 1, 7: 2, 10: 3, 1: 4}[month]
                yield f"{start}-{(start + 1) % 100:02d}-Q{number}", set(quarter)
            if months:
                yield f"{year}-{month:02d}", {(year, month)}

    def cells(
        self, things: list[Thing], breakdowns: Iterable[str]
    ) -> Iterator[tuple[tuple[str, str, str], list[Thing]]]:
        """Yield each period, breakdown and category with its things; a category seen at all is everywhere."""
        for breakdown in ("borough", *breakdowns):
            for period, months in self.periods(months=breakdown in {"borough", "provider", "lot"}):
                groups: dict[str, list[Thing]] = {name: [] for name in self.seen(things, breakdown)}
                for thing in things:
                    if thing.day and (thing.day.year, thing.day.month) in months:
                        groups[_category(thing, breakdown)].append(thing)
                for category, group in groups.items():
                    yield (period, breakdown, category), group

    def seen(self, things: list[Thing], breakdown: str) -> set[str]:
        months = set(_months(self.first, self.last))
        inside = (thing for thing in things if thing.day and (thing.day.year, thing.day.month) in months)
        return {_category(thing, breakdown) for thing in inside} | ALWAYS.get(breakdown, set())

    # ---- the kinds of figure

    def note(self, key: Key, met: Sequence[Thing], base: Sequence[Thing] | None = None) -> None:
        """Note who is behind a number, and behind the one below the line."""
        whole = (None, None) if base is None else (len(base), _people(base))
        self.behind[key] = (len(met), _people(met), *whole)

    def count(
        self,
        kpi: str,
        things: list[Thing],
        *breakdowns: str,
        of: Callable[[Thing], Any] | None = None,
        where: Callable[[Thing], bool] = lambda _: True,
    ) -> None:
        for (period, breakdown, category), group in self.cells(things, breakdowns):
            met = [thing for thing in group if where(thing)]
            number = len(met) if of is None else len({of(thing) for thing in met} - {None})
            self.told[kpi, "count", period, breakdown, category] = (float(number), None, None)
            self.note((kpi, "count", period, breakdown, category), met)
            if of is not None:
                self.behind[kpi, "count", period, breakdown, category] = (number, number, None, None)

    def share(
        self,
        kpi: str,
        things: list[Thing],
        part: Callable[[Thing], bool],
        whole: Callable[[Thing], bool],
        *breakdowns: str,
        of: Callable[[Thing], Any] | None = None,
    ) -> None:
        for (period, breakdown, category), group in self.cells(things, breakdowns):
            base = [thing for thing in group if whole(thing)]
            met = [thing for thing in base if part(thing)]
            n, d = (
                (len(met), len(base))
                if of is None
                else (len({of(t) for t in met} - {None}), len({of(t) for t in base} - {None}))
            )
            self.told[kpi, "percent", period, breakdown, category] = (_percent(n, d), n, d)
            self.note((kpi, "percent", period, breakdown, category), met, base)
            if of is not None:
                self.behind[kpi, "percent", period, breakdown, category] = (n, n, d, d)

    def distribution(
        self, kpi: str, things: list[Thing], breakdown: str, where: Callable[[Thing], bool] = lambda _: True
    ) -> None:
        whole = {key[0]: list(filter(where, group)) for key, group in self.cells(things, ())}
        totals = {period: len(group) for period, group in whole.items()}
        for (period, split, category), group in self.cells(things, (breakdown,)):
            if split == breakdown:
                n = sum(map(where, group))
                met = list(filter(where, group))
                for statistic in ("count", "percent"):
                    self.note((kpi, statistic, period, split, category), met, whole[period])
                self.told[kpi, "count", period, split, category] = (float(n), None, None)
                self.told[kpi, "percent", period, split, category] = (
                    _percent(n, totals[period]), n, totals[period],
                )  # fmt: skip

    def category_share(self, kpi: str, things: list[Thing], split: str, category: str) -> None:
        """Tell the share of one category; by quarter, as every breakdown but that of providers and lots."""
        long = {period for period, _ in self.periods(months=False)}
        for (period, breakdown, place), group in self.cells(things, ()):
            if period in long:
                met = [thing for thing in group if thing.splits[split] == category]
                n, d = len(met), len(group)
                self.told[kpi, "percent", period, breakdown, place] = (_percent(n, d), n, d)
                self.note((kpi, "percent", period, breakdown, place), met, group)

    def spread(self, kpi: str, things: list[Thing], value: str, *breakdowns: str) -> None:
        for (period, breakdown, category), group in self.cells(things, breakdowns):
            numbers = sorted(t.row[value] for t in group if t.row[value] is not None)
            if not numbers:
                continue
            of: dict[Any, list[int]] = {}
            for thing in group:
                if thing.row[value] is not None:
                    of.setdefault(thing.person, []).append(thing.row[value])
            longest = sorted(map(max, of.values()), reverse=True)
            for name, needs, number in (
                ("median", 16, _quantile(numbers, "0.5")),
                ("p90", 80, _quantile(numbers, "0.9")),
                ("reached_by_eight", 16, longest[7] if len(longest) > 7 else 0),
            ):
                above = sum(max(values) >= number for values in of.values())
                below = sum(min(values) <= number for values in of.values())
                open_ = len(numbers) >= needs and len(of) >= needs and min(above, below) >= 8
                whole = float(Decimal(number).quantize(Decimal(1), ROUND_HALF_UP))
                told = (whole, None, len(group)) if open_ else (None, None, None)
                self.told[kpi, name, period, breakdown, category] = told
                self.note((kpi, name, period, breakdown, category), group, group)

    def complete(self, kpi: str, things: list[Thing], known: Callable[[Thing], bool]) -> None:
        for (period, breakdown, category), group in self.cells(things, ()):
            n, d = sum(map(known, group)), len(group)
            value = float(100 * n // d) if d else None
            self.told[kpi, "completeness", period, breakdown, category] = (value, n, d)
            met = [thing for thing in group if known(thing)]
            self.note((kpi, "completeness", period, breakdown, category), met, group)


def figures(counter: Counter) -> dict[Key, Told]:
    """Return every figure of these topics: referrals to triage."""
    everybody = counter.referrals()
    hub = [
        thing for thing in everybody
        if thing.row["lot_code"] in counter.hub_lots and thing.row["parent_referral_id"] is None
    ]  # fmt: skip
    _referrals(counter, hub, everybody)
    _sources(counter, hub)
    _advice(counter)
    _sent_on(counter)
    _needs(counter)
    _triage(counter, hub, everybody)
    return counter.told


def _referrals(c: Counter, hub: list[Thing], everybody: list[Thing]) -> None:
    cases = [thing for thing in everybody if thing.row["parent_referral_id"] is None]
    c.count("K01", hub, "lot", "source_type", "age_band", "gender")
    c.count("K01.cases", cases, "provider", "lot", "source_type", "age_band")
    c.count("K01.services", everybody, "provider", "lot")
    c.count("K02", hub, "source_type", "age_band", "gender", "neighbourhood", of=_person)
    c.complete("K02", hub, lambda t: t.person is not None)
    c.count("K02.all", everybody, "provider", "lot", of=_person)
    c.complete("K02.all", everybody, lambda t: t.person is not None)
    providers = defaultdict(set)
    for thing in everybody:
        providers[thing.person].add(thing.row["source_system"])
    c.share(
        "K02.several", everybody, lambda t: t.person is not None and len(providers[t.person]) > 1,
        lambda _: True, "provider", "lot", of=_person,
    )  # fmt: skip


def _sources(c: Counter, hub: list[Thing]) -> None:
    def source(thing: Thing) -> Any:
        kind = thing.row["referrer_type"]
        return thing.row["referrer_org_id"] or {"02": "the person", "03": "a carer"}.get(kind)

    c.count("K03", hub, of=source)
    c.count("K03a", hub, of=lambda t: t.row["referrer_org_id"])
    c.complete("K03a", hub, lambda t: t.row["referrer_org_id"] is not None)
    c.distribution("K27", hub, "source_type")
    c.complete("K27", hub, lambda t: t.splits["source_type"] != "unknown")


def _advice(c: Counter) -> None:
    advice = c.work("advice", "given_on", advice_category="category")
    c.count("K04", advice, "source_type", "age_band", "ward", "neighbourhood", "imd_decile")
    c.count("K05", advice, "source_type", "age_band", "neighbourhood", "advice_category", of=_person)
    c.complete("K05", advice, lambda t: t.person is not None)
    for (period, breakdown, category), group in c.cells(advice, ()):
        n, d = len(group), len({thing.person for thing in group} - {None})
        ratio = None if not d else float((Decimal(n) / d).quantize(Decimal("0.01"), ROUND_HALF_UP))
        c.told["K06", "ratio", period, breakdown, category] = (ratio, n, d)
        c.behind["K06", "ratio", period, breakdown, category] = (n, _people(group), d, d)
    c.distribution("K07", advice, "advice_category")
    c.complete("K07", advice, lambda t: t.splits["advice_category"] != "unknown")
    for code, name in SHORT.items():
        c.category_share(f"K07.{name}", advice, "advice_category", code)
    first: dict[Any, Thing] = {}
    for thing in advice:
        if thing.day is None or thing.row["wait_working_days"] is None:
            continue
        key = thing.row["referral_id"] or thing.row["advice_id"]
        if key not in first or _order(thing) < _order(first[key]):
            first[key] = thing
    soonest = list(first.values())
    c.spread("K14", soonest, "wait_working_days", "source_type", "age_band")
    c.complete("K14", advice, lambda t: t.row["wait_working_days"] is not None)
    c.share(
        "K14.soon",
        soonest,
        lambda t: t.row["wait_working_days"] <= 2,
        lambda _: True,
        "source_type",
        "age_band",
    )


def _sent_on(c: Counter) -> None:
    told = c.work("signposting", "signposted_on")
    sent = c.work("onward_referral", "made_on", to_lot="lot_code")
    c.count("K08", told, "source_type", "age_band", "neighbourhood")
    c.count("K09", told, of=_organisation)
    c.complete("K09", told, lambda t: _organisation(t) is not None)
    c.count("K10", sent, "source_type", "age_band", "neighbourhood", "imd_decile")
    c.count("K11", sent, of=_organisation)
    c.complete("K11", sent, lambda t: _organisation(t) is not None)
    c.count("K12", sent, "source_type", "age_band", where=lambda t: t.row["lot_code"] == "L4-CS")
    c.complete("K12", sent, lambda t: t.splits["to_lot"] != "unknown")
    c.distribution("K12b", sent, "to_lot")


def _needs(c: Counter) -> None:
    needs = c.work("need", "raised_on", need="need_code")
    c.distribution("K26", needs, "need")
    c.complete("K26", needs, lambda t: t.splits["need"] != "unknown")
    c.distribution("K26.first", needs, "need", lambda t: t.row["is_primary"] is True)
    c.count("K26.people", needs, "need", of=_person)


def _triage(c: Counter, hub: list[Thing], everybody: list[Thing]) -> None:
    for kpi, things, breakdowns in (
        ("K13", hub, ("source_type", "age_band")),
        ("K13.services", everybody, ("provider", "lot")),
    ):
        c.share(
            kpi,
            things,
            lambda t: t.row["triage_days"] == 0,
            lambda t: t.row["triage_days"] is not None,
            *breakdowns,
        )
        c.complete(kpi, things, lambda t: t.row["triage_days"] is not None)
    for kpi, split in (("K18", "status"), ("K19", "triage_outcome")):
        c.distribution(kpi, hub, split)
        c.complete(kpi, hub, lambda t, split=split: t.splits[split] != "unknown")
    c.share("K20", hub, _rejected, lambda _: True, "source_type", "age_band")
    c.complete("K20", hub, lambda t: t.splits["status"] != "unknown")
    c.distribution("K20.reasons", hub, "closure_reason", _rejected)
    c.share("K20.services", everybody, _rejected, lambda _: True, "provider", "lot")
    closed = c.referrals("closed_at")
    outcomes = {row["code"]: row["cld_r2_event_outcome"] for row in code_rows("closure_reason")}
    c.count("K21", closed, "provider", "lot", "age_band")
    c.distribution("K21.reasons", closed, "closure_reason")
    c.complete("K21.reasons", closed, lambda t: t.splits["closure_reason"] != "unknown")
    as_cld = [
        Thing(t.day, t.person, t.row, {"cld_outcome": outcomes.get(t.row["closure_reason"], "unknown")})
        for t in closed
    ]
    c.distribution("K21.cld", as_cld, "cld_outcome")


def _people(things: Iterable[Thing]) -> int:
    return len({thing.person for thing in things})


def _person(thing: Thing) -> Any:
    return thing.person


def _organisation(thing: Thing) -> Any:
    return thing.row["to_org_id"]


def _rejected(thing: Thing) -> bool:
    return bool(thing.row["status"] == "rejected")


def _order(thing: Thing) -> tuple[Any, ...]:
    return (thing.day, thing.row["wait_working_days"], str(thing.row["advice_id"]))


def _ward(place: Row, day: date | None) -> str | None:
    """Return the ward of the day: the one of today, or one there was before, whichever was one then."""
    for code in (place.get("ward"), *(place.get("ward_before") or "").split(" ")):
        known = WARDS.get(code or "", {"valid_from": "", "valid_to": ""})
        first, last = known["valid_from"] or "0001-01-01", known["valid_to"] or "9999-12-31"
        if code and day and first <= day.isoformat() <= last:
            return str(code)
    return None


def with_names(addresses: Sequence[Row]) -> list[Row]:
    """Return the addresses, without the name of a neighbourhood where fewer than ten people live."""
    people: dict[Any, set[Any]] = {}
    for row in addresses:
        people.setdefault(row.get("neighbourhood"), set()).add(row["person_id"])
    return [
        {**row, "neighbourhood": name if len(people[name := row.get("neighbourhood")]) > 9 else None}
        for row in addresses
    ]


def _area(place: Row, area: Any) -> str:
    """Return the area, or why somebody lives in none of the borough's."""
    district, postcode = place.get("lad"), place.get("postcode_status")
    if district not in {None, "E08000007"} or postcode == "nonuk":
        return "outside"
    if district or place.get("lsoa21"):
        return "unknown" if area is None else str(area)
    return postcode if postcode in {"no_fixed_abode", "pseudo"} else "unknown"


def _area_kind(place: Row) -> str:
    """Return whether somebody lives in the borough, or why nobody can tell."""
    found = _area(place, "inside")
    return found if place else "unknown"


def _coded(name: str, value: Any) -> str:
    known = codes(LISTS[name])
    return value if value in known and value != "Unknown" else "unknown"


def _category(thing: Thing, breakdown: str) -> str:
    return "all" if breakdown == "borough" else thing.splits[breakdown]


def _months(first: tuple[int, int], last: tuple[int, int]) -> Iterator[tuple[int, int]]:
    year, month = first
    while (year, month) <= last:
        yield year, month
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def _percent(part: int, whole: int) -> float | None:
    if not whole:
        return None
    places = Decimal("0.1") if whole >= 4000 else Decimal(1)
    return float((Decimal(100 * part) / whole).quantize(places, ROUND_HALF_UP))


def _quantile(numbers: list[int], share: str) -> Decimal:
    """Return the percentile by linear interpolation."""
    place = Decimal(share) * (len(numbers) - 1)
    low = int(place)
    high = min(low + 1, len(numbers) - 1)
    return numbers[low] + (numbers[high] - numbers[low]) * (place - low)

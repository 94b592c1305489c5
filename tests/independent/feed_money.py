"""Money, records and single services worked out a second time, in plain Python over rows.

Nothing here is read from the feed: not its declarations, its facts or its rule of what may be told.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.independent.feed_kpis import Counter, Key, Row, Thing, Told

MEANS_NOTHING = {
    "gender": {"X"},
    "employment_status": {"Unknown"},
    "unpaid_carer": {"Z", "U"},
    "ethnicity_2021": {"No data: Refused", "No data: Undeclared or not known"},
    "disability": {"ZZ"},
}
KPI = {
    "gender": "gender", "employment_status": "employment", "unpaid_carer": "carer",
    "ethnicity_2021": "ethnicity", "disability": "disability",
}  # fmt: skip


def figures(c: Counter) -> dict[Key, Told]:
    """Return every figure of money, of people's records, and of single services."""
    _money(c)
    _records(c)
    _single_services(c)
    return without_months(c)


def without_months(c: Counter) -> dict[Key, Told]:
    """Return what is told of the period and its quarters: by month these tables tell nothing."""
    long = {period for period, _ in c.periods(months=False)}
    return {key: told for key, told in c.told.items() if key[2] in long}


def _money(c: Counter) -> None:
    awards = [
        c.thing(row, row["awarded_on"], c.cases.get(row["referral_id"], {}))
        for row in c.tables.get("outcome", [])
        if _amount(row, "money_gained_gbp") or _amount(row, "arrears_obtained_gbp")
    ]
    c.count("K36.awards", awards, "provider")
    c.count("K36.people", awards, "provider", "age_band", of=lambda t: t.person)
    c.complete("K36", awards, lambda t: t.person is not None)
    _sums(c, "K36", awards, "money_gained_gbp")
    _sums(c, "K36.arrears", awards, "arrears_obtained_gbp")


def _amount(row: Row, name: str) -> Decimal:
    amount = row[name]
    return amount if amount is not None and amount > 0 else Decimal()


def may_be_told(amounts: Iterable[tuple[Any, Decimal]]) -> bool:
    """Return whether a sum alone gives nobody away. Given: whose each amount is, None for whoever."""
    whose: dict[Any, Decimal] = defaultdict(Decimal)
    rows = 0
    for person, amount in amounts:
        if amount > 0:
            whose[person] += amount
            rows += 1
    most = sorted(whose.values(), reverse=True)
    total = sum(most)
    enough = rows >= 8 and len(most) >= 8
    return not rows or (enough and 2 * most[0] <= total and 10 * (most[0] + most[1]) <= 9 * total)


def _sums(c: Counter, kpi: str, awards: list[Thing], name: str) -> None:
    """Tell the sums of quarters, and of the whole where it is made of quarters."""

    def amounts(group: list[Thing]) -> list[tuple[Any, Decimal]]:
        return [(thing.person, _amount(thing.row, name)) for thing in group]

    groups = {key: amounts(group) for key, group in c.cells(awards, ("provider",))}
    long = {period: months for period, months in c.periods(months=False)}  # noqa: C416 - a period may come twice
    quarters = [period for period in long if "-Q" in period]
    in_quarters = {month for quarter in quarters for month in long[quarter]}

    def partition(period: str, breakdown: str) -> bool:
        return all(may_be_told(group) for key, group in groups.items() if key[:2] == (period, breakdown))

    for (period, breakdown, category), group in groups.items():
        if period not in long:
            continue
        parts = [period] if period in quarters else [period, *quarters]
        told = long[period] <= in_quarters and all(partition(part, breakdown) for part in parts)
        whole = [groups.get((part, breakdown, category), []) for part in parts if part in quarters]
        value = float(sum(_thousands(each) for each in whole))
        c.told[kpi, "sum", period, breakdown, category] = (value if told else None, None, None)
        people = len({person for person, amount in group if amount > 0})
        rows = sum(amount > 0 for _, amount in group)
        c.behind[kpi, "sum", period, breakdown, category] = (rows, people, rows, people)


def _thousands(amounts: Iterable[tuple[Any, Decimal]]) -> Decimal:
    total = sum((amount for _, amount in amounts), Decimal())
    return (total / 1000).quantize(Decimal(1), ROUND_HALF_UP) * 1000


def _records(c: Counter) -> None:
    named = [thing for thing in c.referrals() if thing.row["person_id"] is not None]
    answers: dict[Any, dict[str, set[Any]]] = defaultdict(lambda: defaultdict(set))
    for row in c.tables.get("characteristics", []):
        for name in MEANS_NOTHING:
            answers[row["person_id"]][name] |= {row.get(name)} - {None}

    def tell(kpi: str, known: Callable[[Thing], bool]) -> None:
        c.share(kpi, named, known, lambda _: True, "provider", of=lambda t: t.person)

    tell("K28.age", lambda t: t.splits["age_band"] != "unknown")
    tell("K28.place", lambda t: _has_place(c.places.get(t.row["person_id"], {})))
    for name, nothing in MEANS_NOTHING.items():

        def given(thing: Thing, name: str = name) -> set[Any]:
            return answers[thing.row["person_id"]][name]

        def telling(thing: Thing, name: str = name, nothing: set[str] = nothing) -> bool:
            return bool(answers[thing.row["person_id"]][name] - nothing)

        tell(f"K28.{KPI[name]}", lambda t, given=given: bool(given(t)))
        tell(f"K28.{KPI[name]}_told", telling)


def _has_place(place: Row) -> bool:
    return bool(
        place.get("lad")
        or place.get("lsoa21")
        or place.get("postcode_status") in {"no_fixed_abode", "pseudo", "nonuk"}
    )


def _single_services(c: Counter) -> None:
    hoarding = {row["referral_id"] for row in c.tables.get("need", []) if row["need_code"] == "HOUS.HOARD"}
    begun = [
        c.thing(row, row["started_on"], {**c.cases.get(row["referral_id"], {}), "lot_code": row["lot_code"]})
        for row in c.tables.get("service_episode", [])
    ]
    c.count("K39.all", begun, "provider", "lot")
    if any(thing.splits["lot"] == "L7-CAR" for thing in begun):
        c.count("K39", begun, where=lambda t: t.splits["lot"] == "L7-CAR")
    c.count("K42", begun, "provider", "lot", where=lambda t: t.row["referral_id"] in hoarding - {None})

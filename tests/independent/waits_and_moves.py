"""Waits and movement counted a second time, in plain Python over rows, from the proposed KPI set alone.

Nothing here is read from the feed: not its declarations, its facts, its calendar or its rounding.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from canonical.lists import codes
from tests.independent.feed_kpis import with_names

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]
Cell = tuple[str, str, str, str]
"""Count or figure, period, breakdown, category."""
PeriodDays = tuple[date, date, bool]
"""First day, last day, and whether it is broken down by more than provider and lot."""
DISTRICT = "E08000007"
NEVER = date(9999, 12, 31)
LISTS = {"lot": "stockport_lots", "source_type": "dd_source_of_referral_community", "age_band": "age_bands",
         "end_reason": "closure_reason", "step": "episode_step"}  # fmt: skip
WAITING_BANDS = {"00-07": (0, 7), "08-14": (8, 14), "15-28": (15, 28), "29-56": (29, 56), "57+": (57, 10**6)}
CASE = ("provider", "lot", "source_type", "age_band", "neighbourhood", "imd_decile")
BOTH = ("provider", "lot")
REASONS = codes("closure_reason")
HAPPENED = {None, "5", "6"}


@dataclass(frozen=True)
class Thing:
    """Something that is counted: on a day, or on every day from one to before another."""

    first: date
    beyond: date | None
    person: Any
    splits: Mapping[str, str]
    values: Mapping[str, int | None] = field(default_factory=dict)

    def counts_in(self, first: date, last: date) -> bool:
        """Return whether it falls in the period, or is so on its last day."""
        if self.beyond is None:
            return first <= self.first <= last
        return self.first <= last < self.beyond


class Counter:
    """Everything that can be counted in one warehouse."""

    def __init__(self, tables: Tables, borough_only: Sequence[str] = ()) -> None:
        self.tables, self.borough_only = tables, borough_only
        self.referrals = {row["referral_id"]: row for row in tables["referral"]}
        self.person = {row["person_id"]: row.get("linked_person_id") for row in tables["person"]}
        self.home = {row["person_id"]: row for row in with_names(tables["address"])}

    def who(self, person: Any) -> Any:
        return self.person.get(person) or person

    def splits(self, row: Row, referral: Row, person: Any, **more: Any) -> dict[str, str]:
        home = self.home.get(person, {})
        told = {
            "provider": row["source_system"],
            "lot": row.get("lot_code"),
            "source_type": referral.get("referrer_type"),
            "age_band": referral.get("age_band"),
            "neighbourhood": _area(home, "neighbourhood"),
            "imd_decile": _area(home, "imd_decile"),
        } | more
        if told["lot"] in self.borough_only:
            told |= dict.fromkeys(("provider", "neighbourhood", "imd_decile"), "borough_only")
        known = {
            name: value if name not in LISTS or value in codes(LISTS[name]) else None
            for name, value in told.items()
        }
        return {
            name: "unknown" if value in (None, "Unknown", "UNKNOWN") else str(value)
            for name, value in known.items()
        }

    def responses(self) -> Iterator[Thing]:
        """Yield the first contact of each referral: K15."""
        contacts: dict[Any, list[date]] = defaultdict(list)
        for contact in self.tables["contact"]:
            if contact.get("is_administrative") is False and contact.get("attendance") in HAPPENED:
                contacts[contact.get("referral_id")].append(contact["contact_on"])
        for key, row in self.referrals.items():
            received = row.get("received_on")
            days = [day for day in contacts[key] if day and received and day >= received]
            if row.get("status") == "duplicate" or not days:
                continue
            hub = self.referrals.get(row.get("parent_referral_id"), {}).get("received_on")
            waits = {"wait": (min(days) - received).days, "hub": _between(hub, min(days))}
            yield Thing(min(days), None, self.who(row.get("person_id")),
                        self.splits(row, row, row.get("person_id")), waits)  # fmt: skip

    def starts(self) -> Iterator[Thing]:
        """Yield the first start of each referral, and each that names no referral: K16."""
        begun = [row for row in self.tables["service_episode"] if row.get("started_on")]
        begun.sort(key=lambda row: (row["started_on"], row["episode_id"]))
        seen: set[Any] = set()
        for row in begun:
            key = row.get("referral_id")
            referral = self.referrals.get(key, {})
            if (key is not None and key in seen) or referral.get("status") == "duplicate":
                continue
            seen.add(key)
            hub = self.referrals.get(referral.get("parent_referral_id"), {}).get("received_on")
            offer = row.get("offered_start_on")
            waits = {
                "wait": row.get("wait_days"),
                "hub": _between(hub, row["started_on"]),
                "offer": _between(referral.get("received_on"), offer),
                "later": int(bool(offer and row["started_on"] > offer)),
            }
            person = row.get("person_id")
            yield Thing(row["started_on"], None, self.who(person), self.splits(row, referral, person), waits)

    def waiting(self) -> Iterator[Thing]:
        """Yield who waits, band by band: K17."""
        episodes: dict[Any, list[Row]] = defaultdict(list)
        for row in self.tables["service_episode"]:
            episodes[row.get("referral_id")].append(row)
        for key, row in self.referrals.items():
            mine = episodes[key]
            received, status = row.get("received_on"), row.get("status")
            accepted = min((each["accepted_on"] for each in mine if each.get("accepted_on")), default=None)
            if accepted is None and received and (
                row.get("triage_outcome") == "accept"
                or (status == "waiting" and row.get("triage_outcome") is None)
            ):  # fmt: skip
                accepted = received + timedelta(days=row.get("triage_days") or 0)
            ends = [each["started_on"] for each in mine if each.get("started_on")]
            if mine and all(each.get("ended_on") for each in mine):
                ends.append(max(each["ended_on"] for each in mine))
            ends += [row["closed_at"]] if row.get("closed_at") else []
            over = status in {"rejected", "withdrawn", "completed", "closed_other", "duplicate", "in_service"}
            if status == "duplicate" or not accepted or not received or (over and not ends):
                continue
            until = min(ends, default=NEVER)
            for band, (low, high) in WAITING_BANDS.items():
                first = max(accepted, received + timedelta(days=low))
                beyond = min(until, received + timedelta(days=high + 1))
                if first < beyond:
                    person = row.get("person_id")
                    yield Thing(
                        first, beyond, self.who(person), self.splits(row, row, person, wait_band=band)
                    )

    def received(self) -> Iterator[Thing]:
        """Yield what each service received, and whether somebody came back: K22."""
        rows = [row for row in self.referrals.values() if row.get("status") != "duplicate"]
        for row in rows:
            back = row.get("re_referral")
            yield self._referral(row, row.get("received_on"), {"back": None if back is None else int(back)})

    def closed(self) -> Iterator[Thing]:
        """Yield what each service closed: K23."""
        for row in self.referrals.values():
            if row.get("status") != "duplicate":
                reason = row.get("closure_reason")
                told = {"up": int(reason in {"STEP_UP_ASC", "STEP_UP_SAFE"}), "told": int(reason in REASONS)}
                yield self._referral(row, row.get("closed_at"), told)

    def _referral(self, row: Row, day: date | None, values: Mapping[str, int | None]) -> Thing:
        person = row.get("person_id")
        return Thing(day or NEVER, None, self.who(person), self.splits(row, row, person), values)

    def ended(self) -> Iterator[Thing]:
        """Yield work that ended: K23, K24."""
        for row in self.tables["service_episode"]:
            if row.get("ended_on"):
                more = {"end_reason": row.get("end_reason"), "step": row.get("step")}
                values = {"length": _between(row.get("started_on"), row["ended_on"])}
                yield self._episode(row, row["ended_on"], None, values, **more)

    def going_on(self) -> Iterator[Thing]:
        """Yield each day of work that goes on, as three stretches by its length: K24."""
        for row in self._linked_work():
            start, end = row["started_on"], row.get("ended_on") or NEVER
            for band, low, high in (("000-090", 0, 91), ("091-183", 91, 184), ("184+", 184, 10**6)):
                first, beyond = start + timedelta(days=low), min(end, start + timedelta(days=high))
                if first < beyond:
                    yield self._episode(row, first, beyond, length_band=band)

    def reviewed(self) -> Iterator[Thing]:
        """Yield work of more than 90 days on the days that lie in the 31 after its review: K25."""
        for row in self._linked_work():
            review = row.get("case_review_on")
            if review:
                first = max(row["started_on"] + timedelta(days=91), review)
                beyond = min(row.get("ended_on") or NEVER, review + timedelta(days=32))
                if first < beyond:
                    yield self._episode(row, first, beyond)

    def steps(self) -> Iterator[Thing]:
        """Yield work that followed on work of another lot with the same person: K23."""
        told = [row for row in self.tables["service_episode"]
                if row.get("started_on") and row.get("person_id") and row.get("lot_code")]  # fmt: skip
        last: dict[Any, Row] = {}
        for row in sorted(told, key=lambda row: (row["started_on"], row["episode_id"])):
            before = last.get(self.who(row["person_id"]))
            last[self.who(row["person_id"])] = row
            if before and before["lot_code"] != row["lot_code"]:
                lots = (before["lot_code"], row["lot_code"])
                known = all(lot in codes("stockport_lots") for lot in lots)
                yield self._episode(row, row["started_on"], None, move=">".join(lots) if known else None)

    def _linked_work(self) -> Iterator[Row]:
        for row in self.tables["service_episode"]:
            start, end = row.get("started_on"), row.get("ended_on")
            if start and row.get("referral_id") and not (end and end < start):
                yield row

    def _episode(
        self, row: Row, first: date, beyond: date | None, values: Mapping[str, int | None] | None = None,
        **more: Any,
    ) -> Thing:  # fmt: skip
        person = row.get("person_id")
        referral = self.referrals.get(row.get("referral_id"), {})
        return Thing(
            first, beyond, self.who(person), self.splits(row, referral, person, **more), values or {}
        )


def _area(home: Row, name: str) -> Any:
    """Return the area of the district, or why there is none."""
    if home.get("lad") not in (None, DISTRICT):
        return "outside"
    if home.get("lad") or home.get("lsoa21"):
        return home.get(name)
    status = home.get("postcode_status")
    return status if status in {"no_fixed_abode", "pseudo"} else None


def _between(first: date | None, last: date | None) -> int | None:
    """Return the calendar days, none the wrong way round."""
    return (last - first).days if first and last and last >= first else None


Which = Callable[[Thing], bool]


def _known(name: str) -> Which:
    return lambda thing: thing.values.get(name) is not None


def _is(name: str) -> Which:
    return lambda thing: thing.values.get(name) == 1


def _within(name: str, most: int) -> Which:
    return lambda thing: (thing.values.get(name) if thing.values.get(name) is not None else most + 1) <= most


def _band(*bands: str) -> Which:
    return lambda thing: thing.splits.get("length_band") in bands


def _every(thing: Thing) -> bool:
    return True


COUNTS: dict[str, tuple[str, Which, tuple[str, ...]]] = {
    "responses": ("responses", _every, CASE),
    "responses_within_28": ("responses", _within("wait", 28), CASE),
    "responses_within_30": ("responses", _within("wait", 30), CASE),
    "responses_passed_on": ("responses", _known("hub"), BOTH),
    "responses_passed_on_within_28": ("responses", _within("hub", 28), BOTH),
    "responses_passed_on_within_30": ("responses", _within("hub", 30), BOTH),
    "starts": ("starts", _every, CASE),
    "starts_timed": ("starts", _known("wait"), CASE),
    "starts_within_28": ("starts", _within("wait", 28), CASE),
    "starts_within_30": ("starts", _within("wait", 30), CASE),
    "starts_passed_on": ("starts", _known("hub"), BOTH),
    "starts_passed_on_within_28": ("starts", _within("hub", 28), BOTH),
    "starts_passed_on_within_30": ("starts", _within("hub", 30), BOTH),
    "starts_offered": ("starts", _known("offer"), BOTH),
    "starts_chosen_later": ("starts", lambda t: _known("offer")(t) and bool(t.values["later"]), BOTH),
    "waiting": ("waiting", _every, (*CASE[:5], "wait_band")),
    "services_told_of_return": ("received", _known("back"), ("provider", "lot", "age_band")),
    "services_returned": ("received", _is("back"), ("provider", "lot", "age_band")),
    "referrals_stepped_up": ("closed", _is("up"), ("provider", "lot", "age_band")),
    "work_ended": ("ended", _every, ("provider", "lot", "age_band", "end_reason", "step")),
    "work_ended_timed": ("ended", _known("length"), ("provider", "lot", "age_band")),
    "work_open": ("going_on", _every, ("provider", "lot", "age_band", "length_band")),
    "work_open_long": ("going_on", _band("184+"), ("provider", "lot", "age_band")),
    "work_due_review": ("going_on", _band("184+", "091-183"), BOTH),
    "work_reviewed": ("reviewed", _every, BOTH),
    "steps": ("steps", _every, ("provider", "move")),
}
EIGHT = "reached_by_eight"
BASES: dict[str, tuple[str, Which, tuple[str, ...]]] = {
    "services_received": ("received", _every, ()),
    "referrals_closed": ("closed", _every, ("provider", "lot", "age_band")),
    "closed_for_a_reason": ("closed", _is("told"), ()),
    "steps_known": ("ended", lambda thing: thing.splits["step"] != "unknown", ()),
}
"""What shares and completeness are of, and no figure of these tables tells by itself."""
SPREADS: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "K15": ("responses", "wait", "median p90", CASE),
    "K15.eight": ("responses", "wait", EIGHT, ()),
    "K15.hub": ("responses_passed_on", "hub", "median p90", BOTH),
    "K15.hub_eight": ("responses_passed_on", "hub", EIGHT, ()),
    "K16": ("starts_timed", "wait", "median p90", CASE),
    "K16.eight": ("starts_timed", "wait", EIGHT, ()),
    "K16.hub": ("starts_passed_on", "hub", "median p90", BOTH),
    "K16.hub_eight": ("starts_passed_on", "hub", EIGHT, ()),
    "K16.offered": ("starts_offered", "offer", "median p90", BOTH),
    "K24": ("work_ended_timed", "length", "median p90", ("provider", "lot", "age_band")),
    "K24.eight": ("work_ended_timed", "length", EIGHT, ()),
}
MONTHLY = {"borough", "provider", "lot"}


def percentile(values: Sequence[int], share: Fraction) -> Fraction:
    """Return PERCENTILE_CONT: on the line between the two values around the place (n - 1) * share."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


Of = Mapping[Any, Sequence[int]]
"""By person their values."""


def eighth(of: Of) -> Fraction | None:
    """Return the largest value that eight people reach; none, where there are not so many."""
    longest = sorted((max(values) for values in of.values()), reverse=True)
    return Fraction(longest[7]) if len(longest) > 7 else None


STATISTICS: dict[str, Callable[[Of], Fraction | None]] = {
    "median": lambda of: percentile([each for values in of.values() for each in values], Fraction(1, 2)),
    "p90": lambda of: percentile([each for values in of.values() for each in values], Fraction(9, 10)),
    EIGHT: eighth,
}


def beside(of: Of, place: Fraction | None) -> int | None:
    """Return how many people lie at a place or beyond it, on the side where they are fewer."""
    if place is None:
        return 0
    above = sum(any(value >= place for value in values) for values in of.values())
    return min(above, sum(any(value <= place for value in values) for values in of.values()))


def cells(
    counter: Counter, count: str, periods: Mapping[str, PeriodDays], breakdowns: Sequence[str]
) -> Iterator[tuple[str, str, str, list[Thing]]]:
    """Yield the things of a count by period, breakdown and category; nothing where there are none."""
    source, which, _ = (COUNTS | BASES)[count]
    things = [thing for thing in getattr(counter, source)() if which(thing)]
    for label, (first, last, long) in periods.items():
        mine = [thing for thing in things if thing.counts_in(first, last)]
        for breakdown in ("borough", *breakdowns):
            if not long and breakdown not in MONTHLY:
                continue
            found: dict[str, list[Thing]] = defaultdict(list)
            for thing in mine:
                found["all" if breakdown == "borough" else thing.splits[breakdown]].append(thing)
            yield from ((label, breakdown, category, group) for category, group in found.items())


Counts = Mapping[str, tuple[str, Which, tuple[str, ...]]]


def counted(
    counter: Counter, periods: Mapping[str, PeriodDays], counts: Counts = COUNTS
) -> dict[Cell, tuple[int, int]]:
    """Return how many, and how many people stand behind them, of every count; zeros are left out."""
    told = {}
    for count, (_, _, breakdowns) in counts.items():
        for label, breakdown, category, group in cells(counter, count, periods, breakdowns):
            told[count, label, breakdown, category] = (len(group), _people(group))
    return told


def _people(group: Sequence[Thing]) -> int:
    known = {thing.person for thing in group}
    return len(known)


def spread(
    counter: Counter, periods: Mapping[str, PeriodDays]
) -> dict[tuple[str, str, str, str, str], tuple[int, int, int | None, float | None]]:
    """Return of every statistic n, people, how many lie at it or beyond on either side, and its value."""
    told = {}
    for kpi, (count, name, statistics, breakdowns) in SPREADS.items():
        for label, breakdown, category, group in cells(counter, count, periods, breakdowns):
            of: dict[Any, list[int]] = defaultdict(list)
            for thing in group:
                if (value := thing.values[name]) is not None:
                    of[thing.person].append(value)
            for statistic in statistics.split():
                place = STATISTICS[statistic](of)
                told[kpi, statistic, label, breakdown, category] = (
                    sum(map(len, of.values())), _people(group), beside(of, place),
                    None if place is None else float(place),
                )  # fmt: skip
    return told

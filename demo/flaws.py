"""The known flaws of the sample that hold nothing: they sit in records that the figures count."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from demo.book import Book, Table
from demo.people import Row
from demo.words import CARER_REFERRAL, SELF_REFERRAL

NONE, BLANK, HOLD = "none", "blank_field", "hold_record"
PLACEHOLDERS = tuple(str(digit) * 10 for digit in range(1, 10))
BAD_POSTCODES = (
    "ZQ1 1",
    "1AA ZQ1",
    "ZQ 11A",
    "ZQ1 1A1",
    "Z",
    "QQQ 111",
    "ZQ1-1AA-2",
    "ZQ00000",
    "ZQ123 4AA",
    "ZZZ9 9ZZ",
)
UNMAPPABLE = ("Martian", "Northern", "Human", "European (other)", "See notes", "Code 7", "Islander", "Nomad")


@dataclass(frozen=True, order=True)
class Flaw:
    """One flaw we planted: where it is, which check must find it, and what becomes of the record."""

    source: str
    entity: str
    reference: str
    check: str
    field: str
    fate: str


@dataclass
class Planter:
    """Plants flaws in one provider's book; no record is given two."""

    book: Book
    flaws: list[Flaw] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)

    @property
    def draw(self) -> Random:
        """Return the book's source of chance."""
        return self.book.draw

    def note(self, entity: str, reference: str, check: str, named: str, fate: str) -> None:
        """Write the flaw down."""
        self.flaws.append(Flaw(self.book.source, entity, reference, check, named, fate))

    def pick(self, rows: Table, count: int) -> Table:
        """Return rows of people nothing was planted on, each of another person."""
        free = {row["Org Person ID"]: row for row in rows if row["Org Person ID"] not in self.touched}
        chosen = self.draw.sample(sorted(free), count)
        self.touched.update(chosen)
        return [free[person] for person in chosen]

    def people(self) -> Table:
        """Return the clients who are alive, named, never merged, and have a home."""
        return [
            row
            for row in self.book.tables["people"]
            if row["Report Person Type"] == "Client"
            and row["Anonymised"] == "No"
            and row["Address Line 1"]
            and not row["Date of Death"]
            and not row["Merged IDs"]
            and row["Address Type"] != "Refuge"
        ]


def _no_birth_date(planter: Planter, count: int) -> None:
    for row in planter.pick(planter.people(), count):
        row["Date of Birth"] = ""
        planter.note("person", row["Org Person ID"], "PER-04", "birth_date", NONE)


def _wrong_check_digit(planter: Planter, count: int) -> None:
    numbered = [row for row in planter.people() if row["NHS Number"]]
    for turn, row in enumerate(planter.pick(numbered, count)):
        number = row["NHS Number"].replace(" ", "")
        row["NHS Number"] = number[:9] if turn % 4 == 3 else f"{number[:9]}{(int(number[9]) + 1) % 10}"
        planter.note("person", row["Org Person ID"], "PER-05", "nhs_number", BLANK)


def _placeholder_number(planter: Planter, count: int) -> None:
    for row, number in zip(planter.pick(planter.people(), count), PLACEHOLDERS[::-1], strict=False):
        row["NHS Number"] = number
        planter.note("person", row["Org Person ID"], "PER-06", "nhs_number", BLANK)


def _bad_postcode(planter: Planter, count: int) -> None:
    for row, postcode in zip(planter.pick(planter.people(), count), BAD_POSTCODES, strict=False):
        row["Postcode"] = postcode
        planter.note("address", row["Org Person ID"], "ADR-01", "postcode", BLANK)


def _unknown_postcode(planter: Planter, count: int) -> None:
    for number, row in enumerate(planter.pick(planter.people(), count), start=1):
        row["Postcode"] = f"ZQ9 {number % 10}XX"
        planter.note("address", row["Org Person ID"], "ADR-02", "postcode", NONE)


def _strange_ethnicity(planter: Planter, count: int) -> None:
    for row, words in zip(planter.pick(planter.people(), count), UNMAPPABLE, strict=False):
        row["Ethnic Origin"] = words
        planter.note("characteristics", row["Org Person ID"], "CHR-02", "ethnicity_2021", BLANK)


def _referrals(planter: Planter) -> Table:
    """Return the referrals of ordinary people that were neither rejected nor duplicates."""
    ordinary = {row["Org Person ID"] for row in planter.people()}
    return [
        row
        for row in planter.book.tables["referrals"]
        if row["Org Person ID"] in ordinary and row["Stage"] not in {"Rejected", "Duplicate"}
    ]


def _no_referrer(planter: Planter, count: int) -> None:
    rows = [row for row in _referrals(planter) if row["Referrer ID"] and row["Referral Method"] != "Portal"]
    times = Counter(row["Referrer ID"] for row in planter.book.tables["referrals"])
    often = {referrer for referrer, number in times.items() if number > count + 1}
    own = {SELF_REFERRAL, CARER_REFERRAL}
    often_or_few = [row for row in rows if row["Referrer ID"] in often or planter.book.source != "hub"]
    for row in planter.pick([row for row in often_or_few if row["Referrer Type"] not in own], count):
        row["Referrer ID"] = ""
        planter.note("referral", row["Diary Reference Number"], "REF-05", "referrer_org_id", NONE)


def _no_outcome(planter: Planter, count: int) -> None:
    rows = [row for row in _referrals(planter) if row["Referral Closure Date"] and not row["Accepted Date"]]
    for row in planter.pick([row for row in rows if not row["Goal Outcome"]], count):
        row["Outcome"] = ""
        planter.note("referral", row["Diary Reference Number"], "REF-10", "closure_reason", NONE)


def _no_need(planter: Planter, count: int) -> None:
    chosen = {row["Diary Reference Number"] for row in planter.pick(_referrals(planter), count)}
    needs = planter.book.tables["needs"]
    needs[:] = [row for row in needs if row["Diary Reference Number"] not in chosen]
    for reference in sorted(chosen):
        planter.note("referral", reference, "REF-15", "need.is_primary", NONE)


def _missed_with_duration(planter: Planter, count: int) -> None:
    missed = [row for row in planter.book.tables["contacts"] if row["Attendance"] == "Did not attend"]
    for row in planter.pick(missed, count):
        row["Duration"] = "30"
        planter.note("contact", row["Contact ID"], "CON-03", "duration_min", NONE)


def _items(form: Row) -> list[str]:
    return [name for name in form if name.startswith("Item ") and form[name]]


def _wrong_total(planter: Planter, count: int) -> None:
    for row in planter.pick(
        [form for form in planter.book.tables["outcomes"] if int(form["Total"]) < 60], count
    ):
        row["Total"] = str(int(row["Total"]) + (3 if row["Tool"] == "WEMWBS" else 1))
        planter.note("outcome_measure", row["Form ID"], "OUT-02", "raw_total", BLANK)


def _leave_out_two(planter: Planter, form: Row) -> int:
    """Blank two answers of the form; return the sum of those that stay."""
    for name in planter.draw.sample(_items(form)[2:], 2):
        form[name] = ""
    return sum(int(form[name]) for name in _items(form))


def _incomplete_with_total(planter: Planter, count: int) -> None:
    full = [
        form
        for form in planter.book.tables["outcomes"]
        if form["Tool"] == "WEMWBS" and int(form["Total"]) >= 26
    ]
    for row in planter.pick(full, count):
        row["Total"] = str(_leave_out_two(planter, row))
        planter.note("outcome_measure", row["Form ID"], "OUT-03", "raw_total", BLANK)
    for row in planter.pick([form for form in full if form["Total"]], 2):
        _leave_out_two(planter, row)
        row["Total"] = ""  # an incomplete form without a score is as it should be


# How many of each kind sit in the figures: at the hub, Community Support, Domestic Abuse Support.
KINDS: tuple[tuple[Callable[[Planter, int], None], tuple[int, int, int]], ...] = (
    (_no_birth_date, (8, 2, 1)),
    (_wrong_check_digit, (8, 2, 1)),
    (_placeholder_number, (8, 2, 1)),
    (_bad_postcode, (8, 2, 1)),
    (_unknown_postcode, (8, 2, 1)),
    (_strange_ethnicity, (8, 2, 1)),
    (_no_referrer, (8, 2, 1)),
    (_no_outcome, (8, 0, 0)),
    (_no_need, (8, 2, 1)),
    (_missed_with_duration, (8, 2, 1)),
    (_wrong_total, (8, 3, 2)),
    (_incomplete_with_total, (8, 3, 2)),
)


def plant_in_figures(planters: dict[str, Planter]) -> None:
    """Plant every kind that holds nothing, at the three providers."""
    for plant, counts in KINDS:
        for planter, count in zip(planters.values(), counts, strict=True):
            plant(planter, count)

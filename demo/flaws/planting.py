"""How a flaw is planted: on people nothing was planted on, and written down with its check and its fate."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from demo.book import Book, Table
from demo.people import Row
from demo.young import PROJECT as YOUNG_CARERS

NONE, BLANK, HOLD = "none", "blank_field", "hold_record"
PERSON, DIARY = "Org Person ID", "Diary Reference Number"


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
    """Plants flaws in one provider's book, as it is exported at that instant; nobody is given two."""

    book: Book
    extracted_at: datetime
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
        free = {row[PERSON]: row for row in rows if row[PERSON] not in self.touched}
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

    def person(self, reference: str) -> Row:
        """Return the row of the person."""
        return next(row for row in self.book.tables["people"] if row[PERSON] == reference)

    def referrals(self) -> Table:
        """Return the referrals of such people to services for adults, but rejected ones and duplicates."""
        ordinary = {row[PERSON] for row in self.people()}
        return [
            row
            for row in self.book.tables["referrals"]
            if row[PERSON] in ordinary
            and row["Stage"] not in {"Rejected", "Duplicate"}
            and row["Project"] != YOUNG_CARERS
        ]

    def only_referrals(self) -> Table:
        """Return those referrals of people who were referred once."""
        times = Counter(row[PERSON] for row in self.book.tables["referrals"])
        return [row for row in self.referrals() if times[row[PERSON]] == 1]

    def of_case(self, export: str) -> dict[str, Table]:
        """Return the export's rows by the referral they hang on."""
        rows: defaultdict[str, Table] = defaultdict(list)
        for row in self.book.tables[export]:
            rows[row[DIARY]].append(row)
        return rows


Kind = tuple[Callable[[Planter, int], None], tuple[int, int, int]]
"""A way to plant a flaw, and how many: at the hub, Community Support, Domestic Abuse Support."""

"""The records of one night as the exports show them, and what they tell together; in plain Python."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tests.tiny.danger import TELLS_OF_ABUSE, Danger, Name
from tests.tiny.world import SAFE, Row, World

Key = tuple[str, str, str]  # entity, source, CRM reference
Shared = dict[str, Any]
ORDER = (
    "organisation",
    "service",
    "person",
    "relationship",
    "address",
    "consent",
    "referral",
    "need",
    "contact",
)
EXPORT_OF = {
    "organisation": "services", "service": "services", "person": "people", "address": "people",
    "relationship": "relationships", "consent": "consents", "referral": "referrals", "need": "needs",
    "contact": "contacts",
}  # fmt: skip
LOTS = {"Support Hub": "L3-SSH", "Friends": "L4-CS", SAFE: "L8-DA"}
BANDS = (
    (18, "Under 18"),
    (25, "18 to 24"),
    (45, "25 to 44"),
    (65, "45 to 64"),
    (75, "65 to 74"),
    (85, "75 to 84"),
)


@dataclass(frozen=True)
class Case:
    """One case as its rows tell it: whose it is, which lot, what it tells."""

    row: Row
    owner: Name
    received: date | None
    lot: str | None
    abuse: bool


class Night:
    """The records of the sources read tonight, and what each flow says of them."""

    def __init__(self, world: World, read: set[str], danger: Danger, turns: frozenset[str]) -> None:
        self.world, self.read, self.danger, self.turns = world, read, danger, turns
        self.people = {(s, name): row for s in read for name, row in world.tables[s]["people"].items()}
        self.cases = {
            (s, name): _case(s, row) for s in read for name, row in world.tables[s]["referrals"].items()
        }

    def records(self) -> Iterator[tuple[Key, Row]]:
        """Yield every record, parents before children."""
        for entity in ORDER:
            for source in sorted(self.read):
                for name, row in self.world.tables[source].get(EXPORT_OF[entity], {}).items():
                    yield (entity, source, row["Organisation"] if entity == "organisation" else name), row

    def owner(self, key: Key, row: Row) -> Name | None:
        """Return whose record it is: that of its case, else the one the row names."""
        entity, source, _ = key
        if entity in {"organisation", "service"}:
            return None
        case = self.cases.get((source, row.get("Case", ""))) if entity != "referral" else None
        return case.owner if case else (source, row["Person"])

    def agreed(self, person: Name) -> bool:
        """Return whether the latest answer is yes; one without its reference, or gone, may be a later no."""
        source, name = person
        answers = [row for row in self.world.rows(source, "consents") if row["Person"] == name]
        if any(not row["Answer"] for row in answers) or person in self.danger.doubted:
            return False
        answers.sort(key=lambda row: datetime.strptime(row["Recorded"], "%d/%m/%Y %H:%M"))  # noqa: DTZ007
        return bool(answers) and answers[-1]["Status"] == "Given"

    def shares_number(self, person: Name) -> bool:
        """Return whether another person of the source has the same valid NHS number."""
        number = self.people[person]["NHS Number"]
        same = [
            one for one, row in self.people.items() if one[0] == person[0] and row["NHS Number"] == number
        ]
        return is_number(number) and len(same) > 1

    def came_again(self, case: Case) -> bool | None:
        """Return whether a case of the same person and project was closed within 183 days before."""
        if case.received is None or case.lot is None or case.owner not in self.people:
            return None
        closed = [
            ended
            for other in self.cases.values()
            if other.owner == case.owner and other.row["Project"] == case.row["Project"]
            if (ended := day(other.row["Closed"])) and other.received and ended >= other.received
        ]
        last = max((ended for ended in closed if ended < case.received), default=None)
        return last is not None and (case.received - last).days <= 183

    def age_band(self, case: Case) -> str | None:
        """Return the band of the person's age on the day the case was received."""
        if case.received is None:
            return None
        born = day(self.people[case.owner]["Born"]) if case.owner in self.people else None
        if born is None:
            return "Unknown"
        before = (case.received.month, case.received.day) < (born.month, born.day)
        age = case.received.year - born.year - before
        return next(
            (name for limit, name in BANDS if age < limit), "85 to 94" if age < 95 else "95 and above"
        )


def _case(source: str, row: Row) -> Case:
    project = row["Project"]
    return Case(
        row,
        (source, row["Person"]),
        day(row["Received"]),
        LOTS.get(project),
        TELLS_OF_ABUSE.get(project, True),
    )


def day(words: str) -> date | None:
    try:
        return datetime.strptime(words, "%d/%m/%Y").date()  # noqa: DTZ007
    except ValueError:
        return None


def is_number(words: str) -> bool:
    """Return whether this is an NHS number: ten digits, the last one right."""
    if len(words) != 10 or not words.isdigit():
        return False
    remainder = (
        11 - sum(int(digit) * weight for digit, weight in zip(words, range(10, 1, -1), strict=False)) % 11
    )
    return remainder != 10 and remainder % 11 == int(words[9])

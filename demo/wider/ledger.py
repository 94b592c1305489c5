"""The exports of the second sample while they are written, with what is planted in them."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from demo.book import Table
from demo.flaws import Flaw, LookAlike
from demo.people import Identity, Population, Row
from demo.wider.layout import COLUMNS, EXPORTS, LETTERS, MARKS, TEAMS, said

NONE, BLANK = "none", "blank_field"
Kind = tuple[str, str]
"""A source, and the entity that its row becomes."""


@dataclass
class Ledger:
    """All sources' rows, the flaws among them, and the records that only look like flaws."""

    population: Population
    draw: Random
    tables: dict[str, dict[str, Table]]
    flaws: list[Flaw] = field(default_factory=list)
    look_alikes: list[LookAlike] = field(default_factory=list)

    @classmethod
    def begun(cls, seed: int) -> "Ledger":
        """Return a ledger that holds nothing but the services of each source."""
        population = Population(Random(f"{seed} wider people"), Random(f"{seed} wider people aside"))
        tables: dict[str, dict[str, Table]] = {
            source: {name: [] for name in names} for source, names in EXPORTS.items()
        }
        made = cls(population, Random(f"{seed} wider"), tables)
        for source, teams in TEAMS.items():
            for team, lot in teams:
                organisation = {"Organisation": f"{LETTERS[source]}O1", "Run by": f"Those of {teams[0][0]}"}
                told = {"Team": team, "Lot": lot, "Status": "Active", "Domestic Abuse": "No"}
                made.add(source, "services", organisation | told)
        return made

    def add(self, source: str, export: str, cells: Row) -> Row:
        """Return a new row of an export, under the next reference."""
        rows = self.tables[source][export]
        reference = f"{LETTERS[source]}{MARKS[export]}{len(rows) + 1:04d}"
        row = dict.fromkeys(COLUMNS[export], "") | {COLUMNS[export][0]: reference} | cells
        rows.append(row)
        return row

    def note(self, of: Kind, row: Row, check: str, named: str, fate: str = NONE) -> None:
        """Write down that a flaw was planted in the record of this row."""
        self.flaws.append(Flaw(*of, next(iter(row.values())), check, named, fate))

    def resembles(self, of: Kind, row: Row, check: str, named: str, says: str, *, told: bool = False) -> None:
        """Write down that the record of this row is right, though it looks like a flaw of the check."""
        reference = next(iter(row.values()))
        self.look_alikes.append(LookAlike(*of, reference, check, named, told, says))

    def somebody(self, born: date | None = None, *, numbered: bool = True) -> Identity:
        """Return a new person, with an NHS number or without one."""
        person = self.population.person()
        number = self.population.nhs_number() if numbered else ""
        return replace(person, nhs_number=number, born=born or person.born, references={})

    def person(self, source: str, identity: Identity, **cells: str) -> Row:
        """Return the row of somebody whom the source knows, under a reference of its own."""
        known = {
            "First Name": identity.forename,
            "Family Name": identity.surname,
            "Born": said(identity.born),
            "NHS No": identity.nhs_number,
            "House and Street": identity.home.line1,
            "Postcode": identity.home.postcode,
            "Hidden Address": "No",
            "Safe to Contact": "Yes",
        }
        return self.add(
            source, "people", known | {name.replace("_", " "): cell for name, cell in cells.items()}
        )

    def case(self, source: str, person: Row, received: date, lasts: int = 14, **cells: str) -> Row:
        """Return a referral that was seen once and has been closed, with its contact."""
        closed = received + timedelta(days=lasts)
        row = {
            "Person No": person["Person No"],
            "Team": TEAMS[source][0][0],
            "Received": said(received),
            "Status": "completed",
            "Closed": said(closed),
            "Outcome": "NEEDS_MET",
        }
        referral = self.add(
            source, "referrals", row | {name.replace("_", " "): cell for name, cell in cells.items()}
        )
        self.contact(source, referral, received + timedelta(days=3))
        return referral

    def contact(self, source: str, referral: Row, seen: date) -> Row:
        """Return a meeting of the case."""
        case = {name: referral[name] for name in ("Referral No", "Person No")}
        return self.add(source, "contacts", case | {"Seen": said(seen), "Note": "Met."})

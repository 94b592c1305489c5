"""One provider's CRM while it is being filled: ten tables, and references that count upwards."""

from dataclasses import dataclass, field
from datetime import date
from random import Random

from demo.dates import Moment, day_text, instant_text, office_time
from demo.people import Identity, Row
from demo.words import COMMUNICATION, EXPORTS, LETTERS, REFERENCES, canary, sentence

Table = list[Row]


@dataclass
class Book:
    """The rows a provider holds, by export; what was added to them later is drawn from `aside`."""

    source: str
    draw: Random
    aside: Random
    tables: dict[str, Table] = field(default_factory=lambda: {name: [] for name in EXPORTS})
    workers: list[str] = field(default_factory=list)
    given: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.workers = [canary(self.draw, "Worker") for _ in range(12)]

    def next_reference(self, export: str) -> str:
        """Return the reference that the next row of the export gets."""
        letter, digits = REFERENCES[export]
        self.given[export] = self.given.get(export, 0) + 1
        return f"{LETTERS[self.source]}{letter}{self.given[export]:0{digits}d}"

    def add(self, export: str, cells: Row) -> Row:
        """Return the row as added: every column of the export, those not given empty."""
        columns = EXPORTS[export]
        row = dict.fromkeys(columns, "")
        row[columns[0]] = self.next_reference(export)
        row.update(cells)
        if len(row) != len(columns):
            raise ValueError(f"{export}: {sorted(set(row) - set(columns))} are not its columns")
        self.tables[export].append(row)
        return row

    def person(self, identity: Identity, kind: str = "Client", **cells: str) -> Row:
        """Return the person's row; the identity remembers the reference it has here."""
        draw = self.draw
        row = self.add(
            "people",
            {
                "Report Person Type": kind,
                **identity.cells(),
                "Address Type": "Main" if identity.home.line1 else "",
                "Sensitive Location": draw.choices(("No", "Yes", ""), (96, 1, 3))[0],
                "Safe to Contact": draw.choices(("Yes", "Conditional", "No", ""), (95, 1.5, 0.5, 3))[0],
                "Anonymised": "No",
                **{name.replace("_", " "): value for name, value in cells.items()},
            },
        )
        identity.references[self.source] = row["Org Person ID"]
        return row

    def contact(self, referral: Row, moment: Moment, kind: str = "Contact", cells: Row | None = None) -> Row:
        """Return one contact of the referral; attended unless the cells say otherwise."""
        draw = self.draw
        return self.add(
            "contacts",
            {
                "Diary Reference Number": referral["Diary Reference Number"],
                "Org Person ID": referral["Org Person ID"],
                "Contact Date": day_text(moment.day),
                "Contact Time": moment.clock,
                "Communication Method": draw.choices(COMMUNICATION, (25, 50, 5, 15, 5))[0],
                "Attendance": "Attended" if draw.random() < 0.95 else "Attended late",
                "Duration": str(draw.choice((5, 10, 15, 20, 30, 45, 60))),
                "Worker": draw.choice(self.workers),
                "Administrative": "No",
                "Contact Type": kind,
                "Details": sentence(draw, "Details"),
                **(cells or {}),
            },
        )

    def office_contact(self, referral: Row, received: Moment, day: date, kind: str = "Contact") -> Row:
        """Return one contact in office hours of the day, after the referral was received."""
        return self.contact(referral, Moment(day, office_time(self.draw, day, received)), kind)

    def plain_contact(self, referral: Row, day: date) -> Row:
        """Return a contact late in the morning of the day, to which the person came."""
        return self.contact(referral, Moment(day, 11 * 60 + 30), cells={"Attendance": "Attended"})

    def need(self, referral: Row, code: str, raised: date, *, primary: bool) -> Row:
        """Return one need of the referral."""
        return self.add(
            "needs",
            {
                "Diary Reference Number": referral["Diary Reference Number"],
                "Org Person ID": referral["Org Person ID"],
                "Need": code,
                "Primary": "Yes" if primary else "No",
                "Raised Date": day_text(raised),
            },
        )

    def consent(
        self, person: str, purpose: str, status: str, at: Moment, withdrawn: Moment | None = None
    ) -> Row:
        """Return one consent of the person."""
        gone = instant_text(withdrawn.day, withdrawn.known_minutes) if withdrawn else ""
        return self.add(
            "consents",
            {
                "Org Person ID": person,
                "Purpose": purpose,
                "Status": status,
                "Recorded": instant_text(at.day, at.known_minutes),
                "Withdrawn": gone,
            },
        )

    def risk(self, person: str, risk: str, start: date, end: date | None = None) -> Row:
        """Return one risk of the person."""
        level = self.draw.choice(("Low", "Medium", "High"))
        return self.add(
            "risks",
            {
                "Org Person ID": person,
                "Risk": risk,
                "Level": level,
                "Start Date": day_text(start),
                "End Date": day_text(end),
            },
        )

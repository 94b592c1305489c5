"""Two small CRMs: rows as their exports show them, and the things that happen to them. It knows no rule.

Every cell that no flow lets out holds a canary: a word that begins with `Zqno`, or with the digits 77000000.
"""

from dataclasses import dataclass, field

Row = dict[str, str]
Table = dict[str, Row]
FLOWS = ("early_help", "commissioning")
COLUMNS: dict[str, tuple[str, ...]] = {
    "people": (
        "Person", "Forename", "Surname", "Born", "NHS Number", "UPRN", "Street", "Postcode", "Sensitive",
        "Safe to Contact", "Anonymised", "Merged", "Telephone",
    ),
    "relationships": ("Link", "Person", "Related", "Relation"),
    "services": ("Service", "Organisation", "Run by", "Project", "Lot", "Status", "Domestic Abuse"),
    "referrals": ("Case", "Person", "Received", "Closed", "Project", "Priority", "Portal", "Reason"),
    "contacts": ("Contact", "Case", "Person", "On", "Attendance", "Worker", "Details"),
    "needs": ("Need", "Case", "Person", "Kind"),
    "consents": ("Answer", "Person", "Purpose", "Status", "Recorded"),
}  # fmt: skip
OF_FRIENDS = ("people", "services", "referrals", "needs", "consents")
EXPORTS = {"hub": tuple(COLUMNS), "community_support": OF_FRIENDS}
LETTERS = {"hub": "H", "community_support": "C"}
MARKS = {
    "people": "P", "relationships": "L", "services": "S", "referrals": "R", "contacts": "C", "needs": "N",
    "consents": "G",
}  # fmt: skip
HUB, FRIENDS, SAFE = "Support Hub", "Friends", "Safe House"
SERVICES = {
    "hub": ((HUB, "L3-SSH", "No"),),
    "community_support": ((FRIENDS, "L4-CS", "No"), (SAFE, "L8-DA", "Yes")),
}
IDENTITY = ("Forename", "Surname", "Born", "NHS Number", "UPRN", "Street", "Postcode", "Telephone")
WEIGHTS = range(10, 1, -1)


@dataclass
class World:
    """The CRMs of both providers: per source and export the rows by their reference."""

    tables: dict[str, dict[str, Table]]
    twice: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    nameless: dict[tuple[str, str], list[Row]] = field(default_factory=dict)
    deleted: dict[tuple[str, str], Table] = field(default_factory=dict)
    made: int = 0

    @classmethod
    def begun(cls) -> "World":
        """Return two CRMs with their services and nobody in them."""
        world = cls({source: {name: {} for name in names} for source, names in EXPORTS.items()})
        for source, services in SERVICES.items():
            for number, (project, lot, abuse) in enumerate(services, start=1):
                world.add(source, "services", {
                    "Organisation": f"{LETTERS[source]}O{number}", "Run by": f"Those of {project}",
                    "Project": project, "Lot": lot, "Status": "Active", "Domestic Abuse": abuse,
                })  # fmt: skip
        return world

    def rows(self, source: str, export: str) -> list[Row]:
        """Return the rows as the export shows them: some twice, some without their reference."""
        table = self.tables[source][export]
        again = [table[name] for name in sorted(self.twice.get((source, export), ())) if name in table]
        return [*table.values(), *again, *self.nameless.get((source, export), [])]

    def add(self, source: str, export: str, cells: Row) -> str:
        """Add a row and return its reference."""
        self.made += 1
        name = f"{LETTERS[source]}{MARKS[export]}{self.made:03d}"
        columns = COLUMNS[export]
        self.tables[source][export][name] = dict.fromkeys(columns, "") | {columns[0]: name} | cells
        return name

    def change(self, source: str, export: str, name: str, cells: Row) -> None:
        """Change some cells of a row."""
        table = self.tables[source][export]
        table[name] = table[name] | cells

    def names(self, source: str, export: str) -> list[str]:
        """Return the references of an export's rows."""
        return list(self.tables[source].get(export, {}))

    # -- what happens to people ------------------------------------------------------------------------------

    def arrive(self, source: str, street: int, *, agreed: bool) -> str:
        """A new person comes, says yes or no, and has one case."""
        number = self.made + 1
        born = f"{1 + number % 27:02d}/0{1 + number % 9}/19{40 + number % 55}"
        person = self.add(source, "people", {
            "Forename": f"Zqnofor{number}", "Surname": f"Zqsur{number}x", "Born": born,
            "NHS Number": nhs_number(number), "UPRN": f"7700{number:08d}", "Sensitive": "No",
            "Street": f"{street} Zqstr Road", "Postcode": postcode_of(street),
            "Telephone": f"7700{number:08d}",
        })  # fmt: skip
        self.answer(source, person, agreed=agreed)
        self.refer(source, person)
        return person

    def answer(self, source: str, person: str, *, agreed: bool) -> str:
        """The person answers whether the council may know, later than every answer before."""
        minute = self.made + 1
        recorded = f"{1 + minute // 1440:02d}/01/2024 {minute // 60 % 24:02d}:{minute % 60:02d}"
        said = {"Person": person, "Purpose": "Share with council", "Recorded": recorded}
        return self.add(source, "consents", said | {"Status": "Given" if agreed else "Refused"})

    def refer(self, source: str, person: str, project: str = "", parent: str = "") -> str:
        """The person is referred: a case with a need and, at the hub, a contact."""
        day = 1 + self.made % 27
        month = 2 if source == "hub" else 4
        project = project or SERVICES[source][0][0]
        case = self.add(source, "referrals", {
            "Person": person, "Received": f"{day:02d}/{month:02d}/2024", "Project": project,
            "Priority": "Routine", "Portal": parent, "Reason": f"Zqnowhy{self.made}",
        })  # fmt: skip
        self.add(source, "needs", {"Case": case, "Person": person, "Kind": "ECON.DEBT"})
        if "contacts" in EXPORTS[source]:
            self.contact(source, case)
        return case

    def contact(self, source: str, case: str) -> str:
        """Somebody speaks with the person of the case."""
        return self.add(source, "contacts", {
            "Case": case, "Person": self.tables[source]["referrals"][case]["Person"], "On": "02/05/2024",
            "Attendance": "Came", "Worker": f"Zqnowkr{self.made}", "Details": f"Zqnodet{self.made}",
        })  # fmt: skip

    def relate(self, one: str, other: str) -> None:
        """Two people of the hub are known to belong together."""
        self.add("hub", "relationships", {"Person": one, "Related": other, "Relation": "Same household"})

    def anonymise(self, source: str, person: str) -> None:
        """The CRM cleanses the record; what was done stays."""
        self.change(source, "people", person, dict.fromkeys(IDENTITY, "") | {"Anonymised": "Yes"})

    # -- what happens to rows --------------------------------------------------------------------------------

    def delete(self, source: str, export: str, name: str) -> None:
        """Take out the row and all rows that name it."""
        column = {"people": "Person", "referrals": "Case"}.get(export)
        self.deleted.setdefault((source, export), {})[name] = self.tables[source][export].pop(name)
        for table in self.tables[source].values() if column else ():
            for each in [
                each for each, row in table.items() if name in (row.get(column), row.get("Related"))
            ]:
                del table[each]

    def lose(self, source: str, export: str, name: str) -> None:
        """Take out the row alone; what names it stays and hangs in the air."""
        del self.tables[source][export][name]

    def merge(self, source: str, survivor: str, loser: str) -> None:
        """One person absorbs another: all that was the loser's is the survivor's."""
        people = self.tables[source]["people"]
        before = [people[survivor]["Merged"], loser, people[loser]["Merged"]]
        self.change(source, "people", survivor, {"Merged": "; ".join(name for name in before if name)})
        del people[loser]
        for table in self.tables[source].values():
            for name, row in table.items():
                moved = {column: survivor for column in ("Person", "Related") if row.get(column) == loser}
                table[name] = row | moved

    def move(self, source: str, case: str, person: str, *, with_rows: bool) -> None:
        """The case is another person's after all; what hangs on it follows, or nobody has done that yet."""
        self.change(source, "referrals", case, {"Person": person})
        for export in ("needs", "contacts") if with_rows else ():
            for name, row in self.tables[source].get(export, {}).items():
                if row["Case"] == case:
                    self.change(source, export, name, {"Person": person})

    def show_twice(self, source: str, export: str, name: str) -> None:
        """The export shows a row twice, to the letter."""
        self.twice.setdefault((source, export), set()).add(name)

    def lose_reference(self, source: str, export: str, name: str) -> None:
        """The export shows a second row like this one, without any reference of its own."""
        row = self.tables[source][export][name] | {COLUMNS[export][0]: ""}
        self.nameless.setdefault((source, export), []).append(row)

    def mend_exports(self) -> None:
        """The exports show every row once, with its reference."""
        self.twice, self.nameless = {}, {}


def postcode_of(street: int) -> str:
    """Return a street's own postcode, well-formed: its district and sector hold the number."""
    return f"SK{street % 100} {1 + street // 100}AA"


def nhs_number(seed: int, *, valid: bool = True) -> str:
    """Return an NHS number of the range 999 whose check digit is right, or wrong."""
    while True:
        nine = f"999{seed % 1_000_000:06d}"
        check = 11 - sum(int(digit) * weight for digit, weight in zip(nine, WEIGHTS, strict=True)) % 11
        if check != 10:
            return nine + str(check % 11 if valid else (check + 1) % 10 if check < 10 else 1)
        seed += 100_000

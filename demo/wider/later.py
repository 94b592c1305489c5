"""The second night: identities that were emptied, exports that lost rows, and what only looks like either."""

from dataclasses import dataclass, field

from demo.book import Table
from demo.flaws import Flaw, LookAlike
from demo.people import Row
from demo.wider.layout import COMMUNITY, DEBTS, HOMES, HUB, MEALS
from demo.wider.ledger import NONE, Ledger

IDENTITY = ("First Name", "Family Name", "Born", "NHS No", "House and Street", "Postcode")
EMPTIED = dict.fromkeys(IDENTITY, "")
ERASED: tuple[tuple[str, Row], ...] = (
    (HUB, EMPTIED),
    (HUB, EMPTIED | {"First Name": "Person", "Family Name": "4711"}),
    (HUB, EMPTIED | {"First Name": "Anonymised", "Family Name": "Anonymised"}),
    (COMMUNITY, EMPTIED | {"Postcode": "ZQ1 1DS"}),
)
UNLIKE: tuple[tuple[str, Row, str, bool], ...] = (
    (HUB, {"Family Name": "Zqsurwed", "House and Street": "9 Zqstrnew Lane"}, "Married, and moved.", False),
    (HUB, {"NHS No": "", "House and Street": "", "Postcode": ""},
     "Lost the home, and the NHS number proved to be somebody else's.", False),
    (COMMUNITY, {"First Name": "Zqforann", "NHS No": ""}, "The name put right, the number unknown.", False),
    (HUB, EMPTIED | {"First Name": "Zqforother", "Family Name": "Zqsurother"},
     "Begun over somebody else's details, and put right: of this person only the name is known.", True),
)  # fmt: skip
SUBMISSION, LOST = "submission", "SUB-04"


@dataclass(frozen=True)
class Drop:
    """What is laid down the second night beside the rows: the count a source gives, and files cut short.

    counts: by source and export how many rows the source says that there are.
    cut:    of which export the file ends in the middle of a row.
    """

    tables: dict[str, dict[str, Table]] = field(repr=False)
    counts: dict[tuple[str, str], int]
    cut: tuple[tuple[str, str], ...]


def write_later(ledger: Ledger) -> Drop:
    """Return the exports of the second night, and write down what they hold. Given: those of the first."""
    tables = {
        source: {name: [dict(row) for row in rows] for name, rows in exports.items()}
        for source, exports in ledger.tables.items()
    }
    people = {source: iter(tables[source]["people"][-10:]) for source in (HUB, COMMUNITY)}
    for source, cells in ERASED:
        row = next(people[source])
        row.update(cells)
        ledger.note((source, "person"), row, "PER-20", "anonymised")
    for source, cells, says, told in UNLIKE:
        row = next(people[source])
        row.update(cells)
        ledger.resembles((source, "person"), row, "PER-20", "anonymised", says, told=told)
    return _lose(ledger, tables)


def _lose(ledger: Ledger, tables: dict[str, dict[str, Table]]) -> Drop:
    """Let two providers' exports lose rows, and others only look as if they had."""
    notes = tables[DEBTS]["contacts"]
    for row in notes[:40]:
        row["Note"] = "Met.\nComes again,\n\nwith the letters."
    whole = {(DEBTS, "contacts"): len(notes), (HUB, "referrals"): len(tables[HUB]["referrals"])}
    counts = whole | {(MEALS, "referrals"): len(tables[MEALS]["referrals"]) + 5}
    cut = ((HOMES, "contacts"),)
    for source, export in ((MEALS, "referrals"), *cut):
        ledger.flaws.append(Flaw(source, SUBMISSION, export, LOST, "rows", NONE))
    for source, export, says in (
        (
            DEBTS,
            "contacts",
            "Forty notes have line breaks: the file has more lines than the source counts rows.",
        ),
        (HUB, "referrals", "The source counts as many rows as there are."),
    ):
        ledger.look_alikes.append(LookAlike(source, SUBMISSION, export, LOST, "rows", False, says))
    return Drop(tables, counts, cut)

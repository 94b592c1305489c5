"""What happens to people in a CRM: they live together, die, are merged or anonymised; staff are in it too."""

from collections import Counter, defaultdict
from datetime import date
from random import Random

from demo.book import Book, Table
from demo.dates import day_text, read_day
from demo.hub import Hub
from demo.people import Row

IDENTITY_COLUMNS = (
    "Forename",
    "Surname",
    "Known As",
    "Date of Birth",
    "NHS Number",
    "NHS Number Status",
    "Address Line 1",
    "Address Line 2",
    "Town",
    "Postcode",
    "UPRN",
    "Address Type",
    "Telephone",
)
CHILDREN, COUPLES, CARERS, STAFF = 25, 60, 35, 4


def live(hub: Hub, books: dict[str, Book]) -> None:
    """Add households, carers, children and staff to the hub's book; some die, are merged or anonymised."""
    book = hub.book
    _share_homes(book)
    _care(book)
    _have_children(hub)
    for _ in range(STAFF):
        staff = book.person(hub.population.person(), "Professional")
        staff.update({"Date of Birth": "", "NHS Number": "", "NHS Number Status": ""})
    _die(book)
    for name, count in (("hub", 15), ("community_support", 4), ("domestic_abuse_support", 2)):
        _anonymise(books[name], count)
        _merge(books[name], 8 if name == "hub" else 2)


def _relate(book: Book, one: str, other: str, relation: str, since: date) -> None:
    book.add(
        "relationships",
        {
            "Org Person ID": one,
            "Related Org Person ID": other,
            "Relationship": relation,
            "Start Date": day_text(since),
        },
    )


def _first_days(book: Book) -> dict[str, date]:
    """Return the day each person was first referred."""
    first: dict[str, date] = {}
    for row in book.tables["referrals"]:
        first.setdefault(row["Org Person ID"], read_day(row["Referral Date"]))
    return first


def _share_homes(book: Book) -> None:
    """Declare a household for some of those who share an address; the others are found by their address."""
    homes: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for row in book.tables["people"]:
        if row["Address Line 1"]:
            homes[row["Address Line 1"], row["Postcode"]].append(row["Org Person ID"])
    first = _first_days(book)
    shared = [people for people in homes.values() if len(people) > 1]
    for one, other, *_ in book.draw.sample(shared, COUPLES):
        _relate(book, one, other, "Same household", max(first[one], first[other]))


def _care(book: Book) -> None:
    """Say whom some of the carers care for; the two live apart."""
    first = _first_days(book)
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for row in book.tables["people"]:
        kinds[row["Report Person Type"]].append(row["Org Person ID"])
    for carer in book.draw.sample(kinds["Carer"], CARERS):
        cared_for = book.draw.choice(kinds["Client"])
        since = max(first[carer], first[cared_for])
        if book.draw.random() < 0.5:
            _relate(book, carer, cared_for, "Carer of", since)
        else:
            _relate(book, cared_for, carer, "Cared for by", since)


def _have_children(hub: Hub) -> None:
    """Add children who live with a client; no referral is about them."""
    book = hub.book
    first = _first_days(book)
    for parent in book.draw.sample([one for one in hub.identities if one.home.line1], CHILDREN):
        child = book.person(hub.population.person(parent.home, ages=(4, 15)), "Child")
        child["Employment Status"] = ""
        reference = parent.references["hub"]
        _relate(book, reference, child["Org Person ID"], "Parent of", first[reference])


def _single(book: Book) -> list[Row]:
    """Return the clients with exactly one referral who are known to nobody else by the portal."""
    count = Counter(row["Org Person ID"] for row in book.tables["referrals"])
    linked = {row["Org Person ID"] for row in book.tables["referrals"] if row["Portal Reference"]}
    sent_on = {row["Org Person ID"] for row in book.tables["contacts"] if row["External Referral To"]}
    related = {
        row[name]
        for row in book.tables["relationships"]
        for name in ("Org Person ID", "Related Org Person ID")
    }
    busy = linked | sent_on | related
    return [
        row
        for row in book.tables["people"]
        if row["Report Person Type"] == "Client"
        and count[row["Org Person ID"]] == 1
        and row["Org Person ID"] not in busy
        and row["Address Type"] != "Refuge"
    ]


def _die(book: Book) -> None:
    """Let four people die on the day their referral was closed."""
    people = {row["Org Person ID"]: row for row in _single(book)}
    closed: Table = [
        row
        for row in book.tables["referrals"]
        if row["Org Person ID"] in people and row["Referral Closure Date"] and row["Goal Outcome"]
    ]
    for row in book.draw.sample(closed, 4):
        row.update({"Stage": "Closed - Complete", "Outcome": "Died"})
        people[row["Org Person ID"]]["Date of Death"] = row["Referral Closure Date"]


def _alive(draw: Random, book: Book, count: int) -> list[Row]:
    untouched = [row for row in _single(book) if not row["Date of Death"] and row["Anonymised"] != "Yes"]
    return draw.sample([row for row in untouched if not row["Merged IDs"]], count)


def blank_identity(row: Row) -> None:
    """Anonymise the row as the CRM does: the identity blanked, the record flagged; the case notes stay."""
    row.update(dict.fromkeys(IDENTITY_COLUMNS, ""))
    row["Anonymised"] = "Yes"


def _anonymise(book: Book, count: int) -> None:
    for row in _alive(book.draw, book, count):
        blank_identity(row)


def _merge(book: Book, count: int) -> None:
    """Give some people the references of records merged into them, which the CRM no longer exports."""
    letter = book.tables["people"][0]["Org Person ID"][:2]
    for number, row in enumerate(_alive(book.draw, book, count), start=1):
        losers = [f"{letter}{900000 + number * 2 + extra:06d}" for extra in range(1 + (number % 3 == 0))]
        row["Merged IDs"] = "; ".join(losers)

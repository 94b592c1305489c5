"""The public directory of services: entries that mislead, and odd ones that are right."""

from demo.people import Row
from demo.wider.layout import DIRECTORY
from demo.wider.ledger import Ledger

ENTRY = (DIRECTORY, "directory_service")
INCOMPLETE: tuple[tuple[str, str, str], ...] = (
    ("name", "", "name"),
    ("status", "", "status"),
    ("id", "17", "directory_service_id"),
    ("url", "www.lunch.example.org", "url"),
    ("url", "https://lunch", "url"),
    ("email", "ask at the desk", "email"),
    ("email", "a@lunch.example.org; b@lunch.example.org", "email"),
)
WHOLE: tuple[tuple[str, str, str, str], ...] = (
    ("url", "https://lunch.example.org:8443/a?b=1#c", "url", "A page with a port, a question and a place."),
    ("url", "HTTPS://Lunch.Example.ORG/", "url", "A page in capitals: neither scheme nor host minds."),
    ("url", "", "url", "No page of its own."),
    ("email", "lunch+club@sub.lunch.example.org", "email", "An address with a plus."),
    ("email", "o'brien@lunch.example.org", "email", "An address with an apostrophe."),
    ("name", "42nd Street", "name", "A name that begins with a number."),
    ("status", "temporarily closed", "status", "Closed for now, and the directory says so."),
)
UNCHECKED = ("2021-12-07", "2019-03-01", "")
CHECKED: tuple[tuple[str, str, str, str, bool], ...] = (
    ("active", "2021-12-08", "2021-12-08", "Checked a year ago to the day.", False),
    ("defunct", "2018-01-01", "2018-01-01", "Old, and the directory says that it is gone.", False),
    ("inactive", "", "2020-01-01", "Never checked, and not running.", False),
    ("active", "", "2022-12-01", "Entered last week, and due to be checked within its first year.", True),
)
OFF_THE_MAP: tuple[tuple[str, str, str], ...] = (
    ("-2.158", "53.408", "latitude"),
    ("100", "-2.158", "latitude"),
    ("0", "0", "latitude"),
    ("53.408", "2.158", "longitude"),
    ("53.408", "", "longitude"),
)
ON_THE_MAP: tuple[tuple[str, str, str, str, bool], ...] = (
    ("60.154", "-1.149", "latitude", "Lerwick.", False),
    ("49.914", "-6.315", "latitude", "The Isles of Scilly.", False),
    ("52.481", "1.762", "longitude", "Lowestoft.", False),
    ("54.345", "-7.640", "longitude", "Enniskillen.", False),
    ("", "", "latitude", "A service by telephone, with no place.", False),
    ("49.186", "-2.106", "latitude", "A helpline that sits in Jersey.", True),
)


def write_directory(ledger: Ledger) -> None:
    """Add all entries, those in order included."""
    for _ in range(20):
        _entry(ledger)
    for column, cell, named in INCOMPLETE:
        ledger.note(ENTRY, _entry(ledger, **{column: cell}), "DIR-01", named)
    for column, cell, named, says in WHOLE:
        ledger.resembles(ENTRY, _entry(ledger, **{column: cell}), "DIR-01", named, says)
    for assured in UNCHECKED:
        row = _entry(ledger, assured_date=assured, last_modified="2019-01-01T09:00")
        ledger.note(ENTRY, row, "DIR-02", "assured_on")
    for status, assured, changed, says, told in CHECKED:
        row = _entry(ledger, status=status, assured_date=assured, last_modified=f"{changed}T09:00")
        ledger.resembles(ENTRY, row, "DIR-02", "assured_on", says, told=told)
    _places(ledger)


def _places(ledger: Ledger) -> None:
    for north, east, named in OFF_THE_MAP:
        row = _entry(ledger, latitude=north, longitude=east)
        ledger.note(ENTRY, row, "DIR-03", named)
        if north == "-2.158":
            ledger.note(ENTRY, row, "DIR-03", "longitude")
    for north, east, named, says, told in ON_THE_MAP:
        row = _entry(ledger, latitude=north, longitude=east)
        ledger.resembles(ENTRY, row, "DIR-03", named, says, told=told)


def _entry(ledger: Ledger, **cells: str) -> Row:
    """Return an entry that is in order but for these cells; its mark is a UUID, in capitals as we keep it."""
    number = len(ledger.tables[DIRECTORY]["entries"]) + 1
    told = {
        "id": f"3B2A4F7C-0F5E-4C1D-9A6B-{number:012X}",
        "organization_id": "7C0D9E55-13F0-4C86-8B39-2D1C8B7B6A01",
        "name": f"Lunch Club {number}",
        "status": "active",
        "url": f"https://lunch.example.org/{number}",
        "email": f"club{number}@lunch.example.org",
        "assured_date": "2022-06-01",
        "last_modified": "2022-06-01T09:00",
        "latitude": "53.408",
        "longitude": "-2.158",
    }
    row = told | cells
    ledger.tables[DIRECTORY]["entries"].append(row)
    return row

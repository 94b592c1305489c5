"""Files as people lay them down: in whatever dress, the same records leave, and none that has shifted."""

import io
import re
from datetime import datetime
from os import utime
from typing import Any

from demo.nights import PERSON
from demo.sample import EXTRACTED_AT, Sample
from demo.words import EXPORTS, STEMS
from tests.nights import NightSite
from tests.released import Council, landed, warehouse_rows
from tests.shifted_rows import gained, lost, torn
from tests.workbooks import Cell, workbook

DAY = re.compile(r"\d{2}/\d{2}/\d{4}")
HOUR = re.compile(r"\d{2}:\d{2}")
FILE = re.compile(r"^  (\w+): \w+\.csv$", re.MULTILINE)
# Where the canary words of a column may stand in what is released.
HOMES = {
    "given_name": {"Forename"},
    "family_name": {"Surname"},
    "preferred_name": {"Known As"},
    "line1": {"Address Line 1"},
    "line2": {"Address Line 2"},
    "line3": {"Town"},
    "referrer_name": {"Referrer Name"},
    "worker_ref": {"Worker"},
}


def typed(cell: str) -> Cell:
    """Return the cell as a spreadsheet would keep it."""
    if DAY.fullmatch(cell):
        return datetime.strptime(cell, "%d/%m/%Y").date()  # noqa: DTZ007 - a day has no zone
    return datetime.strptime(cell, "%H:%M").time() if HOUR.fullmatch(cell) else cell  # noqa: DTZ007


def as_workbook(header: tuple[str, ...], rows: list[dict[str, str]]) -> bytes:
    return workbook({"Export": [header, *[[typed(row[name]) for name in header] for row in rows]]})


def as_report(header: tuple[str, ...], rows: list[dict[str, str]]) -> bytes:
    """Return the export as a report in UTF-16: semicolons, a title, totals below."""
    text = io.StringIO(newline="")
    text.write(f"sep=;\r\nReport;{len(rows)} in all\r\n\r\n")
    for row in ([*header], *[[row[name] for name in header] for row in rows]):
        cells = ['"' + cell.replace('"', '""') + '"' if re.search('[;"\r\n]', cell) else cell for cell in row]
        text.write(";".join(cells) + "\r\n")
    text.write(f"\r\nTotal rows;{len(rows)}\r\n")
    return b"\xff\xfe" + text.getvalue().encode("utf-16-le")


def drop(night: NightSite, sample: Sample, source: str, make: Any, ending: str, layout: str) -> None:
    """Lay a provider's exports down in another dress, and declare it."""
    path = night.folder / "sources" / f"{source}.yaml"
    said = FILE.sub(rf"  \1: \1.{ending}", path.read_text(encoding="utf-8"))
    path.write_text(f"{said}{layout}", encoding="utf-8")
    for name, header in EXPORTS.items():
        lay(night, source, f"{name}.{ending}", make(header, sample.table(source, name)))


def lay(night: NightSite, source: str, name: str, content: bytes) -> None:
    path = night.folder / "drop" / source / name
    path.write_bytes(content)
    utime(path, (EXTRACTED_AT.timestamp(), EXTRACTED_AT.timestamp()))


def test_an_unchanged_file_is_a_success_in_whatever_dress_it_comes(night: NightSite, sample: Sample) -> None:
    """One provider's files lie there as before; another's come as workbooks, a third's as reports in UTF-16
    with titles and totals: every record is unchanged, nothing is sent, and the run says how each file came.
    """
    before, rows = landed(night), warehouse_rows(night)
    layout = "layout: {encoding: [utf-8, utf-16-le], delimiter: [',', ';'], preamble_rows: 3}\n"
    drop(night, sample, "hub", as_workbook, "xlsx", "")
    drop(night, sample, "community_support", as_report, "txt", layout)
    told = night.night().to_json()
    assert told["errors"] == []
    assert told["exit_code"] == 1  # the sample holds records back, as it always does
    assert {flow["state"] for flow in told["flows"]} == {"nothing_sent"}
    assert landed(night) == before
    assert warehouse_rows(night) == rows
    by_name = {source["source"]: source for source in told["sources"]}
    assert by_name["hub"]["arrived"]["people"] == {
        "encoding": "utf-8", "kind": "workbook", "sheet": 1, "delimiter": ",",
    }  # fmt: skip
    assert by_name["community_support"]["arrived"]["people"] == {
        "encoding": "utf-16-le", "kind": "csv", "marked": True, "delimiter": ";", "separator_line": True,
        "preamble_rows": 2, "closing_rows": 1,
    }  # fmt: skip
    people = by_name["community_support"]["exports"]["people"]
    assert people["furniture"] == 4
    assert people["rows"] == sum(people[name] for name in ("read", "repeated", "furniture", "rejected"))


def strangers(council: Any) -> list[tuple[str, str, str]]:
    """Return every canary word that stands in a field that is not its column's: flow, field, column."""
    found = []
    for flow, entities in (
        ("early_help", ("person", "address", "referral", "contact")),
        ("commissioning", ("referral",)),
    ):
        for entity in entities:
            for row in council.rows(flow, entity):
                for field, value in row.items():
                    homes = HOMES.get(field, set())
                    words = str(value).lower()
                    found += [
                        (flow, field, column)
                        for column, stem in STEMS.items()
                        if stem.lower() in words and column not in homes
                    ]
    return found


def test_no_word_of_a_shifted_row_leaves_under_another_name(night: NightSite, sample: Sample) -> None:
    """Rows whose delimiters were lost, gained or torn, filled up to their width: each is held whole and told
    of once, every other record leaves as ever, and when the file is mended all is as before.
    """
    true = warehouse_rows(night)
    header = EXPORTS["people"]
    rows = [tuple(row[name] for name in header) for row in sample.table("hub", "people")]
    full = [at for at, row in enumerate(rows) if row[6] == "" and row[2] and row[17] and row[-2] == "No"][:4]
    damage = (lost, header.index("Forename")), (lost, header.index("Town")), (gained, 3), (torn, 2)
    for at, (change, place) in zip(full, damage, strict=True):
        rows[at] = change(rows[at], place)
    text = "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in [header, *rows])
    before = night.night().to_json()["checks"].get("MAP-03", {"failed": 0})["failed"]
    lay(night, "hub", "people.csv", text.encode() + b"\r\n")
    told = night.night().to_json()
    assert told["errors"] == []
    assert told["checks"]["MAP-03"] == {"failed": before + 4, "unknown": 0}
    hub = next(source for source in told["sources"] if source["source"] == "hub")
    assert hub["cells"]["people"]["held_rows"] == 4
    assert strangers(Council(night)) == []
    changed = {rows[at][0] for at in full}
    others = [row[PERSON] for row in sample.table("hub", "people") if row[PERSON] not in changed]
    council = Council(night)
    assert sum(council.row("early_help", "person", "hub", person) is not None for person in others) > 5
    night.drop(sample)
    assert night.night().to_json()["errors"] == []
    assert warehouse_rows(night) == true


def test_a_word_in_another_field_would_be_seen() -> None:
    """The search of the test above finds a surname that stands where a first name should."""

    class Wrong:
        def rows(self, *_: str) -> list[dict[str, str]]:
            return [{"given_name": STEMS["Surname"] + "dae", "family_name": STEMS["Surname"] + "dae"}]

    assert ("early_help", "given_name", "Surname") in strangers(Wrong())

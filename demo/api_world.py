"""The sample's systems as the API gives them: ids and options as numbers, dates as MySQL writes them."""

import csv
import io
import re
import string
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from demo.api_fields import LISTS, ZERO_DAY, ZERO_INSTANT, ApiField, ApiList
from demo.sample import Sample
from demo.shelf import Shelf
from demo.words import EXPORTS

Record = dict[str, Any]
Rows = list[dict[str, str]]
TREE_ROOT = 1000
CAPITALS = string.ascii_uppercase


@dataclass
class Dictionary:
    """One option list: the words and their numbers. An option keeps its number, also when nobody has it."""

    numbers: dict[str, int] = field(default_factory=dict)

    def grown(self, words: Iterable[str]) -> "Dictionary":
        """Return the list with these words too, new ones at its end; blanks left out."""
        new = sorted({*words} - {"", *self.numbers})
        return Dictionary(
            self.numbers | {word: len(self.numbers) + at for at, word in enumerate(new, start=1)}
        )

    def names(self) -> dict[str, str]:
        """Return the words by number."""
        return {str(number): word for word, number in self.numbers.items()}


@dataclass(frozen=True)
class System:
    """One charity's system behind the API: its lists, its dictionaries, and the instant its data are of."""

    as_at: str
    records: dict[str, list[Record]] = field(repr=False)
    dictionaries: dict[str, Dictionary] = field(repr=False)


def system(shelf: Shelf, source: str, before: System | None = None) -> System:
    """Return the system as the shelf has it now; its dictionaries go on from those before."""
    extracts = {export: shelf.extract(source, export) for export in EXPORTS}
    tables = {export: read_rows(extract.body) for export, extract in extracts.items()}
    known = before.dictionaries if before is not None else {}
    dictionaries: dict[str, Dictionary] = {"branch": Dictionary({"Main office": 1})}
    records: dict[str, list[Record]] = {}
    for listed in LISTS:
        rows = held(tables[listed.export], listed)
        for each in listed.fields:
            if each.dictionary:
                options = known.get(each.dictionary, Dictionary())
                dictionaries[each.dictionary] = options.grown(row[each.column] for row in rows)
        records[listed.path] = [record(row, listed, dictionaries) for row in rows]
    return System(min(extract.as_at for extract in extracts.values()), records, dictionaries)


def read_rows(body: bytes) -> Rows:
    """Return the rows of an extract."""
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def record(row: dict[str, str], listed: ApiList, dictionaries: dict[str, Dictionary]) -> Record:
    """Return one row of the sample as a record of the list."""
    return {each.name: _written(row, each, dictionaries) for each in listed.fields}


def _written(row: dict[str, str], each: ApiField, dictionaries: dict[str, Dictionary]) -> Any:
    if each.kind == "moment":
        day, _, clock = each.column.partition(" + ")
        return _instant(f"{row[day]} {row[clock] or '00:00'}") if row[day] else ZERO_INSTANT
    cell = row[each.column]
    if each.kind == "option":
        return dictionaries[each.dictionary].numbers[cell] if cell else None
    if each.kind == "codes":
        number = dictionaries[each.dictionary].numbers.get(cell)
        # An empty object of PHP is an empty list in JSON.
        return {str(TREE_ROOT + number): cell} if number else []
    return KINDS[each.kind](cell)


def _instant(cell: str) -> str:
    day, _, clock = cell.partition(" ")
    return f"{_day(day)} {clock}:00"


def _day(cell: str) -> str:
    day, month, year = cell.split("/")
    return f"{year}-{month}-{day}"


KINDS: dict[str, Callable[[str], Any]] = {
    "id": lambda cell: int(cell.lstrip(CAPITALS)) if cell else None,
    "text": lambda cell: cell or None,
    "number": lambda cell: (float(cell) if "." in cell else int(cell)) if cell else None,
    "flag": {"Yes": "Y", "No": "N"}.get,
    "day": lambda cell: _day(cell) if cell else ZERO_DAY,
    "instant": lambda cell: _instant(cell) if cell else ZERO_INSTANT,
}

SHAPES = {
    "number": re.compile(r"-?\d+(\.\d+)?"),
    "flag": re.compile("Yes|No"),
    "day": re.compile(r"\d\d/\d\d/\d{4}"),
}


def held(rows: Rows, listed: ApiList) -> Rows:
    """Return the rows as such a system holds them.

    A field of days, numbers or flags holds nothing else; a record has an id that no other has, and names
    others by theirs.
    """
    key = EXPORTS[listed.export][0]
    once = {row[key].strip().upper(): row for row in reversed(rows) if row[key]}
    rows = [row for row in rows if row[key] and once[row[key].strip().upper()] is row]
    links = [each.column for each in listed.fields if each.kind == "id"]
    shapes = {each.column: SHAPES[each.kind] for each in listed.fields if each.kind in SHAPES}
    return [_held(row, links, shapes) for row in rows]


def _held(row: dict[str, str], links: list[str], shapes: dict[str, re.Pattern[str]]) -> dict[str, str]:
    others = {column: row[column].strip().upper() for column in links}
    blank = {column: "" for column, shape in shapes.items() if not shape.fullmatch(row[column])}
    return row | others | blank


def number_of(reference: str) -> int:
    """Return the number that the API gives in place of a reference: HP000123 is 123."""
    return int(reference.lstrip(CAPITALS))


def given(sample: Sample) -> Sample:
    """Return the sample as the API and the files beside it give it: what they lose is blank.

    This is the whole of what reading through the API loses of the sample. Where cells come by name none
    can move: rows whose cells did are left out.
    """
    lists = {listed.export: listed for listed in LISTS}
    moved = {flaw.reference for flaw in sample.truth if flaw.check == "MAP-03"}
    sources = {
        source: {
            export: [
                _only(row, _columns(lists[export]))
                for row in held(rows, lists[export])
                if row[EXPORTS[export][0]] not in moved
            ]
            if export in lists
            else rows
            for export, rows in tables.items()
        }
        for source, tables in sample.sources.items()
    }
    return Sample(sample.seed, sample.extracted_at, sources, sample.truth, sample.figures)


def _columns(listed: ApiList) -> frozenset[str]:
    return frozenset(column for each in listed.fields for column in each.column.split(" + "))


def _only(row: dict[str, str], columns: frozenset[str]) -> dict[str, str]:
    return {column: cell if column in columns else "" for column, cell in row.items()}


def numbered(rows: Rows) -> Rows:
    """Return the rows of a file with each reference as the number that the API gives for it."""
    links = {columns[0] for columns in EXPORTS.values()} | {"Related Org Person ID"}
    return [
        {name: str(number_of(cell)) if name in links and cell else cell for name, cell in row.items()}
        for row in rows
    ]

"""Read the examples in this folder: an export as a table, and the records it becomes as tables.

A cell that is not shown is blank. In the records, `unreadable` names the fields that could not be read.
"""

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from canonical import spec
from mappings import Compiled

FOLDER = Path(__file__).parent


@dataclass
class Table:
    """One table of an example."""

    title: str
    rows: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Example:
    """A mapping, rows of its export, and what becomes of them."""

    path: Path
    mapping: str
    tables: list[Table]

    @property
    def export(self) -> Table:
        """Return the rows that come in."""
        return self.tables[0]

    @property
    def records(self) -> list[Table]:
        """Return the records that come out, one table per entity."""
        return self.tables[1:]


def read_examples() -> list[Example]:
    """Return every example of the folder."""
    return [_read(path) for path in sorted(FOLDER.glob("*.md"))]


def _read(path: Path) -> Example:
    mapping, tables, columns = "", [], []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("Mapping: "):
            mapping = line.removeprefix("Mapping: ").strip("`")
        elif line.startswith("## "):
            tables.append(Table(line.removeprefix("## ")))
            columns = []
        elif line.startswith("|"):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if not columns:
                columns = cells
            elif not set("".join(cells)) <= set("-"):
                tables[-1].rows.append(dict(zip(columns, cells, strict=True)))
    return Example(path, mapping, tables)


def batch(compiled: Compiled, table: Table) -> pl.DataFrame:
    """Return the rows as a batch of the export."""
    columns = {
        name: pl.Series([row.get(name, "").replace("·", " ") for row in table.rows], dtype=pl.String)
        for name in compiled.columns
    }
    return pl.DataFrame(columns).with_row_index("_row", offset=1)


def shown(entity: str, table: pl.DataFrame, columns: list[str]) -> list[dict[str, str]]:
    """Return the table's columns as an example prints them."""
    names = list(spec(entity).fields)
    printed = []
    for row in table.to_dicts():
        unread = ", ".join(name for bit, name in enumerate(names) if row["_unreadable"] >> bit & 1)
        cells = row | {"unreadable": unread}
        printed.append({column: _printed(cells[column]) for column in columns})
    return printed


def _printed(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value)
    return str(value).replace("+00:00", "Z").replace(":00Z", "Z")

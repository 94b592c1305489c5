"""The rows of an export, read from the bytes that were served, by another reader than the program's."""

import csv
import io
from dataclasses import dataclass, field
from typing import Any

from tests.conservation.rules import Block, Mapping

NOTHING = {"", "[not specified]", "n/a", "-"}


@dataclass
class Served:
    """One export as it was served: its header, and every row with what becomes of it.

    read: the rows that make records, by line; again: lines of rows that stood there before, to the letter;
    nameless: lines of rows without a usable reference.
    """

    mapping: Mapping
    header: list[str]
    rows: int
    read: dict[int, dict[str, str]] = field(repr=False, default_factory=dict)
    references: dict[int, str] = field(repr=False, default_factory=dict)
    again: list[int] = field(default_factory=list)
    nameless: dict[int, dict[str, str]] = field(default_factory=dict)

    def records(self, block: Block) -> dict[str, int]:
        """Return the lines of the rows that make a record of the block, by the record's reference."""
        found: dict[str, int] = {}
        for line, row in self.read.items():
            if _makes(block, row):
                name = block.reference.format_map(row | {self.mapping.reference: self.references[line]})
                found[name or self.references[line]] = line
        return found

    @property
    def unknown(self) -> list[str]:
        """Return the columns that the mapping does not speak of."""
        known = self.mapping.mapped | self.mapping.ignored
        return [name for name in self.header if name not in known]


def read_served(body: bytes, mapping: Mapping) -> Served:
    """Return the export that these bytes are."""
    lines = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))
    header = next(lines)
    served = Served(mapping, header, 0)
    seen: dict[str, set[tuple[str, ...]]] = {}
    for number, cells in enumerate(lines, start=2):
        served.rows += 1
        row = dict(zip(header, cells, strict=True))
        reference = row[mapping.reference].strip().upper()
        content = tuple(row[name] for name in header if name in mapping.mapped | mapping.ignored)
        if not mapping.pattern.fullmatch(reference):
            served.nameless[number] = row
        elif content in seen.setdefault(reference, set()):
            served.again.append(number)
        else:
            seen[reference].add(content)
            served.read[number], served.references[number] = row, reference
    return served


def cell(words: str) -> str | None:
    """Return what a cell holds; nothing for an empty one."""
    bare = " ".join(words.split())
    return None if bare.lower() in NOTHING else bare


def _makes(block: Block, row: dict[str, Any]) -> bool:
    when = block.when
    if when is None:
        return True
    if "not_blank" in when:
        return any(cell(row[name]) for name in when["not_blank"])
    said = " ".join(row[when["column"]].split()).casefold()
    if "in" in when:
        return said in {word.casefold() for word in when["in"]}
    return said not in {word.casefold() for word in when["not_in"]}

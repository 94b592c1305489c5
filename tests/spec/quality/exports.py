"""An example of an export, read as a night reads one: by the connectors' reader and by the real mapping."""

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from canonical import UNBELIEVED
from common.errors import ViaductError
from connectors.reception import Reception
from connectors.row_starts import RowStart
from connectors.settings import Ceilings, Layout
from connectors.spool import Spool
from connectors.tables import read_batches
from mappings import compile_mapping, load_mapping
from quality.examples import Answer, Example


@dataclass
class Rows:
    """Rows by their numbers: those that make a record, those without a reference, those not believed."""

    made: set[int] = field(default_factory=set)
    rejected: set[int] = field(default_factory=set)
    out: set[int] = field(default_factory=set)
    may_shift: bool = True

    def answer(self, check: str, row: int) -> Answer:
        """Return what is answered of a row; one that is furniture is in none of the sets."""
        asked = self.made | self.rejected if check == "MAP-02" else self.made if self.may_shift else set()
        if row not in asked:
            return "does not apply"
        return "fails" if row in (self.rejected if check == "MAP-02" else self.out) else "passes"


def answer_of_row(check: str, mapping: str, example: Example, folder: Path) -> Answer:
    """Return what is answered of the example's row: nothing, where its export is refused as it says."""
    path = folder / "mapping.yaml"
    path.write_text(mapping, encoding="utf-8")
    try:
        rows = _read(path, example, folder)
    except ViaductError as error:
        if error.code != example.refused:
            raise
        return "unknown"
    assert not example.refused
    return rows.answer(check, example.row)


def _read(mapping: Path, example: Example, folder: Path) -> Rows:
    """Return the fates of the rows. Errors: those of the export and of its cells."""
    compiled = compile_mapping(load_mapping(mapping), source="hub")
    declared, layout = compiled.mapping.declared, Layout(may_shift=not example.by_name)
    with Spool(folder / "spool") as spool:
        reception = Reception("hub", declared.export, spool, layout, Ceilings())
        reception.take(example.export.encode())
        starts = RowStart(declared.reference.column, declared.reference.pattern)
        batches = read_batches(reception.close(None), compiled.columns, row_starts=starts)
        evidence = compiled.evidence(batches.header, "one", may_shift=batches.may_shift)
        rows = Rows(may_shift=batches.may_shift)
        for batch in batches:
            mapped = compiled.apply(batch, evidence)
            table = mapped.entities[compiled.entities[0]]
            rows.made |= set(table["_row"])
            rows.rejected |= set(mapped.rejected["_row"])
            rows.out |= set(table.filter(pl.col("_unreadable") >= UNBELIEVED)["_row"])
        rows.out |= set(evidence.settle()["_row"])
    return rows

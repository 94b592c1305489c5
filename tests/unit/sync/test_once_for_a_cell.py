"""A cell that two records were made from is told of once: one thing to mend, one line to answer."""

import polars as pl

from quality import FINDINGS
from sync.kernel import _once_for_a_cell

PLACE = ("_source", "_reference", "_row", "_export")


def found(*rows: tuple[str, str, int]) -> pl.DataFrame:
    """Return findings of wrong property numbers: entity, reference, row."""
    told = ("ADR-06", "uprn", "error", "blank_field", "")
    return pl.DataFrame(
        [("hub", entity, who, row, *told) for entity, who, row in rows], schema=FINDINGS, orient="row"
    )


def tables(*rows: tuple[str, str, int, int]) -> dict[str, pl.DataFrame]:
    """Return what the records were made from: entity, reference, row, export."""
    kinds = dict(zip(PLACE, (pl.String, pl.String, pl.UInt32, pl.UInt8), strict=True))
    return {
        entity: pl.DataFrame(
            [("hub", who, row, export) for of, who, row, export in rows if of == entity],
            schema=kinds,
            orient="row",
        )
        for entity in ("person", "address")
    }


def told(findings: pl.DataFrame, made_from: dict[str, pl.DataFrame]) -> list[tuple[str, str]]:
    """Return of which records it is told."""
    return _once_for_a_cell(findings, made_from).select("entity", "reference").rows()


def test_a_wrong_uprn_of_a_person_and_of_the_address_in_the_same_row_is_one_finding() -> None:
    """The person's stands; an answer to it answers all there is to answer."""
    made_from = tables(("person", "P1", 4, 0), ("address", "P1", 4, 0))
    assert told(found(("person", "P1", 4), ("address", "P1", 4)), made_from) == [("person", "P1")]


def test_a_wrong_uprn_of_another_row_or_export_has_a_finding_of_its_own() -> None:
    """Two cells are two things to mend, though they are numbered alike; an address's alone stays."""
    both = found(("person", "P1", 4), ("address", "A7", 4), ("address", "A9", 9))
    made_from = tables(("person", "P1", 4, 0), ("address", "A7", 4, 1), ("address", "A9", 9, 0))
    assert told(both, made_from) == [("person", "P1"), ("address", "A7"), ("address", "A9")]
    alone = found(("address", "P1", 4))
    assert told(alone, tables(("person", "P1", 4, 0), ("address", "P1", 4, 0))) == [("address", "P1")]

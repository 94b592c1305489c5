"""What commits to a released row can be worked out again by anybody who is given its secret and the file."""

import hashlib
import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import polars as pl
import pyarrow.parquet as pq
import pytest
import rfc8785

from canonical import spec
from sharing.release import release
from tests.unit.sharing.records import flow, whole_person

FLOWS = ["early_help", "commissioning"]


def as_written(value: Any) -> Any:
    """Return a cell of an opened file as the commitment writes it."""
    if isinstance(value, UUID):
        return value.bytes.hex()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def by_hand(entity: str, content: bytes, secret: bytes, operation: str) -> list[bytes]:
    """Return the commitments of an opened file's rows, from the standard library and RFC 8785 alone."""
    found = []
    for row in pq.read_table(io.BytesIO(content)).to_pylist():
        key = row[spec(entity).key[0]].bytes
        salt = hashlib.sha256(secret + f"{operation}\0{entity}\0".encode() + key).digest()
        text = rfc8785.dumps({name: as_written(value) for name, value in row.items()})
        found.append(hashlib.sha256(salt + text).digest())
    return found


@pytest.mark.parametrize("name", FLOWS)
def test_the_rows_of_an_opened_file_give_the_same_commitments(name: str) -> None:
    """For every entity of both flows, worked out without Polars from what the recipient opens."""
    governed, secret = flow(name), bytes(range(32))
    decided = governed.decide(whole_person())
    for entity in governed.released_columns:
        rows = governed.released(entity, decided[entity])
        secrets = pl.Series([secret] * len(rows), dtype=pl.Binary)
        expected = by_hand(entity, rows.to_parquet(), secret, "upsert")
        assert rows.commitments(secrets, "upsert").to_list() == expected, entity
        assert expected, entity


def test_odd_text_is_written_as_rfc_8785_has_it() -> None:
    """Quotation marks, control characters, line separators, letters beyond ASCII."""
    words = ['"', "\\", "\x01\x1f\x7f", "\b\f\n\r\t", "\u2028", "é/", "\U0001f600", ""]
    table = pl.DataFrame(
        {"person_id": [bytes([number]) * 16 for number in range(len(words))], "given_name": words}
    )
    rows, secret = release("early_help", "person", table), b"s" * 32
    found = rows.commitments(pl.Series([secret] * len(words)), "upsert").to_list()
    assert found == by_hand("person", rows.to_parquet(), secret, "upsert")


def test_another_secret_operation_value_or_key_is_another_commitment() -> None:
    """A row cannot be guessed without its secret, nor a release be shown as a withdrawal."""
    table = pl.DataFrame({"person_id": [b"k" * 16], "given_name": ["Ada"]})

    def commitment(table: pl.DataFrame, secret: bytes = b"s" * 32, operation: str = "upsert") -> bytes:
        found = release("early_help", "person", table).commitments(pl.Series([secret]), operation)
        return bytes(found[0])

    others = [
        commitment(table, b"t" * 32),
        commitment(table, operation="withdraw"),
        commitment(table.with_columns(given_name=pl.lit(None, pl.String))),
        commitment(table.with_columns(person_id=pl.lit(b"l" * 16))),
    ]
    assert len({commitment(table), *others}) == 5

"""What commits to a released row can be worked out again by anybody who is given its secret and the file."""

import hashlib
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from sharing.release import release
from sharing.row_text import row_bytes
from tests.unit.sharing.records import flow, whole_person

FLOWS = ["early_help", "commissioning"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def as_text(value: Any) -> bytes:
    """Return a cell of an opened file as the commitment writes it."""
    if value is None or isinstance(value, bool):
        return {None: b"\x00", True: b"1", False: b"0"}[value]
    if isinstance(value, datetime):
        return str((value - EPOCH) // timedelta(microseconds=1)).encode()
    if isinstance(value, date):
        return str((value - EPOCH.date()).days).encode()
    words = str(value).replace("\x1b", "\x1be").replace("\x00", "\x1bn").replace("\x1f", "\x1bf")
    return words.encode()


def kind_of(kind: pa.DataType) -> str:
    """Return the kind of an opened file's column as the heading names it."""
    asked = {"key": kind == pa.uuid(), "text": pa.types.is_large_string(kind) or pa.types.is_string(kind)}
    asked |= {"boolean": pa.types.is_boolean(kind), "days": pa.types.is_date32(kind)}
    asked |= {"instant": pa.types.is_timestamp(kind), "integer": pa.types.is_integer(kind)}
    asked |= {"decimal": pa.types.is_decimal(kind)}
    (found,) = [words for words, met in asked.items() if met]
    return found


def by_hand(entity: str, content: bytes, secret: bytes, operation: str) -> list[bytes]:
    """Return the commitments of an opened file's rows, from the standard library and RFC 8785 alone."""
    table = pq.read_table(io.BytesIO(content))
    keys = [column.name for column in table.schema if column.type == pa.uuid()]
    columns = [[column.name, kind_of(column.type)] for column in table.schema]
    said = rfc8785.dumps({"columns": columns, "entity": entity, "operation": operation})
    found = []
    for row in table.to_pylist():
        there = b"".join(b"0" if row[name] is None else b"1" for name in keys)
        named = b"".join(bytes(16) if row[name] is None else row[name].bytes for name in keys)
        texts = b"\x1f".join(as_text(value) for name, value in row.items() if name not in keys)
        heading = hashlib.sha256(said).digest()
        found.append(hashlib.sha256(secret + heading + there + named + texts).digest())
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


def test_odd_text_is_written_with_its_marks_escaped() -> None:
    """Borders, escapes, control characters, line separators, letters beyond ASCII; null is not empty."""
    words = ["\x1b", "\x00", "\x1f", "\x1bn", "\x1be\x1f", "\n\t", "\u2028", "é/", "\U0001f600", "", None]
    table = pl.DataFrame(
        {"person_id": [bytes([number]) * 16 for number in range(len(words))], "given_name": words}
    )
    rows, secret = release("early_help", "person", table), b"s" * 32
    found = rows.commitments(pl.Series([secret] * len(words)), "upsert").to_list()
    assert found == by_hand("person", rows.to_parquet(), secret, "upsert")


KEYS = st.one_of(st.none(), st.sampled_from([bytes(16), b"1" * 16, b"k" * 16]))
WORDS = st.one_of(st.none(), st.text("\x00\x1b\x1fenf1", max_size=3))
ROWS = st.tuples(KEYS, KEYS, WORDS, WORDS, st.one_of(st.none(), st.integers(-1, 11)))


@settings(max_examples=200, deadline=None)
@given(st.lists(ROWS, min_size=2, max_size=5))
def test_two_rows_are_written_alike_only_if_every_value_is_the_same(rows: list[tuple[Any, ...]]) -> None:
    """No value can imitate a border, a null, a key or its neighbour, whatever stands beside it."""
    kinds = {"a_id": pl.Binary, "b_id": pl.Binary, "one": pl.String, "two": pl.String, "days": pl.Int32}
    table = pl.DataFrame(rows, schema=kinds, orient="row")
    found = row_bytes(table, pl.Series([b"s" * 32] * len(rows)), b"h" * 32).to_list()
    for one, first in enumerate(rows):
        for two, second in enumerate(rows):
            assert (found[one] == found[two]) == (first == second)


def test_the_same_values_under_other_columns_are_another_commitment() -> None:
    """What a value is called is part of what is committed to: two columns cannot change their names."""
    table = pl.DataFrame({"person_id": [b"k" * 16], "given_name": ["Ada"], "family_name": ["Ada"]})
    renamed = table.rename({"given_name": "family_name", "family_name": "given_name"})
    one, two = (release("early_help", "person", each) for each in (table, renamed))
    secret = pl.Series([b"s" * 32])
    assert one.commitments(secret, "upsert").to_list() != two.commitments(secret, "upsert").to_list()


def test_the_same_words_of_another_kind_are_another_commitment() -> None:
    """A number and its digits, a day and its number, a decimal and its text are not one row."""
    values = [pl.Series([1], dtype=pl.Int32), pl.Series(["1"]), pl.Series([1], dtype=pl.Int32).cast(pl.Date)]
    values += [pl.Series([True]), pl.Series(["1"]).cast(pl.Decimal(12, 0))]
    tables = [pl.DataFrame({"person_id": [b"k" * 16], "value": value}) for value in values]
    secret = pl.Series([b"s" * 32])
    found = [release("early_help", "person", each).commitments(secret, "upsert")[0] for each in tables]
    assert len(set(found)) == len(tables)


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

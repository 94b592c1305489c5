"""Records become columns of text: resolved by dictionaries, nothing guessed, nothing that could join rows."""

import csv
import io
from typing import Any

import polars as pl
import pytest

from common.errors import ViaductError
from connectors.errors import NotTheExport
from connectors.rest_columns import UNREADABLE, Columns, as_csv
from connectors.rest_errors import FieldNotGiven, RecordNotPlain
from mappings import converters
from mappings.converters import boolean, code, code_as_is

GENDERS = {"1": "Female", "2": "Male"}


def column(values: list[Any], words: dict[str, str] | None = None, *, objects: bool = False) -> list[str]:
    """Return what becomes of a field's values."""
    told = Columns(("of",), {"of": words} if words else {}, frozenset({"of"} if objects else ()), "here")
    return [cell or "" for cell in told.table([{"of": value} for value in values])["of"]]


def test_ids_become_their_words_and_an_unknown_one_is_marked() -> None:
    """An id that the dictionary does not hold is no word, and stands behind a mark; blanks stay blank."""
    assert column(["2", None, "", " 1 ", "9", "0"], GENDERS) == [
        "Male", "", "", "Female", f"{UNREADABLE}9", f"{UNREADABLE}0",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "convert",
    [
        code({"female": "1"}),
        code_as_is(None),
        code_as_is(frozenset({"Female"})),
        converters.text,
        converters.integer,
        converters.decimal,
        boolean({"domestic abuse": True}, None, None),
        boolean({"domestic abuse": True}, None, other=False),
    ],
)
def test_no_converter_reads_what_is_marked(convert: converters.Converter) -> None:
    """The mark makes a cell unreadable in every kind of field, also where any other word means no."""
    values, unread = convert(pl.Series([f"{UNREADABLE}9"]))
    assert unread.to_list() == [True]
    assert values.to_list() == [None]


def test_lists_and_objects_become_their_words() -> None:
    """Several options stand side by side; of an object the keys are ids; empty ones are blank."""
    assert column([["1", "2"], [], "1", ["9"]], GENDERS) == ["Female; Male", "", "Female", f"{UNREADABLE}9"]
    assert column([{"1": "x", "2": {"deep": "y"}}, [], {}], GENDERS, objects=True) == ["Female; Male", "", ""]


@pytest.mark.parametrize("value", [{"1": "x"}, [["1"]], [{"id": "1"}], [None]])
def test_a_value_within_a_value_is_refused_where_nobody_declared_it(value: Any) -> None:
    """An object that objects does not name, or a list of more than words, stops the export."""
    with pytest.raises(RecordNotPlain) as refused:
        column(["1", value])
    assert "field of" in str(refused.value)


def test_a_record_that_lacks_a_field_is_refused() -> None:
    """A field trimmed away is not taken for an empty one: its name is said, and nothing else."""
    with pytest.raises(FieldNotGiven) as refused:
        Columns(("id", "gender"), {}, frozenset(), "here").table([{"id": "1", "gender": "2"}, {"id": "7"}])
    assert "no field gender" in str(refused.value)
    assert refused.value.__context__ is None


def test_no_value_can_join_or_split_rows() -> None:
    """Line ends, quotation marks, separators and zero bytes of a value leave as many rows as records."""
    values = ['Zo"e', "a,b", "two\r\nlines", "tab\there", "zero\0byte", "'=1+1", ""]
    table = Columns(("id", "of"), {}, frozenset(), "here").table(
        [{"id": str(number), "of": value} for number, value in enumerate(values)]
    )
    content = as_csv(table, header=True)
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert rows[0] == ["id", "of"]
    assert [row[1] for row in rows[1:]] == [
        'Zo"e', "a,b", "two lines", "tab\there", f"zero{UNREADABLE}byte", "'=1+1", "",
    ]  # fmt: skip
    assert content.count(b"\r\n") == len(rows)


def test_letters_that_no_text_holds_are_refused() -> None:
    """Half of a pair of surrogates, which JSON can say, is no letter."""
    with pytest.raises(ViaductError) as refused:
        column(["\ud800"])
    assert type(refused.value) is NotTheExport
    assert refused.value.__context__ is None


def test_truths_are_words() -> None:
    """What JSON calls true and false are words that the boolean converter knows."""
    assert column([True, False, None]) == ["true", "false", ""]

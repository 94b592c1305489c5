"""Records become rows of a CSV export: one column a field, ids resolved, everything text, nothing guessed.

An id that its dictionary does not hold stands there behind a mark that no converter reads: the cell becomes
unreadable, with a finding, and is never taken for a word.
"""

import io
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

import polars as pl

from connectors.errors import NotTheExport
from connectors.rest_errors import FieldNotGiven, RecordNotPlain
from connectors.rest_records import Record

# ASCII SUBSTITUTE: written in place of what is not valid.
UNREADABLE = "\x1a"
JOINED = "; "
PLAIN = frozenset({str, type(None)})
TRUTHS = {True: "true", False: "false"}


class Columns:
    """How the records of one list become rows.

    dictionaries: per field, the words by id. objects: fields whose objects hold ids as their keys.
    """

    def __init__(
        self,
        fields: Sequence[str],
        dictionaries: Mapping[str, Mapping[str, str]],
        objects: frozenset[str],
        place: str,
    ) -> None:
        self._fields, self._dictionaries, self._objects = fields, dictionaries, objects
        self._place = place

    def table(self, records: list[Record]) -> pl.DataFrame:
        """Return the records as text columns in the order of the fields.

        Errors: FieldNotGiven where a record lacks a field; RecordNotPlain where a value holds others.
        """
        return pl.DataFrame([self._column(name, records) for name in self._fields])

    def _column(self, name: str, records: list[Record]) -> pl.Series:
        values: list[Any] | None = None
        try:
            values = list(map(itemgetter(name), records))
        except KeyError:
            values = None
        if values is None:
            raise FieldNotGiven(f"{self._place}: a record has no field {name}.")
        kinds = set(map(type, values))
        if not kinds <= PLAIN:
            values = self._flat(name, values, kinds)
        return self._resolved(name, self._text(name, values))

    def _text(self, name: str, values: list[str | None]) -> pl.Series:
        """Return the values as one line of text each; what no text holds becomes unreadable."""
        column: pl.Series | None = None
        try:
            column = pl.Series(name, values, dtype=pl.String)
        except UnicodeEncodeError:
            column = None
        if column is None:
            raise NotTheExport(f"{self._place}, field {name}: letters that no text holds.")
        return column.str.replace_all(r"[\r\n]+", " ").str.replace_all("\0", UNREADABLE, literal=True)

    def _flat(self, name: str, values: list[Any], kinds: set[type]) -> list[str | None]:
        """Return each value as text: a list as its words, an object as the ids that are its keys."""
        nested = kinds & {dict, list}
        if dict in nested and name not in self._objects:
            raise RecordNotPlain(f"{self._place}, field {name}: an object, which objects does not name.")
        flat = [_joined(value) if type(value) in nested else TRUTHS.get(value, value) for value in values]
        if any(value is NESTED for value in flat):
            raise RecordNotPlain(f"{self._place}, field {name}: lists within lists.")
        return flat

    def _resolved(self, name: str, column: pl.Series) -> pl.Series:
        """Return the words in place of the ids; an id that nobody knows is unreadable."""
        words = self._dictionaries.get(name)
        if words is None:
            return column.fill_null("")
        known = {"": "", **words}
        ids = column.fill_null("").str.strip_chars()
        if ids.str.contains(JOINED, literal=True).any():
            split = ids.str.split(JOINED).list.eval(_looked_up(pl.element(), known))
            return split.list.join(JOINED).alias(name)
        return ids.to_frame().select(_looked_up(pl.col(name), known)).to_series()


NESTED = object()


def _joined(value: list[Any] | dict[str, Any]) -> Any:
    """Return the list's words, or the object's keys, as one text; NESTED where a list holds others."""
    words = list(value)
    if not all(isinstance(word, str) for word in words):
        return NESTED
    return JOINED.join(words) or None


def _looked_up(ids: pl.Expr, known: Mapping[str, str]) -> pl.Expr:
    keys, words = pl.Series(list(known), dtype=pl.String), pl.Series(list(known.values()), dtype=pl.String)
    unknown = pl.concat_str(pl.lit(UNREADABLE), ids)
    return ids.replace_strict(keys, words, default=unknown, return_dtype=pl.String)


def as_csv(table: pl.DataFrame, *, header: bool) -> bytes:
    """Return the table as CSV, lines ended as the web application's own exports end theirs."""
    content = io.BytesIO()
    bare = table.with_columns(pl.when(pl.all() != "").then(pl.all()))
    bare.write_csv(content, include_header=header, line_terminator="\r\n")
    return content.getvalue()

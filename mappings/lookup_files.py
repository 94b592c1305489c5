"""Look-up files, read strictly: plain UTF-8, each row of the header's width, each fault with its line."""

import csv
import io
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv

from config.documents import DocumentRefused, Problem, read_text, suggest
from mappings.errors import LookupRefused

LARGEST_BYTES = 256 << 20
LARGEST_WORDS_BYTES = 1_000_000
MOST_TOLD = 100
WORDS = ["word", "code"]


def read_lookup(path: Path, columns: tuple[str, ...], optional: tuple[str, ...] = ()) -> pl.DataFrame:
    """Return these columns of the file as text, row for row; row n stands on line n + 2.

    Given:  the columns the file must have, and those it may have.

    Errors: LookupRefused with every line that is not as wide as the header, and every column that is missing.
    """
    text = _plain_text(path).rstrip("\r\n")
    header = next(csv.reader([text.partition("\n")[0]]), [])
    columns = (*columns, *(name for name in optional if name in header))
    wrong = [
        Problem(path, 1, f"{name}: this column is {'given twice' if name in header else 'missing'}.{hint}")
        for name in columns
        if header.count(name) != 1
        for hint in ["" if name in header else suggest(name, header)]
    ]
    odd: list[int] = []
    table = None if wrong else _parsed(text, header, odd)
    if table is not None and not odd and table.height != text.count("\n"):
        table = None
    if table is None or odd:
        wrong += [Problem(path, line, "This row is not as wide as the header.") for line in odd[:MOST_TOLD]]
        wrong = wrong or [Problem(path, _odd_quotes(text), "A quotation mark stands where none may.")]
        raise LookupRefused(wrong)
    if table.is_empty():
        raise LookupRefused([Problem(path, 1, "The file holds no row.")])
    return table.select(columns)


def _plain_text(path: Path) -> str:
    wrong: list[Problem] = []
    try:
        return read_text(path, LARGEST_BYTES)
    except DocumentRefused as refused:
        wrong = refused.problems
    raise LookupRefused(wrong)


def _parsed(text: str, header: list[str], odd: list[int]) -> pl.DataFrame | None:
    """Return the table as text; None if it is none. The lines of rows of another width go to `odd`."""

    def note(row: pacsv.InvalidRow) -> str:
        odd.append(row.number)
        return "skip"

    try:
        table = pacsv.read_csv(
            io.BytesIO(text.encode()),
            pacsv.ReadOptions(use_threads=False, column_names=[str(at) for at in range(len(header))]),
            pacsv.ParseOptions(invalid_row_handler=note, ignore_empty_lines=False),
            pacsv.ConvertOptions(column_types={str(at): pa.string() for at in range(len(header))}),
        )
    except pa.ArrowInvalid:
        return None
    found = pl.DataFrame(table)
    found.columns = [f"{at}:{name}" if header.count(name) > 1 else name for at, name in enumerate(header)]
    return found[1:]


def _odd_quotes(text: str) -> int:
    """Return the first line with an odd number of quotation marks; one where there is none."""
    lines = enumerate(text.split("\n"), start=1)
    return next((number for number, line in lines if line.count('"') % 2), 1)


def read_words(path: Path) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the words and codes of a words_file, and what is wrong with it; lines with # are passed over."""
    try:
        text = read_text(path, LARGEST_WORDS_BYTES)
    except DocumentRefused as refused:
        return [], [f"{path.name}, line {problem.line}: {problem.text}" for problem in refused.problems]
    rows = [
        (number, next(csv.reader([line]), []))
        for number, line in enumerate(text.splitlines(), start=1)
        if not line.startswith("#")
    ]
    if not rows or rows[0][1] != WORDS:
        return [], [f"{path.name}, line {rows[0][0] if rows else 1}: its columns are not word and code."]
    wrong = [
        f"{path.name}, line {number}: this row is not a word and a code."
        for number, row in rows[1:]
        if len(row) != len(WORDS) or not all(row)
    ]
    return [(row[0], row[1]) for _, row in rows[1:] if len(row) == len(WORDS)], wrong

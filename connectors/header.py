"""The header of an export: its names, what is wrong with them, and how a column is named in an error.

Where the header line is lost a person's cells stand in its place, and beside it who printed the extract; so
a name is told only if the mapping declares it, and any other column by its place alone.
"""

import difflib

from connectors.errors import ColumnMissing, ColumnTwice


def refuse_header(place: str, header: list[str], columns: list[str], declared: set[str]) -> None:
    """Errors: ColumnMissing, ColumnTwice; a name that the mapping does not declare may be a person's cell."""
    missing = [column for column in columns if column not in header]
    if missing:
        known = len(missing) * 2 <= len(columns)
        hints = [_nearest(column, header, columns) if known else "" for column in missing]
        lacking = [f"column {column}.{hint}" for column, hint in zip(missing, hints, strict=True)]
        head = place if known else f"{place}, {len(missing)} columns"
        raise ColumnMissing("\n".join([f"{head}:", *(lacking if known else missing)]))
    twice = sorted({name for name in header if header.count(name) > 1}, key=header.index)
    if twice:
        told = ", ".join(name if name in declared else _by_place(name, header) for name in twice)
        raise ColumnTwice(f"{place}: {told}.")


def _nearest(column: str, header: list[str], columns: list[str]) -> str:
    """Return which column's header is nearest to a missing name, by its place; or nothing."""
    near = difflib.get_close_matches(column, sorted({*header} - {*columns}), n=1)
    return f" The nearest header is that of {_by_place(near[0], header)}." if near else ""


def _by_place(name: str, header: list[str]) -> str:
    return f"column {header.index(name) + 1}"


def unknown_columns(header: list[str], known: set[str]) -> tuple[str, ...]:
    """Return the columns nobody declared, each by its place: what stands above one may be anybody's name.

    The header has passed: every column that the mapping reads is in it, once.
    """
    return tuple(f"column {at}" for at, name in enumerate(header, start=1) if name not in known)

"""How a verb speaks: data to stdout, words for people to stderr; nothing in them moves a cursor."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from common.clock import LONDON
from common.marks import visible

Cell = str | int | float | None
RIGHT = (int, float)
LINES = "\n\t"


def words(text: str = "") -> None:
    """Write a line for people."""
    print(visible(text, LINES), file=sys.stderr)


def data(text: str) -> None:
    """Write a line of data."""
    print(visible(text, LINES))


def as_json(value: Any) -> None:
    """Write a value as JSON to stdout; what nobody sees is spelt out."""
    try:
        text = to_json(value, indent=2, fallback=str).decode()
    except PydanticSerializationError:  # a name that is no Unicode, as an argument or a path may be
        text = json.dumps(value, indent=2, default=str)
    if visible(text, LINES) != text:
        text = json.dumps(value, indent=2, default=str).replace("\x7f", "\\u007f")
    print(text)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a table to stdout; numbers stand to the right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    found = list(rows)
    shown = Table(
        title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
    for number, column in enumerate(columns):
        counts = bool(found) and all(isinstance(row[number], RIGHT) for row in found)
        shown.add_column(column, justify="right" if counts else "left")
    for row in found:
        shown.add_row(*(Text(_cell(cell)) for cell in row))
    console = Console(file=sys.stdout, highlight=False)
    if not console.is_terminal:
        console.width = 140
    console.print(shown)


def local(instant: str | datetime | None) -> str:
    """Return an instant as people in the site's zone read it."""
    if instant is None:
        return "never"
    at = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return f"{at.astimezone(LONDON):%a %d %b %Y %H:%M}"


def _cell(cell: Cell) -> str:
    if isinstance(cell, int | float):
        return f"{cell:,}"
    return visible(cell or "")

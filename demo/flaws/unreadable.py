"""Known cells that can not be read, of fields for which no more precise check speaks; they are sent empty."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from demo.book import Table
from demo.flaws.planting import BLANK, PERSON, Kind, Planter
from demo.people import Row
from demo.words import EXPORTS


@dataclass(frozen=True)
class Cell:
    """A column, what somebody typed into it, and the field that stays empty."""

    export: str
    column: str
    word: str
    entity: str
    field: str


def _of_anybody(_: Row) -> bool:
    return True


def _plain(row: Row) -> bool:
    return row["Contact Type"] == "Contact" and bool(row["Duration"])


def _accepted(row: Row) -> bool:
    return bool(row["Accepted Date"])


def _unreadable(cell: Cell, fits: Callable[[Row], bool], planter: Planter, count: int) -> None:
    for row in planter.pick([row for row in _rows(planter, cell.export) if fits(row)], count):
        row[cell.column] = cell.word
        planter.note(cell.entity, row[EXPORTS[cell.export][0]], "MAP-01", cell.field, BLANK)


def _rows(planter: Planter, export: str) -> Table:
    ordinary = {row[PERSON] for row in planter.people()}
    return [row for row in planter.book.tables[export] if row[PERSON] in ordinary]


CELLS: tuple[tuple[Cell, Callable[[Row], bool], tuple[int, int, int]], ...] = (
    (Cell("people", "Date of Death", "0000-00-00", "person", "death_date"), _of_anybody, (2, 1, 1)),
    (
        Cell(
            "people", "Accommodation Type", "Flat above the shop", "characteristics", "accommodation_status"
        ),
        _of_anybody,
        (2, 1, 0),
    ),
    (Cell("people", "NHS Number Status", "Ask", "person", "nhs_number_status"), _of_anybody, (1, 0, 0)),
    (Cell("referrals", "Priority", "tbc", "referral", "priority"), _of_anybody, (2, 1, 0)),
    (
        Cell("referrals", "Case Review Date", "00/00/0000", "service_episode", "case_review_on"),
        _accepted,
        (2, 1, 1),
    ),
    (Cell("contacts", "Communication Method", "Pigeon", "contact", "medium"), _plain, (2, 1, 0)),
    (Cell("contacts", "Duration", "n/k", "contact", "duration_min"), _plain, (2, 1, 0)),
    (Cell("needs", "Raised Date", "00-00-0000", "need", "raised_on"), _of_anybody, (2, 1, 0)),
    (
        Cell("outcomes", "Self Completed", "Partly", "outcome_measure", "self_completed"),
        _of_anybody,
        (2, 1, 0),
    ),
)
KINDS: tuple[Kind, ...] = tuple((partial(_unreadable, cell, fits), counts) for cell, fits, counts in CELLS)

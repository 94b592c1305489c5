"""Words that answer a question without telling: "refused", "asked, not known". They are no gap.

Where the field's list has a code for it, the word becomes that code. Where it has none, the field stays
empty and is marked as answered: no check takes it for missing or for a word that cannot be read. Whoever
decides what may leave still takes it at its strictest, like every word that is not read.
"""

import polars as pl

from canonical import Kind, spec
from mappings.asked import ASKED_OF, NEVER_REFUSED, PEOPLE, REFUSED, UNKNOWN
from mappings.cells import Cells
from mappings.fields import FieldPlan
from mappings.words import blanked

CODES: dict[str, tuple[str | None, str | None]] = {
    "ethnicity_2021": ("No data: Refused", "No data: Undeclared or not known"),
    "dd_ethnic_category_2001": ("Z", "99"),
    "dd_person_stated_gender": (None, "X"),
    "dd_gender_identity_same_at_birth": ("Z", None),
    "dd_sexual_orientation": ("Z", None),
    "dd_religion_group": ("M", "N"),
    "dd_disability": ("ZZ", None),
    "dd_disability_impact_perception": ("04", None),
    "dd_ex_british_armed_forces_indicator": ("ZZ", "UU"),
    "dd_marital_status": ("N", None),
    "cld_r2_accommodation_status": (None, "Unknown"),
    "cld_r2_employment_status": (None, "Unknown"),
    "unpaid_carer": ("Z", "U"),
    "consent_status": ("refused", None),
}
"""Code lists with a code for "refused", or for "asked, not known"."""
TAKES_ANYTHING = ("text", "nhs_number", "postcode", "code_as_is")
"""Converters that keep such a word as it stands, instead of refusing it."""
Answered = tuple[pl.Series, pl.Series | None, pl.Series | None]


def may_be_answered(entity: str, plan: FieldPlan) -> bool:
    """Return whether the field is one that somebody is asked for."""
    if entity in PEOPLE:
        return plan.kind is not Kind.KEY
    return plan.name in ASKED_OF.get(entity, ())


def may_be_refused(entity: str, name: str) -> bool:
    """Return whether "refused" in the field is an answer, and no word for something else."""
    return f"{entity}.{name}" not in NEVER_REFUSED


def take_answers(
    entity: str,
    plan: FieldPlan,
    cells: Cells,
    given: tuple[pl.Series, pl.Series | None],
    rows: pl.Series | None,
) -> Answered:
    """Return the field's values, what of it cannot be read, and where it is answered without being told.

    Given: the values and the mask of the unreadable, row by row, as they were read.
    """
    values, unread = given
    column = plan.declared.column
    lenient = plan.declared.converter in TAKES_ANYTHING
    if column is None or not may_be_answered(entity, plan) or not (lenient or _any(unread)):
        return values, unread, None
    words = cells.column(column)
    said_so = REFUSED if may_be_refused(entity, plan.name) else []
    refused, unknown = (words.words.is_in(said).fill_null(value=False) for said in (said_so, UNKNOWN))
    if not (refused.any() or unknown.any()):
        return values, unread, None
    listed = spec(entity).fields[plan.name].codes or plan.declared.list
    still = pl.repeat(value=lenient, n=len(values), dtype=pl.Boolean, eager=True)
    answered = still if unread is None else still | unread
    for said, code in zip((refused, unknown), CODES.get(listed or "", (None, None)), strict=True):
        if code is not None:
            coded = words.spread(said, rows).fill_null(value=False) & answered
            values = values.zip_with(~coded, pl.Series([code], dtype=pl.String))
            answered &= ~coded
            unread = None if unread is None else unread & ~coded
    answered &= words.spread(refused | unknown, rows).fill_null(value=False)
    return blanked(values, answered), answered if unread is None else unread | answered, answered


def refused_cells(plan: FieldPlan, cells: Cells, rows: pl.Series | None) -> pl.Series:
    """Return where the field's column says that the person refused."""
    words = cells.column(str(plan.declared.column))
    return words.spread(words.words.is_in(REFUSED).fill_null(value=False), rows).fill_null(value=False)


def _any(mask: pl.Series | None) -> bool:
    return mask is not None and bool(mask.any())

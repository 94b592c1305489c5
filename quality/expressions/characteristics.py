"""Checks of what people said about themselves."""

import polars as pl

from quality.questions import NOBODY, Asked, Question, age_on
from quality.records import Records

WORKING_AGE = 16
OF_NOBODY_SO_YOUNG = (
    "Paid: 16 or more hours a week",
    "Paid: Hours per week unknown",
    "Not in paid employment: Seeking work",
)
REFUGE = "Refuge"
NOT_SIMPLY_SAFE = ("no", "conditional")


def ethnicity_unmapped(records: Records) -> Question:
    """CHR-02: the ethnic origin is a word that the code table does not have."""
    return Question(records.entered("ethnicity_2021"), records.unreadable("ethnicity_2021"))


def gender_unmapped(records: Records) -> Question:
    """CHR-04: the gender is a word that the code table does not have."""
    return Question(records.entered("gender"), records.unreadable("gender"))


def too_young_to_work(records: Records) -> Question:
    """CHR-05: somebody under 16 has an employment status that nobody so young can have."""
    status = pl.col("employment_status")
    born = records.to("_person", "person").field("birth_date", pl.Date())
    day = pl.coalesce(records.optional("recorded_on", pl.Date()), records.extracted_on())
    young = age_on(day, born) < WORKING_AGE
    return Question(status.is_not_null() & young, status.is_in(OF_NOBODY_SO_YOUNG))


def refuge_unprotected(records: Records) -> Question:
    """CHR-06: the person lives in a refuge, yet nothing in the record keeps the place safe."""
    refuge = pl.when(~records.unreadable("accommodation_status")).then(
        (pl.col("accommodation_status") == REFUGE).fill_null(value=False)
    )
    if not records.table.select(refuge.fill_null(value=True).any()).item():
        return Question(refuge, NOBODY)
    person = records.to("_person", "person")
    careful = person.field("safe_to_contact", pl.String()).is_in(NOT_SIMPLY_SAFE)
    told = pl.any_horizontal(
        careful.fill_null(value=False),
        *(pl.lit(_told(records, entity, mark).gather(person.row)) for entity, mark in _marks()),
    )
    return Question(refuge & person.found, pl.when(person.certain).then(~told))


def _marks() -> tuple[tuple[str, pl.Expr], ...]:
    place = pl.col("sensitive_location").fill_null(value=False) | (pl.col("address_type") == "refuge")
    return (
        ("address", place),
        ("risk", pl.col("risk_code") == "domestic_abuse"),
        ("referral", pl.col("reveals_abuse")),
    )


def _told(records: Records, entity: str, mark: pl.Expr) -> pl.Series:
    """Return, for each person, whether a record of the entity tells of abuse or hides the place."""
    names = {name: pl.Boolean() if name in BOOLEANS else pl.String() for name in mark.meta.root_names()}
    marked = records.columns(entity, names).select(mark.fill_null(value=False).alias("mark"))["mark"]
    return records.along(entity, "_person", "person").some(marked)


BOOLEANS = ("sensitive_location", "reveals_abuse")
VERDICTS: dict[str, Asked] = {
    "CHR-02": ethnicity_unmapped,
    "CHR-04": gender_unmapped,
    "CHR-05": too_young_to_work,
    "CHR-06": refuge_unprotected,
}

"""Checks of people: their numbers, dates and names."""

import polars as pl

from quality.expressions.every import reference_repeated
from quality.facts import Asked, Records, Verdict
from quality.identifiers import nhs_number_is_placeholder, nhs_number_is_valid


def birth_date_missing(records: Records) -> Verdict:
    """PER-04: a named client has no date of birth."""
    named = ~(records.ticked("anonymous") | records.ticked("anonymised"))
    return (pl.col("role_type") == "client") & named & records.blank("birth_date")


def nhs_number_invalid(records: Records) -> Verdict:
    """PER-05: the NHS number does not have ten digits and the right check digit."""
    number = pl.col("nhs_number")
    return (number.is_not_null() & ~nhs_number_is_valid(number)) | records.unreadable("nhs_number")


def nhs_number_placeholder(records: Records) -> Verdict:
    """PER-06: the NHS number passes its check digit but was never issued."""
    number = pl.col("nhs_number")
    placeholder = nhs_number_is_placeholder(number, records.facts.test_ranges)
    return number.is_not_null() & nhs_number_is_valid(number) & placeholder


def nhs_number_shared(records: Records) -> Verdict:
    """PER-07: another person of the source has the same real NHS number."""
    number = pl.col("nhs_number")
    real = nhs_number_is_valid(number) & ~nhs_number_is_placeholder(number, records.facts.test_ranges)
    return number.is_not_null() & real & pl.col("_nhs_shared")


VERDICTS: dict[str, Asked] = {
    "PER-04": birth_date_missing,
    "PER-05": nhs_number_invalid,
    "PER-06": nhs_number_placeholder,
    "PER-07": nhs_number_shared,
    "PER-12": reference_repeated,
}

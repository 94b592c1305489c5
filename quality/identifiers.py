"""NHS numbers and postcodes: whole columns judged at once."""

import polars as pl

DIGITS = 10
TEN_DIGITS = r"^[0-9]{10}$"
# Each of these passes the check digit, so only a list can tell them from a number that was issued.
PLACEHOLDERS = (*(str(digit) * DIGITS for digit in range(10)), "0123456789", "9876543210")
INWARD = "[0-9][ABD-HJLNP-UW-Z]{2}"
OUTWARD = "[A-PR-UWYZ](?:[0-9]{1,2}|[0-9][A-HJKPSTUW]|[A-HK-Y][0-9]{1,2}|[A-HK-Y][0-9][ABEHMNPRVWXY])"
PSEUDO = "^ZZ99 [0-9][A-Z]{2}$"
POSTCODE = f"^(?:GIR 0AA|{OUTWARD} {INWARD}|ZZ99 [0-9][A-Z]{{2}})$"


def nhs_number_is_valid(number: pl.Expr) -> pl.Expr:
    """Return whether each number has ten digits and the right check digit; null stays null.

    Given:   numbers as text without spaces.
    Source:  NHS Data Dictionary, NHS NUMBER: weights 10 to 2, Modulus 11; no digit stands for 10.
    """
    whole = number.cast(pl.UInt64, strict=False)
    weighted = pl.sum_horizontal(
        (whole // 10**place % 10).cast(pl.UInt16) * (place + 1) for place in range(DIGITS)
    )
    return number.str.contains(TEN_DIGITS) & (weighted % 11 == 0)


def nhs_number_is_placeholder(number: pl.Expr, test_ranges: tuple[str, ...]) -> pl.Expr:
    """Return whether each number repeats a digit, counts, or is in a test range; null stays null."""
    tests = [number.str.starts_with(prefix) for prefix in test_ranges]
    return pl.any_horizontal(number.is_in(PLACEHOLDERS), *tests)


def postcode_is_well_formed(postcode: pl.Expr) -> pl.Expr:
    """Return whether each postcode, in capitals with one space, has the form of one; null stays null."""
    return postcode.str.contains(POSTCODE)


def postcode_is_pseudo(postcode: pl.Expr) -> pl.Expr:
    """Return whether each postcode stands for no fixed abode, unknown or abroad; null stays null."""
    return postcode.str.contains(PSEUDO)


def postcode_sector(postcode: pl.Expr) -> pl.Expr:
    """Return each postcode without its last two letters; null where it stands for no place."""
    real = postcode_is_well_formed(postcode) & ~postcode_is_pseudo(postcode)
    return pl.when(real).then(postcode.str.head(-2))

"""Converters: words in, values out, and a mask of the words that could not be read.

None raises, none guesses.
"""

import re
from collections.abc import Callable, Mapping

import polars as pl

from common.marks import TYPED_DAY
from mappings.asked import TELL_NOTHING
from mappings.words import FEW_ROWS, blanked, look_up, nowhere, stepwise, with_unread

Read = tuple[pl.Series, pl.Series]
Converter = Callable[[pl.Series], Read]

DASHES = r"\-\x{2010}-\x{2015}\x{2212}"
# How a program writes a whole number that it takes for a fraction. Any other point is no matter of writing.
FRACTION_OF_NOTHING = r"^([0-9]+)\.0+$"
POSTCODE = (
    r"^(?:GIR 0AA|ZZ99 [0-9][A-Z]{2}|"  # ZZ99: no fixed abode, not known, abroad
    r"[A-Z](?:[0-9]{1,2}|[A-Z][0-9]{1,2}|[0-9][A-HJKPSTUW]|[A-HK-Y][0-9][ABEHMNPRVWXY])"
    r" [0-9][ABD-HJLNP-UW-Z]{2})$"
)
LONGEST_TEXT = 500
# Spaces that are more than one, or are no plain space.
UNEVEN = r"\s\s|[^\S ]"
CONTROL = r"\p{Cc}"
# What a spreadsheet leaves where it has lost digits or a formula; and characters that no label holds.
LOST_DIGITS = r"[+-]?[0-9](?:[.,][0-9]+)?[Ee]\+[0-9]{1,3}"
NOT_TEXT = rf"[\p{{Cc}}{TYPED_DAY}]|^{LOST_DIGITS}$|^#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|#+)$"
# What stands in a word without being seen: it may move a cursor, or make two words look like one.
UNSEEN = r"[\p{Cc}\p{Cf}]"
ONE_WORD = r"[^\s\p{Cc}\p{Cf}]{1,64}"
# A pattern of capitals, digits and marks that are named: what fits it is in capitals and hides nothing.
CAPITALS = re.compile(r"(?:[A-Z0-9 _/(|)?*+]|\[(?:A-Z|0-9|[A-Z0-9_/])+\]|\{[0-9,]+\})*")
MONEY = r"^-?£?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,9})(?:\.[0-9]{1,2})?$"
DEGREES = r"^-?[0-9]{1,3}(?:\.[0-9]{1,12})?$"


def text(words: pl.Series) -> Read:
    """Return the text with single spaces, its letters composed (Unicode NFC).

    What is longer than a name, a street or a label, holds a control character, or is what a spreadsheet
    leaves of a number or a formula that it has lost, is not read.
    """
    word, kept = pl.col("word"), pl.col("unread")
    spaces, accents = (True, True) if len(words) <= FEW_ROWS else _odd(words)
    text = word.str.replace_all(r"\s+", " ") if spaces else word
    text = text.str.normalize("NFC") if accents else text
    unread = ((word.str.len_chars() > LONGEST_TEXT) | word.str.contains(NOT_TEXT)).fill_null(False)
    told = stepwise(
        words,
        {"word": text},
        {"word": word, "unread": unread},
        {"word": pl.when(~kept).then(word), "unread": kept},
    )
    return told["word"].alias(words.name), told["unread"].alias(words.name)


def _odd(words: pl.Series) -> tuple[bool, bool]:
    """Return whether any word has spaces to be made plain, or letters beyond ASCII."""
    word = pl.col("word")
    spaces = word.str.contains(UNEVEN).any()
    accents = (word.str.len_bytes() != word.str.len_chars()).any()
    uneven, beyond = stepwise(words, {"spaces": spaces, "accents": accents}).row(0)
    return bool(uneven), bool(beyond)


def integer(words: pl.Series) -> Read:
    """Return whole numbers."""
    word, number = pl.col("word"), pl.col("number")
    fits = word.str.contains(r"^[+-]?[0-9]{1,9}$")
    read = pl.when(fits).then(word.str.strip_prefix("+").cast(pl.Int32, strict=False))
    unread = number.is_null() & word.is_not_null()
    told = stepwise(words, {"word": word, "number": read}, {"number": number, "unread": unread})
    return told["number"].alias(words.name), told["unread"].alias(words.name)


def decimal(words: pl.Series) -> Read:
    """Return pounds and pence: a pound sign and commas between thousands are understood."""
    fits = words.str.contains(MONEY)
    plain = words.str.replace_all(r"[£,]", "")
    return with_unread(words, blanked(plain, ~fits).cast(pl.Decimal(12, 2), strict=False))


def coordinate(words: pl.Series) -> Read:
    """Return degrees on the globe, to six decimals; whether the place is in this country, a check asks."""
    fits = words.str.contains(DEGREES)
    degrees = blanked(words, ~fits).cast(pl.Decimal(18, 12), strict=False).round(6)
    return with_unread(words, degrees.cast(pl.Decimal(9, 6), strict=False))


def nhs_number(words: pl.Series) -> Read:
    """Return the number without the spaces and dashes between its digits.

    What is left and is not ten digits stays as text, so that a check can say that it is not valid.
    """
    digits = _whole(words).str.replace_all(rf"[\s{DASHES}]+", "")
    below_nothing = words.str.contains(f"^[{DASHES}]").fill_null(False)
    if below_nothing.any():
        digits = digits.zip_with(~below_nothing, words)
    return digits, nowhere(len(words))


def postcode(words: pl.Series) -> Read:
    """Return the postcode in capitals with one space; a badly formed one stays, for a check to say so."""
    joined = words.str.to_uppercase().str.replace_all(r"[\s\x{a0}]+", "")
    spaced = joined.str.replace(r"^(.{2,4})(.{3})$", "$1 $2")
    well = spaced.str.contains(POSTCODE)
    as_text, unread = text(words.str.to_uppercase())
    return spaced.zip_with(well.fill_null(True), as_text), unread & ~well.fill_null(True)


def uprn(words: pl.Series) -> Read:
    """Return the number of 1 to 12 digits without leading zeros."""
    digits = _whole(words).str.replace_all(r"\s+", "")
    fits = digits.str.contains(r"^0*[1-9][0-9]{0,11}$") & (digits.str.len_bytes() <= 12)
    return with_unread(words, blanked(digits.str.strip_chars_start("0"), ~fits))


def _whole(words: pl.Series) -> pl.Series:
    """Return 4.0 as 4; a point is never dropped by itself, which would make 40 of it."""
    if not words.str.contains(".", literal=True).any():
        return words
    return words.str.replace(FRACTION_OF_NOTHING, "$1")


def reference(pattern: str | None, prefix: str = "") -> Converter:
    """Return a converter to references in capitals; what does not fit the pattern cannot be read.

    Without a pattern a reference is one word, and none that a spreadsheet has cut to powers of ten. With or
    without, it holds no character that nobody sees. What becomes of one never depends on those beside it.
    """
    whole = f"^(?:{pattern or ONE_WORD})$"
    in_capitals = pattern is not None and CAPITALS.fullmatch(pattern) is not None

    word, unread = pl.col("word"), pl.col("unread")
    strange = ~word.str.contains(whole).fill_null(True)
    if pattern is not None and not in_capitals:
        strange |= word.str.contains(UNSEEN).fill_null(False)
    if pattern is None:
        strange |= word.str.contains(f"^{LOST_DIGITS}$").fill_null(False)
    named = pl.lit(prefix) + word if prefix else word

    def convert(words: pl.Series) -> Read:
        if in_capitals and words.str.contains(whole).all():
            return prefix + words if prefix else words, nowhere(len(words))
        told = stepwise(
            words,
            {"word": word.str.to_uppercase()},
            {"word": named, "unread": strange},
            {"word": pl.when(~unread).then(word), "unread": unread},
        )
        return told["word"].alias(words.name), told["unread"].alias(words.name)

    return convert


def references(separator: str, pattern: str | None) -> Converter:
    """Return a converter to lists of references; one that does not fit makes the list unreadable."""

    def convert(words: pl.Series) -> Read:
        split = words.str.to_uppercase().str.split(separator)
        trimmed = split.list.eval(pl.element().str.strip_chars().replace("", None).drop_nulls())
        fits = pl.element().str.contains(f"^(?:{pattern or ONE_WORD})$") & ~pl.element().str.contains(UNSEEN)
        unread = ~trimmed.list.eval(fits).list.all().fill_null(True)
        return blanked(trimmed, unread), unread

    return convert


def code(table: dict[str, str]) -> Converter:
    """Return a converter by a table of words, whatever their case and spacing."""

    def convert(words: pl.Series) -> Read:
        return look_up(words, table, pl.String())

    return convert


def code_as_is(known: frozenset[str] | None) -> Converter:
    """Return a converter that takes the codes themselves; for an open list it takes any word."""

    def convert(words: pl.Series) -> Read:
        if known is None:
            return text(words)
        unread = words.is_not_null() & ~words.is_in(sorted(known))
        return blanked(words, unread), unread

    return convert


def boolean(table: Mapping[str, object], blank: bool | None, other: bool | None) -> Converter:
    """Return a converter by a table of words.

    Given: `blank` and `other` where the mapping says what an empty cell and any other word mean.
    """

    def convert(words: pl.Series) -> Read:
        values, unread = look_up(
            words, {word: int(value is True) for word, value in table.items()}, pl.Int8()
        )
        if other is not None:
            # What holds a control character is no word, so it is not any other word either; and whoever
            # answers "not known" has not said that it is not so.
            spoilt = (words.str.contains(CONTROL) | words.is_in(TELL_NOTHING)).fill_null(False)
            values = values.zip_with(~unread | spoilt, pl.Series([int(other)], dtype=pl.Int8))
            unread &= spoilt
        if blank is not None:
            values = values.zip_with(words.is_not_null(), pl.Series([int(blank)], dtype=pl.Int8))
        return values.cast(pl.Boolean), unread

    return convert

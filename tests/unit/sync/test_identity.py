"""Who is anonymised: a name gone together with the rest of an identity; one part alone is a gap."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from canonical import polars_schema
from sync.digests import Digest
from sync.identity import BIRTH, HOME, NAME, NUMBER, IdentityNotes, anonymised

DIGEST = Digest(7)
ALL = NAME | BIRTH | NUMBER | HOME
WHOLE = {
    "given_name": "Zqfore",
    "family_name": "Zqsur",
    "birth_date": date(1980, 2, 3),
    "nhs_number": "9434765919",
    "line1": "1 Zqstr Road",
}
GONE: dict[str, Any] = dict.fromkeys(WHOLE)
REAL = {"nhs_number": "9434765919"}
FILLED_UP = {"birth_date": date(1900, 1, 1), "nhs_number": "0000000000"}


def tonight(*people: dict[str, Any], unreadable: int = 0) -> pl.DataFrame:
    """Return what the records of these people hold."""
    named = [{"_reference": f"P{number}", "_person": f"P{number}"} | row for number, row in enumerate(people)]
    notes = IdentityNotes()
    tables = {entity: _table(entity, named, unreadable) for entity in ("person", "address")}
    notes.take(tables, DIGEST)
    return notes.tonight().sort(pl.col("person"))


def _table(entity: str, rows: list[dict[str, Any]], unreadable: int) -> pl.DataFrame:
    schema = {**polars_schema(entity), "_reference": pl.String, "_person": pl.String}
    table = pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)
    return table.with_columns(_source=pl.lit("hub"), _unreadable=pl.lit(unreadable, pl.UInt64))


def gone(
    had: int | None, *people: dict[str, Any], unreadable: int = 0, renamed: bool | None = None
) -> list[bool]:
    """Return who is anonymised of people who all had these parts."""
    held = tonight(*people, unreadable=unreadable)
    before = held.select("person", held=pl.lit(had, pl.UInt8)).drop_nulls()
    before = before.with_columns(renamed=pl.lit(renamed, pl.Boolean))
    order = tonight(*people)["person"]
    told = dict(anonymised(held, before).select("person", "gone").iter_rows())
    named = [DIGEST_OF(number) for number in range(len(people))]
    assert set(named) <= set(order)
    return [told[name] for name in named]


def DIGEST_OF(number: int) -> int:  # noqa: N802
    frame = pl.DataFrame({"_source": ["hub"], "_person": [f"P{number}"]})
    return int(frame.select(DIGEST.person()).item())


@pytest.mark.parametrize(
    ("says", "had", "now", "expected"),
    [
        ("as it was", ALL, WHOLE, False),
        ("all emptied", ALL, GONE, True),
        ("all but the day of birth", ALL, GONE | {"birth_date": WHOLE["birth_date"]}, True),
        ("all but day and number", ALL, GONE | {k: WHOLE[k] for k in ("birth_date", "nhs_number")}, False),
        ("name alone", ALL, WHOLE | {"given_name": None, "family_name": None}, False),
        ("forename alone", ALL, WHOLE | {"given_name": None}, False),
        ("everything but the name", ALL, GONE | {"family_name": "Zqsur"}, False),
        ("a name and a day were all there was", NAME | BIRTH, GONE, True),
        ("a name was all there was", NAME, GONE, False),
        ("nothing was known of before", None, GONE, False),
        ("a placeholder for a name", ALL, GONE | {"given_name": "Unknown", "family_name": "X"}, True),
        ("a word of erasure", ALL, GONE | {"family_name": "ANONYMISED"}, True),
        ("a word of erasure, never seen before", None, GONE | {"family_name": "Anonymised"}, True),
        ("a word of erasure beside a number", None, GONE | {"family_name": "Deleted"} | REAL, False),
        ("a placeholder, never seen before", None, GONE | {"family_name": "Unknown"}, False),
        ("replaced by the first of a year", ALL, GONE | FILLED_UP, True),
        ("street replaced by a word", ALL, GONE | {"line1": "Redacted"}, True),
    ],
)  # fmt: skip
def test_what_is_an_erasure_and_what_a_gap(says: str, had: int, now: dict[str, Any], expected: bool) -> None:
    """Name and at least one other part are gone together, and at most one part has stayed."""
    assert gone(had, now) == [expected], says


@pytest.mark.parametrize(
    ("had", "now", "renamed", "expected"),
    [
        (ALL, GONE | {"family_name": "Person 17"}, True, True),
        (NAME | BIRTH | HOME, GONE | {"family_name": "Person 17"}, True, True),
        (ALL, GONE | {"family_name": "Person 17"}, False, False),
        (NAME | HOME, GONE | {"family_name": "Person 17"}, True, False),
        (ALL, WHOLE | {"family_name": "Person 17"}, True, False),
        (ALL, GONE | {"family_name": "Person 17"} | REAL, True, False),
    ],
)
def test_a_name_of_ones_own_in_place_of_the_name_is_an_erasure_where_all_else_is_gone(
    had: int, now: dict[str, Any], renamed: bool, expected: bool
) -> None:
    """Another name, and two parts or more gone with none left; who marries and moves has a day of birth."""
    assert gone(had, now, renamed=renamed) == [expected]


def test_one_word_for_many_names_is_an_erasure() -> None:
    """Three people who bear one name and have lost all else have it from whoever emptied them; two do not."""
    replaced = GONE | {"given_name": "Person", "family_name": "Closed"}
    assert gone(ALL, replaced, replaced, replaced, WHOLE) == [True, True, True, False]
    assert gone(ALL, replaced, replaced, WHOLE) == [False, False, False]
    family = WHOLE | {"given_name": "Person", "family_name": "Closed"}
    assert gone(ALL, *[family] * 4) == [False] * 4


def test_a_part_that_nobody_has_any_more_was_taken_from_the_account() -> None:
    """Names and numbers of six people gone at once is a field set; one among others emptied, an erasure."""
    nameless = WHOLE | {"given_name": None, "family_name": None, "nhs_number": None}
    assert gone(ALL, *[nameless] * 6) == [False] * 6
    assert gone(ALL, GONE, *[WHOLE] * 5) == [True, *[False] * 5]


def test_words_that_cannot_be_read_are_still_there() -> None:
    """A day of birth in another format is a gap in our reading and nobody's erasure."""
    from canonical import unreadable_bit

    bits = 1 << unreadable_bit("person", "birth_date")
    parts = NAME | BIRTH
    assert gone(parts, GONE) == [True]
    assert gone(parts, GONE, unreadable=bits) == [False]

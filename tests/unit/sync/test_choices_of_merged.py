"""A choice reaches whoever is the same person by the CRM's word: who was absorbed, and who absorbed them."""

import polars as pl

from sync.choices import _with_survivors
from sync.people import SourceNotes

CHOSE = b"c" * 16
SCHEMA = {"person": pl.UInt64, "digest": pl.Binary}


def reached(person: int, *absorbed: tuple[int, int]) -> set[int]:
    """Return whom a choice of this person reaches, where each pair is a record and the one it is part of."""
    pairs = pl.DataFrame(absorbed, schema={"lost": pl.UInt64, "person": pl.UInt64}, orient="row")
    found = pl.DataFrame([(person, CHOSE)], schema=SCHEMA, orient="row")
    known = _with_survivors(found, {"hub": SourceNotes(absorbed=[pairs])})
    assert set(known["digest"]) == {CHOSE}
    assert known.height == known["person"].n_unique()
    return set(known["person"])


def test_a_choice_of_either_record_of_a_merge_reaches_both() -> None:
    """On a night that a brake holds nothing is withdrawn as merged: the choice itself must reach the rows."""
    assert reached(1, (1, 2)) == {1, 2}
    assert reached(2, (1, 2)) == {1, 2}
    assert reached(3, (1, 2)) == {3}


def test_a_choice_goes_along_a_chain_of_merges_both_ways_and_ends() -> None:
    """One was absorbed by two, two and four by three: all four are one person; a ring of merges ends too."""
    chain = ((1, 2), (2, 3), (4, 3), (5, 6))
    assert all(reached(person, *chain) == {1, 2, 3, 4} for person in (1, 2, 3, 4))
    assert reached(1, (1, 2), (2, 1)) == {1, 2}

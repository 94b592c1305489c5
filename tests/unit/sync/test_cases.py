"""Cases that tell of abuse: a case tells with all that it came from and all that came from it."""

from pathlib import Path

import polars as pl

from sync import cases
from sync.digests import Digest
from sync.people import SourceNotes

KEY = b"k" * 32
DIGEST = Digest.under(KEY)


def notes_of(source: str, rows: list[tuple[str, str | None, bool]]) -> SourceNotes:
    """Rows hold reference, parent and whether the row tells."""
    table = pl.DataFrame(
        rows,
        schema={"_reference": pl.String, "parent_referral_id": pl.String, "reveals_abuse": pl.Boolean},
        orient="row",
    )
    table = table.with_columns(
        _source=pl.lit(source),
        referral_id=pl.col("_reference"),
        _person=pl.lit("P"),
        received_at=pl.lit(None, pl.Datetime("us", "UTC")),
    )
    notes = SourceNotes()
    cases.note_cases(notes, {"referral": table}, DIGEST)
    own = DIGEST.of(pl.col("_source"), pl.col("_reference"))
    notes.referrals.append(table.select(referral=own, person=own, received_at="received_at"))
    return notes


def tells(found: pl.Series, source: str, reference: str) -> bool:
    return pl.select(DIGEST.of(pl.lit(source), pl.lit(reference))).item() in found.to_list()


def test_a_case_that_tells_makes_the_case_it_came_from_tell(tmp_path: Path) -> None:
    """The hub's own rows say nothing; that a domestic abuse service took the case over says it."""
    notes = {
        "hub": notes_of("hub", [("H1", None, False), ("H2", None, False)]),
        "da": notes_of("da", [("D1", "hub:H1", True)]),
    }
    found = cases.telling(notes, tmp_path, [], KEY)
    assert [tells(found, *case) for case in [("da", "D1"), ("hub", "H1"), ("hub", "H2")]] == [
        True,
        True,
        False,
    ]


def test_a_case_that_tells_makes_its_siblings_tell(tmp_path: Path) -> None:
    """One hub case went on to two providers: what one tells, the other's link to the hub would tell."""
    notes = {
        "hub": notes_of("hub", [("H1", None, False)]),
        "da": notes_of("da", [("D1", "hub:H1", True)]),
        "cs": notes_of("cs", [("C1", "hub:H1", False), ("C2", None, False)]),
    }
    found = cases.telling(notes, tmp_path, [], KEY)
    assert [tells(found, *case) for case in [("cs", "C1"), ("cs", "C2")]] == [True, False]


def test_a_source_that_is_missing_tonight_is_remembered_both_ways(tmp_path: Path) -> None:
    """The abuse service cannot be read tonight; the hub case that it took over still tells."""
    cases.remember_cases(tmp_path, "da", notes_of("da", [("D1", "hub:H1", True)]), KEY)
    notes = {"hub": notes_of("hub", [("H1", None, False), ("H2", None, False)])}
    found = cases.telling(notes, tmp_path, ["da"], KEY)
    assert [tells(found, *case) for case in [("hub", "H1"), ("hub", "H2")]] == [True, False]

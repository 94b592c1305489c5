"""Rows whose cells have shifted while their width is right: no value comes out as another's (I4)."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from demo.sample_2017 import COLUMNS, rows_2017
from demo.words import EXPORTS
from mappings import Compiled, compile_mapping, load_mapping
from tests.shifted_rows import WAYS, Row, Shifted, outcomes, records, shifted
from tests.small_sample import small_sample

MAPPINGS = Path(__file__).parents[3] / "config" / "example" / "mappings"
PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "shifted_cells.md"
NULL_WORDS = ["[Not Specified]", "N/A", "-"]
ROWS = 6
EVERY = [*EXPORTS, "events"]


def compiled(export: str) -> Compiled:
    name = "signposts_2017" if export == "events" else f"charitylog_{export}"
    mapping = load_mapping(MAPPINGS / f"{name}.yaml")
    return compile_mapping(mapping, source="hub", parent_source="hub", null_words=NULL_WORDS)


def rows_of(export: str) -> tuple[Row, list[Row]]:
    """Return the header and rows from all over the export: some full, some nearly empty."""
    header, rows = (
        (COLUMNS, rows_2017())
        if export == "events"
        else (EXPORTS[export], small_sample().table("hub", export))
    )
    chosen = rows[:: max(1, len(rows) // ROWS)][:ROWS]
    return header, [tuple(row[name] for name in header) for row in chosen]


def told(wrong: list[Shifted], found: list[str], header: Row) -> dict[tuple[str, str], int]:
    """Return how and after which column a value came out wrong, and how often."""
    return Counter(
        (each.way, header[each.at]) for each, said in zip(wrong, found, strict=True) if said == "wrong"
    )


@pytest.mark.parametrize("export", EVERY)
def test_no_value_of_one_column_comes_out_as_another(export: str, say: Callable[[str], None]) -> None:
    """A delimiter lost or gained at every place of a row that is then made as wide as it should be: the row
    is held or rejected whole, or what comes out of it is its own.
    """
    header, rows = rows_of(export)
    wrong = list(shifted(rows))
    found = outcomes(compiled(export), header, rows, wrong)
    counts = Counter(found)
    say(", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())))
    assert told(wrong, found, header) == {}
    assert counts["held"] > len(wrong) // 3


@pytest.mark.parametrize("export", EVERY)
def test_without_evidence_values_do_come_out_as_others(export: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rows, believed: the test above can fail."""
    monkeypatch.setattr("mappings.evidence.Evidence._shifted", lambda *_: iter(()))
    monkeypatch.setattr("tests.shifted_rows._settled", lambda *_: False)
    header, rows = rows_of(export)
    wrong = list(shifted(rows))
    assert Counter(outcomes(compiled(export), header, rows, wrong))["wrong"] > len(wrong) // 10


@pytest.mark.parametrize("export", EVERY)
def test_rows_as_they_are_are_believed(export: str) -> None:
    """No row of the sample, flawed as some are, is taken for one whose cells have shifted."""
    header, rows = rows_of(export)
    ready = compiled(export)
    evidence = ready.evidence(header, "source hub, export one")
    records(ready, header, rows, evidence)
    assert evidence.settle().is_empty()
    assert evidence.told.held_rows == 0


def test_what_no_evidence_can_show() -> None:
    """Where all that moved is blank or alike, the wrong row is as good as a true one.

    An open case that was accepted becomes one that was accepted and started, and nothing else of it moved.
    """
    header = EXPORTS["referrals"]
    said = {"Diary Reference Number": "HR000001", "Org Person ID": "HP000001", "Referral Date": "01/04/2022"}
    row = dict.fromkeys(header, "") | said | {"Accepted Date": "02/04/2022"}
    whole = tuple(row.values())
    at = header.index("Accepted Date")
    wrong = [Shifted("gained", at, 0, WAYS["gained"](whole, at))]
    assert outcomes(compiled("referrals"), header, [whole], wrong) == ["wrong"]


def test_a_blank_added_where_the_delimiter_was_lost_is_mostly_seen(say: Callable[[str], None]) -> None:
    """Repaired in its middle, a row is shifted only in between; free text alone tells nothing there.

    The page on shifted cells states how often.
    """
    counts: Counter[str] = Counter()
    for export in ("referrals", "services"):
        header, rows = rows_of(export)
        wrong = [
            Shifted("lost", at, number, (*lost[:to], "", *lost[to:-1]))
            for number, row in enumerate(rows[:2])
            for at in range(len(row) - 1)
            for lost in [WAYS["lost"](row, at)]
            for to in range(at + 1, len(row))
        ]
        counts.update(outcomes(compiled(export), header, rows, wrong))
    say(", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())))
    assert round(counts.total() / counts["wrong"], -1) == 50
    assert "about one in fifty" in PAGE.read_text(encoding="utf-8")

"""What an operator reads when an export cannot be read: four lines a fault, not a cell of it (F3, I16)."""

import re
from pathlib import Path

import pytest

from tests.broken_exports import CELL, broken
from tests.front_door import Said, verb
from tests.nights import ACCEPTED_BY, NightSite
from tests.secret_words import SecretWords
from tests.small_sample import small_sample

NIGHTS = {
    "torn": [
        ("hub", "people", "ragged", "E333"),
        ("community_support", "people", "not_utf8", "E334"),
        ("domestic_abuse_support", "contacts", "zero", "E324"),
    ],
    "cut": [
        ("hub", "referrals", "half", "E325"),
        ("community_support", "people", "no_header", "E331"),
        ("domestic_abuse_support", "people", "huge", "E337"),
    ],
    "strange": [
        ("hub", "people", "strange_cells", None),
        ("community_support", "contacts", "open_quote", "E385"),
        ("domestic_abuse_support", "people", "page", "E322"),
    ],
}
FAULT = re.compile(r"^(E\d{3})  (.+)\n((?: {6}.+\n){3})(?! )", re.MULTILINE)


@pytest.mark.parametrize("kind", list(NIGHTS))
def test_every_broken_export_is_refused_in_four_lines_without_a_cell(tmp_path: Path, kind: str) -> None:
    """Each broken export refuses its source: the code for it, where, what was sent, what to type; exit 22.
    No traceback, no cell, at debug level, in what is printed or in any file that is left but the warehouse.
    """
    night = NightSite.of(tmp_path / "site", small_sample())
    for source, export, way, _ in NIGHTS[kind]:
        broken(night.folder, source, export, way)
    said = verb(
        "run",
        "--site",
        str(night.folder),
        "--accept-growth",
        "--accept-flagged",
        ACCEPTED_BY,
        temporary=tmp_path / "tmp",
    )
    assert said.code == 22
    wanted = {(code, source) for source, _, _, code in NIGHTS[kind] if code}
    assert faults(said) == wanted
    words = SecretWords.of(small_sample())
    assert words.within(said.words) == set()
    assert CELL.split()[0] not in said.err + said.out
    assert "Traceback" not in said.err + said.out
    assert words.under(tmp_path / "tmp") == {}
    assert set(words.under(night.folder / "var")) <= {"warehouse.duckdb"}


def faults(said: Said) -> set[tuple[str, str]]:
    """Return code and source of every fault told; each has a place, what was sent, and what to do."""
    told = set()
    for code, _title, rest in FAULT.findall(said.err):
        lines = [line.strip() for line in rest.splitlines()]
        assert re.fullmatch(r"Nothing that source \w+ gave in this run was sent.", lines[-2])
        assert "python run_sync.py" in lines[-1]
        told.add((code, re.search(r"source (\w+), export \w+", lines[0])[1]))  # type: ignore[index]
    return told

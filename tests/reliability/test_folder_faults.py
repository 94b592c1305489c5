"""Every fault of a dropped file: real folders, the real run. Two faults a night, one for each source."""

import os
import shutil
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.book import Row, RowBook
from tests.reliability.folder_cases import CASES, PEOPLE, Case, as_it_was
from tests.reliability.unchanged import SEEN_AGAIN, Held, said_of
from tests.tiny.site import EXTRACTED_AT
from tests.tiny.start import settled

SOURCES = ("hub", "community_support")
REFUSED = [case for case in CASES if case.code]
BORNE = [case for case in CASES if not case.code]
HALF = -(-len(REFUSED) // 2)
NIGHTS = [*zip_longest(REFUSED[:HALF], REFUSED[HALF:]), *((case, None) for case in BORNE)]
Night = tuple[Case, Case | None]
AS_EVER = Case("nothing", as_it_was, None, exit_code=0)


class Folders:
    """A settled tiny site and its two folders; each night is played on them and undone."""

    def __init__(self, folder: Path) -> None:
        self.site = settled().site.copy(folder / "site")
        self.kept = folder / "kept"
        shutil.copytree(self.site.folder, self.kept, symlinks=True)
        self.usual = self.play((AS_EVER, None))[0]

    def play(self, night: Night) -> tuple[dict[str, Any], list[str]]:
        """Return what a night says, and what it changed."""
        for source, case in zip(SOURCES, night, strict=True):
            if case is not None:
                self._lay(source, case)
        before = Held.of(self.site.folder)
        told = self.site.night().to_json()
        changes = before.changes(Held.of(self.site.folder))
        shutil.rmtree(self.site.folder)
        shutil.copytree(self.kept, self.site.folder, symlinks=True)
        return told, changes

    def _lay(self, source: str, case: Case) -> None:
        drop, said = self.site.folder / "drop" / source, self.site.folder / "sources" / f"{source}.yaml"
        case.lay(drop, (drop / PEOPLE).read_bytes())
        for path in drop.iterdir():
            if not path.is_symlink() and path.stat().st_mtime > EXTRACTED_AT:
                os.utime(path, (EXTRACTED_AT, EXTRACTED_AT))
        with said.open("a", encoding="utf-8") as file:
            file.write(f"\n{case.layout}\n")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    return Folders(tmp_path_factory.mktemp("folders"))


@pytest.fixture(scope="module")
def book() -> Iterator[RowBook]:
    with RowBook("folder") as book:
        yield book


@pytest.mark.parametrize(
    "night", NIGHTS, ids=lambda night: ", ".join(case.fault for case in night if case is not None)
)
def test_each_fault_of_a_file_is_refused_by_its_name_or_borne(
    folders: Folders, book: RowBook, night: Night
) -> None:
    """A refused file changes nothing but the run's own summary and the log's note that it ran; what is odd
    and declared is read as ever.
    """
    usual, (told, changes) = folders.usual, folders.play(night)
    by_name = {source["source"]: source for source in told["sources"]}
    cases = [(by_name[name], case) for name, case in zip(SOURCES, night, strict=True) if case is not None]
    assert told["exit_code"] == max(case.exit_code for _, case in cases)
    may_be_said = {words for _, case in cases for words in said_of(case.code)}
    for source, case in cases:
        assert source["error_code"] == case.code
        assert lines_of(source["error"]) == (4 if case.code else 0)
        assert sum(cells.get("held_rows", 0) for cells in source["cells"].values()) == case.held
        unchanged = case.code is not None and set(changes) <= {SEEN_AGAIN, *may_be_said}
        assert unchanged or case.code is None, changes
        assert case.code or fates(told, case.held) == fates(usual)
        book.saw(Row(case.fault, "folder", case.place, case.exit_code, case.code, unchanged, case.note))


def fates(told: dict[str, Any], held: int = 0) -> tuple[Any, ...]:
    """Return the rows read, and of every record its fate in each flow; with rows held, whether so many are.

    Given: a night; of how many rows more than usual the records are held.
    """
    read = {
        (s["source"], name): counts["read"] for s in told["sources"] for name, counts in s["exports"].items()
    }
    if held:
        assert sum(counts["held"] for s in told["sources"] for counts in s["entities"].values()) >= held
        assert told["findings"]["new"] >= held
    every = [
        {entity: counts["records"] for entity, counts in flow["entities"].items()} for flow in told["flows"]
    ]
    sent = [
        counts["released"] + counts["withdrawn"] for f in told["flows"] for counts in f["entities"].values()
    ]
    assert held or not any(sent), "nothing has changed in the records, so nothing is sent"
    return read, every


def lines_of(error: list[str] | None) -> int:
    """Return how many lines an operator reads of the error."""
    return len("\n".join(error or []).splitlines())


def test_every_row_has_its_case(book: RowBook) -> None:
    """No committed row outlives its fault."""
    assert book.keys() == {("folder", case.fault, case.place) for case in CASES}

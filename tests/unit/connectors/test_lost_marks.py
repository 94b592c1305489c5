"""One delimiter or quotation mark lost or gained, at every place: no cell changes its column (F5)."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from connectors.errors import NotTheExport
from connectors.source import Export
from connectors.tables import read_batches
from demo.sample import csv_text
from demo.words import EXPORTS
from tests.small_sample import small_sample

Receive = Callable[..., Export]
ROWS = 2
FREE_TEXT = ("Details", "Referral Reason")
PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "shifted_cells.md"


def small_exports() -> dict[str, bytes]:
    """Return each export of the hub with a few rows, those with the most quoted cells first."""
    found = {}
    for name in EXPORTS:
        rows = sorted(small_sample().table("hub", name), key=lambda row: -sum("," in c for c in row.values()))
        found[name] = csv_text(name, rows[:ROWS]).encode()
    return found


def one_mark_wrong(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the export with each mark after the header lost, and with a mark gained beside each."""
    for at in range(content.index(b"\n") + 1, len(content)):
        if content[at : at + 1] in (b",", b'"'):
            yield "lost", content[:at] + content[at + 1 :]
            for mark in (b",", b'"'):
                yield "gained", content[:at] + mark + content[at:]


def wide_enough(content: bytes) -> bool:
    """Return whether a strict reader of CSV finds as many cells in every row as in the header."""
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    except csv.Error:
        return False
    return len({len(row) for row in rows}) == 1


def cells(export: Export) -> list[tuple[str, ...]]:
    header = export.open().readline().decode("utf-8-sig").strip().split(",")
    columns = [name for name in header if name not in FREE_TEXT]
    return pl.concat(list(read_batches(export, columns, FREE_TEXT))).rows()


def bare(row: tuple[str, ...]) -> list[str]:
    """Return the cells without the marks that may have been lost within them."""
    return [str(cell).replace(",", "").replace('"', "") for cell in row]


def test_every_lost_or_gained_mark_is_seen(receive: Receive, say: Callable[[str], None]) -> None:
    """Where a file with a mark too few or too many comes out as rows, every cell is in its column, as it was
    but for a comma within its own text. Of some, a reader of widths alone would have believed other cells.
    The page on shifted cells states these counts.
    """
    counts: Counter[str] = Counter()
    for name, content in small_exports().items():
        true = cells(receive(content))
        for way, wrong in one_mark_wrong(content):
            counts[way] += 1
            try:
                found = cells(receive(wrong))
            except NotTheExport:
                counts["refused"] += 1
                counts["refused, though as wide as it should be"] += wide_enough(wrong)
                continue
            counts["the same cells"] += 1
            assert [bare(row) for row in found] == [bare(row) for row in true], (name, way)
    say(", ".join(f"{count} {name}" for name, count in sorted(counts.items())))
    assert counts["lost"] + counts["gained"] == counts["refused"] + counts["the same cells"]
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    refused, wide = counts["refused"], counts["refused, though as wide as it should be"]
    assert f"{counts['lost'] + counts['gained']} files. {refused} are refused, {wide} of which" in page
    assert f"The other {counts['the same cells']} have lost or gained a comma" in page


@pytest.mark.parametrize(
    "row",
    [
        b'HP000001"Lane, 4",Zqtow',
        b'HP000001,"Lane, 4"Zqtow',
        b'HP000001,Lane 4",Zqtow"',
        b'HP000001,"Lane" 4,Zqtow',
        b'HP000001,La"ne 4,Zqt"ow',
        b'"HP000001","Lane 4""",Zq"tow"',
    ],
)
@pytest.mark.parametrize("piece", [1, 2, 3, 1 << 20])
def test_a_mark_within_a_cell_is_told_by_its_line(receive: Receive, row: bytes, piece: int) -> None:
    """However the file is cut on its way, the error names the line and shows no word of it."""
    content = b'Org Person ID,"Address, Line",Town\r\n"HP000002","a ""b"", c",\r\n' + row + b"\r\n"
    with pytest.raises(NotTheExport) as refused:
        receive(content, piece=piece)
    assert refused.value.code in {"E385", "E325"}
    assert "line 3" in str(refused.value)
    assert "Lane" not in str(refused.value)
    assert refused.value.__context__ is None


@pytest.mark.parametrize("piece", [1, 2, 3, 5, 1 << 20])
def test_marks_in_their_places_pass(receive: Receive, piece: int) -> None:
    """Quoted headers after a byte order mark, doubled marks, empty quoted cells, line ends of every kind."""
    content = '\ufeff"a","b ""c"""\r\n"",""\n"x,""y""\r\nz",""""\r1,"2"\n'.encode()
    assert receive(content, piece=piece).broken_lines

"""Everything that is published of the sample, read back from its bytes: nothing shows anything of few.

On one side are the files alone; on the other the rows of the warehouse, counted apart from the feed.
"""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import polars as pl
import pytest

from commands.publishing import _keys, _pages, _wanted, warehouse_of
from feed.counting import RawCounts
from feed.disclosure.profile import Profile
from feed.facts import Facts
from feed.periods import parse
from feed.publish import publish
from tests.end_to_end.conftest import EIGHT_MONTHS
from tests.independent.people_behind import BOROUGH_ONLY, Span, people_behind
from tests.nights import NightSite
from tests.scanned_cells import Cell, Raw, cells_of, leaks, quality_leaks
from tests.scanned_pages import Published, page_leaks, promise_leaks, published_in

QUARTER = "2022-23-Q1"
PROMISES = {"contract.odcs.yaml", "datapackage.json", "datapackage.json.sig", "dictionary.md"}
"""Files that hold no number of anybody; a test of their own looks for one."""


@dataclass(frozen=True)
class Known:
    """What is known apart of what is published: who is behind each number, what tables tell, and the run."""

    raw: Raw
    cells: list[Cell]
    told: Published
    run: Path

    def found_in(self, path: Path) -> list[str]:
        """Return what one file tells and may not."""
        if path.suffix == ".html":
            own = "" if path.name == "index.html" else path.name.split("-")[0]
            return page_leaks(path, self.told, own)
        if path.stem == "quality_sheet":
            return quality_leaks(path, self.run, self.cells)
        if path.suffix in {".csv", ".parquet", ".duckdb"}:
            return leaks(cells_of(path), self.raw)
        return [] if path.name in PROMISES or not path.stat().st_size else [f"{path.name}: nobody reads it"]


@pytest.fixture(scope="module")
def known(sample_published: NightSite) -> Known:
    """Return what is known apart of the sample's eight months."""
    var = sample_published.site.var
    release = var / "feed" / EIGHT_MONTHS
    cells = [cell for path in sorted(release.glob("*.csv")) for cell in cells_of(path)]
    behind = people_behind(sample_published.site.warehouse, Span((2022, 4), (2022, 11), EIGHT_MONTHS))
    return Known(Raw(behind), cells, published_in(release, cells), min((var / "runs").glob("*.json")))


@pytest.fixture
def published(sample_published: NightSite, tmp_path: Path) -> Path:
    """Return a copy of all that is published of the sample, free to be changed."""
    var = sample_published.site.var
    shutil.copytree(var / "feed", tmp_path / "feed")
    shutil.copytree(var / "reports" / "contract", tmp_path / "contract")
    return tmp_path


class Wide:
    """A door that lets every count out as it is."""

    profile = Profile(borough_only_lots=BOROUGH_ONLY)

    def let_out(self, _: Facts, raw: RawCounts) -> pl.DataFrame:
        """Return the exact counts."""
        return raw.counts.rename({"count": "value"}).drop("people").with_columns(shown=pl.lit("exact"))

    def settle(self, *, was_released: bool) -> None:
        """Nothing is remembered."""


@pytest.fixture(scope="module")
def through_a_wide_door(sample_published: NightSite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a release of a quarter that was published by way of no disclosure control."""
    site, folder = sample_published.site, tmp_path_factory.mktemp("wide")
    wanted = replace(
        _wanted(site, parse(QUARTER), Wide.profile), feed=folder / "feed", state=folder / "state"
    )
    return publish(warehouse_of(site), wanted, _keys(site), _pages, Wide()).folder


def test_no_field_no_count_and_no_chart_shows_anything_of_few(published: Path, known: Known) -> None:
    """Every table in both forms, every view, every number of every page; and there is enough to hide."""
    files = [path for path in sorted(published.rglob("*")) if path.is_file()]
    assert len(files) > 40
    assert [why for path in files for why in known.found_in(path)] == []
    assert sum(cell.row["shown"] == "suppressed" for cell in known.cells) > 1000


def test_contract_dictionary_and_descriptor_say_nothing_that_was_counted(
    published: Path, through_a_wide_door: Path
) -> None:
    """They are the same whatever is in the tables, days and digests aside."""
    assert promise_leaks(published / "feed" / EIGHT_MONTHS, through_a_wide_door) == []


def test_a_door_that_lets_exact_counts_out_is_found(through_a_wide_door: Path, known: Known) -> None:
    """In both forms of every table that is broken down, in hundreds of cells."""
    tables = ("advice", "movement", "onward", "people", "referrals", "triage", "waits")
    for table in tables:
        for form in ("csv", "parquet"):
            found = leaks(cells_of(through_a_wide_door / f"{table}.{form}"), known.raw)
            assert any(each.endswith("few are behind it") for each in found), table


def in_a_title(files: Path) -> Path:
    """Name a hidden number in the words of a drawing alone."""
    return _changed(
        files / "feed" / EIGHT_MONTHS / "index.html",
        r"(<desc[^>]*>Column chart: Referrals received\.)",
        r"\1 May: 3.",
    )


def in_a_label(files: Path) -> Path:
    """Let the tool that reads the page out say it."""
    return _changed(
        files / "feed" / EIGHT_MONTHS / "index.html",
        r'<svg (aria-hidden="true")',
        r'<svg aria-label="3 people" \1',
    )


def in_a_bar(files: Path) -> Path:
    """Draw it, without a word."""
    return _changed(
        files / "feed" / EIGHT_MONTHS / "index.html", r'<rect ([^>]*)width="93.4%"', r'<rect \1width="1.3%"'
    )


def in_a_row(files: Path) -> Path:
    """Let it stand in its row of a table of the page."""
    row = r'(<td[^>]*data-label="Number"[^>]*>)(?:hidden|\*)(?=</td>)'
    return _changed(files / "feed" / EIGHT_MONTHS / "index.html", row, r"\g<1>3")


def in_a_tile(files: Path) -> Path:
    """Let it stand as a headline where a headline is hidden."""
    hidden = r"(<dd[^>]*>)hidden to protect people"
    return _changed(files / "feed" / EIGHT_MONTHS / "index.html", hidden, r"\g<1>3")


def in_a_page_of_a_contract(files: Path) -> Path:
    """Let it stand over the column of a hidden month."""
    (page,) = (files / "contract").glob("hub-*.html")
    return _changed(page, r'(<text class="value"[^>]*>)\*<', r"\g<1>3<")


def in_the_quality_sheet(files: Path) -> Path:
    """Let the sheet say how many records were held, where they are few."""
    return _changed(
        files / "feed" / EIGHT_MONTHS / "quality_sheet.csv",
        r"(held,[a-z_]+,records),,records,,suppressed",
        r"\1,3,records,,exact",
    )


def in_a_parquet(files: Path) -> Path:
    """Let it stand in one cell of one form of one table."""
    path = files / "feed" / EIGHT_MONTHS / "needs.parquet"
    table = pl.read_parquet(path)
    hidden = table.with_row_index().filter(
        (pl.col("shown") == "suppressed") & (pl.col("statistic") == "count")
    )
    is_it = pl.int_range(pl.len()) == hidden["index"][0]
    table.with_columns(value=pl.when(is_it).then(3.0).otherwise("value")).write_parquet(path)
    return path


def in_a_view(files: Path) -> Path:
    """Let it stand in the file that Power BI opens, and nowhere else."""
    path = files / "feed" / "figures.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "UPDATE published_rows.figures SET value = 3 WHERE shown = 'suppressed' AND kpi = 'K26' "
            "AND statistic = 'count'"
        )
    return path


PLANTS: list[Callable[[Path], Path]] = [
    in_a_title, in_a_label, in_a_bar, in_a_row, in_a_tile, in_a_page_of_a_contract, in_the_quality_sheet,
    in_a_parquet, in_a_view,
]  # fmt: skip


@pytest.mark.parametrize("plant", PLANTS)
def test_one_hidden_number_in_one_place_is_found(
    published: Path, known: Known, plant: Callable[[Path], Path]
) -> None:
    """By the file that it stands in alone."""
    assert known.found_in(plant(published)) != []


def _changed(path: Path, pattern: str, by: str) -> Path:
    text = path.read_bytes().decode("utf-8")
    changed, many = re.subn(pattern, by, text, count=1)
    assert many == 1, f"{path.name} has no place for it"
    path.write_bytes(changed.encode("utf-8"))
    return path

"""The hub's published figures of its first eight months come out of a warehouse that holds them."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from common import clock
from feed import Area, Figures, Period, build_figures, read_feed, write_feed
from feed.errors import FeedNotReadable, WarehouseNotThere
from tests.unit.feed.warehouse_sample import write_warehouse

START, END = date(2022, 4, 1), date(2022, 11, 30)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_warehouse(tmp_path_factory.mktemp("warehouse") / "warehouse.duckdb")


@pytest.fixture(scope="module")
def figures(warehouse: Path) -> Figures:
    return build_figures(warehouse, START, END, Area(sample=True))


@pytest.mark.parametrize(
    ("identity", "value"),
    [
        ("K01", 3663),
        ("K03a", 118),
        ("K04", 2167),
        ("K05", 1106),
        ("K07.econ", 61),
        ("K07.heal", 21),
        ("K07.hous", 10),
        ("K07.soci", 6),
        ("K07.educ", 2),
        ("K08", 1283),
        ("K09", 172),
        ("K10", 1194),
        ("K11", 66),
        ("K12", 429),
    ],
)
def test_the_published_figures_are_counted_exactly(figures: Figures, identity: str, value: int) -> None:
    """Portal children, duplicates, rows outside the period and other providers' work change no figure."""
    assert figures.named(identity).value == value


def test_the_figures_on_time_say_median_p90_and_longest(figures: Figures) -> None:
    """Same-day triage, advice within two working days and waits carry their spread."""
    assert figures.named("K13").value == 98
    assert [s.value for s in figures.named("K14").statistics] == [1.0, 2.0, 4.0]
    assert [s.name for s in figures.named("K16").statistics] == ["median", "90th percentile", "longest"]
    assert figures.named("K16").numerator == 400


def test_every_month_of_the_period_stands_in_the_series(figures: Figures) -> None:
    """Eight months, none left out, and they add to the total."""
    months = figures.named("K01").breakdowns[0].cells
    assert [cell.label for cell in months][::7] == ["Apr 2022", "Nov 2022"]
    assert sum(cell.count or 0 for cell in months) == 3663


def test_events_without_a_person_still_count(figures: Figures) -> None:
    """Advice that a safety rule unlinks is advice given, and lowers only the completeness of K05."""
    known = figures.named("K05").completeness
    assert known is not None
    assert known.rows == 2167
    assert known.present < known.rows


def test_an_exact_figure_never_gives_away_a_hidden_cell(figures: Figures) -> None:
    """K12 is public, so hiding Community Support would not protect the three referrals to Carers Support."""
    cells = {cell.label.split(" (")[0]: cell for cell in figures.named("K10").breakdowns[1].cells}
    assert cells["Community Support"].count == 429
    assert cells["Carers Support"].hidden
    assert cells["Other organisations"].hidden


def test_a_small_service_shows_no_waits(figures: Figures) -> None:
    """Five people started with Carers Support: nothing of theirs is shown, nor what would give it away."""
    waits = {wait.lot.split(" (")[0]: wait for wait in figures.named("K16").services}
    assert waits["Carers Support"].hidden
    assert waits["Carers Support"].longest_days is None
    assert waits["Home Support"].hidden
    assert waits["Community Support"].started == 300


def test_a_field_the_flow_does_not_release_leaves_its_figure_empty(tmp_path: Path) -> None:
    """A narrowed flow gives a figure without a value that says why, and the others stand."""
    narrowed = write_warehouse(
        tmp_path / "w.duckdb",
        ("ALTER TABLE commissioning.advice DROP COLUMN category", "DROP TABLE commissioning.signposting"),
    )
    figures = build_figures(narrowed, START, END)
    assert figures.named("K07.econ").value is None
    assert "advice.category" in figures.named("K07.econ").note
    assert figures.named("K08").value is None
    assert figures.named("K04").value == 2167


def test_an_empty_period_is_zero_not_an_error(warehouse: Path) -> None:
    """A period before the service began counts nothing and divides by nothing."""
    figures = build_figures(warehouse, date(2020, 1, 1), date(2020, 3, 31))
    assert figures.named("K01").value == 0
    assert figures.named("K13").value is None
    assert figures.named("K07.econ").value is None


def test_the_first_advice_counts_where_the_link_to_the_referral_is_released(tmp_path: Path) -> None:
    """Advice months into a case does not lengthen the wait for the first advice."""
    linked = write_warehouse(
        tmp_path / "w.duckdb",
        (
            "ALTER TABLE commissioning.advice ADD COLUMN referral_id BIGINT",
            "UPDATE commissioning.advice SET referral_id = advice_id // 3",
        ),
    )
    assert build_figures(linked, START, END).named("K14").denominator == 723


def test_the_release_is_read_back_as_it_was_written(figures: Figures, tmp_path: Path) -> None:
    """figures.json holds everything; its folder is named for the period."""
    folder = tmp_path / figures.period.label
    assert [path.name for path in write_feed(figures, folder)][-1] == "figures.json"
    assert read_feed(folder) == figures
    assert folder.name == "2022-04-01_2022-11-30"


def test_the_same_warehouse_gives_the_same_bytes(warehouse: Path, tmp_path: Path) -> None:
    """Nothing in the release depends on anything but the warehouse and the clock."""
    with clock.frozen(datetime(2022, 12, 1, 9, tzinfo=UTC)):
        first = write_feed(build_figures(warehouse, START, END), tmp_path / "a")
        second = write_feed(build_figures(warehouse, START, END), tmp_path / "b")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_a_service_named_like_a_formula_is_inert_in_the_csv(figures: Figures, tmp_path: Path) -> None:
    """A name that the CRM holds is shown by a spreadsheet and never run."""
    write_feed(figures, tmp_path)
    text = (tmp_path / "waits_by_service.csv").read_text(encoding="utf-8-sig")
    assert '"\'=Carers <b>Support</b>"' in text


def test_the_dictionary_explains_every_figure(figures: Figures, tmp_path: Path) -> None:
    """Each figure has its rule in words, its tables and its completeness."""
    write_feed(figures, tmp_path)
    text = (tmp_path / "dictionary.md").read_text(encoding="utf-8")
    assert all(f"## {figure.id} " in text for figure in figures.figures)
    assert "The people in this sample are invented." in text


def test_without_a_warehouse_the_error_says_what_to_do(tmp_path: Path) -> None:
    """A missing file and a file that is no warehouse both end with exit 50."""
    with pytest.raises(WarehouseNotThere) as absent:
        build_figures(tmp_path / "none.duckdb", START, END)
    (tmp_path / "text.duckdb").write_text("not a database", encoding="utf-8")
    with pytest.raises(WarehouseNotThere):
        build_figures(tmp_path / "text.duckdb", START, END)
    assert absent.value.exit_code == 50


def test_a_release_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    """An unknown key or a half file is an error, never a page with half a truth."""
    (tmp_path / "figures.json").write_text('{"format": "viaduct-figures/1", "more": 1}', encoding="utf-8")
    with pytest.raises(FeedNotReadable):
        read_feed(tmp_path)


def test_the_warehouse_file_is_not_changed(warehouse: Path) -> None:
    """Figures are counted from a file opened for reading only."""
    before = warehouse.read_bytes()
    build_figures(warehouse, START, END)
    assert warehouse.read_bytes() == before


def test_a_period_says_its_days_in_words() -> None:
    """The page names the first and the last day counted."""
    assert Period(start=START, end=END).words == "1 April 2022 to 30 November 2022"

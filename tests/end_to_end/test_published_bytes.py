"""Read back from its bytes, no file of a release has a count of fewer than eight, and nor has its page."""

from pathlib import Path

import pytest

from feed.release.contract import NAME as CONTRACT
from feed.release.datapackage import NAME
from tests.contracts_asked import Job, asked
from tests.independent.people_behind import Span, people_behind
from tests.nights import NightSite
from tests.scanned_cells import Raw, cells_of, leaks
from tests.scanned_pages import page_leaks, published_in

PERIOD = "2022-23-Q1"


@pytest.fixture
def release(hub_published: NightSite) -> Path:
    """Return what a site of some hundred people published, so that most of its cells are small."""
    return hub_published.site.var / "feed" / PERIOD


def test_the_release_keeps_its_contract(release: Path) -> None:
    """Every table of a real night's figures, asked by a tool that knows nothing of Viaduct."""
    (told,), (descriptor,) = asked([Job(release / CONTRACT, "csv")], [release / NAME])
    assert (told.result, told.findings, descriptor) == ("passed", [], [])
    assert told.passed > 300


def test_nothing_in_any_published_file_is_of_few(release: Path, hub_published: NightSite) -> None:
    """Every table in both forms, cell by cell, and each number of the page; each as it was counted apart."""
    files = sorted([*release.glob("*.csv"), *release.glob("*.parquet")])
    cells = [cell for path in files for cell in cells_of(path)]
    behind = people_behind(hub_published.site.warehouse, Span((2022, 4), (2022, 6), PERIOD))
    assert sum(cell.row["shown"] == "suppressed" for cell in cells) > 400, "there is enough to hide"
    assert leaks(cells, Raw(behind)) == []
    assert page_leaks(release / "index.html", published_in(release, cells)) == []

"""The lots that a source says it receives are held to the lots that exist."""

import shutil
from pathlib import Path

import pytest

from config.documents import DocumentRefused
from config.site import survey
from sync.receiving import require_lots

EXAMPLE = Path(__file__).parents[3] / "config" / "example"


def require(folder: Path, lots: str) -> None:
    """Require the lots of the example's site, in which community support says that it receives these."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("var"))
    path = folder / "sources" / "community_support.yaml"
    text = path.read_text(encoding="utf-8")
    assert "receives: [L4-CS]" in text
    path.write_text(text.replace("receives: [L4-CS]", f"receives: {lots}"), encoding="utf-8")
    site = survey(folder).site
    assert site is not None
    require_lots(site)


@pytest.mark.parametrize("lots", ["[L4-CS]", "[L4-CS, L6-HS]", "[]"])
def test_lots_that_exist_are_taken(tmp_path: Path, lots: str) -> None:
    """One, several, or none."""
    require(tmp_path / "site", lots)


def test_a_mistyped_lot_is_told_with_its_place_and_the_lot_that_is_meant(tmp_path: Path) -> None:
    """Without it nothing would ever be asked of what is sent there: ONR-03 would be silent."""
    with pytest.raises(DocumentRefused) as told:
        require(tmp_path / "site", "[L4-SC, L6-HS]")
    assert len(told.value.problems) == 1
    assert "community_support.yaml" in str(told.value)
    assert "there is no lot L4-SC. Did you mean L4-CS?" in str(told.value)

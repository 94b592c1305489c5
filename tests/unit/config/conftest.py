"""A copy of the example site that any test may damage."""

import re
import shutil
from pathlib import Path

import pytest

EXAMPLE = Path("config/example")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the example whose assessment and mappings are there in name."""
    site = tmp_path / "site"
    shutil.copytree(EXAMPLE, site, ignore=shutil.ignore_patterns("var"))
    for part in ("dpia", "mappings"):
        (site / part).mkdir(exist_ok=True)
    (site / "dpia" / "charity-crm-to-warehouse.yaml").touch()
    for export in re.findall(r"mappings/\S+", (site / "sources" / "hub.yaml").read_text(encoding="utf-8")):
        (site / export).touch()
    return site

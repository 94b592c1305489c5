"""What a site refers to and does not have is said before a night needs it."""

import shutil
from pathlib import Path

import pytest

from commands.lacking import lacking, unread_secrets
from config.site import load_site

ROOT = Path(__file__).parents[3]
SERVER = """warehouse:
  {connector: postgresql, host: localhost, database: w, role: l, sslmode: disable, role_secret: "env:NOWHERE"}
"""


@pytest.mark.parametrize(("side", "count"), [("embedded", 1), ("elsewhere", 0)])
def test_the_password_of_the_warehouse_is_looked_for_where_it_is_loaded(
    tmp_path: Path, side: str, count: int
) -> None:
    """Where this site loads by itself, it is lacking; the council's own is not this site's to have."""
    shutil.copytree(ROOT / "config/example", tmp_path / "site", ignore=shutil.ignore_patterns("var"))
    path = tmp_path / "site" / "site.yaml"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(("warehouse:", "council_side:"))]
    path.write_text("".join(kept) + SERVER + f"council_side: {side}\n", "utf-8")
    site = load_site(tmp_path / "site")
    found = [str(error.where) for error in unread_secrets(site)]
    assert [where for where in found if "warehouse" in where] == [
        "warehouse, role_secret: env:NOWHERE"
    ] * count
    assert sum("warehouse, role_secret" in line for line in lacking(site)) == count

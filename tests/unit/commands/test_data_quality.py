"""Who is on the data team's page: the assessment says so, and where it cannot be read, nobody is."""

from pathlib import Path

from commands.data_quality import build_data_quality, kept_apart
from commands.sample_site import write_sample_site
from config.site import load_site


def test_a_provider_that_is_in_some_flows_only_is_kept_apart(tmp_path: Path) -> None:
    """Domestic abuse support is in one of the example's two flows; the others are in both."""
    write_sample_site(tmp_path / "site", {})
    assert kept_apart(load_site(tmp_path / "site")) == {"domestic_abuse_support"}


def test_where_the_assessment_cannot_be_read_everybody_is_kept_apart(tmp_path: Path) -> None:
    """The page then holds totals alone, and every table stands without a row of a provider."""
    write_sample_site(tmp_path / "site", {})
    site = load_site(tmp_path / "site")
    site.dpia.write_text("dpiaSpec: none\n", encoding="utf-8")
    assert kept_apart(site) == set(site.providers)
    files = {path.name: path for path in build_data_quality(site)}
    lines = files["completeness.csv"].read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 1
    page = files["index.html"].read_text(encoding="utf-8")
    assert "Nothing has been counted yet" in page
    assert "0 open findings" in page
    assert {path.stat().st_mode & 0o077 for path in files.values()} == {0}

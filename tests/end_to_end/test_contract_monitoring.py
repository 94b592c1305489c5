"""The page of a provider's contract holds the numbers of the signed release, and no others."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from commands.data_quality import tables_of
from commands.monitoring import build_monitoring
from commands.publishing import publish_feed
from config.targets import Target
from feed.periods import parse
from tests.nights import NightSite

QUARTER = "2022-23-Q2"


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


def test_the_page_says_what_was_published_and_nothing_of_a_release_that_was_altered(
    night: NightSite,
) -> None:
    """The referrals of the quarter are those of the Parquet file; a byte more in it, and no page is written:
    the one before stays.
    """
    hub = night.site.providers["hub"].model_copy(update={"targets": {"K13.services": Target(at_least=50)}})
    site = replace(night.site, providers={**night.site.providers, "hub": hub})
    folder = publish_feed(site, parse(QUARTER)).folder
    ((link, name, quarter),) = build_monitoring(site, tables_of(site))
    page = site.var / "reports" / link
    assert (link, quarter) == (f"contract/hub-{QUARTER}.html", parse(QUARTER).words)
    assert name == hub.name
    text = page.read_text(encoding="utf-8")
    assert f"{received(folder):,.0f}" in text
    assert "1 of 1</strong> target is met" in text
    assert page.stat().st_mode & 0o077 == 0
    with (folder / "referrals.parquet").open("ab") as file:
        file.write(b"x")
    assert build_monitoring(site, tables_of(site)) == []
    assert page.read_text(encoding="utf-8") == text


def received(folder: Path) -> float:
    """Return the referrals that the hub received in the quarter, as published."""
    rows = pl.read_parquet(folder / "referrals.parquet").filter(
        pl.col("kpi") == "K01.services",
        pl.col("breakdown") == "provider",
        pl.col("period") == QUARTER,
    )
    return float(rows["value"].item())

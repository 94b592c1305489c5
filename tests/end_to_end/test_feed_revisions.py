"""A provider mends a record after figures were published: the next edition says what changed, and why."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from commands.publishing import publish_feed
from common import clock
from demo.sample import Sample
from feed.disclosure.errors import FiguresMoved
from feed.errors import PeriodNotBegun
from feed.periods import month_of, parse
from tests.nights import NightSite
from tests.small_sample import small_sample
from tests.unit.feed.release.invented import bytes_in

PERIOD = "2022-23-Q1"


@pytest.fixture(scope="session")
def settled(hub_published: NightSite) -> NightSite:
    """Return the hub's own site with the figures of a quarter in force."""
    return hub_published


def test_a_mended_record_is_told_in_the_next_edition_and_the_one_before_stays(night: NightSite) -> None:
    """A referral of April was of May: no rebuild tells so before its day; a revision tells no single one."""
    before = bytes_in(night.site.var / "feed" / PERIOD)
    again = publish_feed(night.site, parse(PERIOD))
    assert (again.is_new, bytes_in(again.folder)) == (False, before), "nothing happened in between"
    night.drop(of_may_instead(small_sample()))
    assert night.night().exit_code in {0, 1}
    with pytest.raises(FiguresMoved, match="referrals_received by borough, 2022-04: from "):
        publish_feed(night.site, parse(PERIOD))
    assert bytes_in(night.site.var / "feed" / PERIOD) == before
    second = publish_feed(night.site, parse(PERIOD), revise=True)
    assert (second.edition, second.is_new) == (2, True)
    assert bytes_in(night.site.var / "feed" / "earlier" / PERIOD / "1") == before
    told = revised(second.folder, "K01")
    assert {period for period, *_ in told} <= {"2022-04", "2022-05"}
    assert all(to is None or to % 5 == 0 for _, _, to, _ in told), "one record more or less is not told apart"
    assert all(because.startswith("mended_records") for *_, because in told)


def test_a_period_that_has_not_begun_has_no_figures(night: NightSite) -> None:
    """Its noughts would say that nobody came. The day is that of the data, not of whoever asks."""
    later = month_of(month_of(clock.today()).end + timedelta(days=1))
    with clock.frozen(clock.now() + timedelta(days=40)), pytest.raises(PeriodNotBegun):
        publish_feed(night.site, later)
    assert not (night.site.var / "feed" / later.label).exists()


def of_may_instead(sample: Sample) -> Sample:
    """Return the sample in which one referral to the hub, of April, was received a month later."""
    rows = [dict(row) for row in sample.sources["hub"]["referrals"]]
    row = next(row for row in rows if row["Referral Date"].endswith("/04/2022") and row["Status"] == "Closed")
    for column in ("Referral Date", "Triage Date", "Accepted Date"):
        row[column] = row[column].replace("/04/2022", "/05/2022")
    return replace(sample, sources={**sample.sources, "hub": {**sample.sources["hub"], "referrals": rows}})


def revised(folder: Path, kpi: str) -> list[tuple[str, float, float, str]]:
    """Return the counts of the whole borough that were revised: period, from, to, why."""
    rows = pl.read_parquet(folder / "revisions.parquet").filter(
        pl.col("kpi") == kpi,
        pl.col("breakdown") == "borough",
        pl.col("statistic") == "count",
        pl.col("measure") == "value",
    )
    return rows.select("period", "from_value", "to_value", "because").rows()

"""Nights that many tests share: made once, copied by whoever changes anything."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from commands.data_quality import tables_of
from commands.monitoring import build_monitoring
from commands.publishing import publish_feed
from commands.sample_site import Account, make_keys, write_sample_site
from demo.portal_process import PortalProcess
from demo.sample import Sample, write_csvs
from feed.periods import parse
from sharing import load_dpia
from sync.run import Wish, run_sync
from tests.browsing import chromium
from tests.nights import ACCEPTED_BY, NightSite
from tests.released import landed, warehouse_rows
from tests.signing_of_sites import sign_site
from tests.small_sample import a_day_later, small_sample, whole_sample
from tests.workers import made_once

PUBLISHED = "2022-23-Q1"
EIGHT_MONTHS = "2022-04..2022-11"


@dataclass(frozen=True)
class PortalNights:
    """Two nights on the whole sample, pulled from a portal in a process of its own."""

    night: NightSite
    sample: Sample
    served: Path
    first: dict[str, Any]
    second: dict[str, Any]
    before: dict[str, bytes]
    rows_before: dict[str, set[tuple[Any, ...]]]
    audit: dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="session")
def portal_nights(tmp_path_factory: pytest.TempPathFactory) -> PortalNights:
    """Return two nights from the real portal; its data folder is what it serves."""
    folder, sample = tmp_path_factory.mktemp("portal"), whole_sample()
    served = folder / "served"
    write_csvs(sample, served)
    with PortalProcess(served) as portal:
        accounts = {name: Account(portal.address_of(name), *portal.account(name)) for name in portal.sources}
        site = write_sample_site(folder / "site", accounts)
        make_keys(site, list(load_dpia(site.dpia).active_flows))
        sign_site(site)
        night = NightSite(folder / "site")
        first = run_sync(night.site, Wish(accept_growth=True, accept_flagged=ACCEPTED_BY)).to_json()
        before, rows_before = landed(night), warehouse_rows(night)
        second = run_sync(night.site, Wish()).to_json()
        audit = portal.audit()
    return PortalNights(night, sample, served, first, second, before, rows_before, audit)


@pytest.fixture(scope="session")
def sample_published(portal_nights: PortalNights, tmp_path_factory: pytest.TempPathFactory) -> NightSite:
    """Return the whole sample's site with its eight months and the pages of contracts published."""
    folder = tmp_path_factory.mktemp("published") / "site"
    shutil.copytree(portal_nights.night.folder, folder)
    published = NightSite(folder)
    publish_feed(published.site, parse(EIGHT_MONTHS))
    build_monitoring(published.site, tables_of(published.site))
    return published


@pytest.fixture(scope="session")
def all_settled(tmp_path_factory: pytest.TempPathFactory) -> NightSite:
    """Return a site on the small sample, of all three sources, after its first night; it stays as it is."""
    return NightSite(made_once(tmp_path_factory, "settled", settle))


@pytest.fixture(scope="session")
def settled(all_settled: NightSite) -> NightSite:
    """Return the site that a file's nights begin with: the one of all three, where the file says no other."""
    return all_settled


@pytest.fixture(scope="session")
def hub_settled(tmp_path_factory: pytest.TempPathFactory) -> NightSite:
    """Return the same of the hub alone, at two thirds of the cost a night; for a file's own `settled`."""
    return NightSite(made_once(tmp_path_factory, "hub-settled", partial(settle, alone=True)))


@pytest.fixture(scope="session")
def hub_published(hub_settled: NightSite, tmp_path_factory: pytest.TempPathFactory) -> NightSite:
    """Return the same with the figures of a quarter, PUBLISHED, in force; for a file's own `settled`."""

    def publish(folder: Path) -> None:
        shutil.copytree(hub_settled.folder, folder)
        publish_feed(NightSite(folder).site, parse(PUBLISHED))

    return NightSite(made_once(tmp_path_factory, "hub-published", publish))


def settle(folder: Path, *, alone: bool = False) -> None:
    """Make a site that has had its first night."""
    summary = NightSite.of(folder, small_sample(), alone=alone).first_night()
    assert summary.exit_code == 1, summary.to_json()["errors"]


@pytest.fixture(scope="session")
def two_nights(settled: NightSite, tmp_path_factory: pytest.TempPathFactory) -> NightSite:
    """Return a site after a first, a changed and an unchanged night; it stays as it is."""

    def go_on(folder: Path) -> None:
        shutil.copytree(settled.folder, folder)
        night = NightSite(folder)
        night.drop(a_day_later())
        night.night()
        night.night()

    return NightSite(made_once(tmp_path_factory, "two-nights", go_on))


@pytest.fixture(scope="session")
def sample() -> Sample:
    """Return the small sample that `settled` has seen; nobody may change its rows."""
    return small_sample()


@pytest.fixture
def again(settled: NightSite, tmp_path: Path) -> Callable[[], NightSite]:
    """Return a function that gives a copy of the settled site, free to be changed."""
    made = iter(range(100))

    def copy() -> NightSite:
        folder = tmp_path / f"site-{next(made)}"
        shutil.copytree(settled.folder, folder)
        return NightSite(folder)

    return copy


@pytest.fixture
def night_of_all(all_settled: NightSite, tmp_path: Path) -> NightSite:
    """Return one copy of the settled site of all three sources, whatever the file's others begin with."""
    shutil.copytree(all_settled.folder, tmp_path / "site-of-all")
    return NightSite(tmp_path / "site-of-all")


@pytest.fixture
def night(again: Callable[[], NightSite]) -> NightSite:
    """Return one copy of the settled site."""
    return again()


@pytest.fixture(scope="session")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a site of the hub whose council side is elsewhere: a first night delivered and not answered."""
    return made_once(tmp_path_factory, "delivered", _deliver)


def _deliver(folder: Path, *, alone: bool = True) -> None:
    night = NightSite.of(folder, small_sample(), alone=alone)
    settings = night.folder / "site.yaml"
    text = settings.read_text(encoding="utf-8")
    assert "council_side: embedded" in text
    settings.write_text(text.replace("council_side: embedded", "council_side: elsewhere"), encoding="utf-8")
    first = night.first_night()
    assert [flow.state for flow in first.flows] == ["delivered", "delivered"]
    assert not night.site.warehouse.exists()


@pytest.fixture
def waiting(delivered: Path, tmp_path: Path) -> NightSite:
    """Return a copy of that site, free to be changed."""
    shutil.copytree(delivered, tmp_path / "site")
    return NightSite(tmp_path / "site")


@pytest.fixture
def waiting_for_all(tmp_path_factory: pytest.TempPathFactory) -> NightSite:
    """Return the same of all three sources, free to be changed."""
    return NightSite(made_once(tmp_path_factory, "delivered-by-all", partial(_deliver, alone=False)))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Yield Chromium."""
    with chromium() as started:
        yield started

"""A source that is refused stops nobody else: their rows go, its own stay, a healed night is level."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from demo.portal_process import PortalProcess
from tests.killed_nights import NOT_COMPARED, what_is_left
from tests.nights import ACCEPTED_BY
from tests.reliability.places import in_turn
from tests.reliability.portal_site import PortalSite, later, serve
from tests.small_sample import small_sample

OTHERS = ("community_support", "domestic_abuse_support")
CASES = {
    "away": ("reset", "needs", "E301"),
    "another column": ("renamed_column", "services", "E331"),
    "a sudden drop": ("sudden_drop", "contacts", "E802"),
}
TABLES = (
    "select distinct table_schema || '.' || table_name from information_schema.columns"
    " where table_schema in ('early_help', 'commissioning') and column_name = 'source_system'"
)
Rows = dict[tuple[str, str], frozenset[tuple[Any, ...]]]


class Nights:
    """A portal whose data have moved on in every system; a site before that night, and one after it."""

    def __init__(self, folder: Path, portal: PortalProcess) -> None:
        self.portal = portal
        self.behind = PortalSite.of(folder / "site", portal, alone=False)
        assert self.behind.night(accept_growth=True, accept_flagged=ACCEPTED_BY).errors == []
        serve(later(small_sample()), folder / "served")
        self.level = self.behind.copy("level")
        assert self.level.night().errors == []


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    folder = tmp_path_factory.mktemp("isolation")
    serve(small_sample(), folder / "served")
    with PortalProcess(folder / "served") as portal:
        yield Nights(folder, portal)


def rows_by_source(site: Path) -> Rows:
    """Return the released rows of every table by the source they come from, provenance left aside.

    Cases that continue one of another source stand apart, under the table's name and "linked".
    """
    found: dict[tuple[str, str], set[tuple[Any, ...]]] = {}
    with closing(duckdb.connect(str(site / "var/warehouse.duckdb"), read_only=True)) as warehouse:
        for (table,) in warehouse.execute(TABLES).fetchall():
            rows = warehouse.execute(f"select * from {table}").pl()
            for row in rows.drop(NOT_COMPARED, strict=False).iter_rows(named=True):
                name = f"{table} linked" if row.get("parent_referral_id") else table
                found.setdefault((name, row["source_system"]), set()).add(tuple(map(str, row.values())))
    return {key: frozenset(rows) for key, rows in found.items()}


def remembered(site: Path) -> dict[str, frozenset[tuple[Any, ...]]]:
    """Return what each flow remembers to have sent; in which batch it went is left aside."""
    return {
        path.stem: frozenset(pl.read_parquet(path).drop("batch").iter_rows())
        for path in (site / "var/state/memory").glob("*.parquet")
    }


def of(rows: Rows, sources: tuple[str, ...], *, linked: bool) -> Rows:
    return {
        key: found for key, found in rows.items() if key[1] in sources and key[0].endswith("linked") == linked
    }


@pytest.mark.parametrize("case", in_turn(*CASES))
def test_the_others_rows_go_and_a_healed_night_brings_all_level(nights: Nights, case: str) -> None:
    """The hub fails: its rows stay, the others' are tonight's, and then nothing is missing.

    A case that continues one of the hub's waits as it was: whether that still exists could not be asked.
    """
    fault, export, code = CASES[case]
    site = nights.behind.copy(f"night-{case.replace(' ', '-')}")
    before, wanted = rows_by_source(site.folder), rows_by_source(nights.level.folder)
    nights.portal.fault(fault, export, "hub")
    try:
        summary = site.night()
    finally:
        nights.portal.heal()
    outcomes = {told.source: told.error.code if told.error else None for told in summary.sources}
    assert outcomes == {"hub": code, **dict.fromkeys(OTHERS)}
    assert {flow.state for flow in summary.flows} == {"remembered"}
    after = rows_by_source(site.folder)
    assert of(after, ("hub",), linked=False) == of(before, ("hub",), linked=False)
    assert of(after, OTHERS, linked=False) == of(wanted, OTHERS, linked=False)
    assert of(after, OTHERS, linked=True) == of(before, OTHERS, linked=True)
    assert of(wanted, OTHERS, linked=False) != of(before, OTHERS, linked=False)
    assert site.night().errors == []
    assert what_is_left(site.folder).rows == what_is_left(nights.level.folder).rows
    assert remembered(site.folder) == remembered(nights.level.folder)

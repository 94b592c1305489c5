"""One world read twice: through the web portal and through the REST API; the council receives the same."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pytest

import commands
from commands.last_resort import carry_out
from commands.sample_site import Account, make_keys, write_sample_site
from common import clock
from demo import nights as later
from demo.api_keys import HEADERS
from demo.api_process import ApiProcess
from demo.portal_process import PortalProcess
from demo.sample import CANARIES, EXTRACTED_AT, Sample
from sharing import load_dpia
from tests.nights import NightSite
from tests.released import FLOWS, state, warehouse_rows
from tests.rest_site import SameRecords, drop_files, rest_site, served, translated
from tests.signing_of_sites import sign_site
from tests.small_sample import small_sample


@dataclass
class Twice:
    """One sample behind a portal and an API, and a site on each, with the same keys."""

    sample: Sample
    folder: Path
    api: ApiProcess
    by_portal: NightSite
    by_api: NightSite
    first: tuple[dict[str, Any], dict[str, Any]]
    same: SameRecords

    def serve(self, sample: Sample) -> None:
        """Let both systems hold another sample from now on."""
        self.sample = sample
        served(self.folder, sample)
        drop_files(self.by_api.folder, sample)

    def tables(self, flow: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return every released table of a flow on both sides, records named as the portal names them."""
        one, other = warehouse_rows(self.by_portal), warehouse_rows(self.by_api)
        same = {
            key: name
            for each in (small_sample(), self.sample)
            for key, name in self.same.keys(flow, each).items()
        }
        mine = [name for name in one if name.startswith(f"{flow}.")]
        same |= links_of(self.by_api, self.by_portal, flow, same)
        return {name: one[name] for name in mine}, {name: translated(other[name], same) for name in mine}


def links_of(one: NightSite, other: NightSite, flow: str, same: dict[UUID, UUID]) -> dict[UUID, UUID]:
    """Return which link at one site is which at the other; each is named by a record of its own people."""
    here, there = (dict(links(night, flow)) for night in (one, other))
    found = {link: there[same[person]] for person, link in here.items()}
    assert found.keys() == set(here.values())
    assert {same[person]: found[link] for person, link in here.items()} == there
    assert len(set(found.values())) == len(found), "two people here are one there"
    return found


def links(night: NightSite, flow: str) -> list[tuple[UUID, UUID]]:
    """Return the key and the link of every person of a flow that tells of links."""
    with closing(duckdb.connect(str(night.site.warehouse), read_only=True)) as warehouse:
        told = warehouse.execute(
            "select 1 from information_schema.columns where table_schema = ? and column_name = ?",
            [flow, "linked_person_id"],
        ).fetchall()
        asked = f"select person_id, linked_person_id from {flow}.person where linked_person_id is not null"
        return warehouse.execute(asked).fetchall() if told else []


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twice]:
    folder, sample = tmp_path_factory.mktemp("twice"), small_sample()
    data = served(folder / "served", sample)
    with PortalProcess(data) as portal, ApiProcess(data) as api:
        accounts = {name: Account(portal.address_of(name), *portal.account(name)) for name in portal.sources}
        site = write_sample_site(folder / "portal", accounts)
        make_keys(site, list(load_dpia(site.dpia).active_flows))
        sign_site(site)
        by_portal, by_api = NightSite(folder / "portal"), rest_site(folder / "api", api, sample)
        for part in ("keys", "var/keys"):
            shutil.copytree(by_portal.folder / part, by_api.folder / part, dirs_exist_ok=True)
        # Registers are under a site's key.
        shutil.copytree(by_portal.site.registers, by_api.site.registers, dirs_exist_ok=True)
        first = tuple(night.first_night().to_json() for night in (by_portal, by_api))
        same = SameRecords(by_portal, by_api)
        yield Twice(sample, data, api, by_portal, by_api, first, same)  # type: ignore[arg-type]


def test_check_connect_reads_no_record(twice: Twice, capsys: pytest.CaptureFixture[str]) -> None:
    """Keys, fields and dictionaries of every source are looked at, and nothing else is asked for."""
    twice.api.forget()
    code = carry_out(
        lambda: commands._named(["check", "--connect", "--site", twice.by_api.folder.as_posix()])
    )
    said = capsys.readouterr().err
    assert code == 0, said
    assert said.count("signed in, every extract is there") == 3
    asked = [line.removeprefix("GET /v2/") for line in twice.api.asked()]
    assert len(asked) > 3 * 30
    small = ("business/configuration", "dictionary/")
    assert [line for line in asked if not line.startswith(small) and "selectable_fields" not in line] == []


def test_the_first_night_is_as_good_as_the_portals(twice: Twice) -> None:
    """Done, some records held; the same records, fates and findings in the same numbers."""
    for told in twice.first:
        assert (told["exit_code"], told["errors"]) == (1, [])
        assert told["extracted_at"] == clock.stamp(EXTRACTED_AT)
    portal, api = ({one["source"]: one["entities"] for one in told["sources"]} for told in twice.first)
    assert api == portal
    assert twice.first[1]["checks"] == twice.first[0]["checks"]


@pytest.mark.parametrize("flow", FLOWS)
def test_the_council_receives_the_same(twice: Twice, flow: str) -> None:
    """Every row of every released table is the same, once each knows a record by the other's name for it."""
    portal, api = twice.tables(flow)
    assert sum(map(len, portal.values())) > 500
    assert {name for name, rows in portal.items() if rows} >= {f"{flow}.person", f"{flow}.outcome_measure"}
    for name, rows in portal.items():
        assert api[name] == rows, name


def test_one_cell_that_differs_would_show(twice: Twice) -> None:
    """The comparison itself is proved: with one name changed, one row differs on each side."""
    portal, api = twice.tables("early_help")
    row = next(iter(portal["early_help.person"]))
    name = next(cell for cell in row if isinstance(cell, str) and cell.startswith("Zqsur"))
    changed = {
        tuple("Zqsurother" if cell == name else cell for cell in each) for each in portal["early_help.person"]
    }
    assert len(changed - api["early_help.person"]) == len(api["early_help.person"] - changed) >= 1


def test_a_second_night_sends_nothing(twice: Twice) -> None:
    """What has not changed is not sent again."""
    summary = twice.by_api.night()
    assert {state(summary, flow) for flow in FLOWS} == {"nothing_sent"}


def test_keys_go_only_into_headers_and_nothing_of_a_person_stays_in_clear(twice: Twice) -> None:
    """No key is in an address, and neither keys nor canary words are in any file but the warehouse."""
    keys = [twice.api.keys(source).headers()[name] for source in twice.sample.sources for name in HEADERS]
    assert not [line for line in twice.api.asked() if any(key in line for key in keys)]
    words = [word.encode() for word in (*CANARIES, *keys)]
    var, looked_at = twice.by_api.folder / "var", 0
    for path in var.rglob("*"):
        if path.is_file() and path != Path(twice.by_api.site.warehouse):
            content = path.read_bytes()
            looked_at += len(content)
            assert [word for word in words if word in content] == [], path
    assert looked_at > 100_000


def test_a_later_night_is_the_same_too(twice: Twice) -> None:
    """Moved, anonymised, merged away, deleted, new: the tables agree, tombstones too.

    The API does not say which record was merged into another: it is withdrawn as vanished, not as merged.
    """
    night = later.night(small_sample(), 1)
    twice.serve(night.sample)
    summaries = twice.by_portal.night(), twice.by_api.night()
    for summary in summaries:
        assert summary.extracted_at == EXTRACTED_AT + timedelta(days=1)
    for flow in FLOWS:
        portal, api = twice.tables(flow)
        for name, rows in portal.items():
            assert api[name] == rows, name
    reasons = [
        next(one for one in summary.to_json()["flows"] if one["flow"] == "commissioning")["entities"][
            "person"
        ]
        for summary in summaries
    ]
    assert reasons[0]["withdrawn"] == reasons[1]["withdrawn"] > 0

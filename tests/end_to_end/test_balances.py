"""The two balances, recomputed from the summary and, apart from it, from the bytes that were served."""

import csv
import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.end_to_end.conftest import PortalNights
from tests.one_source import COUNTS
from tests.released import FLOWS, opened

FATES = ("released", "unchanged", "withheld", "held")
PER_EXPORT = {
    "people": ("person", "address", "characteristics", "person_identifier"),
    "relationships": ("relationship",),
    "referrals": ("referral",),
    "contacts": ("contact",),
    "needs": ("need",),
    "risks": ("risk",),
    "consents": ("consent",),
    "outcomes": ("outcome_measure",),
    "organisations": ("organisation",),
    "services": ("service",),
}


def served_rows(served: Path) -> dict[tuple[str, str], list[dict[str, str]]]:
    """Return the rows of every export, read from the served bytes by the standard library alone."""
    found = {}
    for path in sorted(served.glob("*/*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            found[path.parent.name, path.stem] = list(csv.DictReader(file))
    return found


def named(served: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the rows with a reference of their own; the others are rejected and make no record."""
    return [row for row in served if next(iter(row.values()))]


def references(served: list[dict[str, str]]) -> set[str]:
    """Return the references of the rows."""
    return {next(iter(row.values())) for row in named(served)}


@pytest.fixture(scope="module")
def rows(portal_nights: PortalNights) -> dict[tuple[str, str], list[dict[str, str]]]:
    return served_rows(portal_nights.served)


@pytest.fixture(params=["first", "second"])
def said(request: pytest.FixtureRequest, portal_nights: PortalNights) -> dict[str, Any]:
    told: dict[str, Any] = getattr(portal_nights, request.param)
    return told


def test_rows_equal_their_fates_per_export(said: dict[str, Any]) -> None:
    """Rows = read + repeated + furniture + rejected, from `run --json` alone."""
    for source in said["sources"]:
        assert len(source["exports"]) == 10
        for counts in source["exports"].values():
            parts = ("read", "repeated", "furniture", "rejected")
            assert counts["rows"] == sum(counts[part] for part in parts)


def test_records_equal_their_fates_per_flow_and_per_source(said: dict[str, Any]) -> None:
    """Records = released + unchanged + withheld + held; the sources together see what each flow sees.

    A flow of counts sees none of it: its records are its cells, of two quarters: five counts, or six.
    """
    for holder in (*said["flows"], *said["sources"]):
        for entity, counts in holder["entities"].items():
            assert counts["records"] == sum(counts[fate] for fate in FATES), entity
    over_sources = Counter[str]()
    for source in said["sources"]:
        over_sources.update({entity: counts["records"] for entity, counts in source["entities"].items()})
    for flow in said["flows"]:
        seen = {entity: counts["records"] for entity, counts in flow["entities"].items()}
        cells = dict(zip(COUNTS, (10, 12), strict=True)).get(flow["flow"])
        assert seen == ({"aggregate_count": cells} if cells else over_sources)


def test_the_rows_are_those_that_were_served(
    said: dict[str, Any], rows: dict[tuple[str, str], list[dict[str, str]]]
) -> None:
    """Counted from the served bytes by the standard library: not one row more or less."""
    told = {
        (source["source"], export): counts["rows"]
        for source in said["sources"]
        for export, counts in source["exports"].items()
    }
    assert told == {where: len(served) for where, served in rows.items()}
    rejected = {
        (source["source"], export): counts["rejected"]
        for source in said["sources"]
        for export, counts in source["exports"].items()
    }
    assert rejected == {where: len(served) - len(named(served)) for where, served in rows.items()}


def test_each_served_row_became_its_records(
    said: dict[str, Any], rows: dict[tuple[str, str], list[dict[str, str]]]
) -> None:
    """One record per row with a reference; what stands beside it in the row is made once per reference.

    A contact of three kinds makes a second record.
    """
    entities = {source["source"]: source["entities"] for source in said["sources"]}
    for (source, export), every in rows.items():
        served = named(every)
        made = {entity: len(served) for entity in PER_EXPORT[export][:1]}
        made |= {entity: len(references(served)) for entity in PER_EXPORT[export][1:]}
        for entity, records in made.items():
            assert entities[source].get(entity, {"records": 0})["records"] == records, (source, entity)
        kinds = Counter(row.get("Contact Type") for row in served)
        for kind, entity in (
            ("Advice", "advice"),
            ("Signposting", "signposting"),
            ("External Referral", "onward_referral"),
        ):
            if export == "contacts" and kinds[kind]:
                assert entities[source][entity]["records"] == kinds[kind]


def test_every_served_reference_has_one_fate_and_no_other(
    portal_nights: PortalNights, rows: dict[tuple[str, str], list[dict[str, str]]]
) -> None:
    """In each flow the released are the rows of the warehouse, the rest are written down with a reason.

    Counted in SQL over the warehouse and the fates, against the served rows: no difference, and only what
    was served twice has two fates, both of them held.
    """
    site = portal_nights.night.site
    served_twice = sum(len(named(found)) - len(references(found)) for found in rows.values())
    assert served_twice > 0
    for flow in FLOWS:
        with duckdb.connect(str(site.warehouse), read_only=True) as warehouse:
            stayed = site.var / "state" / "fates" / f"{flow}.parquet"
            fates = dict(warehouse.execute(f"select entity, count(*) from '{stayed}' group by 1").fetchall())
            tables = {
                name
                for (name,) in warehouse.execute(
                    f"select table_name from information_schema.tables where table_schema = '{flow}'"
                ).fetchall()
            }
            for export, (entity, *_) in PER_EXPORT.items():
                served = sum(len(named(found)) for (_, name), found in rows.items() if name == export)
                loaded = 0
                if entity in tables:
                    key = {"service_episode": "episode_id", "outcome_measure": "measure_id"}.get(
                        entity, {"organisation": "org_id"}.get(entity, f"{entity}_id")
                    )
                    loaded, distinct = warehouse.execute(
                        f"select count(*), count(distinct {key}) from {flow}.{entity}"
                    ).fetchone() or (0, 0)
                    assert loaded == distinct
                assert loaded + fates.get(entity, 0) == served, (flow, entity)
            twice = warehouse.execute(
                f"select count(*) - count(distinct (entity, key)) from '{stayed}' where key is not null"
            ).fetchone()
            assert twice == (served_twice,)


def test_rows_released_are_rows_sealed_landed_opened_and_loaded(portal_nights: PortalNights) -> None:
    """Per file: the manifest's count and digests are those of the opened file, and of what was loaded."""
    night = portal_nights.night
    landing = Path(str(night.site.landing))
    plain = opened(night)
    for flow in portal_nights.first["flows"]:
        folder = landing / flow["batch_id"]
        manifest = json.loads((folder / "manifest.json").read_bytes())
        landed_rows = Counter[str]()
        for file in manifest["files"]:
            sealed = (folder / file["name"]).read_bytes()
            assert hashlib.sha256(sealed).hexdigest() == file["sealed_sha256"]
            assert plain[f"{flow['batch_id']}/{file['name']}"].height == file["rows"]
            landed_rows[file["entity"]] += file["rows"]
        released = {e: counts["released"] for e, counts in flow["entities"].items() if counts["released"]}
        assert landed_rows == released
        leaves = (night.site.var / "log" / "leaves.jsonl").read_text().splitlines()
        leaf = next(
            leaf
            for leaf in map(json.loads, leaves)
            if leaf["kind"] == "batch" and leaf["flow"] == flow["flow"]
        )
        assert {e: n["released"] for e, n in leaf["counts"].items() if n["released"]} == released

"""Pass one: each row of an export has one fate; rows that share a reference are told apart from repeats."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from canonical import polars_schema
from connectors.spool import Spool
from sync.digests import Digest
from sync.errors import ConservationBroken
from sync.gather import ExportCounts, Gathering, reading_order
from sync.store import Store
from sync.view import View

LATE = {"_row": pl.UInt32, "_person": pl.String}


@dataclass
class Taken:
    """What a mapping gives for one batch: people, and rows without a usable reference."""

    entities: dict[str, pl.DataFrame]
    rejected: pl.DataFrame
    repeated_for: tuple[str, ...] = ()
    apart: frozenset[str] = frozenset()


def batch(first_row: int, *rows: tuple[str | None, str]) -> tuple[pl.DataFrame, Taken]:
    """Return an export's rows (reference, forename) and what a mapping makes of them."""
    export = pl.DataFrame(rows, schema={"Org Person ID": pl.String, "Forename": pl.String}, orient="row")
    export = export.with_columns(
        _row=pl.int_range(first_row, first_row + len(rows), dtype=pl.UInt32, eager=True)
    )
    good = export.filter(pl.col("Org Person ID").is_not_null())
    people = good.select(
        "_row",
        _source=pl.lit("hub"),
        person_id="Org Person ID",
        _reference="Org Person ID",
        _person="Org Person ID",
        given_name="Forename",
        _unreadable=pl.lit(0, pl.UInt64),
    )
    people = pl.concat([pl.DataFrame(schema=polars_schema("person")), people], how="diagonal")
    lost = export.filter(pl.col("Org Person ID").is_null()).select(
        "_row", _person=pl.lit(None, pl.String), code=pl.lit("no_reference")
    )
    return export, Taken({"person": people}, lost)


@pytest.fixture
def gathering(tmp_path: Path) -> Gathering:
    return Gathering("hub", Digest.under(b"k" * 32), {}, Store(1, Spool(tmp_path)), View(b"k" * 32))


def rows_of(gathering: Gathering) -> list[tuple[int, bool]]:
    """Return the rows that are kept, and which of them share a reference with another."""
    gathering.store.close()
    tables = gathering.parts(0)["person"]
    return [pair for table in tables for pair in table.select("_row", "_reference_repeated").iter_rows()]


def test_repeats_are_dropped_and_conflicts_are_marked_across_batches(gathering: Gathering) -> None:
    """A row that repeats one to the letter is counted and dropped, wherever it stands; rows that share a
    reference with another content are all kept and all marked; the balance holds.
    """
    gathering.take("people", *batch(1, ("HP1", "Ann"), ("HP2", "Bea"), (None, "Cid"), ("HP1", "Ann")))
    gathering.take("people", *batch(5, ("HP2", "Bee"), ("HP3", "Dan"), ("HP2", "Bea")))
    gathering.close_export("people", 7)
    assert gathering.counts["people"] == ExportCounts(rows=7, read=4, repeated=2, rejected=1)
    assert sorted(rows_of(gathering)) == [(1, False), (2, True), (5, True), (6, False)]


def services(first_row: int, *references: str) -> tuple[pl.DataFrame, Taken]:
    """Return an export's rows of services and what a mapping makes of them."""
    export = pl.DataFrame({"Service ID": references}).with_row_index("_row", first_row)
    named = export.select(
        "_row",
        _source=pl.lit("hub"),
        service_id="Service ID",
        _reference="Service ID",
        _unreadable=pl.lit(0, pl.UInt64),
    )
    table = pl.concat([pl.DataFrame(schema=polars_schema("service")), named], how="diagonal")
    return export, Taken({"service": table}, batch(1)[1].rejected)


def test_what_links_lead_to_is_what_was_read_so_far(gathering: Gathering) -> None:
    """Every batch may add services, and rows that are not believed after all are known as such at once."""
    for rows, known in ((services(1, "S1", "S2"), 2), (services(3, "S3"), 3)):
        gathering.take("services", *rows)
        assert gathering._directory.services.height == known
    gathering.close_export("services", 3)
    believed = gathering._directory.services
    gathering.doubt("services", pl.DataFrame({"_row": [3], "_person": [None]}, schema=LATE))
    assert not gathering._directory.services.equals(believed)


def test_a_row_without_a_fate_stops_everything(gathering: Gathering) -> None:
    """A mapping that loses a row, or a reader that counted other rows than were mapped, ends the run."""
    export, taken = batch(1, ("HP1", "Ann"), ("HP2", "Bea"))
    with pytest.raises(ConservationBroken):
        gathering.take("people", export, Taken({"person": taken.entities["person"].head(1)}, taken.rejected))
    gathering.take("people", export, taken)
    with pytest.raises(ConservationBroken):
        gathering.close_export("people", 3)


def test_exports_are_read_so_that_links_can_be_followed() -> None:
    """The directory comes first, then people, then referrals, then all that hangs on them."""
    entities = {
        "contacts": ["contact", "advice"],
        "referrals": ["referral", "service_episode"],
        "people": ["person", "address"],
        "services": ["service"],
        "organisations": ["organisation"],
    }
    assert reading_order(entities) == ["organisations", "services", "people", "referrals", "contacts"]

"""The published feed of a site: its settings, keys and warehouse handed to whoever builds it."""

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands.options import known
from config.site import Site

if TYPE_CHECKING:
    import duckdb

    from feed.disclosure.door import Guarded
    from feed.disclosure.profile import Profile
    from feed.periods import Period
    from feed.publish import Wanted
    from feed.release.build import Draft, Keys, Published
    from feed.release.quality import Fate
    from feed.release.words import Publisher

READERS = "readers of the feed"
"""To whom releases go: all to the same, who may lay them side by side."""


def publish_feed(site: Site, period: "Period", *, revise: bool = False) -> "Published":
    """Publish the figures of the period from the site's warehouse, and return the edition in force.

    Its tables are then shown by views, in a file beside the releases and on the server that the site names.

    Given:   whether other numbers than were published may be published before their day.
    Errors:  those of the warehouse, of the key, of disclosure control, of the release itself, and of the
             views; then the release stands all the same.
    """
    from feed.publish import publish
    from feed.views.show import show_published

    keys = _keys(site)
    door = _door(site, revise=revise)
    published = publish(warehouse_of(site), _wanted(site, period, door.profile), keys, _pages, door)
    show_published(site.var / "feed", keys, site.feed.views)
    return published


def _door(site: Site, *, revise: bool) -> "Guarded":
    """Return the door of the site. Errors: WarehouseUnreadable, those of a line, ControlUnknown."""
    from feed.disclosure.door import Guarded
    from feed.disclosure.released import Released

    released = Released(site.var / "state" / "feed" / "released.sqlite", READERS)
    return Guarded(profile_of(site), released, site.var / "small_numbers", revise)


def profile_of(site: Site) -> "Profile":
    """Return how small counts are hidden, as the assessment has it that the rows came with.

    Errors: WarehouseUnreadable, those of a line, ControlUnknown.
    """
    from feed.disclosure.errors import ControlUnknown
    from feed.disclosure.profile import Profile
    from feed.facts import SCHEMA
    from warehouse.figures import control_in
    from warehouse.stores import store

    told = control_in(site.warehouse, SCHEMA)
    if told is None and store(site.warehouse).exists():
        raise ControlUnknown(f"The flow {SCHEMA}, as it was last loaded.", sent="Nothing was published.")
    return Profile.of(told.terms, f"{told.dpia.id} {told.dpia.version}") if told else Profile()


def grants_of_views(site: Site) -> str | None:
    """Return the statements that make a server ready for the views; None where the site names none."""
    if site.feed.views is None:
        return None
    from feed.views.grants import view_grants

    return view_grants(site.feed.views)


def contract_of(site: Site, flow: str) -> str:
    """Return the contract of the flow's tables in the site's warehouse, in YAML.

    Errors:  WarehouseUnreadable, those of a line; BadParameter for a flow of which nothing was loaded.
    """
    from canonical import ENTITIES
    from config.warehouse import PostgresWarehouse
    from feed.release.warehouse_contract import warehouse_contract
    from warehouse.stores import store
    from warehouse.tables import columns_in

    kept = store(site.warehouse)
    columns: dict[str, list[str]] = {}
    if kept.exists():
        with kept.reading() as database:
            columns = columns_in(database, flow)
    known([flow] if not set(columns) & set(ENTITIES) else None, [], "loaded flow")
    where = site.warehouse
    server: dict[str, Any] = {"server": "warehouse", "type": "duckdb", "schema": flow}
    if isinstance(where, PostgresWarehouse):
        server |= {"type": "postgres", "host": where.host, "port": where.port, "database": where.database}
    else:
        server["database"] = where.as_posix()
    return warehouse_contract(flow, columns, server, _publisher(site)).decode()


def _publisher(site: Site) -> "Publisher":
    from feed.release.words import Publisher

    said = site.feed
    return Publisher(
        name=said.publisher,
        contact=said.contact,
        feedback=said.feedback,
        licence=said.licence,
        licence_url=said.licence_url,
        usage=said.usage,
        limitations=said.limitations,
        kept_for=said.editions_kept,
        published_within_days=said.published_within_days,
    )


def _wanted(site: Site, period: "Period", profile: "Profile") -> "Wanted":
    from commands.pages import area_of
    from feed.publish import Wanted
    from feed.release.words import Break

    return Wanted(
        period=period,
        borough_only=profile.borough_only_lots,
        area=area_of(site),
        publisher=_publisher(site),
        feed=site.var / "feed",
        state=site.var / "state" / "feed",
        breaks=tuple(Break(each.before, each.of, each.because) for each in site.feed.not_comparable),
        fates=partial(_fates, site),
    )


def _pages(draft: "Draft") -> dict[str, bytes]:
    """Return the pages of a release."""
    from reports.release import NAME, release_page

    return {NAME: release_page(draft.contents, draft.number, draft.revisions)}


def _keys(site: Site) -> "Keys":
    """Return the publisher's key, and those that signed what is there; revoked ones may be read over."""
    from feed.release.build import Keys
    from feed.release.signature import ROLE
    from sealing.earlier import earlier_verifiers, load_verifiers
    from sealing.keys import load_pair

    signer = load_pair(ROLE, site.keys.private, site.keys.public)
    before = tuple(earlier.verifier for earlier in earlier_verifiers(ROLE, site.keys.public))
    return Keys(signer, (signer.verifier, *before), load_verifiers(ROLE, site.keys.public))


def warehouse_of(site: Site, flow: str = "commissioning") -> "Path | duckdb.DuckDBPyConnection":
    """Return what is read: the warehouse file, or a copy of the flow's tables on the server, in memory."""
    if isinstance(site.warehouse, Path):
        return site.warehouse
    from warehouse.postgres_copy import copied

    return copied(site.warehouse, flow)


def _fates(site: Site, run_id: str) -> tuple["Fate", ...]:
    """Return how many records the run withheld or held, where the sync side is on this machine too."""
    from feed.facts import SCHEMA
    from feed.release.quality import Fate

    path = site.var / "runs" / f"{run_id}.json"
    if not site.pulls or not path.is_file():
        return ()
    flows = json.loads(path.read_bytes()).get("flows", [])
    told: dict[str, Any] = next((flow["entities"] for flow in flows if flow["flow"] == SCHEMA), {})
    return tuple(Fate(entity, counts["withheld"], counts["held"]) for entity, counts in sorted(told.items()))

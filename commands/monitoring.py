"""The pages of contract monitoring of a site: one for each provider, of the last published quarter."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from common import log
from common.errors import ViaductError
from common.files import write_atomic
from config.site import Site

if TYPE_CHECKING:
    import polars as pl

    from feed.release.reading import Figures
    from reports.monitoring import Monitored

LOG = log.get("commands")
Link = tuple[str, str, str]
"""Where a page lies from the reports, the provider's name, and the quarter in words."""


def build_monitoring(site: Site, tables: Mapping[str, "pl.DataFrame"]) -> list[Link]:
    """Write the page of every provider of which figures are published, and return where they lie.

    Given: the tables about the data's quality, `completeness` and `figures`; empty where nothing is pulled.
    Note:  a page of an earlier quarter stays as it was last written. What is published and was altered since
           is not read, nor is a warehouse that does not open: the run's log says so, and the pages stay as
           they were.
    """
    from reports.monitoring import monitoring_page

    links = []
    for each in _monitored(site, tables):
        name = f"contract/{each.id}-{each.quarter.label}.html"
        write_atomic(site.var / "reports" / name, monitoring_page(each), private=True)
        links.append((name, each.name, each.quarter.words))
    return links


def _monitored(site: Site, tables: Mapping[str, "pl.DataFrame"]) -> Iterator["Monitored"]:
    """Yield each provider of which anything is published for the last quarter that is."""
    import polars as pl

    from commands.publishing import profile_of
    from feed.declared import declarations
    from reports.monitoring import Monitored, latest_quarter_told, together

    releases = _releases(site)
    if not releases or (quarter := latest_quarter_told(figures := together(_ranked(releases)))) is None:
        return
    of_providers = figures.filter(pl.col("breakdown") == "provider")
    try:
        profile = profile_of(site)
    except ViaductError as error:
        LOG.error("pages_not_made", error_code=error.code, failure=error.failure)
        return
    there = set(of_providers.get_column("category").unique())
    for name, provider in sorted(site.providers.items()):
        sources = _told_of(site, name, there)
        if sources:
            yield Monitored(
                id=name,
                name=provider.name,
                sources=sources,
                quarter=quarter,
                targets=provider.targets,
                figures=figures,
                declared=declarations(),
                completeness=_own(tables, "completeness", name),
                gaps=_own(tables, "figures", name),
                releases=tuple(f"{each.period} (edition {each.edition})" for each in releases),
                suppress_to=profile.suppress_to,
                round_to=profile.round_to,
                site=site.name,
                sample=site.sample,
            )


def _told_of(site: Site, provider: str, there: set[str]) -> tuple[str, ...]:
    """Return the provider's sources of which anything is published."""
    return tuple(
        name for name in sorted(there & set(site.sources)) if site.sources[name].provider == provider
    )


def _ranked(releases: list["Figures"]) -> "Iterator[tuple[str, int, pl.DataFrame]]":
    return ((each.period, each.batch, each.rows) for each in releases)


def _own(tables: Mapping[str, "pl.DataFrame"], name: str, provider: str) -> "pl.DataFrame | None":
    import polars as pl

    return tables[name].filter(pl.col("provider") == provider) if name in tables else None


def _releases(site: Site) -> list["Figures"]:
    """Return the figures of every release in force, signatures and digests verified."""
    from feed.release.datapackage import NAME
    from feed.release.reading import published_figures
    from feed.release.signature import ROLE
    from sealing.earlier import earlier_verifiers
    from sealing.keys import load_verifier

    folders = sorted(path.parent for path in (site.var / "feed").glob(f"*/{NAME}"))
    if not folders:
        return []
    try:
        before = (earlier.verifier for earlier in earlier_verifiers(ROLE, site.keys.public))
        keys = (load_verifier(ROLE, site.keys.public), *before)
        return [published_figures(folder, keys) for folder in folders]
    except ViaductError as error:
        LOG.error("pages_not_made", error_code=error.code, failure=error.failure)
        return []

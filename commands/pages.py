"""The four readers' pages and the published figures of a site, built anew after each run."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands.findings import open_findings
from common import log
from common.errors import ViaductError
from config.site import Site
from config.warehouse import Whereabouts

if TYPE_CHECKING:
    from feed import Figures
    from feed.released import Opened
    from reports import ProviderWords

LOG = log.get("commands")
RUNS_SHOWN = 60


def build_pages(site: Site) -> list[Path]:
    """Write every page of the site, and return the files; made from summaries, findings and figures only."""
    from commands.data_quality import build_data_quality
    from commands.documents import build_documents
    from quality import WANTED, catalogue
    from reports import write_all
    from scheduler import past_runs

    summaries = [run.summary for run in islice(past_runs(site.var / "runs"), RUNS_SHOWN)]
    documents = build_documents(site) + build_run_pages(site, summaries) + build_data_quality(site)
    return documents + write_all(
        site.var / "reports",
        site=site.name,
        summaries=summaries,
        findings=[_row(finding) for finding in open_findings(site, None) if finding.state in WANTED],
        catalogue=catalogue(),
        providers=list(_providers(site)),
        figures=list(_published(site)),
    )


def build_run_pages(site: Site, summaries: list[dict[str, Any]]) -> list[Path]:
    """Write the pages of governance that runs, log and state make, and return them.

    What cannot be read of state or keys is told by the run itself; the pages then stay as they were.
    """
    from reports import write_run_pages
    from sharing import DpiaRefused, load_dpia
    from sync.governance import readings

    try:
        dpia = load_dpia(site.dpia, sources=site.known_sources)
    except DpiaRefused:
        dpia = None
    try:
        told = readings(site, summaries, dpia)
    except ViaductError as error:
        LOG.error("pages_not_made", error_code=error.code, failure=error.failure)
        return []
    return write_run_pages(site.var / "reports", site.name, told, sample=site.sample, checks=checks_said())


def checks_said() -> dict[str, str]:
    """Return what each check says of a record that fails it, by its id."""
    from quality import catalogue

    return {check.id: check.message for check in catalogue()}


def build_feed(site: Site, first: date, last: date) -> "Figures":
    """Build the figures of the period from the warehouse, publish them, and return them."""
    from feed import Area, build_figures, write_feed

    figures = build_figures(_figures_from(site.warehouse), first, last, Area(sample=site.sample))
    write_feed(figures, site.var / "feed" / figures.period.label)
    return figures


def _figures_from(warehouse: Whereabouts) -> "Opened":
    """Return what the figures are counted from: the file, or a copy of the server's tables in memory."""
    if isinstance(warehouse, Path):
        return warehouse
    from feed.released import SCHEMA
    from warehouse.postgres_copy import copied

    return copied(warehouse, SCHEMA)


def _row(finding: Any) -> dict[str, Any]:
    return {**asdict(finding), "reference": finding.record, "first_seen": finding.opened}


def _providers(site: Site) -> Iterator["ProviderWords"]:
    from reports import ProviderWords

    for name, provider in sorted(site.providers.items()):
        sources = tuple(source for source, told in sorted(site.sources.items()) if told.provider == name)
        yield ProviderWords(id=name, name=provider.name, link=provider.link, sources=sources)


def _published(site: Site) -> Iterator["Figures"]:
    from feed import read_feed

    for path in sorted((site.var / "feed").glob("*/figures.json")):
        yield read_feed(path.parent)

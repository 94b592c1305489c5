"""The four readers' pages and the published figures of a site, built anew after each run."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands.findings import causes_of_sources, open_findings
from common import log
from common.errors import ViaductError
from config.site import Site

if TYPE_CHECKING:
    from feed import Area
    from reports import ProviderWords
    from reports.provider import Worklist

LOG = log.get("commands")
RUNS_SHOWN = 60


def build_pages(site: Site) -> list[Path]:
    """Write every page of the site, and return the files; made from summaries, findings and releases only."""
    from commands.data_quality import build_data_quality, tables_of
    from commands.documents import build_documents
    from commands.monitoring import build_monitoring
    from quality import catalogue
    from reports import Published, write_all
    from scheduler import past_runs

    summaries = [run.summary for run in islice(past_runs(site.var / "runs"), RUNS_SHOWN)]
    tables = tables_of(site)
    documents = build_documents(site) + build_run_pages(site, summaries) + build_data_quality(site, tables)
    return documents + write_all(
        site.var / "reports",
        site=site.name,
        summaries=summaries,
        findings=_rows(site),
        catalogue=catalogue(),
        providers=list(provider_words(site)),
        published=Published(tuple(_releases(site)), tuple(build_monitoring(site, tables))),
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


def area_of(site: Site) -> "Area":
    """Return where the site's figures are about; the district is Stockport's unless the site names one."""
    from feed import Area

    area = Area(sample=site.sample)
    return area.model_copy(update={"district": site.lookups.district or area.district})


def _rows(site: Site) -> list[dict[str, Any]]:
    """Return every living finding as the pages read it, with what most of its kind share."""
    found = open_findings(site, None)
    causes = causes_of_sources(site, {finding.source for finding in found})
    return [_row(finding, causes) for finding in found]


def _row(finding: Any, causes: Mapping[tuple[str, str, str, str], str]) -> dict[str, Any]:
    cause = causes.get((finding.source, finding.entity, finding.check, finding.field), "")
    more = {"reference": finding.record, "code": finding.code, "opened_at": finding.opened}
    return {**asdict(finding), **more, "cause": cause}


def provider_words(site: Site) -> Iterator["ProviderWords"]:
    """Return each provider with its sources, its own words, and how its findings came and went."""
    from common import clock
    from quality import FindingStore
    from reports.trend import trend_of

    events, today = FindingStore.of(site).events(), clock.today()
    for name in sorted(site.providers):
        sources = tuple(source for source, told in sorted(site.sources.items()) if told.provider == name)
        yield words_of(site, name, sources, weeks=tuple(trend_of(events, sources, today)))


def words_of(site: Site, provider: str, sources: tuple[str, ...], **more: Any) -> "ProviderWords":
    """Return what the site says of a provider, for a worklist of these sources."""
    from reports import ProviderWords

    said = site.providers[provider]
    told = {field: getattr(said, field) for field in ("name", "link", "links", "labels")}
    return ProviderWords(id=provider, **told, sources=sources, **more)


def site_worklists(site: Site, summaries: list[dict[str, Any]] | None = None) -> list["Worklist"]:
    """Return the worklist of every provider as it stands.

    Given: the summaries of the runs, the latest of which stands on the page; without, no range of peers.
    """
    from quality import catalogue
    from reports import CheckWords, FindingRow, RunSummary
    from reports.provider import Setting
    from reports.worklists import worklists

    runs = sorted(map(RunSummary.model_validate, summaries or []), key=lambda run: run.started_at)
    setting = Setting(site.name, runs[-1] if runs else None, sample=site.sample)
    rows = map(FindingRow.model_validate, _rows(site))
    checks = {check.id: CheckWords.model_validate(check) for check in catalogue()}
    return list(worklists(provider_words(site), rows, checks, setting))


def _releases(site: Site) -> Iterator[tuple[str, str]]:
    """Yield the page of each release as it lies from the reports, and its period in words, the last first."""
    from feed.periods import parse
    from feed.release.datapackage import NAME
    from reports.release import NAME as PAGE

    published = (site.var / "feed").glob(f"*/{NAME}")
    periods = [parse(path.parent.name) for path in published if (path.parent / PAGE).is_file()]
    for period in sorted(periods, key=lambda each: (each.end, each.start), reverse=True):
        yield f"../feed/{period.label}/{PAGE}", period.words

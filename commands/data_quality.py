"""The data team's page and tables of a site, built anew after each run."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import clock, log
from common.errors import ViaductError
from config.site import Site

if TYPE_CHECKING:
    import polars as pl

    from quality import CountStore

LOG = log.get("commands")


def tables_of(site: Site) -> dict[str, "pl.DataFrame"]:
    """Return the tables about the quality of the site's data, by name; made from counts and findings only."""
    from feed import Area
    from quality import CountStore, FindingStore
    from quality.overview import Told, quality_tables

    providers = _shown(site)
    counted, store = CountStore.of(site), FindingStore.of(site)
    told = Told(
        providers,
        Area().hub_source,
        fields=counted.fields(providers),
        answers=counted.answers(providers),
        findings=store.frame(),
        events=store.events(),
        tunings=_tunings(site),
        burden=_burden(site),
        weeks=counted.weeks(providers),
    )
    return quality_tables(told, clock.now())


def build_data_quality(site: Site, tables: dict[str, "pl.DataFrame"]) -> list[Path]:
    """Write the page and its tables, and return the files."""
    from quality import CountStore, FindingStore
    from reports.data_quality import QualityReading, write_data_quality
    from reports.trend import trend_of

    apart, providers, store = kept_apart(site), _shown(site), FindingStore.of(site)
    findings = store.frame()
    reading = QualityReading(
        site.name,
        tables,
        {name: provider.name or name for name, provider in site.providers.items()},
        {name: _total(site, findings, name) for name in apart},
        _causes(site, CountStore.of(site), providers),
        trend_of(store.events(), providers, clock.today()),
        sample=site.sample,
    )
    return write_data_quality(site.var / "reports", reading)


def _shown(site: Site) -> dict[str, str]:
    """Return the provider of each source that is told of."""
    apart = kept_apart(site)
    return {name: source.provider for name, source in site.sources.items() if source.provider not in apart}


def kept_apart(site: Site) -> set[str]:
    """Return the providers with a source that the assessment keeps out of a flow of rows that runs.

    Where it cannot be read, or no flow runs, that is every provider.
    """
    from sharing import load_dpia

    try:
        dpia = load_dpia(site.dpia, sources=site.known_sources)
        flows = [set(flow.sources) for flow in map(dpia.flow, dpia.active_flows) if flow.aggregate is None]
    except ViaductError:
        flows = []
    shown = set.intersection(*flows) if flows else set()
    return {source.provider for name, source in site.sources.items() if name not in shown}


def _total(site: Site, findings: Any, provider: str) -> int:
    sources = [name for name, source in site.sources.items() if source.provider == provider]
    return int(findings["source"].is_in(sources).sum())


def _tunings(site: Site) -> "pl.DataFrame":
    """Return what is asked of a provider in another way today."""
    import polars as pl

    from quality.check_counts import TUNINGS

    today = clock.today()
    rows = [
        (name, one.check, one.severity and one.severity.value, one.percent, one.until, one.reason)
        for name, provider in site.providers.items()
        for one in provider.checks
        if one.until >= today
    ]
    return pl.DataFrame(rows, schema=TUNINGS, orient="row")


def _burden(site: Site) -> "pl.DataFrame":
    """Return what providers were asked; nothing where it cannot be read, which whoever asks them tells of."""
    from quality.asked import BURDENS, AskedStore

    try:
        return AskedStore.of(site).burden()
    except ViaductError as error:
        LOG.error("burden_not_read", error_code=error.code, failure=error.failure)
        return BURDENS.to_frame()


def _causes(site: Site, counted: "CountStore", providers: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return what findings share; nothing by service: one may stand under a lot that is kept apart."""
    from quality import catalogue

    said = {check.id: check.message for check in catalogue()}
    return [
        (site.providers[providers[cause.source]].name, said.get(cause.check, cause.check), cause.sentence)
        for cause in counted.causes(providers)
        if not cause.is_by_service
    ]

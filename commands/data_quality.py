"""The data team's page and tables of a site, built anew after each run."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import clock
from common.errors import ViaductError
from config.site import Site

if TYPE_CHECKING:
    from quality import CountStore


def build_data_quality(site: Site) -> list[Path]:
    """Write the page and its tables, and return the files; made from counts and findings only."""
    from feed import Area
    from quality import CountStore, FindingStore
    from quality.overview import Told, quality_tables
    from reports.data_quality import QualityReading, write_data_quality

    apart = kept_apart(site)
    providers = {
        name: source.provider for name, source in site.sources.items() if source.provider not in apart
    }
    counted, store = CountStore.of(site), FindingStore.of(site)
    findings = store.frame()
    fields, answers = counted.fields(providers), counted.answers(providers)
    told = Told(providers, Area().hub_source, fields, answers, findings, store.events())
    reading = QualityReading(
        site.name,
        quality_tables(told, clock.now()),
        {name: provider.name or name for name, provider in site.providers.items()},
        {name: _total(site, findings, name) for name in apart},
        _causes(site, counted, providers),
        sample=site.sample,
    )
    return write_data_quality(site.var / "reports", reading)


def kept_apart(site: Site) -> set[str]:
    """Return the providers with a source that the assessment keeps out of a flow that runs.

    Where it cannot be read, or no flow runs, that is every provider.
    """
    from sharing import load_dpia

    try:
        dpia = load_dpia(site.dpia, sources=site.known_sources)
        flows = [set(dpia.flow(flow).sources) for flow in dpia.active_flows]
    except ViaductError:
        flows = []
    shown = set.intersection(*flows) if flows else set()
    return {source.provider for name, source in site.sources.items() if name not in shown}


def _total(site: Site, findings: Any, provider: str) -> int:
    sources = [name for name, source in site.sources.items() if source.provider == provider]
    return int(findings["source"].is_in(sources).sum())


def _causes(site: Site, counted: "CountStore", providers: dict[str, str]) -> list[tuple[str, str, str]]:
    from quality import catalogue

    said = {check.id: check.message for check in catalogue()}
    return [
        (site.providers[providers[cause.source]].name, said.get(cause.check, cause.check), cause.sentence)
        for cause in counted.causes(providers)
    ]

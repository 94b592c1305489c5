"""The worklists of all providers of a site, each with its place among the others."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from common import clock
from quality.life import WANTED
from reports.peers import standing_of
from reports.provider import Setting, Worklist, worklist
from reports.readings import RunSummary
from reports.worklist_readings import CheckWords, FindingRow, ProviderWords


def worklists(
    providers: Iterable[ProviderWords],
    findings: Iterable[FindingRow],
    checks: Mapping[str, CheckWords],
    setting: Setting,
) -> Iterator[Worklist]:
    """Return each provider's whole worklist; no line of one stands on another's.

    Given: all living findings; what stands around every worklist, with the latest run.
    """
    known = list(providers)
    mine = _by_provider(known, findings)
    wanted = {name: sum(row.state in WANTED for row in rows) for name, rows in mine.items()}
    records = _records(known, setting.run)
    today = clock.today()
    for provider in known:
        standing = standing_of(provider.id, wanted, records)
        own = replace(setting, standing=standing)
        yield worklist(provider, mine[provider.id], checks, today=today, setting=own)


def sources_of(provider: ProviderWords) -> tuple[str, ...]:
    """Return the sources whose records the provider answers for."""
    return provider.sources or (provider.id,)


def _by_provider(
    providers: list[ProviderWords], findings: Iterable[FindingRow]
) -> dict[str, list[FindingRow]]:
    found: dict[str, list[FindingRow]] = {provider.id: [] for provider in providers}
    owner = {source: provider.id for provider in providers for source in sources_of(provider)}
    for row in findings:
        if row.source in owner:
            found[owner[row.source]].append(row)
    return found


def _records(providers: list[ProviderWords], run: RunSummary | None) -> dict[str, int]:
    """Return how many records each provider had in the run; of a source that was not read, none."""
    counted = {
        source.source: sum(entity.records for entity in source.entities.values())
        for source in (run.sources if run else [])
    }
    return {each.id: sum(counted.get(source, 0) for source in sources_of(each)) for each in providers}

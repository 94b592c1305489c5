"""The REST connector as a site declares it, its keys read."""

from pathlib import Path

from config.rest import RestRequest
from config.settings import RestSource
from connectors.budget import RunBudget
from connectors.charitylog_rest import CharitylogRest
from connectors.registry import ceilings, file_layout, web_limits
from connectors.rest_settings import Parts, Request, RestSettings
from connectors.settings import FolderSettings
from connectors.source import Earlier, Source


def open_rest(declared: RestSource, site: Path, earlier: Earlier, budget: RunBudget) -> Source:
    """Return the source. Errors: SecretMissing, SecretExposed."""
    return CharitylogRest(
        RestSettings(
            name=declared.name,
            address=declared.address,
            source_key=declared.source_key.read(),
            org_key=declared.org_key.read(),
            user_key=declared.user_key.read(),
            requests={export: _request(said) for export, said in declared.requests.items()},
            files=_files(declared, site),
            owners={export: tuple(columns) for export, columns in declared.owners.items()},
            projects=declared.projects,
            branches=declared.branches,
            parts=Parts(declared.full_every_days, declared.overlap_days),
            limits=web_limits(declared.limits, declared.timeout_seconds, declared.retry_budget, budget),
            ca_file=site / declared.ca_file if declared.ca_file else None,
        ),
        earlier,
    )


def _request(declared: RestRequest) -> Request:
    return Request(
        path=declared.path,
        fields=tuple(declared.fields),
        dictionaries=declared.dictionaries,
        objects=frozenset(declared.objects),
        id=declared.id,
        count_by=declared.count_by,
        date_filter=declared.date_filter,
        window_days=declared.window_days,
        owner_filter=declared.owner_filter,
        active_fields=tuple(declared.active_fields),
    )


def _files(declared: RestSource, site: Path) -> FolderSettings | None:
    """Return the folder of what the API does not give, if the site has one."""
    if declared.folder is None:
        return None
    return FolderSettings(
        name=declared.name,
        folder=site / declared.folder,
        patterns=declared.files,
        layout=file_layout(declared.layout, declared.encoding),
        settle_seconds=declared.settle_seconds,
        complete_with=tuple(declared.complete_with),
        greatest_age_days=declared.greatest_age_days,
        ceilings=ceilings(declared.limits),
    )

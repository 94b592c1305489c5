"""Which connector serves which source: one line each."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath

from config.azure import BlobLanding
from config.extras import AzureMissing, needed
from config.files import FileLayout
from config.landing import LandingPlace, SftpLanding
from config.limits import Ceilings as DeclaredCeilings
from config.limits import WebLimits
from config.settings import FolderSource, PortalSource, RestSource, SftpSource, SourceSettings
from config.worklists import DROPS, SftpDrop, Worklist
from connectors.budget import RunBudget
from connectors.folder import DropFolder
from connectors.landing import Landing
from connectors.landing_folder import FolderFiles, LandingFolder
from connectors.provider_drop import Owner, ProviderDrop
from connectors.settings import MIB, Ceilings, FolderSettings, Layout, Limits, PortalSettings, WorkbookLayout
from connectors.source import Earlier, Source

DAY_SECONDS = 86_400


def open_source(
    declared: SourceSettings, site: Path, earlier: Earlier | None = None, budget: RunBudget | None = None
) -> Source:
    """Return the source that the site declares, its secrets read. Errors: SecretMissing, SecretExposed.

    Given: what was accepted of it before, for a source that need not be read whole every night; and what
           the run may still ask of all its sources.
    """
    return CONNECTORS[declared.connector](declared, site, earlier or Earlier(), budget or RunBudget())


def open_landing(place: LandingPlace, budget: RunBudget | None = None) -> Landing:
    """Return the landing zone of the site, its secrets read; whoever opens it closes it.

    Errors: SecretMissing, SecretExposed, SftpKeyUnusable, AzureMissing.
    """
    if isinstance(place, Path):
        return LandingFolder(place)
    if isinstance(place, BlobLanding):
        return _open_blob(place, transfer_limits(place, budget))
    from connectors.landing_sftp import LandingSftp  # noqa: PLC0415 - a landing zone in a folder needs no SSH
    from connectors.sftp_settings import sftp_settings  # noqa: PLC0415

    return LandingSftp(sftp_settings("landing", place, transfer_limits(place, budget)))


def _open_blob(place: BlobLanding, limits: Limits) -> Landing:
    with needed("landing: azure_blob", AzureMissing):
        from connectors.landing_blob import LandingBlob  # noqa: PLC0415 - installed where a site needs it
    from connectors.blob_settings import blob_settings  # noqa: PLC0415

    return LandingBlob(blob_settings("landing", place, limits))


def open_drop(
    said: Worklist, provider: str, site: str, folder: Path, budget: RunBudget | None = None
) -> ProviderDrop | None:
    """Return the provider's drop, its secrets read; None where it has none. Whoever opens it closes it.

    Given:  what providers.yaml says of it, the provider, the site's name and its folder.
    Errors: SecretMissing, SecretExposed, SftpKeyUnusable.
    """
    owner, called, place = Owner(provider, site), f"worklist of {provider}", said.drop
    if place is None:
        return None
    if isinstance(place, Path):
        # A folder elsewhere is another's to make, or a share that is not mounted.
        ours = place if place.is_relative_to(folder / DROPS) else None
        return ProviderDrop(owner, FolderFiles(place), called, ours)
    from connectors.drop_sftp import drop_files  # noqa: PLC0415 - as above

    return ProviderDrop(owner, drop_files(called, place, transfer_limits(place, budget)), called)


@contextmanager
def landing_if_there(place: LandingPlace) -> Iterator[Landing | None]:
    """Yield the landing zone, closed at the end.

    Returns: None where it is a folder that nobody has made yet, or one whose batches this side may not read.
    """
    if isinstance(place, Path) and not place.is_dir():
        yield None
        return
    with closing(open_landing(place)) as landing:
        yield landing if landing.may_look else None


def landing_read(landing: Landing | None, place: LandingPlace) -> str:
    """Return in one word whether what lies in the landing zone was there to be read: for `audit`."""
    if landing is not None:
        return "read"
    return "not_made" if isinstance(place, Path) else "not_read_here"


def transfer_limits(
    declared: SftpLanding | SftpSource | SftpDrop | BlobLanding, budget: RunBudget | None = None
) -> Limits:
    """Return how long and how often a server of files is asked; a landing zone until the run itself ends."""
    return Limits(
        connect_seconds=declared.connect_seconds,
        read_seconds=declared.timeout_seconds,
        answer_seconds=declared.limits.answer_seconds,
        pull_seconds=declared.limits.pull_seconds if isinstance(declared, SftpSource) else DAY_SECONDS,
        first_wait_seconds=declared.limits.first_wait_seconds,
        longest_wait_seconds=declared.limits.longest_wait_seconds,
        attempts=declared.limits.attempts,
        retries_per_run=declared.retry_budget,
        budget=budget or RunBudget(),
    )


def portal_settings(declared: PortalSource, site: Path, budget: RunBudget | None = None) -> PortalSettings:
    """Return what the portal's connector may see, its secrets read."""
    return PortalSettings(
        name=declared.name,
        address=declared.address,
        organisation=declared.organisation,
        organisation_password=declared.organisation_secret.read(),
        user=declared.user,
        user_password=declared.user_secret.read(),
        extracts=declared.extracts,
        lawful_basis=declared.lawful_basis,
        layout=Layout((declared.encoding,)),
        limits=web_limits(declared.limits, declared.timeout_seconds, declared.retry_budget, budget),
        ca_file=site / declared.ca_file if declared.ca_file else None,
    )


def folder_settings(declared: FolderSource | SftpSource, site: Path) -> FolderSettings:
    """Return what the folder's connector may see."""
    on_server = isinstance(declared, SftpSource)
    return FolderSettings(
        name=declared.name,
        folder=PurePosixPath(declared.folder) if on_server else site / declared.folder,
        patterns=declared.files,
        layout=file_layout(declared.layout, declared.encoding),
        settle_seconds=declared.settle_seconds,
        complete_with=tuple(declared.complete_with),
        greatest_age_days=declared.greatest_age_days,
        ceilings=ceilings(declared.limits),
    )


def file_layout(declared: FileLayout, encoding: str) -> Layout:
    """Return how files that somebody lays down are read; `encoding` is the source's own."""
    return Layout(
        encodings=declared.encodings(encoding),
        delimiters=declared.delimiters,
        preamble_rows=declared.preamble_rows,
        total_rows=tuple(declared.total_rows),
        workbook=WorkbookLayout(
            sheet=declared.sheet,
            largest_bytes=declared.largest_workbook_megabytes * MIB,
            largest_unpacked_bytes=declared.largest_unpacked_megabytes * MIB,
        ),
    )


def ceilings(declared: DeclaredCeilings) -> Ceilings:
    """Return how much one export may hold."""
    return Ceilings(
        largest_bytes=declared.largest_megabytes * MIB,
        longest_line_bytes=declared.longest_line_kilobytes << 10,
        most_columns=declared.most_columns,
    )


def web_limits(
    declared: WebLimits, silence_seconds: float, retries: int, budget: RunBudget | None = None
) -> Limits:
    """Return how long and how often a web address is asked, and how much it may answer."""
    return Limits(
        read_seconds=silence_seconds,
        answer_seconds=declared.answer_seconds,
        pull_seconds=declared.pull_seconds,
        first_wait_seconds=declared.first_wait_seconds,
        longest_wait_seconds=declared.longest_wait_seconds,
        attempts=declared.attempts,
        retries_per_run=retries,
        sign_ins_per_run=declared.sign_ins,
        most_redirects=declared.most_redirects,
        largest_page_bytes=declared.largest_page_kilobytes << 10,
        largest_headers_bytes=declared.largest_headers_kilobytes << 10,
        ceilings=ceilings(declared),
        budget=budget or RunBudget(),
    )


def _portal(declared: SourceSettings, site: Path, _: Earlier, budget: RunBudget) -> Source:
    from connectors.charitylog_portal import CharitylogPortal  # noqa: PLC0415 - a run from folders needs no HTTP

    assert isinstance(declared, PortalSource)  # noqa: S101
    return CharitylogPortal(portal_settings(declared, site, budget))


def _folder(declared: SourceSettings, site: Path, _: Earlier, __: RunBudget) -> Source:
    assert isinstance(declared, FolderSource)  # noqa: S101
    return DropFolder(folder_settings(declared, site))


def _sftp(declared: SourceSettings, site: Path, _: Earlier, budget: RunBudget) -> Source:
    from connectors.drops_sftp import SftpDrops  # noqa: PLC0415 - as above
    from connectors.sftp_settings import sftp_settings  # noqa: PLC0415

    assert isinstance(declared, SftpSource)  # noqa: S101
    line = sftp_settings(f"source {declared.name}", declared, transfer_limits(declared, budget))
    return DropFolder(folder_settings(declared, site), SftpDrops(line))


def _rest(declared: SourceSettings, site: Path, earlier: Earlier, budget: RunBudget) -> Source:
    from connectors.rest_opening import open_rest  # noqa: PLC0415 - as above

    assert isinstance(declared, RestSource)  # noqa: S101
    return open_rest(declared, site, earlier, budget)


CONNECTORS: dict[str, Callable[[SourceSettings, Path, Earlier, RunBudget], Source]] = {
    "charitylog_portal": _portal,
    "charitylog_rest": _rest,
    "folder": _folder,
    "sftp": _sftp,
}

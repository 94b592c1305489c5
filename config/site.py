"""The site: one folder of declared files, read whole, with all that is wrong said at once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from config.alerts import AlertSettings, alert_problems, settled_alerts
from config.documents import DocumentRefused, Place, Problem
from config.feed import FeedSettings, settled_feed
from config.findings import FindingSettings, finding_problems, settled_findings
from config.health import HealthSettings
from config.lake import Lake, lake_place, lake_problems
from config.landing import LandingPlace, landing_place, landing_problems
from config.limits import RunLimits
from config.paths import confusable, misplaced, unread
from config.places import KeyFolders, SiteLookups, key_folders, site_lookups
from config.providers import Provider, Providers, provider_problems, settled_providers
from config.secrets import within
from config.settings import Brakes, Retention, SftpSource, SiteSettings, SourceSettings
from config.sftp import settled_place
from config.sides import CouncilSide
from config.site_files import RulesSettings, SiteFiles
from config.source_problems import Known, source_problems
from config.timetable import SiteSchedule, Timetable
from config.warehouse import Whereabouts, placed, problems_of, view_problems
from config.watching import MetricsSettings, PingSettings


@dataclass(frozen=True)
class Site:
    """A loaded site: every path whole, every reference between its files known to hold."""

    folder: Path
    name: str
    sample: bool
    time_zone: str
    dpia: Path
    landing: LandingPlace
    warehouse: Whereabouts
    lake: Lake | None
    council_side: CouncilSide
    keys: KeyFolders
    registers: Path
    lookups: SiteLookups
    schedule: SiteSchedule
    brakes: Brakes
    receipt_within: timedelta
    retention: Retention
    limits: RunLimits
    sources: dict[str, SourceSettings] = field(repr=False)
    providers: dict[str, Provider] = field(repr=False)
    findings: FindingSettings = field(default_factory=FindingSettings)
    health: HealthSettings = field(default_factory=HealthSettings)
    feed: FeedSettings = field(default_factory=FeedSettings)
    pings: PingSettings | None = field(default=None, repr=False)
    alerts: AlertSettings | None = field(default=None, repr=False)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)

    @property
    def var(self) -> Path:
        """Return the folder of everything Viaduct itself writes."""
        return self.folder / "var"

    @property
    def pulls(self) -> bool:
        """Return whether this machine is the sync side: it pulls, decides, seals and sends."""
        return self.council_side.pulls

    @property
    def loads(self) -> bool:
        """Return whether this machine is the council side: it opens and loads."""
        return self.council_side.loads

    @property
    def known_sources(self) -> dict[str, SourceSettings] | None:
        """Return the sources that an assessment may name; None on the council's host, which knows of none."""
        return self.sources if self.pulls else None

    def timetable(self, source: str) -> Timetable:
        """Return when the source is pulled: its own timetable, else the site's."""
        return self.sources[source].schedule or self.schedule

    def brakes_of(self, source: str) -> Brakes:
        """Return the brakes of the source: its own, else the site's."""
        return self.sources[source].brakes or self.brakes

    def mapping_files(self, source: str) -> dict[str, Path]:
        """Return export name to mapping file, for one source."""
        return {export: self.folder / path for export, path in self.sources[source].mappings.items()}


@dataclass(frozen=True)
class Survey:
    """All that a folder declares, as far as it can be read, and everything that is wrong with it.

    site:      the site, if nothing is wrong with site.yaml, providers.yaml and sources/*.yaml.
    sources:   the names that sources/ declares; None on the council's host, where nobody looks.
    mappings, dpias, postcodes: the files that are named and there, to be read by those who know them.
    """

    site: Site | None
    problems: list[Problem]
    sources: frozenset[str] | None
    mappings: list[Path]
    dpias: list[Path]
    postcodes: list[Path]


def load_site(folder: Path) -> Site:
    """Return the site that the folder declares.

    Errors: DocumentRefused with every problem of site.yaml, providers.yaml and sources/*.yaml at once.
    """
    surveyed = survey(folder)
    if surveyed.site is None:
        raise DocumentRefused(surveyed.problems)
    return surveyed.site


def load_rules(folder: Path) -> Site:
    """Return what the folder declares of reading and checking alone: all that a provider's own machine needs.

    Given:  a folder of site.yaml (its name and lookups are enough), providers.yaml, sources/ and mappings/.
            An assessment, keys, secrets, a landing zone, a parent source need not be there.
    Errors: DocumentRefused with every problem at once.
    """
    reading = SiteFiles(folder)
    settings = reading.read_site(folder / "site.yaml", RulesSettings)
    providers = reading.read(folder / "providers.yaml", Providers)
    sources = _read_sources(reading)
    if settings is not None:
        reading.problems += _lookup_problems(folder, *settings)
    known = Known(set(sources), set(providers[0].providers) if providers else None, alone=True)
    for source, (declared, place) in sources.items():
        reading.problems += source_problems(folder, source, declared, place, known)
    if settings is None or providers is None or reading.problems:
        raise DocumentRefused(reading.problems)
    settled = {name: declared.model_copy(update={"name": name}) for name, (declared, _) in sources.items()}
    return _site(folder, settings[0], settled, providers[0].providers)


def _read_sources(reading: SiteFiles) -> dict[str, tuple[SourceSettings, Place]]:
    """Return the declared sources that could be read, by name."""
    files = sorted((reading.folder / "sources").glob("*.yaml"))
    if not files:
        text = "No source is declared: write sources/NAME.yaml."
        reading.problems.append(Problem(reading.folder / "sources", 1, text))
    found = {path.stem: read for path in files if (read := reading.read_source(path)) is not None}
    reading.problems += [*confusable(reading.folder), *unread(reading.folder)]
    return found


def survey(folder: Path) -> Survey:
    """Return all that the folder declares, however much of it is wrong."""
    reading = SiteFiles(folder)
    settings = reading.read_site(folder / "site.yaml", SiteSettings)
    if settings is not None and not settings[0].council_side.pulls:
        return _survey_of_council(reading, *settings)
    providers = reading.read(folder / "providers.yaml", Providers)
    sources = _read_sources(reading)
    files = sorted((folder / "sources").glob("*.yaml"))
    if settings is not None:
        reading.problems += _site_problems(folder, *settings)
    known = Known({path.stem for path in files}, set(providers[0].providers) if providers else None)
    if settings is not None:
        reading.problems += alert_problems(folder, settings[0].alerts, settings[1], known.providers)
    for source, (declared, place) in sources.items():
        reading.problems += source_problems(folder, source, declared, place, known)
    if providers is not None:
        declared_sources = {source: declared for source, (declared, _) in sources.items()}
        reading.problems += provider_problems(folder, providers[0].providers, providers[1], declared_sources)
    site = None
    if settings is not None and providers is not None and not reading.problems:
        settled = {name: _settled(folder, name, declared) for name, (declared, _) in sources.items()}
        site = _site(folder, settings[0], settled, settled_providers(folder, providers[0].providers))
    mappings = [text for path in files for text in reading.named(path, "mappings")]
    return Survey(
        site,
        reading.problems,
        frozenset(known.sources),
        reading.present(mappings, "mappings/*.yaml"),
        reading.present(reading.named(folder / "site.yaml", "dpia"), "dpia/*.yaml"),
        reading.present(reading.named(folder / "site.yaml", "lookups", "postcodes")),
    )


def _survey_of_council(reading: SiteFiles, settings: SiteSettings, place: Place) -> Survey:
    """Return what the council's host declares: site.yaml and the assessment; the rest is the sync side's."""
    folder = reading.folder
    reading.problems += _site_problems(folder, settings, place)
    reading.problems += alert_problems(folder, settings.alerts, place, None)
    site = None if reading.problems else _site(folder, settings, {}, {})
    return Survey(site, reading.problems, None, [], reading.present([settings.dpia]), [])


def _site_problems(folder: Path, settings: SiteSettings, place: Place) -> Iterator[Problem]:
    if why := misplaced(folder, settings.dpia):
        yield place.problem(f"dpia: {why}", "dpia")
    if settings.council_side.pulls:
        yield from _lookup_problems(folder, settings, place)
    yield from problems_of(folder, settings.warehouse, place, sample=settings.sample)
    yield from landing_problems(folder, settings.landing, place)
    yield from finding_problems(folder, settings.findings, settings.alerts, place)
    yield from lake_problems(settings.lake, settings.warehouse, place)
    views = settings.feed.views
    yield from view_problems(folder, views, settings.warehouse, place, sample=settings.sample)


def _lookup_problems(folder: Path, settings: SiteSettings, place: Place) -> Iterator[Problem]:
    postcodes = settings.lookups.postcodes
    if postcodes is not None and (why := misplaced(folder, postcodes)):
        yield place.problem(f"lookups.postcodes: {why}", "lookups", "postcodes")


def _settled(folder: Path, name: str, declared: SourceSettings) -> SourceSettings:
    if isinstance(declared, SftpSource):
        declared = settled_place(folder, declared)
    return within(folder, declared).model_copy(update={"name": name})


def _pings(folder: Path, settings: SiteSettings) -> PingSettings | None:
    said = settings.pings
    return said and said.model_copy(update={"address": said.address.within(folder)})


def _site(
    folder: Path, settings: SiteSettings, sources: dict[str, SourceSettings], providers: dict[str, Provider]
) -> Site:
    return Site(
        folder=folder,
        name=settings.name,
        sample=settings.sample,
        time_zone=settings.time_zone,
        dpia=folder / settings.dpia,
        landing=landing_place(folder, settings.landing),
        warehouse=placed(folder, settings.warehouse),
        lake=lake_place(folder, settings.lake),
        council_side=settings.council_side,
        keys=key_folders(folder, settings.keys),
        registers=folder / settings.registers,
        lookups=site_lookups(folder, settings.lookups),
        schedule=settings.schedule,
        brakes=settings.brakes,
        receipt_within=settings.receipt_within,
        retention=settings.retention,
        limits=settings.limits,
        sources=sources,
        providers=providers,
        findings=settled_findings(folder, settings.findings),
        health=settings.health,
        feed=settled_feed(folder, settings.feed),
        pings=_pings(folder, settings),
        alerts=settled_alerts(folder, settings.alerts),
        metrics=settings.metrics,
    )

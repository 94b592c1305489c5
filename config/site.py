"""The site: one folder of declared files, read whole, with all that is wrong said at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from config.documents import DocumentRefused, Place, Problem, read_tree, read_with_place, suggest
from config.secrets import SecretReference
from config.settings import (
    CONNECTORS,
    Brakes,
    FolderSource,
    PortalSource,
    Provider,
    Providers,
    RestSource,
    Retention,
    SiteSettings,
    SourceSettings,
    Timetable,
)

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class KeyFolders:
    """Where the site's keys are."""

    public: Path
    private: Path


@dataclass(frozen=True)
class SiteLookups:
    """Reference data of the site: a postcode look-up, and ranges of NHS numbers that are never real."""

    postcodes: Path | None
    nhs_test_ranges: tuple[str, ...]


@dataclass(frozen=True)
class Site:
    """A loaded site: every path whole, every reference between its files known to hold."""

    folder: Path
    name: str
    sample: bool
    time_zone: str
    dpia: Path
    landing: Path
    warehouse: Path
    council_side: str
    keys: KeyFolders
    lookups: SiteLookups
    schedule: Timetable
    brakes: Brakes
    receipt_within: timedelta
    retention: Retention
    sources: dict[str, SourceSettings] = field(repr=False)
    providers: dict[str, Provider] = field(repr=False)

    @property
    def var(self) -> Path:
        """Return the folder of everything Viaduct itself writes."""
        return self.folder / "var"

    def timetable(self, source: str) -> Timetable:
        """Return when the source is pulled: its own timetable, else the site's."""
        return self.sources[source].schedule or self.schedule

    def brakes_of(self, source: str) -> Brakes:
        """Return the brakes of the source: its own, else the site's."""
        return self.sources[source].brakes or self.brakes

    def mapping_files(self, source: str) -> dict[str, Path]:
        """Return export name to mapping file, for one source."""
        return {export: self.folder / path for export, path in self.sources[source].mappings.items()}


@dataclass
class _Reading:
    """What has been read so far, and everything found wrong on the way."""

    folder: Path
    problems: list[Problem] = field(default_factory=list)

    def read(self, path: Path, model: type[M]) -> tuple[M, Place] | None:
        try:
            return read_with_place(path, model)
        except DocumentRefused as refused:
            self.problems += refused.problems
        return None

    def read_source(self, path: Path) -> tuple[SourceSettings, Place] | None:
        try:
            tree = read_tree(path)
        except DocumentRefused as refused:
            self.problems += refused.problems
            return None
        connector = str(tree.get("connector", ""))
        if connector in CONNECTORS:
            return self.read(path, CONNECTORS[connector])
        text = f"connector: no such connector.{suggest(connector, list(CONNECTORS))}"
        known = f" Known are {', '.join(sorted(CONNECTORS))}."
        self.problems.append(Place(path, tree).problem(text + known, "connector"))
        return None


@dataclass(frozen=True)
class _Known:
    """The names the site's files may use of each other; no providers when that file did not load."""

    sources: set[str]
    providers: set[str] | None


def load_site(folder: Path) -> Site:
    """Return the site that the folder declares.

    Errors: DocumentRefused with every problem of site.yaml, providers.yaml and sources/*.yaml at once.
    """
    reading = _Reading(folder)
    settings = reading.read(folder / "site.yaml", SiteSettings)
    providers = reading.read(folder / "providers.yaml", Providers)
    files = sorted((folder / "sources").glob("*.yaml"))
    if not files:
        text = "No source is declared: write sources/NAME.yaml."
        reading.problems.append(Problem(folder / "sources", 1, text))
    sources = {path.stem: read for path in files if (read := reading.read_source(path)) is not None}
    if settings is not None:
        reading.problems += _site_problems(folder, *settings)
    known = _Known({path.stem for path in files}, set(providers[0].providers) if providers else None)
    for source, (declared, place) in sources.items():
        reading.problems += _source_problems(folder, source, declared, place, known)
    if reading.problems or settings is None or providers is None:
        raise DocumentRefused(reading.problems)
    settled = {name: _settled(folder, name, declared) for name, (declared, _) in sources.items()}
    return _site(folder, settings[0], settled, providers[0].providers)


def _site_problems(folder: Path, settings: SiteSettings, place: Place) -> Iterator[Problem]:
    if not (folder / settings.dpia).is_file():
        yield place.problem(f"dpia: there is no file {settings.dpia}.", "dpia")
    postcodes = settings.lookups.postcodes
    if postcodes is not None and not (folder / postcodes).is_file():
        yield place.problem(f"lookups.postcodes: there is no file {postcodes}.", "lookups", "postcodes")


def _source_problems(
    folder: Path, name: str, declared: SourceSettings, place: Place, known: _Known
) -> Iterator[Problem]:
    others = sorted(known.sources - {name})
    if declared.name not in {"", name}:
        yield place.problem(f"name: the file's own name says {name}; leave this line out.", "name")
    if known.providers is not None and declared.provider not in known.providers:
        hint = suggest(declared.provider, sorted(known.providers))
        yield place.problem(f"provider: {declared.provider} is not in providers.yaml.{hint}", "provider")
    if declared.parent_source is not None and declared.parent_source not in others:
        hint = suggest(declared.parent_source, others)
        yield place.problem(f"parent_source: there is no other source of that name.{hint}", "parent_source")
    for export, file in declared.mappings.items():
        if not (folder / file).is_file():
            yield place.problem(f"mappings.{export}: there is no file {file}.", "mappings", export)
    yield from _pairing_problems(declared, place)


def _pairing_problems(declared: SourceSettings, place: Place) -> Iterator[Problem]:
    key, pulled = _pulled(declared)
    for export in sorted(set(pulled) - set(declared.mappings)):
        yield place.problem(f"{key}.{export}: it is pulled, but no mapping reads it.", key, export)
    for export in sorted(set(declared.mappings) - set(pulled)):
        hint = suggest(export, sorted(pulled))
        yield place.problem(f"mappings.{export}: it is not among the {key}.{hint}", "mappings", export)


def _pulled(declared: SourceSettings) -> tuple[str, Mapping[str, object]]:
    if isinstance(declared, RestSource):
        return "requests", {**declared.requests, **declared.files}
    if isinstance(declared, PortalSource):
        return "extracts", declared.extracts
    return "files", declared.files if isinstance(declared, FolderSource) else {}


def _settled(folder: Path, name: str, declared: SourceSettings) -> SourceSettings:
    placed = {key: value.within(folder) for key, value in declared if isinstance(value, SecretReference)}
    return declared.model_copy(update={"name": name, **placed})


def _site(
    folder: Path, settings: SiteSettings, sources: dict[str, SourceSettings], providers: dict[str, Provider]
) -> Site:
    postcodes = settings.lookups.postcodes
    return Site(
        folder=folder,
        name=settings.name,
        sample=settings.sample,
        time_zone=settings.time_zone,
        dpia=folder / settings.dpia,
        landing=folder / settings.landing,
        warehouse=folder / settings.warehouse,
        council_side=settings.council_side,
        keys=KeyFolders(folder / settings.keys.public, folder / settings.keys.private),
        lookups=SiteLookups(
            postcodes=folder / postcodes if postcodes else None,
            nhs_test_ranges=tuple(settings.lookups.nhs_test_ranges),
        ),
        schedule=settings.schedule,
        brakes=settings.brakes,
        receipt_within=settings.receipt_within,
        retention=settings.retention,
        sources=sources,
        providers=providers,
    )

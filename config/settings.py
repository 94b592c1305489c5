"""What may be set about a site: one model per declared file, each setting declared once."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from config.alerts import AlertSettings
from config.feed import FeedSettings
from config.files import Beside, FileLayout
from config.findings import FindingSettings
from config.ground import Name, RelativePath, Settings
from config.health import HealthSettings
from config.key_settings import KeySettings
from config.lake import LakeSetting
from config.landing import LandingSetting
from config.limits import Ceilings, LineLimits, RunLimits, WebLimits
from config.places import Lookups
from config.rest import DictionaryPath, RestRequest
from config.secrets import Secret
from config.sftp import SftpPlace
from config.sides import CouncilSide
from config.timetable import SiteSchedule, Timetable
from config.warehouse import WarehouseSetting
from config.watching import MetricsSettings, PingSettings


class Brakes(Settings):
    """How far a pull or a release may differ from the last before someone must look."""

    drop_percent: int = Field(default=20, ge=0, le=100)
    growth_percent: int = Field(default=50, ge=0)
    at_least: int = Field(
        default=50,
        ge=0,
        description="Smaller differences do not brake; a loss of more than half of five or more always does.",
    )
    flagged_points: int = Field(
        default=5,
        ge=0,
        le=20,
        description="How far the share of flagged people may move from what was accepted.",
    )
    flagged_people: int = Field(default=3, ge=1, le=20, description="A move by fewer people never brakes.")


class Must(StrEnum):
    """What must become of a canary: no row of theirs leaves, or no place of theirs does."""

    WITHHELD = "withheld"
    EMPTIED = "emptied"


class Canary(Settings):
    """An invented person in the provider's system, put there to be looked for in what is sent."""

    person: str = Field(min_length=1, max_length=100, description="The CRM's own reference.")
    must: Must


class SourceSettings(Settings):
    """One provider's system: what to pull from it and how its exports are to be read."""

    name: str = ""
    connector: str
    provider: Name
    mappings: dict[Name, RelativePath] = Field(min_length=1, description="Export name to mapping file.")
    lawful_basis: str = Field(default="", max_length=200)
    brakes: Brakes | None = None
    encoding: Literal["utf-8", "cp1252"] = "utf-8"
    null_words: list[str] = Field(default_factory=list)
    parent_source: Name | None = None
    receives: list[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9-]{1,19}$")]] = Field(
        default_factory=list,
        description="Lots whose cases come here from parent_source. ONR-03.",
    )
    schedule: Timetable | None = None
    canaries: list[Canary] = Field(
        default_factory=list, description="Invented people whose rows, or places, must never be sent. E819."
    )
    limits: Ceilings = Ceilings()

    pulls: ClassVar[str] = "files"

    @property
    def pulled(self) -> tuple[str, Mapping[str, object]]:
        """Return under which key stands what is pulled, and that, by export."""
        return self.pulls, getattr(self, self.pulls)


class PortalSource(SourceSettings):
    """A Charitylog-style portal: two levels of signing in, and saved extracts downloaded as CSV."""

    connector: Literal["charitylog_portal"]
    address: Annotated[str, Field(pattern=r"^https?://[^\s/@]+(/[^\s@]*)?$")]
    organisation: str = Field(min_length=1)
    organisation_secret: Secret
    user: str = Field(min_length=1)
    user_secret: Secret
    extracts: dict[Name, str] = Field(min_length=1, description="Export name to saved extract.")
    lawful_basis: str = Field(min_length=1, max_length=200)
    timeout_seconds: int = Field(
        default=60, ge=1, le=3600, description="The longest silence within one answer. E301."
    )
    retry_budget: int = Field(
        default=8, ge=0, le=100, description="Retries in one run, over all requests. E301."
    )
    limits: WebLimits = WebLimits()
    ca_file: RelativePath | None = Field(
        default=None, description="The certificates that the portal's own must come from (PEM)."
    )
    pulls: ClassVar[str] = "extracts"


class LaidDown(SourceSettings):
    """Files that somebody lays into a folder: how they are written, and when they are there."""

    layout: FileLayout = FileLayout()
    settle_seconds: float = Field(default=2.0, ge=0, le=3600, description="How long a file must lie still.")
    complete_with: list[Beside] = Field(
        default_factory=list, description="What must stand beside a FILE: FILE.rows, FILE.sha256, FILE.done."
    )
    greatest_age_days: int | None = Field(
        default=None, ge=1, le=3650, description="A set of files that is older is not taken. E305."
    )


class Dropped(LaidDown):
    """A source that is nothing but such files."""

    files: dict[Name, str] = Field(min_length=1, description="Export name to file name or pattern.")


class FolderSource(Dropped):
    """A folder into which somebody lays export files."""

    connector: Literal["folder"]
    folder: RelativePath


class SftpSource(Dropped, SftpPlace):
    """A folder of an SFTP server into which somebody lays export files."""

    connector: Literal["sftp"]
    settle_seconds: float = Field(
        default=10.0, ge=0, le=3600, description="How long files lie still between two looks at them."
    )
    limits: LineLimits = LineLimits()


class RestSource(LaidDown):
    """A Charitylog-style REST API, version 2: three keys; what it does not give comes from a folder."""

    connector: Literal["charitylog_rest"]
    address: Annotated[str, Field(pattern=r"^https?://[^\s/@]+(/[^\s@]*)?$")]
    source_key: Secret
    org_key: Secret
    user_key: Secret
    requests: dict[Name, RestRequest] = Field(min_length=1, description="Export name to what is asked for.")
    folder: RelativePath | None = None
    files: dict[Name, str] = Field(
        default_factory=dict, description="Export name to file pattern, for what the API does not give."
    )
    owners: dict[Name, list[Annotated[str, Field(min_length=1, max_length=200)]]] = Field(
        default_factory=dict, description="Export of a file to its columns that hold ids of clients."
    )
    projects: DictionaryPath | None = Field(
        default=None, description="The dictionary of projects; it tells what the account can see."
    )
    branches: DictionaryPath | None = Field(default=None, description="That of branches.")
    full_every_days: int = Field(
        default=1, ge=1, le=31, description="Every record is read on one night of so many; 1 is every night."
    )
    overlap_days: int = Field(default=7, ge=1, le=366, description="On other nights: how far back they look.")
    timeout_seconds: int = Field(
        default=60, ge=1, le=3600, description="The longest silence within one answer. E301."
    )
    retry_budget: int = Field(
        default=8, ge=0, le=100, description="Retries in one run, over all requests. E301."
    )
    limits: WebLimits = WebLimits()
    ca_file: RelativePath | None = Field(
        default=None, description="The certificates that the API's own must come from (PEM)."
    )

    @property
    def pulled(self) -> tuple[str, Mapping[str, object]]:
        """Return the lists that are asked for, and the files beside them."""
        return "requests", {**self.requests, **self.files}

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        if bool(self.files) != (self.folder is not None):
            raise ValueError("files and folder are given together or not at all")
        for export in self.files:
            if export in self.requests:
                raise ValueError(f"files: {export} is among the requests too")
        for export in self.owners:
            if export not in self.files:
                raise ValueError(f"owners: {export} is not among the files")
        for export, request in self.requests.items():
            if self.full_every_days > 1 and request.owner_filter is None:
                raise ValueError(f"full_every_days: requests.{export} has no owner_filter")
        return self


CONNECTORS: dict[str, type[SourceSettings]] = {
    "charitylog_portal": PortalSource,
    "charitylog_rest": RestSource,
    "folder": FolderSource,
    "sftp": SftpSource,
}


class Hold(Settings):
    """A decision that rows stay in the warehouse although their time is over: a dispute, an inquiry."""

    reference: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/+-]{0,79}$")]
    flow: Name
    entity: Name | None = Field(default=None, description="Only this entity; else the whole flow.")


class Retention(Settings):
    """How long what is not the record is kept, and which rows of the record a decision holds."""

    batch_bodies_days: int = Field(default=30, ge=1)
    run_summaries_days: int = Field(default=730, ge=30)
    statements_days: int = Field(
        default=2192, ge=30, description="How long the signed statement of a run is kept; the log stays."
    )
    closed_findings_days: int = Field(
        default=730, ge=30, description="How long a finding is kept once it is closed; its count stays."
    )
    holds: list[Hold] = Field(default_factory=list, description="Council side: what is not removed.")


class SiteSettings(Settings):
    """site.yaml."""

    name: str = Field(min_length=1, max_length=200)
    sample: bool = Field(default=False, description="The people are invented; every page says so.")
    time_zone: Literal["Europe/London"] = "Europe/London"
    dpia: RelativePath
    landing: LandingSetting = "var/landing"
    warehouse: WarehouseSetting = "var/warehouse.duckdb"
    lake: LakeSetting | None = None
    council_side: CouncilSide = Field(
        default=CouncilSide.EMBEDDED,
        description="On this machine too; elsewhere, and this is the sync side; here, and nothing else is.",
    )
    keys: KeySettings = KeySettings()
    registers: RelativePath = Field(
        default="var/registers", description="Where the registers of people's choices are (keyed digests)."
    )
    lookups: Lookups = Lookups()
    schedule: SiteSchedule
    brakes: Brakes = Brakes()
    receipt_within_hours: int = Field(default=24, ge=1, le=24 * 14)
    retention: Retention = Retention()
    findings: FindingSettings = FindingSettings()
    limits: RunLimits = RunLimits()
    health: HealthSettings = HealthSettings()
    feed: FeedSettings = FeedSettings()
    pings: PingSettings | None = None
    alerts: AlertSettings | None = None
    metrics: MetricsSettings = MetricsSettings()

    @property
    def receipt_within(self) -> timedelta:
        """Return how long a batch may wait for its receipt."""
        return timedelta(hours=self.receipt_within_hours)

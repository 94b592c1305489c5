"""What the pages are made from: counts, rule codes and references. No field here can hold a record."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

SAFE_NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$"


class Reading(BaseModel):
    """Anything read from a run summary: a key that is absent, null or new to us does no harm."""

    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        from_attributes=True,
        coerce_numbers_to_str=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _absent_when_null(cls, given: Any) -> Any:
        return (
            {key: value for key, value in given.items() if value is not None}
            if isinstance(given, dict)
            else given
        )


class ExportCounts(Reading):
    """What became of the rows of one export."""

    rows: int = 0
    read: int = 0
    repeated: int = 0
    furniture: int = 0
    rejected: int = 0

    @property
    def added(self) -> int:
        """Return what the rows add up to, computed anew."""
        return self.read + self.repeated + self.furniture + self.rejected


class EntityCounts(Reading):
    """What became of the records of one entity; `withdrawn` counts operations and is no fate."""

    records: int = 0
    released: int = 0
    unchanged: int = 0
    withheld: int = 0
    held: int = 0
    withdrawn: int = 0
    reasons: dict[str, int] = {}
    withdrawn_reasons: dict[str, int] = {}

    @property
    def added(self) -> int:
        """Return what the fates add up to, computed anew."""
        return self.released + self.unchanged + self.withheld + self.held


class CheckCounts(Reading):
    """How often a check failed, and how often it could not be asked."""

    failed: int = 0
    unknown: int = 0


class SourceSummary(Reading):
    """One source of one run."""

    source: str
    provider: str = ""
    outcome: str = "unknown"
    error: Any = None
    errors: list[str] = []
    exports: dict[str, ExportCounts] = {}
    entities: dict[str, EntityCounts] = {}
    unknown_columns: dict[str, list[str]] = {}
    checks: dict[str, CheckCounts] = {}

    @field_validator("unknown_columns", mode="before")
    @classmethod
    def _by_export(cls, given: Any) -> Any:
        return {"": given} if isinstance(given, list) else given

    @property
    def error_lines(self) -> list[str]:
        """Return the lines of the error, or none."""
        return self.errors or (str(self.error).splitlines() if self.error else [])


class FieldRule(Reading):
    """What a flow does with one field, and why."""

    field: str
    treatment: str = "disclose"
    to: str = ""
    why: str = ""


class FlowDescription(Reading):
    """A flow as the DPIA declares it."""

    recipient: str = "not stated"
    purpose: str = "not stated"
    basis: list[str] = []
    fields: dict[str, list[FieldRule]] = {}

    @field_validator("basis", mode="before")
    @classmethod
    def _always_many(cls, given: Any) -> Any:
        return [given] if isinstance(given, str) else given


class DpiaIdentity(Reading):
    """Which assessment governed the run."""

    id: str = "not stated"
    version: str = "not stated"
    sha256: str = ""


class FlowSummary(Reading):
    """One flow of one run."""

    flow: str
    dpia: DpiaIdentity = DpiaIdentity()
    describe: FlowDescription = FlowDescription()
    entities: dict[str, EntityCounts] = {}
    batch_id: str = ""
    sequence: int | None = None
    bytes: int = 0
    state: str = ""
    receipt: Any = None
    manifest_sha256: str = ""
    withdrawn_reasons: dict[str, int] = {}
    error: Any = None
    errors: list[str] = []

    @property
    def sent(self) -> bool:
        """Return whether a batch left in this run."""
        return bool(self.batch_id)

    @property
    def error_lines(self) -> list[str]:
        """Return the lines of the error, or none."""
        return self.errors or (str(self.error).splitlines() if self.error else [])

    @property
    def receipt_words(self) -> str:
        """Return the receipt in one line."""
        if isinstance(self.receipt, dict):
            inner = self.receipt.get("receipt", self.receipt)
            said = (
                [inner.get(name) for name in ("outcome", "reason", "at")] if isinstance(inner, dict) else []
            )
            return ", ".join(str(word) for word in said if word) or "received"
        return str(self.receipt) if self.receipt else "none yet"

    def total(self, fate: str) -> int:
        """Return the sum of one fate over all entities."""
        return sum(int(getattr(counts, fate)) for counts in self.entities.values())


class FindingCounts(Reading):
    """The findings of a run in numbers."""

    error: int = 0
    warning: int = 0
    info: int = 0
    new: int = 0
    closed: int = 0


class LogState(Reading):
    """The disclosure log after the run."""

    size: int = 0
    root: str = ""


class Brake(Reading):
    """A brake that held, or that was released by hand."""

    where: str = ""
    kind: str = ""
    usual: int | None = None
    now: int | None = None
    accepted: bool = False


class RunSummary(Reading):
    """What `run --json` printed."""

    run_id: str = Field(pattern=SAFE_NAME)
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = "unknown"
    exit_code: int = 70
    sample: bool = False
    dry_run: bool = False
    sources: list[SourceSummary] = []
    flows: list[FlowSummary] = []
    findings: FindingCounts = FindingCounts()
    log: LogState = LogState()
    durations: dict[str, float] = {}
    brakes: list[Brake] = []

    @property
    def seconds(self) -> float:
        """Return how long the run took."""
        if self.ended_at:
            return (self.ended_at - self.started_at).total_seconds()
        return sum(self.durations.values())

    def total(self, fate: str) -> int:
        """Return the sum of one fate over all flows."""
        return sum(flow.total(fate) for flow in self.flows)


class FindingRow(Reading):
    """One open finding: a code, a place, a reference; never a value."""

    source: str
    reference: str
    check: str
    entity: str = ""
    field: str = ""
    severity: str = "error"
    effect: str = "none"
    first_seen: date | None = None

    @field_validator("first_seen", mode="before")
    @classmethod
    def _day(cls, given: Any) -> Any:
        return (
            given[:10] if isinstance(given, str) else given.date() if isinstance(given, datetime) else given
        )

    def age_days(self, today: date) -> int:
        """Return for how many days the finding has been open."""
        return max(0, (today - self.first_seen).days) if self.first_seen else 0


class CheckWords(Reading):
    """What a check says to the people who can mend a record."""

    id: str
    message: str = ""
    mend: str = ""
    why: str = ""


class ProviderWords(Reading):
    """A provider: its name, its sources and how a link into its CRM is made."""

    id: str = Field(pattern=SAFE_NAME)
    name: str = ""
    link: str = ""
    sources: tuple[str, ...] = ()

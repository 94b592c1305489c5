"""What the pages are made from: counts, rule codes and references. No field here can hold a record."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from reports.state_words import receipt_words, state_words

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


def _as_lines(given: Any) -> Any:
    return given.splitlines() if isinstance(given, str) else given


Lines = Annotated[list[str], BeforeValidator(_as_lines)]


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


class FlaggedShare(Reading):
    """How many people of a source are under the safety flag, and on what ground."""

    people: int = 0
    flagged: int = 0
    percent: float = 0.0
    grounds: dict[str, int] = {}


class AcceptedShare(Reading):
    """The share that somebody accepted for one source of a flow."""

    percent: float = 0.0
    by: str = ""
    on: str = ""


class AcceptedVolume(Reading):
    """What somebody let through in one run, by name, beyond what the assessment agreed."""

    by: str = ""
    met: list[str] = []


class SourceSummary(Reading):
    """One source of one run."""

    source: str
    provider: str = ""
    outcome: str = "unknown"
    error: Lines = []
    error_code: str = ""
    exports: dict[str, ExportCounts] = {}
    entities: dict[str, EntityCounts] = {}
    unknown_columns: dict[str, list[str]] = {}
    flagged: FlaggedShare | None = None

    @field_validator("flagged", mode="before")
    @classmethod
    def _known_or_absent(cls, given: Any) -> Any:
        return given or None

    @field_validator("unknown_columns", mode="before")
    @classmethod
    def _by_export(cls, given: Any) -> Any:
        return {"": given} if isinstance(given, list) else given


class FieldRule(Reading):
    """What a flow does with one field, and why."""

    field: str
    treatment: str = "disclose"
    to: str = ""
    why: str = ""


class SafetyRule(Reading):
    """A rule of the assessment that overrides the flow to keep people safe."""

    rule: str
    title: str = ""
    why: str = ""


class FlowDescription(Reading):
    """A flow as the DPIA declares it."""

    title: str = ""
    recipient: str = "not stated"
    purpose: str = "not stated"
    not_for: list[str] = []
    cohort: str = ""
    identifiability: str = ""
    basis: list[str] = []
    fields: dict[str, list[FieldRule]] = {}
    left_behind: dict[str, list[FieldRule]] = {}
    safety: list[SafetyRule] = []

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
    error: Lines = []
    batch_error: Lines = []
    withdrawn_alone: int = 0
    rests: str = ""
    held_back: dict[str, int] = {}
    flagged_accepted: dict[str, AcceptedShare] = {}
    volume_accepted: AcceptedVolume = AcceptedVolume()

    @property
    def sent(self) -> bool:
        """Return whether a batch left for the council side."""
        return bool(self.batch_id) and self.state not in {"sealed", "dry_run", "nothing_sent"}

    @property
    def stopped(self) -> bool:
        """Return whether something stopped the flow, so that nothing new of it left."""
        return bool(self.error) and (not self.batch_id or self.withdrawn_alone > 0)

    @property
    def state_words(self) -> str:
        """Return how far the batch came; of a flow that was stopped, by what."""
        return state_words(self.state, self.error[0] if self.stopped and not self.batch_id else "")

    @property
    def receipt_words(self) -> str:
        """Return the receipt in one line."""
        return receipt_words(self.receipt)

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


class WaiverUsed(Reading):
    """A waiver without which something would have been overdue in the run."""

    id: str
    rule: str = ""
    until: str = ""


class Day(Reading):
    """A day that was coming, or had passed, when the run began; `within` is 90, 30, 7, or 0 for passed."""

    what: str
    on: str = ""
    days_left: int = 0
    within: int = 0
    stops: str = "nothing"
    flows: list[str] = []
    waived: bool = False

    @property
    def stops_words(self) -> str:
        """Return what does not run outside the day."""
        return {"file": "every flow", "flows": f"flow {', '.join(self.flows)}"}.get(self.stops, "nothing")


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
    earlier_batches: list[FlowSummary] = []
    errors: list[Lines] = []
    findings: FindingCounts = FindingCounts()
    log: LogState = LogState()
    durations: dict[str, float] = {}
    accepted: list[str] = []
    waivers: list[WaiverUsed] = []
    days: list[Day] = []

    @property
    def seconds(self) -> float:
        """Return how long the run took."""
        if self.ended_at:
            return (self.ended_at - self.started_at).total_seconds()
        return sum(self.durations.values())

    @property
    def own_errors(self) -> list[list[str]]:
        """Return the errors that belong to the run as a whole, not to a source or a flow."""
        told = (*self.flows, *self.earlier_batches)
        parts = [*(each.error for each in self.sources), *(each.error for each in told)]
        parts += [flow.batch_error for flow in told]
        return [lines for lines in self.errors if lines not in parts]

    @property
    def left(self) -> int:
        """Return how many records left in batches of this run."""
        return sum(flow.total("released") for flow in self.flows if flow.sent)

    def total(self, fate: str) -> int:
        """Return the sum of one fate over all flows."""
        return sum(flow.total(fate) for flow in self.flows)

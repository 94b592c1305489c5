"""What counts as a night that went wrong without a word: how late, how fast, how few."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field


class HealthSettings(BaseModel):
    """The `health` of site.yaml: from when on silence, haste and want are a problem."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    begin_within_minutes: int = Field(
        default=30, ge=1, le=720, description="After its slot a run has begun, or it is a problem. H101."
    )
    look_back_weeks: int = Field(
        default=12, ge=2, le=52, description="How far back a source's usual is looked for."
    )
    least_nights: int = Field(
        default=4, ge=2, le=50, description="With fewer nights to compare with, nothing is judged."
    )
    fewer_percent: int = Field(
        default=20, ge=1, le=100, description="Fewer by so much than the weekday's usual is a problem. H104."
    )
    fewer_records: int = Field(
        default=50,
        ge=1,
        description="A smaller loss is none, unless it is more than half of five or more. H104.",
    )
    fast_percent: int = Field(
        default=25, ge=1, le=90, description="Done in less than this share of its usual time: H103."
    )
    fast_seconds: int = Field(
        default=30, ge=1, le=3600, description="What usually takes less time than this is not judged. H103."
    )

    arrive_within_hours: int = Field(
        default=120, ge=1, le=24 * 31, description="Council side: a batch of each flow has come. H201."
    )
    load_within_hours: int = Field(
        default=12, ge=1, le=24 * 14, description="Council side: what has come is answered. H202."
    )

    @property
    def begin_within(self) -> timedelta:
        """Return how long after its slot a run may begin."""
        return timedelta(minutes=self.begin_within_minutes)

    @property
    def look_back(self) -> timedelta:
        """Return how far back the usual of a source is looked for."""
        return timedelta(weeks=self.look_back_weeks)

    @property
    def arrive_within(self) -> timedelta:
        """Return how long, council side, no batch of a flow may come."""
        return timedelta(hours=self.arrive_within_hours)

    @property
    def load_within(self) -> timedelta:
        """Return how long, council side, a batch that has come may wait for its answer."""
        return timedelta(hours=self.load_within_hours)

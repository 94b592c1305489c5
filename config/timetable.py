"""When sources are pulled, how often a failed pull is tried again, and how long a run may take."""

import re
from datetime import time, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Day(StrEnum):
    """A day of the week, as a timetable names it."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


def _clock_time(word: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", word):
        raise ValueError('write a time of day as "HH:MM"')
    if word.startswith("01:"):
        raise ValueError("between 01:00 and 02:00 a run would be skipped in March and doubled in October")
    return word


class Timetable(BaseModel):
    """When a source is pulled: at these times, on these days, in the site's time zone."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    at: list[Annotated[str, AfterValidator(_clock_time)]] = Field(min_length=1, max_length=24)
    days: list[Day] = Field(default_factory=lambda: list(Day), min_length=1)

    @property
    def times(self) -> list[time]:
        """Return the times of day, in order."""
        return sorted({time.fromisoformat(word) for word in self.at})


class Retry(BaseModel):
    """How often, and how soon, what failed for a passing reason is tried again in the same night."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    times: int = Field(default=3, ge=0, le=20, description="Runs after the first, of what failed alone.")
    after_minutes: int = Field(
        default=30, ge=1, le=720, description="From the end of one run to the beginning of the next."
    )
    within_hours: int = Field(
        default=6,
        ge=1,
        le=24,
        description="From the night's first run; what failed is not begun later, what was cut off is.",
    )

    @property
    def wait(self) -> timedelta:
        """Return how long a failed run is left alone."""
        return timedelta(minutes=self.after_minutes)

    @property
    def window(self) -> timedelta:
        """Return how long after the first run another may begin."""
        return timedelta(hours=self.within_hours)


SERVICE_RUN_MINUTES = 300
"""After so long the unit and the task that are shipped end a run where it is (TimeoutStartSec, PT5H)."""
SERVICE_STOP_SECONDS = 90
"""So long systemd lets a unit that is shipped stop by itself (TimeoutStopSec)."""
RUN_SLACK_MINUTES, STOP_SLACK_SECONDS = 30, 10


class SiteSchedule(Timetable):
    """The `schedule` of site.yaml: the timetable of sources without one, and how runs by it behave."""

    retry: Retry = Retry()
    longest_run_minutes: int = Field(
        default=240, ge=1, le=1440, description="One run by the timetable; then it stops between steps. E807."
    )
    stop_within_seconds: int = Field(
        default=60,
        ge=1,
        le=3600,
        description="How long a run under way may take to stop when asked.",
    )

    @property
    def beyond_the_service(self) -> list[str]:
        """Return what a service manager would cut short, as the units that are shipped are written."""
        longest, stop = self.longest_run_minutes, self.stop_within_seconds
        beyond = []
        if longest > SERVICE_RUN_MINUTES - RUN_SLACK_MINUTES:
            beyond.append(
                f"schedule.longest_run_minutes is {longest}: the unit and the task for Windows end a run,"
                f" where it is, after {SERVICE_RUN_MINUTES}; give yours TimeoutStartSec={longest + 60}min"
            )
        if stop > SERVICE_STOP_SECONDS - STOP_SLACK_SECONDS:
            beyond.append(
                f"schedule.stop_within_seconds is {stop}: the units let a run stop for"
                f" {SERVICE_STOP_SECONDS}; give yours TimeoutStopSec={stop + 30}"
            )
        return beyond

"""The `findings` of site.yaml: what providers are asked to do about what is found in their records."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from config.alerts import AlertSettings
from config.problems import Place, Problem
from config.weekly import NoticeSettings, WeeklySettings, notice_problems, settled_notices


class DueDays(BaseModel):
    """Within how many days a finding is to be mended, by its severity; null for those that are never due."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    error: int | None = Field(default=14, ge=1, le=366)
    warning: int | None = Field(default=28, ge=1, le=366)
    info: int | None = Field(default=None, ge=1, le=366)


class FindingSettings(BaseModel):
    """How findings are followed."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    due_days: DueDays = DueDays()
    weekly: WeeklySettings = WeeklySettings()
    notices: NoticeSettings | None = None


def finding_problems(
    folder: Path, said: FindingSettings, alerts: AlertSettings | None, place: Place
) -> Iterator[Problem]:
    """Yield what no setting by itself shows. Given: the alerts, whose mail server notices may leave by."""
    by_mail = alerts is not None and alerts.mail_server is not None
    yield from notice_problems(folder, said.notices, place, alerts_by_mail=by_mail)


def settled_findings(folder: Path, said: FindingSettings) -> FindingSettings:
    """Return the settings with every path whole."""
    return said.model_copy(update={"notices": settled_notices(folder, said.notices)})

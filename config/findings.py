"""The `findings` of site.yaml: what providers are asked to do about what is found in their records."""

from pydantic import BaseModel, ConfigDict, Field


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

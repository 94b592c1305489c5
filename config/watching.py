"""Who is told of runs: an address that is pinged, and where numbers are written for Prometheus."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from config.secrets import Secret


class PingSettings(BaseModel):
    """The `pings` of site.yaml: a service like healthchecks.io is told that a run began and ended."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )

    address: Secret = Field(description="Whoever knows the address may ping it, so it is a secret.")
    wait_seconds: int = Field(
        default=5, ge=1, le=30, description="The longest that a run waits for its pings, all in all."
    )


class MetricsSettings(BaseModel):
    """The `metrics` of site.yaml: where Prometheus finds numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    file: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\.prom$")] = Field(
        default="var/metrics/viaduct.prom", description="Written after each run, for node_exporter."
    )
    port: int | None = Field(
        default=None,
        ge=1024,
        le=65_535,
        description="The scheduler answers /metrics there, to this machine alone.",
    )

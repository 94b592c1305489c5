"""The ceilings of a source: how much it may answer, how long and how often we ask. Each is declared once.

`docs/reliability.md` lists them from here, with what happens when one is reached.
"""

from pydantic import BaseModel, ConfigDict, Field


class Ceilings(BaseModel):
    """The ceilings that every source has, whatever its connector."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    largest_megabytes: int = Field(default=2048, ge=1, le=1 << 20, description="One export. E328.")
    longest_line_kilobytes: int = Field(default=1024, ge=1, le=1024, description="One line of it. E337.")
    most_columns: int = Field(default=1000, ge=1, le=10_000, description="Its columns. E338.")


class RunLimits(BaseModel):
    """The ceilings of one run, over all its sources."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    partition_megabytes: int = Field(
        default=32, ge=1, le=1024, description="Exports that are mapped, checked and decided at once."
    )
    spool_megabytes: int = Field(
        default=32_768, ge=1, le=1 << 24, description="What waits on disk, encrypted. E342."
    )
    free_megabytes: int = Field(
        default=1024, ge=0, le=1 << 24, description="What must stay free on the disk. E343."
    )
    run_minutes: int = Field(default=720, ge=1, le=1440, description="A run without --timeout. E807.")
    retries: int = Field(default=40, ge=0, le=1000, description="Requests repeated. E301, E302.")


class TransferLimits(BaseModel):
    """The ceilings of a landing zone that is reached by the network."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    answer_seconds: int = Field(
        default=900, ge=1, le=86_400, description="One file there or back, however slowly it comes. E501."
    )
    attempts: int = Field(
        default=5, ge=1, le=20, description="How often one thing is tried before it is given up. E501."
    )
    first_wait_seconds: float = Field(
        default=1.0, ge=0, le=60, description="The wait before trying again, doubled each time, with chance."
    )
    longest_wait_seconds: int = Field(default=120, ge=0, le=3600, description="The longest such wait.")


class LineLimits(Ceilings):
    """The ceilings of a source whose files are fetched from a server."""

    answer_seconds: int = Field(
        default=900, ge=1, le=86_400, description="One file, however steadily it comes. E306."
    )
    pull_seconds: int = Field(
        default=3600, ge=1, le=86_400, description="All that is asked of one source in a run. E301."
    )
    attempts: int = Field(
        default=5, ge=1, le=20, description="How often one thing is tried before it is given up. E301."
    )
    first_wait_seconds: float = Field(
        default=1.0, ge=0, le=60, description="The wait before trying again, doubled each time, with chance."
    )
    longest_wait_seconds: int = Field(default=120, ge=0, le=3600, description="The longest such wait.")


class WebLimits(Ceilings):
    """The ceilings of a source on the web."""

    answer_seconds: int = Field(
        default=900,
        ge=1,
        le=86_400,
        description="One answer, from asking to its last byte, however it drips. E306.",
    )
    pull_seconds: int = Field(
        default=3600, ge=1, le=86_400, description="All that is asked of one source in a run. E301."
    )
    attempts: int = Field(
        default=5, ge=1, le=20, description="How often one thing is asked before it is given up. E301, E302."
    )
    first_wait_seconds: float = Field(
        default=1.0, ge=0, le=60, description="The wait before asking again, doubled each time, with chance."
    )
    longest_wait_seconds: int = Field(
        default=120, ge=0, le=3600, description="A wait that the source asks for; a longer one ends it. E302."
    )
    sign_ins: int = Field(
        default=2, ge=1, le=20, description="Signing in, sessions that ended included. E323."
    )
    most_redirects: int = Field(default=5, ge=1, le=20, description="Redirects of one request. E301.")
    largest_page_kilobytes: int = Field(
        default=4096, ge=16, le=65_536, description="One page or answer that is no export. E301."
    )
    largest_headers_kilobytes: int = Field(
        default=64, ge=1, le=1024, description="The headers of one answer. E301."
    )

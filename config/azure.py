"""What may be set about a landing zone in Azure Blob: its account, two containers, who we are to them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from config.limits import TransferLimits
from config.paths import misplaced
from config.problems import Place, Problem
from config.secrets import Secret, within

# Microsoft's emulator of the service answers on loopback without encryption; nothing else may.
ADDRESS = r"^(https://[a-z0-9.-]{3,200}(:[0-9]{1,5})?|http://(127\.0\.0\.1|localhost):[0-9]{1,5})(/[a-z0-9]{3,24})?$"
CLIENT_ID = r"^(system|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$"
Container = Annotated[str, Field(pattern=r"^[a-z0-9](-?[a-z0-9]){2,62}$")]


class BlobLanding(BaseModel):
    """A landing zone in Azure Blob: batches in one container, what the council side answers in another."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )

    connector: Literal["azure_blob"]
    account: Annotated[str, Field(pattern=ADDRESS)] = Field(description="https://NAME.blob.core.windows.net")
    batches: Container = Field(default="batches", description="The container of batches.")
    answers: Container = Field(default="answers", description="That of receipts and certificates.")
    batches_sas: Secret | None = Field(default=None, description="What lets us into the first. E504.")
    answers_sas: Secret | None = Field(default=None, description="What lets us into the second. E504.")
    identity: Annotated[str, Field(pattern=CLIENT_ID)] | None = Field(
        default=None, description="Or this machine's managed identity: system, or its client id."
    )
    reads_batches: bool = Field(
        default=False, description="Whether we may list and read batches: the council side, or both in one."
    )
    ca_file: str | None = Field(
        default=None, min_length=1, max_length=500, description="Certificates its own must come from (PEM)."
    )
    connect_seconds: int = Field(default=20, ge=1, le=600, description="Reaching it.")
    timeout_seconds: int = Field(default=60, ge=1, le=3600, description="Its longest silence.")
    retry_budget: int = Field(default=8, ge=0, le=100, description="Requests repeated in one run.")
    limits: TransferLimits = TransferLimits()

    @model_validator(mode="after")
    def _known_to_both(self) -> Self:
        keys = [one is not None for one in (self.batches_sas, self.answers_sas)]
        if keys != [self.identity is None] * 2:
            raise ValueError("write batches_sas and answers_sas, or identity")
        if self.batches == self.answers:
            raise ValueError("batches and answers are two containers: each has rights of its own")
        return self

    def as_posix(self) -> str:
        """Return where it is, in one word."""
        return f"{self.account}/{self.batches}"

    def problems(self, folder: Path, place: Place) -> Iterator[Problem]:
        """Yield what no setting by itself shows: the file of certificates is not there."""
        if self.ca_file is not None and (why := misplaced(folder, self.ca_file)):
            yield place.problem(f"landing.ca_file: {why}", "landing", "ca_file")

    def settled(self, folder: Path) -> "BlobLanding":
        """Return the same with every path whole."""
        file = (folder / self.ca_file).as_posix() if self.ca_file else None
        return within(folder, self).model_copy(update={"ca_file": file})

"""What the line to Azure Blob may see of the site: an account, two containers, and what lets us in."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs

from config.azure import BlobLanding
from connectors.settings import Limits


@dataclass(frozen=True)
class BlobSettings:
    """One storage account; what proves us is read already, and never shown.

    batches_sas, answers_sas: what lets us into each container; none of them with an identity.
    identity:      this machine's own: "system", or a client id.
    reads_batches: whether this side may list and read batches, so that what it lays down is read back.
    """

    name: str
    account: str
    batches: str
    answers: str
    batches_sas: str | None = field(default=None, repr=False)
    answers_sas: str | None = field(default=None, repr=False)
    identity: str | None = None
    reads_batches: bool = False
    ca_file: Path | None = None
    limits: Limits = field(default_factory=Limits)

    @property
    def place(self) -> str:
        """Return how errors name the account."""
        return f"{self.name}, Azure Blob {self.account}"


def blob_settings(name: str, said: BlobLanding, limits: Limits) -> BlobSettings:
    """Return what the line may see, its secrets read. Errors: SecretMissing, SecretExposed."""
    return BlobSettings(
        name=name,
        account=said.account,
        batches=said.batches,
        answers=said.answers,
        batches_sas=said.batches_sas.read().removeprefix("?") if said.batches_sas else None,
        answers_sas=said.answers_sas.read().removeprefix("?") if said.answers_sas else None,
        identity=said.identity,
        reads_batches=said.reads_batches,
        ca_file=Path(said.ca_file) if said.ca_file else None,
        limits=limits,
    )


def ends_at(key: str) -> datetime | None:
    """Return when a key (SAS) says of itself that it ends; None where it does not, or not in words we know.

    Source: Microsoft, "Create a service SAS" (se) and "Create a user delegation SAS" (ske): ISO 8601 in UTC.
    """
    said = parse_qs(key.strip().removeprefix("?"))
    try:
        found = [datetime.fromisoformat(one) for name in ("se", "ske") for one in said.get(name, [])]
    except ValueError:
        return None
    return min((one if one.tzinfo else one.replace(tzinfo=UTC) for one in found), default=None)

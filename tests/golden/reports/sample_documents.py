"""The documents of the example's assessment on one fixed day."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from commands.documents import readings
from common import clock
from reports import Beside, write_documents
from reports.documents import FROM_THE_ASSESSMENT
from sealing.trust import role_of
from sharing import load_dpia
from sharing.signing.writing import line_of_party
from tests.parties import EVERYBODY, signer_of, trust_of

NOW = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
EXAMPLE = Path(__file__).parents[3] / "config/example/dpia/charity-crm-to-warehouse.yaml"
DIGEST = "c0ffee" + "0" * 58
"""In place of the example's own, which changes with every word of it."""
NAMES = [f"{document.name}.html" for document in FROM_THE_ASSESSMENT]

SCHEDULED = ("organisation", "service", "need")
"""Of the long schedule, these entities: two about nobody, and one that holds somebody's opinion."""


def told() -> dict[str, dict[str, Any]]:
    """Return what the example tells on the day, signed by all its parties."""
    dpia = load_dpia(EXAMPLE).model_copy(update={"sha256": DIGEST})
    lines = [line_of_party(dpia, party, signer_of(role_of(party))) for party in EVERYBODY]
    signoff = dpia.signoff.model_copy(update={"signatures": lines})
    with clock.frozen(NOW):
        return readings(dpia.model_copy(update={"signoff": signoff}), trust_of())


def short() -> dict[str, dict[str, Any]]:
    """Return the same with few entities in the schedule: all its parts, and not all its length."""
    said = told()
    flows = [
        {**flow, "entities": [each for each in flow["entities"] if each["entity"] in SCHEDULED]}
        for flow in said["sharing_schedule"]["flows"]
    ]
    return said | {"sharing_schedule": said["sharing_schedule"] | {"flows": flows}}


def written(folder: Path, said: dict[str, dict[str, Any]] | None = None) -> Path:
    """Return the folder with the documents in it, made on the day."""
    with clock.frozen(NOW):
        write_documents(Beside(folder, "Stockport (sample)", sample=True, linked=True), said or told())
    return folder

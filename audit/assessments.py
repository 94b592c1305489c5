"""What an assessment that is kept with the log says of a flow: to whom, what for, on which ground."""

from pathlib import Path
from typing import Any

from pydantic_core import from_json

from audit.kept import assessment_file

NOT_KEPT = "not kept with the log"


class Assessment:
    """One assessment by its digest, in its file's words; what is not there is said to be not kept."""

    def __init__(self, folder: Path, digest: str) -> None:
        path = assessment_file(folder, digest)
        self.kept = path.exists()
        self._said: dict[str, Any] = from_json(path.read_bytes()) if self.kept else {}

    @property
    def law_pack(self) -> str | None:
        """The dated law pack that the file was checked against, if it names one."""
        return self._said.get("lawPack")

    @property
    def waivers(self) -> list[dict[str, Any]]:
        """Which rules are set aside, until when; who approved it stands in the file."""
        kept = ("id", "rule", "expiresOn")
        return [{key: waiver.get(key) for key in kept} for waiver in self._said.get("waivers", [])]

    def flow(self, flow_id: str, source: str | None = None) -> dict[str, Any]:
        """Return title, recipient by name, purpose, basis and agreement of the flow.

        Given: `source` leaves the grounds of the recipient and of the party whose source it is: those of
               others would tell of services that a person's rows had no part in.
        """
        said = _named(self._said.get("flows", []), flow_id)
        to = said.get("to", {})
        party, purpose = said.get("to", {}).get("party"), said.get("purpose")
        bases = [_named(self._said.get("legalBases", []), basis) for basis in said.get("basis", [])]
        if source is not None:
            owners = {
                one.get("id") for one in self._said.get("parties", []) if source in one.get("sources", [])
            }
            bases = [basis for basis in bases if basis.get("party") in {party, *owners}]
        return {
            "title": said.get("title", NOT_KEPT),
            "recipient": _named(self._said.get("parties", []), party).get("name", party or NOT_KEPT),
            "endpoint": to.get("endpoint", NOT_KEPT),
            "key_id": to.get("keyId", NOT_KEPT),
            "purpose": _named(self._said.get("purposes", []), purpose).get("label", purpose or NOT_KEPT),
            "basis": [
                f"{basis.get('party')}: {basis.get('article6')}, {basis.get('provision')}" for basis in bases
            ],
            "agreement": said.get("agreement"),
        }

    def sources(self, flow_id: str) -> frozenset[str] | None:
        """Return the sources whose records the flow may carry; None where the assessment does not say."""
        said = _named(self._said.get("flows", []), flow_id).get("from")
        return None if said is None else frozenset(said)

    def agreement(self, name: str | None) -> dict[str, Any]:
        """Return the agreement of this id: its type, where it lies, how long it holds; empty if not there."""
        said = _named(self._said.get("agreements", []), name)
        return {
            key: said[key] for key in ("id", "type", "uri", "startDate", "endDate", "status") if key in said
        }

    def field(self, entity: str, name: str) -> dict[str, Any]:
        """Return how sensitive the field is, and which special categories it is of; empty if not there."""
        said = _named(self._said.get("dataSets", []), entity).get("fields", {}).get(name, {})
        return {key: said[key] for key in ("sensitivity", "specialCategory") if key in said}

    def released_as(self, flow_id: str, entity: str, name: str, treatment: str) -> str | None:
        """Return the field under which the recipient sees this one; None if the assessment is not kept."""
        if treatment != "generalise":
            return name
        decided = _named(self._said.get("flows", []), flow_id).get("fields", {}).get(entity, {})
        to = decided.get(name, {}).get("to")
        return None if to is None else str(to)

    def emptied_for_safety(self, flow_id: str, entity: str) -> set[str]:
        """Return the fields that a safety rule of the flow empties for the people or records it protects."""
        found: set[str] = set()
        for rule in self._said.get("safety", []):
            if flow_id in (rule.get("flows") or [flow_id]):
                found |= set(rule.get("effect", {}).get("redact", {}).get(entity, []))
        return found

    @property
    def parties(self) -> list[dict[str, Any]]:
        """Who takes part: name, role, the sources that are theirs, and whom to ask there."""
        kept = ("id", "name", "role", "sources", "contacts")
        return [{key: party[key] for key in kept if key in party} for party in self._said.get("parties", [])]

    @property
    def operators(self) -> list[dict[str, Any]]:
        """Who runs which host for whom, and who reads there."""
        kept = ("name", "does", "role", "onBehalfOf", "keyCustodian", "warehouseReaders")
        return [{key: one[key] for key in kept if key in one} for one in self._said.get("operators", [])]

    @property
    def risks(self) -> list[dict[str, Any]]:
        """The harms that were foreseen, with how likely and how severe they were judged."""
        kept = ("id", "harm", "subjects", "likelihood", "severity", "overall")
        return [{key: risk[key] for key in kept if key in risk} for risk in self._said.get("risks", [])]


def _named(blocks: list[dict[str, Any]], name: str | None) -> dict[str, Any]:
    """Return the block of this id, or an empty one."""
    return next((block for block in blocks if block.get("id") == name), {})

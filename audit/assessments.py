"""What an assessment that is kept with the log says of a flow: to whom, what for, on which ground."""

import json
from pathlib import Path
from typing import Any

from audit.kept import assessment_file

NOT_KEPT = "not kept with the log"


class Assessment:
    """One assessment by its digest, in its file's words; what is not there is said to be not kept."""

    def __init__(self, folder: Path, digest: str) -> None:
        path = assessment_file(folder, digest)
        self.kept = path.exists()
        self._said: dict[str, Any] = json.loads(path.read_bytes()) if self.kept else {}

    @property
    def law_pack(self) -> str | None:
        """The dated law pack that the file was checked against, if it names one."""
        return self._said.get("lawPack")

    @property
    def waivers(self) -> list[dict[str, Any]]:
        """Which rules are set aside, until when; who approved it stands in the file."""
        kept = ("id", "rule", "expiresOn")
        return [{key: waiver.get(key) for key in kept} for waiver in self._said.get("waivers", [])]

    def flow(self, flow_id: str) -> dict[str, Any]:
        """Return title, recipient by name, purpose, basis and agreement of the flow."""
        said = _named(self._said.get("flows", []), flow_id)
        to = said.get("to", {})
        party, purpose = said.get("to", {}).get("party"), said.get("purpose")
        bases = [_named(self._said.get("legalBases", []), basis) for basis in said.get("basis", [])]
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


def _named(blocks: list[dict[str, Any]], name: str | None) -> dict[str, Any]:
    """Return the block of this id, or an empty one."""
    return next((block for block in blocks if block.get("id") == name), {})

"""Who signed an assessment that the log keeps, as far as their keys are trusted here."""

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from audit.kept import assessment_file, signatures_of
from sealing.trust import Trust
from sharing import Dpia
from sharing.signing import judge


def signed_by(folder: Path, sha256: str, trust: Trust) -> list[dict[str, str | None]]:
    """Return whose signatures hold over the assessment of this digest; nobody's where it is not kept.

    Given: the log's folder, and the keys trusted here; those of before count as well, for it may be old.
    """
    kept, lists = assessment_file(folder, sha256), sorted(signatures_of(folder, sha256).glob("*.json"))
    if not kept.exists() or not lists:
        return []
    said: dict[str, Any] = json.loads(kept.read_bytes())
    entries = [entry for path in lists for entry in json.loads(path.read_bytes())]
    signoff = said.get("signoff", {}) | {"signatures": _each_once(entries)}
    try:
        dpia = Dpia.model_validate(said | {"signoff": signoff, "sha256": sha256, "path": kept})
    except ValidationError:
        return []
    return [signed.to_json() for signed in judge(dpia, trust, superseded=True).signed]


def _each_once(entries: list[Any]) -> list[Any]:
    return [entry for at, entry in enumerate(entries) if entry not in entries[:at]]

"""Who signed an assessment that the log keeps, as far as their keys are trusted here."""

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from audit.kept import assessment_file, signatures_file
from sealing.trust import Trust
from sharing import Dpia
from sharing.signing import judge


def signed_by(folder: Path, sha256: str, trust: Trust) -> list[dict[str, str | None]]:
    """Return whose signatures hold over the assessment of this digest; nobody's where it is not kept.

    Given: the log's folder, and the keys trusted here; those of before count as well, for it may be old.
    """
    kept, signatures = assessment_file(folder, sha256), signatures_file(folder, sha256)
    if not kept.exists() or not signatures.exists():
        return []
    said: dict[str, Any] = json.loads(kept.read_bytes())
    signoff = said.get("signoff", {}) | {"signatures": json.loads(signatures.read_bytes())}
    try:
        dpia = Dpia.model_validate(said | {"signoff": signoff, "sha256": sha256, "path": kept})
    except ValidationError:
        return []
    return [signed.to_json() for signed in judge(dpia, trust, superseded=True).signed]

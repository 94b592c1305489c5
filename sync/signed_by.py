"""Who signed an assessment that the log keeps, as far as their keys are trusted here."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from audit.kept import SIGNATURES, assessment_file, broken, signatures_of
from audit.reading import Reading
from sealing.trust import Trust
from sharing import Dpia
from sharing.signing import Judged, Needed, judge, needed
from sharing.signing.signers import controllers, needed_of_all


def signed_by(
    folder: Path, sha256: str, trust: Trust, only: Collection[str] | None = None
) -> list[dict[str, str | None]] | None:
    """Return whose signatures hold over the assessment of this digest; None where that is not known.

    It is not known of an assessment that is not kept, or that does not load here (an older form of file).
    Given: the log's folder, and the keys trusted here; those of before count as well, for it may be old; of
           the kept lists of signatures the names of those to be read, or all.
    """
    try:
        dpia = _assessment(folder, sha256, _entries(folder, sha256, only))
    except ValidationError:
        return None
    return [signed.to_json() for signed in _judge(dpia, trust).signed] if dpia else None


def hold_to_signatures(reading: Reading, trust: Trust) -> list[dict[str, Any]]:
    """Return, of each assessment that leaves name, oldest first, which of the signatures kept with it hold.

    Returns: sha256, version, `lists` kept, and `signed`, which is None where nothing can be judged: no list
             is kept (a log from before assessments were signed), or the assessment itself is not.
    Errors:  DisclosureLogBroken, for a signature that does not hold, a list that is gone though a run names
             it or an earlier assessment has one, and where whoever had to sign is no longer among who did.
    """
    named = {leaf["dpia"]["sha256"]: leaf["dpia"]["version"] for leaf in reading.leaves if "dpia" in leaf}
    found: list[dict[str, Any]] = []
    _hold_to_lists(reading)
    for sha256, version in named.items():
        kept = signatures_of(reading.folder, sha256)
        lists = sum(1 for _ in kept.glob("*"))
        if not lists and (kept.exists() or any(one["lists"] for one in found)):
            raise _gone(sha256, "nothing is kept any more, of who signed it")
        signed = _Kept(reading.folder, sha256, trust).signed() if lists else None
        found.append({"sha256": sha256, "version": version, "lists": lists, "signed": signed})
    return found


def ran_and_signed(folder: Path, sha256: str, trust: Trust) -> Dpia:
    """Return an assessment that ran, as it was kept with the log, for what it says of a flow that is gone.

    Given:  the log's folder, and the keys trusted here.
    Errors: DisclosureLogBroken, where it is not kept, its bytes are others than those of its digest, it is of
            a form that does not load here, or not all who had to have signed it.
    """
    kept = assessment_file(folder, sha256)
    content = kept.read_bytes() if kept.is_file() else b""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise broken(f"assessments/{sha256}: not kept, or not the bytes of its digest.")
    dpia = _readable(folder, sha256)
    if dpia is None:
        raise broken(f"assessments/{sha256}: of a form that cannot be read here any more.")
    if not _Kept(folder, sha256, trust).signed():
        raise _gone(sha256, "nothing is kept of who signed it")
    return dpia


def _hold_to_lists(reading: Reading) -> None:
    """Errors: DisclosureLogBroken, where a list that a run relied on is gone; each is named by its digest."""
    relied_on = {
        (leaf["dpia"]["sha256"], leaf["signatures"]) for leaf in reading.leaves if "signatures" in leaf
    }
    for sha256, name in sorted(relied_on):
        if not (signatures_of(reading.folder, sha256) / f"{name}.json").is_file():
            raise _gone(sha256, "a list on which a run relied is gone")


def _judge(dpia: Dpia, trust: Trust) -> Judged:
    """Return which signatures hold of a version that ran, as the log it is kept with says."""
    return judge(dpia, replace(trust, ran=trust.ran | {dpia.sha256}), superseded=True)


@dataclass(frozen=True)
class _Kept:
    """One assessment kept with the log, of which a list of signatures is kept as well."""

    folder: Path
    sha256: str
    trust: Trust

    def signed(self) -> list[dict[str, str | None]] | None:
        """Return whose signatures hold: all of them, and of all who had to. Errors: DisclosureLogBroken."""
        unsigned = _readable(self.folder, self.sha256)
        if unsigned is None:
            return None
        try:
            dpia = _assessment(self.folder, self.sha256, _entries(self.folder, self.sha256)) or unsigned
        except (ValidationError, ValueError, TypeError):
            raise _gone(self.sha256, "not a list of signatures") from None
        judged = _judge(dpia, self.trust)
        for why in judged.refused.values():
            raise _gone(self.sha256, why.removesuffix("."))
        before = _readable(self.folder, dpia.supersedes.sha256) if dpia.supersedes else None
        asked = _needed(before, dpia)
        alone = needed_of_all(dpia, before)
        if alone.lacking(judged.parties) and (lacking := asked.lacking(judged.parties)):
            raise _gone(self.sha256, asked.words(lacking).removesuffix("."))
        return [signed.to_json() for signed in judged.signed]


def _needed(before: Dpia | None, dpia: Dpia) -> Needed:
    """Return who had to sign: at the least any one, where the version it supersedes is not kept here."""
    if before is not None:
        return needed(before, dpia)
    if dpia.supersedes is None:
        return needed_of_all(dpia, None)
    return Needed(controllers(dpia), any_one=True, because="no version runs that nobody signed.")


def _readable(folder: Path, sha256: str) -> Dpia | None:
    """Return the assessment as its digest covers it; None where it is not kept, or of an older form."""
    try:
        return _assessment(folder, sha256, [])
    except ValidationError:
        return None


def _assessment(folder: Path, sha256: str, entries: list[Any]) -> Dpia | None:
    """Return the assessment of this digest with these signatures; None where it is not kept."""
    kept = assessment_file(folder, sha256)
    if not kept.exists():
        return None
    said: dict[str, Any] = json.loads(kept.read_bytes())
    signoff = said.get("signoff", {}) | {"signatures": entries}
    return Dpia.model_validate(said | {"signoff": signoff, "sha256": sha256, "path": kept})


def _entries(folder: Path, sha256: str, only: Collection[str] | None = None) -> list[Any]:
    """Return each entry once, of every list with which the assessment ran, or of those named."""
    every = sorted(signatures_of(folder, sha256).glob("*.json"))
    lists = every if only is None else [path for path in every if path.stem in only]
    entries = [entry for path in lists for entry in json.loads(path.read_bytes())]
    return [entry for at, entry in enumerate(entries) if entry not in entries[:at]]


def _gone(sha256: str, why: str) -> Exception:
    return broken(f"{SIGNATURES}/{sha256}: {why}.")

"""A statement of a run held to the log, and to the assessments and signatures that are kept with it."""

from json import dumps
from typing import Any

from audit.errors import ProofRefused
from audit.reading import Reading
from audit.statement import open_statement
from config.site import Site
from sealing.keys import load_verifier
from sealing.trust import read_trust
from sync.signed_by import signed_by
from sync.statement import assessments_of

Signers = list[dict[str, str | None]]


def held_statement(site: Site, content: bytes, reading: Reading, where: str) -> dict[str, Any]:
    """Return a statement that our key signed and that log and kept assessments bear out.

    Not held are how the run ended, what is lacking, and the name of the site: of those only the signature
    speaks. Errors: ProofRefused, with what of it is wrong.
    """
    said = open_statement(content, load_verifier("log", site.keys.public), reading, where)
    trust, told = read_trust(site.keys.public), said.get("assessments")
    kept = assessments_of(reading.folder, said["figures"]["flows"], trust)
    if not isinstance(told, dict) or _words(told) != _words(kept):
        raise ProofRefused(f"{where}: it does not tell what the assessments kept with the log say.")
    for digest, assessment in kept.items():
        least = signed_by(reading.folder, digest, trust, _relied_on(said, reading, digest))
        if not _fits(told[digest].get("signed"), least or [], assessment["signed"]):
            raise ProofRefused(f"{where}: it does not tell who signed assessment {digest}.")
    return said


def _words(assessments: dict[str, Any]) -> dict[str, Any]:
    """Return all of them but who signed, which may have become more since."""
    return {digest: said | {"signed": None} for digest, said in assessments.items() if isinstance(said, dict)}


def _relied_on(said: dict[str, Any], reading: Reading, digest: str) -> set[str]:
    """Return the lists of signatures on which runs had relied when the log had the statement's size."""
    leaves = (leaf for leaf in reading.leaves[: said["log"]["size"]] if "signatures" in leaf)
    return {leaf["signatures"] for leaf in leaves if leaf["dpia"]["sha256"] == digest}


def _fits(told: Any, least: Signers, most: Signers | None) -> bool:
    """Return whether those told are no fewer than had signed then, and no others than have by now.

    Given: nothing for `most` where the kept assessment cannot be read here: then nobody can say.
    """
    if most is None or not isinstance(told, list):
        return most is None
    then, said, now = ({dumps(one, sort_keys=True) for one in part} for part in (least, told, most))
    return then <= said <= now

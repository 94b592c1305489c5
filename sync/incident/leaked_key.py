"""What follows when a key is lost or seen by somebody else: which batches it reaches, and what it opens."""

from collections.abc import Iterable
from typing import Any

from config.site import Site
from sealing import keys
from sealing.errors import KeyUnusable
from sync.incident.scope import Part

READS = (
    "It opens sealed files: whoever holds its private part reads every file of these batches of which they"
    " have the sealed bytes, from the landing zone, a copy or a backup."
)
NAMES = (
    "It opens no file. Whoever holds it, a reference of the CRM and the rows in the warehouse works out which"
    " rows of this flow are that person's."
)
JOINS = (
    "It opens no file. Whoever holds it and a copy of var/state can ask of a reference they know whether"
    " something was sent about that person, and whether they are under the safety flag."
)
TESTS = (
    "It opens no file. Whoever holds it and the registers can ask of a reference or NHS number they know"
    " whether a choice of that person stands. How many entries there are, the run summary's `choices` say."
)
SIGNS = (
    "It opens nothing: nobody's data can be read with it. What it signed since it was lost proves nothing;"
    " compare the log with a checkpoint that a witness or an auditor kept before."
)
WORDS = {"council": READS, "memory": JOINS, "choices": TESTS}


def of_key(site: Site, role: str, batches: Iterable[Part]) -> tuple[list[Part], dict[str, Any]]:
    """Return the batches that the key reaches, and what may be said of it.

    Given:  a role, or the public part of a council's key as `age` writes it, which may be an older one.
    Errors: KeyUnusable for a role that nobody has.
    """
    if role.startswith("age1"):
        reached = [part for part in batches if part.leaf["recipient"] == role]
        return reached, {"role": "council", "public": role, "opens": READS, "reads_files": True}
    keys.form_of(role)
    known = {fact.role: fact for fact in keys.list_keys(site.keys.private, site.keys.public)}
    if role not in known:
        raise KeyUnusable(
            f"Role {role}: this site has no key of it.",
            remedy="See which there are: python run_sync.py keys list",
        )
    fact = known[role]
    said = {
        "role": role,
        "version": fact.version,
        "created_on": fact.created_on.isoformat(),
        "private_part_here": fact.has_private,
        "opens": WORDS.get(role, NAMES if role.startswith("pseudonym-") else SIGNS),
        "reads_files": role == "council",
    }
    return [part for part in batches if _reaches(role, fact.public, part)], said


def _reaches(role: str, public: str | None, part: Part) -> bool:
    if role == "council":
        return bool(part.leaf["recipient"] == public)
    if role.startswith("pseudonym-"):
        return bool(part.leaf["flow"] == role.removeprefix("pseudonym-"))
    return role == "memory"

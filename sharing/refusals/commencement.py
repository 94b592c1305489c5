"""Whether what the law pack holds was law on the first day; what nobody has read to be law counts as not."""

from collections.abc import Iterator
from datetime import date

from config.documents import Problem
from sharing.document import LegalBasis
from sharing.lawpacks import LawPack
from sharing.lawpacks.pack import Ground, InForce
from sharing.refusals.look import Look, Path


def refusals(look: Look, pack: LawPack) -> Iterator[Problem]:
    """Yield what is cited of Articles 9 and 10, Schedule 1 and Annex 2 and was not law on the first day."""
    for at, basis in enumerate(look.file.legal_bases):
        for known, path in _cited(basis, pack, ("legalBases", at)):
            day = look.file.validity.effective_from
            if known is not None and (why := why_not_in_force(known.called, known, day, pack.law_pack)):
                yield look.problem(why, *path)


def _cited(basis: LegalBasis, pack: LawPack, at: Path) -> Iterator[tuple[Ground | None, Path]]:
    """Yield each place that the basis cites beside its Article 6 and its provisions; None if unknown."""
    special, offence, further = basis.article9, basis.criminal_offence, basis.compatibility
    if special is not None:
        yield pack.article9.get(special.condition), (*at, "article9", "condition")
        yield pack.schedule1.get(special.schedule1 or ""), (*at, "article9", "schedule1")
    if offence is not None and offence.applies:
        yield pack.article10.get(offence.authority or ""), (*at, "criminalOffence", "authority")
    if further is not None:
        yield pack.annex2.get(further.annex2 or ""), (*at, "compatibility", "annex2")


def why_not_in_force(name: str, said: InForce, day: date, pack: str) -> str | None:
    """Return in words why it is no ground on that day; None where it is in force.

    Given: what it is called, what the law pack says of it, the file's first day, and the law pack's name.
    """
    if said.in_force_from is None:
        expected = said.commencement.expected_from
        told = f" (expected from {expected}, which opens nothing)" if expected else ""
        return (
            f"{name} counts as not in force: no commencement of it has been read for {pack}{told}. "
            "What makes it pass is a new dated law pack, in which somebody has read the regulations and "
            "gives their source, never a change of this assessment."
        )
    if day < said.in_force_from:
        return f"{name} is not in force on {day}: it begins {said.in_force_from}."
    if said.in_force_until is not None and day > said.in_force_until:
        return f"{name} is no longer in force on {day}."
    return None

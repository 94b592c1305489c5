"""Legal bases: who may rely on what, and what each ground demands."""

from collections.abc import Iterator

from config.documents import Problem
from sharing.document import Article9, LegalBasis
from sharing.refusals.look import Look
from sharing.vocabulary import (
    ARTICLE6,
    ARTICLE9,
    NEEDS_POLICY_DOCUMENT,
    NEEDS_SCHEDULE1,
    NOT_FOR_PUBLIC_TASKS,
    SCHEDULE1,
)

REQUEST_NEEDED = "uk:6-1-ea/annex1-para1"
PUBLIC_TASK = "uk:6-1-e"
SECRECY_NEEDED = "gdpr:A9-2-h"


def refusals(look: Look) -> Iterator[Problem]:
    """Yield what is wrong with the legal bases."""
    for at, basis in enumerate(look.file.legal_bases):
        yield from look.unknown("party", basis.party, look.parties, "legalBases", at, "party")
        yield from look.unknown("Article 6 basis", basis.article6, ARTICLE6, "legalBases", at, "article6")
        yield from _who(look, at, basis)
        yield from _request(look, at, basis)
        if basis.article9 is not None:
            yield from _special(look, at, basis.article9)


def _who(look: Look, at: int, basis: LegalBasis) -> Iterator[Problem]:
    party = look.parties.get(basis.party)
    if party is None:
        return
    path = ("legalBases", at, "article6")
    if party.public_authority and basis.article6 in NOT_FOR_PUBLIC_TASKS:
        ground = ARTICLE6[basis.article6]
        yield look.problem(f"{party.id} is a public authority: {ground} is barred for its tasks.", *path)
    if not party.public_authority and basis.article6 == PUBLIC_TASK and party.function is None:
        words = f"{party.id} cannot borrow the council's public task: name a function of its own in law."
        yield look.problem(words, *path)


def _request(look: Look, at: int, basis: LegalBasis) -> Iterator[Problem]:
    if basis.article6 == REQUEST_NEEDED and basis.request is None:
        yield look.problem(f"{basis.id}: this basis needs the public body's request.", "legalBases", at)
    if basis.request is None:
        return
    path = ("legalBases", at, "request", "requestedBy")
    yield from look.unknown("party", basis.request.requested_by, look.parties, *path)
    asking = look.parties.get(basis.request.requested_by)
    if asking is not None and not asking.public_authority:
        yield look.problem(f"{asking.id} is no public authority and cannot make this request.", *path)


def _special(look: Look, at: int, ground: Article9) -> Iterator[Problem]:
    path = ("legalBases", at, "article9")
    yield from look.unknown("Article 9 condition", ground.condition, ARTICLE9, *path, "condition")
    if ground.schedule1 is not None:
        yield from look.unknown("Schedule 1 paragraph", ground.schedule1, SCHEDULE1, *path, "schedule1")
    if ground.condition in NEEDS_SCHEDULE1 and ground.schedule1 is None:
        yield look.problem(f"{ground.condition} needs a condition of Schedule 1.", *path)
    if ground.condition in NEEDS_POLICY_DOCUMENT and ground.apd is None:
        yield look.problem(f"{ground.condition} needs an appropriate policy document.", *path)
    if ground.condition == SECRECY_NEEDED and ground.secrecy is None:
        yield look.problem(f"{ground.condition} needs to say who owes secrecy (Article 9(3)).", *path)

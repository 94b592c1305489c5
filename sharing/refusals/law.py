"""Legal bases: who may rely on what, and what each ground demands."""

from collections.abc import Iterator

from config.documents import Problem
from sharing.document import LegalBasis, Party
from sharing.lawpacks import LawPack
from sharing.lawpacks.pack import Basis
from sharing.refusals.commencement import why_not_in_force
from sharing.refusals.look import Look

AT_REQUEST = "uk:6-1-ea/annex1-para1"
LEGAL_OBLIGATION = "uk:6-1-c"


def refusals(look: Look, pack: LawPack) -> Iterator[Problem]:
    """Yield what is wrong with the legal bases."""
    for at, basis in enumerate(look.file.legal_bases):
        yield from look.unknown("party", basis.party, look.parties, "legalBases", at, "party")
        yield from _private_life(look, at, basis)
        party, ground = look.parties.get(basis.party), pack.article6.get(basis.article6)
        if ground is None:
            continue
        day = look.file.validity.effective_from
        if why := why_not_in_force(ground.called, ground, day, pack.law_pack):
            yield look.problem(why, "legalBases", at, "article6")
        if party is not None and not kinds(party) & set(ground.who):
            yield _barred(look, at, party, ground)
            continue
        yield from _shown(look, at, basis, ground)
        yield from _request(look, at, basis)
        yield from _standing(look, at, basis, ground)


def _private_life(look: Look, at: int, basis: LegalBasis) -> Iterator[Problem]:
    """Yield the basis of which its own author says that it takes more of private life than it may."""
    said = basis.human_rights_art8
    for key, holds in (
        ("necessary", said is None or said.necessary),
        ("proportionate", said is None or said.proportionate),
    ):
        if not holds:
            words = f"{basis.id}: what is not {key} may not be taken of private life"
            text = f"{words} (Human Rights Act 1998 s.6; ECHR Article 8(2))."
            yield look.problem(text, "legalBases", at, "humanRightsArt8", key)


def kinds(party: Party) -> frozenset[str]:
    """Return what a party is when a basis asks who may rely on it."""
    if party.public_authority:
        return frozenset({"public_authority"})
    return frozenset({"other_body"} | ({"body_with_function"} if party.function else set()))


def _barred(look: Look, at: int, party: Party, ground: Basis) -> Problem:
    path = ("legalBases", at, "article6")
    if party.public_authority:
        words = f"{party.id} is a public authority: {ground.name} is barred for its tasks ({ground.law})."
    else:
        words = (
            f"{party.id} cannot borrow the council's public task: name a function of its own in law "
            f"({ground.law} and 6(3))."
        )
    return look.problem(words, *path)


def _shown(look: Look, at: int, basis: LegalBasis, ground: Basis) -> Iterator[Problem]:
    """Yield the evidence that the basis needs and that is not stated."""
    path = ("legalBases", at)
    for need in ground.needs:
        if need == "provision" and _lacks_provision(look, basis):
            words = (
                f"{basis.id}: {ground.name} needs its provision in law, under 'law' ({ground.law} and 6(3))."
            )
            yield look.problem(words, *path)
        elif need == "necessity_note" and basis.necessity_note is None:
            yield look.problem(f"{basis.id}: {ground.name} needs a necessityNote ({ground.law}).", *path)
        elif need == "interests_assessment" and basis.interests_assessment is None:
            words = f"{basis.id}: {ground.name} needs its interestsAssessment ({ground.law})."
            yield look.problem(words, *path)
        elif need == "named_interest":
            yield from _unnamed(look, at, basis)
        elif need == "withdrawal_register":
            yield from without_withdrawals(look, at, basis, ground.law)


def _unnamed(look: Look, at: int, basis: LegalBasis) -> Iterator[Problem]:
    """Yield the flows whose people are not told on which interest the party relies."""
    for flow in look.file.flows:
        notices = [
            each
            for each in look.file.transparency.privacy_notices
            if each.party == basis.party and flow.id in each.covers
        ]
        named = {code for each in notices for code in each.names_interests}
        if basis.id in flow.basis and notices and basis.article6 not in named:
            words = (
                f"{basis.id}: the privacy notice of {basis.party} for {flow.id} must name the interest, "
                "under namesInterests (UK GDPR Articles 13(1)(d) and 14(2)(b))."
            )
            yield look.problem(words, "legalBases", at, "article6")


def without_withdrawals(look: Look, at: int, basis: LegalBasis, law: str) -> Iterator[Problem]:
    """Yield the flows that stand on consent and ask no register of withdrawals."""
    for flow in look.file.flows:
        if basis.id in flow.basis and not look.stops(flow, "consent_withdrawn"):
            words = (
                f"{basis.id}: consent needs a register of withdrawals: personStops, type consent_withdrawn, "
                f"over {flow.id} ({law}, Article 7(3))."
            )
            yield look.problem(words, "legalBases", at, "article6")


def _lacks_provision(look: Look, basis: LegalBasis) -> bool:
    party = look.parties.get(basis.party)
    own = party is not None and not party.public_authority and party.function is not None
    return not basis.law and (basis.article6 == LEGAL_OBLIGATION or not own)


def _request(look: Look, at: int, basis: LegalBasis) -> Iterator[Problem]:
    law = "UK GDPR Annex 1 paragraph 1"
    if basis.article6 == AT_REQUEST and basis.request is None:
        yield look.problem(
            f"{basis.id}: this basis needs the public body's request ({law}).", "legalBases", at
        )
    if basis.request is None:
        return
    path = ("legalBases", at, "request")
    yield from look.unknown("party", basis.request.requested_by, look.parties, *path, "requestedBy")
    asking = look.parties.get(basis.request.requested_by)
    if asking is not None and not asking.public_authority:
        words = f"{asking.id} is no public authority and cannot make this request ({law}(b))."
        yield look.problem(words, *path, "requestedBy")
    if not basis.request.states_public_task:
        words = f"{basis.id}: the request must state a need for a public task with a basis in law ({law}(b))."
        yield look.problem(words, *path, "statesPublicTask")
    if basis.request.requested_on > look.file.validity.effective_from:
        words = f"{basis.id}: the request is dated after effectiveFrom ({law})."
        yield look.problem(words, *path, "requestedOn")


def _standing(look: Look, at: int, basis: LegalBasis, ground: Basis) -> Iterator[Problem]:
    used = [flow.id for flow in look.file.flows if basis.id in flow.basis]
    if used and not ground.standing:
        words = (
            f"{basis.id}: {ground.name} is for one occasion, never for a feed like {used[0]} ({ground.law})."
        )
        yield look.problem(words, "legalBases", at, "article6")

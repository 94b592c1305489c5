"""Special category data and data about offences: condition, paragraph, policy document, tests, authority."""

from collections.abc import Iterator

from config.documents import Problem
from sharing.document import Article9, FlowBlock, LegalBasis, PolicyDocument
from sharing.lawpacks import LawPack
from sharing.refusals.law import without_withdrawals
from sharing.refusals.look import Look, Path, shown
from sharing.vocabulary import Classification

POLICY = "DPA 2018 Schedule 1 paragraphs 38 and 39"


def refusals(look: Look, pack: LawPack) -> Iterator[Problem]:
    """Yield what is wrong with the conditions, and the fields that leave without one."""
    for at, basis in enumerate(look.file.legal_bases):
        if basis.article9 is not None:
            yield from _condition(look, pack, at, basis, basis.article9)
        yield from _tests(look, pack, at, basis)
        yield from _offence(look, pack, at, basis)
    for at, flow in enumerate(look.file.flows):
        for path, name, said in shown(look, at, flow):
            if said.sensitivity is Classification.SPECIAL:
                yield from _without_condition(look, path, flow, name)
            if said.sensitivity is Classification.OFFENCE:
                yield from _without_authority(look, path, flow, name)


def _condition(look: Look, pack: LawPack, at: int, basis: LegalBasis, ground: Article9) -> Iterator[Problem]:
    path: Path = ("legalBases", at, "article9")
    known = pack.article9.get(ground.condition)
    if known is None:
        return
    if known.schedule1 and ground.schedule1 is None:
        yield look.problem(f"{ground.condition} needs a condition of Schedule 1 ({known.law}).", *path)
    elif ground.schedule1 in pack.schedule1 and ground.schedule1 not in known.schedule1:
        words = f"{ground.schedule1} is no condition under {ground.condition} ({known.law})."
        yield look.problem(words, *path, "schedule1")
    if "secrecy" in known.needs and ground.secrecy is None:
        yield look.problem(f"{ground.condition} needs to say who owes secrecy (Article 9(3)).", *path)
    if "withdrawal_register" in known.needs:
        yield from without_withdrawals(look, at, basis, known.law)
    paragraph = pack.schedule1.get(ground.schedule1 or "")
    if paragraph is not None and paragraph.policy_document:
        yield from _policy(look, path, paragraph.law, ground.apd)


def _policy(look: Look, path: Path, law: str, document: PolicyDocument | None) -> Iterator[Problem]:
    if document is None:
        yield look.problem(f"{law} needs an appropriate policy document ({POLICY}).", *path)
    elif document.review_by < look.file.validity.effective_from and not _waived(look, path):
        words = f"the policy document was due for review before effectiveFrom ({POLICY})."
        yield look.problem(words, *path, "apd", "reviewBy")


def _waived(look: Look, path: Path) -> bool:
    """Return whether a waiver names this policy document's day; whether it may is asked of the waiver."""
    basis = look.file.legal_bases[int(path[1])].id
    return any(waiver.rule == f"legalBases/{basis}/article9/apd/reviewBy" for waiver in look.file.waivers)


def _tests(look: Look, pack: LawPack, at: int, basis: LegalBasis) -> Iterator[Problem]:
    paragraph = pack.schedule1.get(basis.article9.schedule1 or "") if basis.article9 else None
    asked = paragraph.tests if paragraph else []
    for name in basis.tests:
        yield from look.unknown("test of this condition", name, asked, "legalBases", at, "tests", name)
    for name in asked:
        if paragraph is not None and name not in basis.tests:
            words = f"{basis.id}: {paragraph.law} asks for {name}; answer it under tests."
            yield look.problem(words, "legalBases", at, "article9")


def _offence(look: Look, pack: LawPack, at: int, basis: LegalBasis) -> Iterator[Problem]:
    said = basis.criminal_offence
    if said is None or not said.applies:
        return
    path: Path = ("legalBases", at, "criminalOffence")
    if said.authority is None:
        yield look.problem(f"{basis.id}: data about offences need an authority (UK GDPR Article 10).", *path)
    known = pack.article10.get(said.authority or "")
    if known is not None and known.policy_document:
        yield from _policy(look, path, known.law, basis.article9.apd if basis.article9 else None)


def _without_condition(look: Look, path: Path, flow: FlowBlock, name: str) -> Iterator[Problem]:
    lacking = [basis.id for basis in look.grounds(flow) if basis.article9 is None]
    if lacking:
        words = (
            f"{name} is special category data: {', '.join(lacking)} has no Article 9 condition "
            "(UK GDPR Article 9(1))."
        )
        yield look.problem(words, *path)


def _without_authority(look: Look, path: Path, flow: FlowBlock, name: str) -> Iterator[Problem]:
    lacking = [
        basis.id
        for basis in look.grounds(flow)
        if basis.criminal_offence is None or not basis.criminal_offence.applies
    ]
    if lacking:
        words = (
            f"{name} is criminal offence data, allegations included: {', '.join(lacking)} has no authority "
            "(UK GDPR Article 10, DPA 2018 s.11(2))."
        )
        yield look.problem(words, *path)

"""Provisions: in force on the first day, conferred on who cites them, their own demands met."""

from collections.abc import Iterator

from config.documents import Problem
from sharing.document import LegalBasis
from sharing.lawpacks import LawPack
from sharing.lawpacks.pack import Provision
from sharing.refusals.commencement import why_not_in_force
from sharing.refusals.look import Look, Path

OWN_FUNCTIONS = frozenset({"uk:6-1-c", "uk:6-1-e"})
"""Bases under which a party cites what the law lays on itself; elsewhere it may cite another's function."""


def refusals(look: Look, pack: LawPack) -> Iterator[Problem]:
    """Yield what is wrong with the provisions that the legal bases cite."""
    for at, basis in enumerate(look.file.legal_bases):
        cited: list[tuple[str, Path]] = [
            *((code, ("legalBases", at, "law", number)) for number, code in enumerate(basis.law)),
            *(
                (code, ("legalBases", at, "confidentiality", "law", number))
                for number, code in enumerate(basis.confidentiality.law)
            ),
        ]
        for code, path in cited:
            known = pack.provisions.get(code)
            if known is not None:
                day = look.file.validity.effective_from
                if why := why_not_in_force(known.called, known, day, pack.law_pack):
                    yield look.problem(why, *path)
                yield from _party(look, path, basis, known)
                yield from _needs(look, path, basis, known)


def _party(look: Look, path: Path, basis: LegalBasis, known: Provision) -> Iterator[Problem]:
    party = look.parties.get(basis.party)
    if party is None:
        return
    if known.children_act2004 and party.children_act2004 not in known.children_act2004:
        words = (
            f"{party.id} is none of those whom {known.name} names: its childrenAct2004 is none (s.16LA(4))."
        )
        yield look.problem(words, *path)
    kind = "public_authority" if party.public_authority else "other_body"
    if basis.article6 in OWN_FUNCTIONS and kind not in known.conferred_on:
        words = f"{known.name} lays nothing on {party.id}: it is no ground of its own (UK GDPR Article 6(3))."
        yield look.problem(words, *path)


def _needs(look: Look, path: Path, basis: LegalBasis, known: Provision) -> Iterator[Problem]:
    if "relevance" in known.needs and basis.relevance is None:
        words = (
            f"{basis.id}: {known.name} needs its relevance decision, per case or per cohort (s.16LA(1)(b))."
        )
        yield look.problem(words, *path)
    silent = [flow.id for flow in look.file.flows if basis.id in flow.basis and flow.decision_on_duty is None]
    if "decision_record" in known.needs and silent:
        words = f"{silent[0]}: say under decisionOnDuty that a decision not to share is recorded (s.16LA(3))."
        yield look.problem(words, *path)
    if "board_request" in known.needs and basis.request is None:
        yield look.problem(f"{basis.id}: {known.name} needs the board's request.", *path)

"""On which ground in law a party stands, in words, and what of it a lawyer must still confirm."""

from collections.abc import Iterator
from typing import Any

from sharing.document import FlowBlock, LegalBasis
from sharing.lawpacks.pack import InForce, Statement
from sharing.telling.opened import Opened
from sharing.telling.said import GATEWAYS

DAY_INFERRED = "day inferred"


def inferred_from(said: Statement) -> str | None:
    """Return from what its first day was inferred; None where it was read, or where it has none."""
    return said.commencement.source if isinstance(said, InForce) and said.day_inferred else None


def basis_said(opened: Opened, basis: LegalBasis) -> dict[str, Any]:
    """Return one party's ground in law: its basis, condition, authority, gateway and evidence, in words."""
    ground = opened.pack.article6[basis.article6]
    return {
        "basis": basis.id,
        "party": basis.party,
        "name": opened.name(basis.party),
        "article6": ground.name,
        "law": ground.law,
        "provision": basis.provision,
        **_conditions(opened, basis),
        "gateway": GATEWAYS[basis.confidentiality.gateway.value],
        "gateway_provision": basis.confidentiality.provision,
        "evidence": _evidence(basis),
        "rights": ground.rights.model_dump(),
        "confirm_with_lawyer": basis.confirm_with_lawyer,
        "to_confirm": [
            name + (f" ({DAY_INFERRED})" if inferred_from(said) else "")
            for _, name, said in cited(opened, basis)
            if said.confirm_with_lawyer
        ],
    }


def _conditions(opened: Opened, basis: LegalBasis) -> dict[str, Any]:
    special, offence, pack = basis.article9, basis.criminal_offence, opened.pack
    paragraph = pack.schedule1.get(special.schedule1 or "") if special else None
    authority = pack.article10.get(offence.authority or "") if offence and offence.applies else None
    return {
        "article9": pack.article9[special.condition].name if special else None,
        "article9_law": pack.article9[special.condition].law if special else None,
        "schedule1": paragraph.name if paragraph else None,
        "schedule1_law": paragraph.law if paragraph else None,
        "secrecy": special.secrecy if special else None,
        "policy_document": special.apd.model_dump() if special and special.apd else None,
        "article10": authority.name if authority else None,
        "article10_law": authority.law if authority else None,
    }


def _evidence(basis: LegalBasis) -> list[dict[str, Any]]:
    """Return the documents and notes that the basis rests on, each with its digest where it has one."""
    found: list[dict[str, Any]] = []
    if basis.request:
        asked = basis.request
        words = f"request of {asked.requested_on} under {asked.provision}"
        found.append({"what": words, "uri": asked.uri, "sha256": asked.sha256})
    if basis.interests_assessment:
        found.append({"what": "legitimate interests assessment", **basis.interests_assessment.model_dump()})
    if basis.necessity_note:
        found.append({"what": basis.necessity_note, "uri": None, "sha256": None})
    if basis.human_rights_art8:
        words = f"private life (ECHR Article 8) weighed in {basis.human_rights_art8.ref}"
        found.append({"what": words, "uri": None, "sha256": None})
    return found


def cited(opened: Opened, basis: LegalBasis) -> Iterator[tuple[str, str, Statement]]:
    """Yield what the basis cites of the law pack: its code, its name, and what the pack says of it."""
    pack, special, offence = opened.pack, basis.article9, basis.criminal_offence
    ground = pack.article6[basis.article6]
    yield basis.article6, ground.law, ground
    if special:
        condition = pack.article9[special.condition]
        yield special.condition, condition.law, condition
        if special.schedule1:
            yield special.schedule1, pack.schedule1[special.schedule1].law, pack.schedule1[special.schedule1]
    if offence and offence.applies and offence.authority:
        yield offence.authority, pack.article10[offence.authority].law, pack.article10[offence.authority]
    for code in dict.fromkeys([*basis.law, *basis.confidentiality.law]):
        yield code, pack.provisions[code].name, pack.provisions[code]
    if basis.compatibility and basis.compatibility.annex2:
        further = pack.annex2[basis.compatibility.annex2]
        yield basis.compatibility.annex2, further.law, further


def bases_of(opened: Opened, flow: FlowBlock) -> list[dict[str, Any]]:
    """Return the grounds of every party of a flow, in the order in which the flow names them."""
    return [basis_said(opened, basis) for basis in opened.look.grounds(flow)]

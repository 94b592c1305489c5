"""A flow in words: what reports, the log and a reader at a desk are told of it. No record is involved."""

from typing import Any

from canonical import spec
from sharing.disclosure_control import control_of
from sharing.document import FlowBlock
from sharing.dpia import Dpia
from sharing.lawpacks import law_pack
from sharing.retention import terms_of
from sharing.vocabulary import Action


def describe(dpia: Dpia, flow: FlowBlock) -> dict[str, Any]:
    """Return what the flow shares, of whom, with whom, for what, on which bases, and why field by field."""
    parties = {party.id: party.name for party in dpia.parties}
    purpose = next(each for each in dpia.purposes if each.id == flow.purpose)
    return {
        "flow": flow.id,
        "title": flow.title,
        "sources": list(flow.sources),
        "recipient": parties[flow.to.party],
        "endpoint": flow.to.endpoint,
        "key_id": flow.to.key_id,
        "purpose": purpose.label,
        "not_for": list(purpose.not_for),
        "basis": [_basis(dpia, basis, parties) for basis in flow.basis],
        "identifiability": flow.identifiability.value,
        "cohort": flow.cohort,
        "where": dict(flow.where),
        "fields": {entity: _fields(flow, entity) for entity in flow.fields},
        "left_behind": {entity: _left_behind(flow, entity) for entity in flow.fields},
        "safety": [
            {"rule": rule.id, "title": rule.title, "why": rule.why}
            for rule in dpia.safety
            if rule.flows is None or flow.id in rule.flows
        ],
        "retention": terms_of(dpia, flow),
        "disclosure_control": control_of(dpia, flow),
        "dpia": {"id": dpia.id, "version": dpia.version, "sha256": dpia.sha256},
    }


def lines(said: dict[str, Any]) -> list[str]:
    """Return a described flow as plain-English lines."""
    found = [
        f"{said['title']}.",
        f"To {said['recipient']}, for: {said['purpose']}. Not for: {', '.join(said['not_for'])}.",
        f"From {', '.join(said['sources'])}; people: {said['cohort']}; {said['identifiability']}.",
        *[f"On: {basis}." for basis in said["basis"]],
    ]
    for entity, fields in said["fields"].items():
        found.append(f"Of each {entity.replace('_', ' ')}:")
        found += [f"  {_in_words(each)}: {each['why']}" for each in fields]
        kept = [each["field"] for each in said["left_behind"][entity]]
        found += [f"  Stays behind: {', '.join(kept)}."] if kept else []
    return found


def _in_words(field: dict[str, str]) -> str:
    shown = {
        Action.DISCLOSE.value: "{field} as it is",
        Action.GENERALISE.value: "{field} only as {to}",
        Action.PSEUDONYMISE.value: "{field} as a keyed pseudonym",
    }
    return shown[field["treatment"]].format(**field)


def _basis(dpia: Dpia, basis_id: str, parties: dict[str, str]) -> str:
    basis = next(each for each in dpia.legal_bases if each.id == basis_id)
    pack = law_pack(dpia.law_pack)
    special = f"; {pack.article9[basis.article9.condition].name} (Art. 9)" if basis.article9 else ""
    return f"{parties[basis.party]}: {pack.article6[basis.article6].name} ({basis.provision}){special}"


def _fields(flow: FlowBlock, entity: str) -> list[dict[str, str]]:
    decided = flow.decisions(entity)
    return [
        {
            "field": name,
            "treatment": decided[name].action.value,
            "to": decided[name].to or "",
            "why": decided[name].why,
        }
        for name in spec(entity).fields
        if name in decided and decided[name].action is not Action.DROP
    ]


def _left_behind(flow: FlowBlock, entity: str) -> list[dict[str, str]]:
    decided = flow.decisions(entity)
    return [
        {"field": name, "why": decided[name].why}
        for name in spec(entity).fields
        if name in decided and decided[name].action is Action.DROP
    ]

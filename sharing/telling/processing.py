"""The record of processing (UK GDPR Article 30), per controller and per processor.

Article 30(1)(a) to (g) for controllers, 30(2)(a) to (d) for processors, and what DPA 2018 Schedule 1
paragraph 41 adds where a condition of that Schedule is relied on.
What the file has no key for is None or empty: not said.
"""

from collections.abc import Mapping
from typing import Any

from sharing.document import FlowBlock, Operator, Party
from sharing.telling.heading import heading
from sharing.telling.law import basis_said
from sharing.telling.observed import Observed, held_against
from sharing.telling.opened import Opened
from sharing.telling.people import categories, special_terms, subjects
from sharing.telling.retained import terms_of_flow, terms_of_viaduct
from sharing.telling.said import DOES, KEYS_OF, every, period
from sharing.vocabulary import Role

CONTROLLERS = frozenset({Role.CONTROLLER, Role.JOINT_CONTROLLER})


def record_of_processing(opened: Opened, seen: Mapping[str, Observed] | None = None) -> dict[str, Any]:
    """Return the record of every controller and every processor that the file names.

    Given: what was observed of each flow; None where nothing was looked at, or could be read.
    """
    declared = {flow.id: held_against(opened, flow, (seen or {}).get(flow.id)) for flow in opened.flows}
    return {
        "assessment": heading(opened),
        "controllers": [
            _controller(opened, party) for party in opened.dpia.parties if party.role in CONTROLLERS
        ],
        "processors": [
            *[_processor(opened, each) for each in opened.dpia.operators if each.role is Role.PROCESSOR],
            *[_party_processor(opened, party) for party in opened.dpia.parties if _processes(party)],
        ],
        "transfers": _transfers(opened),
        "security": security(opened),
        "kept_by_viaduct": terms_of_viaduct(opened),
        "looked_at": seen is not None,
        "observed": declared,
    }


def _processes(party: Party) -> bool:
    return party.role in {Role.PROCESSOR, Role.SUB_PROCESSOR}


def _controller(opened: Opened, party: Party) -> dict[str, Any]:
    joint = [
        other.name
        for other in opened.dpia.parties
        if other.role is Role.JOINT_CONTROLLER and other.id != party.id and party.role is other.role
    ]
    return {
        **_who(opened, party),
        "joint_controllers": joint,
        "representative": None,
        "processors": _working_for(opened, party, Role.PROCESSOR),
        "own_teams": _working_for(opened, party, Role.CONTROLLER),
        "activities": [
            _activity(opened, party, flow) for flow in opened.flows if party.id in opened.involved(flow)
        ],
    }


def _working_for(opened: Opened, party: Party, role: Role) -> list[str]:
    return [
        each.name for each in opened.dpia.operators if each.role is role and party.id in each.on_behalf_of
    ]


def _who(opened: Opened, party: Party) -> dict[str, Any]:
    identifiers = party.identifiers.model_dump(exclude_none=True)
    return {
        "party": party.id,
        "name": party.name,
        "role": party.role.value,
        "public_authority": party.public_authority,
        "identifiers": identifiers,
        "contact": opened.dpia.rights.answered_by.get(party.id),
        "data_protection_officer": party.contacts.get("dpo"),
    }


def _activity(opened: Opened, party: Party, flow: FlowBlock) -> dict[str, Any]:
    purpose = opened.look.purposes[flow.purpose]
    own = [basis for basis in opened.look.grounds(flow) if basis.party == party.id]
    return {
        "flow": flow.id,
        "title": flow.title,
        "part": "receives" if party.id == flow.to.party else "gives",
        "purpose": purpose.label,
        "not_for": list(purpose.not_for),
        "about": subjects(opened, flow),
        "data": categories(opened, flow),
        "special_categories": special_terms(opened, flow),
        "special_category": bool(opened.special(flow)),
        "criminal_offence": opened.offence(flow),
        "recipient": opened.name(flow.to.party),
        "how_often": every(flow.schedule.frequency),
        "retention": terms_of_flow(opened, flow),
        "bases": [basis_said(opened, basis) for basis in own],
    }


def _processor(opened: Opened, operator: Operator) -> dict[str, Any]:
    contract = operator.article28
    return {
        "name": operator.name,
        "contact": None,
        "data_protection_officer": None,
        "for": [_who(opened, opened.look.parties[party]) for party in operator.on_behalf_of],
        "does": [DOES[each] for each in operator.does],
        "contract": contract.contract if contract else None,
        "signed_on": contract.signed_on if contract else None,
        "key_custodian": operator.key_custodian,
    }


def _party_processor(opened: Opened, party: Party) -> dict[str, Any]:
    told = _who(opened, party)
    return {
        "name": told["name"],
        "contact": told["contact"],
        "data_protection_officer": told["data_protection_officer"],
        "for": [],
        "does": [],
        "contract": None,
        "signed_on": None,
        "key_custodian": None,
    }


def _transfers(opened: Opened) -> dict[str, Any]:
    transfers = opened.dpia.transfers
    return {"outside_uk": transfers.outside_uk, "safeguards": list(transfers.safeguards)}


def security(opened: Opened) -> list[str]:
    """Return how data are kept unreadable to others, in sentences (Article 32(1))."""
    dpia, sealed = opened.dpia, opened.dpia.encryption
    found = [
        "What leaves is encrypted (age) to the recipient's key before it is laid down; its list is signed.",
        f"A key serves {period(sealed.key_max_age)} at the most; an older one is refused.",
        "No value of a record stands in a log, an error or a report.",
    ]
    for name, profile in dpia.pseudonyms.items():
        words = f"Pseudonyms under {name} are keyed digests; a key serves {period(profile.rotation)}."
        found.append(words)
    found += [
        f"The keys at {each.name} ({keys_at(each)}) are kept by: {each.key_custodian}."
        for each in dpia.operators
        if each.key_custodian
    ]
    return [
        *found,
        *[f"{measure.title} ({measure.id})." for measure in dpia.measures if measure.approved],
    ]


def keys_at(operator: Operator) -> str:
    """Return in words which keys are kept at the operator; nothing where there are none."""
    return "; ".join(KEYS_OF[part] for part in operator.does if part in KEYS_OF)

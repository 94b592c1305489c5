"""The public register of data uses: what the public may know of each flow, and nothing that finds a person.

Left out on purpose: safety rules, conditions, fields, hosts, keys, custodians, readers, owners of measures,
and every contact that is not the point to which the file sends the public.
"""

import re
from typing import Any

from sharing.document import FlowBlock
from sharing.refusals.stops import may_object
from sharing.telling.counted import counts_of
from sharing.telling.heading import heading
from sharing.telling.law import bases_of
from sharing.telling.opened import Opened
from sharing.telling.people import categories, objections, special_terms, subjects
from sharing.telling.retained import kept_for
from sharing.telling.said import FLOW_STATES, IDENTIFIABLE, STOPS, every

PUBLIC = (
    "id",
    "title",
    "version",
    "sha256",
    "today",
    "in_force",
    "effective_from",
    "review_by",
    "expires_on",
)
EARLIER = ("version", "effective_from", "expires_on")
GROUND = (
    "name",
    "article6",
    "law",
    "provision",
    "article9",
    "article9_law",
    "schedule1",
    "schedule1_law",
    "article10",
    "article10_law",
    "gateway",
    "gateway_provision",
    "confirm_with_lawyer",
)
CONTACT_POINT = re.compile(r"https?://\S+|[^@\s]+@[^@\s]+\.[^@\s]+|\+?[0-9][0-9 ()-]{6,}[0-9]")
POSTCODE = re.compile(
    r"\b(?:[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}|(?i:[A-Z]{1,2}[0-9][A-Z0-9]? +[0-9][A-Z]{2}))\b"
)
LEFT_OUT = "(left out: it looks like an address)"
REGULATOR = "https://ico.org.uk/make-a-complaint/"


def public_register(opened: Opened) -> dict[str, Any]:
    """Return the register, or that it is not published where `transparency.publishRegister` says so.

    Note: whatever somebody wrote into the file with a postcode in it is left out, and is said to be.
    """
    told: dict[str, Any] = without_places(_register(opened))
    return told


def without_places(node: Any) -> Any:
    """Return the same with every text replaced that holds a postcode."""
    if isinstance(node, dict):
        return {key: without_places(value) for key, value in node.items()}
    if isinstance(node, list):
        return [without_places(each) for each in node]
    return LEFT_OUT if isinstance(node, str) and POSTCODE.search(node) else node


def _register(opened: Opened) -> dict[str, Any]:
    head = heading(opened)
    signed = list(dict.fromkeys(each["organisation"] for each in head["signed_by"]))
    public = {**{key: head[key] for key in PUBLIC}, "signed_by": signed}
    if not opened.dpia.transparency.publish_register:
        return {"assessment": public, "published": False, "uses": []}
    complaints = opened.dpia.complaints
    return {
        "assessment": public | {"earlier": [{key: each[key] for key in EARLIER} for each in head["earlier"]]},
        "published": True,
        "uses": [_use(opened, flow) for flow in opened.dpia.flows],
        "complaints": {
            "route": contact_point(complaints.route),
            "acknowledged_within_days": complaints.acknowledge_within_days,
            "regulator": REGULATOR,
        },
        "outside_uk": opened.dpia.transfers.outside_uk,
        "decided_by_machine_alone": opened.dpia.automated_decisions.solely,
        "profiling": opened.dpia.automated_decisions.profiling,
    }


def contact_point(said: str) -> str | None:
    """Return an address of the web or of e-mail, or a telephone number; anything else could be a place."""
    return said if CONTACT_POINT.fullmatch(said) else None


def _use(opened: Opened, flow: FlowBlock) -> dict[str, Any]:
    purpose, agreed = opened.look.purposes[flow.purpose], opened.agreements[flow.agreement]
    valid, special = opened.dpia.validity, special_terms(opened, flow)
    counted = counts_of(opened, flow)
    return {
        "use": flow.id,
        "title": flow.title,
        "state": "stopped today" if flow.id in opened.stopped else FLOW_STATES[flow.status.value],
        "purpose": purpose.label,
        "not_for": list(purpose.not_for),
        "shared_by": [opened.name(party) for party in opened.givers(flow)],
        "recipient": opened.name(flow.to.party),
        "passed_on": not flow.constraints.no_onward_transfer,
        "bases": [{key: basis[key] for key in GROUND} for basis in bases_of(opened, flow)],
        "about": subjects(opened, flow),
        "data": categories(opened, flow),
        "special_category": bool(opened.special(flow)),
        "special_categories": special,
        "criminal_offence": opened.offence(flow),
        "identifiable": IDENTIFIABLE[flow.identifiability.value],
        "counts": counted and {"labels": [one["label"] for one in counted["counts"]], **_protected(counted)},
        "how_often": every(flow.schedule.frequency),
        "kept_for": kept_for(opened, flow),
        "begins_on": max(valid.effective_from, agreed.start_date),
        "ends_on": min(valid.expires_on, agreed.end_date),
        **_choices(opened, flow),
        **_contacts(opened, flow),
    }


def _protected(counted: dict[str, Any]) -> dict[str, str]:
    return {key: counted[key] for key in ("protected", "leaves")}


def _choices(opened: Opened, flow: FlowBlock) -> dict[str, Any]:
    """Return which choices people have in the flow, and which registers of choices are asked in every run."""
    answer, grounds = flow.options.national_data_opt_out, opened.look.grounds(flow)
    rights = [opened.pack.article6[basis.article6].rights for basis in grounds]
    return {
        "may_object": bool(may_object(opened.look, opened.pack, flow)),
        "may_take_consent_back": any(right.withdraw for right in rights),
        "objection": objections(opened, flow),
        "opt_out": None
        if answer is None
        else {"applies": answer.applies, "reason": opened.pack.opt_out.reasons[answer.reason].says},
        "asked_in_every_run": [
            STOPS[stop.type]
            for stop in opened.dpia.person_stops
            if stop.flows is None or flow.id in stop.flows
        ],
    }


def _contacts(opened: Opened, flow: FlowBlock) -> dict[str, Any]:
    """Return whom to write to and which notices tell of the flow; what is no contact point is left out."""
    answered = opened.dpia.rights.answered_by
    return {
        "contacts": [
            {"name": opened.name(party), "contact": contact_point(answered[party])}
            for party in opened.involved(flow)
            if party in answered
        ],
        "notices": [
            {"name": opened.name(notice.party), "uri": contact_point(notice.uri)}
            for notice in opened.dpia.transparency.privacy_notices
            if flow.id in notice.covers
        ],
    }

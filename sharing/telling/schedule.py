"""The sharing schedule, the annex to the agreement: what is agreed per flow, what follows per party."""

from typing import Any

from sharing.condition_words import in_words
from sharing.document import FlowBlock, Party
from sharing.telling.counted import counts_of
from sharing.telling.heading import heading
from sharing.telling.law import bases_of
from sharing.telling.opened import Opened
from sharing.telling.people import objections
from sharing.telling.register import REGULATOR
from sharing.telling.retained import kept_for, terms_of_flow
from sharing.telling.said import DUTIES, FLOW_STATES, IDENTIFIABLE, STOPS, every, period
from sharing.words import describe


def sharing_schedule(opened: Opened) -> dict[str, Any]:
    """Return the schedule of every flow, and what it comes to for every party."""
    return {
        "assessment": heading(opened),
        "agreements": [_agreement(opened, name) for name in opened.agreements],
        "flows": [_flow(opened, flow) for flow in opened.dpia.flows],
        "parties": [_party(opened, party) for party in opened.dpia.parties],
        "complaints": {
            "route": opened.dpia.complaints.route,
            "acknowledged_within_days": opened.dpia.complaints.acknowledge_within_days,
            "regulator": REGULATOR,
        },
    }


def _agreement(opened: Opened, name: str) -> dict[str, Any]:
    agreed = opened.agreements[name]
    return {
        "agreement": name,
        "type": agreed.type.replace("_", " "),
        "parties": [opened.name(party) for party in agreed.parties],
        "uri": agreed.uri,
        "sha256": agreed.sha256,
        "starts_on": agreed.start_date,
        "ends_on": agreed.end_date,
        "status": agreed.status.replace("_", " "),
        "flows": [flow.id for flow in opened.dpia.flows if flow.agreement == name],
    }


def _flow(opened: Opened, flow: FlowBlock) -> dict[str, Any]:
    told = describe(opened.dpia, flow)
    kept = (
        "flow",
        "title",
        "recipient",
        "endpoint",
        "key_id",
        "purpose",
        "not_for",
        "cohort",
        "where",
        "safety",
    )
    profile = opened.dpia.pseudonyms.get(flow.pseudonym or "")
    return {
        **{key: told[key] for key in kept},
        "cohort_words": in_words(told["cohort"]),
        "where_words": {entity: in_words(said) for entity, said in told["where"].items()},
        "state": FLOW_STATES[flow.status.value],
        "agreement": flow.agreement,
        "givers": [opened.name(party) for party in opened.givers(flow)],
        "identifiable": IDENTIFIABLE[flow.identifiability.value],
        "bases": bases_of(opened, flow),
        "why_rows": flow.necessity.row_level,
        "why_not_counts": flow.necessity.aggregates,
        "counts": counts_of(opened, flow),
        "entities": [
            {
                "entity": entity,
                "fields": [each | {"assertion": _assertion(opened, entity, each)} for each in fields],
                "left_behind": told["left_behind"][entity],
            }
            for entity, fields in told["fields"].items()
        ],
        "how_often": every(flow.schedule.frequency),
        "most_rows": flow.schedule.max_rows,
        "most_new_people": flow.schedule.max_first_seen_subjects,
        "kept_for": kept_for(opened, flow),
        "retention": terms_of_flow(opened, flow),
        "pseudonyms": None
        if profile is None
        else {"key_serves": period(profile.rotation), "two_keys_together": period(profile.overlap)},
        **_bound(opened, flow),
    }


def _assertion(opened: Opened, entity: str, field: dict[str, str]) -> str | None:
    """Return whether what leaves is a fact, an opinion or worked out, if the file says so."""
    said = opened.look.described(entity, field["to"] or field["field"])
    return said.assertion if said else None


def _bound(opened: Opened, flow: FlowBlock) -> dict[str, Any]:
    """Return what the recipient is bound to, and which choices of people are asked for in every run."""
    bound, answer = flow.constraints, flow.options.national_data_opt_out
    return {
        "passed_on": not bound.no_onward_transfer,
        "only_for": [opened.look.purposes[each].label for each in bound.use_only_for],
        "duties": [DUTIES[duty] for duty in bound.recipient_duties],
        "objection": objections(opened, flow),
        "opt_out": None
        if answer is None
        else {
            "applies": answer.applies,
            "reason": opened.pack.opt_out.reasons[answer.reason].says,
            "could_not_be_checked": answer.could_not_be_checked,
        },
        "stops": [
            {
                "what": STOPS[stop.type],
                "register_at_most_days_old": stop.max_age_days,
                "effect": stop.effect,
                "on_stale": stop.on_stale,
                "why": stop.why,
            }
            for stop in opened.dpia.person_stops
            if stop.flows is None or flow.id in stop.flows
        ],
    }


def _party(opened: Opened, party: Party) -> dict[str, Any]:
    notices = opened.dpia.transparency.privacy_notices
    return {
        "party": party.id,
        "name": party.name,
        "role": party.role.value.replace("_", " "),
        "gives": [flow.id for flow in opened.flows if party.id in opened.givers(flow)],
        "receives": [flow.id for flow in opened.flows if party.id == flow.to.party],
        "agreements": [each.id for each in opened.dpia.agreements if party.id in each.parties],
        "bases": [basis.id for basis in opened.dpia.legal_bases if basis.party == party.id],
        "duties": list(
            dict.fromkeys(
                DUTIES[duty]
                for flow in opened.flows
                if flow.to.party == party.id
                for duty in flow.constraints.recipient_duties
            )
        ),
        "answers_people": opened.dpia.rights.answered_by.get(party.id),
        "contacts": dict(party.contacts),
        "notices": [notice.uri for notice in notices if notice.party == party.id],
    }

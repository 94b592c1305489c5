"""The tiny site's assessment: the example's, with fewer fields; each turn of `TURNS` makes it tighter."""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from common import clock
from config.documents import plain, read_tree
from tests.one_source import COUNTS
from tests.tiny.asked import FIELDS

EXAMPLE = Path(__file__).parents[2] / "config/example/dpia/charity-crm-to-warehouse.yaml"
SOURCES = ("hub", "community_support")
ENTITIES = (
    "organisation",
    "service",
    "person",
    "relationship",
    "address",
    "consent",
    "referral",
    "need",
    "contact",
)
Said = dict[str, Any]
FINER = {"birth_year_month": "birth_date", "postcode_district": "postcode"}
GENERALISED = {finer: name for name, finer in FINER.items()}
LINKS = {"org_id", "person_id", "referral_id", "parent_referral_id"}
WHY = "Said for the tiny site."
SECRETS_KEPT = "P45D"


def _drop(flow: str, entity: str, field: str) -> Callable[[Said], None]:
    def turn(dpia: Said) -> None:
        block = dpia["flows"][flow]
        decided = block["fields"][entity].pop(field)
        block["drop"][entity][0]["fields"] += [field, *([decided["to"]] if "to" in decided else [])]

    return turn


def _without_contacts(dpia: Said) -> None:
    for part in ("fields", "drop", "where"):
        dpia["flows"]["early_help"][part].pop("contact", None)


def _without_urgent(dpia: Said) -> None:
    dpia["flows"]["early_help"]["where"]["referral"] = "referral.priority != '2'"


def _only_who_agreed(dpia: Said) -> None:
    dpia["flows"]["commissioning"]["cohort"] = "person.share_council = 'given'"


def _hub_only(dpia: Said) -> None:
    dpia["flows"]["commissioning"] |= {
        "from": ["hub"],
        "basis": ["council-commissioning", "hub-commissioning"],
    }


TURNS: dict[str, Callable[[Said], None]] = {
    "no_numbers": _drop("early_help", "person", "nhs_number"),
    "no_priorities": _drop("commissioning", "referral", "priority"),
    "no_births": _drop("commissioning", "person", "birth_date"),
    "no_contacts": _without_contacts,
    "no_urgent": _without_urgent,
    "who_agreed": _only_who_agreed,
    "hub_only": _hub_only,
}


def assessment(turns: frozenset[str], expires_in_days: int = 300) -> str:
    """Return the assessment with these turns taken, in force until so many days from now."""
    dpia = json.loads(_base())
    dpia["flows"] = {flow["id"]: flow for flow in dpia["flows"]}
    for name in sorted(turns):
        TURNS[name](dpia)
    dpia["flows"] = list(dpia["flows"].values())
    ends = clock.today() + timedelta(days=expires_in_days)
    begins = min(ends, clock.today()) - timedelta(days=20)
    dpia["validity"] = {"effectiveFrom": f"{begins}", "reviewBy": f"{ends}", "expiresOn": f"{ends}"}
    for measure in dpia["measures"]:
        measure.update({"reviewBy": f"{ends}"} if "reviewBy" in measure else {})
    for agreement in dpia["agreements"]:
        agreement |= {"startDate": f"{begins}", "endDate": f"{ends}"}
    return json.dumps(dpia, indent=1)


@cache
def _base() -> str:
    dpia = plain(read_tree(EXAMPLE))
    dpia["parties"] = [one for one in dpia["parties"] if one.get("sources", ["hub"])[0] in SOURCES]
    named = {one["id"] for one in dpia["parties"]}
    for operator in dpia["operators"]:
        operator["onBehalfOf"] = [one for one in operator["onBehalfOf"] if one in named]
    dpia["legalBases"] = [one for one in dpia["legalBases"] if one["party"] in named]
    dpia["dataSets"] = [one for one in dpia["dataSets"] if one["id"] in ENTITIES]
    dpia["safetySources"] = [one for one in dpia["safetySources"] if one["source"] in SOURCES]
    for rule in dpia["safety"]:
        redact = rule["effect"]["redact"]
        rule["effect"]["redact"] = {entity: redact[entity] for entity in ENTITIES if entity in redact}
    for agreement in dpia["agreements"]:
        agreement["parties"] = [one for one in agreement["parties"] if one in named]
    dpia["rights"]["answeredBy"] = {
        one: who for one, who in dpia["rights"]["answeredBy"].items() if one in named
    }
    notices = dpia["transparency"]["privacyNotices"]
    dpia["transparency"]["privacyNotices"] = [one for one in notices if one["party"] in named]
    dpia["examples"] = []
    # The model knows no links: they have tests of their own.
    del dpia["personLink"]["samePerson"]
    bases = {one["id"] for one in dpia["legalBases"]}
    dpia["flows"] = [_flow(flow, dpia["dataSets"], bases) for flow in dpia["flows"] if flow["id"] in FIELDS]
    dpia["retention"] = [term for term in dpia["retention"] if not term["what"].startswith(COUNTS)]
    for notice in dpia["transparency"]["privacyNotices"]:
        notice["covers"] = [flow for flow in notice["covers"] if flow not in COUNTS]
    # The model knows no periods: in none of its nights has a case of 2024 had its time.
    for term in dpia["retention"]:
        term["period"] = SECRETS_KEPT if term["what"] == "disclosure_log" else term["period"]
    return json.dumps(dpia, default=str).replace('"P3Y"', '"P6Y"')


def _flow(flow: Said, data_sets: list[Said], bases: set[str]) -> Said:
    wanted = {
        entity: {FINER.get(name, name) for name in names} for entity, names in FIELDS[flow["id"]].items()
    }
    known = {one["id"]: list(one["fields"]) for one in data_sets}
    dropped = {
        entity: [name for name in known[entity] if name not in wanted[entity] | FIELDS[flow["id"]][entity]]
        for entity in wanted
    }
    return flow | {
        "from": [one for one in flow["from"] if one in SOURCES],
        "basis": [one for one in flow["basis"] if one in bases],
        "where": {entity: words for entity, words in flow["where"].items() if entity in wanted},
        "fields": {
            entity: {name: _decision(flow["id"], entity, name) for name in sorted(names)}
            for entity, names in wanted.items()
        },
        "drop": {entity: [{"fields": names, "why": WHY}] for entity, names in dropped.items()},
    }


def _decision(flow: str, entity: str, name: str) -> Said:
    if name in LINKS or name == f"{entity}_id":
        return {"action": "pseudonymise", "why": WHY}
    if flow == "commissioning" and name in GENERALISED:
        return {"action": "generalise", "to": GENERALISED[name], "why": WHY}
    return {"action": "disclose", "why": WHY}

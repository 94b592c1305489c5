"""A person's history on fixed input: an assessment that is kept, one that is not, and keys taken back."""

from typing import Any

from tests.golden.reports.sample_inputs import DIGEST, RUN_IDS, SITE

HOSTILE = "<script>document.title='ran'</script>"


def told() -> dict[str, Any]:
    """Return the history as `audit person --json` prints it."""
    return {
        "format": "viaduct-person-history/1",
        "site": SITE,
        "sample": True,
        "made_at": "2022-12-01T07:30:00Z",
        "source": "hub",
        "secret_kept": True,
        "log": {"size": 58, "root": DIGEST},
        "disclosures": [
            disclosure("commissioning", 1, fields()),
            disclosure("early_help", 1, not_kept())
            | {"purpose": "not kept with the log", "basis": [], "assessment_kept": False},
            disclosure("commissioning", 2, {})
            | {"rows_sent": 0, "rows_taken_back": 7, "answer": "none yet", "answered_at": None},
        ],
        "not_disclosed": [
            {
                "flow": "early_help",
                "batches": [2, 9],
                "runs": [RUN_IDS[0], RUN_IDS[1]],
                "from": "2022-11-29T02:00:00Z",
                "to": "2022-12-01T02:00:00Z",
            }
        ],
        "absences_proved": True,
        "access": {
            "kind": "access",
            "identity": f"access:{RUN_IDS[2]}",
            "run": RUN_IDS[2],
            "at": "2022-12-01T07:30:00Z",
            "asked": "history",
            "reason": "subject_access_request",
            "considered": {
                "serious_harm": "clear",
                "child_abuse_data": "clear",
                "third_party": "clear",
                "domestic_abuse_safety": "clear",
            },
            "outcome": "given",
            "form_sha256": DIGEST,
            "salt": DIGEST,
        },
        "proof": "proof.json",
    }


def disclosure(flow: str, number: int, said: dict[str, Any]) -> dict[str, Any]:
    """Return what one batch told of the person."""
    return {
        "date": "2022-11-28T02:00:00Z",
        "flow": flow,
        "batch": f"{flow}/{number:08d}-{RUN_IDS[0]}",
        "title": HOSTILE,
        "recipient": "The council",
        "endpoint": "warehouse-landing",
        "key_id": "council-2026",
        "purpose": "Plan the next services",
        "basis": ["smbc: uk:6-1-e, Care Act 2014 s.5", "hub: uk:6-1-ea/annex1-para1, at its request"],
        "agreement": "dsa-1",
        "key": "age1example",
        "rows_sent": 12,
        "rows_taken_back": 0,
        "fields": said,
        "dpia": {"id": "urn:dpia:example", "version": "1.0.0", "sha256": DIGEST},
        "assessment_kept": True,
        "law_pack": "uk/2026-09-30",
        "answer": "receipt",
        "answered_at": "2022-11-28T02:01:00Z",
    }


def fields() -> dict[str, Any]:
    """Return a field that was made coarser, and one that a safety rule may have emptied."""
    return {
        "person": [
            field("birth_year_month", "birth_date", "generalise", "Year and month of birth, YYYY-MM."),
            field("role_type", "role_type", "disclose", "Why the CRM holds this person."),
        ],
        "address": [field("ward", "ward", "disclose", "Ward.", may_be_empty=True)],
    }


def not_kept() -> dict[str, Any]:
    """Return a field of which the assessment that would tell its name is not kept with the log."""
    return {"person": [field(None, "birth_date", "generalise", "")]}


def field(
    shown: str | None, made_from: str, treatment: str, holds: str, *, may_be_empty: bool = False
) -> dict[str, Any]:
    """Return one field as a history tells it."""
    return {
        "released_as": shown,
        "made_from": made_from,
        "treatment": treatment,
        "holds": holds,
        "may_be_empty": may_be_empty,
        "filled": None if shown is None else not may_be_empty,
    }

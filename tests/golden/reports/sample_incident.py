"""An incident pack on fixed input: two flows, one without a kept assessment; bounds, not exact counts."""

from typing import Any

from sync.incident.duties import clock_of, duties
from tests.golden.reports.sample_inputs import DIGEST, NOW, RUN_IDS, SITE

WHY = "Of people whose log secret is gone nobody can tell whether two batches tell of the same."
HOSTILE = "<script>document.title='ran'</script>"


def people(least: int, most: int, under: int) -> dict[str, Any]:
    """Return how many people; three of the others are not known to be free of the flag."""
    return {
        "at_least": least,
        "at_most": most,
        "exact": least == most,
        "flag": {"under": under, "not_under": most - under - 3, "not_known": 3},
        "by_source": {"domestic_abuse_support": under, "hub": least - under, "not known": 3},
        "without_secret": 2,
    }


def pack() -> dict[str, Any]:
    """Return the pack of a lost key of the council; the clock is frozen where it is made."""
    return {
        "format": "viaduct-incident/1",
        "site": SITE,
        "sample": True,
        "made_at": "2022-12-01T07:30:00Z",
        "asked": {"by": "key", "name": "council", "since": "2022-11-29", "until": None},
        "clock": clock_of(NOW),
        "log": {"origin": "viaduct/disclosure-log", "size": 58, "root": DIGEST},
        "key": {
            "role": "council",
            "version": 1,
            "created_on": "2022-10-01",
            "opens": "It opens sealed files.",
        },
        "people": people(1204, 1206, 61)
        | {"counted_as": "People are counted as each provider knows them.", "why_a_range": WHY},
        "people_taken_back": people(4, 4, 0),
        "rows": {
            "at_most": False,
            "note": None,
            "entities": {
                "person": {"sent": 1206, "taken_back": 4, "still_there": 1199, "there_by_another_batch": 3}
            },
        },
        "batches": [batch("early_help", 1, RUN_IDS[0]), batch("commissioning", 1, RUN_IDS[0])],
        "flows": [flow("early_help", "safety_critical"), flow("commissioning", "not known")],
        "sensitivity": [
            {"sensitivity": "safety_critical", "fields": ["address.line1", "address.postcode"]},
            {"sensitivity": "not known", "fields": ["person.birth_date"]},
        ],
        "assessments_not_kept": [DIGEST],
        "contacts": [{"id": "smbc", "name": "The council", "contacts": {"dpo": "dpo@council.example"}}],
        "operators": [{"name": "Council data team", "does": ["council"], "warehouseReaders": ["Analysts"]}],
        "risks_foreseen": [{"id": "R1", "harm": HOSTILE, "severity": "severe"}],
        "duties": duties(),
        "not_known": ["What left by another door than this one: no log can tell."],
    }


def batch(name: str, number: int, run: str) -> dict[str, Any]:
    """Return one batch of the pack."""
    return {
        "batch": f"{name}/{number:08d}-{run}",
        "flow": name,
        "logged_at": "2022-11-29T02:00:31Z",
        "whole": name == "early_help",
        "rows_sent": 9120,
        "rows_taken_back": 31,
        "answer": "receipt" if name == "early_help" else "refusal",
        "given_up": None if name == "early_help" else lost(),
        "sealed_files_in_landing": 14,
    }


def lost() -> dict[str, Any]:
    """Return what is said of a batch that was given up."""
    return {"at": "2022-11-30T09:00:00Z", "reason": "landing_lost", "approver": "dpo"}


def flow(name: str, sensitivity: str) -> dict[str, Any]:
    """Return one flow of the pack, with one field."""
    return {
        "flow": name,
        "title": "Records of early help",
        "recipient": "The council",
        "endpoint": "warehouse-landing",
        "key_id": "council-2026",
        "purpose": "Help early",
        "basis": ["smbc: uk:6-1-e, Care Act 2014 s.2"],
        "agreement": {"id": "dsa-1", "uri": "https://council.example/dsa-1", "endDate": "2027-09-30"},
        "dpia": {"id": "early-help-stockport", "version": "3.0.0", "sha256": DIGEST},
        "batches": 1,
        "first_at": "2022-11-29T02:00:31Z",
        "last_at": "2022-11-29T02:00:31Z",
        "people": people(1204, 1206, 61),
        "fields": [
            {
                "entity": "address",
                "field": "postcode",
                "treatment": "disclose",
                "sensitivity": sensitivity,
                "special_categories": ["uk:special/health"],
            }
        ],
    }

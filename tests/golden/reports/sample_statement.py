"""A signed statement on fixed input: a batch with its answer, a flow that sent nothing, a brake let go."""

from typing import Any

from audit.statement import CANNOT, FORMAT, figures
from tests.golden.reports.sample_inputs import DIGEST, RUN_IDS, SITE

RUN = RUN_IDS[0]
DPIA = {"id": "DPIA-1", "version": "1.2.0", "sha256": DIGEST}
COUNTS = {"released": 1204, "unchanged": 8, "withheld": 310, "held": 12, "withdrawn": 3}


def leaves() -> list[dict[str, Any]]:
    """Return the run's leaves: it began, sent one batch, had its receipt, had nothing for another flow."""
    said = {"run": RUN, "dpia": DPIA, "at": "2022-11-29T02:00:31Z"}
    batch = {
        "files": [
            {"entity": "person", "operation": "upsert", "rows": 1204, "plain_sha256": DIGEST},
            {"entity": "onward_referral", "operation": "withdraw", "rows": 3, "plain_sha256": DIGEST},
        ],
        "fields": {"person": {"birth_date": "generalise", "gender_identity_same_as_at_birth": "disclose"}},
        "filled": {"person": ["birth_year_month"]},
        "counts": {"person": COUNTS},
        "reasons": {"person": {"cohort": 310, "check:nhs_number_invalid": 12}},
        "people": {"leaves": 1207},
        "recipient": f"age1{DIGEST}",
        "manifest_sha256": DIGEST,
    }
    return [
        said
        | {"kind": "run", "sources": ["hub"], "flows": ["early_help", "commissioning"]}
        | {"accepted": ["accept_growth", "accept_flagged"]},
        said | batch | {"kind": "batch", "flow": "early_help", "seq": 1},
        said | {"kind": "receipt", "flow": "early_help", "seq": 1, "at": "2022-11-29T02:01:07Z"},
        said | {"kind": "nothing_sent", "flow": "commissioning", "counts": {}, "reasons": {}},
    ]


def statement() -> dict[str, Any]:
    """Return the statement, in the form in which it is signed."""
    words = {
        "title": "Early help",
        "recipient": "Stockport Metropolitan Borough Council",
        "endpoint": "council-warehouse",
        "key_id": "council-1",
        "purpose": "Direct care",
        "basis": ["hub: 6(1)(e), uk:law/care-act-2014/s2"],
        "agreement": "DSA-1",
    }
    attested = {"party": "domestic_abuse_support", "by": "document", "name": "A. Signer", "on": "2022-10-02"}
    return {
        "format": FORMAT,
        "run": RUN,
        "site": SITE,
        "sample": True,
        "as_of": "2022-11-29T02:01:07Z",
        "log": {"origin": "viaduct/disclosure-log", "size": 58, "root": DIGEST},
        "leaves": leaves(),
        "figures": figures(leaves()),
        "assessments": {
            DIGEST: {
                "kept": True,
                "law_pack": "uk/2026-09-30",
                "waivers": [{"id": "W1", "rule": "review/reviewBy", "expiresOn": "2022-12-14"}],
                "signed": [{"party": "hub", "by": "key", "name": None, "on": None}, attested],
                "flows": {"early_help": words, "commissioning": words | {"title": "Commissioning"}},
            }
        },
        "outcome": {
            "exit_code": 1,
            "sources": [
                {"source": "hub", "outcome": "done", "error_code": None, "rows": 9120, "rejected": 1},
            ],
        },
        "gaps": ["Source community_support: E301  A source is not available."],
        "cannot_be_proved": CANNOT,
    }

"""The readings of runs on fixed input: one page of each kind, with lines and without, and hostile words."""

from pathlib import Path
from typing import Any

from common import clock
from reports import write_run_pages
from reports.documents import FROM_THE_RUNS
from tests.golden.reports.sample_inputs import CHECKS, NOW, RUN_IDS, SITE

NAMES = [f"{document.name}.html" for document in FROM_THE_RUNS]
HOSTILE = "<script>document.title='ran'</script>"
AGES = {"up to a week": 1, "up to a month": 2, "up to a quarter": 0, "longer": 9, "not known": 0}
COUNTS = {"expired": 4, "blocked": 2, "waiting": 1, "no_clock": 30}


def line(reason: str, **more: Any) -> dict[str, Any]:
    """Return one line of the register of people who are not shared."""
    said = {"flow": "early_help", "source": "hub", "reason": reason, "people": 12, "records": 12}
    return said | {"oldest_since": "2022-10-02", "ages": AGES} | more


def told() -> dict[str, dict[str, Any]]:
    """Return the reading of every page."""
    return {
        "not_shared": {
            "as_of": "2022-12-01",
            "flows": ["commissioning", "early_help"],
            "people": [line("cohort", fate="withheld"), line(HOSTILE, fate="held", oldest_since=None)],
            "waiting": [line("check:REF-16", entity="referral", records=17)],
            "emptied": [{"flow": "early_help", "source": "hub", "people": 3, "records": {"address": 4}}],
            "in_no_flow": {"hub": 7},
        },
        "nothing_sent": {
            "runs": 3,
            "runs_that_sent": 1,
            "runs_that_sent_nothing": 2,
            "of_them_stopped": 1,
            "silent": [silent(RUN_IDS[1], HOSTILE), silent(RUN_IDS[0], None)],
            "without_summary": [{"run": RUN_IDS[2], "logged_at": "2022-12-01T02:00:00Z"}],
            "last_sent": [
                {"flow": "early_help", "last_batch_at": "2022-11-29T02:00:31Z", "days_ago": 2},
                {"flow": "commissioning", "last_batch_at": None, "days_ago": None},
            ],
        },
        "choices_applied": {
            "as_of": "2022-12-01T02:00:00Z",
            "run": RUN_IDS[2],
            "registers": [register("art21_objection", None), register("court_order", "E764")],
            "withdrawn": [
                {
                    "run": RUN_IDS[2],
                    "at": "2022-12-01T02:00:00Z",
                    "flow": "early_help",
                    "choice": "art21_objection",
                    "records": 13,
                }
            ],
        },
        "recipients_told": {
            "as_of": "2022-12-01",
            "since": "2022-11-29",
            "within": "2 days",
            "choices": [
                changed("told", choice="art21_objection", choices=2, nobody=0, set_aside=1, records=13),
                changed(
                    "waiting", choice="court_order", choices=2, nobody=1, set_aside=0, records=4, overdue=True
                ),
                changed(
                    "nothing", choice="consent_withdrawn", choices=1, nobody=1, set_aside=0, records=None
                ),
            ],
            "earlier_choices": 4,
            "erasures": [
                changed("told", **forgotten("destroyed"), records=9, late=True),
                changed("kept", **forgotten("kept", HOSTILE), records=None),
            ],
            "corrections": [changed("refused", run=RUN_IDS[1], rows=17, recipient=None)],
            "not_counted": 1,
            "kept": [
                {
                    "flow": "early_help",
                    "recipient": HOSTILE,
                    "rows": 2,
                    "decisions": ["HOLD-1"],
                    "certified_on": "2022-11-30",
                }
            ],
            "not_yet_told": 2,
            "overdue": 1,
            "late": 1,
        },
        "disposal": {
            "flows": [removed("early_help", "2022-11-30"), removed("commissioning", None)],
            "own": [
                {"kind": "bodies", "what": "sealed files", "removed": 2, "kept_days": 30},
                {"kind": "old_keys", "what": "keys whose overlap is over", "removed": 0, "kept_days": None},
            ],
            "since": "2022-11-29T02:00:00Z",
            "holds": 1,
        },
        "coverage": {
            "sources": [
                {
                    "source": "hub",
                    "run": RUN_IDS[2],
                    "read_at": "2022-12-01T02:00:00Z",
                    "undeclared": {"people": 1},
                    "unread": {"contacts": 5},
                    "changes": [
                        {
                            "run": RUN_IDS[2],
                            "at": "2022-12-01T02:00:00Z",
                            "place": "fields/people",
                            "gone": 1,
                            "new": 0,
                        }
                    ],
                }
            ],
            "always_empty": [
                {"flow": "early_help", "source": "hub", "entity": "address", "fields": ["line4", "line5"]}
            ],
            "frequency": [
                {
                    "flow": "early_help",
                    "declared": "P1D",
                    "declared_words": "every day",
                    "runs": 3,
                    "median_hours": 24.0,
                    "longest_hours": 48.1,
                },
                {
                    "flow": "commissioning",
                    "declared": None,
                    "declared_words": None,
                    "runs": 1,
                    "median_hours": None,
                    "longest_hours": None,
                },
            ],
        },
        "minimisation": {
            "days": 90,
            "since": "2022-09-02",
            "flows": [
                {
                    "flow": "early_help",
                    "batches": 7,
                    "fields": [
                        shared("birth_year_month", coarser_than="birth_date"),
                        shared("person_id", keyed=True),
                        shared(HOSTILE, filled=0, ask=True),
                        shared("gender", batches=0, filled=0),
                    ],
                    "ask": 1,
                    "as_fine_as_the_source": 2,
                }
            ],
        },
        "access": {
            "reidentifications": [
                {
                    "on": "2022-11-30",
                    "flow": "commissioning",
                    "asked_by": "hub",
                    "reason": "rectification",
                    "asked": 5,
                    "told": 2,
                    "approvers": ["caldicott", HOSTILE],
                    "outcome": "given",
                }
            ],
            "rows_asked": 5,
            "rows_told": 2,
            "histories": [history("given", []), history("refused", ["serious_harm", "third_party"])],
            "refused": 1,
            "reasons": {"complaint": 2},
            "forgotten": [
                {
                    "on": "2022-11-28",
                    "reason": "objected",
                    "approver": "caldicott_guardian",
                    "flows": ["early_help"],
                    "kept_in": [],
                    "secret": "destroyed",
                }
            ],
            "released": [
                {"on": "2022-11-29", "run": RUN_IDS[0], "brake": "accept_flagged", "by": HOSTILE},
                {"on": "2022-11-29", "run": RUN_IDS[0], "brake": "accept_growth", "by": None},
            ],
            "given_up": [
                {
                    "on": "2022-11-30",
                    "flow": "early_help",
                    "batch": 3,
                    "reason": "landing_lost",
                    "approver": "dpo",
                }
            ],
            "waived": [],
        },
        "custody": {
            "as_of": "2022-12-01",
            "max_age": "P1Y",
            "keys": [
                key("council", overdue=True),
                key("pseudonym-early_help", overdue=False),
                key("log", overdue=False, limit=None),
            ],
            "overdue": ["council"],
            "custodians": [
                {
                    "operator": "Data team",
                    "role": "controller",
                    "keys": "those that open batches",
                    "key_custodian": None,
                },
                {"operator": "Depot", "role": "processor", "keys": "", "key_custodian": None},
            ],
            "failures": [{"run": RUN_IDS[1], "code": "E402", "said": "A seal does not open."}],
        },
    }


def history(outcome: str, withheld_for: list[str]) -> dict[str, Any]:
    """Return one question about a person."""
    said = {"on": "2022-11-29", "asked": "history", "reason": "complaint", "outcome": outcome}
    return said | {"withheld_for": withheld_for}


def changed(state: str, **more: Any) -> dict[str, Any]:
    """Return how far a recipient was told of something."""
    sealed = None if state in {"nothing", "kept"} else "2022-11-29"
    said = {"recorded_on": "2022-11-28", "flow": "early_help", "recipient": "A council", "state": state}
    said |= {"sealed_on": sealed, "told_on": "2022-11-29" if state == "told" else None, "days": 3}
    return said | {"due_on": "2022-11-30", "overdue": False, "late": False} | more


def forgotten(secret: str, ground: str | None = None) -> dict[str, Any]:
    """Return what is said of people who were forgotten."""
    return {"reason": "objected", "secret": secret, "people": 1, "kept_because": ground}


def shared(name: str, **more: Any) -> dict[str, Any]:
    """Return what is said of one field that a flow lets out."""
    said = {"entity": "person", "field": name, "treatment": "disclose", "coarser_than": None}
    return said | {"keyed": False, "batches": 6, "filled": 5, "ask": False} | more


def silent(run: str, stopped: str | None) -> dict[str, Any]:
    """Return a run that sent nothing."""
    flows = {} if stopped else {"early_help": {"state": "nothing_sent", "why": "nothing had changed"}}
    return {
        "run": run,
        "started_at": "2022-11-30T02:00:00Z",
        "exit_code": 70 if stopped else 0,
        "sent": False,
        "delivered_of_earlier_runs": [],
        "stopped": stopped,
        "sources_refused": [{"source": "hub", "code": "E305"}] if stopped else [],
        "flows": flows,
    }


def register(choice: str, problem: str | None) -> dict[str, Any]:
    """Return one register; with a problem it is not relied on."""
    return {
        "choice": choice,
        "register": "rights/one",
        "flows": ["early_help", "commissioning"],
        "effect": "withhold",
        "relied_on": problem is None,
        "problem": problem,
        "confirmed_on": "2022-11-20",
        "age_days": 11,
        "max_age_days": 31,
        "entries": 4,
        "standing": 3,
        "set_aside": 1,
        "ended": 1,
        "found": 3,
        "received": [
            {
                "day": "2022-11-28",
                "choices": 2,
                "nobody": None if problem else 1,
                "set_aside": None if problem else 0,
                "applied_by": None if problem else RUN_IDS[0],
                "applied_at": None if problem else "2022-11-29T02:00:00Z",
            }
        ],
    }


def removed(flow: str, as_of: str | None) -> dict[str, Any]:
    """Return what a recipient removed; without a day there was no certificate yet."""
    told = COUNTS if as_of else dict.fromkeys(COUNTS)
    return {
        "flow": flow,
        "as_of": as_of,
        "due": 7 if as_of else None,
        **told,
        "removed_by_all": 4,
        "held_by": ["HOLD-1"] if as_of else [],
        "entities": {"referral": COUNTS} if as_of else {},
        "certificates": 1 if as_of else 0,
        "last_certificate_at": "2022-11-30T03:00:00Z" if as_of else None,
        "days_ago": 1 if as_of else None,
    }


def key(role: str, *, overdue: bool, limit: str | None = "P1Y") -> dict[str, Any]:
    """Return one key."""
    return {
        "role": role,
        "form": "symmetric",
        "version": 1,
        "created_on": "2021-10-01",
        "age_days": 426,
        "private_part_here": not overdue,
        "limit": limit,
        "use_until": "2022-10-01" if limit else None,
        "days_left": None if limit is None else -61 if overdue else 5,
        "overdue": overdue,
        "last_used_at": None if overdue else "2022-12-01T02:00:00Z",
    }


def written(out: Path) -> Path:
    """Return the folder with the pages in it, made on the fixed day."""
    with clock.frozen(NOW):
        write_run_pages(
            out, SITE, told(), sample=True, checks={check["id"]: check["message"] for check in CHECKS}
        )
    return out / "governance"

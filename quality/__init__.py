"""The check catalogue, and the life of a finding."""

from quality.causes import Cause, by_check_and_field
from quality.checks import Check, Effect, Severity, catalogue, check_named, checks_of
from quality.counted import CountStore
from quality.facts import Facts
from quality.finding_acts import ActionRefused, Outcome
from quality.finding_night import GONE, RECORDS, VERIFIED, Night
from quality.findings import EVENTS, FRAME, Event, Finding, FindingStore, FindingsUnreadable
from quality.inspection import ANSWERS, FINDINGS, UNDECIDED, Inspected, gather, inspect
from quality.life import ACCEPTABLE, DISPUTABLE, LIVING, WANTED, Action, Reason, State
from quality.submission import EXPORTS, Submitted, judge, judged_from

__all__ = [
    "ACCEPTABLE",
    "ANSWERS",
    "DISPUTABLE",
    "EVENTS",
    "EXPORTS",
    "FINDINGS",
    "FRAME",
    "GONE",
    "LIVING",
    "RECORDS",
    "UNDECIDED",
    "VERIFIED",
    "WANTED",
    "Action",
    "ActionRefused",
    "Cause",
    "Check",
    "CountStore",
    "Effect",
    "Event",
    "Facts",
    "Finding",
    "FindingStore",
    "FindingsUnreadable",
    "Inspected",
    "Night",
    "Outcome",
    "Reason",
    "Severity",
    "State",
    "Submitted",
    "by_check_and_field",
    "catalogue",
    "check_named",
    "checks_of",
    "gather",
    "inspect",
    "judge",
    "judged_from",
]

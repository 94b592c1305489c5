"""The check catalogue, and the life of a finding."""

from quality.checks import Check, Effect, Severity, catalogue, check_named, checks_of
from quality.facts import Facts
from quality.findings import Finding, FindingStore, FindingsUnreadable
from quality.inspection import ANSWERS, FINDINGS, UNDECIDED, Inspected, gather, inspect
from quality.worklist import days_open, worklist_csv

__all__ = [
    "ANSWERS",
    "FINDINGS",
    "UNDECIDED",
    "Check",
    "Effect",
    "Facts",
    "Finding",
    "FindingStore",
    "FindingsUnreadable",
    "Inspected",
    "Severity",
    "catalogue",
    "check_named",
    "checks_of",
    "days_open",
    "gather",
    "inspect",
    "worklist_csv",
]

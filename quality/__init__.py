"""The check catalogue, and the life of a finding."""

from quality.checks import Check, Effect, Severity, catalogue, check_named, checks_of
from quality.facts import Facts
from quality.findings import Finding, FindingStore, FindingsUnreadable, count_unknown
from quality.inspection import FINDINGS, UNDECIDED, UNKNOWN, Inspected, gather, inspect
from quality.worklist import days_open, worklist_csv

__all__ = [
    "FINDINGS", "UNDECIDED", "UNKNOWN",
    "Check", "Effect", "Facts", "Finding", "FindingStore", "FindingsUnreadable", "Inspected", "Severity",
    "catalogue", "check_named", "checks_of", "count_unknown", "days_open", "gather", "inspect",
    "worklist_csv",
]

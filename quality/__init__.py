"""The check catalogue, and the life of a finding."""

from quality.checks import Check, Effect, Severity, catalogue, check_named, checks_of
from quality.facts import TEST_RANGES, Facts
from quality.inspection import FINDINGS, UNDECIDED, UNKNOWN, Inspected, gather, inspect

__all__ = [
    "FINDINGS", "TEST_RANGES", "UNDECIDED", "UNKNOWN",
    "Check", "Effect", "Facts", "Inspected", "Severity",
    "catalogue", "check_named", "checks_of", "gather", "inspect",
]

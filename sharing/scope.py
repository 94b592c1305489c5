"""How far the safety flag reaches for a rule: the person alone, whoever shares their home, their children."""

from collections.abc import Iterable

import polars as pl

from sharing.document import SafetyRule
from sharing.vocabulary import Scope

FLAG = "safety_flag"
"""The flag as it reaches furthest: to the whole household. Conditions of flows ask for this one."""
NARROWER = (Scope.LINKED_CHILDREN, Scope.SAME_ADDRESS)


def flag_column(scope: Iterable[Scope]) -> str:
    """Return the column of the person table that holds the flag as far as this scope reaches.

    A household is every declared relationship, the same property and the same address. Whoever is the same
    person elsewhere, by a valid NHS number, is reached by any scope.
    """
    said = frozenset(scope)
    if Scope.HOUSEHOLD in said:
        return FLAG
    return "_".join(["_flag", *(each.value for each in NARROWER if each in said)])


def narrower_flags(rules: Iterable[SafetyRule]) -> dict[str, frozenset[Scope]]:
    """Return the columns, other than the flag itself, that these rules ask for, each with what it reaches."""
    of_flag = [rule for rule in rules if f"person.{FLAG}" in rule.when]
    asked = [frozenset(rule.scope) - {Scope.PERSON} for rule in of_flag if Scope.PERSON in rule.scope]
    return {flag_column(scope): scope for scope in asked if Scope.HOUSEHOLD not in scope}


def with_flags(people: pl.DataFrame, columns: Iterable[str]) -> pl.DataFrame:
    """Return the people with these columns; one that nobody worked out is the flag at its furthest."""
    lacking = sorted({name for name in columns if name not in people.columns})
    return people.with_columns(pl.col(FLAG).alias(name) for name in lacking) if lacking else people

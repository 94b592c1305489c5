"""Conditions in two tongues: as an assessment's author writes them, and as a policy of Cedar.

Cedar knows two answers where ours are three, so a condition is put into it twice: when it is certainly met,
and when it is certainly not. What stands between is the null that takes the stricter branch.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

OPS = ("=", "!=", "<", "<=", ">", ">=")
VALUES: dict[str, tuple[Any, ...]] = {
    "person.share_council": ("given", "refused", "withdrawn"),
    "person.role_type": ("client", "carer"),
    "person.safe_to_contact": ("yes", "no"),
    "person.interpreter_required": (True, False),
    "person.anonymous": (True, False),
    "person.birth_date": (date(1950, 1, 1), date(1980, 6, 1), date(2004, 12, 1)),
    "person.safety_flag": (True, False),
    "referral.lot_code": ("L3-SSH", "L4-CS", "L8-DA"),
    "referral.reveals_abuse": (True, False),
    "referral.triage_days": (0, 2, 9),
    "referral.received_on": (date(2022, 4, 1), date(2022, 9, 1)),
}


@dataclass(frozen=True)
class Said:
    """One condition: in the words of an assessment, and in Cedar when it is met and when it is not."""

    ours: str
    met: str
    unmet: str


def condition(drawn: random.Random, names: Sequence[str], depth: int = 2) -> Said:
    """Return a condition over these fields, of so many levels at most."""
    kind = drawn.choice(["test", "not", "and", "or"]) if depth else "test"
    if kind == "test":
        return _test(drawn, drawn.choice(names))
    one = condition(drawn, names, depth - 1)
    if kind == "not":
        return Said(f"not ({one.ours})", one.unmet, one.met)
    other = condition(drawn, names, depth - 1)
    both, either = ("&&", "||") if kind == "and" else ("||", "&&")
    return Said(
        f"({one.ours}) {kind} ({other.ours})",
        f"(({one.met}) {both} ({other.met}))",
        f"(({one.unmet}) {either} ({other.unmet}))",
    )


def _test(drawn: random.Random, name: str) -> Said:
    entity, field = name.split(".")
    known, value = f"context.{entity} has {field}", f"context.{entity}.{field}"
    shape = drawn.choice(["compare", "compare", "in", "not in", "null", "not null", "bool"])
    if shape.endswith("null"):
        there = (f"({known})", f"(!({known}))")
        negated = shape == "not null"
        return Said(f"{name} is {'not ' if negated else ''}null", *(there if negated else there[::-1]))
    if shape == "bool" and isinstance(VALUES[name][0], bool):
        negated, word = drawn.random() < 0.5, drawn.choice(["true", "false"])
        holds = f"({known} && {value} == {word})"
        pair = (f"(!{holds})", holds) if negated else (holds, f"(!{holds})")
        return Said(f"{name} is {'not ' if negated else ''}{word}", *pair)
    if shape.endswith("in"):
        some = drawn.sample(VALUES[name], drawn.randint(1, len(VALUES[name])))
        holds = f"[{', '.join(map(cedar, some))}].contains({value})"
        ours = f"{name} {shape} [{', '.join(map(_ours, some))}]"
        return _known(ours, known, holds, negated=shape == "not in")
    ordered = not isinstance(VALUES[name][0], str | bool)
    op, right = drawn.choice(OPS if ordered else OPS[:2]), drawn.choice(VALUES[name])
    sign = {"=": "=="}.get(op, op)
    return _known(f"{name} {op} {_ours(right)}", known, f"{value} {sign} {cedar(right)}", negated=False)


def _known(ours: str, known: str, holds: str, *, negated: bool) -> Said:
    yes, no = f"({known} && {holds})", f"({known} && !({holds}))"
    return Said(ours, *((no, yes) if negated else (yes, no)))


def cedar(value: Any) -> str:
    """Return the value as Cedar writes it; a day is the number of its day."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return str(value.toordinal())
    return f'"{value}"' if isinstance(value, str) else str(value)


def plain(value: Any) -> Any:
    """Return the value as Cedar takes it in a request."""
    return value.toordinal() if isinstance(value, date) else value


def _ours(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}'" if isinstance(value, str | date) else str(value)

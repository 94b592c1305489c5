"""Waivers: only a review may be set aside, by two people, for 30 days at most; never anything of safety."""

import unicodedata
from collections.abc import Iterator
from datetime import timedelta

from config.documents import Problem
from sharing.calendar import calendar
from sharing.dated import DATED
from sharing.document import Waiver
from sharing.refusals.look import Look

GRACE = timedelta(days=30)
ALLOWED = ", ".join(kind.replace("*", "ID") for kind, known in DATED.items() if known.waivable)


def refusals(look: Look) -> Iterator[Problem]:
    """Yield what is wrong with the waivers."""
    for at, waiver in enumerate(look.file.waivers):
        yield from _rule(look, at, waiver)
        yield from _days(look, at, waiver)
        yield from _approvers(look, at, waiver)


def may_be_waived(rule: str) -> bool:
    """Return whether a place is of a kind that may be waived, whether or not there is such a place."""
    return any(
        known.waivable
        and len(kind.split("/")) == len(rule.split("/"))
        and all(part in {"*", name} for part, name in zip(kind.split("/"), rule.split("/"), strict=True))
        for kind, known in DATED.items()
    )


def _rule(look: Look, at: int, waiver: Waiver) -> Iterator[Problem]:
    path = ("waivers", at, "rule")
    if not may_be_waived(waiver.rule):
        words = f"{waiver.id}: this may not be waived. What may be, is a review: {ALLOWED}."
        yield look.problem(words, *path)
        return
    due = next((each for each in calendar(look.file, waiver.approved_on) if each.path == waiver.rule), None)
    if due is None:
        yield look.problem(f"{waiver.id}: the file has no such day as this waiver names.", *path)
    elif waiver.expires_on > due.on + GRACE:
        words = f"{waiver.id} ends more than 30 days after {due.on}, the day that it sets aside."
        yield look.problem(words, "waivers", at, "expiresOn")
    elif waiver.expires_on <= due.on:
        words = f"{waiver.id} ends before {due.on}, the day that it sets aside: it waives nothing."
        yield look.problem(words, "waivers", at, "expiresOn")


def _days(look: Look, at: int, waiver: Waiver) -> Iterator[Problem]:
    path = ("waivers", at, "expiresOn")
    if not waiver.approved_on < waiver.expires_on <= waiver.approved_on + GRACE:
        words = f"{waiver.id}: a waiver ends after the day it was approved, and at most 30 days after it."
        yield look.problem(words, *path)
    if waiver.expires_on < look.file.validity.effective_from:
        yield look.problem(f"{waiver.id} had ended by effectiveFrom.", *path)


def _approvers(look: Look, at: int, waiver: Waiver) -> Iterator[Problem]:
    path = ("waivers", at, "approvedBy")
    if len({normalised(each.by) for each in waiver.approved_by}) < len(waiver.approved_by):
        words = f"{waiver.id}: the same person approves it twice; it takes two different ones."
        yield look.problem(words, *path)
    for number, each in enumerate(waiver.approved_by):
        if not normalised(each.by):
            yield look.problem(f"{waiver.id}: an approver has no name.", *path, number, "by")
        if each.role is None and each.party is None:
            words = f"{waiver.id}: say as what, or for which party, each approves: role or party."
            yield look.problem(words, *path, number)
        if each.party is not None:
            yield from look.unknown("party", each.party, look.parties, *path, number, "party")


def normalised(name: str) -> str:
    """Return a name's letters and digits, small and without accents: to tell two people apart."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in plain if letter.isalnum())

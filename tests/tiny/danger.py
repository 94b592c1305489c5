"""Who may be in danger: the safety flag, its spreading, and the cases that tell of abuse; from plain rows.

Written from design.md (Fates: safety flag) and the assessment's safetySources, without the program.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.tiny.world import FRIENDS, HUB, SAFE, Row, World

Name = tuple[str, str]
Mark = tuple[str, ...]
ABUSE = {"SOC.DA", "SOC.DAP"}
TELLS_OF_ABUSE = {HUB: False, FRIENDS: False, SAFE: True}


@dataclass(frozen=True)
class Known:
    """What is remembered of a source once it was read whole."""

    marks: frozenset[Mark]
    cases: frozenset[Name]


@dataclass(frozen=True)
class Danger:
    """Who is under the flag tonight, and which cases tell of abuse."""

    flagged: frozenset[Name]
    telling: frozenset[Name]
    everyone: bool
    remembered: dict[str, Known] = field(repr=False)

    def of(self, person: Name) -> bool:
        """Return whether the person is under the flag."""
        return self.everyone or person in self.flagged


def danger(world: World, read: Iterable[str], known: dict[str, Known]) -> Danger:
    """Return who is in danger, given what was read tonight and what is remembered of every source."""
    here = sorted(read)
    missing = [source for source in world.tables if source not in here]
    everyone = any(source not in known for source in missing)
    telling = _telling(world, here, missing, known)
    flagged = {person for source in here for person in _own_flags(world, source)}
    flagged |= {owner for source in here for case, owner in _owners(world, source) if case in telling}
    marks = {source: list(_marks(world, source)) for source in here}
    if not everyone:
        through = {mark for source in missing for mark in known[source].marks}
        flagged |= {person for source in here for person, mark in marks[source] if mark in through}
    links = [*(link for source in here for link in marks[source]), *_relations(world, here)]
    flagged = _spread(flagged, links)
    now = {
        source: Known(
            frozenset(mark for person, mark in marks[source] if person in flagged),
            frozenset(_remembered_cases(world, source)),
        )
        for source in here
    }
    return Danger(frozenset(flagged), frozenset(telling), everyone, known | now)


def _own_flags(world: World, source: str) -> Iterator[Name]:
    """Yield the people whose own rows prove the flag, or cannot exclude it; nameless rows exclude nothing."""
    for row in world.tables[source]["people"].values():
        not_sensitive = {"No", ""} if source == "hub" else {"No"}
        if row["Safe to Contact"] not in {"", "Yes"} or row["Sensitive"] not in not_sensitive:
            yield source, row["Person"]
    owners = dict(_owners(world, source))
    for row in world.rows(source, "referrals"):
        if TELLS_OF_ABUSE.get(row["Project"], True) or not row["Case"]:
            yield source, row["Person"]
    for row in world.rows(source, "needs"):
        if row["Kind"] in ABUSE or not row["Need"]:
            yield source, row["Person"]
            if row["Need"] and (source, row["Case"]) in owners:
                yield owners[source, row["Case"]]
    for row in world.rows(source, "contacts") if "contacts" in world.tables[source] else ():
        if not row["Case"] or not row["Contact"]:
            yield source, row["Person"]


def _owners(world: World, source: str) -> Iterator[tuple[Name, Name]]:
    for case, row in world.tables[source]["referrals"].items():
        yield (source, case), (source, row["Person"])


def _own_tellings(world: World, source: str) -> Iterator[Name]:
    for case, row in world.tables[source]["referrals"].items():
        if TELLS_OF_ABUSE.get(row["Project"], True):
            yield source, case
    for row in world.tables[source]["needs"].values():
        if row["Kind"] in ABUSE and row["Case"]:
            yield source, row["Case"]


def _pairs(world: World, source: str) -> Iterator[tuple[Name, Name]]:
    for case, row in world.tables[source]["referrals"].items():
        if row["Portal"]:
            yield (source, case), ("hub", row["Portal"])


def _remembered_cases(world: World, source: str) -> set[Name]:
    own = set(_own_tellings(world, source))
    return own | {origin for case, origin in _pairs(world, source) if case in own}


def _telling(world: World, here: list[str], missing: list[str], known: dict[str, Known]) -> set[Name]:
    """Return the cases that tell: by a row, or because they came from one that does, or led to one."""
    pairs = [pair for source in here for pair in _pairs(world, source)]
    telling = {case for source in here for case in _own_tellings(world, source)}
    present = {case for source in here for case, _ in _owners(world, source)}
    elsewhere = {origin for _, origin in pairs} - present
    if any(source not in known for source in missing):
        telling |= elsewhere
    else:
        remembered = {case for source in missing for case in known[source].cases}
        telling |= (present | elsewhere) & remembered
    while True:
        reached = {end for pair in pairs if set(pair) & telling for end in pair} - telling
        if not reached:
            return telling
        telling |= reached


def _marks(world: World, source: str) -> Iterator[tuple[Name, Mark]]:
    """Yield what joins a person to others across sources: address, property, number."""
    for row in world.tables[source]["people"].values():
        person = source, row["Person"]
        street, postcode = _bare(row["Street"]), _bare(row["Postcode"])
        if street and postcode:
            yield person, ("address", street, postcode)
        if row["UPRN"]:
            yield person, ("property", row["UPRN"].lstrip("0"))
        if re.fullmatch(r"\d{10}", row["NHS Number"]) and len(set(row["NHS Number"])) > 1:
            yield person, ("number", row["NHS Number"])


def _bare(words: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", words.upper())


def _relations(world: World, here: list[str]) -> Iterator[tuple[Name, Mark]]:
    rows: list[Row] = list(world.tables["hub"]["relationships"].values()) if "hub" in here else []
    for row in rows:
        for end in ("Person", "Related"):
            yield ("hub", row[end]), ("relation", row["Link"])


def _spread(flagged: set[Name], links: list[tuple[Name, Mark]]) -> set[Name]:
    """Return the flagged and everybody whom a chain of shared marks joins to one of them."""
    reached = set(flagged)
    while True:
        marks = {mark for person, mark in links if person in reached}
        more = {person for person, mark in links if mark in marks} - reached
        if not more:
            return reached
        reached |= more

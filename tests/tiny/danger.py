"""Who may be in danger: the safety flag, its spreading, and the cases that tell of abuse; from plain rows.

Written from design.md (Fates: safety flag) and the assessment's safetySources, without the program.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from tests.tiny.world import FRIENDS, HUB, SAFE, Row, World

Name = tuple[str, str]
Mark = tuple[str, ...]
Thing = tuple[str, Name] | Mark
Proof = tuple[Name, Thing]  # the export and reference of a row, and what it stands for
ABUSE = {"SOC.DA", "SOC.DAP"}
TELLS_OF_ABUSE = {HUB: False, FRIENDS: False, SAFE: True}


@dataclass(frozen=True)
class Known:
    """What is remembered of a source once it was read whole."""

    marks: frozenset[Mark]
    cases: frozenset[Name]
    proofs: frozenset[Proof]


@dataclass(frozen=True)
class Danger:
    """Who is under the flag tonight, and which cases tell of abuse."""

    flagged: frozenset[Name]
    telling: frozenset[Name]
    everyone: bool
    doubted: frozenset[Name]
    remembered: dict[str, Known] = field(repr=False)

    def of(self, person: Name) -> bool:
        """Return whether the person is under the flag."""
        return self.everyone or person in self.flagged


def danger(world: World, read: Iterable[str], known: dict[str, Known], *, let_go: bool = False) -> Danger:
    """Return who is in danger, given what was read tonight and what is remembered of every source.

    A row that was there and is gone stands for what it stood for, until somebody lets it go.
    """
    here = sorted(read)
    missing = [source for source in world.tables if source not in here]
    everyone = any(source not in known for source in missing)
    gone = {source: set() if let_go else _gone(world, source, known) for source in here}
    things = {thing for proofs in gone.values() for _, thing in proofs}
    telling = _telling(world, here, missing, known, things)
    flagged = {person for source in here for person in _own_flags(world, source)}
    flagged |= {
        owner
        for source in here
        for case, owner in _owners(world, source)
        if case in telling or ("owner", case) in things
    }
    marks = {source: list(_marks(world, source)) for source in here}
    relations = list(_relations(world, here))
    through = things | {mark for source in missing if not everyone for mark in known[source].marks}
    flagged |= {person for source in here for person, mark in marks[source] if mark in through}
    flagged |= {person for person, mark in relations if mark in things}
    flagged |= {person for source in here for one, person in _selves(world, source) if ("is", one) in things}
    links = [*(link for source in here for link in marks[source]), *relations]
    flagged = _spread(flagged, links)
    shared = {mark for person, mark in links if any(mark == m and person != p for p, m in links)}
    now = {
        source: Known(
            frozenset(mark for person, mark in marks[source] if person in flagged),
            frozenset(_remembered_cases(world, source)),
            frozenset({*_proofs(world, source, flagged, telling, shared), *gone[source]}),
        )
        for source in here
    }
    doubted = {person for source in here for one, person in _selves(world, source) if ("no", one) in things}
    return Danger(frozenset(flagged), frozenset(telling), everyone, frozenset(doubted), known | now)


def _gone(world: World, source: str, known: dict[str, Known]) -> set[Proof]:
    """Return what is known of rows that are not there tonight."""
    proofs = known[source].proofs if source in known else frozenset()
    return {(row, thing) for row, thing in proofs if row[1] not in world.tables[source][row[0]]}


def _selves(world: World, source: str) -> Iterator[tuple[Name, Name]]:
    """Yield each person, and each who was merged into one, with the person they are now."""
    for name, row in world.tables[source]["people"].items():
        for one in (name, *(lost.strip() for lost in row["Merged"].split(";") if lost.strip())):
            yield (source, one), (source, name)


def _proofs(
    world: World, source: str, flagged: set[Name], telling: set[Name], shared: set[Mark]
) -> Iterator[Proof]:
    """Yield what each row stands for: a flag, a case that tells, a home or number, a relation, a no."""
    for name, row in world.tables[source]["people"].items():
        if _says_so(source, row):
            yield ("people", name), ("is", (source, name))
    for (_, name), mark in [*_marks(world, source), *_relations(world, [source])]:
        here = name in world.tables[source]["people"]
        if here and (source, name) in flagged and mark in shared:
            yield ("people", name), mark
    for (_, end), (_, link) in _relations(world, [source]):
        if (source, end) in flagged:
            yield ("relationships", link), ("is", (source, end))
    yield from _case_proofs(world, source, telling)
    yield from _noes(world, source)


def _case_proofs(world: World, source: str, telling: set[Name]) -> Iterator[Proof]:
    for name, row in world.tables[source]["referrals"].items():
        if (source, name) in telling:
            yield ("referrals", name), ("is", (source, row["Person"]))
            yield ("referrals", name), ("case", (source, name))
        if (source, name) in telling and row["Portal"]:
            yield ("referrals", name), ("case", ("hub", row["Portal"]))
    for name, row in world.tables[source]["needs"].items():
        if row["Kind"] in ABUSE:
            yield ("needs", name), ("is", (source, row["Person"]))
            yield from ((("needs", name), (what, (source, row["Case"]))) for what in ("owner", "case"))


def _noes(world: World, source: str) -> Iterator[Proof]:
    """Yield each person's latest answer that is not a yes."""
    answers = world.tables[source]["consents"]
    latest = {row["Person"]: name for name, row in sorted(answers.items(), key=_when)}
    for person, name in latest.items():
        if answers[name]["Status"] != "Given":
            yield ("consents", name), ("no", (source, person))


def _when(answer: tuple[str, Row]) -> datetime:
    return datetime.strptime(answer[1]["Recorded"], "%d/%m/%Y %H:%M")  # noqa: DTZ007


def _says_so(source: str, row: Row) -> bool:
    """Return whether the person's own row proves the flag, or cannot exclude it."""
    not_sensitive = {"No", ""} if source == "hub" else {"No"}
    return row["Safe to Contact"] not in {"", "Yes"} or row["Sensitive"] not in not_sensitive


def _own_flags(world: World, source: str) -> Iterator[Name]:
    """Yield the people whose own rows prove the flag, or cannot exclude it; nameless rows exclude nothing."""
    for row in world.tables[source]["people"].values():
        if _says_so(source, row):
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


def _telling(
    world: World, here: list[str], missing: list[str], known: dict[str, Known], gone: set[Thing]
) -> set[Name]:
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
    telling |= {case for case in present | {end for pair in pairs for end in pair} if ("case", case) in gone}
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

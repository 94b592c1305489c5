"""A site of the hub alone: its assessment, and a handful of people to follow through many nights."""

import re
from dataclasses import replace

from demo.book import Table
from demo.nights import DIARY, PERSON
from demo.sample import EXPORTS, Sample

WHOLE = ("organisations", "services")
COUNTS = ("lot_8_counts", "hub_counts")
HANGING = ("referrals", "contacts", "needs", "consents")


def of_the_hub_alone(dpia: str) -> str:
    """Return the assessment with nobody but the hub taking part, and without the examples of all three."""
    dpia, mark, _ = dpia.partition("\nexamples:\n")
    dpia += "\nexamples: []\n" if mark else ""
    dpia = without_counts(dpia)
    dpia = re.sub(r"    sources: \[(community_support|domestic_abuse_support)\]\n", "", dpia)
    dpia = re.sub(r"    (from|sources): \[hub, .*\]\n", r"    \1: [hub]\n", dpia)
    dpia = re.sub(r"    basis: \[(council-[a-z-]+), (hub-[a-z-]+), .*\]\n", r"    basis: [\1, \2]\n", dpia)
    begins, ends = dpia.index("  - source: community_support\n"), dpia.index("# Rules that run before any")
    return dpia[:begins] + "\n" + dpia[ends:]


def without_counts(dpia: str) -> str:
    """Return the assessment without its flows of counts, which are the last of its flows."""
    if COUNTS[0] not in dpia:
        return dpia
    begins = dpia.index("\n  # No row of domestic abuse support is in the flow above.")
    dpia = dpia[:begins] + dpia[dpia.index("\n# ---- People's choices and legal stops") :]
    return re.sub(rf"  - {{what: ({'|'.join(COUNTS)})@.*\n|, ({'|'.join(COUNTS)})", "", dpia)


def few_people(sample: Sample, count: int) -> Sample:
    """Return the hub with so many clients, each with one case, one contact, one need and one consent."""
    own = {name: _by_person(sample.table("hub", name)) for name in HANGING}
    cases: dict[str, list[str]] = {}
    for row in sample.table("hub", "referrals"):
        cases.setdefault(row[PERSON], []).append(row[DIARY])
    planted = {flaw.reference for flaw in sample.truth}
    chosen: dict[str, Table] = {name: [] for name in EXPORTS}
    for row in sample.table("hub", "people"):
        person = row[PERSON]
        mine = {name: _mine(own[name].get(person, []), name) for name in HANGING}
        ordinary = len(cases.get(person, [])) == 1 and row["Report Person Type"] == "Client"
        untouched = not planted & {person, *cases.get(person, [])} and row["Anonymised"] == "No"
        if ordinary and untouched and all(mine.values()) and len(chosen["people"]) < count:
            chosen["people"].append(row)
            for name, rows in mine.items():
                chosen[name].append(rows[0])
    whole = {name: sample.table("hub", name) for name in WHOLE}
    return replace(sample, sources={"hub": {**chosen, **whole}}, truth=())


def _by_person(table: Table) -> dict[str, Table]:
    found: dict[str, Table] = {}
    for row in table:
        found.setdefault(row[PERSON], []).append(row)
    return found


def _mine(rows: Table, export: str) -> Table:
    wanted = {
        "contacts": ("Contact Type", "Contact"),
        "consents": ("Purpose", "Share with council"),
    }.get(export)
    if export == "needs":
        return [row for row in rows if row["Primary"] == "Yes" and not row["Need"].startswith("SOC")]
    return [row for row in rows if wanted is None or row[wanted[0]] == wanted[1]]

"""Clients of the small sample to whom something may happen, their cases, and what a night sent."""

from typing import Any

from demo.nights import DIARY, PERSON
from demo.sample import Sample
from tests.released import FLOWS, counts


def quiet_client(sample: Sample, place: int = 0) -> str:
    """Return a hub client who agreed, is not planted on, and has one ordinary case, contacts and needs."""
    planted = {flaw.reference for flaw in sample.truth}
    agreed = {
        row[PERSON]
        for row in sample.table("hub", "consents")
        if row["Purpose"] == "Share with council" and row["Status"] == "Given"
    } - {
        row[PERSON]
        for row in sample.table("hub", "consents")
        if row["Purpose"] == "Share with council" and row["Status"] != "Given"
    }
    cases: dict[str, list[str]] = {}
    for row in sample.table("hub", "referrals"):
        cases.setdefault(row[PERSON], []).append(row[DIARY])
    unsafe = {row[PERSON] for row in sample.table("hub", "relationships")}
    unsafe |= {row["Related Org Person ID"] for row in sample.table("hub", "relationships")}
    unsafe |= {row[PERSON] for row in sample.table("hub", "risks")}
    homes = [row["Address Line 1"] for tables in sample.sources.values() for row in tables["people"]]
    told = [
        row[PERSON]
        for row in sample.table("hub", "contacts")
        if row["Classification Code"] in {"SOC.DA", "SOC.DAP"} or row["External Referral To"]
    ]
    found = [
        row[PERSON]
        for row in sample.table("hub", "people")
        if row[PERSON] in agreed - planted - unsafe - set(told)
        and len(cases.get(row[PERSON], [])) == 1
        and cases[row[PERSON]][0] not in planted
        and row["Anonymised"] == "No"
        and row["Safe to Contact"] == "Yes"
        and row["Sensitive Location"] == "No"
        and row["Address Type"] == "Main"
        and row["Address Line 1"]
        and homes.count(row["Address Line 1"]) == 1
        and not row["Merged IDs"]
        and row["NHS Number"]
    ]
    return found[place]


def case_of(sample: Sample, person: str) -> str:
    """Return the first referral of a hub person."""
    return next(row[DIARY] for row in sample.table("hub", "referrals") if row[PERSON] == person)


def references(sample: Sample, export: str, person: str) -> list[str]:
    """Return the references of a hub person's rows in an export."""
    return [next(iter(row.values())) for row in sample.table("hub", export) if row[PERSON] == person]


def sent(summary: Any) -> dict[str, dict[str, dict[str, int]]]:
    """Return what each flow sent and withdrew."""
    return {flow: counts(summary, flow) for flow in FLOWS}

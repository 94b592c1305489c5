"""What happens to a sample between two nights: records change, vanish, are merged or anonymised, or come.

Every function returns a new sample; the one given stays as it was. The truth stays true as long as only
records without a planted flaw are touched, which is what `night` does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from demo.book import Table
from demo.dates import day_text
from demo.lives import blank_identity
from demo.people import Row
from demo.sample import Sample
from demo.words import EXPORTS

PERSON, DIARY = "Org Person ID", "Diary Reference Number"
LINKS = (PERSON, "Related Org Person ID")


def _with_tables(sample: Sample, source: str, tables: Mapping[str, Table]) -> Sample:
    return replace(sample, sources={**sample.sources, source: {**sample.sources[source], **tables}})


def _rewrite(sample: Sample, source: str, export: str, each: Callable[[Row], Row | None]) -> Sample:
    """Return the sample with every row of one export passed through `each`; None takes the row out."""
    rows = [row for old in sample.table(source, export) if (row := each(old)) is not None]
    return _with_tables(sample, source, {export: rows})


def find(sample: Sample, source: str, export: str, reference: str) -> Row:
    """Return the row of that reference. Errors: KeyError if there is none."""
    key = EXPORTS[export][0]
    for row in sample.table(source, export):
        if row[key] == reference:
            return row
    raise KeyError(f"{source} has no {reference} in {export}")


def change(sample: Sample, source: str, export: str, reference: str, cells: Row) -> Sample:
    """Return the sample with these cells of one row changed. Errors: KeyError for no such row or column."""
    row = find(sample, source, export, reference)
    unknown = set(cells) - set(row)
    if unknown:
        raise KeyError(f"{export} has no columns {sorted(unknown)}")
    return _rewrite(sample, source, export, lambda old: {**old, **cells} if old is row else old)


def add(sample: Sample, source: str, export: str, cells: Row) -> Sample:
    """Return the sample with one more row; columns not given are empty."""
    row = dict.fromkeys(EXPORTS[export], "") | cells
    return _with_tables(sample, source, {export: [*sample.table(source, export), row]})


def vanish(sample: Sample, source: str, export: str, reference: str) -> Sample:
    """Return the sample without the record and without all that hangs on it, as when the CRM deletes it."""
    find(sample, source, export, reference)
    column = EXPORTS[export][0]
    links = {"people": LINKS, "referrals": (DIARY,)}.get(export, (column,))
    reached = EXPORTS if export in {"people", "referrals"} else (export,)
    for name in reached:
        sample = _rewrite(
            sample, source, name, lambda row: None if reference in (row.get(link) for link in links) else row
        )
    return sample


def anonymise(sample: Sample, source: str, person: str) -> Sample:
    """Return the sample with the person's identity blanked and the record flagged; the work done stays."""
    blanked = dict(find(sample, source, "people", person))
    blank_identity(blanked)
    return _rewrite(sample, source, "people", lambda row: blanked if row[PERSON] == person else row)


def merge(sample: Sample, source: str, survivor: str, loser: str) -> Sample:
    """Return the sample with one person merged into another: all that was the loser's is the survivor's."""
    kept, gone = find(sample, source, "people", survivor), find(sample, source, "people", loser)
    merged = "; ".join(name for name in (kept["Merged IDs"], loser, gone["Merged IDs"]) if name)

    def joined(row: Row) -> Row | None:
        return {**row, "Merged IDs": merged} if row is kept else (None if row is gone else row)

    def moved(row: Row) -> Row:
        links = {link: survivor for link in LINKS if row.get(link) == loser}
        return {**row, **links} if links else row

    sample = _rewrite(sample, source, "people", joined)
    for export in EXPORTS:
        if export != "people" and PERSON in EXPORTS[export]:
            sample = _rewrite(sample, source, export, moved)
    return sample


@dataclass(frozen=True)
class Night:
    """A later night: the sample as it is then, and what happened since the night before."""

    sample: Sample
    changed: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()
    anonymised: tuple[str, ...] = ()
    merged: tuple[tuple[str, str], ...] = ()
    new: tuple[str, ...] = ()


def _quiet_people(sample: Sample) -> list[str]:
    """Return hub people with a home and one referral, in which nothing was advised, sent on or planted."""
    planted = {flaw.reference for flaw in sample.truth}
    cases: dict[str, list[str]] = {}
    for row in sample.table("hub", "referrals"):
        cases.setdefault(row[PERSON], []).append(row[DIARY])
    busy = {row[link] for row in sample.table("hub", "relationships") for link in LINKS}
    for row in sample.table("hub", "contacts"):
        if row["Contact Type"] != "Contact" or row["Contact ID"] in planted:
            busy.add(row[PERSON])
    for row in sample.table("hub", "outcomes"):
        if row["Form ID"] in planted:
            busy.add(row[PERSON])
    busy |= {person for person, diary in cases.items() if len(diary) > 1 or planted & {person, *diary}}
    return [
        row[PERSON]
        for row in sample.table("hub", "people")
        if row[PERSON] in cases and row[PERSON] not in busy and row["Forename"] and row["Address Line 1"]
    ]


def night(sample: Sample, number: int) -> Night:
    """Return the sample so many nights later; what happens is chosen by the number and touches no figure.

    A hub person moves house, one is anonymised, two are merged, a risk of Community Support vanishes, a new
    person is referred to the hub after the period of the figures. Night 0 is the sample itself.
    """
    if number == 0:
        return Night(sample)
    quiet = _quiet_people(sample)
    moved, cleansed, survivor, loser = quiet[(number - 1) * 4 : number * 4]
    risk = sample.table("community_support", "risks")[number]["Risk ID"]
    later = change(
        sample, "hub", "people", moved, {"Address Line 1": f"{number} Zqstrlater Road", "UPRN": ""}
    )
    later = merge(anonymise(later, "hub", cleansed), "hub", survivor, loser)
    later = vanish(later, "community_support", "risks", risk)
    later, new = _arrive(later, number)
    later = replace(later, extracted_at=sample.extracted_at + timedelta(days=number))
    return Night(later, (moved,), (risk,), (cleansed,), ((survivor, loser),), new)


def _arrive(sample: Sample, number: int) -> tuple[Sample, tuple[str, ...]]:
    """Return the sample with a new person and their referral, received the day before that night's export."""
    model = sample.table("hub", "people")[0]
    received = day_text((sample.extracted_at + timedelta(days=number - 1)).date())
    person, diary, need, consent = (f"H{letter}8{number:05d}" for letter in "PRNG")
    identity = {"Org Person ID": person, "Forename": "Zqfornewly", "Surname": "Zqsurnewly"}
    blank = dict.fromkeys(("NHS Number", "NHS Number Status", "Merged IDs", "UPRN"), "")
    sample = add(sample, "hub", "people", {**model, **identity, **blank})
    case = {
        DIARY: diary,
        PERSON: person,
        "Referral Date": received,
        "Project": "Stockport Support Hub",
        "Stage": "Referral Received",
        "Status": "Pending",
        "Priority": "Routine",
        "Referral Method": "Telephone",
        "Referrer Type": "Self referral",
    }
    sample = add(sample, "hub", "referrals", case)
    why = {"Need ID": need, DIARY: diary, PERSON: person, "Need": "SOC.LON", "Primary": "Yes"}
    sample = add(sample, "hub", "needs", why | {"Raised Date": received})
    agreed = {"Consent ID": consent, PERSON: person, "Purpose": "Share with council", "Status": "Given"}
    sample = add(sample, "hub", "consents", agreed | {"Recorded": f"{received} 10:00"})
    return sample, (person, diary, need, consent)

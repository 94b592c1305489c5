"""The sample is one seed's, invented through and through, linked without a loose end."""

import csv
import json
import re
import time
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from demo.people import check_digit
from demo.places import postcodes
from demo.sample import (
    CANARIES,
    EXPORTS,
    EXTRACTED_AT,
    SOURCES,
    Sample,
    generate,
    write_csvs,
    write_truth,
)
from demo.words import STEMS

HOLDING = {
    "REF-01", "REF-02", "REF-16", "CON-01", "ADV-02", "PER-07", "PER-10", "PER-12", "ENT-01", "LNK-01",
    "LNK-02", "MAP-02", "MAP-03",
}  # fmt: skip
PERSONAL = ("Forename", "Surname", "Known As", "Address Line 1", "Address Line 2", "Town", "Telephone")


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    sample: Sample, folder: Path, tmp_path: Path
) -> None:
    """Whoever repeats a run repeats the data."""
    write_csvs(generate(), tmp_path)
    for source in SOURCES:
        for export in EXPORTS:
            assert (tmp_path / source / f"{export}.csv").read_bytes() == (
                folder / source / f"{export}.csv"
            ).read_bytes()
    assert generate(7).sources != sample.sources


def test_another_seed_has_the_same_figures_and_as_many_flaws(sample: Sample) -> None:
    """The figures are the sample's, not the seed's."""
    other = generate(99)
    kinds = sorted((flaw.source, flaw.check) for flaw in sample.truth)
    assert sorted((flaw.source, flaw.check) for flaw in other.truth) == kinds
    advice = [
        row["Org Person ID"]
        for row in other.table("hub", "contacts")
        if row["Contact Type"] == "Advice" and row["Contact Date"][3:] != "12/2022"
    ]
    assert (len(advice), len(set(advice))) == (2167, 1106)


def test_it_is_made_in_a_few_seconds() -> None:
    """The demo waits for it."""
    began = time.process_time()
    generate()
    assert time.process_time() - began < 6


def test_exports_are_written_as_the_portal_writes_them(folder: Path, sample: Sample) -> None:
    """A byte order mark, the agreed header, line ends of two characters, and every row of the sample."""
    for source in SOURCES:
        for export in EXPORTS:
            content = (folder / source / f"{export}.csv").read_bytes()
            rows = list(csv.reader(content.decode("utf-8-sig").splitlines(keepends=True)))
            assert content.startswith(b"\xef\xbb\xbf" + ",".join(EXPORTS[export]).encode() + b"\r\n")
            assert len(rows) - 1 == len(sample.table(source, export))
            assert all(list(row) == list(EXPORTS[export]) for row in sample.table(source, export))
    assert json.loads((folder / "about.json").read_text())["data_as_at"] == EXTRACTED_AT.isoformat()


def test_every_personal_column_has_a_canary_word_of_its_own(sample: Sample) -> None:
    """So that a word found where it should not be tells from which column it came."""
    assert len(set(CANARIES)) == len(CANARIES)
    shifted = {flaw.reference for flaw in sample.truth if flaw.check == "MAP-03"}
    unnamed = {flaw.reference for flaw in sample.truth if flaw.check == "PER-13"}
    for source in SOURCES:
        for row in sample.table(source, "people"):
            names = PERSONAL[2:] if row["Org Person ID"] in unnamed else PERSONAL
            assert all(STEMS[name].lower() in row[name].lower() for name in names if row[name])
        for row in sample.table(source, "referrals"):
            assert all(STEMS[name] in row[name] for name in ("Referrer Name", "Referral Reason") if row[name])
        for row in sample.table(source, "contacts"):
            if row["Contact ID"] not in shifted:
                assert all(STEMS[name] in row[name] for name in ("Worker", "Details"))


def test_nhs_numbers_are_of_the_test_range_but_for_the_placeholders(sample: Sample) -> None:
    """No number can be somebody's."""
    wrong = {flaw.reference for flaw in sample.truth if flaw.check in {"PER-05", "PER-06"}}
    for source in SOURCES:
        for row in sample.table(source, "people"):
            number = row["NHS Number"].replace(" ", "")
            if number and row["Org Person ID"] not in wrong:
                assert number.startswith("999")
                assert check_digit(number[:9]) == int(number[9])
            elif number:
                assert number.startswith("999") or len(set(number)) == 1


def test_postcodes_are_those_of_the_invented_look_up_or_planted(sample: Sample) -> None:
    """The area ZQ is nobody's."""
    known = {postcode.replace(" ", "") for postcode in postcodes()}
    written_down = [*sample.truth, *sample.look_alikes]
    planted = {one.reference for one in written_down if one.check.startswith("ADR")}
    for source in SOURCES:
        for row in sample.table(source, "people"):
            found = row["Postcode"].replace(" ", "")
            assert found in {"", *known} or row["Org Person ID"] in planted


def test_the_secrets_are_what_a_scan_must_never_find(sample: Sample) -> None:
    """NHS numbers with and without spaces, birth dates in two forms, names, addresses; nothing too short."""
    secrets, person = sample.secrets(), sample.table("hub", "people")[5]
    assert {person["Forename"], person["Surname"], person["Postcode"], person["Date of Birth"]} <= secrets
    assert person["NHS Number"].replace(" ", "") in secrets
    assert "-".join(reversed(person["Date of Birth"].split("/"))) in secrets
    assert min(map(len, secrets)) > 4
    assert not secrets & sample.references


def test_references_are_unique_and_every_link_leads_somewhere(tables: duckdb.DuckDBPyConnection) -> None:
    """Loose ends are planted, and only the planted ones are there."""
    links = {
        "Org Person ID": "people", "Diary Reference Number": "referrals", "Related Org Person ID": "people",
        "Consent ID": "consents", "Referrer ID": "organisations", "Signposted To": "organisations",
        "External Referral To": "organisations", "External Referral Service": "services",
        "Organisation ID": "organisations",
    }  # fmt: skip
    for source in SOURCES:
        for export, header in EXPORTS.items():
            repeated = f"""select "{header[0]}" from {source}.{export} group by 1 having count(*) > 1
                and "{header[0]}" not in (from planted('PER-12 REF-02 ENT-01'))"""
            assert tables.execute(repeated).fetchall() == []
            for column in header[1:]:
                if column in links:
                    target = links[column]
                    loose = f"""select "{header[0]}" from {source}.{export} anti join
                        (select "{EXPORTS[target][0]}" as key from {source}.{target})
                        on key = reference("{column}")
                        where "{column}" is not null and "{header[0]}" not in
                        (from planted('CON-01 ADV-02 LNK-01 SIG-01 ONR-01'))"""
                    assert tables.execute(loose).fetchall() == []


def test_about_seven_in_ten_agree_that_the_council_may_know(sample: Sample) -> None:
    """The others refused, withdrew, were not asked, or the CRM does not say."""
    given = {
        row["Org Person ID"]
        for row in sample.table("hub", "consents")
        if row["Purpose"] == "Share with council" and row["Status"] == "Given"
    }
    assert 0.66 < len(given) / len(sample.table("hub", "people")) < 0.74
    statuses = {
        row["Status"] for row in sample.table("hub", "consents") if row["Purpose"] == "Share with council"
    }
    assert {"Given", "Refused", "Withdrawn", "Not yet asked"} <= statuses


def test_people_at_risk_share_homes_with_people_the_hub_knows(sample: Sample) -> None:
    """The safety flag has something to spread to, also where the address was typed by another clerk."""

    def home(row: dict[str, str]) -> str:
        return re.sub(r"\s", "", row["Address Line 1"] + row["Postcode"]).lower()

    hub = {home(row) for row in sample.table("hub", "people") if row["Address Line 1"]}
    abuse = sample.table("domestic_abuse_support", "people")
    typed_otherwise = [row for row in abuse if home(row) in hub and row["Address Line 1"].isupper()]
    assert len([row for row in abuse if home(row) in hub]) >= 55
    assert len(typed_otherwise) >= 15
    assert len([row for row in abuse if row["Address Type"] == "Refuge"]) == 9


def test_the_truth_file_names_every_flaw_with_its_fate(sample: Sample, tmp_path: Path) -> None:
    """Every kind is in several records; each flaw in one that exists, and no record has two."""
    write_truth(sample, tmp_path / "truth.json")
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert truth["figures"]["referrals"] == 3663
    assert len(truth["flaws"]) == len(sample.truth) > 450
    kinds = Counter(flaw["check"] for flaw in truth["flaws"])
    assert len(kinds) == 75
    of_providers = {flaw["check"] for flaw in truth["flaws"] if flaw["entity"] == "submission"}
    assert min(number for kind, number in kinds.items() if kind not in of_providers) >= 2
    named = {f["reference"] for f in truth["flaws"] if f["check"] != "MAP-02" and f["entity"] != "submission"}
    assert named <= sample.references
    records = {(flaw["source"], flaw["entity"], flaw["reference"]) for flaw in truth["flaws"]}
    assert len(records) == len(sample.truth)
    held = {flaw["check"] for flaw in truth["flaws"] if flaw["fate"] == "hold_record"}
    assert held == HOLDING


def test_dates_in_the_future_follow_the_instant_of_the_export() -> None:
    """A sample as at another instant plants them after that instant."""
    later = generate(extracted_at=datetime(2023, 6, 1, 6, tzinfo=UTC))
    days = {row["Referral Date"] for row in later.table("hub", "referrals")}
    latest = max(
        date(int(day[6:]), int(day[3:5]), int(day[:2])) for day in days if day and day != "31/02/2022"
    )
    assert latest > date(2023, 6, 1)


@pytest.mark.parametrize("source", SOURCES)
def test_nothing_unplanted_is_wrong(tables: duckdb.DuckDBPyConnection, source: str) -> None:
    """Born before referred, worked with until closed, missed without duration, one primary need."""
    tables.execute(f"use {source}")
    questions = {
        "person born later": """select r."Diary Reference Number" from referrals r join people p
            using ("Org Person ID") where day("Date of Birth") >= day("Referral Date")
            and "Org Person ID" not in (from planted('PER-01 PER-02 PER-03'))""",
        "contact outside": """select "Contact ID" from contacts c join referrals r
            using ("Diary Reference Number") where day("Contact Date") < day("Referral Date")
            and "Contact ID" not in (from planted('CON-02'))
            or day("Contact Date") > least(day("Referral Closure Date") + 14, date '2022-12-07')
            and "Contact ID" not in (from planted('CON-02'))""",
        "contact before the minute": """select "Contact ID" from contacts c join referrals r
            using ("Diary Reference Number") where "Contact Date" = "Referral Date"
            and "Contact Time" < "Referral Time" """,
        "another person": """select "Contact ID" from contacts c join referrals r
            using ("Diary Reference Number") where c."Org Person ID" <> r."Org Person ID" """,
        "missed with a duration": """select "Contact ID" from contacts where "Duration" is not null
            and Attendance in ('Did not attend', 'Cancelled by client', 'Cancelled by provider')
            and "Contact ID" not in (from planted('CON-03'))""",
        "not one primary need": """select "Diary Reference Number" from referrals left join needs
            using ("Diary Reference Number")
            where "Diary Reference Number" not in (from planted('REF-15 REF-02'))
            group by 1 having count(*) filter ("Primary" = 'Yes') <> 1""",
        "half closed": """select "Diary Reference Number" from referrals
            where ("Referral Closure Date" is null) <> (Outcome is null)
            and "Diary Reference Number" not in (from planted('REF-10'))""",
        "dates out of order": """select "Diary Reference Number" from referrals
            where (day("Accepted Date") < day("Referral Date") or day("Start Date") < day("Accepted Date")
            or day("Referral Closure Date") < coalesce(day("Start Date"), day("Referral Date"))
            or day("Referral Closure Date") > '2022-12-07')
            and "Diary Reference Number" not in (from planted('EPI-01 REF-09'))""",
        "nameless": """select "Org Person ID" from people where "Date of Birth" is null
            and "Anonymised" = 'No' and "Report Person Type" <> 'Professional'
            and "Org Person ID" not in (from planted('PER-04'))""",
        "after death": """select "Contact ID" from contacts join people using ("Org Person ID")
            where day("Contact Date") > day("Date of Death") and Administrative = 'No'
            and "Org Person ID" not in (from planted('PER-11'))""",
        "consent after its use": """select c."Contact ID" from contacts c join consents g
            on reference(c."Consent ID") = g."Consent ID" where try_strptime("Recorded", '%d/%m/%Y %H:%M') >
            try_strptime("Contact Date" || ' ' || "Contact Time", '%d/%m/%Y %H:%M')""",
    }
    found = {question: tables.execute(query).fetchall() for question, query in questions.items()}
    tables.execute("use main")
    assert {question: rows for question, rows in found.items() if rows} == {}

"""The twelve columns of 2017, by configuration alone: another system's layout runs the whole way."""

import csv
import io
from datetime import date, datetime
from pathlib import Path

import pytest

from commands.sample_site import make_keys, write_sample_site
from demo.sample import csv_text
from demo.sample_2017 import PROJECTS, csv_2017
from tests.nights import NightSite
from tests.one_source import of_the_hub_alone
from tests.released import FLOWS, Council, counts, state
from tests.signing_of_sites import sign_site
from tests.small_sample import whole_sample

SOURCE = """connector: folder
provider: hub
folder: drop/hub
settle_seconds: 0
files:
  events: events.csv
mappings:
  events: mappings/signposts_2017.yaml
"""
DIRECTORY = {
    "  events: events.csv\n": "  organisations: organisations.csv\n  services: services.csv\n",
    "  events: mappings/signposts_2017.yaml\n": "  organisations: mappings/charitylog_organisations.yaml\n"
    "  services: mappings/charitylog_services.yaml\n",
}


def of_one_source(dpia: str) -> str:
    """Return the assessment with the hub alone taking part, on the implied consent of those it cares for.

    The layout holds no answer about sharing, so nobody would ever be in a flow that stands on one.
    """
    alone = of_the_hub_alone(dpia).replace("{gateway: consent,", "{gateway: implied_consent_individual_care,")
    return alone.replace("cohort: \"person.share_council = 'given'\"", "cohort: everyone")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_2017())))


def site_of(folder: Path, source: str) -> NightSite:
    """Return a site with one source that drops such exports, before its first night."""
    site = write_sample_site(folder, {})
    for path in (folder / "sources").glob("*.yaml"):
        path.unlink()
    (folder / "sources" / "hub.yaml").write_text(source, encoding="utf-8")
    (folder / "drop" / "hub").mkdir(parents=True)
    (folder / "drop" / "hub" / "events.csv").write_text(csv_2017(), encoding="utf-8", newline="")
    site.dpia.write_text(of_one_source(site.dpia.read_text(encoding="utf-8")), encoding="utf-8")
    make_keys(site, list(FLOWS))
    sign_site(site)
    return NightSite(folder)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> NightSite:
    """Return a site with the twelve columns, and beside them what its projects stand for."""
    source = SOURCE
    for line, more in DIRECTORY.items():
        source = source.replace(line, line + more)
    made = site_of(tmp_path_factory.mktemp("layout") / "site", source)
    model = {**whole_sample().table("hub", "services")[0], "Valid From": "01/04/2016", "Valid To": ""}
    services = [
        {**model, "Service ID": f"HS{900 + number}", "Project": project, "Project Subcategory": part}
        for number, (project, part) in enumerate(PROJECTS)
    ]
    for export, rows in (
        ("services", services),
        ("organisations", whole_sample().table("hub", "organisations")[:1]),
    ):
        path = made.folder / "drop" / "hub" / f"{export}.csv"
        path.write_text(csv_text(export, rows), encoding="utf-8", newline="")
    return made


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> NightSite:
    """Return a site with the twelve columns and nothing else, after its first night."""
    made = site_of(tmp_path_factory.mktemp("bare") / "site", SOURCE)
    assert made.first_night().exit_code == 0
    return made


def day(text: str) -> date | None:
    return datetime.strptime(text, "%d/%m/%Y").date() if text else None  # noqa: DTZ007


def test_the_layout_of_2017_runs_from_the_folder_to_the_warehouse(
    night: NightSite, rows: list[dict[str, str]]
) -> None:
    """Thirty rows of twelve columns: 30 referrals, 26 people, each value in its own column."""
    summary = night.first_night()
    assert summary.exit_code == 0, summary.to_json()["checks"]
    (source,) = summary.to_json()["sources"]
    counted = {"rows": 30, "read": 30, "repeated": 0, "furniture": 0, "rejected": 0}
    assert source["exports"]["events"] == counted
    assert source["unknown_columns"]["events"] == []
    council = Council(night)
    for row in rows:
        given, _, family = row["Name"].partition(" ")
        person = council.row("early_help", "person", "hub", row["Org Person ID"])
        assert person is not None
        assert (person["given_name"], person["family_name"]) == (given, family)
        assert person["birth_date"] == day(row["DOB"])
        case = council.row("early_help", "referral", "hub", row["Diary Reference Number"])
        assert case is not None
        assert case["person_id"] == person["person_id"]
        assert (case["received_on"], case["closed_at"]) == (
            day(row["Referral Date"]),
            day(row["Closure Date"]),
        )
        address = council.row("early_help", "address", "hub", row["Org Person ID"])
        assert address is not None
        lines = [address[f"line{number}"] for number in range(1, 6)]
        assert ", ".join(line for line in lines if line) == row["Address"]
        assert (address["postcode"] or "") in {"", row["Postcode"]}
    assert council.count("early_help", "person") == len({row["Org Person ID"] for row in rows}) == 26
    assert council.count("early_help", "referral") == len(rows) == 30


def test_what_the_layout_cannot_say_counts_as_a_danger(bare: NightSite) -> None:
    """With no directory beside it, abuse cannot be excluded: no address, no date, no linked case leaves."""
    council = Council(bare)
    assert council.count("early_help", "address") == 26
    for flow, fields in (
        ("early_help", ("line1", "line2", "postcode", "ward")),
        ("commissioning", ("lsoa21", "ward", "neighbourhood")),
    ):
        assert all(row[name] is None for row in council.rows(flow, "address") for name in fields)
    cases = council.rows("early_help", "referral")
    assert {(row["received_on"], row["closed_at"]) for row in cases} == {(None, None)}
    linked = [row for row in council.rows("commissioning", "referral") if row["person_id"] is not None]
    assert linked == []


def test_a_second_night_on_the_layout_sends_nothing_and_a_change_sends_one_row(
    night: NightSite, rows: list[dict[str, str]]
) -> None:
    """The memory works for it as for any other: quiet, then one new name, in the flow that knows names."""
    quiet = night.night()
    assert {state(quiet, flow) for flow in FLOWS} == {"nothing_sent"}
    person = rows[0]["Org Person ID"]
    changed = [
        {**row, "Name": "Zqformarried Zqsuragain"} if row["Org Person ID"] == person else row for row in rows
    ]
    path = night.folder / "drop" / "hub" / "events.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(changed)
    summary = night.night()
    assert counts(summary, "early_help") == {"person": {"released": 1}}
    assert state(summary, "commissioning") == "nothing_sent"
    row = Council(night).row("early_help", "person", "hub", person)
    assert row is not None
    assert (row["given_name"], row["family_name"]) == ("Zqformarried", "Zqsuragain")

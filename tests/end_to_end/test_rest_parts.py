"""Nights that read a part of the API: whole people or nothing of them, and no conclusion from silence."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from demo import nights as later
from demo.api_process import ApiProcess
from demo.sample import Sample, write_csvs
from tests.nights import NightSite
from tests.one_source import few_people, of_the_hub_alone
from tests.released import Council, counts, warehouse_rows
from tests.rest_site import drop_files, rest_site, served
from tests.small_sample import whole_sample

PERSON, DIARY = "Org Person ID", "Diary Reference Number"


@dataclass
class Week:
    """A settled site that reads everything once a week, and the API it reads."""

    night: NightSite
    api: ApiProcess
    data: Path
    sample: Sample
    people: list[str]

    def serve(self, sample: Sample, day: int) -> None:
        """Let the API hold the sample, so many days after the first night."""
        at = whole_sample().extracted_at + timedelta(days=day)
        self.sample = replace(sample, extracted_at=at)
        write_csvs(self.sample, self.data)
        drop_files(self.night.folder, self.sample)


def number(reference: str) -> str:
    return str(int(reference[2:]))


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    folder, sample = tmp_path_factory.mktemp("week"), few_people(whole_sample(), 12)
    with ApiProcess(served(folder / "served", sample)) as api:
        night = rest_site(folder / "site", api, sample)
        for name in ("community_support", "domestic_abuse_support"):
            (night.folder / "sources" / f"{name}.yaml").unlink()
        path = night.folder / "sources" / "hub.yaml"
        text = path.read_text(encoding="utf-8").replace("full_every_days: 1", "full_every_days: 7")
        path.write_text(text, encoding="utf-8")
        dpia = night.site.dpia
        dpia.write_text(of_the_hub_alone(dpia.read_text(encoding="utf-8")), encoding="utf-8")
        night.first_night()
        council = Council(night)
        agreed = [row[PERSON] for row in sample.table("hub", "consents") if row["Status"] == "Given"]
        people = [one for one in agreed if council.row("early_help", "person", "hub", number(one))]
        assert len(people) >= 5
        yield Week(night, api, folder / "served", sample, people)


def contact_today(sample: Sample, person: str) -> Sample:
    """Return the sample with one more contact of the person, on the day of the export."""
    row = next(row for row in sample.table("hub", "contacts") if row[PERSON] == person)
    day = whole_sample().extracted_at.strftime("%d/%m/%Y")
    return later.add(sample, "hub", "contacts", {**row, "Contact ID": "HC999001", "Contact Date": day})


def source(summary: Any) -> dict[str, Any]:
    told: dict[str, Any] = summary.to_json()["sources"][0]
    return told


def test_the_first_night_is_whole(week: Week) -> None:
    """Where nothing was accepted before, everything is read, whatever the setting says."""
    told = week.night.night(full=True)
    assert source(told)["complete"] is True


def test_a_night_between_reads_whole_people_and_concludes_nothing(week: Week) -> None:
    """Those worked on, or whose answer changed, are read whole; all others stay as they were sent.

    Of five people one has a new contact and a new name, one only a new name, one a withdrawn consent, one is
    gone with all that was about them, and of one a contact is gone.
    """
    worked_on, renamed, withdrew, gone, lost = week.people[:5]
    sample = contact_today(week.sample, worked_on)
    sample = later.change(sample, "hub", "people", worked_on, {"Surname": "Zqsurworked"})
    sample = later.change(sample, "hub", "people", renamed, {"Surname": "Zqsurrenamed"})
    answer = next(row for row in sample.table("hub", "consents") if row[PERSON] == withdrew)
    day = whole_sample().extracted_at.strftime("%d/%m/%Y 05:00")
    sample = later.change(
        sample, "hub", "consents", answer["Consent ID"], {"Status": "Withdrawn", "Withdrawn": day}
    )
    sample = later.vanish(sample, "hub", "people", gone)
    contact = next(row for row in sample.table("hub", "contacts") if row[PERSON] == lost)
    sample = later.vanish(sample, "hub", "contacts", contact["Contact ID"])
    before = warehouse_rows(week.night)
    week.serve(sample, 1)
    week.api.forget()
    summary = week.night.night()
    told, council = source(summary), Council(week.night)
    assert (summary.exit_code, told["error"], told["complete"]) == (0, None, False)
    assert told["exports"]["people"]["rows"] == 2
    assert told["exports"]["contacts"]["rows"] == 3
    names = {
        person: (council.row("early_help", "person", "hub", number(person)) or {}).get("family_name")
        for person in (worked_on, renamed, withdrew, gone, lost)
    }
    assert names[worked_on] == "Zqsurworked"
    assert names[withdrew] is None
    assert names[renamed] != "Zqsurrenamed"
    assert None not in {names[renamed], names[gone], names[lost]}
    assert "withdrawn" not in counts(summary, "commissioning").get("contact", {})
    assert before["early_help.referral"] - warehouse_rows(week.night)["early_help.referral"]
    asked = [line for line in week.api.asked() if "/clients/field/" in line]
    assert [line.count("/id/") for line in asked] == [1]


def test_a_night_between_changes_what_was_remembered_of_nobody_else(week: Week) -> None:
    """Told again the same, it sends nothing and closes no finding; a source read in part does not brake."""
    summary = week.night.night()
    told = summary.to_json()
    assert source(summary)["complete"] is False
    assert {flow["state"] for flow in told["flows"]} == {"nothing_sent"}
    assert told["findings"]["closed"] == 0


def test_the_whole_night_after_a_week_finds_what_silence_hid(week: Week) -> None:
    """On the seventh day everything is read: the new name goes out, what is gone is withdrawn."""
    _, renamed, _, gone, lost = week.people[:5]
    week.serve(week.sample, 7)
    summary = week.night.night()
    council = Council(week.night)
    assert [error.lines() for error in summary.errors] == []
    assert source(summary)["complete"] is True
    row = council.row("early_help", "person", "hub", number(renamed))
    assert row is not None
    assert row["family_name"] == "Zqsurrenamed"
    assert council.row("early_help", "person", "hub", number(gone)) is None
    assert council.tombstone("early_help", "person", "hub", number(gone))
    assert counts(summary, "commissioning")["contact"]["withdrawn"] == 2
    assert council.row("early_help", "person", "hub", number(lost)) is not None

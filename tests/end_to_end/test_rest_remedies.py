"""What a printed remedy does over the REST API: it reads everybody, and what it promises is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from demo import nights as later
from demo.api_process import ApiProcess
from demo.sample import Sample, write_csvs
from sync.pull import Pulls
from sync.summary import Summary
from tests.nights import ACCEPTED_BY, NightSite
from tests.one_source import few_people, of_the_hub_alone
from tests.released import Council, counts
from tests.reliability.places import takes_turns
from tests.rest_site import drop_files, rest_site, served
from tests.small_sample import whole_sample

PERSON, PEOPLE = "Org Person ID", 10


@dataclass
class Hub:
    """A site of the hub alone that was never run, and the API it reads."""

    night: NightSite
    api: ApiProcess
    data: Path
    sample: Sample

    def serve(self, sample: Sample, day: int = 0) -> None:
        """Let the API hold the sample, so many days after the first night."""
        self.sample = replace(sample, extracted_at=whole_sample().extracted_at + timedelta(days=day))
        write_csvs(self.sample, self.data)
        drop_files(self.night.folder, self.sample)

    @property
    def complete_at(self) -> datetime | None:
        """Return of when the data were that every flow has settled whole."""
        return Pulls(self.night.site.var / "state" / "pulls.json").earlier("hub").complete_at


@contextmanager
def hub(folder: Path, every: int) -> Iterator[Hub]:
    sample = few_people(whole_sample(), PEOPLE)
    with ApiProcess(served(folder / "served", sample)) as api:
        night = rest_site(folder / "site", api, sample)
        for name in ("community_support", "domestic_abuse_support"):
            (night.folder / "sources" / f"{name}.yaml").unlink()
        path = night.folder / "sources" / "hub.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("full_every_days: 1", f"full_every_days: {every}"), encoding="utf-8")
        dpia = night.site.dpia
        dpia.write_text(of_the_hub_alone(dpia.read_text(encoding="utf-8")), encoding="utf-8")
        yield Hub(night, api, folder / "served", sample)


@pytest.fixture(scope="module")
def nightly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The setting that is shipped: every run reads every record."""
    with hub(tmp_path_factory.mktemp("nightly"), every=1) as site:
        yield site


def codes(summary: Summary) -> set[str]:
    return {error.code for error in summary.errors}


def read(summary: Summary) -> tuple[bool, int]:
    """Return whether everything was read, and how many people."""
    return summary.sources[0].complete, summary.sources[0].exports["people"].rows


def test_the_remedy_of_the_first_brake_sends_everybody(nightly: Hub) -> None:
    """E803 and then --accept-growth on the same day: all are read and released, not nobody with exit 0."""
    braked = nightly.night.night(accept_flagged=ACCEPTED_BY)
    assert (codes(braked), braked.exit_code) == ({"E803"}, 23)
    assert nightly.complete_at is None
    accepted = nightly.night.night(accept_growth=True)
    assert (codes(accepted), read(accepted)) == (set(), (True, PEOPLE))
    assert {flow.state for flow in accepted.flows} == {"remembered"}
    assert counts(accepted, "commissioning")["referral"]["released"] == PEOPLE
    assert nightly.complete_at == whole_sample().extracted_at


def test_a_second_run_of_the_day_finds_a_correction_and_a_deletion(nightly: Hub) -> None:
    """The operator has a name mended and a person deleted, and runs again: both are seen at once."""
    council = Council(nightly.night)
    mine = [row[PERSON] for row in nightly.sample.table("hub", "people")]
    sent = [one for one in mine if council.row("early_help", "person", "hub", str(int(one[2:])))]
    renamed, gone = sent[:2]
    sample = later.change(nightly.sample, "hub", "people", renamed, {"Surname": "Zqsuragain"})
    nightly.serve(later.vanish(sample, "hub", "people", gone))
    again = nightly.night.night()
    assert (codes(again), read(again)) == (set(), (True, PEOPLE - 1))
    council = Council(nightly.night)
    row = council.row("early_help", "person", "hub", str(int(renamed[2:])))
    assert row is not None
    assert row["family_name"] == "Zqsuragain"
    assert council.row("early_help", "person", "hub", str(int(gone[2:]))) is None


def test_the_remedy_of_a_narrower_view_withdraws_what_has_vanished(nightly: Hub) -> None:
    """E811 every run until --accept-drop, which reads everybody, withdraws, and ends it."""
    before, gone = nightly.complete_at, nightly.sample.table("hub", "people")[3][PERSON]
    nightly.serve(later.vanish(nightly.sample, "hub", "people", gone), day=1)
    nightly.api.fault("field_hidden", "fields", times=None, about="website_photo_consent")
    for _ in range(2):
        held = nightly.night.night()
        assert (codes(held), held.exit_code, read(held)) == ({"E811"}, 23, (True, PEOPLE - 2))
        assert nightly.complete_at == before
    accepted = nightly.night.night(accept_drop=True)
    assert (codes(accepted), read(accepted)) == (set(), (True, PEOPLE - 2))
    assert counts(accepted, "commissioning")["referral"]["withdrawn"] == 1
    assert codes(nightly.night.night()) == set()


@takes_turns(1, of=2)
def test_where_nights_read_a_part_a_braked_night_is_read_again_whole(tmp_path: Path) -> None:
    """Nothing counts as read before every flow has settled it; what is accepted is always read whole."""
    with hub(tmp_path, every=7) as weekly:
        for _ in range(2):
            braked = weekly.night.night()
            assert (codes(braked), read(braked)) == ({"E816"}, (True, PEOPLE))
        one_flow = weekly.night.night(accept_growth=True, accept_flagged=ACCEPTED_BY, flows=("early_help",))
        assert (codes(one_flow), read(one_flow)) == (set(), (True, PEOPLE))
        waits = weekly.night.night()
        assert (codes(waits), read(waits)) == ({"E816"}, (True, PEOPLE)), "one flow is not every flow"
        accepted = weekly.night.first_night()
        assert (codes(accepted), read(accepted)) == (set(), (True, PEOPLE))
        assert read(weekly.night.night())[0] is False
        for remedy in ({"accept_drop": True}, {"accept_growth": True}, {"accept_flagged": ACCEPTED_BY}):
            assert read(weekly.night.night(**remedy)) == (True, PEOPLE), remedy

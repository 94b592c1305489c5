"""A field taken from the account: its column is still there, and every cell of it is blank."""

from dataclasses import replace
from pathlib import Path

from commands.sample_site import make_keys
from sharing import load_dpia
from tests.nights import ACCEPTED_BY, NightSite
from tests.one_source import few_people, of_the_hub_alone
from tests.small_sample import whole_sample
from tests.tiny.start import begun

TAKEN_BACK = "01/11/2022 10:00"
SEEN = {"NHS Number", "Street", "Postcode", "Born"}


def test_values_are_not_blanked_by_an_account_that_no_longer_sees_them(tmp_path: Path) -> None:
    """What every person had is blank in all of them: the source is refused each night until a person says,
    and what the council holds stays as it is.
    """
    nights = begun().copy(tmp_path / "site")
    world, site = nights.model.world, nights.site
    for number in range(6):
        world.arrive("hub", 20 + number, agreed=True)
    site.drop(world)
    assert site.night(accept_growth=True, accept_flagged=ACCEPTED_BY).errors == []
    before = NightSite(site.folder).query("select person_id, nhs_number, birth_date from early_help.person")
    assert len(before) > 6
    for name in world.names("hub", "people"):
        world.change("hub", "people", name, dict.fromkeys(SEEN, ""))
    site.drop(world)
    for _ in range(2):
        night = site.night()
        assert [error.code for error in night.errors] == ["E817"]
        assert night.exit_code == 23
        assert len(str(night.errors[0]).splitlines()) == 4
        held = NightSite(site.folder).query("select person_id, nhs_number, birth_date from early_help.person")
        assert sorted(held) == sorted(before)
    assert site.night(accept_drop=True).errors == []
    assert site.night().errors == []


def test_consents_that_lost_the_day_they_were_taken_back_share_nobody(tmp_path: Path) -> None:
    """The CRM keeps "Given" beside the day it was taken back: blank, that day would make the answer stand."""
    sample = few_people(whole_sample(), 12)
    answers = [row | {"Status": "Given", "Withdrawn": ""} for row in sample.sources["hub"]["consents"]]
    taken_back = [row | {"Withdrawn": TAKEN_BACK} for row in answers[:10]] + answers[10:]
    site = NightSite.of(tmp_path / "site", sample)
    for other in ("community_support", "domestic_abuse_support"):
        (site.folder / "sources" / f"{other}.yaml").unlink()
    path = next((site.folder / "dpia").glob("*.yaml"))
    path.write_text(of_the_hub_alone(path.read_text(encoding="utf-8")), encoding="utf-8")
    make_keys(site.site, list(load_dpia(path, sources=site.site.sources).active_flows))

    def lay(consents: list[dict[str, str]]) -> None:
        site.drop(replace(sample, sources={"hub": sample.sources["hub"] | {"consents": consents}}))

    lay(taken_back)
    assert site.first_night().errors == []
    shared = site.query("select person_id from early_help.person")
    lay(answers)
    night = site.night()
    assert [error.code for error in night.errors] == ["E817"]
    assert "consent.withdrawn_at: 10 cells" in str(night.errors[0])
    assert TAKEN_BACK not in str(night.errors[0])
    assert site.query("select person_id from early_help.person") == shared

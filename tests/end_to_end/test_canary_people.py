"""Canary people: an invented person who must never be seen stops the run the moment they would be."""

from demo.sample import Sample
from tests.nights import NightSite
from tests.released import landed

NOBODY = "HP999999"


def declare(night: NightSite, *canaries: tuple[str, str]) -> None:
    """Let the hub declare these canaries."""
    path = night.folder / "sources" / "hub.yaml"
    lines = "".join(f"  - {{person: {person}, must: {must}}}\n" for person, must in canaries)
    path.write_text(f"{path.read_text(encoding='utf-8').rstrip()}\ncanaries:\n{lines}", encoding="utf-8")


def one_of_the_hub(sample: Sample, sensitive: str) -> str:
    """Return a client of the hub whose home is marked, or is not; who is not marked has a whole address."""
    agreed = {
        row["Org Person ID"]
        for row in sample.table("hub", "consents")
        if (row["Purpose"], row["Status"]) == ("Share with council", "Given")
    }
    return next(
        row["Org Person ID"]
        for row in sample.table("hub", "people")
        if row["Sensitive Location"] == sensitive
        and (sensitive == "Yes" or (row["Org Person ID"] in agreed and row["Safe to Contact"] == "Yes"))
    )


def test_a_canary_that_is_emptied_is_silent_and_one_that_has_gone_is_missed(
    night: NightSite, sample: Sample
) -> None:
    """All is sent again: the marked person's rows are there without a place; the run tells how many came."""
    declare(night, (one_of_the_hub(sample, "Yes"), "emptied"), (NOBODY, "emptied"))
    summary = night.night(full=True, accept_growth=True)
    assert summary.errors == []
    told = {one["source"]: one["canaries"] for one in summary.to_json()["sources"]}
    assert told == {"hub": {"declared": 2, "seen": 1}, "community_support": {}, "domestic_abuse_support": {}}


def test_a_canary_with_a_place_stops_everything(night: NightSite, sample: Sample) -> None:
    """Somebody whom no rule empties is declared: exit 30 before anything is published, in either flow."""
    declare(night, (one_of_the_hub(sample, "No"), "emptied"))
    before, leaves = landed(night), (night.site.var / "log" / "leaves.jsonl").read_bytes()
    summary = night.night(full=True, accept_growth=True)
    assert summary.exit_code == 30
    assert [error.code for error in summary.errors] == ["E819"]
    assert one_of_the_hub(sample, "No") not in str(summary.to_json())
    assert landed(night) == before
    assert (night.site.var / "log" / "leaves.jsonl").read_bytes() == leaves


def test_a_canary_that_must_stay_behind_and_leaves_stops_everything(night: NightSite, sample: Sample) -> None:
    """The marked person's emptied rows leave all the same: whoever said they must not is told."""
    declare(night, (one_of_the_hub(sample, "Yes"), "withheld"))
    before = landed(night)
    assert night.night(full=True, accept_growth=True).exit_code == 30
    assert landed(night) == before

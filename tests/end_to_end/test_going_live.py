"""The gate for going live: a share of people under the flag leaves only as somebody has accepted it."""

import json
from collections.abc import Callable
from dataclasses import replace

from commands.pages import build_pages
from demo.sample import Sample
from tests.end_to_end.test_how_to_commands import told as commands_of
from tests.end_to_end.test_how_to_commands import typed
from tests.nights import ACCEPTED_BY, NightSite
from tests.released import FLOWS, landed
from tests.reliability.places import takes_turns

MEANS_NO = "      address.sensitive_location: {means: false"


@takes_turns(0, of=2)
def test_a_changed_meaning_of_a_blank_waits_for_somebody_and_then_for_nobody(night: NightSite) -> None:
    """A provider's blanks are said to mean no: nothing leaves until that is accepted; then nights go on."""
    before = landed(night)
    blank = '{means: "yes", why: "Asked of everybody'
    night.edit_dpia(blank, '{means: "yes", why: "Said otherwise: asked of everybody')
    assert night.night(dry_run=True).exit_code == 1, "another reason given is no other meaning"
    own = '    blanks:\n      address.address_type: {means: main, why: "Only main'
    night.edit_dpia(own, own.replace("blanks:\n", "blanks:\n" + MEANS_NO + ', why: "We think so."}\n'))
    stopped = night.night()
    assert stopped.exit_code == 23
    assert {flow.error.code for flow in stopped.flows if flow.error} == {"E816"}
    assert {flow.state for flow in stopped.flows} == {"nothing_sent"}
    assert landed(night) == before
    accepted = night.night(accept_growth=True, accept_flagged=ACCEPTED_BY)
    assert accepted.exit_code == 1
    told = accepted.to_json()["flows"][0]["flagged_accepted"]["community_support"]
    assert told["by"] == ACCEPTED_BY
    assert (
        told["said"]
        != json.loads((night.folder / "var/runs" / _first_run(night)).read_text())["flows"][0][
            "flagged_accepted"
        ]["community_support"]["said"]
    )
    assert ACCEPTED_BY in statement(night, accepted.run_id)
    assert "by nobody for this run" in statement(night, stopped.run_id)
    assert night.night().exit_code == 1


def statement(night: NightSite, run: str) -> str:
    """Return the disclosure statement of the run, as information governance reads it."""
    build_pages(night.site)
    return (night.site.var / "reports" / "governance" / f"{run}.html").read_text(encoding="utf-8")


def _first_run(night: NightSite) -> str:
    return min(path.name for path in (night.folder / "var" / "runs").glob("*.json"))


@takes_turns(1, of=2)
def test_a_share_that_moves_waits_and_a_small_move_does_not(
    again: Callable[[], NightSite], sample: Sample
) -> None:
    """Two more who may not be rung are an ordinary day; half of a charity's people are not."""
    night = again()
    night.drop(unsafe(sample, 2))
    assert night.night().exit_code == 1
    night.drop(unsafe(sample, 40))
    stopped = night.night()
    assert stopped.exit_code == 23
    waiting = {flow.flow for flow in stopped.flows if flow.error and flow.error.code == "E816"}
    assert waiting == set(FLOWS)
    words = "\n".join(str(flow.error) for flow in stopped.flows)
    assert "source community_support" in words
    assert "has moved by" in words
    first, release = commands_of("go_live.md")
    assert [*first, *release[-2:]] == release
    assert typed(release, night) == 1
    accepted = json.loads(max((night.folder / "var" / "runs").glob("*.json")).read_bytes())
    assert [flow["state"] for flow in accepted["flows"]] == ["remembered"] * len(FLOWS)


def unsafe(sample: Sample, count: int) -> Sample:
    """Return the sample with so many more people of Community Support who may not be rung."""
    tables, left = sample.sources["community_support"], count
    people = []
    for row in tables["people"]:
        changed = left > 0 and row["Safe to Contact"] in {"", "Yes"} and row["Report Person Type"] == "Client"
        people.append({**row, "Safe to Contact": "No"} if changed else row)
        left -= changed
    changed_tables = {**tables, "people": people}
    return replace(sample, sources={**sample.sources, "community_support": changed_tables})

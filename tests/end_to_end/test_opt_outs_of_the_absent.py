"""An opt-out recorded today withdraws in the next run, whether or not their source is read in it."""

import shutil
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from common import clock
from demo import nights as later
from demo.nights import find
from demo.sample import Sample
from sync import registering
from sync.forgetting import Approver, Reason, forget, look_up
from sync.known_numbers import read_numbers
from sync.place import look, prepare
from sync.summary import Summary
from tests.clients import quiet_client
from tests.end_to_end.test_choices import Choice, opt_out
from tests.end_to_end.test_resting import said
from tests.end_to_end.test_time_and_stops import leaves
from tests.end_to_end.test_withdrawn_alone import flow_of, keys_of, memory_of
from tests.nights import NightSite
from tests.released import Council

FLOW = "commissioning"
NOBODYS, NEW = "9434765919", ("9434765870", "4010232137")
UNNUMBERED = "reason: not_identifiable_to_recipient, couldNotBeChecked: "


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


@pytest.fixture(scope="module")
def asked(settled: NightSite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a site whose last night asked for opt-outs; the one in the register is nobody's."""
    folder = tmp_path_factory.mktemp("asked") / "site"
    shutil.copytree(settled.folder, folder)
    night = NightSite(folder)
    opt_out(night, NOBODYS)
    assert night.night().exit_code == 1
    return folder


@pytest.fixture
def absent(asked: Path, tmp_path: Path) -> NightSite:
    """Return a copy of that site, in which the hub answers with a page instead of its clients."""
    shutil.copytree(asked, tmp_path / "site")
    night = NightSite(tmp_path / "site")
    spoil(night)
    return night


def spoil(night: NightSite) -> None:
    """Let the hub answer with a page instead of its clients."""
    page = night.folder / "drop" / "hub" / "people.csv"
    page.write_text("<!DOCTYPE html><html><title>Sign in</title></html>\n", encoding="utf-8")


def opts_out(night: NightSite, number: str) -> registering.Kept:
    """Put the number into the register of opt-outs."""
    with look(night.site) as place:
        numbers = registering.numbers_of([number])
        assert not isinstance(numbers, int)
        return registering.add(place, registering.declared(place)[Choice.OPT_OUT], numbers)


def number_of(sample: Sample, person: str) -> str:
    return find(sample, "hub", "people", person)["NHS Number"]


def kept_of(night: NightSite, person: str) -> int:
    """Return how many numbers are kept of a client of the hub."""
    with look(night.site) as place:
        who = registering.people_of(place, "hub", [person])[0]
        return read_numbers(place.state).filter(pl.col("person") == who).height


def pause(night: NightSite) -> None:
    """Pause commissioning."""
    text = night.site.dpia.read_text(encoding="utf-8")
    other, mark, block = text.rpartition(f"- id: {FLOW}\n")
    assert "status: active" in block
    paused = block.replace("status: active", "status: paused", 1)
    night.site.dpia.write_text(other + mark + paused, encoding="utf-8")


def withdrawn(night: NightSite, done: Summary, person: str, gone: set[bytes]) -> None:
    """See that of commissioning these rows were taken back, received as such, and the others stayed."""
    assert gone
    assert not gone & set(memory_of(night, FLOW)["key"])
    assert flow_of(done, FLOW).entities["person"]["withdrawn_reasons"] == {"choice:national_data_opt_out": 1}
    council = Council(night)
    assert council.tombstone(FLOW, "person", "hub", person)
    assert council.row(FLOW, "person", "hub", person) is None
    assert council.row("early_help", "person", "hub", person)
    last = [leaf for leaf in leaves(night, "batch") if leaf["flow"] == FLOW][-1]
    assert {file["operation"] for file in last["files"]} == {"withdraw"}
    assert last["seq"] in [leaf["seq"] for leaf in leaves(night, "receipt") if leaf["flow"] == FLOW]


def test_an_opt_out_withdraws_though_its_source_is_refused(absent: NightSite, sample: Sample) -> None:
    """Keys alone leave, with a receipt; whoever did not opt out stays, and so does the other flow's row."""
    person, other = quiet_client(sample), quiet_client(sample, 1)
    gone, memory = keys_of(absent, person, FLOW), memory_of(absent, FLOW)
    opts_out(absent, number_of(sample, person))
    done = absent.night()
    assert {one.source: one.outcome for one in done.sources}["hub"] == "refused"
    withdrawn(absent, done, person, gone)
    assert memory_of(absent, FLOW).height == memory.height - len(gone)
    assert Council(absent).row(FLOW, "person", "hub", other)


def test_an_opt_out_withdraws_though_the_flow_is_paused_and_the_source_refused(
    absent: NightSite, sample: Sample
) -> None:
    """Who puts it in, and who looks at the registers, hears that the recipient still has the rows."""
    person = quiet_client(sample)
    gone = keys_of(absent, person, FLOW)
    pause(absent)
    told = f"Flow {FLOW} is paused: its recipient still has rows of 1 person whom a register stops; "
    assert told not in said(absent, "choices", "list")
    (line,) = opts_out(absent, number_of(sample, person)).at_rest
    assert line.startswith(told)
    assert told in said(absent, "choices", "list")
    done = absent.night()
    assert flow_of(done, FLOW).rests == "paused"
    withdrawn(absent, done, person, gone)


@pytest.mark.soak
def test_an_opt_out_withdraws_though_every_flow_has_come_to_its_end(
    absent: NightSite, sample: Sample
) -> None:
    """The only agreement has ended: no source is asked at all, and whoever opted out goes."""
    person = quiet_client(sample)
    gone = keys_of(absent, person, FLOW)
    text = absent.site.dpia.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("    endDate: "))
    absent.edit_dpia(line, f"    endDate: {clock.today() - timedelta(days=1)}")
    opts_out(absent, number_of(sample, person))
    done = absent.night()
    assert (done.exit_code, done.sources, flow_of(done, "early_help").withdrawn_alone) == (11, [], 0)
    withdrawn(absent, done, person, gone)


@pytest.mark.soak
def test_the_number_that_counts_is_the_last_one_that_the_source_told(
    asked: Path, sample: Sample, tmp_path: Path
) -> None:
    """The source changes two numbers and blanks a third, and is then refused. A new number withdraws its
    person, one of before nobody, and one that went missing is matched no less.
    """
    shutil.copytree(asked, tmp_path / "site")
    night, people = NightSite(tmp_path / "site"), [quiet_client(sample, place) for place in range(3)]
    night.edit_dpia(f"{UNNUMBERED}WITHHOLD", f"{UNNUMBERED}REVIEW")
    now = sample
    for person, number in zip(people, (*NEW, ""), strict=True):
        now = later.change(now, "hub", "people", person, {"NHS Number": number})
    night.drop(now)
    night.night()
    spoil(night)
    for number in (number_of(sample, people[0]), NEW[1], number_of(sample, people[2])):
        opts_out(night, number)
    night.night()
    council = Council(night)
    assert [bool(council.row(FLOW, "person", "hub", person)) for person in people] == [True, False, False]


def test_no_number_is_kept_of_whoever_is_forgotten_nor_of_whoever_was_never_sent(
    absent: NightSite, settled: NightSite, sample: Sample
) -> None:
    """Forgotten, they are gone at once, and stay gone although a backup brings the file back."""
    told = sum(bool(row["NHS Number"]) for name in sample.sources for row in sample.table(name, "people"))
    person, path = quiet_client(sample), absent.site.var / "state" / "numbers.parquet"
    with look(absent.site) as place:
        sent = set(memory_of(settled, FLOW)["person"]) | set(memory_of(settled, "early_help")["person"])
        kept = set(read_numbers(place.state)["person"])
        assert kept <= sent
        assert 10 < len(kept) < told
    assert kept_of(absent, person) == 1
    backup = path.read_bytes()
    with prepare(absent.site, dry_run=False) as place:
        forget(place, look_up(place, "hub", person), Reason.OBJECTED, Approver.DPO)
    assert kept_of(absent, person) == 0
    path.write_bytes(backup)
    absent.night()
    assert kept_of(absent, person) == 0
    assert kept_of(absent, quiet_client(sample, 1)) == 1


def test_where_nobody_asks_for_the_opt_out_no_number_is_kept(settled: NightSite, asked: Path) -> None:
    """The file is there, so that its loss is seen, and holds nobody."""
    for site, empty in ((settled.site, True), (NightSite(asked).site, False)):
        with look(site) as place:
            assert (place.state / "numbers.parquet").exists()
            assert read_numbers(place.state).is_empty() == empty

"""People's choices and legal stops: who is in a register leaves at once, and nobody else does."""

import json
import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from audit.secrets import PersonSecrets, tags
from audit.verify import verify
from common import clock
from demo import nights as later
from demo.sample import Sample
from sealing import keys
from sharing import load_dpia
from sharing.choices import HOLDS, Choice
from sharing.errors import ErasureDoesNotApply, ErasureMustWait, RegisterLost, RegisterRefused
from sync import deliver, pull, registering
from sync.absorbed import read_pairs
from sync.choices import read_choices
from sync.days import coming, in_words
from sync.digests import packed
from sync.forgetting import destroy_again, look_up
from sync.people import SourceNotes
from sync.place import Workplace, look
from tests.clients import case_of, quiet_client, sent
from tests.erasing import Killed, forget, killed, without_erasure
from tests.nights import NightSite
from tests.released import FLOWS, Council

OPT_OUTS = "  - {type: national_data_opt_out, register: mesh/ndoo, maxAgeDays: 21, effect: WITHHOLD}\n"
NOT_ASKED = "nationalDataOptOut: {applies: false, reason: not_identifiable_to_recipient"


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


def record(night: NightSite, choice: Choice, *people: str, decision: str = "") -> registering.Kept:
    """Put the choice of clients of the hub into its register."""
    with look(night.site) as place:
        which = registering.declared(place)[choice]
        return registering.add(place, which, registering.people_of(place, "hub", list(people)), decision)


def lift(night: NightSite, choice: Choice, person: str) -> registering.Kept:
    """End it."""
    with look(night.site) as place:
        which = registering.declared(place)[choice]
        return registering.lift(place, which, registering.people_of(place, "hub", [person]))


def opt_out(night: NightSite, number: str) -> None:
    """Let the opt-out apply to commissioning, and put the number into its register."""
    night.edit_dpia("personStops:\n", f"personStops:\n{OPT_OUTS}")
    night.edit_dpia(NOT_ASKED, NOT_ASKED.replace("false", "true"))
    with look(night.site) as place:
        which = registering.declared(place)[Choice.OPT_OUT]
        registering.begin(place, which)
        numbers = registering.numbers_of([number])
        assert not isinstance(numbers, int)
        assert registering.add(place, which, numbers).changed == 1


@dataclass(frozen=True)
class Chosen:
    """A night with a choice of every kind, and what it left."""

    night: NightSite
    before: Council
    council: Council
    told: dict[str, Any]
    flows: dict[str, Any]
    choices: dict[str, dict[str, Any]]
    people: dict[str, str]


@pytest.fixture(scope="module")
def chosen(settled: NightSite, sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Chosen:
    """Return that night, people divided into three parts; the merged client's choice was the loser's."""
    folder = tmp_path_factory.mktemp("chosen") / "site"
    shutil.copytree(settled.folder, folder)
    night, before = NightSite(folder), Council(settled)
    names = ("objects", "restricts", "takes_back", "ordered", "overridden", "opts_out", "lost", "survivor")
    people = {name: quiet_client(sample, place) for place, name in enumerate(names)}
    number = later.find(sample, "hub", "people", people["opts_out"])["NHS Number"]
    kept = record(night, Choice.OBJECTION, people["objects"], people["lost"])
    assert (kept.changed, kept.known) == (2, 2)
    record(night, Choice.OBJECTION, people["overridden"], decision="DP-45")
    record(night, Choice.RESTRICTION, people["restricts"])
    record(night, Choice.CONSENT_WITHDRAWN, people["takes_back"])
    record(night, Choice.COURT_ORDER, people["ordered"], "HP-nobody")
    opt_out(night, number)
    night.drop(later.merge(sample, "hub", people["survivor"], people["lost"]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pull, "partitions_for", lambda _: 3)
        summary = night.night()
    told = summary.to_json()
    flows = {flow["flow"]: flow for flow in told["flows"]}
    choices = {one["choice"]: one for one in told["choices"]}
    return Chosen(night, before, Council(night), told, flows, choices, people)


def test_choices_that_match_nobody_or_are_set_aside_are_counted_apart(chosen: Chosen) -> None:
    """Of three objections one is set aside; of two court orders one names nobody; by the day received."""
    objections, orders = (chosen.choices[name] for name in ("art21_objection", "court_order"))
    counted = [
        [sum(one[name].values()) for name in ("received", "nobody_of", "set_aside_of")]
        for one in (objections, orders)
    ]
    assert counted == [[3, 0, 1], [2, 1, 0]]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("objects", "choice:art21_objection"),
        ("restricts", "choice:art18_restriction"),
        ("ordered", "choice:court_order"),
        ("survivor", "choice:art21_objection"),
    ],
)
def test_each_kind_of_choice_withdraws_its_person_from_every_flow(
    chosen: Chosen, sample: Sample, name: str, reason: str
) -> None:
    """The case goes too; who was merged takes the choice along; the recipient sees a tombstone only."""
    person = chosen.people[name]
    for flow in FLOWS:
        for entity, reference in (("person", person), ("referral", case_of(sample, person))):
            assert chosen.before.row(flow, entity, "hub", reference)
            assert chosen.council.row(flow, entity, "hub", reference) is None
            assert chosen.council.tombstone(flow, entity, "hub", reference)
            assert chosen.council.stayed(flow, entity, "hub", reference) == ("withheld", reason)


def test_a_choice_stays_with_the_person_when_the_system_tells_of_their_merge_no_longer(
    chosen: Chosen, sample: Sample, tmp_path: Path
) -> None:
    """The survivor's cell is blank from now on; only when the choice is lifted is anything sent again."""
    night = NightSite(tmp_path / "site")
    shutil.copytree(chosen.night.folder, night.folder)
    survivor, lost = chosen.people["survivor"], chosen.people["lost"]
    merged = later.merge(sample, "hub", survivor, lost)
    night.drop(later.change(merged, "hub", "people", survivor, {"Merged IDs": ""}))
    assert night.night().exit_code == 1
    stayed = Council(night).stayed("early_help", "person", "hub", survivor)
    assert stayed == ("withheld", "choice:art21_objection")
    assert lift(night, Choice.OBJECTION, lost).changed == 1
    assert night.night().exit_code == 1
    assert Council(night).row("early_help", "person", "hub", survivor)
    with look(night.site) as place:
        assert read_pairs(place.state).is_empty(), "whose choice has ended is no longer remembered"


def test_what_a_choice_withdrew_was_received_and_the_log_does_not_say_which_it_was(chosen: Chosen) -> None:
    """A receipt of each batch; withdrawals are counted by choice in the summary, as `choice` in the log."""
    for told in chosen.flows.values():
        assert (told["state"], told["receipt"]["outcome"]) == ("remembered", "loaded")
        withdrawn = told["entities"]["person"]["withdrawn_reasons"]
        assert withdrawn["choice:art18_restriction"] == withdrawn["choice:court_order"] == 1
    log = (chosen.night.site.var / "log" / "leaves.jsonl").read_text(encoding="utf-8")
    assert '"choice":' in log
    assert not [word for word in Choice if word in log]


def test_a_choice_governs_the_flows_that_the_assessment_names(chosen: Chosen) -> None:
    """Consent taken back is about early help, the opt-out about commissioning; the other flow goes on."""
    for name, gone, stays, reason in (
        ("takes_back", "early_help", "commissioning", "choice:consent_withdrawn"),
        ("opts_out", "commissioning", "early_help", "choice:national_data_opt_out"),
    ):
        person = chosen.people[name]
        assert chosen.council.stayed(gone, "person", "hub", person) == ("withheld", reason)
        assert chosen.council.row(gone, "person", "hub", person) is None
        assert chosen.council.row(stays, "person", "hub", person)


def test_a_decision_on_record_sets_an_objection_aside(chosen: Chosen) -> None:
    """Whose objection is overridden stays, and is counted."""
    for flow in FLOWS:
        assert chosen.council.row(flow, "person", "hub", chosen.people["overridden"])
    told = chosen.choices["art21_objection"]
    assert (told["standing"], told["set_aside"], told["found"]) == (3, 1, 3)


def test_whose_opt_out_could_not_be_checked_is_withheld_and_counted(chosen: Chosen, sample: Sample) -> None:
    """Who has no usable NHS number is withheld where the opt-out applies, and nowhere else."""
    counts = chosen.flows["commissioning"]["entities"]["person"]["reasons"]
    assert counts["choice:opt_out_not_checked"] > 3
    assert "choice:opt_out_not_checked" not in chosen.flows["early_help"]["entities"]["person"]["reasons"]
    bare = next(row["Org Person ID"] for row in sample.table("hub", "people") if not row["NHS Number"])
    assert chosen.council.row("commissioning", "person", "hub", bare) is None


def test_the_summary_counts_choices_and_names_nobody(chosen: Chosen) -> None:
    """Per register: how many stand, of how many somebody is known, how old it is; the run is not failed."""
    assert chosen.told["exit_code"] == 1
    assert {told["state"] for told in chosen.choices.values()} == {"in_force"}
    order = chosen.choices["court_order"]
    assert (order["standing"], order["found"], order["age_days"], order["max_age_days"]) == (2, 1, 0, 31)
    assert sum(order["received"].values()) == 2
    assert not [name for name in chosen.people.values() if name in str(chosen.choices)]


def test_a_register_too_old_withholds_whom_it_governs_until_it_is_confirmed(
    night_of_all: NightSite, sample: Sample
) -> None:
    """All that early help sent of people is withdrawn, of sources that were not asked too; commissioning goes
    on; it is told loudly; once the register is confirmed all is new, and goes again by a person's word alone.
    """
    night = night_of_all
    before, rows = Council(night), night.canonical_rows()
    sent, services = (before.count("early_help", entity) for entity in ("person", "service"))
    path = night.site.registers / "rights" / "consents.csv"
    confirmed = path.read_text(encoding="ascii")
    path.write_text(aged(path), encoding="ascii")
    stale = night.night(sources=("community_support",))
    (error,) = stale.errors
    assert (stale.exit_code, error.code) == (11, "E762")
    assert "what was sent of them before is withdrawn" in str(error)
    assert "choices refresh" in str(error)
    told = {flow.flow: flow for flow in stale.flows}
    people = told["early_help"].entities["person"]
    assert people["withheld"] == people["reasons"]["register:consent_withdrawn"] > 10
    assert people["withdrawn_reasons"] == {"register:consent_withdrawn": sent}
    assert sum(counts["withdrawn"] for counts in told["commissioning"].entities.values()) == 0
    after = Council(night)
    assert (after.count("early_help", "person"), after.count("early_help", "referral")) == (0, 0)
    assert after.count("early_help", "service") == services > 0
    person = quiet_client(sample)
    assert after.tombstone("early_help", "person", "hub", person)
    memory = pl.read_parquet(night.site.var / "state" / "memory" / "early_help.parquet")
    assert memory["person"].is_null().all(), "nothing is left that another night could withdraw again"
    log = (night.site.var / "log" / "leaves.jsonl").read_text(encoding="utf-8")
    assert "consent_withdrawn" not in log.split('"withdrawn"')[-1]
    path.write_text(confirmed, encoding="ascii")
    with look(night.site) as place:
        registering.confirm(place, registering.declared(place)[Choice.CONSENT_WITHDRAWN])
    braked = night.night()
    assert braked.exit_code == 23, braked.to_json()["errors"]
    held = {flow.flow: flow.error.code for flow in braked.flows if flow.error}
    assert held == {"early_help": "E803"}
    assert Council(night).count("early_help", "person") == 0
    again = night.night(accept_growth=True)
    assert again.exit_code == 1, again.to_json()["errors"]
    assert again.accepted == ["accept_growth"]
    assert night.canonical_rows() == rows


def test_a_register_too_old_holds_where_the_assessment_says_so(
    night_of_all: NightSite, sample: Sample
) -> None:
    """Early help sends nothing new about people and keeps what it sent; commissioning goes on; a choice made
    today withdraws even while its source is not asked. The run says so and ends with 11.
    """
    night = night_of_all
    holds(night, "consents")
    person, other = quiet_client(sample), quiet_client(sample, 1)
    path = night.site.registers / "rights" / "consents.csv"
    path.write_text(aged(path), encoding="ascii")
    record(night, Choice.OBJECTION, person)
    before = Council(night)
    kept = {flow: before.count(flow, "person") for flow in FLOWS}
    now = community_change(sample)
    night.drop(now)
    summary = night.night(sources=("community_support",))
    assert summary.exit_code == 11
    assert [error.code for error in summary.errors] == ["E762"]
    told = summary.to_json()
    flows = {flow["flow"]: flow["entities"] for flow in told["flows"]}
    people = flows["early_help"]["person"]
    assert people["held"] == people["reasons"]["register:consent_withdrawn"] > 10
    assert people["released"] == people["unchanged"] == 0
    assert "register:consent_withdrawn" not in flows["commissioning"]["person"]["reasons"]
    assert flows["commissioning"]["person"]["unchanged"] > 10
    after = Council(night)
    for flow in FLOWS:
        assert after.row(flow, "person", "hub", person) is None
        assert after.row(flow, "person", "hub", other)
        assert after.count(flow, "person") == kept[flow] - 1
        assert flows[flow]["person"]["withdrawn_reasons"] == {"choice:art21_objection": 1}
    assert {one["choice"]: one["state"] for one in told["choices"]}["consent_withdrawn"] == "E762"


def holds(night: NightSite, *names: str) -> None:
    """Let the assessment say of these registers that they only hold while they cannot be relied on."""
    for name in names:
        said = f"register: rights/{name}, "
        night.edit_dpia(said, f'{said}onStale: HOLD, why: "Kept until somebody has asked again.", ')


def aged(path: Path, day: str = "2026-01-31") -> str:
    """Return a register as it was confirmed on that day: a long time ago."""
    head, _, rest = path.read_text(encoding="ascii").partition("\n")
    said = head.split("as of ")[1][:10]
    return f"{head.replace(said, day)}\n{rest}"


def community_change(sample: Sample) -> Sample:
    """Return the sample with another surname for everybody of one provider."""
    rows = sample.table("community_support", "people")
    for row in rows[:12]:
        cells = {"Surname": "Zqsurlater"}
        sample = later.change(sample, "community_support", "people", row["Org Person ID"], cells)
    return sample


@pytest.mark.parametrize("held", [True, False], ids=["held", "withheld"])
def test_a_register_that_is_missing_or_under_another_key_keeps_what_it_governs(
    night: NightSite, held: bool
) -> None:
    """Each says in which line it is wrong; the flows of the registers that are well are not touched."""
    if held:
        holds(night, "consents", "orders")
    path, orders = (night.site.registers / "rights" / f"{name}.csv" for name in ("consents", "orders"))
    path.unlink()
    with look(night.site) as place:
        found = read_choices(place, place.dpia, {})
        assert [error.code for error in found.errors] == ["E761"]
        assert "consents.csv, line 1" in str(found.errors[0])
        assert found.stops("early_help").everybody
        assert found.stops("early_help").takes_all_back is not held
        assert found.stops("commissioning").everybody == 0
        assert ("what was sent before stays" in str(found.errors[0])) is held
    said = orders.read_text(encoding="ascii")
    orders.write_text(said.replace("key ", "key 0")[:-2] + "\n", encoding="ascii")
    with look(night.site) as place:
        found = read_choices(place, place.dpia, {})
        assert [error.code for error in found.errors] == ["E761", "E761"]
        assert found.stops("commissioning").everybody
        assert found.stops("commissioning").takes_all_back is not held


def test_a_copy_from_before_is_not_taken_for_the_register(night: NightSite, sample: Sample) -> None:
    """It lacks whoever chose since: it withholds all, is not added to, and is taken only by word."""
    path = night.site.registers / "rights" / "objections.csv"
    copy, person = path.read_bytes(), quiet_client(sample)
    record(night, Choice.OBJECTION, person)
    path.write_bytes(copy)
    with look(night.site) as place:
        found = read_choices(place, place.dpia, {})
        assert [error.code for error in found.errors] == ["E761"]
        assert all(found.stops(flow).takes_all_back for flow in FLOWS)
        assert "a copy from before" in str(found.errors[0])
        with pytest.raises(RegisterRefused):
            registering.confirm(place, registering.declared(place)[Choice.OBJECTION])
    with pytest.raises(RegisterRefused):
        record(night, Choice.OBJECTION, quiet_client(sample, 1))
    assert path.read_bytes() == copy
    with look(night.site) as place:
        registering.confirm(place, registering.declared(place)[Choice.OBJECTION], as_found=True)
    assert record(night, Choice.OBJECTION, person).changed == 1
    with look(night.site) as place:
        assert read_choices(place, place.dpia, {}).errors == []


def test_who_keeps_a_register_is_warned_of_its_last_day_and_of_what_goes_with_it(
    night: NightSite,
) -> None:
    """A week and a day before: the day, the flows, and that what was sent is withdrawn, or that it is not."""
    holds(night, "orders")
    for name, left in (("objections", 7), ("consents", 1), ("orders", 0)):
        path = night.site.registers / "rights" / f"{name}.csv"
        path.write_text(aged(path, str(clock.today() - timedelta(days=31 - left))), encoding="ascii")
    told = {each["path"]: each for each in coming(night.site, load_dpia(night.site.dpia))}
    found = {name: told[f"registers/rights/{name}"] for name in ("objections", "consents", "orders")}
    assert [each["days_left"] for each in found.values()] == [7, 1, 0]
    assert {each["within"] for each in found.values()} == {7}
    takes = ["what it governs is withdrawn" in in_words(each) for each in found.values()]
    assert takes == [True, True, False]


def test_a_register_that_a_kill_left_as_it_was_is_as_good_as_written(
    night: NightSite, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state hears of the new rows before the file has them: either is known, and the choice goes in."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(registering, "write_register", killed)
        with pytest.raises(KeyboardInterrupt):
            record(night, Choice.OBJECTION, quiet_client(sample))
    with look(night.site) as place:
        assert read_choices(place, place.dpia, {}).errors == []
    assert record(night, Choice.OBJECTION, quiet_client(sample)).changed == 1


@dataclass(frozen=True)
class Gone:
    """A night after one choice was lifted and somebody was forgotten, and the night after that."""

    night: NightSite
    council: Council
    person: str
    other: str
    digest: bytes
    secret: bytes
    said: dict[str, Any]
    told: dict[str, Any]
    quiet: dict[str, Any]


@pytest.fixture(scope="module")
def gone(chosen: Chosen, sample: Sample) -> Gone:
    """Return these nights. The verb is killed before it destroyed anything; the night finishes its work."""
    night, person = chosen.night, quiet_client(sample, 8)
    assert sum(len(n) for n in sent(night.night()).values()) == 0
    assert lift(night, Choice.RESTRICTION, chosen.people["restricts"]).changed == 1
    with look(night.site) as place:
        digest = packed(registering.people_of(place, "hub", [person]))[0]
        secret = place.log_secrets.find(digest)
    assert secret is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PersonSecrets, "destroy", killed)
        with pytest.raises(Killed):
            forget(night, person, "--yes")
    assert (night.site.var / "state" / "forgetting.json").exists()
    told = night.night().to_json()
    with look(night.site) as place:
        assert place.log_secrets.find(digest) is None
    quiet = night.night().to_json()
    said = json.loads(forget(night, person, "--yes", "--json"))
    other = quiet_client(sample, 9)
    return Gone(night, Council(night), person, other, digest, secret, said, told, quiet)


def test_who_is_forgotten_is_withdrawn_everywhere_and_a_later_pull_stays_out(
    gone: Gone, sample: Sample
) -> None:
    """They are in the exports still; both flows withdraw them, with receipts, and the next night is idle."""
    for flow, told in {flow["flow"]: flow for flow in gone.told["flows"]}.items():
        assert gone.council.row(flow, "person", "hub", gone.person) is None
        assert gone.council.tombstone(flow, "referral", "hub", case_of(sample, gone.person))
        assert told["entities"]["person"]["withdrawn_reasons"] == {"choice:forgotten": 1}
        assert told["receipt"]["outcome"] == "loaded"
        assert gone.council.stayed(flow, "person", "hub", gone.person) == ("withheld", "choice:forgotten")
    assert later.find(sample, "hub", "people", gone.person)
    assert [flow["state"] for flow in gone.quiet["flows"]] == ["nothing_sent"] * 2


def test_who_takes_a_choice_back_is_sent_again(gone: Gone, chosen: Chosen) -> None:
    """A restriction that ended last night lets everything through that was there before."""
    for flow in FLOWS:
        assert gone.council.row(flow, "person", "hub", chosen.people["restricts"])


def test_the_log_verifies_and_nobody_can_tell_any_more_whose_leaves_these_were(gone: Gone) -> None:
    """The secret found the person's leaves; it is destroyed, and none was kept for the withdrawal."""
    verify(gone.night.site.var / "log", keys.load_verifier("log", gone.night.site.keys.public))
    batches = {one["batch"] for one in gone.said["told"]}
    assert {one["flow"] for one in gone.said["told"]} == set(FLOWS)
    for batch in batches:
        flow, _, name = batch.partition("/")
        people = gone.night.site.var / "log" / "people" / flow / f"{name[:8]}.jsonl"
        assert tags(pl.Series([gone.secret]), batch, "upsert")[0].hex() in people.read_text(encoding="ascii")
    table = gone.night.site.var / "state" / "people.sqlite"
    assert PersonSecrets(table).find(gone.digest) is None
    assert gone.secret not in table.read_bytes()
    assert gone.digest not in table.read_bytes()


def test_the_leaf_of_who_was_forgotten_says_why_and_names_nobody(gone: Gone) -> None:
    """One leaf, though the verb was killed in between; the register holds one keyed entry."""
    lines = (gone.night.site.var / "log" / "leaves.jsonl").read_text(encoding="utf-8").splitlines()
    leaves = [leaf for leaf in map(json.loads, lines) if leaf["kind"] == "forgotten"]
    assert [(leaf["reason"], leaf["approver"], leaf["secret"]) for leaf in leaves] == [
        ("objected", "dpo", "destroyed")
    ]
    assert leaves[0]["flows"] == list(FLOWS)
    assert gone.person not in str(leaves)
    assert gone.digest.hex() not in str(leaves)
    register = (gone.night.site.registers / "forgotten.csv").read_text(encoding="ascii")
    assert register.count("\n") == 3
    assert not (gone.night.site.var / "state" / "forgetting.json").exists()


def test_a_backup_that_is_put_back_does_not_bring_the_secret_again(gone: Gone) -> None:
    """A run destroys it once more, before it decides anything; other people's secrets stay."""
    with look(gone.night.site) as place:
        secrets = place.log_secrets
        secrets.of(pl.Series([gone.digest], dtype=pl.Binary))
        other = packed(registering.people_of(place, "hub", [gone.other]))[0]
        notes = SourceNotes(names=[named(place, gone.person)])
        forgotten = read_choices(place, place.dpia, {"hub": notes}).forgotten
        destroy_again(place, forgotten)
        assert secrets.find(gone.digest) is None
        assert secrets.find(other) is not None


def named(place: Workplace, person: str) -> pl.DataFrame:
    """Return the person as pass one of a run notes them."""
    return pl.DataFrame({"person": registering.people_of(place, "hub", [person]), "reference": [person]})


def test_nobody_is_forgotten_beside_a_sealed_batch_that_the_log_does_not_know(
    night: NightSite, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch may tell of the person: it is finished first, and then stands among who was told."""
    person = quiet_client(sample)
    night.drop(later.change(sample, "hub", "people", person, {"Surname": "Zqsurnew"}))
    with monkeypatch.context() as patch:
        patch.setattr(deliver, "_log", killed)
        with pytest.raises(Killed):
            night.night()
    with pytest.raises(ErasureMustWait):
        forget(night, person, "--yes")
    night.night()
    told = json.loads(forget(night, person, "--yes", "--json"))["told"]
    assert ("early_help", "00000002") in {(one["flow"], one["batch"].split("/")[1][:8]) for one in told}


def test_a_lost_register_of_the_forgotten_holds_everybody(gone: Gone) -> None:
    """The log knows how many were forgotten, so a register with fewer stops all flows until it is back."""
    path = gone.night.site.registers / "forgotten.csv"
    kept = path.read_bytes()
    path.unlink()
    with look(gone.night.site) as place:
        lost = read_choices(place, place.dpia, {})
        assert all(lost.stops(flow).everybody > HOLDS for flow in FLOWS)
        with pytest.raises(RegisterLost):
            registering.begin(place, registering.OF_THE_FORGOTTEN)
        registering.begin(place, registering.OF_THE_FORGOTTEN, anew=True)
        empty = read_choices(place, place.dpia, {})
        assert [error.code for error in empty.errors] == ["E762"]
    path.write_bytes(kept)
    with look(gone.night.site) as place:
        assert [error.code for error in read_choices(place, place.dpia, {}).errors] == ["E761"]
        registering.confirm(place, registering.OF_THE_FORGOTTEN, as_found=True)
        assert read_choices(place, place.dpia, {}).errors == []


def test_a_flow_on_a_ground_that_erasure_does_not_reach_is_kept_and_said(gone: Gone, sample: Sample) -> None:
    """Where the hub shares on such a ground, that flow goes on; where it does so in all, nothing is done."""
    person = quiet_client(sample, 10)
    with look(gone.night.site) as place:
        place.dpia = without_erasure(place.dpia, "uk:6-1-f")
        found = look_up(place, "hub", person)
        assert (list(found.kept_in), found.flows) == (["commissioning"], ("early_help",))
        assert (found.secret, found.destroys) == (True, False)
        place.dpia = without_erasure(place.dpia, "uk:6-1-f", "uk:6-1-ea/annex1-para1")
        with pytest.raises(ErasureDoesNotApply) as caught:
            look_up(place, "hub", person)
    assert "early_help" in str(caught.value)
    assert person not in str(caught.value)

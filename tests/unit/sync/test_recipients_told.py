"""The ledger of corrections, erasures and choices on leaves and summaries that say each thing once."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from audit.leaves import read_leaf
from common import clock
from sharing import Dpia
from sharing.document import Party
from sharing.vocabulary import FlowStatus
from sync.governance.recipients_told import recipients_told
from sync.governance.summaries import whole
from tests.unit.sharing.records import example

FLOW, DAYS = "early_help", range(1, 9)
DPIA = {"id": "urn:dpia:example", "version": "1.0.0", "sha256": "a" * 64}
OBJECTION = "art21_objection"


def run_id(day: int) -> str:
    return f"2022120{day}T020000Z-00000{day}"


def leaf(kind: str, day: int, name: str, **said: Any) -> dict[str, Any]:
    base = {"v": 1, "kind": kind, "identity": f"{kind}:{name}", "run": run_id(day)}
    return base | {"at": f"2022-12-0{day}T02:00:31Z"} | said


def digest(day: int) -> str:
    return f"{day:064x}"


def batch(day: int, withdrawn: int = 3) -> dict[str, Any]:
    counts = {"released": 0, "unchanged": 9, "withheld": 0, "held": 0, "withdrawn": withdrawn}
    return leaf(
        "batch",
        day,
        f"{FLOW}/0000000{day}-{run_id(day)}",
        flow=FLOW,
        seq=day,
        recipient="age1" + "q" * 58,
        dpia=DPIA,
        manifest_sha256=digest(day),
        files=[],
        people={"leaves": 0, "root": "b" * 64},
        fields={},
        counts={"person": counts},
        reasons={},
    )


def answer(kind: str, day: int, on: int, **said: Any) -> dict[str, Any]:
    of = {"flow": FLOW, "seq": day, "manifest_sha256": digest(day), "receipt_sha256": "c" * 64}
    return leaf(kind, day, f"{FLOW}/{day}", **of, **said) | {"at": f"2022-12-0{on}T02:00:59Z"}


def receipt(day: int, on: int | None = None) -> dict[str, Any]:
    return answer("receipt", day, on or day, entities={})


def refusal(day: int) -> dict[str, Any]:
    return answer("refusal", day, day, reason="columns")


def forgotten(day: int, **more: Any) -> dict[str, Any]:
    said = {"reason": "objected", "approver": "dpo", "flows": [FLOW], "kept_in": [], "secret": "destroyed"}
    return leaf("forgotten", day, run_id(day), **said | more)


def ran(day: int) -> dict[str, Any]:
    return leaf("run", day, run_id(day), sources=["hub"], flows=[FLOW], accepted=[])


def night(day: int, *, received: dict[int, int] | None = None, **flow: Any) -> dict[str, Any]:
    """Return the summary of a run; by day how many objections stood in the register it relied on."""
    choice = {"choice": OBJECTION, "register": "rights/objections", "flows": [FLOW], "effect": "withhold"}
    choice |= {"state": "in_force", "as_of": "2022-12-01", "age_days": 1, "max_age_days": 31}
    choice |= {"received": {f"2022-12-0{on}": number for on, number in (received or {}).items()}}
    said = {"flow": FLOW, "state": "nothing_sent", "error": None} | flow
    started = {"run_id": run_id(day), "started_at": f"2022-12-0{day}T02:00:00Z"}
    return started | {"flows": [said], "choices": [choice]}


def sent(records: int = 0, choice: str = OBJECTION, corrected: int = 0) -> dict[str, Any]:
    """Return what a flow's summary says when a batch was sealed."""
    counts = {"withdrawn_reasons": {f"choice:{choice}": records} if records else {}, "corrected": corrected}
    return {"batch_id": "one", "state": "delivered", "entities": {"person": counts}}


def told(
    tmp_path: Path, runs: list[dict[str, Any]], *leaves: dict[str, Any], today: int = 9, **changed: Any
) -> dict[str, Any]:
    lines = [json.dumps(one, separators=(",", ":"), sort_keys=True) for one in leaves]
    assert all(read_leaf(line.encode()) for line in lines), "each is a leaf as the log writes it"
    (tmp_path / "log").mkdir(exist_ok=True)
    (tmp_path / "log" / "leaves.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    newest_first = whole(sorted(runs, key=lambda run: run["run_id"], reverse=True))
    with clock.frozen(datetime(2022, 12, today, 8, tzinfo=UTC)):
        return recipients_told(SimpleNamespace(var=tmp_path), newest_first, dpia(**changed))  # type: ignore[arg-type]


def dpia(**changed: Any) -> Dpia:
    return example().model_copy(update=changed)


def test_without_a_receipt_the_days_are_counted_and_past_the_period_it_is_overdue(tmp_path: Path) -> None:
    """The example says two days: on the third a choice without receipt is overdue, and not before."""
    runs = [night(1), night(2, received={2: 1}, **sent(4))]
    for today, overdue in ((4, False), (5, True)):
        said = told(tmp_path, runs, ran(1), ran(2), batch(2), today=today)
        (line,) = said["choices"]
        assert (line["state"], line["records"], line["days"]) == ("waiting", 4, today - 2)
        assert (line["due_on"], line["overdue"]) == ("2022-12-04", overdue)
        assert (said["not_yet_told"], said["overdue"]) == (1, int(overdue))


def test_choices_that_match_nobody_or_are_set_aside_are_no_choices_told(tmp_path: Path) -> None:
    """Of three, one tells: one matches nobody known, one is set aside; and where none tells, nothing is told.

    Somebody who was known when they were told of, and is gone since, was told of all the same.
    """
    two = night(2, received={2: 3}, **sent(4))
    two["choices"][0] |= {"nobody_of": {"2022-12-02": 1}, "set_aside_of": {"2022-12-02": 1}}
    leaves = (ran(1), ran(2), batch(2), receipt(2))
    (line,) = told(tmp_path, [night(1), two], *leaves)["choices"]
    assert [line[name] for name in ("choices", "nobody", "set_aside", "state")] == [3, 1, 1, "told"]
    two["choices"][0] |= {"nobody_of": {"2022-12-02": 2}}
    (line,) = told(tmp_path, [night(1), two], *leaves)["choices"]
    assert (line["nobody"], line["state"], line["records"]) == (2, "nothing", None)
    gone = night(3, received={2: 3})
    gone["choices"][0] |= {"nobody_of": {"2022-12-02": 3}, "set_aside_of": {}}
    two["choices"][0] |= {"nobody_of": {"2022-12-02": 0}, "set_aside_of": {}}
    (line,) = told(tmp_path, [night(1), two, gone], *leaves)["choices"]
    assert (line["nobody"], line["state"], line["records"]) == (0, "told", 4)


def test_a_receipt_after_the_period_is_late_and_no_longer_overdue(tmp_path: Path) -> None:
    """Sealed on the day, loaded five days later."""
    runs = [night(1), night(2, received={2: 1}, **sent(4))]
    said = told(tmp_path, runs, ran(1), ran(2), batch(2), receipt(2, on=7))
    (line,) = said["choices"]
    assert (line["state"], line["told_on"], line["days"]) == ("told", "2022-12-07", 5)
    assert (line["overdue"], line["late"], said["late"], said["not_yet_told"]) == (False, True, 1, 0)


def test_a_receipt_of_another_batch_under_the_same_number_tells_nothing(tmp_path: Path) -> None:
    """An answer is known by the manifest it names, never by its place."""
    runs = [night(1), night(2, received={2: 1}, **sent(4))]
    other = receipt(2) | {"manifest_sha256": digest(7)}
    (line,) = told(tmp_path, runs, ran(1), ran(2), batch(2), other)["choices"]
    assert line["state"] == "waiting"


def test_a_batch_that_was_refused_told_nothing_and_the_next_one_does(tmp_path: Path) -> None:
    """Refused alone: the recipient has still to be told. The next batch takes the same rows back."""
    runs = [night(1), night(2, received={2: 1}, **sent(4))]
    leaves = [ran(1), ran(2), batch(2), refusal(2)]
    (line,) = told(tmp_path, runs, *leaves)["choices"]
    assert (line["state"], line["sealed_on"], line["overdue"]) == ("refused", "2022-12-02", True)
    runs.append(night(3, received={2: 1}, **sent(4)))
    (line,) = told(tmp_path, runs, *leaves, ran(3), batch(3), receipt(3))["choices"]
    assert (line["state"], line["sealed_on"], line["records"]) == ("told", "2022-12-03", 4)


def test_a_flow_that_was_stopped_has_told_nothing_until_a_night_settles_it(tmp_path: Path) -> None:
    """A brake stops the flow on the night of the choice; the night after withdraws."""
    stopped = night(2, received={2: 1}, error=["E802  Far fewer records than usual."])
    (line,) = told(tmp_path, [night(1), stopped], ran(1), ran(2))["choices"]
    assert (line["state"], line["overdue"]) == ("not_applied", True)
    runs = [night(1), stopped, night(3, received={2: 1}, **sent(4))]
    (line,) = told(tmp_path, runs, ran(1), ran(2), ran(3), batch(3), receipt(3))["choices"]
    assert (line["state"], line["told_on"]) == ("told", "2022-12-03")


def test_two_choices_of_one_day_in_two_runs_are_told_when_the_second_is(tmp_path: Path) -> None:
    """Records of both batches; waiting as long as the second batch is."""
    runs = [night(1), night(2, received={2: 1}, **sent(4)), night(3, received={2: 2}, **sent(3))]
    leaves = [ran(1), ran(2), batch(2), receipt(2), ran(3), batch(3)]
    (line,) = told(tmp_path, runs, *leaves)["choices"]
    assert (line["state"], line["choices"], line["records"]) == ("waiting", 2, 7)


def test_nothing_taken_back_is_nothing_only_where_every_batch_since_is_known(tmp_path: Path) -> None:
    """A batch of a run whose summary is lost, that took rows back since, may have been the one."""
    runs = [night(1), night(4, received={2: 1}), night(5, received={2: 1})]
    (line,) = told(tmp_path, runs, ran(1), ran(4), ran(5))["choices"]
    assert (line["state"], line["days"], line["overdue"]) == ("nothing", None, False)
    (line,) = told(tmp_path, runs, ran(1), ran(3), batch(3), receipt(3), ran(4), ran(5))["choices"]
    assert line["state"] == "not_known"


def test_choices_of_before_the_summaries_are_counted_and_not_guessed_at(tmp_path: Path) -> None:
    """The log knows an earlier run; whoever chose before the first summary is one number."""
    said = told(tmp_path, [night(4, received={2: 3, 4: 1})], ran(1), ran(4))
    assert (said["earlier_choices"], [line["recorded_on"] for line in said["choices"]]) == (3, ["2022-12-04"])


def test_the_recipient_of_a_flow_that_rests_was_not_told(tmp_path: Path) -> None:
    """It had rows of the flow; paused since, it learns of nobody's choice."""
    paused = [
        one.model_copy(update={"status": FlowStatus.PAUSED}) if one.id == FLOW else one
        for one in dpia().flows
    ]
    resting = night(5, received={5: 1}) | {"flows": []}
    resting["choices"][0]["flows"] = []
    said = told(tmp_path, [night(2, **sent()), resting], ran(2), batch(2), ran(5), flows=paused)
    (line,) = said["choices"]
    assert (line["flow"], line["state"], line["overdue"]) == (FLOW, "resting", True)


def test_an_erasure_is_told_by_the_first_batch_after_it(tmp_path: Path) -> None:
    """Not by one before; two people of a day are one line; where the summary is gone, rows are not known."""
    leaves = [ran(1), batch(1), receipt(1), forgotten(2), forgotten(2) | {"identity": "forgotten:two"}]
    waits = told(tmp_path, [night(1)], *leaves)["erasures"]
    assert [(one["people"], one["state"]) for one in waits] == [(2, "not_applied")]
    after = [*leaves, ran(3), batch(3), receipt(3)]
    (line,) = told(tmp_path, [night(1), night(3, **sent(8, "forgotten"))], *after)["erasures"]
    assert (line["people"], line["state"], line["records"], line["told_on"]) == (2, "told", 8, "2022-12-03")
    (line,) = told(tmp_path, [], *after)["erasures"]
    assert (line["state"], line["records"]) == ("told", None)
    (line,) = told(tmp_path, [night(3, **sent(0))], *after)["erasures"]
    assert (line["state"], line["sealed_on"]) == ("nothing", None)


def test_where_erasure_does_not_reach_the_flow_goes_on_and_says_on_which_ground(tmp_path: Path) -> None:
    """The provision of the assessment's basis; no day is due, for nothing is to be told."""
    said = dpia()
    exempt = {basis.article6 for basis in said.legal_bases if basis.id in said.flow(FLOW).basis}
    erasure = said.rights.erasure.model_copy(update={"except_where": sorted(exempt)})
    rights = said.rights.model_copy(update={"erasure": erasure})
    kept = forgotten(2, flows=[], kept_in=[FLOW], secret="kept")
    (line,) = told(tmp_path, [], kept, rights=rights)["erasures"]
    grounds = {basis.provision for basis in said.legal_bases if basis.id in said.flow(FLOW).basis}
    assert (line["state"], line["overdue"], line["sealed_on"]) == ("kept", False, None)
    assert grounds
    assert all(ground in line["kept_because"] for ground in grounds)


def test_corrections_are_counted_per_night_and_not_where_a_run_did_not_count(tmp_path: Path) -> None:
    """Refused and sent again, then waiting; nights that did not count their corrections are counted."""
    older = sent()
    del older["entities"]["person"]["corrected"]
    runs = [
        night(1, **older),
        night(2, **sent(corrected=5)),
        night(3, **sent(corrected=5)),
        night(4, **sent(), rekeyed={"rows": 9}),
    ]
    said = told(tmp_path, runs, batch(1), batch(2), refusal(2), batch(3), batch(4), today=4)
    states = {line["recorded_on"]: (line["rows"], line["state"]) for line in said["corrections"]}
    assert states == {"2022-12-02": (5, "sent_again"), "2022-12-03": (5, "waiting")}
    assert (said["not_counted"], said["not_yet_told"]) == (2, 1)


def test_what_a_legal_hold_keeps_is_the_last_certificate_s(tmp_path: Path) -> None:
    """By flow, with the decision's reference; a certificate that blocks nothing is no line."""

    def certificate(day: int, blocked: int) -> dict[str, Any]:
        removed = {"expired": 1, "blocked": blocked, "waiting": 0, "no_clock": 0}
        said = {"flow": FLOW, "number": day, "after_seq": 1, "manifest_sha256": digest(1)}
        said |= {"certificate_sha256": "d" * 64, "entities": {"referral": removed}, "holds": ["HOLD-1"]}
        return leaf("expiry", day, f"{FLOW}/{day}", **said)

    (kept,) = told(tmp_path, [], certificate(1, 9), certificate(2, 4))["kept"]
    assert (kept["rows"], kept["decisions"], kept["certified_on"]) == (4, ["HOLD-1"], "2022-12-02")
    assert told(tmp_path, [], certificate(1, 9), certificate(2, 0))["kept"] == []


@pytest.mark.parametrize("assessment", [True, False])
def test_the_recipient_is_named_by_the_assessment_under_which_it_was_told(
    tmp_path: Path, assessment: bool
) -> None:
    """Kept with the log, its name of then; else the name of today's."""
    if assessment:
        kept = {"flows": [{"id": FLOW, "to": {"party": "x"}}], "parties": [{"id": "x", "name": "Of Then"}]}
        (tmp_path / "log" / "assessments").mkdir(parents=True)
        (tmp_path / "log" / "assessments" / f"{DPIA['sha256']}.json").write_text(json.dumps(kept), "utf-8")
    runs = [night(1), night(2, received={2: 1}, **sent(4))]
    (line,) = told(tmp_path, runs, ran(1), ran(2), batch(2), receipt(2))["choices"]
    party: Party = next(one for one in dpia().parties if one.id == dpia().flow(FLOW).to.party)
    assert line["recipient"] == ("Of Then" if assessment else party.name)
    assert date.fromisoformat(line["told_on"]) == date(2022, 12, 2)

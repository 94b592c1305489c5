"""The forms of the decision to share, worked out a second time from the bare YAML."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sharing import Dpia, telling
from sharing.vocabulary import FlowStatus
from tests.parties import EVERYBODY, signed, trust_of
from tests.unit.sharing.records import EXAMPLE, example
from tests.unit.sharing.test_telling import TODAY, bare, leaving, opened

MARK = "To be confirmed by a lawyer."


def forms(dpia: Dpia | None = None) -> dict[tuple[str, str], dict[str, Any]]:
    """Return each form by its flow and the name of who decides."""
    return {
        (form["flow"], form["decides"]): form for form in telling.sharing_decisions(opened(dpia))["forms"]
    }


def says(form: dict[str, Any], beginning: str) -> tuple[str, ...]:
    """Return what is answered to the one question that begins so."""
    (found,) = (each["says"] for each in form["questions"] if each["asks"].startswith(beginning))
    return tuple(found)


def givers(flow: dict[str, Any]) -> list[dict[str, Any]]:
    return [party for party in bare()["parties"] if set(party.get("sources", [])) & set(flow["from"])]


def grounds(flow: dict[str, Any], party: str) -> list[dict[str, Any]]:
    return [
        basis for basis in bare()["legalBases"] if basis["id"] in flow["basis"] and basis["party"] == party
    ]


def test_there_is_a_form_for_each_flow_and_each_controller_that_gives() -> None:
    """By the sources that the bare file says are whose; none for whoever only receives."""
    wanted = {(flow["id"], party["name"]) for flow in bare()["flows"] for party in givers(flow)}
    assert set(forms()) == wanted
    assert len(wanted) > len(bare()["flows"])


def test_a_form_has_the_giver_s_own_grounds_and_nobody_else_s() -> None:
    """Each provision of its own bases stands there, and none of another party's that it has not itself."""
    found = forms()
    for flow in bare()["flows"]:
        for party in givers(flow):
            own = {basis["provision"] for basis in grounds(flow, party["id"])}
            others = {basis["provision"] for basis in bare()["legalBases"]} - own
            text = " ".join(says(found[flow["id"], party["name"]], "Which power"))
            assert own
            assert all(provision in text for provision in own)
            assert not [provision for provision in others if f"{provision}." in says_all(found, flow, party)]


def says_all(
    found: dict[tuple[str, str], dict[str, Any]], flow: dict[str, Any], party: dict[str, Any]
) -> str:
    answers = says(found[flow["id"], party["name"]], "Which power")
    return " ".join(answer for answer in answers if not answer.startswith("Confidentiality"))


def test_what_a_lawyer_must_confirm_is_marked_wherever_it_is_said() -> None:
    """A ground that is marked marks basis, power and conditions; one that is not marks nothing."""
    for marked in (True, False):
        bases = [one.model_copy(update={"confirm_with_lawyer": marked}) for one in example().legal_bases]
        for form in forms(example().model_copy(update={"legal_bases": bases})).values():
            assert form["confirm_with_lawyer"] is marked
            for question in ("On which lawful basis", "Which power"):
                assert {answer.endswith(MARK) for answer in says(form, question)} == {marked}
            conditions = says(form, "Which further conditions")[1:]
            assert {answer.endswith(MARK) for answer in conditions} <= {marked}
            assert MARK in str(form) or not marked


def test_data_agreement_purpose_and_days_are_the_file_s() -> None:
    """Kinds of data, special category, agreement, purpose, retention: each as the bare YAML comes to."""
    found, purposes = forms(), {each["id"]: each for each in bare()["purposes"]}
    for flow in bare()["flows"]:
        for party in givers(flow):
            form = found[flow["id"], party["name"]]
            fields = list(leaving(flow))
            special = any("specialCategory" in field for field in fields)
            assert ("Special categories: none" not in str(says(form, "Which further"))) == special
            assert says(form, "What for")[0] == f"{purposes[flow['purpose']]['label']}."
            assert flow["agreement"] in says(form, "Is there an agreement")[0]
            assert says(form, "Why is it necessary")[0] == flow["necessity"]["rowLevel"]
            terms = [
                each for each in bare()["retention"] if each["what"].split("@")[0].split(".")[0] == flow["id"]
            ]
            assert len(says(form, "How long")) == len(terms)
            assert all(term["basis"] in " ".join(says(form, "How long")) for term in terms)


def test_what_the_file_has_no_key_for_is_not_said() -> None:
    """Who asked, law enforcement, and, without a request on file, the day of one; the count is told."""
    told = telling.sharing_decisions(opened())
    flows, requested = {flow["id"]: flow for flow in bare()["flows"]}, set[bool]()
    for form in told["forms"]:
        assert says(form, "Who there asks") == says(form, "Is it for law enforcement") == ()
        party = next(one["id"] for one in bare()["parties"] if one["name"] == form["decides"])
        on_file = any("request" in basis for basis in grounds(flows[form["flow"]], party))
        assert bool(says(form, "When was it asked")) == on_file
        requested.add(on_file)
    assert requested == {True, False}
    silent = [each for form in told["forms"] for each in form["questions"] if not each["says"]]
    assert told["not_said"] == len(silent)
    assert told["asked"] == 23 * len(told["forms"])


def test_the_decision_is_the_giver_s_signature_over_this_version(tmp_path: Path) -> None:
    """Unsigned, or by a key nobody trusts here, nothing is decided; signed, it is, and by whom is said."""
    path = tmp_path / "signed.yaml"
    path.write_bytes(EXAMPLE.read_bytes())
    dpia = signed(path, *EVERYBODY[:2])
    names = {party["id"]: party["name"] for party in bare()["parties"]}
    began = {names[party] for party in EVERYBODY[:2]}
    for trust, decided in ((trust_of(), began), (None, set[str]())):
        now = telling.Opened(dpia, TODAY, trust) if trust else telling.Opened(dpia, TODAY)
        for form in telling.sharing_decisions(now)["forms"]:
            shares = says(form, "What was decided")[0].startswith("To share, within")
            assert shares == (form["decides"] in decided)
            assert bool(says(form, "Who decided")) == shares


@pytest.mark.parametrize(("status", "there"), [(FlowStatus.PAUSED, True), (FlowStatus.ENDED, False)])
def test_a_flow_that_ended_has_no_form_and_a_paused_one_says_so(
    tmp_path: Path, status: FlowStatus, there: bool
) -> None:
    """What was decided of a paused flow stands, and nothing is sent."""
    path = tmp_path / "signed.yaml"
    path.write_bytes(EXAMPLE.read_bytes())
    dpia = signed(path, *EVERYBODY)
    flows = [one.model_copy(update={"status": status}) for one in dpia.flows]
    now = telling.Opened(dpia.model_copy(update={"flows": flows}), date(2026, 11, 22), trust_of())
    told = telling.sharing_decisions(now)["forms"]
    assert bool(told) == there
    assert all("paused" in says(form, "What was decided")[0] for form in told)

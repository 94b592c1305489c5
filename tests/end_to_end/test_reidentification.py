"""Whose a pseudonymised row is: told to the provider whose person it is, on two approvals, on the record."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from audit.reidentification import approve, read_question
from audit.verify import verify
from common import clock
from demo.sample import Sample
from sealing import keys
from sync.governance.access import access
from sync.governance.summaries import whole
from sync.history import last_runs
from tests.asked_of_the_log import audit, json_of
from tests.nights import NightSite
from tests.released import Council

FLOW, APPROVERS = "commissioning", ("caldicott", "safeguarding")


class Desk:
    """A settled site with two approvers, and the rows of one person of each of two providers."""

    def __init__(self, night: NightSite, sample: Sample, folder: Path) -> None:
        self.night, self.folder = night, folder
        self.council = Council(night)
        self.theirs, self.others = self._person("hub", sample), self._person("community_support", sample)
        for name in APPROVERS:
            keys.create(f"approver-{name}", folder / name, night.site.keys.public)

    def _person(self, source: str, sample: Sample) -> tuple[str, str]:
        """Return the reference and the key of somebody of the source whom the recipient has."""
        names = [row["Org Person ID"] for row in sample.table(source, "people")]
        found = next(name for name in names if self.council.row(FLOW, "person", source, name))
        return found, str(self.council.key(FLOW, "person", source, found))

    def question(self, *asked: str, **changes: Any) -> Path:
        """Write the question down."""
        said = {"flow": FLOW, "askedBy": "hub", "request": "RI-1", "reason": "rectification"}
        said |= {"askedOn": clock.today(), "keys": list(asked)} | changes
        path = self.folder / "question.yaml"
        path.write_text(yaml.safe_dump(said), encoding="utf-8")
        return path

    def approval(self, question: Path, name: str, role: str | None = None) -> Path:
        """Write the approver's word down."""
        signer = keys.load_signer(f"approver-{role or name}", self.folder / (role or name))
        path = self.folder / f"{name}.approval"
        path.write_bytes(approve(read_question(question), name, signer, clock.today()))
        return path

    def approved(self, question: Path) -> list[str]:
        """Return the options of two approvals."""
        said = [self.approval(question, name) for name in APPROVERS]
        return [word for path in said for word in ("--approval", str(path))]

    def asked(self, question: Path, *options: str) -> tuple[int, str]:
        """Return how the question ends, and what is said."""
        return audit(self.night, "reidentify", str(question), *options)

    def logged(self) -> list[dict[str, Any]]:
        """Return the leaves that say that somebody asked."""
        lines = (self.night.site.var / "log" / "leaves.jsonl").read_text(encoding="utf-8").splitlines()
        return [leaf for leaf in map(json.loads, lines) if leaf["kind"] == "reidentification"]


@pytest.fixture
def desk(night: NightSite, sample: Sample, tmp_path: Path) -> Desk:
    return Desk(night, sample, tmp_path)


def test_a_provider_is_told_of_its_own_people_and_the_log_of_nobody(desk: Desk) -> None:
    """Their person, a row of theirs, another party's person, an organisation, and a key of nobody."""
    (reference, key), (stranger, foreign) = desk.theirs, desk.others
    referral = next(
        str(row["referral_id"]) for row in desk.council.rows(FLOW, "referral") if str(row["person_id"]) == key
    )
    body = str(desk.council.rows(FLOW, "organisation")[0]["org_id"])
    nowhere = "0" * 32
    question = desk.question(key, referral, foreign, body, nowhere)
    words = ("reidentify", str(question), *desk.approved(question))
    before = {path: path.read_bytes() for path in desk.night.site.landing.rglob("*") if path.is_file()}
    said = json.loads(json_of(desk.night, *words))
    told = {one["key"]: (one["source"], one["reference"], one["why_not"]) for one in said["told"]}
    assert list(told.values()) == [
        ("hub", reference, None),
        ("hub", reference, None),
        (None, None, "a row of another party's person"),
        (None, None, "a row about nobody"),
        (None, None, "the recipient has no such row"),
    ]
    (leaf,) = desk.logged()
    assert (leaf["asked"], leaf["told"], leaf["outcome"]) == (5, 2, "given")
    assert leaf["approvers"] == list(APPROVERS)
    assert_told_to_governance(desk, leaf)
    log = (desk.night.site.var / "log" / "leaves.jsonl").read_text(encoding="utf-8")
    assert not [word for word in (reference, stranger, *told) if word in log]
    assert {path: path.read_bytes() for path in before} == before
    assert verify(desk.night.site.var / "log", keys.load_verifier("log", desk.night.site.keys.public))


def assert_told_to_governance(desk: Desk, leaf: dict[str, Any]) -> None:
    """The page of re-identification and access has the question as the log has it, and nobody's reference."""
    said = access(desk.night.site, whole(last_runs(desk.night.site)))
    (line,) = said["reidentifications"]
    assert {name: leaf[name] for name in line if name != "on"} == {k: v for k, v in line.items() if k != "on"}
    assert (said["rows_asked"], said["rows_told"], said["refused"]) == (5, 2, 0)
    assert not [word for word in (*desk.theirs, *desk.others) if word in json.dumps(said)]


def test_what_is_not_approved_by_two_or_not_allowed_is_refused_and_logged(desk: Desk) -> None:
    """One approver, one person twice, another word, a party or a flow that the assessment leaves out."""
    question = desk.question(desk.theirs[1])
    both = desk.approved(question)
    cases = [both[:2], [*both[:2], *both[:2]]]
    answers = [desk.asked(question, *case) for case in cases]
    answers.append(desk.asked(desk.question(desk.theirs[1], reason="complaint"), *both))
    for changes in ({"askedBy": "smbc"}, {"flow": "early_help"}):
        changed = desk.question(desk.theirs[1], **changes)
        answers.append(desk.asked(changed, *desk.approved(changed)))
    assert [(code, said.split()[0]) for code, said in answers] == [(30, "E607")] * 5
    assert [leaf["outcome"] for leaf in desk.logged()] == ["refused"] * 5
    assert not [said for _, said in answers if desk.theirs[0] in said]


def test_one_key_under_two_names_is_one_person(desk: Desk) -> None:
    """Whoever copies their public key under another's name has approved once."""
    mine = desk.night.site.keys.public / "approver-caldicott.pub"
    text = mine.read_text(encoding="ascii").replace("approver-caldicott", "approver-safeguarding")
    (desk.night.site.keys.public / "approver-safeguarding.pub").write_text(text, encoding="ascii")
    shutil.rmtree(desk.folder / "safeguarding")
    question = desk.question(desk.theirs[1])
    first = desk.approval(question, "caldicott")
    second = desk.approval(question, "safeguarding", role="caldicott")
    code, said = desk.asked(question, "--approval", str(first), "--approval", str(second))
    assert (code, "1 did" in said) == (30, True)


NO_QUESTIONS: tuple[dict[str, Any], ...] = (
    {"keys": ["Quartzname"]},
    {"keys": []},
    {"keys": [f"{at:032x}" for at in range(21)]},
    {"askedOn": "2024-01-01"},
    {"why": "because"},
)


def test_a_question_that_is_none_is_refused_without_a_word_of_it(desk: Desk) -> None:
    """Names in place of keys, none, too many, too old, words of its own: file and line, and no value."""
    good = desk.approved(desk.question(desk.theirs[1]))
    for changes in NO_QUESTIONS:
        ended, said = desk.asked(desk.question(desk.theirs[1], **changes), *good)
        assert ended == 10, changes
        assert "question.yaml, line" in said
        assert "Quartzname" not in said
    assert desk.logged() == []


def test_an_approval_that_is_none_and_an_approver_whom_nobody_knows_stop_it(desk: Desk) -> None:
    """A damaged file is E608; without the approver's public key nothing is told."""
    question = desk.question(desk.theirs[1])
    good = desk.approved(question)
    Path(good[1]).write_text("{}", encoding="utf-8")
    assert desk.asked(question, *good)[0] == 10
    good = desk.approved(question)
    (desk.night.site.keys.public / "approver-safeguarding.pub").unlink()
    assert desk.asked(question, *good)[0] == 40
    assert desk.logged() == []

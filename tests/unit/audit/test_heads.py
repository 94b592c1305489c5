"""The head of a leaf says of it what orders the log, and a log goes on from heads as from whole leaves."""

import json
from typing import get_args

import pytest

from audit.errors import DisclosureLogBroken
from audit.heads import ALWAYS, SOMETIMES, head_of
from audit.leaves import Leaf
from audit.ledger import Ledger
from audit.log import DisclosureLog
from audit.reading import read_log
from tests.unit.audit.test_log import DPIA, SIGNER, VERIFIER, add, base, batch, begun, receipt, refusal

OTHERS = {
    "nothing_sent": {"flow": "early_help", "after_seq": 2, "dpia": DPIA | {"sha256": "1" * 64}},
    "stopped": {"flow": "early_help", "after_seq": 2, "dpia": DPIA, "code": "E707"},
    "waived": {"waiver": "W1", "rule": "review", "until": "2026-01-01", "dpia": DPIA},
    "disposal": {"what": "person_secrets", "count": 3, "unused_since": "2026-01-01", "dpia": DPIA},
    "access": {"asked": "history", "reason": "complaint", "outcome": "given", "form_sha256": "2" * 64},
    "forgotten": {"reason": "erasure", "approver": "somebody", "flows": [], "kept_in": [], "secret": "none"},
    "reidentification": {"flow": "early_help", "asked": 1, "told": 1, "outcome": "given"},
    "given_up": {
        "flow": "early_help",
        "seq": 2,
        "manifest_sha256": f"{2:064x}",
        "reason": "bytes lost",
        "approver": "somebody",
    },
    "expiry": {"flow": "early_help", "number": 4, "after_seq": 2, "manifest_sha256": f"{2:064x}"},
}
SAID = [
    *(begun(1), begun(2) | {"dpia": DPIA}, batch(2, 1), batch(2, 2, dpia=DPIA | {"sha256": "a" * 64})),
    *(receipt(2, 1), refusal(2, 2), begun(3) | {"dpia": None}),
    *(base(3, kind) | {"kind": kind} | values for kind, values in OTHERS.items()),
]


def test_a_log_goes_on_from_heads_as_from_whole_leaves():
    """Whatever of a leaf the ledger of the log takes in stands in its head, for every kind there is."""
    kinds = {str(get_args(one.model_fields["kind"].annotation)[0]) for one in get_args(get_args(Leaf)[0])}
    assert {leaf["kind"] for leaf in SAID} == kinds
    whole, heads = Ledger(), Ledger()
    for leaf in SAID:
        whole.remember(leaf)
        heads.remember(head_of(json.dumps(leaf), 1))
        assert heads == whole, leaf["kind"]
    assert len(whole.assessments) == 3
    assert all((whole.last_seq, whole.receipted, whole.certificates, whole.manifests))


def test_a_head_says_what_its_leaf_says():
    """Each key of a head is the leaf's own, its value unchanged but for what is within and not needed."""
    for leaf in SAID:
        head = head_of(json.dumps(leaf), 1)
        assert set(head) == set(leaf) & (ALWAYS.keys() | SOMETIMES.keys())
        assert all(leaf[key] == said for key, said in head.items() if key not in {"dpia", "files"})
        operations = [{"operation": file["operation"]} for file in leaf.get("files", [])]
        assert head.get("files", []) == operations
        assert (head.get("dpia") or {}).get("sha256") == (leaf.get("dpia") or {}).get("sha256")


@pytest.mark.parametrize("line", ["", "{", "[]", '{"kind":"run"}', json.dumps(begun(1) | {"run": 7})])
def test_a_line_that_is_no_leaf_is_named_and_not_shown(line):
    """A line under our own signature that is none of ours: the log is broken, and the line is named."""
    with pytest.raises(DisclosureLogBroken) as refused:
        head_of(line, 7)
    assert "leaves.jsonl, line 7" in refused.value.where


def test_a_reading_gives_the_heads_of_the_leaves_it_gives(tmp_path):
    """Index for index: the batches by their heads are the batches by their leaves."""
    log = DisclosureLog(tmp_path / "log", SIGNER)
    for night in (1, 2):
        for leaf in (begun(night), batch(night, night), receipt(night, night)):
            add(log, leaf)
    reading = read_log(tmp_path / "log", VERIFIER)
    by_leaf = [(index, leaf["seq"]) for index, leaf in reading.batches({"early_help"})]
    assert [(index, head["seq"]) for index, head in reading.batch_heads({"early_help"})] == by_leaf
    assert [reading.leaf(index) for index in range(6)] == reading.leaves
    assert reading.batch_heads({"another"}) == []

"""The disclosure log: whole or not at all, gap-free, and no line of it can be changed unseen."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.errors import DisclosureLogBroken, LeafRefused
from audit.leaves import leaf_from, read_leaf
from audit.log import DisclosureLog
from audit.reading import read_log
from audit.verify import verify
from sealing.signing import Signer

SIGNER = Signer(b"\x03" * 32)
VERIFIER = SIGNER.verifier
GOLDEN = Path(__file__).parents[2] / "golden" / "wire" / "log"
DPIA = {"id": "DPIA-1", "version": "1.0", "sha256": "0" * 64}
NOBODY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
FILES = ("leaves.jsonl", "checkpoint", "checkpoints.jsonl")


def run_id(night: int) -> str:
    return f"20221201T020000Z-{night:06x}"


def base(night: int, what: str) -> dict:
    return {"v": 1, "run": run_id(night), "at": "2022-12-01T02:00:00Z", "identity": f"{run_id(night)}/{what}"}


def begun(night: int) -> dict:
    return base(night, "run") | {"kind": "run", "sources": ["hub"], "flows": ["early_help"], "accepted": []}


def batch(night: int, seq: int, flow: str = "early_help", **values) -> dict:
    return (
        base(night, f"{flow}/batch")
        | {
            "kind": "batch",
            "flow": flow,
            "seq": seq,
            "recipient": "age1" + "q" * 58,
            "dpia": DPIA,
            "manifest_sha256": f"{seq:064x}",
            "files": [{"entity": "person", "operation": "upsert", "rows": 3, "plain_sha256": "c" * 64}],
            "people": {"leaves": 0, "root": NOBODY},
            "fields": {"person": {"given_name": "disclose"}},
            "counts": {"person": {"released": 3, "withheld": 2}},
            "reasons": {"person": {"rule:adults-only": 2}},
        }
        | values
    )


def receipt(night: int, seq: int, flow: str = "early_help", **values) -> dict:
    return (
        base(night, f"{flow}/receipt")
        | {
            "kind": "receipt",
            "flow": flow,
            "seq": seq,
            "manifest_sha256": f"{seq:064x}",
            "receipt_sha256": "f" * 64,
            "entities": {"person": {"upserted": 3, "withdrawn": 0}},
        }
        | values
    )


def refusal(night: int, seq: int) -> dict:
    leaf = receipt(night, seq) | {"kind": "refusal", "reason": "sealed_digest"}
    return {key: value for key, value in leaf.items() if key != "entities"} | base(night, "refusal")


def nothing(night: int, after: int, flow: str = "commissioning") -> dict:
    said = {
        "kind": "nothing_sent",
        "flow": flow,
        "after_seq": after,
        "dpia": DPIA,
        "counts": {},
        "reasons": {},
    }
    return base(night, f"{flow}/batch") | said


def add(log: DisclosureLog, *leaves: dict):
    return log.append_once(leaves[0]["identity"], leaves)


def three_nights(folder: Path) -> DisclosureLog:
    """Three nights: a batch receipted, a batch refused, a batch receipted; the other flow sends nothing."""
    log = DisclosureLog(folder, SIGNER)
    for night, answer in ((1, receipt), (2, refusal), (3, receipt)):
        add(log, begun(night))
        add(log, batch(night, night))
        add(log, nothing(night, 0))
        add(log, answer(night, night))
    return log


@pytest.fixture
def folder(tmp_path):
    three_nights(tmp_path / "log")
    return tmp_path / "log"


def broken(folder: Path) -> bool:
    try:
        verify(folder, VERIFIER)
    except DisclosureLogBroken:
        return True
    return False


def test_a_log_that_was_only_written_by_us_verifies(folder):
    """Every leaf, every checkpoint, every number; and it says what it adds up to."""
    found = verify(folder, VERIFIER)
    assert (found.size, found.runs, found.checkpoints) == (12, 3, 13)
    assert found.last_sequences == {"early_help": 3}
    assert found.leaves == {"batch": 3, "nothing_sent": 3, "receipt": 2, "refusal": 1, "run": 3}
    assert json.loads(json.dumps(found.to_json()))["root"] == found.root


def test_an_empty_log_verifies(tmp_path):
    """Nothing was sent, and that is signed too."""
    DisclosureLog(tmp_path / "log", SIGNER)
    assert verify(tmp_path / "log", VERIFIER).size == 0


def test_a_log_is_written_as_it_always_was(folder):
    """Byte for byte the published example: leaves, checkpoint, kept checkpoints."""
    for name in FILES:
        assert (folder / name).read_bytes() == (GOLDEN / name).read_bytes()


def edits_of_lines(lines: list[bytes]):
    """Yield every removal, doubling, exchange of neighbours, and change of a line, and lines put in."""
    for place, line in enumerate(lines):
        rest = lines[:place], lines[place + 1 :]
        yield f"remove {place}", [*rest[0], *rest[1]]
        yield f"double {place}", [*rest[0], line, line, *rest[1]]
        if rest[1]:
            yield f"exchange {place}", [*rest[0], rest[1][0], line, *rest[1][1:]]
        yield f"change {place}", [*rest[0], line.replace(b"0", b"1", 1), *rest[1]]
        yield f"space {place}", [*rest[0], line.replace(b":", b": ", 1), *rest[1]]
        yield f"empty {place}", [*rest[0], b"", *rest[1]]
        yield f"cut here {place}", rest[0]
        yield f"insert {place}", [*rest[0], lines[0].replace(b"hub", b"hab"), *lines[place:]]


@pytest.mark.parametrize("name", FILES)
def test_every_edit_of_every_line_is_detected(folder, name):
    """Whatever line of whatever file is removed, changed, doubled, moved or put in: verify says so."""
    original = (folder / name).read_bytes()
    lines = original.splitlines()
    unseen = []
    for what, edited in edits_of_lines(lines):
        changed = b"".join(line + b"\n" for line in edited)
        (folder / name).write_bytes(changed)
        if changed != original and not broken(folder):
            unseen.append(what)
    assert unseen == []
    (folder / name).write_bytes(original)
    assert not broken(folder), "the sweep itself is sound: untouched, the log verifies"


@pytest.mark.parametrize("name", FILES)
def test_no_single_byte_can_be_changed_unseen(folder, name):
    """Each byte of each file, one at a time (every third of the long ones)."""
    original = (folder / name).read_bytes()
    step = 1 if len(original) < 1000 else len(original) // 150
    for place in range(0, len(original), step):
        changed = bytearray(original)
        changed[place] ^= 4
        (folder / name).write_bytes(bytes(changed))
        assert broken(folder), f"byte {place}"


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_detected_and_nothing_is_begun_anew(folder, name):
    """A log without one of its files neither verifies nor may it be written to."""
    (folder / name).unlink()
    assert broken(folder)
    with pytest.raises(DisclosureLogBroken):
        DisclosureLog(folder, SIGNER)


def test_a_log_of_another_key_or_name_does_not_verify(folder):
    """Only the key that was published for this log."""
    with pytest.raises(DisclosureLogBroken) as refused:
        verify(folder, Signer(b"\x04" * 32).verifier)
    assert refused.value.exit_code == 60
    assert len(str(refused.value).splitlines()) == 4
    with pytest.raises(DisclosureLogBroken):
        verify(folder, VERIFIER, origin="another/log")


def test_a_rewritten_log_cannot_be_written_to(folder):
    """A changed leaf under the last checkpoint stops the run before it adds anything."""
    path = folder / "leaves.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"rows":3', b'"rows":1', 1))
    with pytest.raises(DisclosureLogBroken):
        DisclosureLog(folder, SIGNER)


def test_a_rollback_of_the_whole_folder_is_seen_by_who_kept_a_checkpoint_only(tmp_path):
    """The limit, stated: an older copy of all three files verifies by itself; a kept checkpoint shows it."""
    log = DisclosureLog(tmp_path / "log", SIGNER)
    add(log, begun(1))
    shutil.copytree(tmp_path / "log", tmp_path / "older")
    kept = add(log, batch(1, 1))
    rolled_back = verify(tmp_path / "older", VERIFIER)
    assert rolled_back.size < kept.size


def test_asked_twice_a_set_of_leaves_is_added_once(folder):
    """The identity decides: after a crash the same step is logged again and changes nothing."""
    log = DisclosureLog(folder, SIGNER)
    before = [(folder / name).read_bytes() for name in FILES]
    again = batch(3, 3) | {"at": "2022-12-02T09:00:00Z"}
    assert add(log, again) == log.checkpoint
    assert [(folder / name).read_bytes() for name in FILES] == before
    assert log.holds(again["identity"])


def test_a_set_is_in_the_log_whole(folder):
    """Two leaves of one identity are one set; half of it is not the set."""
    log = DisclosureLog(folder, SIGNER)
    add(log, begun(4))
    one, two = nothing(4, 0), nothing(4, 3, "early_help") | {"identity": nothing(4, 0)["identity"]}
    add(log, one, two)
    assert verify(folder, VERIFIER).size == 15
    with pytest.raises(LeafRefused):
        add(log, one)


OUT_OF_ORDER = {
    "a number is skipped": [begun(4), batch(4, 5)],
    "a number is used again": [begun(4), batch(4, 3)],
    "a flow begins with 2": [begun(4), batch(4, 2, "commissioning")],
    "the run was not begun": [batch(4, 4)],
    "the run is begun again": [begun(4), begun(4) | {"identity": "again"}],
    "a receipt of no batch": [begun(4), receipt(4, 4)],
    "a receipt of another batch": [begun(4), receipt(4, 2, manifest_sha256="9" * 64)],
    "a second receipt": [begun(4), receipt(4, 3)],
    "nothing sent after another number": [begun(4), nothing(4, 1)],
}


@pytest.mark.parametrize("name", OUT_OF_ORDER)
def test_a_leaf_out_of_order_is_refused_and_nothing_is_written(folder, name):
    """Gap-free numbers, answers to logged batches only, every leaf within a run that was begun."""
    *before, last = OUT_OF_ORDER[name]
    log = DisclosureLog(folder, SIGNER)
    for leaf in before:
        add(log, leaf)
    files = [(folder / name).read_bytes() for name in FILES]
    with pytest.raises(LeafRefused) as refused:
        add(log, last)
    assert refused.value.exit_code == 70
    assert [(folder / name).read_bytes() for name in FILES] == files
    add(log, begun(5))
    assert not broken(folder)


def test_a_refused_batch_may_be_receipted_later(folder):
    """A refusal that left the number free is followed by the receipt of the same batch."""
    log = DisclosureLog(folder, SIGNER)
    add(log, begun(4))
    add(log, receipt(4, 2))
    assert not broken(folder)


@pytest.mark.parametrize(
    "values",
    [
        {"surname": "Oak"},
        {"reasons": {"person": {"Ann Oak was withheld": 1}}},
        {"fields": {"person": {"given_name": "Ann Oak"}}},
        {"counts": {"person": {"ann": 1}}},
        {"counts": {"person": {"released": -1}}},
        {"flow": "Early Help"},
        {"recipient": "ann@oak.example"},
        {"manifest_sha256": "9434765919"},
        {"at": "yesterday"},
        {
            "files": [
                {"entity": "person", "operation": "upsert", "rows": 1, "plain_sha256": "0" * 64, "name": "x"}
            ]
        },
        {"kind": "note"},
        {"v": 2},
    ],
)
def test_a_leaf_has_no_place_for_a_personal_value(values):
    """Closed forms: no free text, no unknown key, nothing but counts, names of ours and digests."""
    assert leaf_from(batch(1, 1)) is not None
    assert leaf_from(batch(1, 1) | values) is None


def test_a_leaf_is_read_in_its_one_canonical_form_only():
    """Even under a right signature: spaces, another order, a doubled key are not our leaf."""
    line = leaf_from(begun(1)).canonical_bytes()
    assert read_leaf(line) == leaf_from(begun(1))
    turned = json.dumps(dict(reversed(json.loads(line).items())), separators=(",", ":")).encode()
    for other in (line.replace(b":", b": ", 1), turned, line[:-1] + b',"v":1}', line[:-1], b"[]"):
        assert read_leaf(other) is None


def test_what_a_kill_left_unsigned_is_cut_off(folder):
    """Lines that no checkpoint covers were never published: the next run cuts them off and goes on."""
    path = folder / "leaves.jsonl"
    signed = path.read_bytes()
    for left in (b'{"v":1,"ki', signed.splitlines()[0] + b"\n", signed.splitlines()[0] + b"\n{"):
        path.write_bytes(signed + left)
        assert broken(folder)
        assert DisclosureLog(folder, SIGNER).lines_cut > 0
        assert path.read_bytes() == signed
        assert not broken(folder)


def test_a_log_that_was_read_already_is_opened_as_one_that_was_not(folder):
    """What a kill left is cut off, the next leaf stands under the same root, and a file cut short is told."""
    path = folder / "leaves.jsonl"
    signed = path.read_bytes()
    for left in (b"", b'{"v":1,"ki', signed.splitlines()[0] + b"\n{"):
        path.write_bytes(signed + left)
        log = DisclosureLog(folder, SIGNER, reading=read_log(folder, VERIFIER))
        assert (log.lines_cut > 0) == bool(left)
        assert path.read_bytes() == signed
    reading = read_log(folder, VERIFIER)
    path.write_bytes(signed[:-3])
    with pytest.raises(DisclosureLogBroken):
        DisclosureLog(folder, SIGNER, reading=reading)
    path.write_bytes(signed)
    log = DisclosureLog(folder, SIGNER, reading=reading)
    add(log, begun(4))
    assert not broken(folder)
    assert verify(folder, VERIFIER).root == log.checkpoint.root.hex()


def test_a_batch_of_an_earlier_run_that_is_logged_late_does_not_make_its_assessment_the_last(folder):
    """Sealed under one version and logged while a later one runs: what last ran is the later one's."""
    log = DisclosureLog(folder, SIGNER)
    first, second = DPIA | {"sha256": "a" * 64}, DPIA | {"sha256": "b" * 64}
    add(log, begun(4) | {"dpia": first})
    add(log, begun(5) | {"dpia": second})
    add(log, batch(4, 4, dpia=first))
    assert log.last_assessment == second["sha256"]
    assert {first["sha256"], second["sha256"]} <= log.assessments
    assert DisclosureLog(folder, SIGNER).last_assessment == second["sha256"]
    add(log, batch(5, 5, dpia=first))
    assert log.last_assessment == first["sha256"]


def test_a_batch_that_takes_back_alone_does_not_make_its_assessment_the_last(folder):
    """Taking back alone, a batch of a flow that is gone names the version that speaks for it."""
    log = DisclosureLog(folder, SIGNER)
    old, now = DPIA | {"sha256": "a" * 64}, DPIA | {"sha256": "b" * 64}
    back = {"entity": "person", "operation": "withdraw", "rows": 2, "plain_sha256": "c" * 64}
    add(log, begun(4) | {"dpia": now})
    add(log, batch(4, 4, dpia=old, files=[back]))
    assert log.last_assessment == now["sha256"]
    assert {old["sha256"], now["sha256"]} <= log.assessments
    assert DisclosureLog(folder, SIGNER).last_assessment == now["sha256"]


def test_a_kill_between_the_kept_and_the_published_checkpoint_is_mended(folder):
    """The leaves are durable and signed, so they count: the published checkpoint follows."""
    earlier = (folder / "checkpoint").read_bytes()
    log = DisclosureLog(folder, SIGNER)
    add(log, begun(4))
    published = (folder / "checkpoint").read_bytes()
    (folder / "checkpoint").write_bytes(earlier)
    assert broken(folder)
    assert DisclosureLog(folder, SIGNER).holds(begun(4)["identity"])
    assert (folder / "checkpoint").read_bytes() == published
    assert not broken(folder)


def test_a_kill_while_a_checkpoint_is_kept_is_mended(folder):
    """A torn last line of the kept checkpoints goes, and the unsigned leaves with it."""
    path = folder / "checkpoints.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"note":"via')
    DisclosureLog(folder, SIGNER)
    assert path.read_bytes() == whole
    assert not broken(folder)


@pytest.mark.parametrize("present", [("leaves.jsonl",), ("leaves.jsonl", "checkpoints.jsonl")])
def test_a_kill_while_the_log_begins_is_mended(tmp_path, present):
    """With no leaf and no signature yet, the beginning is made again."""
    for name in present:
        (tmp_path / name).write_bytes(b"")
    DisclosureLog(tmp_path, SIGNER)
    assert verify(tmp_path, VERIFIER).size == 0


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=4))
@settings(max_examples=15, deadline=None)
def test_a_log_cut_anywhere_in_its_last_set_recovers_to_before_or_after(tmp_path_factory, cuts):
    """However much of the last append reached the disk, the log opens at the state before it or after it."""
    folder = tmp_path_factory.mktemp("cut") / "log"
    log = DisclosureLog(folder, SIGNER)
    add(log, begun(1))
    before = {name: (folder / name).read_bytes() for name in FILES}
    add(log, batch(1, 1))
    after = {name: (folder / name).read_bytes() for name in FILES}
    leaves, kept = after["leaves.jsonl"], after["checkpoints.jsonl"]
    for cut in cuts:
        first = len(before["leaves.jsonl"]) + cut % (len(leaves) - len(before["leaves.jsonl"]) + 1)
        second = len(before["checkpoints.jsonl"])
        if first == len(leaves):
            second += cut % (len(kept) - second + 1)
        (folder / "leaves.jsonl").write_bytes(leaves[:first])
        (folder / "checkpoints.jsonl").write_bytes(kept[:second])
        (folder / "checkpoint").write_bytes(before["checkpoint"])
        size = DisclosureLog(folder, SIGNER).checkpoint.size
        assert size == (2 if second == len(kept) else 1)
        assert not broken(folder)
        assert add(DisclosureLog(folder, SIGNER), batch(1, 1)).size == 2
        assert {name: (folder / name).read_bytes() for name in FILES} == after

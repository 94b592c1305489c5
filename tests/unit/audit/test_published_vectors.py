"""The log's numbers are those of the published vectors: proofs good and bad, keyed hashes, canonical JSON."""

import base64
import hmac
import json
import struct
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import rfc8785

from audit import standalone_proof
from audit.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from audit.person import tag_of
from audit.proofs import ProvableLines
from audit.secrets import tags
from audit.tree import WholeTree, inclusion_proof, is_consistent, is_included, leaf_hash, root_of
from audit.witness import (
    cosign,
    cosigned_at,
    objection,
    read_request,
    read_witness_key,
    witness_key,
)
from sealing.digests import hmac_each
from sealing.signing import Signer

MERKLE = Path(__file__).parents[2] / "golden" / "merkle"
# RFC 8785, appendix B: the bits of a double, and how it is written.
NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}
# RFC 4231, test cases 1 and 2; keys shorter than 32 bytes are filled up with zeros, which is the same key.
HMAC = [
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
]
LOG, WITNESS = Signer(b"\x07" * 32), Signer(b"\x08" * 32)


def vectors(name: str) -> list[Any]:
    """Return the vectors of one kind."""
    return [
        pytest.param(one, id=one["desc"])
        for one in json.loads((MERKLE / f"{name}.json").read_text(encoding="utf-8"))
    ]


def raw(one: dict[str, Any], *names: str) -> list[bytes]:
    """Return the hashes of a vector."""
    return [base64.b64decode(one[name]) for name in names]


@pytest.mark.parametrize("one", vectors("consistency"))
def test_a_published_consistency_proof_holds_exactly_if_it_should(one: dict[str, Any]) -> None:
    """Happy paths hold; changed, cut, lengthened, swapped, from nothing or backwards they do not."""
    steps = [base64.b64decode(step) for step in one["proof"]]
    holds = is_consistent(one["size1"], one["size2"], steps, *raw(one, "root1", "root2"))
    assert holds is not one["wantErr"]


@pytest.mark.parametrize("one", vectors("inclusion"))
def test_a_published_inclusion_proof_holds_exactly_if_it_should(one: dict[str, Any]) -> None:
    """By the library's function, and by that of the verifier of proofs."""
    steps = [base64.b64decode(step) for step in one["proof"]]
    leaf, root = raw(one, "leafHash", "root")
    assert is_included(leaf, one["leafIdx"], one["treeSize"], steps, root) is not one["wantErr"]
    try:
        reached = standalone_proof.climbed(one["leafIdx"], one["treeSize"] - 1, leaf, steps)[1]
    except standalone_proof.Wrong:
        reached = b""
    assert (reached == root) is not one["wantErr"]


def test_a_whole_tree_gives_the_roots_and_proofs_of_the_recursion() -> None:
    """All trees up to 33 leaves: whole levels at once are the recursion of the RFC."""
    for size in range(34):
        hashes = [leaf_hash(bytes([number])) for number in range(size)]
        tree = WholeTree(hashes)
        assert tree.root() == root_of(hashes)
        assert [list(tree.path(at)) for at in range(size)] == [
            inclusion_proof(hashes, at) for at in range(size)
        ]
        with pytest.raises(ValueError, match="index"):
            tree.path(size)
    assert ProvableLines(["a", "b", "c"]).proof(2).holds(ProvableLines(["a", "b", "c"]).root)


@pytest.mark.parametrize(("bits", "written"), NUMBERS.items())
def test_numbers_are_written_as_rfc_8785_says(bits: str, written: str) -> None:
    """Appendix B, every finite number of it."""
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert rfc8785.dumps(number) == written.encode()


@pytest.mark.parametrize(("key", "message", "digest"), HMAC)
def test_keyed_hashes_are_those_of_rfc_4231(key: bytes, message: bytes, digest: str) -> None:
    """Whole columns at once, and one by one as tags are made."""
    filled = pl.Series([key.ljust(32, b"\0")] * 3, dtype=pl.Binary)
    assert {one.hex() for one in hmac_each(filled, message)} == {digest}
    assert hmac.digest(key, message, "sha256").hex() == digest


def test_a_tag_made_alone_is_the_tag_made_with_all_others() -> None:
    """Whoever looks for one person finds what the night wrote for everybody."""
    secrets = [bytes([number]) * 32 for number in range(5)]
    batch = "early_help/00000001-20221201T020000Z-abcdef"
    for operation in ("upsert", "withdraw"):
        together = tags(pl.Series(secrets, dtype=pl.Binary), batch, operation)
        assert [one.hex() for one in together] == [tag_of(one, batch, operation) for one in secrets]


def test_a_cosignature_has_the_public_form_and_holds_for_its_own_checkpoint_alone() -> None:
    """Type 4, name, time and the whole text are signed; another name, key, time or text is none."""
    note = sign_checkpoint(Checkpoint("viaduct/disclosure-log", 1, bytes(32)), LOG)
    asked = read_request(b"old 0\n\n" + note, LOG.verifier)
    assert asked is not None
    assert objection(asked, None) is None
    signed = cosign(asked, "w.example/1", WITNESS, 1679315147)
    assert signed.startswith(note)
    assert open_checkpoint(signed, "viaduct/disclosure-log", LOG.verifier) == asked.checkpoint
    assert cosigned_at(signed, "w.example/1", WITNESS.verifier) == 1679315147
    key = read_witness_key(witness_key("w.example/1", WITNESS.verifier))
    assert key == ("w.example/1", WITNESS.verifier)
    assert cosigned_at(signed, "w.example/2", WITNESS.verifier) is None
    assert cosigned_at(signed, "w.example/1", LOG.verifier) is None
    blob = base64.b64decode(signed.rpartition(b" ")[2])
    assert len(blob) == 4 + 8 + 64
    message = b"cosignature/v1\ntime 1679315147\n" + note.rpartition(b"\n\n")[0] + b"\n"
    WITNESS.verifier._key.verify(blob[12:], message)
    for at in (0, 30, len(signed) - 30):
        changed = signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :]
        assert cosigned_at(changed, "w.example/1", WITNESS.verifier) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"old 0\n",
        b"old 00\n\n",
        b"old -1\n\n",
        b"old 0\nnot base64\n\n",
        b"old 0\n" + b"AA==\n" * 64 + b"\n",
    ],
)
def test_a_request_of_another_form_is_none(content: bytes) -> None:
    """Whatever is asked of a witness in other words is not read."""
    note = sign_checkpoint(Checkpoint("viaduct/disclosure-log", 1, bytes(32)), LOG)
    assert read_request(content + note if content.endswith(b"\n\n") else content, LOG.verifier) is None

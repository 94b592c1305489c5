"""The wire forms are exact: one way of writing, and the written files of the past stay readable."""

import json
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from sealing.errors import ManifestUnreadable, ReceiptUnreadable, SignatureRefused
from sealing.manifest import (
    DpiaReference,
    EntityShape,
    FileEntry,
    Manifest,
    manifest_is_signed,
    read_manifest,
    sign_manifest,
)
from sealing.receipt import Loaded, Receipt, Refusal, open_receipt, sign_receipt
from sealing.signing import Purpose, Signer, Verifier

GOLDEN = Path(__file__).parents[2] / "golden" / "wire"
SENDER = Signer(b"\x01" * 32)
COUNCIL = Signer(b"\x02" * 32)
RECIPIENT = "age1" + "q" * 58


def manifest(**values) -> Manifest:
    stated = {
        "flow": "early_help",
        "sequence": 2,
        "run_id": "20221201T060000Z-0a1b2c",
        "created_at": "2022-12-01T06:00:00Z",
        "previous_manifest_sha256": "a" * 64,
        "dpia": DpiaReference(id="DPIA-2022-07", version="1.2", sha256="b" * 64),
        "schema_version": "1",
        "recipient": RECIPIENT,
        "entities": {
            "person": EntityShape(key=["person_id"], columns=["person_id", "given_name", "source_system"])
        },
        "files": [
            FileEntry(
                name="person-0001.parquet.age",
                entity="person",
                operation="upsert",
                rows=3,
                plain_bytes=1000,
                plain_sha256="c" * 64,
                sealed_bytes=1216,
                sealed_sha256="d" * 64,
            )
        ],
    }
    return Manifest(**(stated | values))


def receipt(**values) -> Receipt:
    stated = {
        "flow": "early_help",
        "sequence": 2,
        "batch_id": "early_help/00000002-20221201T060000Z-0a1b2c",
        "manifest_sha256": "e" * 64,
        "outcome": "loaded",
        "reason": None,
        "entities": {"person": Loaded(upserted=3, withdrawn=0)},
        "at": "2022-12-01T06:05:00Z",
    }
    return Receipt(**(stated | values))


def test_a_manifest_is_written_as_it_always_was():
    """Byte for byte the manifest, its signature and its digest of the published example."""
    content = (GOLDEN / "manifest.json").read_bytes()
    assert manifest().canonical_bytes() == content
    assert sign_manifest(manifest(), SENDER) == (GOLDEN / "manifest.json.sig").read_bytes()
    assert read_manifest(content) == manifest()
    assert manifest_is_signed(content, (GOLDEN / "manifest.json.sig").read_bytes(), SENDER.verifier)


def test_a_receipt_is_written_as_it_always_was():
    """Byte for byte the receipt and the refusal of the published examples."""
    refusal = receipt(outcome="refused", reason=Refusal.SEALED_DIGEST, entities={})
    for name, wanted in (("receipt.json", receipt()), ("refusal.json", refusal)):
        content = (GOLDEN / name).read_bytes()
        assert sign_receipt(wanted, COUNCIL) == content
        assert open_receipt(content, COUNCIL.verifier) == wanted


def test_a_batch_says_where_it_lies():
    """The folder of a batch follows from its manifest."""
    assert manifest().batch_id == "early_help/00000002-20221201T060000Z-0a1b2c"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + b"\n",
        lambda text: b" " + text,
        lambda text: json.dumps(json.loads(text), indent=1).encode(),
        lambda text: text.replace(b'"sequence":2', b'"sequence":2.0'),
        lambda text: text.replace(b'"sequence":2', b'"sequence":2,"sequence":2'),
        lambda text: text.replace(b'"rows":3', b'"rows":"3"'),
        lambda text: text[:-1],
        lambda text: text.replace(b"viaduct-batch/1", b"viaduct-batch/2"),
        lambda text: text.replace(b'"files":[', b'"extra":1,"files":['),
        lambda text: text.replace(b"person-0001", b"../son-0001"),
        lambda text: text.replace(b'"early_help"', b'"main"'),
        lambda text: text.replace(b'"early_help"', b'"Early Help"'),
        lambda text: text.replace(b'"key":["person_id"]', b'"key":["name"]'),
        lambda text: text[:1] + text[-1:],
        lambda text: b"[" * len(text) * 100,
    ],
)
def test_any_other_way_of_writing_is_no_manifest(change):
    """Spaces, doubled keys, other types, unknown keys, paths: nothing but the one canonical form is read."""
    changed = change(manifest().canonical_bytes())
    assert changed != manifest().canonical_bytes()
    with pytest.raises(ManifestUnreadable):
        read_manifest(changed)


@pytest.mark.parametrize(
    "values",
    [
        {"sequence": 1},
        {"previous_manifest_sha256": None},
        {"sequence": 0},
        {"entities": {}},
        {"files": manifest().files * 2},
        {"recipient": "age1short"},
        {"created_at": "2022-12-01 06:00"},
    ],
)
def test_a_manifest_does_not_contradict_itself(values):
    """The first batch has none before it, every file is of an entity named, no file is named twice."""
    with pytest.raises(ValidationError) as refused:
        manifest(**values)
    assert "input_value" not in str(refused.value)


def test_a_signature_stands_for_one_purpose_only():
    """What signs a manifest does not sign a receipt or a note over the same text."""
    text = b"the same text"
    made = {purpose: SENDER.sign(purpose, text) for purpose in Purpose}
    accepted = [
        (made_for, asked)
        for made_for, signature in made.items()
        for asked in Purpose
        if SENDER.verifier.accepts(asked, text, signature)
    ]
    assert accepted == [(purpose, purpose) for purpose in Purpose]


def test_ed25519_signs_as_published():
    """RFC 8032 section 7.1, test 3; a note is signed as it stands."""
    signer = Signer(bytes.fromhex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"))
    assert signer.verifier.public.hex() == "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"
    wanted = (
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    )
    assert signer.sign(Purpose.NOTE, bytes.fromhex("af82")).hex() == wanted


@pytest.mark.parametrize("place", [0, 100, -3])
def test_a_changed_receipt_is_refused(place):
    """A receipt of another key, or with one byte changed, is no receipt."""
    content = bytearray(sign_receipt(receipt(), COUNCIL))
    with pytest.raises(SignatureRefused):
        open_receipt(bytes(content), SENDER.verifier)
    content[place] ^= 1
    with pytest.raises((SignatureRefused, ReceiptUnreadable)):
        open_receipt(bytes(content), COUNCIL.verifier)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"receipt":{},"signature":""}', b"\xff"])
def test_what_is_no_receipt_is_refused(content):
    """Anything else in its place."""
    with pytest.raises(ReceiptUnreadable):
        open_receipt(content, COUNCIL.verifier)


def test_a_refusal_says_why_and_a_loaded_batch_does_not():
    """A reason belongs to a refusal, and no refusal is without one."""
    for values in ({"reason": Refusal.COLUMNS}, {"outcome": "refused"}):
        with pytest.raises(ValidationError):
            receipt(**values)


def test_every_reason_for_a_refusal_is_explained_in_its_order():
    """The page on the wire form lists the closed list of reasons, in the order in which they are asked."""
    page = (Path(__file__).parents[3] / "docs/reference/batch-format.md").read_text(encoding="utf-8")
    table = page.partition("| reason | means |")[2].partition("## Keys")[0]
    assert re.findall(r"`([a-z_]+)`", table) == [reason.value for reason in Refusal]


def test_a_key_of_the_wrong_length_is_no_key():
    """Neither half."""
    from sealing.errors import KeyUnusable

    for make in (Signer, Verifier):
        with pytest.raises(KeyUnusable):
            make(b"short")

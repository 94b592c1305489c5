"""Checkpoints are the signed notes of public logs: published notes verify, and ours verify as they do."""

import base64

import pytest

from audit.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from sealing.notes import open_note, read_verifier_key, sign_note, verifier_key
from sealing.signing import Signer

# The worked example of the signed-note specification, and that of the Go package it comes from.
FOO_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOO_NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
PETER_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SECRET = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER_TEXT = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
PETER_NOTE = PETER_TEXT + (
    "\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
SIGNER = Signer(b"\x07" * 32)
CHECKPOINT = Checkpoint("viaduct/disclosure-log", 12, bytes(range(32)))


@pytest.mark.parametrize(("key", "note"), [(FOO_KEY, FOO_NOTE), (PETER_KEY, PETER_NOTE)])
def test_the_published_notes_verify(key, note):
    """Both worked examples open under their published keys, and the keys are written back as they were."""
    name, verifier = read_verifier_key(key)
    assert open_note(note.encode(), name, verifier) == note.partition("\n\n")[0] + "\n"
    assert verifier_key(name, verifier) == key


def test_we_sign_the_published_note_byte_for_byte():
    """With the published private key, the note is the published note."""
    signer = Signer(base64.b64decode(PETER_SECRET)[1:])
    assert sign_note(PETER_TEXT, "PeterNeumann", signer).decode() == PETER_NOTE


def test_a_checkpoint_comes_back_as_it_went():
    """Three lines, signed: the name, the size, the root."""
    note = sign_checkpoint(CHECKPOINT, SIGNER)
    assert note.decode().splitlines()[:3] == [
        "viaduct/disclosure-log",
        "12",
        base64.b64encode(bytes(range(32))).decode(),
    ]
    assert open_checkpoint(note, CHECKPOINT.origin, SIGNER.verifier) == CHECKPOINT


def test_other_signatures_under_a_note_are_passed_over():
    """A witness may add its own line, before or after ours."""
    note = sign_checkpoint(CHECKPOINT, SIGNER)
    witness = sign_note(CHECKPOINT.text(), "witness.example", Signer(b"\x08" * 32)).split(b"\n\n")[1]
    before = note.replace(b"\n\n", b"\n\n" + witness)
    for cosigned in (note + witness, before):
        assert open_checkpoint(cosigned, CHECKPOINT.origin, SIGNER.verifier) == CHECKPOINT


def test_no_byte_of_a_checkpoint_can_be_changed():
    """Whatever byte changes: it no longer opens."""
    note = sign_checkpoint(CHECKPOINT, SIGNER)
    for place in range(len(note)):
        changed = bytearray(note)
        changed[place] ^= 1
        assert open_checkpoint(bytes(changed), CHECKPOINT.origin, SIGNER.verifier) is None


@pytest.mark.parametrize(
    "text", ["x\n-1\nAA==\n", "x\n012\n" + "A" * 43 + "=\n", "x\n1\nAA==\n", "x\n1\n", "\n"]
)
def test_a_signed_text_that_is_no_checkpoint_is_none(text):
    """Signed by the right key, but not three lines of the right form."""
    assert open_checkpoint(sign_note(text, "x", SIGNER), "x", SIGNER.verifier) is None


def test_a_checkpoint_of_another_log_or_key_is_none():
    """The name is part of what is signed for, and so is the key."""
    note = sign_checkpoint(CHECKPOINT, SIGNER)
    assert open_checkpoint(note, "another/log", SIGNER.verifier) is None
    assert open_checkpoint(note, CHECKPOINT.origin, Signer(b"\x08" * 32).verifier) is None


@pytest.mark.parametrize(
    "key", ["", "x", FOO_KEY.replace("530d", "530e"), FOO_KEY[:-4], PETER_KEY.replace("+A", "+B")]
)
def test_a_verifier_key_that_does_not_agree_with_itself_is_refused(key):
    """Name, hash and key belong together."""
    with pytest.raises(ValueError, match="verifier key"):
        read_verifier_key(key)

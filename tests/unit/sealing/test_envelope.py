"""Envelopes open for their recipient, whole, and for nobody else."""

import os
import shutil
import subprocess
from pathlib import Path

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealing import keys
from sealing.envelope import (
    LARGEST_PLAIN_BYTES,
    Identity,
    is_to_one_only,
    new_identity,
    open_sealed,
    seal,
)
from sealing.errors import EnvelopeDoesNotOpen, FileTooLarge, KeyUnusable, RecipientUnusable

COUNCIL = Identity(new_identity())
VECTOR = Path(__file__).parents[2] / "golden" / "wire"


@given(st.binary(max_size=200_000))
@settings(max_examples=50, deadline=None)
def test_what_was_sealed_opens_to_the_same_bytes(plain):
    """Any bytes, of any length, come out as they went in, and twice the same is sealed differently."""
    sealed = seal(plain, COUNCIL.recipient)
    assert open_sealed(sealed, COUNCIL) == plain
    assert sealed != seal(plain, COUNCIL.recipient)


@given(st.binary(max_size=2_000), st.floats(0, 1, exclude_max=True), st.integers(0, 7))
@settings(max_examples=100, deadline=None)
def test_one_changed_bit_anywhere_opens_nothing(plain, share, bit):
    """No byte of an envelope can be changed, cut off or added without the whole being refused."""
    sealed = bytearray(seal(plain, COUNCIL.recipient))
    place = int(share * len(sealed))
    sealed[place] ^= 1 << bit
    for changed in (bytes(sealed), bytes(sealed[:place]), seal(plain, COUNCIL.recipient) + b"x"):
        with pytest.raises(EnvelopeDoesNotOpen):
            open_sealed(changed, COUNCIL)


def test_a_stranger_opens_nothing_and_learns_nothing():
    """The error names no byte of what was sealed and stems from no error that does."""
    sealed = seal(b"CANARY", COUNCIL.recipient)
    with pytest.raises(EnvelopeDoesNotOpen) as refused:
        open_sealed(sealed, Identity(new_identity()))
    assert "CANARY" not in str(refused.value)
    assert refused.value.__context__ is None
    assert refused.value.exit_code == 40


def test_an_envelope_that_another_can_open_too_is_told_by_its_header():
    """One recipient, whatever grease is beside it; two stanzas for anybody are not one."""
    assert all(is_to_one_only(seal(b"x", COUNCIL.recipient)) for _ in range(20))
    assert is_to_one_only((VECTOR / "sealed.age").read_bytes())
    ours, other = (pyrage.x25519.Recipient.from_str(Identity(new_identity()).recipient) for _ in "12")
    assert not is_to_one_only(pyrage.encrypt(b"x", [ours, other]))
    assert not is_to_one_only(pyrage.encrypt(b"x", [ours, ours]))


def test_an_envelope_has_at_most_one_stanza_of_grease_and_it_comes_last():
    """So many write we; a second one, or one before the recipient's, may be a recipient in disguise."""
    header, end, rest = seal(b"x", COUNCIL.recipient).partition(b"\n---")
    start, stanza, grease = header.partition(b"-> X25519")
    first, mark, more = grease.partition(b"-> ")
    assert mark, "one stanza of grease is beside ours"
    assert is_to_one_only(start + stanza + first.rstrip(b"\n") + end + rest)
    assert not is_to_one_only(header + b"\n" + mark + more + end + rest)
    assert not is_to_one_only(start + mark + more + b"\n" + stanza + first.rstrip(b"\n") + end + rest)


def test_more_than_an_envelope_holds_is_not_sealed():
    """64 MiB is the most: whole files are opened in memory on the other side."""
    with pytest.raises(FileTooLarge):
        seal(bytes(LARGEST_PLAIN_BYTES + 1), COUNCIL.recipient)


def test_only_an_age_public_key_is_a_recipient():
    """A mistyped key, another kind of key, or the private half by mistake is refused, and not repeated."""
    for text in ("age1" + "q" * 58, "ssh-ed25519 AAAA", new_identity(), "", "age1"):
        with pytest.raises(RecipientUnusable) as refused:
            seal(b"x", text)
        assert len(text) < 5 or text not in str(refused.value)


def test_only_an_age_secret_key_is_an_identity():
    """What cannot open anything is refused when it is loaded, not at the first batch."""
    with pytest.raises(KeyUnusable):
        Identity("AGE-SECRET-KEY-1NOT")


def test_an_identity_never_shows_its_secret():
    """Neither printed nor pickled."""
    import pickle

    assert "SECRET" not in repr(COUNCIL)
    with pytest.raises(TypeError):
        pickle.dumps(COUNCIL)


def test_an_envelope_sealed_in_the_past_still_opens():
    """The published form of a sealed file: made once, kept, and opened for ever."""
    identity = Identity((VECTOR / "council.key").read_text().splitlines()[1])
    sealed = (VECTOR / "sealed.age").read_bytes()
    assert sealed.startswith(b"age-encryption.org/v1\n-> X25519 ")
    assert open_sealed(sealed, identity) == b"what was sealed, whole\n"


def age() -> str:
    """Return the age tool of this machine; its absence is an error where CI promises it."""
    tool = shutil.which("age")
    if tool is None and os.environ.get("CI") == "true":
        pytest.fail("CI must have the age tool: apt-get install age")
    if tool is None:
        pytest.skip("The age tool is not installed here; an independent reader was NOT tried.")
    return tool


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 3_000_000])
def test_the_public_age_tool_opens_our_envelopes(tmp_path, size):
    """An independent implementation opens what we seal, with the council's key file as it is."""
    tool = age()
    keys.create("council", tmp_path / "private", tmp_path / "public")
    plain = os.urandom(size)
    (tmp_path / "file.age").write_bytes(seal(plain, keys.load_recipient(tmp_path / "public")))
    command = [tool, "--decrypt", "-i", str(tmp_path / "private" / "council.key"), str(tmp_path / "file.age")]
    opened = subprocess.run(command, capture_output=True, check=True)
    assert opened.stdout == plain


def test_we_open_envelopes_of_the_public_age_tool(tmp_path):
    """And the other way round."""
    tool = age()
    command = [tool, "--encrypt", "-r", COUNCIL.recipient]
    sealed = subprocess.run(command, input=b"from outside", capture_output=True, check=True)
    assert open_sealed(sealed.stdout, COUNCIL) == b"from outside"

"""Keys that were revoked: refused for all that is new, kept for what the log names."""

from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pytest

from common import clock
from sealing import earlier, keys, rotation
from sealing.errors import KeyRevoked, KeyUnusable, SignatureRefused
from sealing.receipt import Receipt, open_receipt, sign_receipt
from sealing.revoked import NOTE, read_revoked
from sealing.revoking import revoke
from sealing.trust import read_trust


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    private, public = tmp_path / "private", tmp_path / "public"
    for role in ("signing", "council", "controller-hub", "approver-jane", "log", "memory"):
        keys.create(role, private, public)
    return private, public


def test_nobody_signs_believes_or_seals_with_a_key_that_was_revoked(folders: tuple[Path, Path]) -> None:
    """Of each kind: the one in force is refused by whoever would use it, and the others are not touched."""
    private, public = folders
    revoke("signing", None, private, public)
    revoke("council", None, private, public)
    revoke("approver-jane", None, private, public)
    for use in (
        lambda: keys.load_pair("signing", private, public),
        lambda: keys.load_verifier("signing", public),
        lambda: keys.load_recipient(public),
        lambda: earlier.identities_in_use(private, public),
        lambda: keys.load_verifier("approver-jane", public),
    ):
        with pytest.raises(KeyRevoked):
            use()
    assert keys.load_verifier("log", public)
    assert set(read_trust(public).current) == {"controller-hub"}


def test_a_new_key_serves_in_the_place_of_one_that_was_revoked(folders: tuple[Path, Path]) -> None:
    """After the change all is well again, and only the version that was revoked stays refused."""
    private, public = folders
    before = keys.read_verifier("signing", public)
    revoke("signing", None, private, public)
    rotation.rotate_signature("signing", private, public)
    revoke("council", None, private, public)
    rotation.rotate_recipient(private, public)
    assert keys.load_pair("signing", private, public).verifier != before
    assert keys.load_recipient(public) == keys.load_identity(private).recipient
    assert earlier.earlier_verifiers("signing", public) == ()
    assert [one.recipient for one in earlier.identities_in_use(private, public)] == [
        keys.load_recipient(public)
    ]


def test_what_was_signed_or_sealed_in_its_time_stays_provable(folders: tuple[Path, Path]) -> None:
    """History is read with every key that ever was: a revoked one makes no old batch unprovable."""
    private, public = folders
    before = keys.read_verifier("signing", public)
    rotation.rotate_signature("signing", private, public)
    rotation.rotate_recipient(private, public)
    assert [one.verifier for one in earlier.earlier_verifiers("signing", public)] == [before]
    revoke("signing", 1, private, public)
    revoke("council", 1, private, public)
    assert before in earlier.load_verifiers("signing", public)
    assert len(earlier.load_identities(private)) == 2
    assert earlier.earlier_verifiers("signing", public) == ()
    assert len(earlier.identities_in_use(private, public)) == 1


def test_answers_of_before_are_believed_in_their_time_until_the_key_is_revoked(
    folders: tuple[Path, Path],
) -> None:
    """Dated up to the day of the change, by the key of before; later, or once it was revoked, by none but the
    new one. What the own books hold opens under every key that ever was.
    """
    private, public = folders
    keys.create("receipt", private, public)
    old, day = keys.load_signer("receipt", private), clock.today()
    given, later = (sign_receipt(answered(at), old) for at in (day, day + timedelta(days=1)))
    rotation.rotate_signature("receipt", private, public)
    new = keys.load_signer("receipt", private)

    def believed(content: bytes) -> bool:
        before = earlier.earlier_verifiers("receipt", public)
        with suppress(SignatureRefused):
            return open_receipt(content, keys.load_verifier("receipt", public), before).outcome == "loaded"
        return False

    assert (believed(given), believed(later)) == (True, False)
    revoke("receipt", 1, private, public)
    assert (believed(given), believed(sign_receipt(answered(day), new))) == (False, True)
    history = earlier.verifiers_of_history("receipt", public)
    assert open_receipt(later, keys.load_verifier("receipt", public), history)


def answered(day: date) -> Receipt:
    """Return a receipt that says it was given at noon of the day."""
    return Receipt(
        flow="early_help", sequence=1, batch_id="early_help/00000001-x", manifest_sha256="0" * 64,
        outcome="loaded", reason=None, entities={}, at=f"{day}T12:00:00Z",
    )  # fmt: skip


def test_a_party_s_revoked_key_signs_no_assessment_in_force(folders: tuple[Path, Path]) -> None:
    """It is one of those of before: it counts under a superseded version that ran, and under nothing else."""
    private, public = folders
    key = keys.read_verifier("controller-hub", public)
    revoke("controller-hub", None, private, public)
    trust = read_trust(public)
    assert trust.keys_of("controller-hub") == ()
    assert trust.keys_of("controller-hub", superseded=True) == (key,)


def test_a_note_that_cannot_be_read_whole_revokes_everything(folders: tuple[Path, Path]) -> None:
    """A line that was cut, or a folder in its place: nobody knows what it said, so no key is used."""
    private, public = folders
    revoke("signing", None, private, public)
    revoke("signing", None, private, public)
    revoke("council", None, private, public)
    assert [one.role for one in read_revoked(public)] == ["signing", "council"]
    content = (public / NOTE).read_bytes()
    for cut in (content[:-9], content[20:], content + b"?\n"):
        (public / NOTE).write_bytes(cut)
        with pytest.raises(KeyUnusable, match=NOTE):
            keys.load_verifier("approver-jane", public)
    (public / NOTE).unlink()
    (public / NOTE).mkdir()
    with pytest.raises(KeyUnusable, match=NOTE):
        keys.load_recipient(public)


@pytest.mark.parametrize("role", ["log", "memory", "choices", "pseudonym-early_help", "witness"])
def test_a_key_whose_loss_would_stop_the_log_or_the_memory_is_not_revoked(
    folders: tuple[Path, Path], role: str
) -> None:
    """The error says what to do instead, and nothing is written."""
    with pytest.raises(KeyUnusable, match="not revoked"):
        revoke(role, None, *folders)
    assert not (folders[1] / NOTE).exists()


def test_a_version_that_is_not_here_is_not_revoked(folders: tuple[Path, Path]) -> None:
    """A number that was mistyped revokes nothing."""
    with pytest.raises(KeyUnusable):
        revoke("signing", 7, *folders)
    assert not (folders[1] / NOTE).exists()

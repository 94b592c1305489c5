"""New versions of a key, and the old ones beside them."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from common import clock
from common.files import write_atomic
from sealing import earlier, keys, rotation
from sealing.envelope import Identity, open_sealed, seal
from sealing.errors import EnvelopeDoesNotOpen, KeyUnusable
from sealing.trust import read_trust

ROLE = "pseudonym-early_help"


@pytest.fixture
def private(tmp_path: Path) -> Path:
    keys.create(ROLE, tmp_path / "private", tmp_path / "public")
    return tmp_path / "private"


def test_each_version_can_be_asked_for_by_its_number(private: Path) -> None:
    """The latest is in force; those before it are kept aside, readable by their owner alone."""
    made = [keys.load_secret(ROLE, private)]
    for number in (2, 3):
        assert rotation.rotate(ROLE, private) == number
        made.append(keys.load_secret(ROLE, private))
    assert len(set(made)) == 3
    assert [rotation.load_version(ROLE, number, private) for number in (1, 2, 3)] == made
    assert rotation.retired_versions(ROLE, private) == [1, 2]
    assert all(path.stat().st_mode & 0o077 == 0 for path in private.rglob("*.key"))
    assert [facts.version for facts in keys.list_keys(private, private)] == [3]
    rotation.destroy_retired(ROLE, 1, private)
    with pytest.raises(KeyUnusable):
        rotation.load_version(ROLE, 1, private)
    assert rotation.load_version(ROLE, 2, private) == made[1]


def test_a_change_that_was_cut_off_leaves_the_old_key_in_force(private: Path, monkeypatch) -> None:
    """Killed after the old one was laid aside: it is the one in force, and the next call begins again."""
    before, write = keys.load_secret(ROLE, private), rotation.write_atomic

    def once(path: Path, content: bytes) -> None:
        write(path, content)
        raise KeyboardInterrupt

    monkeypatch.setattr(rotation, "write_atomic", once)
    with pytest.raises(KeyboardInterrupt):
        rotation.rotate(ROLE, private)
    assert keys.load_secret(ROLE, private) == before
    assert rotation.retired_versions(ROLE, private) == []
    monkeypatch.undo()
    assert rotation.rotate(ROLE, private) == 2
    assert rotation.load_version(ROLE, 1, private) == before


def test_keys_that_sign_or_open_are_given_no_new_version_this_way(tmp_path: Path) -> None:
    """A new signing key is an agreement between two sides, no command of one."""
    keys.create("signing", tmp_path, tmp_path)
    with pytest.raises(KeyUnusable):
        rotation.rotate("signing", tmp_path)


PARTY = "controller-hub"


def test_a_party_changes_its_key_and_the_old_public_part_is_kept(tmp_path: Path) -> None:
    """The new one is trusted, the old one for superseded versions alone; its private part is gone."""
    private, public = tmp_path / "private", tmp_path / "public"
    keys.create(PARTY, private, public)
    made = [keys.load_verifier(PARTY, public)]
    for number in (2, 3):
        assert rotation.rotate_signature(PARTY, private, public).version == number
        made.append(keys.load_signer(PARTY, private).verifier)
    trusted = read_trust(public)
    assert trusted.keys_of(PARTY) == (made[2],)
    assert trusted.keys_of(PARTY, superseded=True) == (made[2], made[0], made[1])
    assert [path.name for path in private.rglob("*.key")] == [f"{PARTY}.key"]
    assert [facts.version for facts in keys.list_keys(private, public)] == [3]


def test_a_kill_while_a_party_changes_its_key_leaves_the_old_one_to_be_changed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at each write in turn: the next call makes the second version, and the first stays believed."""
    private, public = tmp_path / "private", tmp_path / "public"
    keys.create(PARTY, private, public)
    first = keys.load_verifier(PARTY, public)
    for left in (0, 1, 2):
        with monkeypatch.context() as patched:
            calls = iter(range(left))

            def write(*words: object, calls: Iterator[int] = calls, **more: object) -> None:
                if next(calls, None) is None:
                    raise KeyboardInterrupt
                write_atomic(*words, **more)  # type: ignore[arg-type]

            patched.setattr(keys, "write_atomic", write)
            patched.setattr(rotation, "write_atomic", write)
            with pytest.raises(KeyboardInterrupt):
                rotation.rotate_signature(PARTY, private, public)
        assert read_trust(public).keys_of(PARTY) == (first,)
    assert rotation.rotate_signature(PARTY, private, public).version == 2
    trusted = read_trust(public)
    assert trusted.keys_of(PARTY) == (keys.load_signer(PARTY, private).verifier,)
    assert trusted.retired == {PARTY: (first,)}


def test_what_was_sealed_or_signed_for_a_batch_before_a_change_still_opens_and_verifies(
    tmp_path: Path,
) -> None:
    """The newest comes first, each one of before has the day of its successor; no old private part signs."""
    private, public = tmp_path / "private", tmp_path / "public"
    for role in ("signing", "council"):
        keys.create(role, private, public)
    verifiers = [keys.load_verifier("signing", public)]
    sealed = [seal(b"text", keys.load_recipient(public))]
    days = [date(2027, 3, 1), date(2028, 2, 1)]
    for day in days:
        with clock.frozen(datetime.combine(day, time(12), UTC)):
            rotation.rotate_signature("signing", private, public)
            rotation.rotate_recipient(private, public)
        verifiers.append(keys.load_pair("signing", private, public).verifier)
        sealed.append(seal(b"text", keys.load_recipient(public)))
    assert earlier.load_verifiers("signing", public) == (verifiers[2], *verifiers[:2])
    assert [one.until for one in earlier.earlier_verifiers("signing", public)] == days
    identities = earlier.load_identities(private)
    assert len({one.recipient for one in identities}) == 3
    for number, place in enumerate((1, 2, 0)):
        assert open_sealed(sealed[number], identities[place]) == b"text"
    assert earlier.identity_of(identities[2].recipient, identities) is identities[2]
    assert [path.parent.name for path in private.rglob("signing.key")] == ["private"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in private.rglob("*.key"))


def test_a_kill_while_the_council_s_key_changes_loses_no_key_that_was_ever_sealed_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at each write in turn: what was sealed to the public part that stands there always opens."""
    private, public = tmp_path / "private", tmp_path / "public"
    keys.create("council", private, public)
    sealed = [seal(b"text", keys.load_recipient(public))]
    for left in (0, 1, 2, 3, 4):
        with monkeypatch.context() as patched:
            calls = iter(range(left))

            def write(*words: object, calls: Iterator[int] = calls, **more: object) -> None:
                if next(calls, None) is None:
                    raise KeyboardInterrupt
                write_atomic(*words, **more)  # type: ignore[arg-type]

            patched.setattr(keys, "write_atomic", write)
            patched.setattr(rotation, "write_atomic", write)
            with pytest.raises(KeyboardInterrupt) if left < 4 else nullcontext():
                rotation.rotate_recipient(private, public)
        sealed.append(seal(b"text", keys.load_recipient(public)))
        known = [one.recipient for one in earlier.load_identities(private)]
        assert keys.load_recipient(public) in known
    identities = earlier.load_identities(private)
    assert all(any(_opens(one, text) for one in identities) for text in sealed)
    assert keys.load_recipient(public) == keys.load_identity(private).recipient


def _opens(identity: Identity, sealed: bytes) -> bool:
    try:
        return open_sealed(sealed, identity) == b"text"
    except EnvelopeDoesNotOpen:
        return False


def test_a_change_of_the_signing_key_that_was_cut_off_signs_nothing(tmp_path: Path) -> None:
    """Two parts that do not belong together: nobody would believe what they sign, so nothing is signed."""
    private, public = tmp_path / "private", tmp_path / "public"
    keys.create("signing", private, public)
    before = (public / "signing.pub").read_bytes()
    rotation.rotate_signature("signing", private, public)
    (public / "signing.pub").write_bytes(before)
    with pytest.raises(KeyUnusable, match="do not belong together"):
        keys.load_pair("signing", private, public)
    rotation.rotate_signature("signing", private, public)
    assert keys.load_pair("signing", private, public).verifier == keys.load_verifier("signing", public)


def test_a_key_that_is_kept_elsewhere_or_signs_no_assessment_is_not_changed(tmp_path: Path) -> None:
    """A party's public key alone, and the key of the log, under which every checkpoint must stand."""
    private, public = tmp_path / "private", tmp_path / "public"
    for role in (PARTY, "log"):
        keys.create(role, private, public)
    (private / f"{PARTY}.key").unlink()
    for role in (PARTY, "log", "controller-nobody"):
        with pytest.raises(KeyUnusable):
            rotation.rotate_signature(role, private, public)

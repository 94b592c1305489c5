"""Keys are made once, kept private, and never shown."""

import datetime as dt
import os

import pytest

from common import clock
from sealing import keys
from sealing.earlier import load_verifiers
from sealing.envelope import open_sealed, seal
from sealing.errors import KeyExists, KeyExposed, KeyReplaceable, KeyUnusable
from sealing.revoking import revoke
from sealing.rotation import rotate_signature
from sealing.signing import Purpose
from sealing.trust import read_trust

ROLES = ["signing", "log", "receipt", "council", "memory", "pseudonym-early_help"]


@pytest.fixture
def folders(tmp_path):
    return tmp_path / "private", tmp_path / "public"


def make_all(folders):
    with clock.frozen(dt.datetime(2022, 12, 1, 6, tzinfo=dt.UTC)):
        return [keys.create(role, *folders) for role in ROLES]


def test_every_role_has_a_key_that_does_its_work(folders):
    """Signature roles sign, the council's opens, symmetric roles hold 32 bytes of their own."""
    make_all(folders)
    private, public = folders
    for role in ("signing", "log", "receipt"):
        signature = keys.load_signer(role, private).sign(Purpose.MANIFEST, b"text")
        keys.load_verifier(role, public).verify(Purpose.MANIFEST, b"text", signature)
    sealed = seal(b"text", keys.load_recipient(public))
    assert open_sealed(sealed, keys.load_identity(private)) == b"text"
    secrets = {keys.load_secret(role, private) for role in ("memory", "pseudonym-early_help")}
    assert [len(secret) for secret in secrets] == [32, 32]


def test_the_list_of_keys_says_their_age_and_no_secret(folders):
    """Role, form, version, day, public part; and nothing that stands in a private file."""
    make_all(folders)
    with clock.frozen(dt.datetime(2022, 12, 31, 6, tzinfo=dt.UTC)):
        listed = keys.list_keys(*folders)
        assert [key.age_days() for key in listed] == [30] * len(ROLES)
    assert sorted(key.role for key in listed) == sorted(ROLES)
    secrets = [path.read_text().splitlines()[1] for path in folders[0].glob("*.key")]
    assert len(secrets) == len(ROLES)
    assert not any(secret in repr(listed) for secret in secrets)


def test_what_holds_a_key_does_not_show_it(folders):
    """Neither a signer nor an identity prints its private part, or lets itself be pickled."""
    import pickle

    make_all(folders)
    for holder in (keys.load_signer("signing", folders[0]), keys.load_identity(folders[0])):
        secret = {"Signer": "signing", "Identity": "council"}[type(holder).__name__]
        text = (folders[0] / f"{secret}.key").read_text().splitlines()[1]
        assert text not in repr(holder)
        with pytest.raises(TypeError):
            pickle.dumps(holder)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes.")
def test_private_files_are_for_their_owner_only(folders):
    """Made 0600 in a folder 0700; public parts may be read by all."""
    make_all(folders)
    assert folders[0].stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folders[0].iterdir()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in folders[1].iterdir()} == {0o644}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes.")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_private_file_that_others_may_use_is_refused(folders, mode):
    """A key that others could have read is not used until somebody looked into it."""
    make_all(folders)
    for role, load in (
        ("signing", lambda: keys.load_signer("signing", folders[0])),
        ("council", lambda: keys.load_identity(folders[0])),
        ("memory", lambda: keys.load_secret("memory", folders[0])),
    ):
        (folders[0] / f"{role}.key").chmod(mode)
        with pytest.raises(KeyExposed) as refused:
            load()
        assert refused.value.exit_code == 40


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes.")
@pytest.mark.parametrize("mode", [0o664, 0o646, 0o777])
@pytest.mark.parametrize("where", ["file", "folder"])
def test_a_public_key_that_others_may_replace_is_believed_by_nobody(folders, mode, where):
    """Who could put a key of theirs in its place would be sent everything, or believed: it is refused, and
    so is one kept aside, the note of those that were revoked, and what lies in such a folder.
    """
    make_all(folders)
    keys.create("controller-smbc", *folders)
    rotate_signature("controller-smbc", *folders)
    rotate_signature("signing", *folders)
    public = folders[1]
    revoke("signing", 1, *folders)
    for path, load in (
        (public / "signing.pub", lambda: keys.load_verifier("signing", public)),
        (public / "council.pub", lambda: keys.load_recipient(public)),
        (public / "log.pub", lambda: keys.list_keys(*folders)),
        (public / "controller-smbc.pub", lambda: read_trust(public)),
        (public / "retired" / "v1" / "controller-smbc.pub", lambda: read_trust(public)),
        (public / "revoked.txt", lambda: keys.load_verifier("signing", public)),
    ):
        load()
        opened = path if where == "file" else path.parent
        before = opened.stat().st_mode
        opened.chmod(mode)
        with pytest.raises(KeyReplaceable) as refused:
            load()
        assert (refused.value.exit_code, opened.as_posix() in str(refused.value)) == (40, True)
        opened.chmod(before)
    (public / "retired").chmod(0o777)
    for load in (lambda: read_trust(public), lambda: load_verifiers("controller-smbc", public)):
        with pytest.raises(KeyReplaceable):
            load()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes.")
def test_keys_made_by_an_account_that_shares_with_its_group_may_be_read(folders):
    """Under a umask of 002 the folders of public keys are not made writable for the group."""
    before = os.umask(0o002)
    try:
        make_all(folders)
        rotate_signature("signing", *folders)
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in folders[1].rglob("*") if path.is_dir()} == {0o755}
    assert len(load_verifiers("signing", folders[1])) == 2


def test_a_key_is_never_overwritten(folders):
    """Asked again, the key stays; what was sealed or signed with it would be lost."""
    make_all(folders)
    before = {path: path.read_bytes() for folder in folders for path in folder.iterdir()}
    for role in ROLES:
        with pytest.raises(KeyExists):
            keys.create(role, *folders)
    assert {path: path.read_bytes() for folder in folders for path in folder.iterdir()} == before


def test_a_kill_between_the_two_files_is_mended(folders):
    """With only the private file there, the public one is written from it and the key stays the same."""
    first = keys.create("council", *folders)
    (folders[1] / "council.pub").unlink()
    assert keys.create("council", *folders) == first
    assert keys.load_identity(folders[0]).recipient == first.public


@pytest.mark.parametrize("role", ["", "master", "pseudonym-", "pseudonym-../x", "Signing", "signing/../log"])
def test_there_are_no_roles_but_ours(folders, role):
    """An unknown role makes no file."""
    with pytest.raises(KeyUnusable):
        keys.create(role, *folders)
    assert not folders[0].exists()


def test_a_key_of_one_role_is_no_key_of_another(folders):
    """A file under another name, a damaged file, a public file in a private place: each is refused."""
    make_all(folders)
    private, public = folders
    (private / "log.key").write_bytes((private / "signing.key").read_bytes())
    (private / "receipt.key").write_bytes((private / "receipt.key").read_bytes()[:-9])
    (private / "memory.key").write_bytes((public / "signing.pub").read_bytes())
    for load in (
        lambda: keys.load_signer("log", private),
        lambda: keys.load_signer("receipt", private),
        lambda: keys.load_secret("memory", private),
        lambda: keys.load_signer("council", private),
        lambda: keys.load_secret("signing", private),
        lambda: keys.load_verifier("council", public),
        lambda: keys.load_verifier("memory", public),
    ):
        with pytest.raises(KeyUnusable):
            load()


def test_each_party_has_a_key_of_its_own_and_so_has_the_attestor(folders):
    """A role per party of an assessment, its name within; what is no party's name makes no key."""
    roles = ["controller-smbc", "controller-Charity.A_1-b", "dpia-attestor"]
    for role in roles:
        keys.create(role, *folders)
    listed = keys.list_keys(*folders)
    assert [key.role for key in listed] == sorted(roles)
    trusted = read_trust(folders[1])
    assert set(trusted.current) == set(roles)
    assert trusted.keys_of(roles[0])[0] == keys.load_signer(roles[0], folders[0]).verifier
    for wrong in ("controller-", "controller-1st", "controller-a/b", "dpia-attestor2"):
        with pytest.raises(KeyUnusable):
            keys.create(wrong, *folders)


def test_only_keys_that_sign_assessments_are_trusted_to(folders):
    """The other public keys of a site, and a file of another name, are nobody's word on an assessment."""
    make_all(folders)
    keys.create("controller-hub", *folders)
    public = folders[1]
    (public / "controller-a b.pub").write_bytes((public / "controller-hub.pub").read_bytes())
    assert set(read_trust(public).current) == {"controller-hub"}
    (public / "controller-smbc.pub").write_bytes((public / "controller-hub.pub").read_bytes())
    with pytest.raises(KeyUnusable):
        read_trust(public)

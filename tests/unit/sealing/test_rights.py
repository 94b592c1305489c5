"""A key is used only where nobody else of the machine may read it or put another in its place."""

import os

import pytest

from sealing import keys, rights
from sealing.errors import KeyExposed, KeyReplaceable, KeyUnusable
from sealing.rights import exposed_places, is_exposed, replaceable_places
from tests.other_users import COUNCIL, SYNC, require_root


def _above(top):
    (top / "site").chmod(0o777)
    return top / "site", top / "site"


def _above_what_a_link_names(top):
    """The keys lie elsewhere, and others may rename the folder there."""
    (top / "elsewhere").mkdir()
    for name in ("private", "public"):
        (top / "site" / name).rename(top / "elsewhere" / name)
        (top / "site" / name).symlink_to(f"../elsewhere/{name}")
    (top / "elsewhere").chmod(0o777)
    return top / "elsewhere", top / "elsewhere"


def _beside_what_a_link_names(top):
    """Each key is a link to a file that nobody else may write to, in a sticky folder that all may."""
    (top / "elsewhere").mkdir()
    for name in ("private/log.key", "public/log.pub"):
        path = top / "site" / name
        path.rename(top / "elsewhere" / path.name)
        path.symlink_to(top / "elsewhere" / path.name)
    (top / "elsewhere").chmod(0o1777)
    return top / "elsewhere", top / "elsewhere"


def _of_another_account(*names):
    def gives(top):
        for name in names:
            os.chown(top / "site" / name, SYNC, SYNC)
        return top / "site" / names[0], top / "site" / names[-1]

    return gives


WAYS = {
    "a folder above": _above,
    "a folder above what a link names": _above_what_a_link_names,
    "the folder beside what a link names": _beside_what_a_link_names,
}
OWNED = {
    "the files are another account's": _of_another_account("private/log.key", "public/log.pub"),
    "the folders are another account's": _of_another_account("private", "public"),
    "a folder above is another account's": _of_another_account("."),
}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes.")
@pytest.mark.parametrize("way", [*WAYS, *OWNED])
def test_a_key_is_used_only_if_nobody_else_may_put_another_in_its_place(tmp_path, way):
    """Whose the file is, its folder, each folder above and what a link leads to: all must be root's or ours,
    and others may write to none; a sticky folder above is no way in, and one of the keys themselves is.
    """
    if way in OWNED:
        require_root("give files to another account")
    private, public = tmp_path / "site" / "private", tmp_path / "site" / "public"
    keys.create("log", private, public)
    tmp_path.chmod(0o1777)
    keys.load_signer("log", private)
    keys.load_verifier("log", public)
    assert exposed_places(private) == replaceable_places(public) == []
    opened = (WAYS | OWNED)[way](tmp_path)
    (of_private,), (of_public,) = exposed_places(private), replaceable_places(public)
    assert (of_private.resolve(), of_public.resolve()) == tuple(path.resolve() for path in opened)
    with pytest.raises(KeyExposed, match=of_private.as_posix()):
        keys.load_signer("log", private)
    with pytest.raises(KeyReplaceable, match=of_public.as_posix()):
        keys.load_verifier("log", public)
    assert is_exposed(private / "log.key")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes.")
@pytest.mark.parametrize("by", ["its owner", "its group"])
def test_whoever_could_replace_the_program_may_have_a_folder_above_the_keys_and_not_theirs(
    tmp_path, monkeypatch, by
):
    """As root in a container sees a repository that its maker's account owns; another's folder is refused,
    and so is one that everybody may write to, or a key that is not ours.
    """
    require_root("give files to another account")
    (tmp_path / "program").mkdir()
    (tmp_path / "program" / "rights.py").touch()
    monkeypatch.setattr(rights, "PROGRAM", tmp_path / "program" / "rights.py")
    site = tmp_path / "site"
    private, public = site / "private", site / "public"
    keys.create("log", private, public)
    uid, mode = (SYNC, 0o755) if by == "its owner" else (0, 0o775)
    os.chown(site, uid, SYNC)
    site.chmod(mode)
    assert exposed_places(private) == replaceable_places(public) == [site], "the program is root's alone"
    os.chown(tmp_path / "program", uid, SYNC)
    (tmp_path / "program").chmod(mode)
    assert exposed_places(private) == replaceable_places(public) == []
    keys.load_signer("log", private)
    site.chmod(mode | 0o002)
    assert replaceable_places(public) == [site], "everybody is more than they"
    site.chmod(mode)
    os.chown(site, COUNCIL, SYNC)
    assert replaceable_places(public) == [site], "yet another account's"
    os.chown(site, uid, SYNC)
    for path in (public, public / "log.pub"):
        os.chown(path, SYNC, SYNC)
        assert replaceable_places(public) == [path]
        os.chown(path, 0, 0)
    (tmp_path / "program").chmod(0o1775)
    if by == "its group":
        assert replaceable_places(public) == [site], "who may write to a sticky folder replaces nothing in it"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes.")
def test_whoever_could_replace_a_link_on_the_way_to_the_program_could_replace_the_program(
    tmp_path, monkeypatch
):
    """What is asked is the way as it is written, links and what they lead to."""
    require_root("give files to another account")
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "rights.py").touch()
    (tmp_path / "linked").symlink_to("real")
    monkeypatch.setattr(rights, "PROGRAM", tmp_path / "linked" / "rights.py")
    keys.create("log", tmp_path / "site" / "private", tmp_path / "site" / "public")
    os.chown(tmp_path / "site", SYNC, SYNC)
    assert replaceable_places(tmp_path / "site" / "public") == [tmp_path / "site"]
    os.chown(tmp_path / "linked", SYNC, SYNC, follow_symlinks=False)
    assert replaceable_places(tmp_path / "site" / "public") == []


GROUPS = {
    "its own": ("me:x:{gid}:", "", True),
    "its own, where it is listed": ("me:x:{gid}:me", "", True),
    "one with another member": ("me:x:{gid}:me,other", "", False),
    "one that is another account's first": ("me:x:{gid}:", "other:x:77777:{gid}::/:/bin/sh", False),
    "one that nobody lists": ("", "", False),
}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes.")
@pytest.mark.parametrize("group", GROUPS)
def test_a_folder_above_may_be_written_to_by_a_group_only_if_nobody_else_is_in_it(
    tmp_path, monkeypatch, group
):
    """As an account with a group of its own and a umask of 002 makes it; the keys' own folder may not."""
    listed, other, believed = GROUPS[group]
    private, public = tmp_path / "site" / "private", tmp_path / "site" / "public"
    keys.create("log", private, public)
    gid = (tmp_path / "site").stat().st_gid
    (tmp_path / "group").write_text(f"+\n{listed.format(gid=gid)}\n")
    (tmp_path / "passwd").write_text(f"me:x:{os.geteuid()}:{gid}::/:/bin/sh\n{other.format(gid=gid)}\n")
    monkeypatch.setattr(rights, "GROUPS", tmp_path / "group")
    monkeypatch.setattr(rights, "ACCOUNTS", tmp_path / "passwd")
    (tmp_path / "site").chmod(0o775)
    assert (replaceable_places(public) == exposed_places(private) == []) is believed
    (tmp_path / "site").chmod(0o777)
    assert replaceable_places(public) == [tmp_path / "site"]
    (tmp_path / "site").chmod(0o1775)
    assert replaceable_places(public) == [], "a sticky folder is no way in, whoever is in its group"
    (tmp_path / "site").chmod(0o755)
    public.chmod(0o775)
    assert replaceable_places(public) == [public]
    monkeypatch.setattr(rights, "GROUPS", tmp_path / "lost")
    public.chmod(0o755)
    (tmp_path / "site").chmod(0o775)
    assert replaceable_places(public) == [tmp_path / "site"]


def test_a_link_that_leads_to_itself_is_no_key_and_ends(tmp_path):
    """Names that lead in a circle are not followed for ever: there is no key behind them."""
    public = tmp_path / "public"
    keys.create("log", tmp_path / "private", public)
    (public / "log.pub").unlink()
    (public / "log.pub").symlink_to("../public/log.pub")
    with pytest.raises(KeyUnusable):
        keys.load_verifier("log", public)
